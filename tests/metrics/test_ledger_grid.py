"""The ledger beside the figures: sums in grid, sheet and inspector, one click takes them, figures that only a ledger fills."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from metrics import services
from metrics.choices import Source
from metrics.grid import load_grid
from metrics.ledgers import LedgerRule, ledger_kind
from metrics.models import Figure, Highlight, Indicator, MonthlyReturn, StudySession
from metrics.services import CellInput
from tests.factories import (
    make_district,
    make_district_year,
    make_figure,
    make_list,
    make_return,
    make_township,
    make_user,
    make_village,
)
from workflow.choices import State
from workflow.models import Event

pytestmark = pytest.mark.django_db
STUDY, BOOKS = "ideology_study_session_count", "ideology_study_book_count"
HOURS = "vol_service_hours"


@pytest.fixture
def town():
    services.sync_catalogue()
    district = make_district()
    make_district_year(district)
    return make_township(district)


@pytest.fixture
def clerk(town):
    return make_user("township_clerk", town)


@pytest.fixture
def october(town):
    return make_return(town)


def add(clerk, code, /, name="某事", day=8, month=10, **values):
    ledger = ledger_kind(code)
    entry = ledger.model(unit=clerk.unit, name=name, **{ledger.date_field: date(2026, month, day)}, **values)
    return services.save_entry(by=clerk, kind=ledger, entry=entry)


def page_of(client, user, monthly_return, query=""):
    client.force_login(user)
    return client.get(reverse("metrics:return_detail", args=[monthly_return.pk]) + query).content.decode()


def row_html(page, code):
    start = page.index(f'data-row="{code}"')
    return page[start : page.index("</tr>", start)]


def post_json(client, monthly_return, *cells):
    body = json.dumps({"cells": list(cells)})
    return client.post(reverse("metrics:save_cells", args=[monthly_return.pk]), body, content_type="application/json").json()


def figures_of(monthly_return):
    rows = Figure.objects.filter(monthly_return=monthly_return).select_related("indicator", "unit")
    return {row.anchor: row.value for row in rows}


# --- a month from its ledgers -----------------------------------------------------------------------------------------


def enter_a_month(clerk, village):
    """One month's work as it is written down, row by row."""
    add(clerk, "study", "专题学习", speeches=4)
    add(clerk, "study", "赠书", kind="books", copies=120)
    add(clerk, "study", "远教", kind="remote_education")
    add(clerk, "study", "宣讲", kind="outreach")
    add(clerk, "media", "头条", channel="media", level="national")
    add(clerk, "media", "省报", channel="media", level="province", medium="print")
    add(clerk, "media", "合稿", channel="xuexi", level="city", is_joint=True)
    add(clerk, "media", "推文", channel="own_wechat")
    add(clerk, "media", "视频", channel="own_other")
    add(clerk, "practice", "参观", groups=2, person_times=35, is_booked=True)
    add(clerk, "practice", "灯会", kind="festive")
    add(clerk, "practice", "某厂", kind="enterprise")
    add(clerk, "practice", "采风", kind="reception", level="province")
    add(clerk, "inspection", "清源", kind="concentrated", campaign="清源", visits=3, inspectors=6)
    add(
        clerk,
        "inspection",
        "印企",
        venue_kind="printing",
        premises="甲印务、乙印刷",
        visits=2,
        inspectors=2,
        seized=5,
        destroyed=1,
    )
    add(clerk, "vol_activity", "清洁", village=village, hours=Decimal("12.5"))
    add(clerk, "vol_activity", "大讲堂", kind="institute")
    add(clerk, "vol_activity", "打卡", kind="checkin", issue_number=7)
    add(clerk, "vol_activity", "听书", kind="audio", issue_number=3)
    add(clerk, "vol_activity", "说书", kind="dialect", issue_number=2)
    add(clerk, "vol_team", "红马甲", kind="reading")
    add(clerk, "vol_campaign", "行动", day=3, date_to=date(2026, 10, 5))
    course = {"named_list": make_list("list_training"), "quantity": 60, "quantity_measure": "人次"}
    services.save_item(by=clerk, item=Highlight(unit=clerk.unit, year=2026, name="培训班", date_from=date(2026, 10, 9), **course))


