"""The trace of a number: months that count and those that do not, ledgers, evidence files, other places, and for whom."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.choices import Role
from metrics.evidence import cell_proved, entry_proved
from metrics.ledgers import ledger_kind, ledger_kinds
from metrics.models import Indicator, MonthlyReturn
from metrics.services import add_evidence
from reports import services
from reports.models import BoundFigure, Report
from reports.report_page import load_report_page
from reports.trace import load_trace
from tests.factories import make_user
from tests.metrics.evidence_samples import photo, written
from tests.reports.world import lasting
from workflow.choices import State

pytestmark = pytest.mark.django_db
SESSIONS = "ideology_study_session_count"


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=2) as world:
        yield world


@pytest.fixture
def world(db, lasting_world, tmp_path, settings):
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    with translation.override("en"):
        yield lasting_world


def quoting(world, text):
    """Return the report of 2026 with one paragraph that says this."""
    report = Report.objects.filter(unit=world.town, year=2026).first()
    report = report or services.create_report(by=world.clerk, unit=world.town, year=2026)
    block = report.blocks.filter(kind="paragraph").first()
    services.save_block(by=world.clerk, block=block, text=text, base_version=block.version)
    return Report.objects.get(pk=report.pk)


def traced(world, text, user=None):
    report = quoting(world, text)
    row = BoundFigure.objects.get(report=report, block=report.blocks.filter(kind="paragraph").first())
    return load_trace(load_report_page(report), row, user or world.clerk)


def prove(world, proved, name="现场.jpg"):
    link, _is_new = add_evidence(
        by=world.clerk, proved=proved, upload=SimpleUploadedFile(name, written(photo(), "JPEG")), caption=name
    )
    return link


def reopened(world, month, state=State.RETURNED):
    rows = MonthlyReturn.objects.filter(unit=world.town, year=2026, month=month)
    rows.update(state=state)
    return rows.get()


def approved(monthly_return):
    MonthlyReturn.objects.filter(pk=monthly_return.pk).update(state=State.APPROVED)


def test_months_that_do_not_count_say_why_and_whose_turn_it_is(world):
    quoting(world, "共【中心组专题学习|今年以来|次】。")
    reopened(world, 4)
    reopened(world, 5, State.IN_REVIEW)
    (row,) = traced(world, "共【中心组专题学习|今年以来|次】。").inputs
    assert (row.counted, row.uncounted) == (8, 2)
    turns = {month.label: (month.counts, str(month.turn)) for month in row.months}
    assert turns["2026年3月"] == (True, "")
    assert turns["2026年4月"] == (False, "township's clerk")
    assert turns["2026年5月"] == (False, "district")


def test_a_state_names_the_later_months_it_does_not_rest_on(world):
    quoting(world, "现有【文化经营单位|目前|家】。")
    reopened(world, 10, State.AWAITING_SIGNOFF)
    (row,) = traced(world, "现有【文化经营单位|目前|家】。").inputs
    assert [(month.label, month.counts, str(month.turn)) for month in row.months] == [
        ("2026年9月", True, ""), ("2026年10月", False, "township's head"),
    ]  # fmt: skip


def test_files_beside_the_cells_and_entries_of_its_months(world):
    month = reopened(world, 3)
    prove(world, cell_proved(month, SESSIONS), "三月.jpg")
    approved(month)
    kind = next(kind for kind in ledger_kinds() if kind.code == _rule_kind(SESSIONS))
    entry = kind.model.objects.create(unit=world.town, **{kind.date_field: date(2026, 6, 3)}, **_values(SESSIONS))
    june = reopened(world, 6)
    prove(world, entry_proved(kind, entry), "六月.jpg")
    approved(june)
    trace = traced(world, "共【中心组专题学习|一季度|次】。")
    (row,) = trace.inputs
    assert [(paper.caption, paper.beside) for paper in row.papers] == [("三月.jpg", "2026年3月")]
    (row,) = traced(world, "共【中心组专题学习|二季度|次】。").inputs
    assert [(paper.caption, paper.beside) for paper in row.papers] == [("六月.jpg", entry.name)]
    assert row.ledger_name == kind.name
    assert all(f"month={number}" in month.ledger for number, month in zip((4, 5, 6), row.months, strict=True))
    (row,) = traced(world, "共【中心组专题学习|三季度|次】。").inputs
    assert row.papers == ()


def _rule_kind(code):
    return Indicator.objects.filter(code=code).first().formula["ledger"]["kind"]


def _values(code):
    where = Indicator.objects.filter(code=code).first().formula["ledger"].get("where", {})
    return {"name": "第二季度学习会"} | {name: value[0] if isinstance(value, list) else value for name, value in where.items()}


def test_the_page_opens_files_and_ledger_for_who_may_and_no_other(client, world):
    month = reopened(world, 3)
    link = prove(world, cell_proved(month, SESSIONS), "三月.jpg")
    approved(month)
    report = quoting(world, "共【中心组专题学习|今年以来|次】。")
    row = BoundFigure.objects.get(report=report, block=report.blocks.filter(kind="paragraph").first())
    paper = f"/evidence/files/{link.file.public_id}/"
    for user in (world.clerk, world.head, world.reviewer, world.auditor):
        client.force_login(user)
        text = client.get(f"/reports/{report.pk}/figures/{row.pk}/").content.decode()
        assert paper in text
        assert "month=3" in text
        assert client.get(paper).status_code == 200
    stranger = make_user(Role.TOWNSHIP_CLERK, world.district.children.exclude(pk=world.town.pk).first())
    client.force_login(stranger)
    assert client.get(f"/reports/{report.pk}/figures/{row.pk}/").status_code == 404
    assert client.get(paper).status_code == 404


def test_a_village_figure_shows_its_own_cells_and_the_district_no_township(world):
    village, other = world.villages[:2]
    month = reopened(world, 3)
    prove(world, cell_proved(month, f"vol_service_hours@{village.code}"), "东村.jpg")
    prove(world, cell_proved(month, f"vol_service_hours@{other.code}"), "西村.jpg")
    approved(month)
    (row,) = traced(world, "共【志愿服务时长|今年以来|小时|东村】。").inputs
    assert ([paper.caption for paper in row.papers], row.shown) == (["东村.jpg"], "20.0小时")
    (row,) = traced(world, "共【志愿服务时长|今年以来|小时】。").inputs
    assert [paper.caption for paper in row.papers] == ["东村.jpg", "西村.jpg"]
    trace = traced(world, "全区共【中心组专题学习|今年以来|次|全区】。")
    (row,) = trace.inputs
    assert (row.shown, row.papers, trace.scope) == ("40次", (), "全区")
    assert {(month.return_pk, month.ledger, month.approved_by) for month in row.months} == {(None, "", "")}


def test_other_places_in_text_and_annex(world):
    report = quoting(world, "共【中心组专题学习|今年以来|次】。")
    other = report.blocks.filter(kind="paragraph")[1]
    services.save_block(by=world.clerk, block=other, text="又【中心组专题学习|1—10月|纯数】，首季【中心组专题学习|一季度|次】。",
                        base_version=other.version)  # fmt: skip
    uses = traced(world, "共【中心组专题学习|今年以来|次】。").uses
    here = [use for use in uses if use.anchor == f"b-{other.key}"]
    assert [(use.shown, use.is_same) for use in here] == [("20", True), ("6次", False)]
    (annex,) = [use for use in uses if use.kind == "annex"]
    assert annex.shown == "20"


def test_queries_do_not_grow_with_months_or_files(world):
    counts = []
    for months in ((3,), (1, 2, 3, 5, 6)):
        for number in months:
            month = reopened(world, number)
            prove(world, cell_proved(month, SESSIONS), f"{number}.jpg")
            approved(month)
        report = quoting(world, "共【中心组专题学习|今年以来|次】。")
        row = BoundFigure.objects.get(report=report, block=report.blocks.filter(kind="paragraph").first())
        page = load_report_page(report)
        with CaptureQueriesContext(connection) as caught:
            load_trace(page, row, world.clerk)
        counts.append(len(caught))
    assert counts[0] == counts[1]
    assert ledger_kind("highlight")
