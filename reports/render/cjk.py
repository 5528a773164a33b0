"""Chinese line setting that WeasyPrint 70 does not have: full lines set flush right by spreading characters, a comma or full stop
hung in the margin, 行首行尾禁则 for the dash and the middle dot, and a line pitch that no fallback glyph can stretch.

Stands in for two functions that weasyprint.layout.inline calls; `install` refuses any WeasyPrint it was not measured with.
"""

from __future__ import annotations

import re
from math import inf

import weasyprint
from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline
from weasyprint.text import line_break
from weasyprint.text.ffi import TO_UNITS, ffi, pango

MADE_FOR = "70."
WIDE = re.compile(
    "[\u2e80-\u303f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U000323af"
    "\u2018\u2019\u201c\u201d\u2014\u2026\u00b7\u2460-\u24ff]"
)
HANGING = frozenset("，。、；：！？")
NOT_FIRST = frozenset("，。、；：！？）》〉」』】〕”’…—～·％%℃")
NOT_LAST = frozenset("（《〈「『【〔“‘")
NEXT_STOP = re.compile("([^\\s，。、；：！？]{1,16})[，。、；：！？]")
MOST_STRETCH = 0.22  # em between two characters; a line that would need more stays ragged
MOST_SQUEEZE = 0.06  # em; drawn in by so much, a line takes up a lone last character (孤字不成行)
LONE = re.compile("[^ -~][，。、；：！？”’）》]?")
FEWEST = 8  # wide characters; with fewer the spaces do the work

_split = inline.split_first_line
_justify = inline.justify_line


def install() -> None:
    """Put the two functions in place; calling it again does nothing. Raises RuntimeError on another WeasyPrint."""
    if not weasyprint.__version__.startswith(MADE_FOR):
        raise RuntimeError(f"cjk.py is measured with WeasyPrint {MADE_FOR}x, not {weasyprint.__version__}")
    inline.split_first_line = split_first_line
    inline.justify_line = justify_line


def uninstall() -> None:
    """Give WeasyPrint its own functions back."""
    inline.split_first_line, inline.justify_line = _split, _justify


class SpreadLayout(line_break.Layout):
    """A line of text whose wide characters carry letter spacing; `spans` holds (start byte, end byte, Pango units)."""

    spans: tuple = ()

    def set_text(self, text, justify=False):
        super().set_text(text, justify)
        if not (justify and self.spans):
            return
        attributes = pango.pango_layout_get_attributes(self.layout)
        if attributes == ffi.NULL:
            attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
        for start, end, units in self.spans:
            spacing = pango.pango_attr_letter_spacing_new(units)
            spacing.start_index, spacing.end_index = start, end
            pango.pango_attr_list_change(attributes, spacing)
        pango.pango_layout_set_attributes(self.layout, attributes)


def split_first_line(text, style, context, max_width, spacing, is_line_start=True, minimum=False):
    """Split as WeasyPrint does, then mend the line's end and lock its height to the style's own font."""
    options = (spacing, is_line_start, minimum)
    result = _split(text, style, context, max_width, *options)
    if _is_running_text(style, max_width, result[2]) and not minimum:
        mended = _mend(result, text, style, context, max_width, options)
        result = _drawn_in(mended, text, style, context, max_width, options) or mended
    return _lock_height(result, style)


def _is_running_text(style, max_width, resume) -> bool:
    bounded = max_width is not None and max_width != inf and resume is not None
    return bounded and style["text_align_all"] == "justify" and style["white_space"] == "normal"


def _lock_height(result, style):
    """Return the result with the baseline that the style's first font gives, so that a fallback glyph adds no height."""
    if style["line_height"] == "normal":
        return result
    layout, length, resume, width, height, _ = result
    line_height, baseline = line_break.strut(style)
    return layout, length, resume, width, height, baseline - (line_height - height) / 2


def _mend(result, text, style, context, max_width, options):
    result = _hang(result, text, style, context, max_width, options)
    for _ in range(4):
        layout, _length, resume, width = result[:4]
        following = _tail(text, resume)[:1]
        if not layout.text or not following:
            break
        if following not in NOT_FIRST and layout.text[-1] not in NOT_LAST:
            break
        shorter = _split(text, style, context, width - style["font_size"] / 4, *options)
        if not shorter[0].text or shorter[1] >= result[1]:
            break
        result = shorter
    return result


def _hang(result, text, style, context, max_width, options):
    """Take one stop or comma, and the word before it, into the line when only the mark itself overhangs."""
    cell = _cell(style)
    slack = max_width - result[3]
    coming = NEXT_STOP.match(_tail(text, result[2]))
    if coming is None or _rough_width(coming[1], style) > slack + 0.3 * cell:
        return result
    wider = _split(text, style, context, max_width + cell + 0.05, *options)
    layout, length, resume, width, height, baseline = wider
    if layout.text and layout.text[-1] in HANGING and width - cell <= max_width + 0.05:
        layout.hangs = True
        return layout, length, resume, width - cell, height, baseline
    return result


