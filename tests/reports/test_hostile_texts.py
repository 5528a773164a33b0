"""Fifty hostile texts through the real forms and services into every place of a report: they come back, print and stay texts."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from html.parser import HTMLParser

import pytest
from django.urls import reverse
from lxml import etree

from reports import services
from reports.assembly import assemble, load_binder
from reports.built_forms import form_class
from reports.check_list import load_check_list
from reports.checks.manuscript import load_manuscript
from reports.document import ReportDocument
from reports.forms import HeadForm
from reports.models import Block, Report
from reports.plan_forms import PlanItemForm
from reports.render import files
from reports.render.plain_text import clean_text
from reports.tokens import printed_words
from tests.reports.hostile_texts import HOSTILE
from tests.reports.office_reading import book_of, squeezed, word_of, word_text
from tests.reports.pdf_reading import pages_of
from tests.reports.world import lasting

# They are written once, where the PDFs are printed; what an engine may take in another way is asked on both, at the end.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LONG = 500
TOKEN = HOSTILE[35]  # the one that is a token and fixed text
SPEC = {"rows": "months", "indicators": "中心组专题学习", "columns": "value", "period": "1—2月"}
# place -> kind of block, what it is inserted with, the form's other fields, which field the text goes into, its limit
PLACES = {
    "heading": ("heading", {"level": 2}, {}, "text", 6000),
    "paragraph": ("paragraph", {}, {}, "text", 6000),
    "item": ("item", {}, {"lead": "题。"}, "text", 6000),
    "item lead": ("item", {}, {"text": "文。"}, "lead", 120),
    "plan": ("plan", {}, {"lead": "题。"}, "text", 6000),
    "plan lead": ("plan", {}, {"text": "文。"}, "lead", 120),
    "list": ("list", {}, {"list": "list_honour", "period": "今年以来", "style": "numbered"}, "text", 600),
    "list in a line": ("list", {}, {"list": "list_honour", "period": "今年以来", "style": "names"}, "text", 600),
    "table": ("table", {}, SPEC, "text", 80),
    "chart": ("chart", {}, SPEC | {"chart": "bar"}, "text", 80),
    "annex": ("annex", {"annex": "media_matrix"}, {}, "text", 6000),
}
QUOTES_NOTHING = ("item lead", "plan lead", "table", "chart", "annex")  # titles, in which a token is refused
HEAD_LIMITS = {"title": 200, "addressee": 100, "signature": 100, "mark": 60, "signatory": 40, "copies": 300, "issuer": 60}
ITEM_LIMITS = {"measure": 200, "lead_unit": 80, "note": 200}


@dataclass
class Told:
    """What became of one text: its document, the refusals by place, what was kept by place, the page."""

    document: ReportDocument
    page: str
    refused: dict[str, list[str]] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1, years=((2026, 2),)) as world:
        yield world


@pytest.fixture(scope="module")
def told(lasting_world, django_db_blocker):
    """Every text written into every place, one text after the other into the same blocks; harmless words come first."""
    from django.test import Client

    with django_db_blocker.unblock():
        world, client = lasting_world, Client()
        client.force_login(world.clerk)
        report = services.create_report(by=world.clerk, unit=world.town, year=2026)
        Report.objects.filter(pk=report.pk).update(profile="red_head")
        keys = {place: insert(world, report, *PLACES[place][:2]) for place in PLACES}
        binder = load_binder(report)
        yield [write_everywhere(world, client, report.pk, keys, binder, text) for text in ("平安无事。", *HOSTILE)]


def insert(world, report, kind: str, options: dict) -> str:
    after = {"plan": "s2.1", "heading": "s1.1.h"}.get(kind, "opening")
    return services.insert_block(by=world.clerk, report=report, kind=kind, after=after, **options).key


def now(pk) -> Report:
    return Report.objects.select_related("unit__parent").get(pk=pk)


def write_everywhere(world, client, pk, keys, binder, text: str) -> Told:
    refused, kept = {}, {}
    for place, (_kind, _options, fields, name, _limit) in PLACES.items():
        block = Block.objects.select_related("report").get(report=pk, key=keys[place])
        form = form_class(block)({**fields, name: sent(text), "version": block.version}, block=block, binder=binder)
        if form.is_valid():
            values = form.cleaned_data
            services.save_block(by=world.clerk, block=block, base_version=block.version, text=values["text"],
                                lead=values.get("lead"), spec=values.get("spec"))  # fmt: skip
            kept[place] = getattr(Block.objects.get(pk=block.pk), name)
        else:
            refused[place] = reasons(form)
            assert form[name].value() == sent(text)
    write_head(world, pk, text, refused, kept)
    write_item(world, pk, text, refused, kept)
    load_check_list(now(pk), load_manuscript(now(pk)))
    page = client.get(reverse("reports:report_detail", args=[pk]))
    assert page.status_code == 200
    document = assemble(now(pk)).document
    wanted = {keys[place] for place in keys if place not in refused}
    blocks = tuple(row for row in document.blocks if row.key.partition("~")[0] in wanted)
    return Told(replace(document, blocks=blocks), page.content.decode(), refused, kept)


def sent(text: str) -> str:
    """Return the text as a form receives it: what is no UTF-8 has become U+FFFD on the way."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def write_head(world, pk, text: str, refused, kept) -> None:
    """Judge every field alone, then save all that may stand at once."""
    plain = {"title": "工作总结", "addressee": "区委宣传部：", "signature": "青云镇", "mark": "甲", "signatory": "甲"}
    for name in HEAD_LIMITS:
        form = HeadForm({**plain, name: sent(text)}, instance=now(pk))
        if not form.is_valid():
            refused[name] = reasons(form)
    accepted = dict.fromkeys(set(HEAD_LIMITS) - set(refused), sent(text))
    form = HeadForm(plain | accepted, instance=now(pk))
    assert form.is_valid()
    services.save_head(by=world.clerk, report=now(pk), **form.head)
    stored = {**vars(now(pk)), **now(pk).letterhead}
    kept |= {name: stored[name] for name in accepted}


