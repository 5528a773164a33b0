"""The look of the Word file: named styles with the official faces, pages, page numbers (GB/T 9704-2012)."""

from __future__ import annotations

from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

# The faces that the standard names, as Word and WPS know them; what prints them must have them.
FANG, KAI, HEI, SONG, TITLE = "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体", "方正小标宋简体"
LINE = 28.95  # pt: 22 lines in 225 mm, measured in LibreOffice; with the grid's pitch of 579 twentieths
PITCH, TRACKING = 579, -5  # twentieths of a point: the latter makes 28 characters of 156 mm
CELL = 15.79  # pt a character
FOOT = Mm(23)  # from the paper's edge to the page number: 7 mm below the text
GREY = RGBColor(0x77, 0x77, 0x77)
TABLE_STYLE = "公文表格"
# CT_PPrBase of ECMA-376, the part that is used here.
PROPERTY_ORDER = (
    "pStyle", "keepNext", "keepLines", "pageBreakBefore", "widowControl", "numPr", "pBdr", "shd", "tabs", "kinsoku",
    "autoSpaceDE", "autoSpaceDN", "snapToGrid", "spacing", "ind", "contextualSpacing", "jc", "outlineLvl", "rPr", "sectPr",
)  # fmt: skip

# name, face, size, alignment, indent in characters, and what else
PARAGRAPHS = (
    ("发文机关标志", TITLE, 36, ALIGN.CENTER, 0, {"line": 44, "before": 70, "after": 28, "red": True}),
    ("发文字号", FANG, 16, ALIGN.CENTER, 0, {}),
    ("版记", FANG, 14, ALIGN.LEFT, 0, {"line": 21}),
    ("主送机关", FANG, 16, ALIGN.LEFT, 0, {}),
    ("附件说明", FANG, 16, ALIGN.LEFT, 0, {"keep": True}),
    ("署名", FANG, 16, ALIGN.LEFT, 0, {"keep": True}),
    ("附件序号", HEI, 16, ALIGN.LEFT, 0, {"keep": True}),
    ("附件标题", TITLE, 22, ALIGN.CENTER, 0, {"keep": True, "before": LINE, "after": 14, "outline": 0}),
    ("表题", HEI, 12, ALIGN.CENTER, 0, {"keep": True, "line": 18, "before": 6, "after": 3}),
    ("图题", HEI, 12, ALIGN.CENTER, 0, {"line": 18, "after": 8}),
    ("图", SONG, 12, ALIGN.CENTER, 0, {"keep": True, "line": 0, "before": 6}),
    ("表格计量单位", SONG, 10.5, ALIGN.RIGHT, 0, {"keep": True, "line": 15}),
    ("表格文字", SONG, 10.5, ALIGN.CENTER, 0, {"line": 14}),
    ("表格小字", SONG, 8.5, ALIGN.CENTER, 0, {"line": 11.5}),
    ("表注", SONG, 10.5, ALIGN.LEFT, 0, {"line": 15, "before": 4, "after": 8}),
    ("页码", SONG, 14, ALIGN.LEFT, 0, {"line": 16}),
)


def set_styles(word) -> None:
    """Give the document its styles; 正文, 标题 and 标题 1, 2 are the built-in ones, so outlines and menus know them."""
    styles = word.styles
    normal = styles["Normal"]
    _look(normal, FANG, 16, ALIGN.JUSTIFY, 2, {})
    normal.paragraph_format.widow_control = False
    for name in ("w:autoSpaceDE", "w:autoSpaceDN"):
        put(normal.element.get_or_add_pPr(), element(name, val="0"))
    _look(styles["Title"], TITLE, 22, ALIGN.CENTER, 0, {"before": LINE, "after": LINE})
    _look(styles["Heading 1"], HEI, 16, ALIGN.JUSTIFY, 2, {"keep": True})
    _look(styles["Heading 2"], KAI, 16, ALIGN.JUSTIFY, 2, {"keep": True})
    for name, *look in PARAGRAPHS:
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.quick_style = normal, True
        _look(style, *look)
    table = styles.add_style(TABLE_STYLE, WD_STYLE_TYPE.TABLE)
    table.base_style = styles["Table Grid"]
    _speak_chinese(styles)
    _be_modern(word.settings.element)


def element(name: str, **attributes):
    """Return an OOXML element with attributes of the w namespace."""
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), str(value))
    return made


def put(properties, child) -> None:
    """Insert a paragraph property where the schema wants it; Word repairs a file that has them in another order."""
    name = child.tag.rpartition("}")[2]
    properties.insert_element_before(child, *(f"w:{later}" for later in PROPERTY_ORDER[PROPERTY_ORDER.index(name) + 1 :]))


