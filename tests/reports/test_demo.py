"""The demo district is as real as what people leave behind: whole chains, true snapshots, no errors, every state."""

import hashlib
import stat
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import override_settings
from django.utils import timezone
from django.utils.translation import gettext

from accounts.choices import Role, UnitKind
from accounts.models import Unit, User
from metrics.cells import EMPTY
from metrics.checks import ERROR, return_findings
from metrics.grid_source import load_source
from metrics.ledger_sums import disagrees
from metrics.list_counts import moved_counts
from metrics.models import EvidenceLink, Figure, Indicator, MonthlyReturn, Target
from metrics.numbers import parse_number, round_half_up
from metrics.periods import Period
from metrics.queries import YearBook
from metrics.services import snapshot
from reports.assembly import assemble
from reports.checks import Level, run_checks
from reports.checks.manuscript import load_manuscript
from reports.demo.load import empty_demo
from reports.demo.plan import DISTRICT_CODE, content
from reports.document import ReportDocument
from reports.models import PlanTarget, Report, ReportVersion
from reports.queries import stale_figures
from tests.reports.digit_audit import untraced_digits
from workflow.choices import State, Subject
from workflow.models import Comment, Event, Round
from workflow.queries import chain_faults
from workflow.services import canonical_json

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
TODAY, LAST_YEAR = date(2026, 11, 23), 2025
# Winter training is told of as of its last month.
WRITTEN_FOR = {"ideology_winter_training_coverage_rate": Period(LAST_YEAR, 1, 3)}
COUNTED = ("accounts", "workflow", "metrics", "volunteers", "reports")


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo, loaded once for this file and rolled back; gives its data folder."""
    folder = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), override_settings(DATA_DIR=folder, EVIDENCE_DIR=folder / "evidence"), transaction.atomic():
        call_command("demo", today=TODAY, verbosity=0)
        yield folder
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def loaded(demo, db):
    """Every test sees the demo, and what it changes is rolled back to it."""


def township(login):
    return User.objects.select_related("unit__parent").get(login=f"{login}.clerk").unit


def row_counts():
    return {model._meta.label: model.objects.count() for name in COUNTED for model in apps.get_app_config(name).get_models()}


def test_a_second_run_changes_nothing_and_says_so(demo, capsys):
    before, accounts = row_counts(), (demo / "demo-accounts.tsv").read_bytes()
    call_command("demo", today=TODAY)
    said = capsys.readouterr().out
    assert said == gettext("The demo district is there already; nothing was changed. --reset loads it anew.") + "\n"
    assert row_counts() == before
    assert (demo / "demo-accounts.tsv").read_bytes() == accounts


def test_another_district_is_refused_untouched():
    Unit.objects.create(code="320000000000", name="真实区", kind="district", valid_from="2000-01-01")
    before = row_counts()
    for arguments in ({}, {"reset": True}):
        with pytest.raises(CommandError, match="真实区") as refusal:
            call_command("demo", **arguments)
        assert refusal.value.returncode == 2
    assert row_counts() == before


def test_emptying_leaves_no_row_and_history_protected():
    kept = ("metrics.Area", "metrics.Catalogue", "metrics.Indicator", "metrics.NamedList")
    catalogue = {label: count for label, count in row_counts().items() if label in kept}
    empty_demo()
    left = {label: count for label, count in row_counts().items() if count}
    assert left == catalogue
    unit = Unit.objects.create(code=DISTRICT_CODE, name="x", kind="district", valid_from="2000-01-01")
    Event.objects.create(unit=unit, chain_number=1, at="2026-01-01T00:00:00Z", subject_id=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.update(deed="changed")


def test_accounts_file_is_private_and_complete(demo):
    path = demo / "demo-accounts.tsv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    header, *rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    assert header == ["login", "password", "role", "unit"]
    assert {row[2] for row in rows} == set(Role.values)
    users = {user.login: user for user in User.objects.select_related("unit")}
    assert {row[0] for row in rows} == set(users)
    for login, password, role, unit in rows:
        assert users[login].check_password(password)
        assert (users[login].role, users[login].unit.name) == (role, unit)
        assert len(password) >= 14
        assert not set(password) & set("0oO1lIi")
        assert not users[login].must_change_password


def test_codes_are_of_no_real_division():
    assert all(unit.code.startswith("99") for unit in Unit.objects.all())
    assert Unit.objects.townships().count() == 12


def test_every_state_is_there_and_last_year_is_approved():
    last = MonthlyReturn.objects.filter(year=LAST_YEAR)
    assert last.count() == 12 * 12
    assert set(last.values_list("state", flat=True)) == {State.APPROVED}
    recent = Counter(MonthlyReturn.objects.filter(year=2026, month__in=(9, 10)).values_list("state", flat=True))
    assert set(recent) == set(State.values)
    assert set(MonthlyReturn.objects.filter(year=2026, month=11).values_list("state", flat=True)) == {State.DRAFT}


def test_every_chain_of_events_is_whole_and_in_order_of_time():
    codes = list(Unit.objects.filter(pk__in=Event.objects.values("unit")).values_list("code", flat=True))
    assert len(codes) == 13
    assert [fault for code in codes for fault in chain_faults(code)] == []
    for code in codes:
        moments = list(Event.objects.filter(unit__code=code).order_by("chain_number").values_list("at", flat=True))
        assert moments == sorted(moments)


def test_submitted_returns_hold_no_error_and_no_unexplained_query():
    books, wrong = {}, []
    rows = MonthlyReturn.objects.filter(revision__gt=0).select_related("unit").order_by("unit", "year", "month")
    for place, row in enumerate(rows):
        if place % 5 and row.state == State.APPROVED:
            continue
        key = (row.unit_id, row.year)
        books[key] = books.get(key) or YearBook.load(row.unit, row.year, approved_only=False)
        found = return_findings(row, books[key])
        wrong += [(str(row), finding) for finding in found if finding.level == ERROR or not finding.explained]
    assert wrong == []


def test_rounds_are_what_the_service_would_keep():
    rows = list(MonthlyReturn.objects.filter(revision__gt=0).select_related("unit"))
    for row in rows[::9]:
        kept = Round.objects.about(Subject.RETURN, row.pk).get(number=row.revision)
        taken = snapshot(row)
        if row.is_editable:
            taken.pop("evidence", None)  # files that were added after it had come back
        assert kept.snapshot == taken
        assert kept.sha256 == hashlib.sha256(canonical_json(taken).encode()).hexdigest()


def test_rounds_name_clerk_head_and_reviewer_in_order():
    approved = Round.objects.filter(subject_kind=Subject.RETURN, outcome="approve").select_related(
        "submitted_by", "signed_off_by", "decided_by"
    )
    assert approved.count() >= 200
    for row in approved:
        roles = (row.submitted_by.role, row.signed_off_by.role, row.decided_by.role)
        assert roles == (Role.TOWNSHIP_CLERK, Role.TOWNSHIP_HEAD, Role.DISTRICT_REVIEWER)
        assert row.submitted_at < row.signed_off_at < row.decided_at


def test_corrected_returns_keep_the_wrong_figure_in_the_first_round():
    row = MonthlyReturn.objects.get(unit=township("longquan"), year=2026, month=3)
    first, second = Round.objects.about(Subject.RETURN, row.pk).order_by("number")
    assert (first.outcome, second.outcome) == ("approve", "approve")
    changed = [cell for cell, kept in first.snapshot["cells"].items() if kept != second.snapshot["cells"][cell]]
    assert len(changed) == 1
    assert Event.objects.filter(subject_id=row.pk, subject_kind=Subject.RETURN, deed="reopen").exclude(reason="").exists()
    figure = Figure.objects.get(monthly_return=row, indicator__code=changed[0])
    assert figure.version == 2


def test_a_returned_return_has_comments_and_an_answer():
    row = MonthlyReturn.objects.get(unit=township("qingyun"), year=2026, month=10)
    threads = Comment.objects.about(Subject.RETURN, row.pk).filter(parent__isnull=True)
    assert row.state == State.RETURNED
    assert threads.count() == 3
    assert threads.filter(answers__isnull=False).count() == 1
    assert all(comment.created_at < row.due_at.replace(month=12) for comment in threads)


def test_an_unreadable_cell_is_what_the_reader_makes_of_it():
    figure = Figure.objects.select_related("indicator").get(kind="text")
    assert parse_number(figure.raw, measure=figure.indicator.measure).kind == "text"


def test_the_described_township_comes_to_the_written_totals():
    book = YearBook.load(township("qingyun"), LAST_YEAR, approved_only=True)
    whole = Period(LAST_YEAR, 1, 12)
    wanted, found = content("figures")["township"]["total"], {}
    for code, value in wanted.items():
        total = book.total(code, WRITTEN_FOR.get(code, whole)).value
        places = max(-Decimal(str(value)).as_tuple().exponent, 0)
        found[code] = float(round_half_up(total, places))
    assert found == {code: float(value) for code, value in wanted.items()}


def test_rank_and_lagging_villages_of_the_described_township():
    book, figures = YearBook.load(township("qingyun"), LAST_YEAR, approved_only=True), content("figures")["township"]
    as_of = Period(LAST_YEAR, 1, 12, as_of=True)
    assert book.total("xuexi_activity_rank", as_of).value == figures["activity_rank"]
    shares = {unit.name: total.value for unit, total in book.village_totals("vol_share_of_population", as_of).items()}
    assert {name for name, share in shares.items() if share < 6} == set(figures["lagging_villages"])


def test_townships_differ():
    as_of = Period(LAST_YEAR, 1, 12, as_of=True)
    falling = YearBook.load(township("baisha"), LAST_YEAR).total
    assert falling("civ_civilization_index", as_of).value < falling("civ_civilization_index", as_of.previous_year()).value
    shares = YearBook.load(township("longquan"), LAST_YEAR).village_totals("vol_share_of_population", as_of)
    assert min(total.value for total in shares.values()) >= 6


def test_merged_village_follows_its_predecessors():
    first, second = Unit.objects.filter(successor__isnull=False)
    assert first.successor == second.successor
    assert first.valid_to < first.successor.valid_from
    book, code = YearBook.load(first.parent, LAST_YEAR), "vol_qualified_person_count"
    months = [book.total(code, Period(LAST_YEAR, month, month)).value for month in (6, 7)]
    assert months[0] <= months[1] < months[0] * 2


def test_finished_report_is_frozen_and_shows_everything():
    report = Report.objects.get(unit=township("qingyun"), year=LAST_YEAR)
    assert report.state == State.APPROVED
    silent = set(report.bound_figures.exclude(status="ok").values_list("token", "status"))
    no_plan_before = ("【年度目标|今年以来|完成情况】", "empty")
    assert silent == {("【新增其他服务队|今年以来|支】", "zero"), no_plan_before}
    version = ReportVersion.objects.get(report=report)
    for words in ("11次", "覆盖率达100%", "第3位", "居全区前列", "有效提升", "东墩村、锦绣社区", "1200余本", "十余次"):
        assert words in plain_text(version)


def test_no_report_holds_a_digit_of_no_known_origin():
    """But for the one that a clerk has just typed, which the check before submitting names."""
    documents = [ReportDocument.from_json(row.document) for row in ReportVersion.objects.all()]
    drafts = list(Report.objects.select_related("unit__parent"))
    assert {document.report_year for document in documents} == {LAST_YEAR}
    assert [fault for document in documents for fault in untraced_digits(document)] == []
    for report in drafts:
        findings = run_checks(load_manuscript(report))
        typed = {row.block_key for row in findings if row.check.startswith("typed_")}
        assert not any(row.must_confirm for row in findings)
        loose = {fault.partition(":")[0].partition("~")[0] for fault in untraced_digits(assemble(report).document)}
        assert loose == typed
    assert {report.year for report in drafts} == {LAST_YEAR, LAST_YEAR + 1}


def plain_text(version):
    from reports.document import ReportDocument

    document = ReportDocument.from_json(version.document)
    return "".join(getattr(run, "shown", "") or getattr(run, "text", "") for block in document.blocks for run in block.runs)


def test_the_other_report_has_numbers_that_moved():
    from reports.assembly import load_binder

    report = Report.objects.get(unit=township("shibu"), year=LAST_YEAR)
    assert report.state == State.DRAFT
    moved = [row for row in stale_figures(report, load_binder(report)) if row.old != row.new]
    assert moved


def test_ledgers_come_to_the_figures_but_where_the_story_says_otherwise():
    unit = township("qingyun")
    counted, differing = 0, {}
    for row in MonthlyReturn.objects.filter(unit=unit, year=2026).order_by("month"):
        source = load_source(row)
        counted += len(source.ledger)
        for cell, value in source.ledger.items():
            stored = source.cells.get(cell, EMPTY)
            if not stored.is_blank and disagrees(stored.kind, stored.value, value):
                differing[row.month, cell] = bool(stored.explanation)
    assert counted > 600
    assert {month for month, _cell in differing if month != 11} == {10}
    assert [cell for month, cell in differing if month == 11] == ["ideology_outreach_session_count"]
    slips = {
        comment.anchor for comment in Comment.objects.filter(unit=unit, kind="must_fix", round_number=1, created_at__month=11)
    }
    assert {cell for month, cell in differing if month == 10} <= slips
    assert {month: explained for (month, _cell), explained in differing.items()} == {10: True, 11: False}


def test_named_courses_that_differ_from_the_sessions_are_explained():
    figures = Figure.objects.filter(indicator__code="team_training_session_count", explanation__gt="")
    assert {(row.monthly_return.year, row.monthly_return.month) for row in figures} >= {(LAST_YEAR, 4), (LAST_YEAR, 9)}


def test_no_catalogue_indicator_is_forgotten():
    typed = set(Indicator.objects.filter(source__in=("entered", "list")).values_list("code", flat=True))
    row = MonthlyReturn.objects.get(unit=township("qingyun"), year=LAST_YEAR, month=12)
    assert set(Figure.objects.filter(monthly_return=row).values_list("indicator__code", flat=True)) == typed


def test_every_township_has_targets_of_this_year_alone(demo):
    targets = Target.objects.all()
    assert {row.year for row in targets} == {TODAY.year}
    assert {row.unit for row in targets} == set(Unit.objects.townships())
    assert all(row.value <= 100 for row in targets if row.code == "xuexi_coverage_rate")
    assert Event.objects.filter(deed="set_targets").count() == 1


def test_the_months_of_every_counted_indicator_make_its_year():
    counted = {"sum", "count"}
    looked_at, found = set(), Counter()
    for unit in Unit.objects.townships():
        for year in (LAST_YEAR, LAST_YEAR + 1):
            book = YearBook.load(unit, year, approved_only=False)
            for code, row in book.indicators.items():
                if row.aggregation not in counted:
                    continue
                months = [book.total(code, Period(year, month, month)).value or 0 for month in range(1, 13)]
                whole = book.total(code, Period(year, 1, 12)).value or 0
                assert sum(months) == whole, (unit.name, year, code)
                looked_at.add(row.source)
                found[row.source] += whole
    assert looked_at == {"entered", "derived", "list"}
    assert found["list"] > 100


def test_every_submitted_return_keeps_what_its_lists_count():
    for unit in Unit.objects.townships():
        book = YearBook.load(unit, LAST_YEAR)
        assert moved_counts(book, range(1, 13)) == []
        for month in {month for year, month in book.returns if year == LAST_YEAR}:
            assert ("apip_campaign_count", LAST_YEAR, month, unit.pk) in book.cells


def test_some_figures_and_entries_have_files_that_passed_the_gate(demo):
    from reports.demo.evidence import photo, scan

    links = EvidenceLink.objects.select_related("file", "monthly_return")
    assert {bool(link.monthly_return) for link in links} == {True, False}
    assert {link.file.media_type for link in links} == {"image/jpeg", "application/pdf"}
    assert 5 <= links.count() <= 8
    assert all(link.monthly_return.is_editable for link in links if link.monthly_return)
    assert all(link.caption and (demo / "evidence" / link.file.stored_as).stat().st_size == link.file.size for link in links)
    assert Event.objects.filter(deed="add_evidence").count() == links.count()
    assert (photo(1), scan(2)) == (photo(1), scan(2))
    assert photo(1) != photo(2)


@pytest.mark.pdf
def test_finished_report_says_the_same_in_every_format():
    from reports.document import ReportDocument
    from reports.render import files
    from reports.render.plain_text import clean_text
    from tests.reports.office_reading import book_texts, json_words, sources_of, squeezed, word_text
    from tests.reports.pdf_reading import text_without_charts

    document = ReportDocument.from_json(ReportVersion.objects.get(report__unit=township("qingyun")).document)
    made = {name: files.render(document, name).data for name in files.FORMATS}
    texts = [squeezed(clean_text(block.text)) for block in document.blocks if block.runs]
    printed, archived = (text_without_charts(made[name]) for name in ("pdf", "pdfa"))
    typed, book = word_text(made["docx"]), book_texts(made["xlsx"])
    assert printed == archived
    assert json_words(made["json"]) == texts
    for text in texts:
        assert text in printed
        assert text in typed
        assert text in book
    numbers = [run.text for block in document.blocks for run in block.figures]
    assert len(numbers) > 80
    assert [row["所示"] for row in sources_of(made["xlsx"])] == numbers


def test_the_finished_reports_plan_is_this_years_targets(demo):
    unit, planned = township("qingyun"), [row for row in content("measures")["items"] if "code" in row]
    targets = {row.code: float(row.value) for row in Target.objects.filter(unit=unit)}
    assert {row["code"]: float(row["amount"]) for row in planned}.items() <= targets.items()
    assert set(PlanTarget.objects.values_list("code", flat=True)) == {row["code"] for row in planned}
    assert Event.objects.filter(deed="adopt_targets", unit=unit).count() == 1
    quoted = Report.objects.get(unit=unit, year=LAST_YEAR).bound_figures.get(token="【中心组专题学习|计划|次】")
    assert quoted.shown == "12次"


def test_this_years_draft_opens_with_what_became_of_it(demo):
    from reports.report_page import load_report_page

    report = Report.objects.filter(unit=township("qingyun"), year=TODAY.year).select_related("unit__parent").first()
    if report is None:
        assert timezone.localdate() < date(TODAY.year, 11, 1), "a year's report is started from November on"
        return
    page = load_report_page(report)
    assert page.problems == ()
    assert page.stale == []
    assert "年初确定的8项目标任务，完成3项、推进5项。" in "".join(block.text for block in page.document.blocks)
    assert any("目标任务完成情况" in annex.title for annex in page.document.annexes)


@pytest.mark.parametrize("login", ["qingyun", "district"])
def test_an_approved_report_would_be_stopped_by_no_check(login):
    unit = township(login) if login == "qingyun" else Unit.objects.districts().get()
    found = run_checks(load_manuscript(Report.objects.get(unit=unit, year=LAST_YEAR)))
    assert [row for row in found if row.level == Level.BLOCKING] == []
    assert {row.check for row in found} <= {"missing_evidence"}


def test_the_districts_own_report_is_one_persons_and_approved_by_another():
    report = Report.objects.get(unit__kind=UnitKind.DISTRICT)
    assert (report.year, report.state) == (LAST_YEAR, State.APPROVED)
    assert (report.submitted_by.role, report.approved_by.role) == (Role.DISTRICT_REVIEWER, Role.DISTRICT_ADMIN)
    assert "missing" not in set(report.bound_figures.values_list("status", flat=True))
    version = ReportVersion.objects.get(report=report)
    assert all(name in version.document for name in ("青云镇", "城关街道"))
