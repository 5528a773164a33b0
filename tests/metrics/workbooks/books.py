"""Workbooks as spreadsheet programs write them, and as no program would: made part by part, so that every byte is chosen."""
# ruff: noqa: E501

import io
import random
import struct
import zipfile
from datetime import date, datetime
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
ROWS = [
    ["日期", "名称", "地点", "人次"],
    ["2026-10-08", "专题学习会", "镇政府三楼", "46"],
    ["2026-10-15", "理论宣讲", "文化礼堂", "120"],
]


def letters(number: int) -> str:
    """Return A for 1, AA for 27."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def cell(column: int, row: int, value, style: int = 0, shared: dict | None = None, prefix: str = "") -> str:
    """Return one <c>, as a shared string, an inline string, a number, a truth or a formula with its kept value."""
    place, mark = f"{letters(column)}{row}", f' s="{style}"' if style else ""
    open_, close = f'<{prefix}c r="{place}"{mark}', f"</{prefix}c>"
    if value is None:
        return f"{open_}/>"
    if isinstance(value, bool):
        return f'{open_} t="b"><{prefix}v>{int(value)}</{prefix}v>{close}'
    if isinstance(value, int | float):
        return f"{open_}><{prefix}v>{value}</{prefix}v>{close}"
    if isinstance(value, tuple):
        formula, kept = value
        kind = ' t="str"' if isinstance(kept, str) else ""
        return f"{open_}{kind}><{prefix}f>{escape(formula)}</{prefix}f><{prefix}v>{escape(str(kept))}</{prefix}v>{close}"
    if shared is not None:
        return f'{open_} t="s"><{prefix}v>{shared.setdefault(value, len(shared))}</{prefix}v>{close}'
    return f'{open_} t="inlineStr"><{prefix}is><{prefix}t xml:space="preserve">{escape(value)}</{prefix}t></{prefix}is>{close}'


def sheet_xml(rows, *, shared=None, styles=None, before="", after="", first=1, prefix="", dimension="A1:D3") -> str:
    """Return a worksheet; `styles` maps (row, column) to a style."""
    lines = []
    for number, values in enumerate(rows, start=first):
        cells = "".join(
            cell(place, number, value, (styles or {}).get((number, place), 0), shared, prefix)
            for place, value in enumerate(values, start=1)
        )
        lines.append(f'<{prefix}row r="{number}" spans="1:{max(len(values), 1)}">{cells}</{prefix}row>')
    space = f'xmlns:{prefix[:-1]}="{MAIN}"' if prefix else f'xmlns="{MAIN}"'
    return (
        f'{HEAD}<{prefix}worksheet {space} xmlns:r="{OFFICE}"><{prefix}dimension ref="{dimension}"/>{before}'
        f"<{prefix}sheetData>{''.join(lines)}</{prefix}sheetData>{after}</{prefix}worksheet>"
    )


STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="3"><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>'
    '<numFmt numFmtId="177" formatCode="#,##0_ "/><numFmt numFmtId="178" formatCode="yyyy/m/d;@"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="7"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="176" applyNumberFormat="1"/>'
    '<xf numFmtId="177" applyNumberFormat="1"/><xf numFmtId="9" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/>'
    '<xf numFmtId="178" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


def parts_of(
    sheets: dict[str, str], *, shared: dict | None = None, states: dict | None = None, workbook_extra=""
) -> dict[str, str]:
    """Return the parts of a workbook with these sheets (name -> XML)."""
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": (
            f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{overrides}'
            f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
            + (
                f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.sharedStrings+xml"/>'
                if shared is not None
                else ""
            )
            + "</Types>"
        ),
        "_rels/.rels": (
            f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{workbook_extra}<sheets>'
            + "".join(
                f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"'
                f"{(' state=' + chr(34) + states[name] + chr(34)) if states and name in states else ''}/>"
                for number, name in enumerate(sheets, start=1)
            )
            + "</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
            + "".join(
                f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
                for number in range(1, len(sheets) + 1)
            )
            + f'<Relationship Id="rId901" Type="{OFFICE}/styles" Target="styles.xml"/>'
            + (
                f'<Relationship Id="rId902" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
                if shared is not None
                else ""
            )
            + "</Relationships>"
        ),
        "xl/styles.xml": STYLES,
    }
    for number, xml in enumerate(sheets.values(), start=1):
        parts[f"xl/worksheets/sheet{number}.xml"] = xml
    if shared is not None:
        items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in shared)
        parts["xl/sharedStrings.xml"] = (
            f'{HEAD}<sst xmlns="{MAIN}" count="{len(shared)}" uniqueCount="{len(shared)}">{items}</sst>'
        )
    return parts


def pack(parts: dict, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return the parts as a ZIP."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 10, 8, 9, 0, 0)), content, method)
    return buffer.getvalue()


def plain(rows=None, **values) -> dict:
    """Return the parts of a small good workbook of one sheet, with inline strings."""
    return parts_of({"Sheet1": sheet_xml(rows or ROWS, **values)})


# ---------------------------------------------------------------------------------------------------------------- good ones
def good_books() -> dict[str, bytes]:
    """Return sixty workbooks and text files as programs in offices write them."""
    return {**_hand_made(), **_by_openpyxl(), **_texts()}


def _hand_made() -> dict[str, bytes]:
    books, serial = {}, (date(2026, 10, 8) - date(1899, 12, 30)).days
    shared = {}
    books["excel shared strings"] = pack(parts_of({"Sheet1": sheet_xml(ROWS, shared=shared)}, shared=shared))
    books["inline strings"] = pack(plain())
    books["stored, not deflated"] = pack(plain(), zipfile.ZIP_STORED)
    books["prefixed namespace"] = pack(plain(prefix="x:"))
    books["byte order mark"] = pack({name: text.encode("utf-8-sig") for name, text in plain().items()})
    for number, style in enumerate((1, 2, 6), start=1):
        rows = [ROWS[0], [serial, "学习", "礼堂", 46], [serial + 7, "宣讲", "广场", 120]]
        books[f"dates as serials {number}"] = pack(plain(rows, styles={(2, 1): style, (3, 1): style}))
    books["date and time"] = pack(plain([ROWS[0], [serial + 0.375, "学习", "礼堂", 46]], styles={(2, 1): 5}))
    books["serial without format"] = pack(plain([ROWS[0], [serial, "学习", "礼堂", 46]]))
    books["dates as text"] = pack(
        plain([ROWS[0], ["2026年10月8日", "学习", "礼堂", "46"], ["2026.10.15", "宣讲", "广场", "１２０"]])
    )
    merged = '<mergeCells count="2"><mergeCell ref="A1:D1"/><mergeCell ref="A2:D2"/></mergeCells>'
    titled = [["学习教育台账", None, None, None], ["填报单位：青云镇", None, None, None], *ROWS]
    books["merged title rows"] = pack(plain(titled, after=merged))
    books["merged day column"] = pack(
        plain([*ROWS, [None, "第二场", "礼堂", 3]], after='<mergeCells><mergeCell ref="A3:A4"/></mergeCells>')
    )
    books["number formats"] = pack(
        plain(
            [ROWS[0], ["2026-10-08", "学习", "礼堂", 1234567], ["2026-10-09", "率", "礼堂", 0.5]], styles={(2, 4): 3, (3, 4): 4}
        )
    )
    books["hidden columns"] = pack(plain(before='<cols><col min="3" max="3" width="9" hidden="1"/></cols>'))
    books["formula, number kept"] = pack(plain([ROWS[0], ["2026-10-08", "学习", "礼堂", ("SUM(D9:D12)", 46)]]))
    books["formula, text kept"] = pack(plain([ROWS[0], ["2026-10-08", ("A2&B2", "学习会"), "礼堂", 4]]))
    books["formula that failed"] = pack(plain([ROWS[0], ["2026-10-08", "学习", "礼堂", ("1/0", "#DIV/0!")]]))
    books["truths"] = pack(plain([["日期", "名称", "是否联合"], ["2026-10-08", "稿件", True], ["2026-10-09", "稿件二", False]]))
    books["floats as binary"] = pack(plain([ROWS[0], ["2026-10-08", "学习", "礼堂", 0.30000000000000004]]))
    books["gaps between rows"] = pack(plain([*ROWS, [], [], [None, None, None, None], ["2026-10-20", "学习", "礼堂", 1]]))
    books["rows without numbers"] = pack(_without_numbers())
    books["last row formatted"] = pack(_replaced("</sheetData>", '<row r="1048576" ht="12.8" customFormat="false"/></sheetData>'))
    books["far cells formatted, empty"] = pack(
        _replaced("</sheetData>", '<row r="60000"><c r="A60000" s="1"/></row></sheetData>')
    )
    books["a dimension that is wrong"] = pack(plain(dimension="A1:XFD1048576"))
    books["several sheets"] = pack(
        parts_of({"说明": sheet_xml([["请填写第二张表"]]), "台账": sheet_xml(ROWS), "空表": sheet_xml([])})
    )
    books["a hidden sheet"] = pack(parts_of({"台账": sheet_xml(ROWS), "字典": sheet_xml([["甲"]])}, states={"字典": "hidden"}))
    books["a very hidden sheet"] = pack(
        parts_of({"台账": sheet_xml(ROWS), "字典": sheet_xml([["甲"]])}, states={"字典": "veryHidden"})
    )
    books["sheet names in Chinese and signs"] = pack(parts_of({"2026年10月（汇总）&": sheet_xml(ROWS)}))
    books["with a hyperlink"] = pack(_with_link())
    books["with a picture"] = pack(plain() | {"xl/media/image1.png": b"\x89PNG\r\n" + b"\x00" * 2000})
    books["with printer settings"] = pack(plain() | {"xl/printerSettings/printerSettings1.bin": b"\x00\x01" * 500})
    books["with a thumbnail and properties"] = pack(
        plain() | {"docProps/app.xml": f"{HEAD}<Properties/>", "docProps/core.xml": f"{HEAD}<core/>"}
    )
    books["with comments"] = pack(
        plain() | {"xl/comments1.xml": f'{HEAD}<comments xmlns="{MAIN}"><authors/><commentList/></comments>'}
    )
    books["WPS custom part"] = pack(
        plain() | {"docProps/custom.xml": f"{HEAD}<Properties/>", "xl/cellimages.xml": f"{HEAD}<images/>"}
    )
    books["defined names"] = pack(parts_of({"S": sheet_xml(ROWS)}, workbook_extra='<workbookPr date1904="0"/>'))
    books["dates of 1904"] = pack(
        parts_of(
            {"S": sheet_xml([ROWS[0], [serial - 1462, "学习", "礼堂", 4]], styles={(2, 1): 1})},
            workbook_extra='<workbookPr date1904="1"/>',
        )
    )
    books["two thousand rows"] = pack(plain([ROWS[0], *[["2026-10-08", f"学习{n}", "礼堂", n] for n in range(2000)]]))
    books["a hundred columns"] = pack(plain([[f"列{n}" for n in range(100)], [n for n in range(100)]]))
    books["rare characters"] = pack(plain([ROWS[0], ["2026-10-08", "𠮷村㐂会", "礼堂", 3]]))
    books["line breaks in cells"] = pack(plain([ROWS[0], ["2026-10-08", "学习\n交流", "礼堂", 3]]))
    books["text that looks like a formula"] = pack(plain([ROWS[0], ["2026-10-08", "=合计", "@礼堂", "+3"]]))
    return books


def _without_numbers() -> dict:
    parts = plain()
    name = "xl/worksheets/sheet1.xml"
    return parts | {name: parts[name].replace(' r="1"', "").replace(' r="2"', "").replace(' r="3"', "")}


def _replaced(old: str, new: str) -> dict:
    parts = plain()
    name = "xl/worksheets/sheet1.xml"
    return parts | {name: parts[name].replace(old, new)}


def _with_link() -> dict:
    link = f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/hyperlink" Target="http://news.example/1" TargetMode="External"/></Relationships>'
    return plain(after='<hyperlinks><hyperlink ref="B2" r:id="rId1"/></hyperlinks>') | {
        "xl/worksheets/_rels/sheet1.xml.rels": link
    }


def _by_openpyxl() -> dict[str, bytes]:
    """Workbooks of another writer, with styles, validation, filters, frozen panes."""
    from openpyxl import Workbook
    from openpyxl.styles import Font, PatternFill
    from openpyxl.worksheet.datavalidation import DataValidation

    def made(change) -> bytes:
        book = Workbook()
        sheet = book.active
        for row in ROWS:
            sheet.append(row)
        change(book, sheet)
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()

    def dated(book, sheet):
        sheet.append([datetime(2026, 10, 20), "学习", "礼堂", 7])

    def styled(book, sheet):
        sheet["A1"].font, sheet["A1"].fill = Font(bold=True), PatternFill("solid", fgColor="FFFF00")
        sheet.freeze_panes, sheet.auto_filter.ref = "A2", "A1:D3"

    def validated(book, sheet):
        rule = DataValidation(type="list", formula1='"是,否"')
        rule.add("D2:D900")
        sheet.add_data_validation(rule)

    def protected(book, sheet):
        sheet.protection.sheet = True

    def grouped(book, sheet):
        sheet.column_dimensions["B"].hidden = True
        sheet.row_dimensions[2].hidden = True

    return {
        "openpyxl plain": made(lambda book, sheet: None), "openpyxl dates": made(dated), "openpyxl styles": made(styled),
        "openpyxl validation": made(validated), "openpyxl protected sheet": made(protected), "openpyxl hidden": made(grouped),
        "openpyxl print area": made(lambda book, sheet: setattr(sheet, "print_area", "A1:D3")),
    }  # fmt: skip


def _texts() -> dict[str, bytes]:
    """Text files: two alphabets, three separators, quotes, line ends."""
    comma = "\r\n".join(",".join(row) for row in ROWS)
    files = {f"{name}.csv": comma.encode(name) for name in ("utf-8", "utf-8-sig", "gbk", "gb18030")}
    files["semicolon.csv"] = comma.replace(",", ";").encode()
    files["tab.csv"] = comma.replace(",", "\t").encode("gbk")
    files["unicode text.txt"] = comma.replace(",", "\t").encode("utf-16")
    files["unix.csv"] = comma.replace("\r\n", "\n").encode()
    files["quoted.csv"] = '"日期","名称","地点"\r\n"2026-10-08","学习，交流","三楼 ""大"" 厅"\r\n'.encode("utf-8-sig")
    files["commas in text.csv"] = "日期;名称;地点\n2026-10-08;学习,交流;礼堂\n".encode()
    files["break in quotes.csv"] = '日期,名称\n2026-10-08,"第一行\n第二行"\n'.encode()
    files["trailing separators.csv"] = "日期,名称,,,\n2026-10-08,学习,,,\n".encode()
    return files


# ------------------------------------------------------------------------------------------------------------- hostile ones
def hostile_books() -> dict[str, bytes]:
    """Return eighty files that must not be parsed."""
    return {**_bombs(), **_liars(), **_entities(), **_far_and_merged(), **_active(), **_others()}


def _bombs() -> dict[str, bytes]:
    big = b" " * (30 << 20)
    return {
        "bomb: sheet": pack(plain() | {"xl/worksheets/sheet1.xml": plain()["xl/worksheets/sheet1.xml"].encode() + big}),
        "bomb: strings": pack(plain() | {"xl/sharedStrings.xml": b"<sst>" + b"<si><t>a</t></si>" * 600_000 + b"</sst>"}),
        "bomb: one string": pack(plain() | {"xl/sharedStrings.xml": b"<sst><si><t>" + b"a" * (20 << 20) + b"</t></si></sst>"}),
        "bomb: styles": pack(plain() | {"xl/styles.xml": b"<styleSheet>" + b"<xf/>" * 4_000_000 + b"</styleSheet>"}),
        "bomb: three parts of 25 MB": pack(plain() | {f"xl/media/{n}.bin": big[: 25 << 20] for n in range(3)}),
        "bomb: many middling parts": pack(
            plain() | {f"xl/media/{n}.bin": random.Random(n).randbytes(2000) * 200 for n in range(180)}
        ),
        "bomb: 400 MB in a drawing": _declared(pack(plain() | {"xl/media/a.bin": b"\x00" * 1000}), 400 << 20),
        "bomb: a zip in it": pack(plain() | {"xl/embeddings/a.zip": pack({"b": big})}),
        "bomb: 201 parts": pack(plain() | {f"xl/media/{n}.bin": b"x" for n in range(200)}),
        "bomb: 20,000 parts": pack(plain() | {f"xl/media/{n}.bin": b"" for n in range(20_000)}),
        "bomb: 60,000 sheets": pack(parts_of({"S": sheet_xml(ROWS)}) | {"xl/workbook.xml": _many_sheets(60_000)}),
        "bomb: 101 sheets": pack(plain() | {"xl/workbook.xml": _many_sheets(101)}),
    }


def _many_sheets(count: int) -> str:
    sheets = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, count + 1))
    return f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _declared(data: bytes, size: int) -> bytes:
    """Return the archive with another unpacked size in the directory's last entry."""
    place = data.rindex(b"PK\x01\x02")
    return data[: place + 24] + struct.pack("<I", size) + data[place + 28 :]