def _drawn_in(result, text, style, context, max_width, options):
    """Return the whole text on one line when otherwise a single character would stand on the next; else None."""
    if not LONE.fullmatch(_tail(text, result[2])):
        return None
    _, length, resume, width, height, baseline = _split(text, style, context, max_width * 1.2, *options)
    hangs = text[-1] in HANGING
    places = [match.start() for match in WIDE.finditer(text) if match.start() < len(text) - 1 - hangs]
    over = width - hangs * _cell(style) - max_width
    if resume is not None or len(places) < FEWEST or over > MOST_SQUEEZE * style["font_size"] * len(places):
        return None
    shares = _shares(-over / style["font_size"] * 1000, len(places))
    layout = _spread_layout(text, style, places, list(shares))
    return layout, length, None, max_width, height, baseline


def _tail(text, resume) -> str:
    if resume is None:
        return ""
    return text.encode()[resume : resume + 72].decode(errors="ignore")


def _cell(style) -> float:
    spacing = style["letter_spacing"]
    return style["font_size"] + (0 if spacing == "normal" else spacing)


def _rough_width(word, style) -> float:
    wide = len(WIDE.findall(word))
    return (wide + (len(word) - wide) / 2) * _cell(style)


def justify_line(context, line, extra):
    """Spread `extra` (px) over the wide characters of a full line; lines of Latin words keep WeasyPrint's way."""
    texts = [box for box in _text_boxes(line) if box.text]
    gaps = [_gaps(box, box is texts[-1]) for box in texts]
    count = sum(len(places) for places in gaps)
    em = line.style["font_size"]
    if count < FEWEST or inline.count_expandable_spaces(line) > count / 4:
        _justify(context, line, extra)
    elif extra / count <= MOST_STRETCH * em:
        shares = _shares(extra / em * 1000, count)
        _spread(line, dict(zip(map(id, texts), gaps, strict=True)), shares, 0)


def _text_boxes(box):
    if isinstance(box, boxes.TextBox):
        yield box
    elif isinstance(box, (boxes.LineBox, boxes.InlineBox)):
        for child in box.children:
            if child.is_in_normal_flow():
                yield from _text_boxes(child)


def _gaps(box, is_last) -> list[int]:
    """Return the positions of the characters that may be spaced: not the line's last, nor the one before a hung mark."""
    places = [match.start() for match in WIDE.finditer(box.text)]
    if is_last:
        end = len(box.text) - (2 if getattr(box.pango_layout, "hangs", False) else 1)
        places = [place for place in places if place < end]
    return places


def _shares(thousandths, count):
    """Yield `count` whole thousandths of an em whose sum is `thousandths`: the PDF writer keeps no finer steps."""
    each, left = divmod(round(thousandths), count)
    for index in range(count):
        yield each + (1 if index < left else 0)


def _spread(box, gaps, shares, x):
    """Shift `box` by x and widen its text boxes by their shares; return the shift for what follows."""
    if isinstance(box, boxes.TextBox):
        box.position_x += x
        places = gaps.get(id(box))
        return x + _widen(box, places, shares) if places else x
    if not isinstance(box, (boxes.LineBox, boxes.InlineBox)):
        box.translate(x, 0)
        return x
    box.position_x += x
    start = x
    for child in box.children:
        if child.is_in_normal_flow():
            x = _spread(child, gaps, shares, x)
    box.width += x - start
    return x


def _widen(box, places, shares) -> float:
    given = [next(shares) for _ in places]
    box.pango_layout = _spread_layout(box.text, box.style, places, given)
    added = sum(given) * box.style["font_size"] / 1000
    box.width += added
    return added


def _spread_layout(text, style, places, shares) -> SpreadLayout:
    """Return a layout of `text` with each share (thousandths of an em) added behind the character at its place."""
    em, tracking = style["font_size"], style["letter_spacing"]
    own = 0 if tracking == "normal" else int(tracking / em * 1000)
    layout = SpreadLayout(style)
    layout.spans = tuple(_spans(text, places, [own + share for share in shares], em))
    layout.set_text(text)
    layout.deactivate()
    return layout


def _spans(text, places, totals, em):
    """Yield (start byte, end byte, Pango units), neighbours with the same spacing joined."""
    offsets = _byte_offsets(text)
    spans = []
    for place, total in zip(places, totals, strict=True):
        lean = 0.25 * (total > 0) - 0.25 * (total < 0)  # the PDF writer truncates: lean outward
        start, end, units = offsets[place], offsets[place + 1], int((total + lean) * em / 1000 * TO_UNITS)
        if spans and spans[-1][1:] == (start, units):
            start = spans.pop()[0]
        spans.append((start, end, units))
    return spans


def _byte_offsets(text) -> list[int]:
    offsets = [0]
    for char in text:
        offsets.append(offsets[-1] + len(char.encode()))
    return offsets
