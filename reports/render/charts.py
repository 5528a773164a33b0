"""Chart -> SVG: one definition for the page, the PDF and, as a picture, Word. Presentation attributes only, greys that print.

Nothing here is drawn by style sheets or scripts, so a strict Content-Security-Policy shows it too.
"""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from html import escape

from reports.document import Chart, Series
from reports.render.plain_text import clean_text, width_of

WIDTH, HEIGHT, PIE_HEIGHT = 560, 250, 220  # of the drawing; it prints 156 mm wide, so 12 is 9.5 pt
TOP, RIGHT, PITCH = 34, 12, 13  # for the legend; at the side; a line of names
SIZE, SMALL = 12, 11
FILLS = ("#303030", "#9a9a9a", "#dadada", "#666666", "#f2f2f2", "#bdbdbd")
DASHES = ("", "6 3", "2 2", "8 2 2 2", "1 3", "10 4")
MOST = Decimal(10) ** 15  # what is beyond is no figure of a township
NAME_LINES, NARROW_LINES, LEGEND_NAME = 3, 6, 16


def chart_svg(chart: Chart, *, families: tuple[str, ...] = ()) -> str:
    """Return the chart as an <svg> element, every text escaped. `families`: the fonts by name; without, those around it."""
    draw = {"bar": _bars, "line": _lines, "pie": _pie}[chart.kind]
    height = PIE_HEIGHT if chart.kind == "pie" else HEIGHT
    words = _escaped(describe(chart))
    fonts = f' font-family="{escape(",".join(families))}"' if families else ""
    parts = draw(chart, height) if _any_value(chart) else [_text(WIDTH / 2, height / 2, "暂无数据", "middle", SIZE)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img"'
        f' aria-label="{words}" font-size="{SIZE}"{fonts}><title>{words}</title>'
        f"{_spread_fonts(parts, fonts)}</svg>"
    )


def describe(chart: Chart) -> str:
    """Return every value of the chart in words: its alternative text."""
    rows = []
    for series in chart.series:
        pairs = zip(chart.categories, series.values, strict=False)
        rows.append(f"{series.name}：" + "，".join(f"{name}{value or '—'}" for name, value in pairs))
    unit = f"（{chart.unit}）" if chart.unit else ""
    return f"{chart.title}{unit}。" + "；".join(rows)


def number_of(value: str | None) -> float | None:
    """Return a value as a number to draw, None for an absent one and for what is no number."""
    try:
        number = Decimal(value) if value else None
    except InvalidOperation:
        return None
    return float(number) if number is not None and number.is_finite() and abs(number) < MOST else None


def _spread_fonts(parts: list[str], fonts: str) -> str:
    """WeasyPrint reads a text's fonts off the text itself."""
    return "".join(parts).replace("<text ", f"<text{fonts} ")


def _escaped(text: str) -> str:
    return escape(clean_text(text))


def _text(x: float, y: float, words: str, anchor: str = "start", size: int = SMALL) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="#000">{_escaped(words)}</text>'


def _any_value(chart: Chart) -> bool:
    return bool(chart.categories) and any(number_of(value) is not None for row in chart.series for value in row.values)


def _values(chart: Chart, series: Series) -> list[tuple[str | None, float | None]]:
    """Return (words, number) for every category, absent where the series is too short."""
    rows = [*series.values, *[None] * len(chart.categories)][: len(chart.categories)]
    return [(value, number_of(value)) for value in rows]


