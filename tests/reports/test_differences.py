"""What two documents of a report differ in: sentences, numbers with their months, annex cells; rounds and versions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from metrics import services as returns
from metrics.models import MonthlyReturn
from reports import services
from reports.differences import compare, compare_documents
from reports.document import Block, FigureRun, ReportDocument, Text
from reports.models import Report
from reports.rounds import round_differences
from tests.reports.world import change_figure, lasting
from workflow.choices import Subject
from workflow.models import Event, Round

STUDY = "s1.2.group"


def document(*blocks, **more):
    return ReportDocument(("题",), "部：", blocks, "镇", "", **more)


def paragraph(*runs, key="a"):
    return Block(key, "paragraph", runs=tuple(Text(run) if isinstance(run, str) else run for run in runs))


def figure(text, value, months=(), name="学习"):
    sources = tuple(
        {"period": month, "value": kept, "approved_by": "王", "approved_at": "2026-01-05 09:00"} for month, kept in months
    )
    return FigureRun(text, name, "今年以来", "次", value, "h", sources)


class TestText:
    """Both texts can be read off the pieces; what is equal is not told as changed."""

    CASES = [
        ("学习有序。发言踊跃。", "学习有序。发言很踊跃。"),
        ("甲句。乙句。丙句。", "甲句。丙句。"),
        ("", "新写一段。"),
        ("旧的一段。", ""),
        ("抓学习；抓宣讲；抓阵地。", "抓阵地；抓学习；抓宣讲。"),
    ]

    @pytest.mark.parametrize(("old", "new"), CASES)
    def test_both_texts_come_back(self, old, new):
        pieces = compare(old, new)
        assert "".join(words for deed, words in pieces if deed != "in") == old
        assert "".join(words for deed, words in pieces if deed != "out") == new

    def test_a_sentence_that_went_goes_whole(self):
        assert compare("甲句很长。乙句也长。丙句尾。", "甲句很长。丙句尾。") == (
            ("equal", "甲句很长。"), ("out", "乙句也长。"), ("equal", "丙句尾。"),
        )  # fmt: skip

    def test_a_new_sentence_is_not_mixed_with_its_neighbour(self):
        assert compare("加强理论学习。", "举办春节晚会。加强理论学习。")[0] == ("in", "举办春节晚会。")

    def test_a_stray_character_does_not_split_a_change(self):
        assert compare("工作的要点抓得好。", "成绩的亮色抓得好。") == (
            ("out", "工作的要点"),
            ("in", "成绩的亮色"),
            ("equal", "抓得好。"),
        )

    def test_a_number_is_one_word(self):
        old, new = (paragraph("学习", figure(text, text[:-1]), "。") for text in ("12次", "15次"))
        (change,) = compare_documents(document(old), document(new)).texts
        assert change.pieces == (("equal", "学习"), ("out", "12次"), ("in", "15次"), ("equal", "。"))


class TestNumbers:
    """Old and new as printed, with the months that moved."""

    def test_the_month_that_moved_is_named(self):
        old = paragraph(figure("12次", "12", [("2025-01", "6"), ("2025-02", "6")]))
        new = paragraph(figure("15次", "15", [("2025-01", "6"), ("2025-02", "9")]))
        (row,) = compare_documents(document(old), document(new)).figures
        assert (row.old, row.new, row.block_key) == ("12次", "15次", "a")
        assert [(month.period, month.old, month.new, month.approved_by) for month in row.months] == [("2025-02", "6", "9", "王")]

    def test_a_number_approved_anew_that_says_the_same_is_no_change(self):
        old, new = paragraph(figure("12次", "12", [("2025-01", "12")])), paragraph(figure("12次", "12", [("2025-01", "12")]))
        assert compare_documents(document(old), document(new)).is_empty

    def test_numbers_that_come_and_go(self):
        found = compare_documents(
            document(paragraph(figure("1次", "1"))), document(paragraph(figure("2篇", "2", name="录用")))
        ).figures
        assert [(row.name, row.old, row.new) for row in found] == [("录用", "", "2篇"), ("学习", "1次", "")]

    def test_the_same_document(self):
        assert compare_documents(document(paragraph("好。")), document(paragraph("好。"))).is_empty


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


@pytest.fixture
def world(db, lasting_world):
    with translation.override("en"):
        yield lasting_world


def now(report):
    return Report.objects.get(pk=report.pk)


@pytest.fixture
def twice(world):
    """A report approved, reopened with a reason, corrected in March and in words, approved again."""
    report = services.create_report(by=world.clerk, unit=world.town, year=2025)
    approve(world, report)
    services.reopen_report(by=world.reviewer, report=now(report), reason="三月学习次数更正")
    monthly = MonthlyReturn.objects.get(unit=world.town, year=2025, month=3)
    returns.reopen_return(by=world.reviewer, monthly_return=monthly, reason="漏登三次")
    change_figure(world, "ideology_study_session_count", 4, year=2025, month=3)
    monthly.refresh_from_db()
    MonthlyReturn.objects.filter(pk=monthly.pk).update(
        state="approved", approved_by=world.reviewer, approved_at=report.created_at
    )
    services.update_figures(by=world.clerk, report=now(report))
    block = report.blocks.get(key=STUDY)
    services.save_block(by=world.clerk, block=block, text=f"{block.text}成效明显。", base_version=block.version)
    approve(world, report)
    return now(report)


def approve(world, report):
    services.submit_report(by=world.head, report=now(report))
    services.start_review(by=world.reviewer, report=now(report))
    return services.approve_report(by=world.reviewer, report=now(report))


@pytest.mark.django_db
class TestPages:
    """Rounds and versions tell the same differences, the reasons beside them."""

    def get(self, client, user, name, *args, query=""):
        client.force_login(user)
        return client.get(reverse(f"reports:{name}", args=args) + query)

    def test_versions_are_compared_with_reasons(self, client, world, twice):
        response = self.get(client, world.auditor, "version_compare", twice.pk)
        found = response.context["differences"]
        row = next(row for row in found.figures if row.name == "中心组专题学习")
        assert (row.old, row.new) == ("12次", "15次")
        assert [(month.period, month.old, month.new, month.reason) for month in row.months] == [("2025-03", "1", "4", "漏登三次")]
        (text,) = [row for row in found.texts if row.key == STUDY]
        assert ("in", "成效明显。") in text.pieces
        assert any("中心组专题学习" in cell.place and (cell.old, cell.new) == ("12", "15") for cell in found.cells)
        body = response.content.decode()
        assert "三月学习次数更正" in body
        assert "漏登三次" in body

    @pytest.mark.parametrize("query", ["?from=2&to=1", "?from=x&to=9", "?from=１&to=" + "1" * 40, "?from=1&to=2"])
    def test_any_order_and_strange_numbers(self, client, world, twice, query):
        response = self.get(client, world.clerk, "version_compare", twice.pk, query=query)
        assert (response.context["before"].number, response.context["after"].number) == (1, 2)

    def test_a_version_against_itself_says_so(self, client, world, twice):
        assert self.get(client, world.clerk, "version_compare", twice.pk, query="?from=1&to=1").context["differences"].is_empty

    def test_rounds_tell_the_same(self, client, world, twice):
        response = self.get(client, world.clerk, "report_round", twice.pk, 2)
        assert "12次" in response.content.decode()
        assert [row.new for row in response.context["differences"].figures if row.name == "中心组专题学习"] == ["15次"]
        assert Event.objects.about(Subject.REPORT, twice.pk).filter(deed="reopen").count() == 1

    def test_more_paragraphs_cost_no_more_queries(self, world, twice):
        one, two = Round.objects.about(Subject.REPORT, twice.pk).order_by("number")
        assert twice.unit.is_township  # read before, as a page does

        def queries():
            with CaptureQueriesContext(connection) as asked:
                assert round_differences(twice, one, two).figures
            return len(asked)

        few = queries()
        old = ReportDocument.from_json(two.snapshot["document"])
        more = tuple(paragraph("多一段。", figure("9次", "9", [("2025-04", str(place))]), key=f"z{place}") for place in range(40))
        two.snapshot = {"document": ReportDocument(**{**vars(old), "blocks": old.blocks + more}).to_json()}
        assert queries() == few == 2