def _look(style, face: str, size: float, align, indent: int, more: dict) -> None:
    font, form = style.font, style.paragraph_format
    font.size, font.bold, font.italic = Pt(size), False, False
    font.color.rgb = RGBColor(0xCC, 0, 0) if "red" in more else RGBColor(0, 0, 0)
    _set_face(style.element.get_or_add_rPr(), face, TRACKING if size == 16 else 0)
    for border in style.element.get_or_add_pPr().findall(qn("w:pBdr")):
        style.element.pPr.remove(border)
    form.alignment, form.keep_with_next = align, more.get("keep", False)
    form.space_before, form.space_after = Pt(more.get("before", 0)), Pt(more.get("after", 0))
    if line := more.get("line", LINE):
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
    else:  # a picture's line is as high as the picture
        form.line_spacing_rule = WD_LINE_SPACING.SINGLE
    set_indent(style.element.get_or_add_pPr(), indent)
    if size != 16:  # what is higher than a line of the grid would take two
        put(style.element.pPr, element("w:snapToGrid", val="0"))
    if "outline" in more:
        put(style.element.pPr, element("w:outlineLvl", val=more["outline"]))


def set_indent(properties, first: float, left: float = 0, right: float = 0) -> None:
    """Indent the first line, and all by `left` and `right`, in characters; a negative `first` hangs."""
    for old in properties.findall(qn("w:ind")):
        properties.remove(old)
    indent = properties.get_or_add_ind()
    indent.set(qn("w:left"), str(round(left * CELL * 20)))
    indent.set(qn("w:right"), str(round(right * CELL * 20)))
    if first < 0:
        indent.set(qn("w:hanging"), str(round(-first * CELL * 20)))
    else:
        indent.set(qn("w:firstLineChars"), str(round(first * 100)))
        indent.set(qn("w:firstLine"), str(round(first * CELL * 20)))


def _set_face(properties, face: str, tracking: int) -> None:
    for old in properties.findall(qn("w:rFonts")):
        properties.remove(old)
    properties.insert(0, element("w:rFonts", ascii=face, hAnsi=face, eastAsia=face, cs=face))
    for old in properties.findall(qn("w:spacing")) + properties.findall(qn("w:kern")):
        properties.remove(old)
    size = properties.find(qn("w:sz"))
    size.addprevious(element("w:spacing", val=tracking))


def _speak_chinese(styles) -> None:
    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-US")
        language.set(qn("w:eastAsia"), "zh-CN")


def _be_modern(settings) -> None:
    """Else Word opens the file in compatibility mode, and thinks of Japanese where no language is named."""
    for setting in settings.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")
    for language in settings.iter(qn("w:themeFontLang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def set_pages(section, *, landscape: bool = False) -> None:
    """Make a section's pages A4 with the standard's margins; landscape ones are the portrait page turned clockwise."""
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    margins = (28, 37, 26, 35) if landscape else (37, 26, 35, 28)
    section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = map(Mm, margins)
    section.footer_distance = Mm(15) if landscape else FOOT
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    section._sectPr.append(element("w:docGrid", type="lines", linePitch=PITCH))


def set_footers(word, section, first_mark: str) -> None:
    """Put the page number into the outside corner of odd and even pages, and `first_mark` in small on the first."""
    word.settings.odd_and_even_pages_header_footer = True
    _number(section.footer, ALIGN.RIGHT)
    _number(section.even_page_footer, ALIGN.LEFT)
    if first_mark:
        section.different_first_page_header_footer = True
        paragraph = _number(section.first_page_footer, ALIGN.LEFT, f"{first_mark}\t")
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(156) - Pt(14), WD_TAB_ALIGNMENT.RIGHT)
        paragraph.paragraph_format.left_indent = Pt(0)


def _number(footer, align, before: str = ""):
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.style, paragraph.alignment = "页码", align
    paragraph.paragraph_format.left_indent = Pt(14 if align == ALIGN.LEFT else 0)
    paragraph.paragraph_format.right_indent = Pt(14 if align == ALIGN.RIGHT else 0)
    if before:
        small = paragraph.add_run(before)
        small.font.size, small.font.color.rgb = Pt(8), GREY
    paragraph.add_run("— ")
    for kind, words in (("begin", ""), ("", "PAGE"), ("separate", ""), ("shown", "1"), ("end", "")):
        run = paragraph.add_run(words if kind == "shown" else "")
        if kind in ("begin", "separate", "end"):
            run._r.append(element("w:fldChar", fldCharType=kind))
        elif not kind:
            code = element("w:instrText")
            code.text = words
            run._r.append(code)
    paragraph.add_run(" —")
    return paragraph


def set_mark(section, mark: str) -> None:
    """Write a status mark into the upper right corner of every page."""
    for header in (section.header, section.even_page_header, section.first_page_header):
        header.is_linked_to_previous = False
        paragraph = header.paragraphs[0]
        paragraph.style, paragraph.alignment = "页码", ALIGN.RIGHT
        run = paragraph.add_run(mark)
        run.font.size, run.font.color.rgb = Pt(10.5), GREY