def write_item(world, pk, text: str, refused, kept) -> None:
    """Likewise with a plan item."""
    report, plan = now(pk), load_binder(now(pk)).plan.book
    item = report.plan_items.first()
    plain = {"measure": "措施", "due_date": "2027-12-31", "version": item.version if item else 0}
    for name in ITEM_LIMITS:
        form = PlanItemForm({**plain, name: sent(text)}, plan=plan, item=item)
        if not form.is_valid():
            refused[name] = reasons(form)
    accepted = dict.fromkeys(set(ITEM_LIMITS) - set(refused), sent(text))
    form = PlanItemForm(plain | accepted, plan=plan, item=item)
    assert form.is_valid()
    if item:
        services.save_plan_item(by=world.clerk, item=item, typed=form.read, base_version=item.version)
    else:
        services.add_plan_item(by=world.clerk, report=report, block=report.blocks.get(key="s2.1"), typed=form.read)
    kept |= {name: getattr(report.plan_items.get(), name) for name in accepted}


def reasons(form) -> list[str]:
    return [str(reason) for rows in form.errors.values() for reason in rows]


LIMITS = {place: row[-1] for place, row in PLACES.items()} | HEAD_LIMITS | ITEM_LIMITS


@pytest.mark.pdf
def test_a_text_is_kept_as_it_was_typed_or_refused_with_a_reason(told):
    """Refused are only: a null character, what is too long for its place, and a figure quoted in a title."""
    for text, row in zip(HOSTILE, told[1:], strict=True):
        for place, limit in LIMITS.items():
            typed = sent(text).replace("\r\n", "\n")
            is_token = text == TOKEN and place in QUOTES_NOTHING
            if "\x00" in text or len(typed.strip()) > limit or is_token:
                assert row.refused.get(place), (place, text)
                assert all(reason and "{" not in reason.replace(text, "") for reason in row.refused[place])
            else:
                assert place in row.kept, (place, text, row.refused.get(place))
                assert squeezed(row.kept[place]) == squeezed(typed), (place, text)