EXPECTED = {
    STUDY: 1, "ideology_leader_speech_person_times": 4, BOOKS: 120, "ideology_remote_education_count": 1,
    "ideology_outreach_session_count": 1, "media_adopted_national": 1, "media_adopted_province_print": 1,
    "xuexi_joint_article_city": 1, "xuexi_article_city": 1, "media_own_channel_post_wechat": 1,
    "civ_visit_group_count": 2, "civ_visit_person_times": 35, "civ_visit_booked_group_count": 2,
    "civ_visit_booked_person_times": 35, "culture_entertainment_event_count": 1, "culture_enterprise_visit_count": 1,
    "culture_delegation_reception_province": 1, "apip_concentrated_inspection_count": 1, "apip_inspection_visit_count": 5,
    "apip_inspector_person_times": 8, "apip_printing_firm_inspected_count": 2, "apip_seized_count": 5, "apip_destroyed_count": 1,
    "vol_institute_activity_count": 1, "vol_checkin_stop_count": 7, "vol_team_added_reading": 1, "vol_campaign_duration_days": 3,
    "team_training_session_count": 1, "team_training_person_times": 60,
}  # fmt: skip


def check_filled(monthly_return, village):
    stored = figures_of(monthly_return)
    assert {code: stored.get(code) for code in EXPECTED} == EXPECTED
    assert (stored[f"{HOURS}@{village.code}"], stored[f"vol_village_activity_count@{village.code}"]) == (Decimal("12.5"), 1)
    # Whatever else the ledgers count is 0, not blank: they are kept and hold nothing of it.
    bound = [row for row in Indicator.objects.all() if LedgerRule.of(row) and not row.is_by_village]
    assert {row.code for row in bound if stored.get(row.code) is None} == set()


def test_a_ledger_month_fills_a_return_without_one_typed_number(town, clerk, october):
    village = make_village(town)
    enter_a_month(clerk, village)
    check_filled(october, village)
    assert not Event.objects.filter(deed="save").exists()


def test_a_return_that_opens_later_is_filled_from_what_the_ledgers_hold(town, clerk):
    village = make_village(town)
    enter_a_month(clerk, village)
    opened = services.open_return(town, 2026, 10, services.district_year(town.parent, 2026))
    check_filled(opened, village)
    assert [event.deed for event in Event.objects.filter(subject_kind="return")] == ["open", "follow_ledger"]


def test_named_items_move_the_figures_that_count_their_list_and_no_other(town, clerk, october):
    def save(named_list, name, **values):
        item = Highlight(unit=town, year=2026, named_list=named_list, name=name, date_from=date(2026, 10, 9), **values)
        return services.save_item(by=clerk, item=item)

    # An honour says nothing of courses: their figures stay blank, they do not become 0.
    save(make_list("list_honour"), "某奖")
    assert "team_training_session_count" not in figures_of(october)
    course = save(make_list("list_training"), "培训班", quantity=60, quantity_measure="人次")
    assert figures_of(october)["team_training_person_times"] == 60
    course.quantity = 80
    services.save_item(by=clerk, item=course, base_version=1)
    assert figures_of(october)["team_training_person_times"] == 80
    removal = services.remove_item(by=clerk, item=course)
    assert figures_of(october)["team_training_person_times"] is None
    services.restore_item(by=clerk, event=removal)
    assert figures_of(october)["team_training_person_times"] == 80


# --- parts of a ledger that nobody keeps ------------------------------------------------------------------------------

VISITS, FESTIVE, RECEIVED = "civ_visit_group_count", "culture_entertainment_event_count", "culture_delegation_reception_city"
REMOTE, WECHAT = "ideology_remote_education_count", "media_own_channel_post_wechat"
OPERATIONS = "apip_concentrated_inspection_count"


