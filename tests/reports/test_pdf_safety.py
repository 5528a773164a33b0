"""Hostile input: nothing is fetched whatever a text says, and what is too large is refused before layout."""

import base64
import socketserver
import threading
from pathlib import Path

import pytest

from reports.document import Annex, Cell, Column, Table
from reports.render import html, pdf
from reports.render.pdf import RenderError, render_pdf
from tests.reports.pdf_reading import all_text, pages_of, short_report

pytestmark = pytest.mark.pdf


@pytest.fixture
def listener():
    """Yield (base address, list that grows by one a connection)."""
    connections = []

    class Count(socketserver.BaseRequestHandler):
        def handle(self):
            connections.append(self.client_address)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Count) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", connections
        server.shutdown()


def payloads(at: str, secret: str) -> dict[str, str]:
    """Return the ways in which HTML and CSS can make a renderer read an address or a file."""
    inner = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{at}/nested.png" width="1" height="1"/></svg>'
    nested = base64.b64encode(inner.encode()).decode()
    return {
        "img": f'<img src="{at}/a.png">',
        "img srcset": f'<img srcset="{at}/a.png 1x" src="{at}/b.png">',
        "link stylesheet": f'<link rel="stylesheet" href="{at}/a.css">',
        "style import": f'<style>@import url("{at}/a.css");</style>',
        "style background": f'<style>p{{background:url("{at}/a.png")}}</style>',
        "style font": f'<style>@font-face{{font-family:Leak;src:url("{at}/a.ttf")}}p{{font-family:Leak}}</style>',
        "style content": f'<style>p::before{{content:url("{at}/a.png")}}</style>',
        "style list": f'<ul style="list-style-image:url({at}/a.png)"><li>x</li></ul>',
        "style border": f'<p style="border-image:url({at}/a.png) 3">x</p>',
        "style page": f'<style>@page{{background:url("{at}/a.png")}}</style>',
        "color profile": f'<style>@color-profile --x{{src:url("{at}/a.icc")}}</style>',
        "base": f'<base href="{at}/"><img src="a.png">',
        "object": f'<object data="{at}/a.svg"></object>',
        "embed": f'<embed src="{at}/a.svg">',
        "svg image": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{at}/a.png" width="9" height="9"/></svg>',
        "svg use": f'<svg xmlns="http://www.w3.org/2000/svg"><use href="{at}/a.svg#x"/></svg>',
        "data svg": f'<img src="data:image/svg+xml;base64,{nested}">',
        "attachment": f'<link rel="attachment" href="{secret}">',
        "a attachment": f'<a rel="attachment" href="{secret}">x</a>',
        "file image": f'<img src="{secret}">',
        "file stylesheet": f'<link rel="stylesheet" href="{secret}">',
    }


@pytest.fixture
def secret(tmp_path) -> str:
    path = tmp_path / "secret.txt"
    path.write_text("secret")
    return path.as_uri()


def test_html_in_texts_prints_as_text_and_fetches_nothing(listener, secret):
    at, connections = listener
    attacks = payloads(at, secret)
    texts = list(attacks.values())
    table = Table(texts[0], (Column(texts[1]), Column("数")), tuple((Cell(text), Cell("1")) for text in texts), texts[2])
    document = short_report(
        *texts,
        title_lines=(texts[0],),
        addressee=texts[1],
        signature=texts[2],
        issue_date=texts[3],
        unit_name=texts[4],
        status_mark=texts[5],
        annexes=(Annex(1, texts[6], (table,)),),
    )
    done = render_pdf(document)
    assert connections == []
    shown = all_text(pages_of(done.data))
    for name, text in attacks.items():
        assert "".join(text.split()) in shown, name
    assert b"EmbeddedFile" not in done.data


def test_even_raw_html_reaches_no_address(listener, secret):
    at, connections = listener
    engine = pdf._engine()
    ended = 0
    for name, payload in payloads(at, secret).items():
        page = f'<!doctype html><html lang="zh-CN"><head><title>x</title></head><body>{payload}<p>x</p></body></html>'
        try:
            with pdf._told_errors():
                data = engine._render(page, "").write_pdf()
        except RenderError:
            ended += 1
        else:
            assert b"EmbeddedFile" not in data, name
    assert connections == []
    assert ended >= 12


def test_the_fetcher_reads_allowed_fonts_only(listener, tmp_path):
    from weasyprint.urls import FatalURLFetchingError

    at, connections = listener
    font = tmp_path / "a.otf"
    font.write_bytes(b"font")
    fetch = pdf.deny_fetcher(frozenset((font.as_uri(),)))
    assert fetch(font.as_uri()).read() == b"font"
    for url in (f"{at}/a.otf", Path(__file__).as_uri(), font.as_uri() + "?x", "data:text/plain,x", "ftp://127.0.0.1/a"):
        with pytest.raises(FatalURLFetchingError):
            fetch(url)
    assert connections == []


def many_cells(rows, columns):
    heads = tuple(Column(str(index)) for index in range(columns))
    return (Annex(1, "表", (Table("", heads, tuple((Cell("1"),) * columns for _ in range(rows))),)),)


OVERSIZE = {
    "text": dict(texts=["长" * (html.MAX_TEXT + 1)]),
    "blocks": dict(texts=["短"] * (html.MAX_BLOCKS + 1)),
    "columns": dict(texts=["x"], annexes=many_cells(1, html.MAX_COLUMNS + 1)),
    "cells": dict(texts=["x"], annexes=many_cells(html.MAX_CELLS // 20 + 1, 20)),
}


@pytest.mark.parametrize("name", OVERSIZE)
def test_what_is_too_large_is_refused(name):
    given = dict(OVERSIZE[name])
    with pytest.raises(html.ReportRefused, match="[0-9]"):
        render_pdf(short_report(*given.pop("texts"), **given))


def test_html_is_bounded_in_length_and_depth():
    html.check_html("<p>" * html.MAX_DEPTH + "</p>" * html.MAX_DEPTH)
    with pytest.raises(html.ReportRefused):
        html.check_html("<p>" * (html.MAX_DEPTH + 1))
    with pytest.raises(html.ReportRefused):
        html.check_html("x" * (html.MAX_HTML + 1))


def test_templates_escape_everything():
    nasty = "<script>alert('x')</script>&\""
    document = short_report(f"#{nasty}", nasty, annexes=(Annex(1, nasty, ()),), signature=nasty)
    shown = html.document_to_html(document) + html.annex_to_html(document)
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert " style=" not in shown


@pytest.mark.parametrize("error", [RecursionError, MemoryError])
def test_a_crash_in_layout_becomes_a_message(monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(pdf._engine(), "_render", fail)
    with pytest.raises(RenderError):
        render_pdf(short_report("工作正常。"))
