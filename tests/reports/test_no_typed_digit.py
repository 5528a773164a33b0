"""No number in a report is typed: every digit of an export is a figure, fixed text, or made by the program (digit_audit)."""

from collections import Counter
from dataclasses import replace

import pytest
from django.urls import reverse

from reports import services
from reports.assembly import assemble
from reports.check_list import load_check_list
from reports.checks import Level
from reports.checks.manuscript import load_manuscript
from reports.choices import UnitClass
from reports.document import Annex, Block, Cell, Chart, Column, FigureRun, Fixed, Letterhead, ReportDocument, Series, Table, Text
from reports.models import Report
from reports.numerals import number_pattern
from reports.plan_items import PlanInput
from reports.render import files
from reports.template_files import class_of, read_templates
from tests.reports.digit_audit import digit_runs, printed_texts, untraced_digits
from tests.reports.full_report import CHART, LIST, PLANNED, TABLE, make_full_report, put_in
from tests.reports.office_reading import word_of
from tests.reports.pdf_reading import short_report, text_without_charts
from tests.reports.test_district_report import district_report
from tests.reports.world import lasting
from workflow.models import Round
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
DISTRICT_FACTS = {
    "district_founded": "2006", "video_episodes": "100", "outreach_topics": "5A景区", "spring_event_date": "1月底",
    "home_brand": "“365”之家", "plan_slogan": "“１＋３”行动",
}  # fmt: skip


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


@pytest.fixture
def report(world):
    return services.create_report(by=world.clerk, unit=world.town, year=2025)


def now(report):
    return Report.objects.select_related("unit__parent").get(pk=report.pk)


def typed(report) -> list:
    """Return what the check before submitting says of typed numbers."""
    rows = load_check_list(now(report), load_manuscript(now(report))).rows
    return [row.finding for row in rows if row.finding.check.startswith("typed_")]


# --- the audit itself: what it lets pass and what it finds

FIGURE = FigureRun("12次", "code", "今年以来", "次", "12")
LOOSE = {
    "text": Block("x", "paragraph", runs=(Text("共5次"), FIGURE)),
    "wide digit": Block("x", "paragraph", runs=(Text("共５次"),)),
    "run-in title": Block("x", "item", number="1.", lead="做好3件〖事〗。", fixed=("事",)),
    "second of two": Block("x", "item", number="1.", lead="做好3件，3件。", fixed=("3",)),
    "caption": Block("x", "table", table=Table("2024年情况", (), ())),
    "label": Block("x", "table", table=Table("情况", (Column("项"),), ((Cell("第5项"),),))),
    "cell": Block("x", "table", table=Table("情况", (Column("项"),), ((Cell("5", numeric=True),),))),
    "bar": Block("x", "chart", chart=Chart("bar", "情况", "次", ("甲",), (Series("乙", ("5",), (None,)),))),
    "another value": Block("x", "chart", chart=Chart("bar", "情况", "次", ("甲",), (Series("乙", ("5",), (FIGURE,)),))),
    "category": Block("x", "chart", chart=Chart("bar", "情况", "次", ("前3名",), ())),
}


@pytest.mark.parametrize("name", LOOSE)
def test_the_audit_finds_a_loose_digit(name):
    document = replace(short_report(), title_lines=("工作总结",), blocks=(LOOSE[name],))
    assert [fault.partition(":")[0] for fault in untraced_digits(document)] == ["x"]


@pytest.mark.parametrize(
    ("changes", "place"),
    [({"title_lines": ("2023年工作总结",)}, "title"), ({"title_lines": ("2025项工作",)}, "title"),
     ({"addressee": "12个部门："}, "addressee"), ({"signature": "第3办公室"}, "signature"),
     ({"letterhead": Letterhead("甲乡文件", copies="12个部门")}, "copies"),
     ({"annexes": (Annex(1, "2025年前3名", ()),)}, "annex 1"),
     ({"annexes": (Annex(1, "表", (Table("", (Column("措施"),), ((Cell("办好12件实事和5场"),),)),)),)}, "annex 1")],
)  # fmt: skip
def test_the_audit_finds_one_in_head_and_annexes(changes, place):
    document = replace(short_report(), **changes)
    assert [fault.partition(":")[0] for fault in untraced_digits(document)] == [place]