@pytest.mark.pdf
def test_words_are_joined_no_other_way_than_lines_are(told):
    lines = told[1 + HOSTILE.index("第一行\r\n第二行\u2028第三行\t第四行")]
    assert lines.kept["paragraph"] == "第一行\n第二行\u2028第三行\t第四行"
    assert lines.kept["heading"] == "第一行第二行\u2028第三行\t第四行"


# --- the page


class Markup(HTMLParser):
    """What acts on a page: every tag with the names of its attributes, and its words."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.acting, self.words, self.addresses = set(), [], set()

    def handle_starttag(self, tag, attrs):
        names = {name for name, _value in attrs}
        acts = tag in ("script", "style", "iframe", "base", "object", "embed", "link", "img", "image", "meta")
        self.acting |= {(tag, *sorted(names))} if acts else set()
        self.acting |= {(tag, name) for name in names if name.startswith("on") or name == "style"}
        self.addresses |= {value for name, value in attrs if name in ("src", "href", "action", "xlink:href") and value}

    def handle_data(self, data):
        self.words.append(data)


def markup(page: str) -> Markup:
    found = Markup()
    found.feed(page)
    return found


@pytest.mark.pdf
def test_nothing_acts_on_the_page_that_did_not_before(told):
    harmless = markup(told[0].page)
    assert ("script",) not in harmless.acting
    for text, row in zip(HOSTILE, told[1:], strict=True):
        found = markup(row.page)
        assert found.acting <= harmless.acting, text
        assert not [address for address in found.addresses if not address.startswith(("/", "#", "?"))], text
        shown = squeezed("".join(found.words))
        if "paragraph" in row.kept and text != TOKEN:
            assert squeezed(row.kept["paragraph"]) in shown, text


# --- the files


@pytest.fixture(scope="module")
def everything(told) -> ReportDocument:
    """All texts in one document, their blocks and annexes one after the other; the longest texts in a paragraph alone."""
    rows = [(place, row, len(text) > LONG) for place, (text, row) in enumerate(zip(HOSTILE, told[1:], strict=True))]
    blocks = tuple(replace(block, key=f"{block.key}-{place}") for place, row, is_long in rows for block in row.document.blocks
                   if block.kind == "paragraph" or not is_long)  # fmt: skip
    mine = [annex for _place, row, is_long in rows for annex in short_annexes(row.document) if not is_long]
    numbered = tuple(replace(annex, number=number) for number, annex in enumerate(mine, start=1))
    head = told[1].document
    return replace(head, blocks=blocks, annexes=numbered, status_mark=HOSTILE[2])


def short_annexes(document: ReportDocument) -> tuple:
    """Leave out the table of months, which holds no text of these and would be written fifty times."""
    return tuple(annex for annex in document.annexes if len(annex.tables[0].rows) < 8)


@cache
def rendered(document: str, file_format: str) -> bytes:
    return files.render(ReportDocument.from_json(document), file_format).data


def printed(row: Told, place: str) -> str:
    """Return what a text prints in a place: without marks of fixed text and without what no paper shows."""
    return squeezed(clean_text(printed_words(row.kept[place])))


def texts(told) -> Counter:
    """Return how often each text must print in blocks and annex titles; those with tokens or several lines are left out."""
    found = Counter()
    for row in told[1:]:
        for place in PLACES:
            kept = row.kept.get(place, "")
            if kept and (len(kept) <= LONG or place == "paragraph") and not set(kept) & set("【\n"):
                found[printed(row, place)] += 1
    return Counter({text: count for text, count in found.items() if text})


@pytest.mark.pdf
def test_the_document_survives_its_json(everything):
    again = ReportDocument.from_json(everything.to_json())
    assert again.sha256 == everything.sha256
    assert again == everything
    assert len(everything.blocks) > 400


@pytest.mark.pdf
def test_the_texts_are_in_the_json_export(told, everything):
    data = json.loads(rendered(everything.to_json(), "json"))
    words = [run.get("text") or run.get("fixed") or run["figure"]["shown"] for block in data["blocks"] for run in block["runs"]]
    titles = (("table", "caption"), ("chart", "title"))
    words += [block[kind][name] for block in data["blocks"] for kind, name in titles if kind in block]
    words += [annex["title"] for annex in data["annexes"]]
    shown = squeezed("".join(words))
    for text, count in texts(told).items():
        assert shown.count(text) >= count, text


@pytest.mark.pdf
def test_the_texts_are_in_word_which_reads_as_xml_and_opens(told, everything):
    data = rendered(everything.to_json(), "docx")
    shown = word_text(data)
    assert len(word_of(data).paragraphs) > 400
    for text, count in texts(told).items():
        assert shown.count(text) >= count, text
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist() if name.endswith((".xml", ".rels"))}
    for part in parts.values():
        etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))
    assert not [name for name, part in parts.items() if b'TargetMode="External"' in part]
    assert b"<w:instrText" not in parts["word/document.xml"]
    assert b"<w:altChunk" not in parts["word/document.xml"]


@pytest.mark.pdf
def test_the_texts_are_in_excel_and_none_is_a_formula(told, everything):
    book = book_of(rendered(everything.to_json(), "xlsx"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink] == []
    shown = squeezed("\n".join(str(cell.value) for cell in cells))
    for text, count in texts(told).items():
        assert shown.count(text) >= count, text


@pytest.mark.pdf
def test_the_texts_are_in_the_pdf_and_nothing_acts(told, everything):
    data = rendered(everything.to_json(), "pdf")
    shown = squeezed("".join(char["text"] for page in pages_of(data) for char in page.chars))
    for text, count in texts(told).items():
        if text.isascii() and len(text) < 100:
            assert shown.count(text) >= count, text
    for word in (b"EmbeddedFile", b"/JavaScript", b"/URI", b"/Launch"):
        assert word not in data


@pytest.mark.pdf
@pytest.mark.parametrize("place", range(len(HOSTILE)), ids=lambda place: f"text{place}")
def test_a_hostile_head_and_plan_are_in_word_excel_and_json(told, place):
    row = told[1 + place]
    document = replace(row.document, blocks=(), annexes=short_annexes(row.document))
    data = files.render(document, "json").data.decode()
    json.loads(data)
    word, book = word_text(files.render(document, "docx").data), book_of(files.render(document, "xlsx").data)
    cells = squeezed("\n".join(str(cell.value) for sheet in book for line in sheet.iter_rows() for cell in line if cell.value))
    for name in (*HEAD_LIMITS, *ITEM_LIMITS):
        for part in clean_lines(row.kept.get(name, "")):
            assert part in word, name
            assert part in cells, name
            assert squeezed(json.dumps(part, ensure_ascii=False)[1:-1]) in squeezed(data), name


def clean_lines(text: str) -> list[str]:
    return [squeezed(clean_text(line)) for line in text.split("\n")]


# --- over HTTP: bytes that are no text


@pytest.mark.parametrize("raw", [b"%ED%A0%80", b"%FF%FE", b"%C0%AF"])
def test_bytes_that_are_no_utf8_are_kept_as_the_mark_of_it(client, lasting_world, db, raw):
    world = lasting_world
    report = Report.objects.filter(unit=world.town).first() or services.create_report(by=world.clerk, unit=world.town, year=2026)
    block = report.blocks.get(key="s1.problems")
    client.force_login(world.clerk)
    body = b"version=%d&text=" % block.version + "甲".encode() + raw + "乙".encode()
    address = reverse("reports:block_edit", args=[report.pk, block.key])
    answer = client.post(address, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 302
    kept = report.blocks.get(key=block.key).text
    assert (kept[0], kept[-1]) == ("甲", "乙")
    assert set(kept[1:-1]) == {"\ufffd"}


def test_a_null_character_is_refused_with_words_and_comes_back(client, lasting_world, db):
    world = lasting_world
    report = Report.objects.filter(unit=world.town).first() or services.create_report(by=world.clerk, unit=world.town, year=2026)
    block = report.blocks.get(key="s1.problems")
    client.force_login(world.clerk)
    address = reverse("reports:block_edit", args=[report.pk, block.key])
    answer = client.post(address, {"version": block.version, "text": "甲\x00乙"})
    assert answer.status_code == 422
    assert "甲" in answer.content.decode()
    assert report.blocks.get(key=block.key).text == block.text
