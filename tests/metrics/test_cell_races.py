"""Two at the same moment: savers of one cell, a change sent several times at once, an edit against a deed or a ledger entry.

Run on both engines; the repeated races are for PostgreSQL, where writers truly run side by side (SQLite lets one in at a time).
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from accounts.choices import Role
from metrics import services
from metrics.ledgers import ledger_kind
from metrics.models import CellOperation, Figure, StudySession
from metrics.services import CellInput, save_figures
from tests.factories import make_district, make_district_year, make_figure, make_indicator, make_return, make_township, make_user
from workflow.choices import State
from workflow.models import Event, Round
from workflow.queries import chain_faults
from workflow.transitions import Refused

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROUNDS = 50 if connection.vendor == "postgresql" else 5
RULE = {"kind": "study", "measure": "count"}


@pytest.fixture
def township(transactional_db):
    district = make_district()
    make_district_year(district, 2026)
    return make_township(district)


def in_threads(count, work, jobs):
    """Run work(job) for all jobs on `count` threads, each with a connection of its own; returns the results in order."""

    def run(job):
        try:
            return work(job)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, jobs))


def at_once(*deeds):
    """Start the deeds at the same moment; returns what each returned, or the refusal it raised."""
    gate = Barrier(len(deeds))

    def run(deed):
        gate.wait(10)
        try:
            return deed()
        except Refused as refusal:
            return refusal

    return in_threads(len(deeds), run, deeds)


def save(by, monthly_return, raw, base, op_id="", code="visits"):
    return save_figures(by=by, monthly_return=monthly_return, inputs=[CellInput(code, raw, base, op_id=op_id)])[0]


def test_of_320_saves_of_one_cell_by_eight_people_none_is_lost_unseen(township):
    make_indicator(code="visits")
    monthly_return = make_return(township)
    people = [make_user(Role.TOWNSHIP_CLERK, township) for _person in range(8)]

    def forty_saves(number):
        seen, counts = 0, {"saved": 0, "conflict": 0}
        for turn in range(40):
            result = save(people[number], monthly_return, str(1000 * number + turn), seen)
            counts[result.status] += 1
            seen = result.version if result.status == "saved" else result.other["version"]
        return counts

    told = in_threads(8, forty_saves, range(8))
    saved, clashes = (sum(counts[status] for counts in told) for status in ("saved", "conflict"))
    figure = Figure.objects.get()
    assert saved + clashes == 320
    assert figure.version == saved
    assert Event.objects.filter(deed="save").count() == saved
    assert clashes > 0
    assert not list(chain_faults(township.code))


def test_forty_changes_sent_four_times_at_once_are_carried_out_once(township):
    codes = [make_indicator(code=f"cell_{number}").code for number in range(40)]
    monthly_return, clerk = make_return(township), make_user(Role.TOWNSHIP_CLERK, township)

    def send(number):
        return save(clerk, monthly_return, str(number), 0, f"op-number-{number}", codes[number])

    results = in_threads(8, send, [number for number in range(40) for _copy in range(4)])
    assert {(result.status, result.version) for result in results} == {("saved", 1)}
    assert list(Figure.objects.values_list("version", flat=True)) == [1] * 40
    assert CellOperation.objects.count() == Event.objects.filter(deed="save").count() == 40


@pytest.fixture
def people(township):
    return make_user(Role.TOWNSHIP_CLERK, township), make_user(Role.DISTRICT_REVIEWER, township.parent)


def returns_of(township, state, **values):
    """One return a race, over as many months and years as there are races, each with a figure of 5 in `visits`."""
    indicator = make_indicator(code="visits", valid_from=1900)
    for number in range(ROUNDS):
        year = 2026 - number // 12
        if number % 12 == 0 and year != 2026:
            make_district_year(township.parent, year)
        row = make_return(township, year, number % 12 + 1, state=state, **values)
        make_figure(row, indicator, 5)
        yield row


def test_edit_against_submit(township, people):
    clerk, _reviewer = people
    for row in returns_of(township, State.DRAFT):
        edit, moved = at_once(
            lambda row=row: save(clerk, row, "6", 1),
            lambda row=row: services.submit_return(by=clerk, monthly_return=row),
        )
        was_saved = not isinstance(edit, Refused)
        stored = Figure.objects.get(monthly_return=row)
        assert moved.state in (State.SUBMITTED, State.AWAITING_SIGNOFF)
        assert stored.raw == ("6" if was_saved else "5")
        assert Round.objects.get(subject_id=row.pk).snapshot["cells"]["visits"]["raw"] == stored.raw


def test_edit_against_approve(township, people):
    clerk, reviewer = people
    for row in returns_of(township, State.IN_REVIEW, submitted_by=clerk):
        edit, moved = at_once(
            lambda row=row: save(clerk, row, "6", 1),
            lambda row=row: services.approve_return(by=reviewer, monthly_return=row),
        )
        assert isinstance(edit, Refused)
        assert (moved.state, Figure.objects.get(monthly_return=row).raw) == (State.APPROVED, "5")


def test_edit_against_send_back(township, people):
    clerk, reviewer = people
    for row in returns_of(township, State.IN_REVIEW, submitted_by=clerk):
        edit, moved = at_once(
            lambda row=row: save(clerk, row, "6", 1),
            lambda row=row: services.send_back_return(by=reviewer, monthly_return=row, reason="请核对"),
        )
        assert moved.state == State.RETURNED
        stored = Figure.objects.get(monthly_return=row)
        assert (stored.raw, stored.version) == (("5", 1) if isinstance(edit, Refused) else ("6", 2))


def ledger_race(township, clerk, deed):
    """An edit to 7 against a ledger's change to `deed`'s count; returns nothing, asserts that neither is lost silently."""
    make_indicator(code="visits", formula={"ledger": RULE}, valid_from=1900)
    kind = ledger_kind("study")
    for number in range(ROUNDS):
        year, month = 2026 - number // 12, number % 12 + 1
        row = make_return(township, year, month)
        entry = StudySession(unit=township, date=date(year, month, 3), name="专题学习")
        services.save_entry(by=clerk, kind=kind, entry=entry)
        edit, _done = at_once(lambda row=row: save(clerk, row, "7", 1), lambda entry=entry: deed(kind, entry))
        stored = Figure.objects.get(monthly_return=row)
        if edit.status == "saved":
            assert (stored.raw, stored.version) == ("7", 2)
        else:
            assert (edit.status, edit.other["raw"], stored.version) == ("conflict", stored.raw, 2)
            assert stored.raw != "7"
    assert not list(chain_faults(township.code))


def test_edit_against_a_ledger_entry_added(township, people):
    clerk, _reviewer = people

    def add(kind, entry):
        another = StudySession(unit=entry.unit, date=entry.date, name="读书班")
        services.save_entry(by=clerk, kind=kind, entry=another)

    ledger_race(township, clerk, add)


def test_edit_against_a_ledger_entry_removed(township, people):
    clerk, _reviewer = people
    ledger_race(township, clerk, lambda kind, entry: services.remove_entry(by=clerk, kind=kind, entry=entry))
