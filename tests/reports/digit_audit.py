"""The audit of an export: every digit is part of a bound figure, of fixed text, or of what the program makes, by name.

Made are: the numbering of blocks and annexes; months, spans of months and years in heads and labels; the order number of a
plan item and its day; the numbers of annex tables, which are computed from the same approved figures as the text; the
report's two years in title and annex titles; the day of issue and the document's number in the red head.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

from reports.document import ReportDocument, Table
from reports.render import html
from reports.render.json import render_json

DIGIT = re.compile("[0-9０-９]")
MONTH = "(?:1[0-2]|[1-9])"
# Words of heads and labels that name a time; 年度 and 同比 hold no digit.
TIME = re.compile(f"20[0-9]{{2}}年|{MONTH}(?:—{MONTH})?月|(?:[12][0-9]|3[01]|[1-9])日")
NUMBERING = re.compile(r"[0-9]+\.|（[0-9]+）|[表图][0-9]+")


def untraced_digits(document: ReportDocument) -> list[str]:
    """Return "place: text" for every stretch of a document's JSON export that holds a digit of no known origin."""
    data = json.loads(render_json(document))
    return [f"{place}: {text}" for place, text in _loose(data) if DIGIT.search(text)]


def _loose(data: dict) -> Iterator[tuple[str, str]]:
    """Yield (place, what is left of a text when figures, fixed text and what is made are out of it)."""
    yield from _head(data)
    for block in data["blocks"]:
        key = block["key"]
        yield key, NUMBERING.sub("", block["number"])
        yield from ((key, run["text"]) for run in block["runs"] if "text" in run)
        if "table" in block:
            yield from _table(key, block["table"], block.get("fixed", ()))
        if "chart" in block:
            yield from _chart(key, block["chart"], block.get("fixed", ()))
    for annex in data["annexes"]:
        yield from _annex(f"annex {annex['number']}", annex, data["year"])


def _head(data: dict) -> Iterator[tuple[str, str]]:
    years = re.compile(f"{data['year']}(?=年)|{data['year'] + 1}(?=年)")
    yield from (("title", years.sub("", line)) for line in data["title"])
    yield "addressee", data["addressee"]
    yield "signature", data["signature"]
    yield "issue_date", TIME.sub("", data["issue_date"])
    head = dict(data["letterhead"] or {})
    yield "number", re.sub("〔20[0-9]{2}〕[1-9][0-9]*号", "", head.pop("number", ""))
    yield "issued", TIME.sub("", head.pop("issued", ""))
    yield from head.items()


def _without(text: str, fixed) -> str:
    for part in fixed:
        text = text.replace(part, "", 1)
    return text


def _table(key: str, table: dict, fixed) -> Iterator[tuple[str, str]]:
    yield key, _without(table["caption"], fixed)
    yield from ((key, TIME.sub("", text)) for text in (*table["columns"], table["note"], table["unit"]))
    yield from ((key, TIME.sub("", cell["text"])) for row in table["rows"] for cell in row if "text" in cell)


def _chart(key: str, chart: dict, fixed) -> Iterator[tuple[str, str]]:
    yield key, _without(chart["title"], fixed)
    yield from ((key, TIME.sub("", text)) for text in (*chart["categories"], chart["unit"], chart["note"]))
    for row in chart["series"]:
        yield key, TIME.sub("", row["name"])
        pairs = zip(row["values"], row["figures"], strict=True)
        yield from ((key, value) for value, figure in pairs if value is not None and (figure or {}).get("value") != value)


def _annex(place: str, annex: dict, year: int) -> Iterator[tuple[str, str]]:
    yield place, re.sub(f"{year}年|{year + 1}年", "", _without(annex["title"], annex.get("fixed", ())), count=1)
    for table in annex["tables"]:
        yield from ((place, TIME.sub("", text)) for text in (table["caption"], *table["columns"], table["note"], table["unit"]))
        for row in table["rows"]:
            yield from ((place, _annex_word(cell["text"])) for cell in row if "text" in cell)


def _annex_word(text: str) -> str:
    """Return what an annex cell says besides a number and its measure word: "1,234", "△12", "85.30%", "12次", a day."""
    return re.sub(r"^△?-?[0-9][0-9,]*(?:\.[0-9]+)?(?:%|\D{0,4})$", "", TIME.sub("", text))


def printed_texts(document: ReportDocument) -> list[str]:
    """Return every text of a document as it prints, a paragraph or cell each; of charts the caption alone."""
    found = [*document.title_lines, document.addressee, document.signature, document.issue_date]
    for block in document.blocks:
        is_drawn = block.table or block.chart
        found += [
            html.caption_of(block) if is_drawn else block.text,
            *_cells(block.table),
            block.chart.note if block.chart else "",
        ]
    found += html.annex_names(document.annexes)
    for annex in document.annexes:
        found += [html.annex_label(annex, len(document.annexes)), annex.title]
        found += [text for table in annex.tables for text in _cells(table)]
    return found


def _cells(table: Table | None) -> list[str]:
    if table is None:
        return []
    heads = [column.heading for column in table.columns]
    return [table.unit, *heads, *(cell.text for row in table.rows for cell in row), table.note]


def digit_runs(texts) -> Counter:
    """Return how often every run of digits stands in the texts."""
    return Counter(found for text in texts for found in re.findall("[0-9０-９]+", text))