def test_the_audit_lets_pass_what_has_an_origin():
    months = Table("3月情况", (Column("1—3月"), Column("2024年")), ((Cell("12月"), Cell("12", True, FIGURE)),))
    bars = Chart("bar", "1", "次", ("1月",), (Series("2024年", ("12",), (FIGURE,)),))
    blocks = (
        Block("a", "item", number="1.", lead="做好10件事。", fixed=("10",), runs=(FIGURE, Text("，"), Fixed("2024年"))),
        Block("b", "table", number="表1", table=months, fixed=("3",)),
        Block("c", "chart", number="图1", chart=bars, fixed=("1",)),
        Block("d", "list", number="（1）", runs=(FIGURE,)),
    )  # fmt: skip
    head = Letterhead("甲乡文件", "甲政〔2026〕3号", issued="2026年1月8日")
    rows = ((Cell("1"), Cell("△1,234.5", numeric=True), Cell("12次"), Cell("12月31日")),)
    annexes = (Annex(1, "甲乡2026年3级表", (Table("", (Column("1月"),), rows),), fixed=("3",)),)
    document = replace(short_report(), blocks=blocks, title_lines=("2025年总结和2026年计划",), letterhead=head, annexes=annexes)
    assert untraced_digits(document) == []


# --- reports made from the templates


@pytest.mark.parametrize("year", [row["year"] for row in read_templates() if class_of(row) != UnitClass.DISTRICT])
@pytest.mark.parametrize("facts", [{}, DISTRICT_FACTS], ids=["shipped", "the district's own"])
def test_a_report_of_every_template_holds_none(world, year, facts):
    services.set_template_values(by=None, district=world.district, year=year, values=facts)
    report = services.create_report(by=world.clerk, unit=world.town, year=year)
    assembled = assemble(report)
    assert assembled.problems == ()
    assert untraced_digits(assembled.document) == []
    assert typed(report) == []
    fixed = [run.fixed for block in assembled.document.blocks for run in block.runs if isinstance(run, Fixed)]
    assert str(year) in fixed
    assert ({"5", "365", "１", "３"} <= set(fixed)) == bool(facts)


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_districts_own_report_holds_none(world, year):
    report = district_report(world, year, cutoff=10)
    assert untraced_digits(assemble(report).document) == []
    assert typed(report) == []


def test_words_of_a_report_count_nothing_in_chinese_numerals_either(world, report):
    pattern = number_pattern(row.measure for row in load_manuscript(report).binder.book.indicators.values())
    texts = [run.text for block in assemble(report).document.blocks for run in block.runs if isinstance(run, Text)]
    assert [found[0] for text in texts for found in pattern.finditer(text)] == []
    assert [found[0] for found in pattern.finditer("走访十二家，学习十余次")] == ["十二家", "十余次"]


def test_a_report_with_a_block_of_every_kind_holds_none_and_prints_without_marks(world):
    report = make_full_report(world)
    assembled = assemble(report)
    assert assembled.problems == ()
    assert typed(report) == []
    assert untraced_digits(assembled.document) == []
    document = assembled.document
    assert {block.kind for block in document.blocks} == {"heading", "paragraph", "item", "plan", "list", "table", "chart"}
    assert not [text for text in printed_texts(document) if set(text) & set("〖〗")]
    by_lead = next(block for block in document.blocks if block.lead.startswith("办好"))
    assert (by_lead.lead, by_lead.fixed) == ("办好10件实事。", ("10",))
    assert "青云镇2025年媒体录用情况（3级）" in [annex.title for annex in document.annexes]
    assert ReportDocument.from_json(document.to_json()) == document