def _liars() -> dict[str, bytes]:
    data = pack(plain())
    directory, last = data.index(b"PK\x01\x02"), data.rindex(b"PK\x01\x02")
    overlapping = bytearray(data)
    overlapping[last + 42 : last + 46] = struct.pack("<I", 0)
    longer = bytearray(data)
    longer[directory + 20 : directory + 24] = struct.pack("<I", directory)
    hidden = pack(plain() | {"xl/worksheets/sheet1.xml": "x", "XL/WORKSHEETS/SHEET1.XML": "y"})
    encrypted = bytearray(data)
    encrypted[directory + 8] |= 1
    method = bytearray(data)
    method[directory + 10 : directory + 12] = struct.pack("<H", 12)
    checksum = bytearray(data)
    checksum[directory + 16] ^= 0xFF
    return {
        "overlapping entries": bytes(overlapping), "an entry that runs into the next": bytes(longer),
        "names that differ in case": hidden, "two entries of one name": _twice(), "an encrypted entry": bytes(encrypted),
        "bzip2": bytes(method), "a wrong checksum": bytes(checksum), "cut in the middle": data[: len(data) // 2],
        "no directory": data[:directory], "a program before it": b"MZ" + b"\x00" * 500 + data,
        "text before it": b"PK\x03\x04 hello" + data, "an unpacked size that is a lie": _declared(data, 10),
        "a way out": pack(plain() | {"../../etc/passwd": "x"}), "a way out, deeper": pack(plain() | {"xl/../../a.xml": "x"}),
        "an absolute name": pack(plain() | {"/etc/a.xml": "x"}), "a drive": pack(plain() | {"C:/a.xml": "x"}),
        "backslashes": _renamed(b"xl/styles.xml", b"xl\\styles.xml"), "a name with a control": pack(plain() | {"xl/a\x07.xml": "x"}),
    }  # fmt: skip


def _renamed(old: bytes, new: bytes) -> bytes:
    return pack(plain()).replace(old, new)


def _twice() -> bytes:
    import warnings

    buffer = io.BytesIO(pack(plain()))
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("xl/styles.xml", STYLES)
    return buffer.getvalue()


LAUGHS = '<!DOCTYPE lolz [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'


def _entities() -> dict[str, bytes]:
    books, parts = {}, plain()
    for name in (
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
        "xl/styles.xml",
        "[Content_Types].xml",
        "_rels/.rels",
        "xl/_rels/workbook.xml.rels",
    ):
        for kind, markup in (("laughs", LAUGHS), ("outside", OUTSIDE)):
            books[f"{kind} in {name}"] = pack(parts | {name: parts[name].replace(HEAD, HEAD + markup)})
    sheet = parts["xl/worksheets/sheet1.xml"].replace(HEAD, HEAD + LAUGHS)
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        text = sheet.replace("UTF-8", encoding.upper())
        books[f"entities in {encoding}"] = pack(parts | {"xl/worksheets/sheet1.xml": text.encode(encoding)})
    for encoding in ("cp037", "utf-7", "iso-8859-1", "gb18030"):
        books[f"a sheet in {encoding}"] = pack(
            parts | {"xl/worksheets/sheet1.xml": parts["xl/worksheets/sheet1.xml"].replace("UTF-8", encoding)}
        )
    books["a document type in small letters"] = pack(parts | {"docProps/app.xml": "<!doctype html><a/>"})
    books["a document type after 100 KB"] = pack(
        parts | {"docProps/app.xml": HEAD + "<!-- " + "x" * 100_000 + " -->" + LAUGHS + "<a/>"}
    )
    return books


def _far_and_merged() -> dict[str, bytes]:
    def with_cell(place: str, row: str) -> bytes:
        return pack(_replaced("</sheetData>", f'<row r="{row}"><c r="{place}{row}"><v>1</v></c></row></sheetData>'))

    def merged(*references: str) -> bytes:
        cells = "".join(f'<mergeCell ref="{reference}"/>' for reference in references)
        return pack(plain(after=f"<mergeCells>{cells}</mergeCells>"))

    long = [ROWS[0], *[["2026-10-08", "学习", "礼堂", n] for n in range(20_200)]]
    return {
        "the last cell of all": with_cell("XFD", "1048576"), "a far column": with_cell("XFD", "4"), "column AAA": with_cell("AAA", "4"),
        "a far row": with_cell("A", "1048576"), "row 20,101": with_cell("A", "20101"), "20,200 rows": pack(plain(long)),
        "everything merged": merged("A1:XFD1048576"), "2,001 cells merged": merged("A1:A2001"),
        "many areas merged": merged(*[f"A{n}:T{n + 90}" for n in range(1, 2801, 100)] * 2),
        "a merge in single quotes": pack(plain(after="<mergeCells><mergeCell ref='A1:XFD1048576'/></mergeCells>")),
        "a merge with a prefix": pack(plain(prefix="x:", after='<x:mergeCells><x:mergeCell ref="A1:XFD9999"/></x:mergeCells>')),
        "a merge that is none": merged("A1:ZZZZZ9999999999"),
    }  # fmt: skip


def _active() -> dict[str, bytes]:
    extra = {
        "macros": {"xl/vbaProject.bin": b"\x00"}, "macro sheets": {"xl/macrosheets/sheet1.xml": "<a/>"},
        "dialog sheets": {"xl/dialogsheets/sheet1.xml": "<a/>"}, "external links": {"xl/externalLinks/externalLink1.xml": "<a/>"},
        "embeddings": {"xl/embeddings/oleObject1.bin": b"\x00"}, "controls": {"xl/activeX/activeX1.xml": "<a/>"},
        "connections": {"xl/connections.xml": "<a/>"}, "queries": {"xl/queryTables/queryTable1.xml": "<a/>"},
        "a data model": {"xl/model/item.data": b"\x00"}, "a ribbon": {"customUI/customUI14.xml": "<a/>"},
        "an add-in": {"xl/webextensions/taskpanes.xml": "<a/>"}, "VBA in capitals": {"xl/VBAPROJECT.BIN": b"\x00"},
    }  # fmt: skip
    books = {f"with {name}": pack(plain() | parts) for name, parts in extra.items()}
    parts = plain()
    macro = parts["[Content_Types].xml"].replace("spreadsheetml.sheet.main", "spreadsheetml.sheet.macroEnabled.main")
    books["with a macro type"] = pack(parts | {"[Content_Types].xml": macro})
    link = f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/image" Target="file://host/a.png" TargetMode="External"/></Relationships>'
    books["with a picture from outside"] = pack(parts | {"xl/drawings/_rels/drawing1.xml.rels": link})
    return books


def _others() -> dict[str, bytes]:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2000
    return {
        "xls": ole + "Workbook".encode("utf-16-le"), "locked": ole + "EncryptedPackage".encode("utf-16-le"), "empty": b"",
        "xlsb": pack(plain() | {"xl/workbook.bin": b"\x00"}), "ods": pack({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}),
        "docx": pack({"[Content_Types].xml": "<a/>", "word/document.xml": "<a/>"}), "pptx": pack({"ppt/presentation.xml": "<a/>"}),
        "a zip of pictures": pack({"a.jpg": b"\xff\xd8\xff"}), "pdf": b"%PDF-1.7 ...", "jpeg": b"\xff\xd8\xff\xe0" + b"\x00" * 100,
        "random bytes": random.Random(1).randbytes(5000), "html": b"<html><table><tr><td>1</td></tr></table></html>",
        "60 MB": b"PK\x03\x04" + b"\x00" * (60 << 20), "an empty workbook": pack(plain([[None]])), "broken XML": pack(_replaced("</sheetData>", "<row")),
    }  # fmt: skip
