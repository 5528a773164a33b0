"""Villages of a district: added, renamed, ended, merged, counted; on both sides of every limit, by every role."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.choices import Role
from accounts.models import Population, Unit
from metrics import services
from metrics.models import Figure, MonthlyReturn
from metrics.services import CellInput, PersonsInput
from metrics.services.population import follow_units
from tests.factories import make_district, make_district_year, make_return, make_township, make_user, make_village
from volunteers.queries import load_sheet
from workflow.choices import State
from workflow.models import Event
from workflow.queries import chain_faults
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
POPULATION, PEOPLE = "vol_household_population", "vol_qualified_person_count"
JUNE_END, JULY = date(2026, 6, 30), date(2026, 7, 1)
CODE = "990000000999"


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: date(2026, 7, 20))
    with translation.override("en"):
        yield


@pytest.fixture
def township():
    services.sync_catalogue()
    district = make_district()
    make_district_year(district)
    return make_township(district, "青云镇")


@pytest.fixture
def admin(township):
    return make_user(Role.DISTRICT_ADMIN, township.parent, login="admin1")


@pytest.fixture
def villages(township):
    return [
        make_village(township, name=name, persons=persons) for name, persons in (("东村", 1000), ("西村", 800), ("北村", 600))
    ]


def open_months(township):
    make_return(township, month=6)
    services.open_returns(today=date(2026, 7, 20))
    june, july = (MonthlyReturn.objects.get(unit=township, month=month) for month in (6, 7))
    follow_units(None, township, date(2026, 6, 1))
    return june, july


def persons_in(paper):
    rows = Figure.objects.filter(monthly_return=paper, indicator__code=POPULATION)
    return {name: int(value) for name, value in rows.values_list("unit__name", "value")}


def rows_of(paper):
    return {row.unit.name for row in load_sheet(paper).rows if not row.ended}


def all_rows_of(paper):
    return {row.unit.name for row in load_sheet(paper).rows}


def add(admin, township, **values):
    values = {"name": "新村", "code": CODE, "kind": "village", "valid_from": JULY, **values}
    return services.add_village(by=admin, township=township, **values)


def merge(admin, township, villages, **values):
    values = {"since": JULY, "name": "大同村", "code": CODE, "kind": "village", **values}
    return services.merge_villages(by=admin, township=township, villages=villages, **values)


# the deeds


def test_a_new_village_has_a_row_from_its_first_month_on(township, admin, villages):
    june, july = open_months(township)
    village = add(admin, township)
    assert "新村" in rows_of(july)
    assert "新村" not in all_rows_of(june)
    event = Event.objects.get(deed="add_village")
    assert (event.actor_login, event.unit, event.subject_id) == ("admin1", township, village.pk)
    assert village.order > max(row.order for row in villages)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"code": "12345"}, "12 digits"), ({"code": "１２３４５６７８９０１２"}, "12 digits"),
        ({"name": "东村"}, "东村 already"), ({"name": "  "}, "empty"),
        ({"kind": "town"}, "village or a community"), ({"valid_from": date(2019, 12, 31)}, "2020-01-01"),
    ],
)  # fmt: skip
def test_what_a_new_village_cannot_be(township, admin, villages, values, words):
    with pytest.raises(Refused, match=words):
        add(admin, township, **values)
    assert Unit.objects.villages().count() == 3
    assert not Event.objects.filter(deed="add_village").exists()


def test_a_code_is_given_once_and_the_name_of_an_ended_village_again(township, admin, villages):
    with pytest.raises(Refused, match="taken"):
        add(admin, township, code=villages[0].code)
    services.end_village(by=admin, village=villages[0], valid_to=JUNE_END)
    assert add(admin, township, name="东村").name == "东村"
    with pytest.raises(Refused, match="东村 already"):
        services.end_village(by=admin, village=villages[0], valid_to=None)


def test_a_name_changes_and_the_code_stays(township, admin, villages):
    services.rename_village(by=admin, village=villages[0], name=" 东 庄村 ")
    services.rename_village(by=admin, village=villages[0], name="东 庄村")
    villages[0].refresh_from_db()
    assert villages[0].name == "东 庄村"
    event = Event.objects.get(deed="rename_village")
    assert event.changes == [{"unit": villages[0].code, "old": "东村", "new": "东 庄村"}]
    with pytest.raises(Refused, match="西村 already"):
        services.rename_village(by=admin, village=villages[0], name="西村")


def test_a_village_ended_on_30_june_is_in_junes_rows_and_not_in_julys(township, admin, villages):
    june, july = open_months(township)
    services.end_village(by=admin, village=villages[0], valid_to=JUNE_END)
    assert all_rows_of(june) == {"东村", "西村", "北村"}
    assert all_rows_of(july) == {"西村", "北村"}
    assert (persons_in(june), persons_in(july)) == ({"东村": 1000, "西村": 800, "北村": 600}, {"西村": 800, "北村": 600})
    services.end_village(by=admin, village=villages[0], valid_to=date(2026, 6, 29))
    assert all_rows_of(june) == {"西村", "北村"}


def test_what_somebody_typed_for_an_ended_village_stays_in_sight(township, admin, villages):
    _june, july = open_months(township)
    clerk = make_user(Role.TOWNSHIP_CLERK, township)
    services.save_figures(by=clerk, monthly_return=july, inputs=[CellInput(f"{PEOPLE}@{villages[0].code}", "7")])
    services.end_village(by=admin, village=villages[0], valid_to=JUNE_END)
    assert all_rows_of(july) - rows_of(july) == {"东村"}
    services.end_village(by=admin, village=villages[0], valid_to=None)
    assert rows_of(july) == {"东村", "西村", "北村"}
    assert persons_in(july)["东村"] == 1000


def test_a_village_does_not_end_before_it_began(township, admin):
    village = make_village(township, valid_from=JULY)
    with pytest.raises(Refused, match="2026-07-01"):
        services.end_village(by=admin, village=village, valid_to=JUNE_END)
    assert services.end_village(by=admin, village=village, valid_to=JULY).valid_to == JULY


@pytest.mark.parametrize("state", [state for state in State if state not in (State.DRAFT, State.RETURNED)])
def test_months_that_are_handed_in_keep_their_villages(township, admin, villages, state):
    make_return(township, month=7, state=state)
    make_return(township, month=8)
    for deed in (
        lambda: add(admin, township, valid_from=date(2026, 7, 31)),
        lambda: services.end_village(by=admin, village=villages[0], valid_to=date(2026, 7, 30)),
        lambda: services.end_village(by=admin, village=villages[0], valid_to=JUNE_END),
        lambda: merge(admin, township, villages[:2], since=date(2026, 7, 31)),
    ):
        with pytest.raises(Refused, match="2026年7月"):
            deed()
    assert not Event.objects.filter(unit=township).exists()
    services.end_village(by=admin, village=villages[0], valid_to=date(2026, 7, 31))
    merge(admin, township, villages[1:], since=date(2026, 8, 1))
    with pytest.raises(Refused, match="2026年7月"):
        services.end_village(by=admin, village=villages[0], valid_to=JUNE_END)


def test_a_merger_ends_several_villages_with_one_successor_and_their_population(township, admin, villages):
    june, july = open_months(township)
    heir = merge(admin, township, villages[:2])
    ended = Unit.objects.filter(successor=heir)
    assert {(row.name, row.valid_to) for row in ended} == {("东村", JUNE_END), ("西村", JUNE_END)}
    assert (heir.valid_from, heir.kind, heir.code) == (JULY, "village", CODE)
    assert Population.objects.get(unit=heir, year=2026).persons == 1800
    assert (all_rows_of(june), all_rows_of(july)) == ({"东村", "西村", "北村"}, {"大同村", "北村"})
    assert (persons_in(june)["东村"], persons_in(july)) == (1000, {"大同村": 1800, "北村": 600})
    changes = Event.objects.get(deed="merge_villages").changes[0]
    assert [row["name"] for row in changes["merged"]] == ["东村", "西村"]
    assert not chain_faults(township.code)


def test_a_village_that_stays_takes_others_in_and_keeps_its_code(township, admin, villages):
    june, july = open_months(township)
    heir = merge(admin, township, villages[:2], into=villages[1], name="", code="", kind="")
    assert heir == villages[1]
    assert (persons_in(june), persons_in(july)) == ({"东村": 1000, "西村": 800, "北村": 600}, {"西村": 1800, "北村": 600})
    services.save_populations(by=admin, township=township, year=2026, inputs=[PersonsInput(heir, 1790, 1800)])
    assert (persons_in(june)["西村"], persons_in(july)["西村"]) == (800, 1790)


def test_where_a_population_is_not_known_none_is_made_up(township, admin, villages):
    unknown = make_village(township, name="南村")
    heir = merge(admin, township, [villages[0], unknown])
    assert not Population.objects.filter(unit=heir).exists()


def test_what_cannot_merge(township, admin, villages):
    young, gone = make_village(township, name="新村", valid_from=JULY), make_village(township, name="旧村", valid_to=JUNE_END)
    for chosen, values, words in (
        (villages[:1], {}, "at least two"), ([], {"into": villages[0]}, "at least two"),
        (villages[:1], {"into": villages[0]}, "at least two"), ([villages[0], young], {}, "新村 began only on 2026-07-01"),
        ([villages[0], gone], {}, "旧村 has ended"), (villages[:1], {"into": gone}, "旧村 has ended"),
        (villages[:2], {"code": villages[2].code}, "taken"), (villages[:2], {"name": "北村"}, "北村 already"),
        (villages[:2], {"into": make_village(name="外村")}, "外村 belongs to another township"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=words):
            merge(admin, township, chosen, **values)
    assert not Unit.objects.filter(successor__isnull=False).exists()
    assert Unit.objects.filter(valid_to__isnull=False).count() == 1


def test_a_villages_end_moves_only_as_far_as_its_successor_reaches(township, admin, villages):
    merge(admin, township, villages[:2])
    east = Unit.objects.get(name="东村")
    with pytest.raises(Refused, match="大同村"):
        services.end_village(by=admin, village=east, valid_to=date(2026, 6, 29))
    services.end_village(by=admin, village=east, valid_to=None)
    east.refresh_from_db()
    assert (east.valid_to, east.successor) == (None, None)


def test_a_form_sent_twice_makes_one_village(township, admin, villages):
    import uuid

    key = uuid.uuid4()
    assert add(admin, township, form_key=key) == add(admin, township, form_key=key)
    other = uuid.uuid4()
    first = merge(admin, township, villages[:2], form_key=other, code="990000000998")
    assert merge(admin, township, villages[:2], form_key=other, code="990000000998") == first
    assert Event.objects.filter(deed="merge_villages").count() == 1


def test_only_the_districts_own_administrator(township, villages):
    others = [make_user(role, township.parent) for role in (Role.DISTRICT_REVIEWER, Role.AUDITOR)]
    others += [make_user(Role.DISTRICT_ADMIN), make_user(Role.TOWNSHIP_CLERK, township), make_user(Role.TOWNSHIP_HEAD, township)]
    others.append(make_user(Role.VILLAGE_CLERK, villages[0]))
    for user in others:
        for deed in (
            lambda user: add(user, township),
            lambda user: services.rename_village(by=user, village=villages[0], name="某村"),
            lambda user: services.end_village(by=user, village=villages[0], valid_to=JUNE_END),
            lambda user: merge(user, township, villages[:2]),
            lambda user: services.save_populations(by=user, township=township, year=2026, inputs=[]),
        ):
            with pytest.raises(PermissionDenied):
                deed(user)


# population


def test_the_register_is_kept_and_untyped_cells_of_open_months_follow(township, admin, villages):
    june, july = open_months(township)
    clerk = make_user(Role.TOWNSHIP_CLERK, township)
    typed = CellInput(f"{POPULATION}@{villages[1].code}", "805", 1)
    assert services.save_figures(by=clerk, monthly_return=july, inputs=[typed])[0].status == "saved"
    MonthlyReturn.objects.filter(pk=june.pk).update(state=State.APPROVED)
    inputs = [PersonsInput(villages[0], 1010, 1000), PersonsInput(villages[1], 810, 800), PersonsInput(villages[2], 600, 600)]
    assert services.save_populations(by=admin, township=township, year=2026, inputs=inputs) == 2
    assert persons_in(june) == {"东村": 1000, "西村": 800, "北村": 600}
    assert persons_in(july) == {"东村": 1010, "西村": 805, "北村": 600}
    changes = Event.objects.get(deed="save_populations").changes
    assert [(row["name"], row["old"], row["new"]) for row in changes] == [("东村", 1000, 1010), ("西村", 800, 810)]
    moved = Event.objects.get(deed="carry_population", actor_login="admin1").changes
    assert moved == [{"cell": f"{POPULATION}@{villages[0].code}", "old": "1000", "new": "1010"}]


def test_what_somebody_else_changed_meanwhile_is_named(township, admin, villages):
    with pytest.raises(Refused, match="东村 1000"):
        services.save_populations(by=admin, township=township, year=2026, inputs=[PersonsInput(villages[0], 1010, 999)])
    assert services.save_populations(by=admin, township=township, year=2026, inputs=[PersonsInput(villages[0], None, 1000)]) == 1
    assert not Population.objects.filter(unit=villages[0]).exists()


# the pages


@pytest.fixture
def page(client, admin):
    client.force_login(admin)
    return client


def url(name, unit):
    return reverse(f"metrics:{name}", args=[unit.pk])


def test_townships_count_the_villages_that_stand(page, township, villages, django_assert_max_num_queries):
    Unit.objects.filter(pk=villages[0].pk).update(valid_to=JUNE_END)
    with django_assert_max_num_queries(8):
        row = page.get(reverse("metrics:unit_list"), {"year": "2026"}).context["page"][0]
    assert (row.villages, row.persons, row.counted) == (2, 1400, 2)
    row = page.get(reverse("metrics:unit_list"), {"year": "2025"}).context["page"][0]
    assert (row.villages, row.persons) == (3, None)


def test_a_township_shows_its_villages_in_constant_queries(page, township, villages, django_assert_num_queries):
    Unit.objects.filter(pk=villages[0].pk).update(valid_to=JUNE_END, successor=villages[1])
    address = url("unit_detail", township)
    page.get(address)  # the first page of a session writes when it was seen
    with CaptureQueriesContext(connection) as few:
        text = page.get(address).content.decode()
    assert "1,000" in text
    assert "→ 西村" in text
    for _number in range(20):
        make_village(township, persons=5, successor=villages[1], valid_to=JUNE_END)
    with django_assert_num_queries(len(few)):
        page.get(address)
    assert len(few) <= 7
    assert page.get(url("unit_detail", make_township())).status_code == 404


def test_a_merger_on_the_page_then_the_population(page, township, villages):
    fields = {"villages": [row.pk for row in villages[:2]], "since": "2026-07-01", "into": "", "name": "大同村", "code": CODE,
              "kind": "village"}  # fmt: skip
    assert page.post(url("village_merge", township), {**fields, "code": ""}).context["form"].errors["code"]
    answer = page.post(url("village_merge", township), fields)
    assert answer.url == url("unit_population", township) + "?year=2026"
    heir = Unit.objects.get(code=CODE)
    shown = page.get(answer.url).content.decode()
    assert 'value="1800"' in shown
    text = page.get(url("village_detail", heir)).content.decode()
    assert "东村、西村" in text


def test_a_township_of_one_village_has_nothing_to_merge_and_says_so(page, township):
    make_village(township, name="独村")
    text = page.get(url("unit_detail", township)).content.decode()
    assert 'disabled title="青云镇' in text
    assert page.get(url("village_merge", township)).status_code == 302


def test_refusals_stand_at_their_field_with_what_was_typed(page, township, villages):
    make_return(township, month=7, state=State.APPROVED)
    answer = page.post(url("village_end", villages[0]), {"valid_to": "2026-06-30"})
    assert answer.status_code == 409
    assert "2026年7月" in answer.context["end_form"].errors["valid_to"][0]
    answer = page.post(
        url("village_create", township), {"name": "新村", "code": "1", "kind": "village", "valid_from": "2026-08-01"}
    )
    assert answer.status_code == 409
    assert answer.context["form"]["name"].value() == "新村"
    answer = page.post(url("village_detail", villages[0]), {"name": "西村"})
    assert "西村" in answer.context["form"].errors["name"][0]


def test_fields_and_a_pasted_list_are_read_by_the_one_reader_of_numbers(page, township, villages):
    east, west, north = villages
    fields = {f"p-{east.pk}": "１,００1", f"was-{east.pk}": "1000", f"p-{west.pk}": "800", f"was-{west.pk}": "800",
              f"p-{north.pk}": "600", f"was-{north.pk}": "600",
              "pasted": "村名\t户籍人口\n西村\t8 20人\n合计\t1,420"}  # fmt: skip
    answer = page.post(url("unit_population", township) + "?year=2026", fields)
    assert answer.status_code == 302
    persons = dict(Population.objects.values_list("unit__name", "persons"))
    assert persons == {"东村": 1001, "西村": 820, "北村": 600}


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("东村\t约1000", "第 1 行"), ("东村\t1000\n南村\t5", "第 2 行：本乡镇这一年度没有名为“南村”"),
        ("东村\t1000\n东村\t1001", "第 2 行：东村在第 1 行"), ("东村", "缺少人数"), ("东村\t12.5", "第 1 行"),
        ("东村\t不适用", "人数"), ("东村\t1234567890", "超出一个村可能的人口"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_told_line_by_line_and_writes_nothing(page, township, villages, pasted, words):
    answer = page.post(url("unit_population", township) + "?year=2026", {"pasted": pasted})
    assert words in " ".join(answer.context["form"].errors["pasted"])
    assert pasted in answer.context["form"]["pasted"].value()
    assert Population.objects.get(unit=villages[0]).persons == 1000


@pytest.mark.parametrize("line", ["东村\t1,234", "东村 1,234", "东村　　1234", "东村，1234", "东村: 1234"])
def test_lists_are_parted_at_tabs_spaces_and_commas(township, villages, line):
    from metrics.population_input import read_persons, read_population_list

    found, faults = read_population_list(line, villages)
    assert not faults
    assert read_persons(found[villages[0]], "东村") == (1234, "")


def test_a_stale_page_shows_what_was_typed_and_goes_through_the_second_time(page, township, villages):
    east = villages[0]
    fields = {f"p-{east.pk}": "1010", f"was-{east.pk}": "990"}
    address = url("unit_population", township) + "?year=2026"
    answer = page.post(address, fields)
    assert answer.status_code == 409
    form = answer.context["form"]
    assert (form[f"p-{east.pk}"].value(), form[f"was-{east.pk}"].value()) == ("1010", "1000")
    kept = {f"p-{row.pk}": row_persons for row, row_persons in zip(villages, ("1010", "800", "600"), strict=True)}
    kept |= {f"was-{row.pk}": persons for row, persons in zip(villages, ("1000", "800", "600"), strict=True)}
    assert page.post(address, kept).status_code == 302
    assert Population.objects.get(unit=east).persons == 1010


def test_a_name_that_holds_from_a_day_on_leaves_the_months_before_alone(township, admin, villages):
    june = make_return(township, month=6, state=State.APPROVED)
    july = make_return(township, month=7)
    heir = services.rename_village_from(by=admin, village=villages[0], name="东庄社区", code=CODE, since=JULY)
    old = Unit.objects.get(pk=villages[0].pk)
    assert (old.name, old.valid_to, old.successor) == ("东村", JUNE_END, heir)
    assert (heir.code, heir.kind, heir.order, heir.valid_from) == (CODE, old.kind, old.order, JULY)
    assert Population.objects.filter(unit=heir, year=2026).values_list("persons", flat=True)[0] == 1000
    assert {row.unit.name for row in load_sheet(june).rows} == {"东村", "西村", "北村"}
    assert {row.unit.name for row in load_sheet(july).rows} == {"东庄社区", "西村", "北村"}
    event = Event.objects.get(deed="rename_village")
    assert (event.changes[0]["old"], event.changes[0]["new"], event.changes[0]["since"]) == ("东村", "东庄社区", "2026-07-01")
    assert chain_faults(township.code) == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "西村"}, "named 西村 already"),
        ({"code": "12"}, "12 digits"),
        ({"since": date(2026, 5, 1)}, "handed in"),
        ({"since": date(1990, 1, 1)}, "began only"),
    ],
)
def test_a_dated_name_is_refused_for_what_is_in_the_way(township, admin, villages, values, words):
    make_return(township, month=6, state=State.APPROVED)
    with pytest.raises(Refused, match=words):
        services.rename_village_from(by=admin, village=villages[0], **{"name": "东庄", "code": CODE, "since": JULY, **values})
    assert Unit.objects.get(pk=villages[0].pk).valid_to is None


def test_the_page_offers_both_and_the_dated_one_leads_to_the_new_village(client, township, admin, villages):
    client.force_login(admin)
    page = client.get(reverse("metrics:village_detail", args=[villages[0].pk])).content.decode()
    url = reverse("metrics:village_rename_from", args=[villages[0].pk])
    assert url in page
    assert page.count('id="id_name"') == 1
    assert client.post(url, {"name": "", "code": CODE, "since": "2026-07-01"}).status_code == 200
    answer = client.post(url, {"name": "东庄", "code": CODE, "since": "2026-07-01"})
    heir = Unit.objects.get(code=CODE)
    assert answer.url == reverse("metrics:village_detail", args=[heir.pk])
    assert client.post(url, {"name": "东庄", "code": "990000000998", "since": "2026-08-01"}).status_code == 409