@pytest.mark.pdf
@pytest.mark.slow
def test_every_digit_of_pdf_and_word_is_one_of_the_audited_document(world):
    report = make_full_report(world)
    document = assemble(report).document
    expected = printed_texts(document)
    word = word_of(files.render(document, "docx").data)
    cells = [cell.text for table in word.tables for row in table.rows for cell in dict.fromkeys(row.cells)]
    assert digit_runs([*(paragraph.text for paragraph in word.paragraphs), *cells]) == digit_runs(expected)
    printed = text_without_charts(files.render(document, "pdf").data)
    months = "".join(f"{month}月" for month in range(1, 13))  # the head of the long table, again on each of its pages
    expected += [months] * (printed.count(months) - 1)
    assert digits_of(printed) == digits_of("".join(expected))


def digits_of(text: str) -> Counter:
    return Counter(char for char in text if char.isdigit())


# --- what a hand types is found, wherever it stands


BLOCK_KINDS = {
    "paragraph": dict(kind="paragraph", text="另学习35次。"),
    "second line": dict(kind="paragraph", text="工作有序。\n另学习35次。"),
    "heading": dict(kind="heading", text="学习35次", level=2),
    "item": dict(kind="item", text="另学习35次。", lead="学习。"),
    "run-in title": dict(kind="item", text="有序开展。", lead="学习35次。"),
    "plan": dict(kind="plan", text="学习35次。", lead="学习。"),
    "run-in title of the plan": dict(kind="plan", text="有序开展。", lead="学习35次。"),
    "words before a list": dict(kind="list", text="获得35项荣誉：", spec=LIST | {"style": "numbered"}),
    "words of a list in a line": dict(kind="list", text="获得35项荣誉，", spec=LIST | {"style": "names"}),
    "title of a table": dict(kind="table", text="35次学习情况", spec=TABLE),
    "title of a chart": dict(kind="chart", text="35次学习情况", spec=CHART | {"chart": "bar"}),
    "title of an annex": dict(kind="annex", text="35家媒体录用情况", annex="media_matrix"),
}


@pytest.mark.parametrize("name", BLOCK_KINDS)
def test_a_digit_typed_into_a_block_blocks_and_one_click_marks_it(world, report, name):
    after = {"plan": "s2.1", "heading": "s1.1.h"}.get(BLOCK_KINDS[name]["kind"], "opening")
    block = put_in(world, report, after=after, **BLOCK_KINDS[name])
    (finding,) = typed(report)
    assert (finding.check, finding.level, finding.block_key) == ("typed_number", Level.BLOCKING, block.key)
    assert "35" in finding.words
    assert untraced_digits(assemble(now(report)).document) != []
    with pytest.raises(Refused, match="35"):
        services.request_export(by=world.clerk, report=now(report))
    printed = printed_texts(assemble(now(report)).document)
    services.fix_finding(by=world.clerk, report=now(report), mark=finding.mark)
    assert typed(report) == []
    assert untraced_digits(assemble(now(report)).document) == []
    assert printed_texts(assemble(now(report)).document) == printed


def test_marks_that_would_not_fit_the_run_in_title_are_not_offered(world, report):
    put_in(world, report, "item", "有序开展。", lead="长" * 117 + "35次")
    assert typed(report)[0].fix is None
    put_in(world, report, "item", "有序开展。", lead="长" * 116 + "5次")
    assert sorted(row.fix is None for row in typed(report)) == [False, True]


HEAD = {"title": "青云镇\n2025年度总结和2026年计划", "addressee": "区委宣传部：", "signature": "青云镇宣传办", "issue_date": None}
IN_HEAD = {"title": "青云镇\n2024年度总结", "addressee": "12个部门：", "signature": "宣传办3组"}