def off_ledger(monthly_return):
    grid = load_grid(monthly_return)
    rows = {row.code for section in grid.sections for row in section.rows if row.ledger and row.ledger.is_off}
    assert rows == {found.cell for found in grid.findings if found.code == "ledger"}
    return rows


def test_the_first_entry_of_a_ledger_does_not_put_every_other_figure_in_the_wrong(town, clerk, october):
    for code in (STUDY, REMOTE, BOOKS, VISITS, FESTIVE, RECEIVED, WECHAT):
        make_figure(october, Indicator.objects.get(code=code), 9)
    add(clerk, "study")
    add(clerk, "practice", groups=9, person_times=30)
    add(clerk, "media", "头条", channel="media", level="national")
    assert off_ledger(october) == {STUDY}
    assert figures_of(october)[FESTIVE] == 9
    assert "ideology_outreach_session_count" not in figures_of(october)  # blank is not zero


def test_a_ledger_that_is_kept_still_tells_of_every_difference(town, clerk, october):
    for code in (REMOTE, FESTIVE, OPERATIONS):
        make_figure(october, Indicator.objects.get(code=code), 2)
    add(clerk, "study")
    add(clerk, "study", "远教", kind="remote_education")
    add(clerk, "practice", "参观", groups=1, person_times=8)
    festive = add(clerk, "practice", "灯会", kind="festive")
    add(clerk, "inspection", "日常检查", visits=2, inspectors=3)
    # One remote lesson is written down, one festive event, and of all inspections none was an operation.
    assert off_ledger(october) == {REMOTE, FESTIVE, OPERATIONS}
    festive.date = date(2026, 2, 17)
    services.save_entry(by=clerk, kind=ledger_kind("practice"), entry=festive, base_version=1)
    assert off_ledger(october) == {REMOTE, FESTIVE, OPERATIONS}  # kept since spring, nothing in October
    services.remove_entry(by=clerk, kind=ledger_kind("practice"), entry=festive)
    assert off_ledger(october) == {REMOTE, OPERATIONS}


# --- the sum in the grid ----------------------------------------------------------------------------------------------


def test_the_grid_links_the_ledger_with_its_sum_and_offers_it_where_the_cell_differs(client, town, clerk, october):
    add(clerk, "study")
    page = page_of(client, clerk, october)
    row = row_html(page, STUDY)
    assert f'<output data-out="ledger:{STUDY}">1</output>' in row
    assert f"/ledgers/study/?year=2026&amp;unit={town.pk}&amp;month=10&amp;kind=group_study" in row
    assert "off-ledger" not in page[page.index(f'data-row="{STUDY}"') - 80 : page.index(f'data-row="{STUDY}"')]
    figure = Figure.objects.get(indicator__code=STUDY)
    services.save_figures(by=clerk, monthly_return=october, inputs=[CellInput(STUDY, "5", figure.version)])
    row, page = load_grid(october).row(STUDY), page_of(client, clerk, october)
    # The query under the row offers the sum; once it is explained, the row itself still does.
    assert ([found.code for found in row.messages], row.ledger.is_off, "off-ledger" in row.classes) == (["ledger"], True, False)
    assert page.count(f'name="fix" value="{STUDY}=1"') == 2
    # In the row and in its query, and in the row of speeches, which the same entries fill.
    assert page.count(f"/ledgers/study/?year=2026&amp;unit={town.pk}&amp;month=10&amp;kind=group_study") == 3
    services.explain_figure(by=clerk, monthly_return=october, cell=STUDY, text="另有四次未登记")
    assert "off-ledger" in load_grid(october).row(STUDY).classes
    assert f'name="fix" value="{STUDY}=1"' in row_html(page_of(client, clerk, october), STUDY)


