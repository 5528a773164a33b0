"""The history: append-only on both engines, and every tampering is noticed."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from tests.factories import make_district, make_return, make_township, make_user
from workflow import triggers
from workflow.choices import Subject
from workflow.models import Event, EventChain, Round
from workflow.queries import chain_faults
from workflow.services import open_round, record_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return make_township(make_district())


@pytest.fixture
def chain(unit):
    user = make_user("township_clerk", unit)
    return [
        record_event(by=user, unit=unit, subject_kind=Subject.RETURN, subject_id=1, deed="save", changes=[{"new": str(n)}])
        for n in range(5)
    ]


def test_a_chain_is_whole_and_knows_who(unit, chain):
    assert chain_faults(unit.code) == []
    assert [event.chain_number for event in chain] == [1, 2, 3, 4, 5]
    assert chain[1].previous_hash == chain[0].hash
    assert (bool(chain[0].actor_login), chain[0].actor_role) == (True, "township_clerk")


def test_each_unit_has_a_chain_of_its_own(unit, chain):
    other = make_township(unit.parent)
    event = record_event(by=None, unit=other, subject_kind=Subject.RETURN, subject_id=2, deed="open")
    assert (event.chain_number, event.previous_hash, event.actor_login) == (1, "", "system")


@pytest.mark.parametrize("deed", ["update", "delete"])
def test_the_database_refuses_changes(chain, deed):
    rows = Event.objects.filter(pk=chain[2].pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(reason="x") if deed == "update" else rows.delete()
    assert Event.objects.count() >= 5


def lift_triggers():
    triggers.remove(connection, ("workflow_event",))


TAMPERINGS = {
    "edit a reason": lambda rows: rows.filter(chain_number=3).update(reason="forged"),
    "edit changes": lambda rows: rows.filter(chain_number=3).update(changes=[{"new": "9"}]),
    "edit who": lambda rows: rows.filter(chain_number=1).update(actor_name="x"),
    "take one out": lambda rows: rows.filter(chain_number=2).delete(),
    "cut the tail": lambda rows: rows.filter(chain_number=5).delete(),
    "swap two": lambda rows: (
        rows.filter(chain_number=2).update(chain_number=99),
        rows.filter(chain_number=3).update(chain_number=2),
        rows.filter(chain_number=99).update(chain_number=3),
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_past_the_triggers_is_noticed(unit, chain, name):
    lift_triggers()
    TAMPERINGS[name](Event.objects.filter(unit=unit))
    assert chain_faults(unit.code)


def test_emptying_the_whole_chain_is_noticed(unit, chain):
    lift_triggers()
    Event.objects.filter(unit=unit).delete()
    assert EventChain.objects.get(unit_code=unit.code).length == 5
    assert chain_faults(unit.code)


def test_an_event_moved_to_another_unit_is_noticed(unit, chain):
    lift_triggers()
    other = make_township(unit.parent)
    Event.objects.filter(unit=unit).update(unit=other)
    EventChain.objects.filter(unit_code=unit.code).update(unit_code=other.code)
    assert chain_faults(other.code)


def test_a_head_that_is_gone_is_noticed_while_anything_is_left_of_the_unit(unit, chain):
    EventChain.objects.all().delete()
    assert [fault.fault for fault in chain_faults(unit.code)] == ["no head"]
    lift_triggers()
    Event.objects.all().delete()
    assert chain_faults(unit.code) == []
    make_return(unit)
    assert [fault.fault for fault in chain_faults(unit.code)] == ["no head"]


@pytest.fixture
def submission(unit):
    subject = make_return(unit)
    return open_round(by=make_user("township_clerk", unit), subject_kind=Subject.RETURN, subject=subject, snapshot={"cells": {}})


@pytest.mark.parametrize("change", [{"snapshot": {"cells": {"x": 1}}}, {"sha256": "0"}, {"number": 7}, {"submitted_by": None}])
def test_a_submission_stays_as_it_was(unit, submission, change):
    if "submitted_by" in change:
        change = {"submitted_by": make_user("township_head", unit)}
    with pytest.raises(DatabaseError, match="workflow_round is"), transaction.atomic():
        Round.objects.filter(pk=submission.pk).update(**change)
    assert Round.objects.filter(pk=submission.pk).update(outcome="approve", reason="x") == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
@pytest.mark.parametrize("table", [*triggers.TABLES, "accounts_unit"])
def test_no_table_of_the_history_is_emptied_by_truncate(chain, table):
    """Units are not guarded themselves: the cascade from them reaches the history."""
    connection.check_constraints()  # else PostgreSQL refuses for another reason: rows of this transaction are still to be checked
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")
    assert Event.objects.count() >= 5


def test_triggers_can_be_lifted_and_put_back(submission):
    triggers.remove(connection)
    assert Round.objects.update(number=3) == 1
    triggers.install(connection)
    with pytest.raises(DatabaseError), transaction.atomic():
        Round.objects.update(number=4)


def test_the_command_tells_a_whole_history_from_a_broken_one(unit, chain, capsys):
    call_command("verify_history")
    assert capsys.readouterr().out.split() in (["1", "chains,", "5", "events,", "whole"], ["1", "条链，共", "5", "条事件，完整"])
    lift_triggers()
    Event.objects.filter(unit=unit, chain_number=3).update(reason="forged")
    Event.objects.filter(unit=unit, chain_number=5).delete()
    with pytest.raises(SystemExit) as stop:
        call_command("verify_history")
    lines = capsys.readouterr().out.splitlines()
    assert (stop.value.code, len(lines)) == (1, 2)
    assert all(unit.code in line for line in lines)