class _Axes:
    """The plane of a bar or line chart: where a value and a category lie, and what frames them."""

    def __init__(self, chart: Chart, height: int, from_zero: bool):
        numbers = [number for row in chart.series for _words, number in _values(chart, row) if number is not None]
        low, high = min(numbers), max(numbers)
        if from_zero or high - low >= abs(high) * 0.3:
            low, high = min(low, 0), max(high, 0)
        self.ticks, self.height = _ticks(low, high), height
        self.chart, self.count = chart, len(chart.categories)
        self.labels = [f"{tick:.6f}".rstrip("0").rstrip(".") for tick in self.ticks]
        self.left = 14 + max(width_of(label) for label in self.labels) * SMALL
        self.slot = (WIDTH - self.left - RIGHT) / self.count
        self.names = [_name_lines(clean_text(name), self.slot) for name in chart.categories]
        self.foot = 8 + PITCH * max(len(lines) for lines in self.names)

    def x(self, place: float) -> float:
        return self.left + self.slot * place

    def y(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return TOP + (self.height - TOP - self.foot) * (1 - (value - low) / (high - low))

    def frame(self) -> list[str]:
        parts = []
        for tick, label in zip(self.ticks, self.labels, strict=True):
            y, colour = self.y(tick), "#000" if tick == 0 else "#ccc"
            parts.append(f'<line x1="{self.left:.1f}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}"/>')
            parts.append(_text(self.left - 6, y + 4, label, "end"))
        for place, lines in enumerate(self.names):
            for row, line in enumerate(lines):
                parts.append(_text(self.x(place + 0.5), self.height - self.foot + 14 + row * PITCH, line, "middle"))
        return parts

    def shows_values(self, room: float) -> bool:
        """Whether every value fits above its mark."""
        words = [value or "—" for row in self.chart.series for value, _number in _values(self.chart, row)]
        return all(width_of(word) * SMALL <= room + 3 for word in words)


def _ticks(low: float, high: float) -> list[float]:
    """Return about five round values from at most `low` to at least `high`."""
    raw = (high - low or abs(high) or 1) / 5
    size = 10 ** math.floor(math.log10(raw))
    step = next(factor * size for factor in (1, 2, 2.5, 5, 10) if factor * size >= raw * 0.999)
    first, last = math.floor(low / step), max(math.ceil(high / step), math.floor(low / step) + 1)
    return [place * step for place in range(first, last + 1)]


def _name_lines(name: str, slot: float) -> list[str]:
    """Return a category's name in at most three lines of its slot, six of a narrow one; what is longer ends in …."""
    most = max(1, int(slot / SMALL))
    limit = NAME_LINES if most > 2 else NARROW_LINES
    lines, line = [], ""
    for char in name:
        if width_of(line + char) > most:
            lines.append(line)
            line = ""
        line += char
    lines.append(line)
    return lines if len(lines) <= limit else [*lines[: limit - 1], lines[limit - 1][:-1] + "…"]


def _legend(chart: Chart, mark) -> list[str]:
    """Return the unit at the left and, where there are several series, what each looks like."""
    parts = [_text(2, 14, f"单位：{chart.unit}")] if chart.unit else []
    if len(chart.series) < 2:
        return parts
    left = 20 + width_of(f"单位：{chart.unit}") * SMALL if chart.unit else 2
    room = (WIDTH - RIGHT - left) / len(chart.series) - 34
    names = [_short(clean_text(row.name), min(LEGEND_NAME, max(int(room / SMALL), 2))) for row in chart.series]
    x = max(WIDTH - RIGHT - sum(34 + width_of(name) * SMALL for name in names), left)
    for place, name in enumerate(names):
        parts += [mark(place, x, 10), _text(x + 22, 14, name)]
        x += 34 + width_of(name) * SMALL
    return parts


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _swatch(place: int, x: float, y: float) -> str:
    return f'<rect x="{x:.1f}" y="{y - 6:.1f}" width="16" height="11" fill="{FILLS[place % len(FILLS)]}" stroke="#000"/>'


def _bars(chart: Chart, height: int) -> list[str]:
    axes = _Axes(chart, height, from_zero=True)
    wide = axes.slot * 0.72 / len(chart.series)
    shows = axes.shows_values(wide if len(chart.series) > 1 else axes.slot)
    parts = axes.frame() + _legend(chart, _swatch)
    for row, series in enumerate(chart.series):
        for place, (words, number) in enumerate(_values(chart, series)):
            x = axes.x(place + 0.14) + wide * row
            top, foot = axes.y(max(number or 0, 0)), axes.y(min(number or 0, 0))
            if number is not None:
                parts.append(
                    f'<rect x="{x:.1f}" y="{top:.1f}" width="{max(wide - 2, 1):.1f}" height="{foot - top:.1f}"'
                    f' fill="{FILLS[row % len(FILLS)]}" stroke="#000" stroke-width=".6"/>'
                )
            if shows:
                below = number is not None and number < 0
                parts.append(_text(x + wide / 2, foot + 12 if below else top - 4, words or "—", "middle"))
    return parts


def _mark(row: int, x: float, y: float) -> str:
    """Return the point of a line: each series has its own shape."""
    fill = FILLS[row % len(FILLS)]
    if row % 4 == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{fill}" stroke="#000"/>'
    shape = (
        "",
        f"M{x - 3.5:.1f},{y - 3.5:.1f}h7v7h-7z",
        f"M{x:.1f},{y - 4:.1f}l4,7.5h-8z",
        f"M{x:.1f},{y - 4.5:.1f}l4.5,4.5-4.5,4.5-4.5-4.5z",
    )
    return f'<path d="{shape[row % 4]}" fill="{fill}" stroke="#000"/>'


def _stroke(row: int) -> str:
    dash = DASHES[row % len(DASHES)]
    return f'fill="none" stroke="#333" stroke-width="1.6"{f" stroke-dasharray={chr(34)}{dash}{chr(34)}" if dash else ""}'


def _line_mark(row: int, x: float, y: float) -> str:
    return f'<path d="M{x - 2:.1f},{y:.1f}h20" {_stroke(row)}/>' + _mark(row, x + 8, y)


def _lines(chart: Chart, height: int) -> list[str]:
    axes = _Axes(chart, height, from_zero=False)
    shows = len(chart.series) == 1 and axes.shows_values(axes.slot)
    parts = axes.frame() + _legend(chart, _line_mark)
    for row, series in enumerate(chart.series):
        path, marks, is_broken = "", [], True
        for place, (words, number) in enumerate(_values(chart, series)):
            if number is None:
                is_broken = True
                continue
            x, y = axes.x(place + 0.5), axes.y(number)
            path += f"{'M' if is_broken else 'L'}{x:.1f},{y:.1f}"
            is_broken = False
            marks.append(_mark(row, x, y) + (_text(x, y - 8, words, "middle") if shows else ""))
        parts += [f'<path d="{path}" {_stroke(row)}/>', *marks] if path else []
    return parts


def _pie(chart: Chart, height: int) -> list[str]:
    """Return the slices clockwise from noon, and a legend with every value and its share; only values above 0 have a slice.

    Where greys repeat, slices and legend carry numbers.
    """
    rows = [(name, *value) for name, value in zip(chart.categories, _values(chart, chart.series[0]), strict=True)]
    total = sum(max(number or 0, 0) for _name, _words, number in rows)
    parts, angle = [_text(2, 14, f"单位：{chart.unit}")] if chart.unit else [], -math.pi / 2
    pitch, is_numbered = min(22, (height - 20) / len(rows)), len(rows) > len(FILLS)
    for place, (name, words, number) in enumerate(rows):
        share = max(number or 0, 0) / total if total else 0
        if share:
            parts.append(_slice(place, angle, share, height))
            if is_numbered and share > 0.02:
                parts.append(_beside(str(place + 1), angle + math.pi * share, height))
            angle += 2 * math.pi * share
        y = 24 + pitch * place
        legend = (
            (f"{place + 1} " if is_numbered else "")
            + f"{_short(clean_text(name), LEGEND_NAME)}　{words or '—'}"
            + (f"（{share * 100:.1f}%）" if total else "")
        )
        parts += [_swatch(place, 290, y), _text(314, y + 4, legend, size=SMALL if pitch > 12 else max(int(pitch), 4))]
    return parts


def _beside(words: str, angle: float, height: int) -> str:
    radius = height / 2 - 8
    return _text(150 + radius * math.cos(angle), height / 2 + 8 + radius * math.sin(angle), words, "middle")


def _slice(place: int, start: float, share: float, height: int) -> str:
    x, y, radius = 150, height / 2 + 4, height / 2 - 16
    look = f'fill="{FILLS[place % len(FILLS)]}" stroke="#000" stroke-width=".8"'
    if share > 0.9999:
        return f'<circle cx="{x}" cy="{y}" r="{radius}" {look}/>'
    end = start + 2 * math.pi * share
    points = [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in (start, end)]
    (x1, y1), (x2, y2) = points
    return f'<path d="M{x},{y}L{x1:.2f},{y1:.2f}A{radius},{radius} 0 {int(share > 0.5)} 1 {x2:.2f},{y2:.2f}Z" {look}/>'