def test_one_click_takes_the_sum_by_script_and_without(client, town, clerk, october):
    add(clerk, "study")
    add(clerk, "study", "第二次")
    client.force_login(clerk)
    reply = post_json(client, october, {"cell": STUDY, "raw": "9", "base_version": 2})
    assert [row["fix"] for row in reply["marks"][STUDY]] == ["2"]
    assert (reply["ledger"][STUDY], reply["texts"][f"ledger:{STUDY}"]) == ("2", "2")
    seen = json.dumps({STUDY: [3, "9"]})
    client.post(reverse("metrics:save_cells", args=[october.pk]), {f"f-{STUDY}": "9", "fix": f"{STUDY}=2", "seen": seen})
    assert figures_of(october)[STUDY] == 2
    assert "off-ledger" not in load_grid(october).row(STUDY).classes


ABSENCES = [("not_applicable", None, False), ("not_collected", None, False), ("", 0, False), ("", 1, True), ("blank", None, True)]


@pytest.mark.parametrize(("kind", "value", "is_off"), ABSENCES)
def test_an_absence_agrees_with_a_ledger_that_counts_nothing(town, clerk, october, kind, value, is_off):
    add(clerk, "study")
    StudySession.objects.create(unit=town, date=date(2026, 3, 1), name="赠书", kind="books", copies=30)
    Figure.objects.filter(indicator__code=BOOKS).delete()
    make_figure(october, Indicator.objects.get(code=BOOKS), value, kind=kind)
    assert load_grid(october).row(BOOKS).ledger.is_off is is_off


def test_a_silent_ledger_is_linked_without_a_number(client, clerk, october):
    row = row_html(page_of(client, clerk, october), STUDY)
    assert f'<output data-out="ledger:{STUDY}"></output>' in row
    assert "take" not in row


def test_a_closed_return_shows_what_the_ledger_says_now_when_it_differs(client, town, clerk, october):
    add(clerk, "study")
    MonthlyReturn.objects.filter(pk=october.pk).update(state=State.APPROVED)
    add(clerk, "study", "补记")
    for user in (clerk, make_user("district_reviewer", town.parent)):
        client.force_login(user)
        address = reverse("metrics:return_detail", args=[october.pk])
        row = row_html(client.get(address, headers={"accept-language": "en"}).content.decode(), STUDY)
        assert f'ledger now <output data-out="ledger:{STUDY}">2</output>' in row
        assert "<b>1</b>" in row
        assert "take" not in row
        assert "ledger now" not in row_html(client.get(address, headers={"accept-language": "en"}).content.decode(), BOOKS)


def test_ledgers_cost_the_grid_one_query_when_none_is_used(town, clerk, october):
    def queries():
        with CaptureQueriesContext(connection) as found:
            load_grid(october)
        return len(found)

    silent = queries()
    bindings = {row.pk: row.formula for row in Indicator.objects.all() if "ledger" in row.formula}
    Indicator.objects.filter(pk__in=bindings).update(formula={})
    assert silent == queries() + 1
    for pk, formula in bindings.items():
        Indicator.objects.filter(pk=pk).update(formula=formula)
    add(clerk, "study")
    # The ledger's sum; and the months that the cell, filled now, is compared with.
    one = queries()
    assert one == silent + 2
    for number in range(20):
        add(clerk, "study", f"第{number}次")
    assert queries() == one


# --- figures that only a ledger fills ---------------------------------------------------------------------------------


@pytest.fixture
def counted(town):
    """Two indicators that only their ledger fills."""
    Indicator.objects.filter(code__in=(STUDY, HOURS)).update(source=Source.LEDGER)


@pytest.mark.usefixtures("counted")
def test_a_silent_ledger_leaves_the_cell_blank_and_says_where_to_enter(client, clerk, october):
    page = page_of(client, clerk, october)
    assert f'name="f-{STUDY}"' in row_html(page, STUDY)
    grid = load_grid(october)
    assert (grid.row(STUDY).filled, grid.row(STUDY).fillable) == (0, 1)
    blank = next(found for found in grid.findings if found.cell == STUDY)
    other = next(found for found in grid.findings if found.cell == BOOKS)
    assert blank.code == "blank"
    assert blank.message.replace(grid.row(STUDY).name, "") != other.message.replace(grid.row(BOOKS).name, "")