@pytest.mark.parametrize("name", IN_HEAD)
def test_a_digit_in_the_head_is_to_be_confirmed(world, report, name):
    services.save_head(by=world.clerk, report=report, **HEAD)
    assert typed(report) == []
    services.save_head(by=world.clerk, report=report, **HEAD | {name: IN_HEAD[name]})
    (finding,) = typed(report)
    assert (finding.check, finding.level, finding.block_key) == ("typed_elsewhere", Level.CONFIRM, "")


@pytest.mark.parametrize(
    ("name", "text", "count"), [("copies", "12个部门", 1), ("mark", "3号文件", 1), ("number", "青政〔2026〕3号", 0)]
)
def test_a_digit_in_the_red_head_is_to_be_confirmed_but_not_its_number(world, report, name, text, count):
    Report.objects.filter(pk=report.pk).update(profile="red_head")
    services.save_head(by=world.clerk, report=now(report), **HEAD, letterhead={name: text})
    assert len(typed(report)) == count


@pytest.mark.parametrize("name", ["measure", "lead_unit", "note"])
def test_a_digit_in_a_plan_item_is_to_be_confirmed(world, report, name):
    block = report.blocks.get(key="s2.1")
    item = services.add_plan_item(by=world.clerk, report=report, block=block, typed=PLANNED)
    assert typed(report) == []
    changed = PlanInput(**vars(PLANNED) | {name: "办35场"})
    services.save_plan_item(by=world.clerk, item=item, typed=changed, base_version=item.version)
    (finding,) = typed(report)
    assert (finding.check, finding.level, finding.block_key) == ("typed_elsewhere", Level.CONFIRM, "s2.1")


def test_numbers_in_words_beside_the_plan_are_asked_about_and_stop_nothing(world, report):
    block = report.blocks.get(key="s2.1")
    services.add_plan_item(by=world.clerk, report=report, block=block, typed=PlanInput(**vars(PLANNED) | {"note": "三百余名"}))
    (finding,) = typed(report)
    assert (finding.check, finding.level, finding.must_confirm) == ("typed_elsewhere", Level.CONFIRM, False)
    services.submit_report(by=world.head, report=now(report))


def test_the_reports_own_years_in_words_are_not_asked_about(world, report):
    own = {"title": "青云镇\n二〇二五年度总结和二零二六年计划"}
    services.save_head(by=world.clerk, report=report, **HEAD | own)
    assert typed(report) == []
    services.save_head(by=world.clerk, report=report, **HEAD | {"title": "青云镇\n二〇二四年度总结"})
    assert [row.check for row in typed(report)] == ["typed_elsewhere"]


def test_digits_of_other_scripts_block_and_are_marked_like_ours(world, report):
    block = put_in(world, report, "item", "①学习𝟑𝟓次、٣٥场。")
    (finding,) = typed(report)
    assert (finding.level, finding.seen) == (Level.BLOCKING, "1、35、٣٥")
    services.fix_finding(by=world.clerk, report=now(report), mark=finding.mark)
    block.refresh_from_db()
    assert block.text == "〖①〗学习〖𝟑𝟓〗次、〖٣٥〗场。"
    assert typed(report) == []


