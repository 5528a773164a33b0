"""A row of the grid as HTML: nothing that people wrote reaches the page as markup, in any kind of row."""

from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from metrics.grid import LedgerSum, Row
from metrics.grid_html import RowWriter
from metrics.grid_source import Cell
from metrics.ledgers import LedgerRule

HOSTILE = """<script>'"&{{ x }}%(months)s"""
RETURN = SimpleNamespace(pk=1, year=2026, month=10, unit=SimpleNamespace(pk=7, code="990101100000"), unit_id=7)
RULE = LedgerRule.read({"kind": "study", "where": {"kind": "books"}})
TAGS = {"tr", "th", "td", "span", "sup", "a", "input", "output", "b", "del", "button"}


class Reader(HTMLParser):
    """Collects tags and attribute names."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.values = set(), set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}
        self.values += [value for _name, value in attrs]


def make_row(source, **values):
    texts = dict.fromkeys(
        ("code", "name", "measure", "scope", "this_month", "last_month", "last_year", "change", "to_date"), HOSTILE
    )
    texts |= {"months_missing": HOSTILE, "list_code": HOSTILE, "before": HOSTILE}
    return Row(
        number="1.1", decimals=0, depth=1, is_first_part=True, source=source, is_year_to_date=True, is_required=True,
        cell=Cell("text", None, HOSTILE, HOSTILE), all_comments=2, level="error", ledger=LedgerSum(RULE, HOSTILE, "76", True),
        **texts | values,
    )  # fmt: skip


@pytest.mark.parametrize("source", ["entered", "ledger", "village", "list", "derived", "param", "rank"])
@pytest.mark.parametrize("can_edit", [True, False])
def test_every_text_is_escaped(source, can_edit):
    html = RowWriter(RETURN, can_edit).write(make_row(source))
    read = Reader(html)
    assert read.tags <= TAGS
    assert "<script" not in html
    assert not any(name.startswith(("'", '"', "on")) for name in read.attributes)
    assert HOSTILE in read.values


def test_an_editable_cell_has_an_input_that_says_what_it_is():
    html = RowWriter(RETURN, True).write(make_row("entered", name="走访", measure="次", code="visits", messages=("x",)))
    assert 'name="f-visits"' in html
    assert 'aria-describedby="m-visits" aria-invalid="true"' in html
    assert "<b>" not in html


def test_a_cell_for_reading_shows_what_it_was():
    html = RowWriter(RETURN, False).write(make_row("entered", before="11"))
    assert "<input" not in html
    assert "<del>11</del>" in html