TYPED = [
    ("0", "saved", "value"), ("不适用", "saved", "not_applicable"), ("未统计", "saved", "not_collected"), ("3", "refused", None),
    ("约3", "refused", None),
]  # fmt: skip


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(("raw", "status", "kind"), TYPED)
def test_into_a_silent_one_only_zero_or_an_absence_is_typed(client, clerk, october, raw, status, kind):
    client.force_login(clerk)
    reply = post_json(client, october, {"cell": STUDY, "raw": raw, "base_version": 0})["cells"][0]
    assert reply["status"] == status
    assert (raw in reply["message"]) is (status == "refused")
    assert (Figure.objects.filter(indicator__code=STUDY).first() is None) is (status == "refused")
    if kind:
        assert Figure.objects.get(indicator__code=STUDY).kind == kind


@pytest.mark.usefixtures("counted")
def test_with_entries_nothing_is_typed_but_the_sum_itself(client, clerk, october):
    add(clerk, "study")
    page = page_of(client, clerk, october)
    row = row_html(page, STUDY)
    assert "<input" not in row
    assert f'<output data-out="now:{STUDY}">1</output>' in row
    assert post_json(client, october, {"cell": STUDY, "raw": "2", "base_version": 1})["cells"][0]["status"] == "refused"
    Figure.objects.update(value=9, raw="9")  # as after an indicator was given to its ledger in the middle of a year
    row = row_html(page_of(client, clerk, october), STUDY)
    assert f'name="fix" value="{STUDY}=1"' in row
    seen = json.dumps({STUDY: [1, "9"]})
    client.post(reverse("metrics:save_cells", args=[october.pk]), {"fix": f"{STUDY}=1", "seen": seen})
    assert figures_of(october)[STUDY] == 1


@pytest.mark.usefixtures("counted")
def test_a_village_cell_that_its_ledger_fills_takes_no_typing(client, town, clerk, october):
    village, silent = make_village(town), make_village(town)
    add(clerk, "vol_activity", village=village, hours=Decimal("2.5"))
    client.force_login(clerk)
    page = client.get(reverse("volunteers:village_sheet", args=[october.pk])).content.decode()
    assert f'name="f-{HOURS}@{village.code}"' not in page
    assert f'name="f-{HOURS}@{silent.code}"' in page
    reply = post_json(client, october, {"cell": f"{HOURS}@{village.code}", "raw": "7", "base_version": 1})
    assert reply["cells"][0]["status"] == "refused"
    assert figures_of(october)[f"{HOURS}@{village.code}"] == Decimal("2.5")


@pytest.mark.usefixtures("counted")
def test_the_list_of_returns_counts_such_cells_as_cells(client, town, clerk, october):
    from metrics.lists import fillable_counts, filled_counts

    cells = Indicator.objects.of_year(None, 2026).filter(level="township", source__in=("entered", "ledger")).count()
    assert fillable_counts(town, 2026)[10] == cells
    add(clerk, "study")
    assert filled_counts([october])[october.pk] == 2  # the sessions and the speeches held in them


# --- the inspector and the village sheet ------------------------------------------------------------------------------


def panel_of(client, user, monthly_return, cell):
    client.force_login(user)
    return client.get(reverse("metrics:cell_panel", args=[monthly_return.pk, cell]))


def test_the_inspector_lists_ten_entries_with_what_they_add_and_links_the_rest(client, town, clerk, october):
    for number in range(12):
        add(clerk, "study", f"赠书{number}", day=number + 1, kind="books", copies=10 + number)
    add(clerk, "study", "别的一次")
    answer = panel_of(client, clerk, october, BOOKS)
    part = answer.context["panel"].ledger
    assert (part.sum.shown, part.more, len(part.entries)) == ("186", 2, 10)
    assert (part.entries[0].date, part.entries[0].name, part.entries[0].amount) == ("2026-10-12", "赠书11", "21")
    page = answer.content.decode()
    assert "别的一次" not in page
    assert "/ledgers/study/?year=2026" in page
    assert 'data-put="186"' not in page


