"""The transition tables: every state x deed x role, four eyes, reasons; and the generated page."""

from itertools import product
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied

from accounts.choices import Role, UnitKind
from metrics.transitions import RETURN_TABLE
from reports.management.commands.states import PAGE, page_text
from reports.transitions import DISTRICT_REPORT_TABLE, REPORT_TABLE, table_of
from workflow.choices import State
from workflow.transitions import Refused, check_has_reason

# Written by hand from the issue, not from the tables: (deed, state, role) -> next state.
SHARED = {
    ("sign_off", "awaiting_signoff", "township_head"): "submitted",
    ("head_send_back", "awaiting_signoff", "township_head"): "returned",
    ("withdraw", "awaiting_signoff", "township_clerk"): "draft",
    ("withdraw", "awaiting_signoff", "township_head"): "draft",
    ("withdraw", "submitted", "township_clerk"): "draft",
    ("withdraw", "submitted", "township_head"): "draft",
    ("start_review", "submitted", "district_reviewer"): "in_review",
    ("send_back", "in_review", "district_reviewer"): "returned",
    ("approve", "in_review", "district_reviewer"): "approved",
    ("reopen", "approved", "district_reviewer"): "returned",
    ("reopen", "approved", "district_admin"): "returned",
}
EXPECTED = {
    "return": SHARED
    | {("submit", "draft", "township_clerk"): "awaiting_signoff", ("submit", "returned", "township_clerk"): "awaiting_signoff"},
    "report": SHARED
    | {
        ("submit", state, role): "awaiting_signoff"
        for state in ("draft", "returned")
        for role in ("township_clerk", "township_head")
    },
}
DEPARTMENT = ("district_reviewer", "district_admin")
EXPECTED["district report"] = {
    (deed, state, role): target
    for deed, state, target in (
        ("submit", "draft", "submitted"),
        ("submit", "returned", "submitted"),
        ("send_back", "submitted", "returned"),
        ("approve", "submitted", "approved"),
        ("reopen", "approved", "returned"),
    )
    for role in DEPARTMENT
}
TABLES = {"return": RETURN_TABLE, "report": REPORT_TABLE, "district report": DISTRICT_REPORT_TABLE}
OF_TOWNSHIPS = ("return", "report")


def subject_in(state, table=None):
    unit = SimpleNamespace(pk=10, parent_id=1, kind=UnitKind.TOWN)
    if table is DISTRICT_REPORT_TABLE:
        unit = SimpleNamespace(pk=1, parent_id=None, kind=UnitKind.DISTRICT)
    return SimpleNamespace(state=state, unit=unit, get_state_display=lambda: str(State(state).label))


def person(role, pk=7, unit=None):
    home = {Role.VILLAGE_CLERK: 100}.get(role, 1 if role.startswith("district") or role == Role.AUDITOR else 10)
    return SimpleNamespace(pk=pk, role=role, unit_id=unit or home)


def outcome(table, deed, state, role):
    try:
        return table.check(deed, subject_in(state, table), person(role)).target
    except (Refused, PermissionDenied):
        return None


@pytest.mark.parametrize("name", TABLES)
def test_every_state_deed_and_role(name):
    table, seen = TABLES[name], {}
    for deed in table.deeds:
        for state in State.values:
            for role in Role.values:
                if target := outcome(table, deed, state, role):
                    seen[deed, state, role] = str(target)
    assert seen == EXPECTED[name]


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("role", [Role.TOWNSHIP_CLERK, Role.TOWNSHIP_HEAD, Role.DISTRICT_REVIEWER])
def test_nobody_acts_for_another_unit(name, role):
    for deed in TABLES[name].deeds:
        for state, submitters in product(State.values, ([], [7])):
            with pytest.raises(PermissionDenied):
                TABLES[name].check(deed, subject_in(state, TABLES[name]), person(role, unit=99), submitter_ids=submitters)


def test_the_district_has_a_table_of_its_own():
    assert table_of(SimpleNamespace(is_district=True)) is DISTRICT_REPORT_TABLE
    assert table_of(SimpleNamespace(is_district=False)) is REPORT_TABLE


@pytest.mark.parametrize("role", DEPARTMENT)
@pytest.mark.parametrize(("deed", "by_submitter", "by_another"), [
    ("approve", None, "approved"), ("send_back", None, "returned"), ("withdraw", "draft", None),
])  # fmt: skip
def test_who_submitted_the_districts_report_withdraws_it_another_decides(role, deed, by_submitter, by_another):
    for submitter, expected in ((7, by_submitter), (8, by_another)):
        subject = subject_in("submitted", DISTRICT_REPORT_TABLE)
        if expected is None:
            with pytest.raises(PermissionDenied):
                DISTRICT_REPORT_TABLE.check(deed, subject, person(role, pk=7), submitter_ids=[submitter])
        else:
            row = DISTRICT_REPORT_TABLE.check(deed, subject, person(role, pk=7), submitter_ids=[submitter])
            assert row.target == expected


def test_a_townships_people_do_nothing_with_the_districts_report():
    subject = subject_in("submitted", DISTRICT_REPORT_TABLE)
    for role in (Role.TOWNSHIP_CLERK, Role.TOWNSHIP_HEAD, Role.VILLAGE_CLERK, Role.AUDITOR):
        for deed, submitters in product(DISTRICT_REPORT_TABLE.deeds, ([], [7])):
            with pytest.raises(PermissionDenied):
                DISTRICT_REPORT_TABLE.check(deed, subject, person(role), submitter_ids=submitters)


@pytest.mark.parametrize("name", OF_TOWNSHIPS)
def test_who_submitted_may_not_approve_or_sign_off(name):
    for deed, state, role in (
        ("approve", "in_review", Role.DISTRICT_REVIEWER),
        ("sign_off", "awaiting_signoff", Role.TOWNSHIP_HEAD),
    ):
        with pytest.raises(PermissionDenied):
            TABLES[name].check(deed, subject_in(state), person(role, pk=7), submitter_ids=[7])
        assert TABLES[name].check(deed, subject_in(state), person(role, pk=7), submitter_ids=[8])


@pytest.mark.parametrize("deed", ["send_back", "head_send_back", "reopen"])
@pytest.mark.parametrize("words", ["", "  ", "\n\t"])
def test_sending_back_needs_words(deed, words):
    with pytest.raises(Refused):
        check_has_reason(RETURN_TABLE[deed], words)
    check_has_reason(RETURN_TABLE[deed], "核对第3项")


def test_the_page_of_states_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page_text(), "run manage.py states"
