"""The order of plan items: two of one paragraph change places, with an Event, taken back in one step, the annex numbered anew."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from reports import services
from reports.assembly import assemble
from reports.models import PlanItem, Report
from reports.plan_items import PlanInput
from reports.undoing import newest_undoable
from tests.reports.world import lasting
from workflow.models import Event
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
FIRST, SECOND, THIRD, ELSEWHERE = "甲措施", "乙措施", "丙措施", "另一段的措施"


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


@pytest.fixture
def report(world):
    """A report with three items under one paragraph of the plan and, entered between them, one under another."""
    report = services.create_report(by=world.clerk, unit=world.town, year=2025)
    one, other = report.blocks.filter(kind="plan")[:2]
    for measure, block in ((FIRST, one), (ELSEWHERE, other), (SECOND, one), (THIRD, one)):
        services.add_plan_item(by=world.clerk, report=report, block=block, typed=PlanInput(measure=measure))
    return Report.objects.get(pk=report.pk)


def item(report, measure):
    return PlanItem.objects.get(report=report, measure=measure)


def order(report):
    return list(PlanItem.objects.filter(report=report).exclude(measure=ELSEWHERE).values_list("measure", flat=True))


def move(by, report, measure, past):
    services.move_plan_item(by=by, item=item(report, measure), past=item(report, past).pk)


def undo(by, report):
    return services.undo_deed(by=by, report=report, event=newest_undoable(report, by).pk)


def test_two_neighbours_change_places_over_one_of_another_paragraph(world, report):
    move(world.clerk, report, SECOND, FIRST)
    assert order(report) == [SECOND, FIRST, THIRD]
    move(world.head, report, FIRST, THIRD)
    assert order(report) == [SECOND, THIRD, FIRST]
    assert [event.changes[0]["measure"] for event in Event.objects.filter(deed="move_plan_item").order_by("pk")] == [
        SECOND,
        FIRST,
    ]


def test_the_annex_is_numbered_in_the_new_order(world, report):
    move(world.clerk, report, SECOND, FIRST)
    rows = (
        next(annex for annex in assemble(report).document.annexes if "措施" in annex.tables[0].columns[1].heading).tables[0].rows
    )
    assert [(row[0].text, row[1].text) for row in rows] == [
        ("1", SECOND), ("2", FIRST), ("3", THIRD), ("4", ELSEWHERE),
    ]  # fmt: skip


@pytest.mark.parametrize("past", [THIRD, ELSEWHERE, FIRST])
def test_who_is_no_neighbour_is_not_passed(world, report, past):
    with pytest.raises(services.EditConflict):
        move(world.clerk, report, FIRST, past)
    assert order(report) == [FIRST, SECOND, THIRD]
    assert not Event.objects.filter(deed="move_plan_item").exists()


def test_one_that_is_gone_is_told(world, report):
    row, past = item(report, FIRST), item(report, SECOND).pk
    services.remove_plan_item(by=world.head, item=row)
    with pytest.raises(services.EditConflict):
        services.move_plan_item(by=world.clerk, item=row, past=past)


def test_it_is_taken_back_in_one_step(world, report):
    move(world.clerk, report, SECOND, FIRST)
    move(world.clerk, report, FIRST, THIRD)
    undo(world.clerk, report)
    assert order(report) == [SECOND, FIRST, THIRD]
    undo(world.clerk, report)
    assert order(report) == [FIRST, SECOND, THIRD]


def test_behind_a_removed_item_nothing_older_is_taken_back(world, report):
    move(world.clerk, report, SECOND, FIRST)
    assert newest_undoable(report, world.clerk).deed == "move_plan_item"
    services.remove_plan_item(by=world.clerk, item=item(report, THIRD))
    assert newest_undoable(report, world.clerk) is None
    assert newest_undoable(report, world.head) is None


def test_what_somebody_moved_since_is_not_undone_over_them(world, report):
    move(world.clerk, report, SECOND, FIRST)
    move(world.head, report, FIRST, THIRD)
    with pytest.raises(services.EditConflict):
        undo(world.clerk, report)
    assert order(report) == [SECOND, THIRD, FIRST]


def test_items_without_a_paragraph_move_among_themselves(world, report):
    report.blocks.filter(kind="plan").first().delete()
    move(world.clerk, report, SECOND, FIRST)
    assert order(report) == [SECOND, FIRST, THIRD]
    undo(world.clerk, report)
    assert order(report) == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize("who", ["reviewer", "admin", "auditor"])
def test_the_district_moves_nothing(world, report, who):
    with pytest.raises(PermissionDenied):
        move(getattr(world, who), report, SECOND, FIRST)


def test_only_while_the_report_is_open(world, report):
    services.submit_report(by=world.clerk, report=report)
    with pytest.raises(Refused):
        move(world.clerk, report, SECOND, FIRST)


def test_the_page_offers_the_ways_there_are_and_says_what_it_did(client, world, report):
    client.force_login(world.clerk)
    page = reverse("reports:report_detail", args=[report.pk])
    rows = {row.item.measure: (row.up, row.down) for view in client.get(page).context["page"].views for row in view.items}
    keys = {row.measure: row.pk for row in report.plan_items.all()}
    assert rows == {
        FIRST: (0, keys[SECOND]), SECOND: (keys[FIRST], keys[THIRD]), THIRD: (keys[SECOND], 0), ELSEWHERE: (0, 0),
    }  # fmt: skip
    address = reverse("reports:plan_item_move", args=[report.pk, keys[SECOND]])
    answer = client.post(address, {"past": keys[FIRST]}, headers={"X-Requested-With": "fetch"})
    assert f"b-{item(report, SECOND).block.key}" in answer.json()["parts"]
    assert order(report) == [SECOND, FIRST, THIRD]
    refused = client.post(address, {"past": keys[THIRD]}, headers={"X-Requested-With": "fetch"})
    assert refused.status_code == 409
    assert client.post(address, {"past": "x"}).status_code == 302
    assert order(report) == [SECOND, FIRST, THIRD]