def test_the_inspector_offers_the_sum_of_a_cell_that_differs(client, clerk, october):
    make_figure(october, Indicator.objects.get(code=STUDY), 5)
    add(clerk, "study")
    assert 'data-put="1"' in panel_of(client, clerk, october, STUDY).content.decode()
    head = make_user("township_head", clerk.unit)
    assert 'data-put="1"' not in panel_of(client, head, october, STUDY).content.decode()


def test_the_inspector_of_an_unbound_cell_has_no_ledger(client, clerk, october):
    answer = panel_of(client, clerk, october, "xuexi_bulletin_count")
    assert answer.context["panel"].ledger is None


def test_the_village_sheet_shows_each_villages_sum(client, town, clerk, october):
    village, other = make_village(town), make_village(town)
    add(clerk, "vol_activity", village=village, hours=Decimal("2.5"))
    cell = f"{HOURS}@{village.code}"
    figure = Figure.objects.get(indicator__code=HOURS, unit=village)
    services.save_figures(by=clerk, monthly_return=october, inputs=[CellInput(cell, "9", figure.version)])
    client.force_login(clerk)
    page = client.get(reverse("volunteers:village_sheet", args=[october.pk])).content.decode()
    assert f'<output data-out="ledger:{cell}">2.5</output>' in page
    assert f"village={village.code}" in page
    assert f'name="fix" value="{cell}=2.5"' in page
    assert f"ledger:{HOURS}@{other.code}" not in page
    seen = json.dumps({cell: [2, "9.0"]})
    client.post(reverse("volunteers:save_sheet", args=[october.pk]), {f"f-{cell}": "9.0", "fix": f"{cell}=2.5", "seen": seen})
    assert figures_of(october)[cell] == Decimal("2.5")


def test_a_village_clerk_sees_the_sum_of_their_village_and_no_entry(client, town, clerk, october):
    village = make_village(town)
    add(clerk, "vol_activity", "清洁家园", village=village, hours=Decimal("2.5"))
    villager = make_user("village_clerk", village)
    page = panel_of(client, villager, october, f"{HOURS}@{village.code}").content.decode()
    assert "2.5" in page
    assert "清洁家园" not in page
    assert "/ledgers/" not in page
    sheet = client.get(reverse("volunteers:village_sheet", args=[october.pk])).content.decode()
    assert f'<output data-out="ledger:{HOURS}@{village.code}">2.5</output>' in sheet
    assert "/ledgers/" not in sheet


def test_a_district_users_link_to_a_list_names_the_township(client, town, october):
    reviewer = make_user("district_reviewer", town.parent)
    page = page_of(client, reviewer, october)
    start = page.index("/items/?list=")
    address = page[start : page.index('"', start)].replace("&amp;", "&")
    assert client.get(address).status_code == 200


def test_a_village_that_has_ended_gets_no_0_in_the_months_behind_it(town, clerk, october):
    ended, other, november = make_village(town, valid_to=date(2026, 10, 31)), make_village(town), make_return(town, month=11)
    for village in (ended, other):
        add(clerk, "vol_activity", village=village, hours=Decimal("2.5"))
    add(clerk, "vol_activity", village=other, hours=Decimal(3), month=11)
    assert figures_of(october)[f"{HOURS}@{ended.code}"] == Decimal("2.5")
    assert figures_of(november)[f"{HOURS}@{other.code}"] == 3
    assert not Figure.objects.filter(monthly_return=november, unit=ended).exists()


def test_a_restored_entry_stands_above_every_version_it_had(clerk, town, october):
    kind, entry = ledger_kind("study"), add(clerk, "study")
    StudySession.objects.filter(pk=entry.pk).update(version=9)  # as imports leave it
    entry.refresh_from_db()
    removal = services.remove_entry(by=clerk, kind=kind, entry=entry)
    assert services.restore_entry(by=clerk, kind=kind, event=removal).version == 10