class TestGate:
    """A digit outside the blocks is in the way of submitting, exporting and approving until somebody says what it rests on."""

    OTHER = HEAD | {"title": "青云镇\n2025年度总结（999份）"}

    @pytest.fixture
    def asked(self, world, report):
        services.save_head(by=world.clerk, report=report, **self.OTHER)
        return now(report)

    def confirm(self, world, report):
        (finding,) = typed(report)
        services.confirm_finding(by=world.clerk, report=now(report), mark=finding.mark, reason="份数见印发单")

    def refusals(self, world, report) -> set[str]:
        found = set()
        for deed in (services.submit_report, services.request_export):
            with pytest.raises(Refused) as refusal:
                deed(by=world.head, report=now(report))
            found.add(str(refusal.value))
        return found

    def test_in_the_way_with_the_same_words_until_confirmed(self, world, asked):
        (words,) = self.refusals(world, asked)
        assert "999" in words
        self.confirm(world, asked)
        services.request_export(by=world.head, report=now(asked))
        services.submit_report(by=world.head, report=now(asked))
        (kept,) = Round.objects.get(subject_id=asked.pk).snapshot["confirmed"]
        assert (kept["check"], kept["reason"]) == ("typed_elsewhere", "份数见印发单")

    def test_or_until_it_is_taken_out(self, world, asked):
        services.save_head(by=world.clerk, report=asked, **HEAD)
        services.submit_report(by=world.head, report=now(asked))

    def test_other_words_are_asked_about_again(self, world, asked):
        self.confirm(world, asked)
        services.save_head(by=world.clerk, report=now(asked), **self.OTHER | {"title": "青云镇\n2025年度总结（998份）"})
        assert len(self.refusals(world, asked)) == 1

    def test_a_reason_holds_whatever_is_written_beside_it(self, world, asked):
        self.confirm(world, asked)
        services.save_head(by=world.clerk, report=now(asked), **self.OTHER | {"addressee": "区委："})
        services.submit_report(by=world.head, report=now(asked))

    def test_nobody_approves_it_unconfirmed(self, world, report):
        services.submit_report(by=world.head, report=report)
        services.start_review(by=world.reviewer, report=now(report))
        Report.objects.filter(pk=report.pk).update(title=self.OTHER["title"])
        with pytest.raises(Refused, match="999"):
            services.approve_report(by=world.reviewer, report=now(report))
        Report.objects.filter(pk=report.pk).update(title=HEAD["title"])
        assert services.approve_report(by=world.reviewer, report=now(report)).is_approved

    def test_confirmed_it_is_approved(self, world, asked):
        self.confirm(world, asked)
        services.submit_report(by=world.head, report=now(asked))
        services.start_review(by=world.reviewer, report=now(asked))
        assert services.approve_report(by=world.reviewer, report=now(asked)).is_approved

    def test_the_page_lists_it_among_what_blocks_with_its_form(self, client, world, asked):
        client.force_login(world.clerk)
        address = reverse("reports:report_detail", args=[asked.pk])
        response = client.get(address)
        groups = {level: [row.finding.check for _view, row in rows] for level, rows in response.context["page"].check_groups}
        assert groups["blocking"] == ["typed_elsewhere"]
        assert f'id="why-{typed(asked)[0].mark}"' in response.content.decode()
        self.confirm(world, asked)
        groups = dict(client.get(address).context["page"].check_groups)
        assert "blocking" not in groups
        assert "typed_elsewhere" in [row.finding.check for _view, row in groups["confirm"]]


def test_the_words_of_an_outcome_are_seen_where_their_annex_prints(world):
    first = make_full_report(world)
    services.save_plan_item(by=world.clerk, item=first.plan_items.get(), base_version=1,
                            typed=PlanInput(measure="修订制度", code="", amount=None, due_date=PLANNED.due_date))  # fmt: skip
    services.submit_report(by=world.head, report=now(first))
    services.start_review(by=world.reviewer, report=now(first))
    services.approve_report(by=world.reviewer, report=now(first))
    report = services.create_report(by=world.clerk, unit=world.town, year=2026)
    (item,) = load_manuscript(report).binder.plan.book.accepted_items
    services.choose_outcome(by=world.clerk, report=report, item=item.id, outcome="done", words="修订35项", base_version=0)
    (finding,) = typed(report)
    assert (finding.check, finding.block_key) == ("typed_elsewhere", "annex.outcomes")


# --- how it reads on the page


def test_the_page_shows_fixed_text_without_its_marks_and_says_what_it_is(client, world):
    report = make_full_report(world)
    client.force_login(world.head)
    shown = client.get(reverse("reports:report_detail", args=[report.pk])).content.decode()
    assert '<span class="rp-fixed"' in shown
    assert "办好10件实事。" in shown
    assert "〖" not in shown
