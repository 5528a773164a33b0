"""Imports confirmed and taken back by two people at the same moment: written once, gone once. On both engines, with threads."""

from datetime import date

import pytest
from django.db import connection

from metrics import services
from metrics.choices import ImportState
from metrics.ledgers import ledger_kind
from metrics.models import Figure, StudySession
from tests.factories import make_district, make_district_year, make_return, make_township, make_user
from tests.metrics.test_cell_races import at_once
from workflow.models import Event
from workflow.queries import chain_faults
from workflow.transitions import Refused

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROUNDS = 12 if connection.vendor == "postgresql" else 3
COUNT, BOOKS = "ideology_study_session_count", "ideology_study_book_count"


@pytest.fixture
def pair(settings, tmp_path):
    """Two clerks of one township with an open return."""
    settings.IMPORTS_DIR = tmp_path
    services.sync_catalogue()
    district = make_district()
    make_district_year(district)
    town = make_township(district)
    make_return(town)
    return make_user("township_clerk", town), make_user("township_clerk", town)


def previewed(clerk, turn):
    """Return the preview of three new sessions, other ones in each turn."""
    rows = "\n".join(f"2026-10-0{day},第{turn}轮第{day}次,中心组专题学习" for day in (1, 2, 3))
    data = f"日期,名称,类别\n{rows}".encode()
    batch = services.start_import(by=clerk, unit=clerk.unit, kind=ledger_kind("study"), file_name=f"{turn}.csv", data=data)
    return services.match_columns(by=clerk, batch=batch, columns=batch.columns)


def confirm(by, batch):
    return services.confirm_import(by=by, batch=batch, base_version=batch.version)


def undo(by, batch):
    return services.undo_import(by=by, batch=batch)


def check_sums(clerk):
    """The open return says what the ledger holds, and no event stands beside the chain."""
    number = StudySession.objects.filter(date__range=(date(2026, 10, 1), date(2026, 10, 31))).count()
    assert (Figure.objects.get(indicator__code=COUNT).value or 0) == number
    assert not list(chain_faults(clerk.unit.code))


def test_one_preview_confirmed_by_two_is_imported_once(pair):
    for turn in range(ROUNDS):
        batch = previewed(pair[0], turn)
        done = at_once(*(lambda by=by, batch=batch: confirm(by, batch) for by in pair))
        assert [row.state for row in done] == [ImportState.IMPORTED] * 2
        assert StudySession.objects.count() == 3 * (turn + 1)
        assert Event.objects.filter(deed="import_entries").count() == turn + 1
    check_sums(pair[0])


def test_the_same_file_sent_by_two_is_imported_once_and_the_other_sees_why(pair):
    for turn in range(ROUNDS):
        batches = [previewed(by, turn) for by in pair]
        done = at_once(*(lambda by=by, batch=batch: confirm(by, batch) for by, batch in zip(pair, batches, strict=True)))
        assert sum(isinstance(answer, Refused) for answer in done) == 1
        assert StudySession.objects.count() == 3 * (turn + 1)
        for batch in batches:
            batch.refresh_from_db()
        assert {batch.state for batch in batches} == {ImportState.IMPORTED, ImportState.PREVIEW}
        assert next(batch.counts["duplicate"] for batch in batches if batch.state == ImportState.PREVIEW) == 3
    check_sums(pair[0])


def test_an_import_taken_back_by_two_is_taken_back_once(pair):
    for turn in range(ROUNDS):
        batch = confirm(pair[0], previewed(pair[0], turn))
        done = at_once(*(lambda by=by, batch=batch: undo(by, batch) for by in pair))
        assert [row.state for row in done] == [ImportState.UNDONE] * 2
        assert not StudySession.objects.exists()
        assert Event.objects.filter(deed="undo_import").count() == turn + 1
    check_sums(pair[0])


def test_confirming_against_taking_back_ends_in_one_of_the_two(pair):
    for turn in range(ROUNDS):
        batch = previewed(pair[0], turn)
        at_once(lambda batch=batch: confirm(pair[0], batch), lambda batch=batch: undo(pair[1], batch))
        batch.refresh_from_db()
        assert batch.state in (ImportState.IMPORTED, ImportState.UNDONE)
        rows = StudySession.objects.filter(batch=batch).count()
        assert rows == (3 if batch.state == ImportState.IMPORTED else 0)
    check_sums(pair[0])


def test_a_months_file_confirmed_and_taken_back_by_two_writes_each_cell_once(pair):
    monthly_return = make_return(pair[0].unit, month=9)
    version = 0
    for turn in range(ROUNDS):
        data = f"指标代码,指标,本月\n{BOOKS},购发学习书籍,{turn + 1}".encode()
        batch = services.start_return_import(by=pair[0], monthly_return=monthly_return, file_name="a.csv", data=data)
        done = at_once(*(lambda by=by, batch=batch: confirm(by, batch) for by in pair))
        assert [row.state for row in done] == [ImportState.IMPORTED] * 2
        figure = Figure.objects.get(indicator__code=BOOKS, monthly_return=monthly_return)
        assert (figure.value, figure.version) == (turn + 1, version + 1)
        done = at_once(*(lambda by=by, batch=batch: undo(by, batch) for by in pair))
        figure.refresh_from_db()
        assert [row.state for row in done] == [ImportState.UNDONE] * 2
        assert (figure.value, figure.version) == (None, version + 2)
        version += 2
    assert not list(chain_faults(pair[0].unit.code))
