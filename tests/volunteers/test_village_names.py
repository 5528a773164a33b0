"""Villages merged or renamed in mid-year: which rows a month has, what counts, and which names stand for which village."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.choices import Role
from metrics.models import Figure
from metrics.periods import Period
from metrics.queries import YearBook
from metrics.services import CellInput, save_figures
from tests.factories import make_district, make_figure, make_indicator, make_return, make_township, make_user, make_village
from volunteers.queries import load_sheet
from volunteers.village_names import other_names

pytestmark = pytest.mark.django_db
JUNE_END, JULY = date(2026, 6, 30), date(2026, 7, 1)


@pytest.fixture
def township():
    return make_township(make_district())


@pytest.fixture
def hours():
    return make_indicator(code="hours", measure="小时", aggregation="sum", level="village")


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def names_in(township, month):
    return [row.unit.name for row in load_sheet(make_return(township, month=month)).rows]


def told(township, month, name):
    found = [row for row in other_names(make_return(township, month=month)) if row.name == name]
    return (found[0].code, found[0].note) if found else None


def test_a_renamed_village_is_one_row_in_every_month_and_its_year_adds_up(township, hours):
    new = make_village(township, name="石桥社区", valid_from=JULY)
    old = make_village(township, name="石桥村", valid_to=JUNE_END, successor=new)
    june, july = make_return(township, month=6), make_return(township, month=7)
    make_figure(june, hours, 10, unit=old)
    make_figure(july, hours, 20, unit=new)
    assert [row.unit for row in load_sheet(june).rows] == [old]
    assert [row.unit for row in load_sheet(july).rows] == [new]
    book = YearBook.load(township, 2026, approved_only=False)
    assert book.total("hours", Period(2026, 6, 7)).value == 30
    assert {unit: total.value for unit, total in book.village_totals("hours", Period(2026, 6, 7)).items()} == {old: 10, new: 20}


def test_an_old_name_is_offered_as_its_successor_and_a_new_name_as_its_predecessor(township):
    new = make_village(township, name="石桥社区", valid_from=JULY)
    old = make_village(township, name="石桥村", valid_to=JUNE_END, successor=new)
    code, note = told(township, 7, "石桥村")
    assert code == new.code
    assert "2026-06-30" in note
    assert "石桥社区" in note
    code, note = told(township, 6, "石桥社区")
    assert code == old.code
    assert "2026-07-01" in note
    assert told(township, 5, "石桥村") is None


def test_a_name_changed_twice_leads_to_the_village_of_the_month(township):
    third = make_village(township, name="东庄社区", valid_from=JULY)
    second = make_village(township, name="东庄村", valid_from=date(2026, 4, 1), valid_to=JUNE_END, successor=third)
    first = make_village(township, name="东村", valid_to=date(2026, 3, 31), successor=second)
    assert told(township, 10, "东村")[0] == third.code
    assert told(township, 5, "东村")[0] == second.code
    assert told(township, 2, "东庄社区")[0] == first.code


def test_a_merged_village_without_a_known_successor_is_explained_and_chosen_by_hand(township):
    make_village(township, name="西村", valid_to=JUNE_END)
    make_village(township, name="大同村")
    code, note = told(township, 7, "西村")
    assert code == ""
    assert "2026-06-30" in note


def test_one_village_that_became_two_is_chosen_by_hand(township):
    make_village(township, name="大村", valid_to=JUNE_END)
    for name in ("大东村", "大西村"):
        make_village(township, name=name, valid_from=JULY)
    assert told(township, 7, "大村")[0] == ""


def test_the_last_day_of_the_month_decides(township):
    make_village(township, name="至月末", valid_to=JUNE_END)
    make_village(township, name="差一天", valid_to=date(2026, 6, 29))
    make_village(township, name="次月起", valid_from=JULY)
    assert names_in(township, 6) == ["至月末"]
    assert names_in(township, 7) == ["次月起"]


def test_a_figure_typed_before_the_merger_was_known_stays_in_sight_and_can_be_cleared(client, township, hours):
    gone = make_village(township, name="西村", valid_to=date(2026, 6, 15))
    here = make_village(township, name="东村")
    other = make_village(township, name="北村", valid_to=date(2026, 6, 15))
    june, clerk = make_return(township, month=6), make_user(Role.TOWNSHIP_CLERK, township)
    make_figure(june, hours, 7, unit=gone)
    sheet = load_sheet(june)
    assert [(row.unit, bool(row.ended)) for row in sheet.rows] == [(gone, True), (here, False)]
    assert ([row.unit for row in sheet.missing_villages], sheet.filled, sheet.fillable) == ([here], 0, 1)
    client.force_login(clerk)
    assert "2026-06-15" in client.get(reverse("volunteers:village_sheet", args=[june.pk])).content.decode()
    results = save_figures(by=clerk, monthly_return=june, inputs=[
        CellInput(f"hours@{gone.code}", "", 1), CellInput(f"hours@{here.code}", "9"), CellInput(f"hours@{other.code}", "9"),
    ])  # fmt: skip
    assert [result.status for result in results] == ["saved", "saved", "refused"]
    assert [row.unit for row in load_sheet(june).rows] == [here]
    assert YearBook.load(township, 2026, approved_only=False).total("hours", Period(2026, 6, 6)).value == 9


def test_the_township_sees_who_saved_a_villages_row_last_and_when(client, township, hours):
    first, second = make_village(township), make_village(township)
    june, clerk = make_return(township, month=6), make_user(Role.TOWNSHIP_CLERK, township, display_name="李某")
    save_figures(by=clerk, monthly_return=june, inputs=[CellInput(f"hours@{first.code}", "4")])
    at = Figure.objects.get().updated_at
    rows = {row.unit: row for row in load_sheet(june).rows}
    assert rows[first].saved == f"李某 {timezone.localtime(at):%m-%d %H:%M}"
    assert rows[second].saved == ""
    client.force_login(clerk)
    page = client.get(reverse("volunteers:village_sheet", args=[june.pk])).content.decode()
    assert f'data-missing="{first.code}" hidden' in page
    assert f'data-missing="{second.code}">' in page


def test_a_village_clerk_is_told_no_other_villages_names(client, township, hours):
    own = make_village(township, name="柳塘村")
    make_village(township, name="石桥村", valid_to=JUNE_END)
    make_return(township, month=7)
    july = township.returns.get(month=7)
    client.force_login(make_user(Role.VILLAGE_CLERK, own))
    page = client.get(reverse("volunteers:village_sheet", args=[july.pk])).content.decode()
    assert "石桥村" not in page


def test_names_cost_one_query_for_one_village_and_for_thirty(township):
    make_village(township, valid_to=JUNE_END)
    july = make_return(township, month=7)
    with CaptureQueriesContext(connection) as few:
        other_names(july)
    for _number in range(30):
        make_village(township, valid_to=JUNE_END)
    with CaptureQueriesContext(connection) as many:
        assert len(other_names(july)) == 31
    assert len(few) == len(many) == 1
