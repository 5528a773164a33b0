"""Totals: every aggregation kind, and the traps of domain practice (家 and 家次, stocks, ratios, serials, null and 0, parts)."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Unit
from metrics.models import DistrictYear, Figure, Highlight, Indicator, MonthlyReturn, NamedList
from metrics.periods import Period
from metrics.queries import Status, YearBook
from metrics.services import sync_catalogue
from tests.factories import make_district, make_township, make_village

pytestmark = pytest.mark.django_db
YEAR = 2025


@pytest.fixture
def town():
    sync_catalogue()
    return make_township(make_district())


def put(unit, month, code, value=None, *, kind="value", village=None, state="approved", year=YEAR):
    """Put one cell into the month's return, making the return when it is not there."""
    monthly, _made = MonthlyReturn.objects.get_or_create(
        unit=unit, year=year, month=month, defaults={"due_at": timezone.now(), "state": state}
    )
    Figure.objects.update_or_create(
        monthly_return=monthly, indicator=Indicator.objects.get(code=code), unit=village or unit,
        defaults={"kind": kind, "value": value, "raw": "" if value is None else str(value), "updated_at": timezone.now()},
    )  # fmt: skip


def total(unit, code, first=1, last=3, *, as_of=False, approved_only=True, year=YEAR):
    book = YearBook.load(Unit.objects.get(pk=unit.pk), YEAR, approved_only=approved_only)
    return book.total(code, Period(year, first, last, as_of))


def test_flows_are_summed(town):
    for month, value in ((1, 2), (2, 0), (3, 9)):
        put(town, month, "ideology_study_session_count", value)
    assert total(town, "ideology_study_session_count").value == 11
    assert total(town, "ideology_study_session_count", 2, 2).value == 0


def test_stocks_are_not_summed(town):
    for month, value in ((1, 900), (2, 905), (3, 903)):
        put(town, month, "ideology_party_member_total", value)
    assert total(town, "ideology_party_member_total").value == 903


def test_distinct_firms_are_the_running_figure_not_a_sum(town):
    for month, firms, visits in ((1, 12, 20), (2, 15, 18), (3, 15, 22)):
        put(town, month, "apip_printing_firm_inspected_count", firms)
        put(town, month, "apip_inspection_visit_count", visits)
    assert total(town, "apip_printing_firm_inspected_count").value == 15
    assert total(town, "apip_inspection_visit_count").value == 60


def test_a_serial_number_is_the_highest(town):
    for month, value in ((1, 10), (2, 14), (3, 13)):
        put(town, month, "vol_series_issue_no_audio", value)
    assert total(town, "vol_series_issue_no_audio").value == 14


def test_a_mean_is_of_months_and_as_of_is_the_latest(town):
    for month, value in ((1, 60), (2, 70), (3, 86)):
        put(town, month, "xuexi_activity_rate", value)
    assert total(town, "xuexi_activity_rate").value == 72
    assert total(town, "xuexi_activity_rate", as_of=True).value == 86


def test_a_ratio_is_of_sums_never_the_mean_of_ratios(town):
    for month, joint, articles in ((1, 1, 1), (2, 1, 9)):
        put(town, month, "xuexi_joint_article_province", joint)
        put(town, month, "xuexi_joint_article_city", 0)
        put(town, month, "xuexi_article_national", 0)
        put(town, month, "xuexi_article_city", 0)
        put(town, month, "xuexi_article_province", articles)
    assert total(town, "xuexi_joint_share", 1, 2).value == 20


def test_the_townships_share_is_of_village_sums(town):
    big, small = make_village(town), make_village(town)
    for village, persons, people in ((big, 100, 10000), (small, 50, 100)):
        put(town, 3, "vol_qualified_person_count", persons, village=village)
        put(town, 3, "vol_household_population", people, village=village)
    book = YearBook.load(town, YEAR)
    share = book.total("vol_share_of_population", Period(YEAR, 3, 3))
    assert round(share.value, 3) == round(Decimal(15000) / Decimal(10100), 3)
    assert [row.value for row in book.village_totals("vol_share_of_population", Period(YEAR, 3, 3)).values()] == [1, 50]


def test_a_ratio_over_nothing_is_not_applicable(town):
    put(town, 1, "xuexi_registered_users", 0)
    put(town, 1, "xuexi_target_users", 0)
    row = total(town, "xuexi_coverage_rate", 1, 1)
    assert (row.value, row.status) == (None, Status.NOT_APPLICABLE)


@pytest.mark.parametrize(("kind", "status"), [("not_applicable", Status.NOT_APPLICABLE), ("not_collected", Status.NOT_COLLECTED)])
def test_absences_are_not_zero_and_not_missing(town, kind, status):
    for month in (1, 2):
        put(town, month, "apip_newsletter_submitted_count", kind=kind)
    row = total(town, "apip_newsletter_submitted_count", 1, 2)
    assert (row.value, row.status, row.missing_months) == (None, status, ())
    put(town, 3, "apip_newsletter_submitted_count", 6)
    row = total(town, "apip_newsletter_submitted_count")
    assert (row.value, row.status) == (6, Status.OK if kind == "not_applicable" else Status.PARTIAL)


@pytest.mark.parametrize("kind", ["blank", "text"])
def test_a_blank_is_missing_not_zero(town, kind):
    put(town, 1, "opinion_report_submitted_count", 5)
    put(town, 2, "opinion_report_submitted_count", kind=kind)
    row = total(town, "opinion_report_submitted_count", 1, 2)
    assert (row.value, row.status, row.missing_months) == (5, Status.MISSING, (2,))


def test_a_month_without_a_return_is_missing(town):
    put(town, 1, "opinion_report_submitted_count", 5)
    assert total(town, "opinion_report_submitted_count").missing_months == (2, 3)


def test_only_approved_months_count_unless_asked(town):
    put(town, 1, "opinion_report_submitted_count", 5)
    put(town, 2, "opinion_report_submitted_count", 7, state="submitted")
    assert total(town, "opinion_report_submitted_count", 1, 2).status == Status.MISSING
    assert total(town, "opinion_report_submitted_count", 1, 2, approved_only=False).value == 12


def test_parts_are_not_added_twice(town):
    places = ("national", "province_print", "province_new_media", "city_print", "city_new_media", "district_print")
    levels = {**dict(zip(places, range(1, 7), strict=True)), "district_new_media": 7}
    for name, value in levels.items():
        put(town, 1, f"media_adopted_{name}", value)
    assert total(town, "media_adopted_province", 1, 1).value == 5
    assert total(town, "media_adopted_count", 1, 1).value == 28


def test_a_derived_total_with_a_missing_part_is_missing(town):
    put(town, 1, "media_adopted_province_print", 2)
    assert total(town, "media_adopted_province", 1, 1).status == Status.MISSING


def test_teams_are_the_opening_stock_and_everything_added_since(town):
    for month, added in ((1, 2), (2, 1), (3, 0)):
        put(town, month, "vol_team_opening_count", 20)
        for kind, value in (("apip", added), ("reading", 1), ("other", 0)):
            put(town, month, f"vol_team_added_{kind}", value)
    assert total(town, "vol_team_added_count").value == 6
    assert total(town, "vol_team_total_count").value == 26
    assert total(town, "vol_team_total_count", 3, 3).value == 26


def test_named_items_are_counted_within_the_period_and_planned_ones_are_not(town):
    campaigns = NamedList.objects.get(code="list_apip_campaign")
    dates = {"清源": date(YEAR, 1, 5), "净网": date(YEAR, 3, 1), "护苗": date(YEAR, 6, 1), "秋风": None}
    for name, day in dates.items():
        Highlight.objects.create(unit=town, year=YEAR, named_list=campaigns, name=name, date_from=day)
    Highlight.objects.create(unit=town, year=YEAR, named_list=campaigns, name="固边", status="planned")
    assert total(town, "apip_campaign_count", approved_only=False).value == 2
    assert total(town, "apip_campaign_count", 3, 3, approved_only=False).value == 1
    assert total(town, "apip_campaign_count", 1, 12, approved_only=False).value == 3


def test_the_standard_is_the_districts_of_that_year(town):
    assert total(town, "vol_standard_hours").status == Status.NOT_COLLECTED
    DistrictYear.objects.create(district=town.parent, year=YEAR, volunteer_standard_hours=30)
    assert total(town, "vol_standard_hours").value == 30


def test_ranks_are_of_the_district_and_ties_share_one(town):
    values = {town: 90, make_township(town.parent): 95, make_township(town.parent): 90, make_township(town.parent): 40}
    for unit, value in values.items():
        put(unit, 3, "xuexi_activity_rate", value)
    stranger = make_township(make_district())
    put(stranger, 3, "xuexi_activity_rate", 99)
    ranks = [total(unit, "xuexi_activity_rank").value for unit in values]
    assert ranks == [2, 1, 2, 4]


def test_a_merged_village_counts_until_it_ends_and_its_successor_from_then(town):
    old = make_village(town)
    put(town, 1, "vol_service_hours", 100, village=old)
    Unit.objects.filter(pk=old.pk).update(valid_to=date(YEAR, 2, 15))
    new = make_village(town)
    Unit.objects.filter(pk=new.pk).update(valid_from=date(YEAR, 2, 16))
    Unit.objects.filter(pk=old.pk).update(successor=new)
    put(town, 2, "vol_service_hours", 130, village=new)
    book = YearBook.load(Unit.objects.get(pk=town.pk), YEAR)
    assert book.total("vol_service_hours", Period(YEAR, 1, 2)).value == 230
    assert [unit.pk for unit in book.villages_in(Period(YEAR, 1, 1))] == [old.pk]
    assert [unit.pk for unit in book.villages_in(Period(YEAR, 2, 2))] == [new.pk]


def test_one_village_without_a_figure_leaves_the_township_missing(town):
    first, _second = make_village(town), make_village(town)
    put(town, 1, "vol_service_hours", 100, village=first)
    assert total(town, "vol_service_hours", 1, 1).status == Status.MISSING


def test_a_stock_is_that_of_the_month_and_only_as_of_looks_back(town):
    put(town, 1, "civ_civilization_index", 88)
    put(town, 2, "civ_civilization_index", kind="not_collected")
    assert total(town, "civ_civilization_index", 1, 2).status == Status.NOT_COLLECTED
    assert total(town, "civ_civilization_index", 1, 2, as_of=True).value == 88
    put(town, 1, "ideology_party_member_total", 900)
    put(town, 2, "ideology_party_member_total", kind="blank")
    assert total(town, "ideology_party_member_total", 1, 2).status == Status.MISSING
    assert total(town, "ideology_party_member_total", 1, 2, as_of=True).value == 900


def test_a_blank_of_an_optional_indicator_is_not_collected(town):
    put(town, 1, "xuexi_bulletin_count", kind="blank")
    assert total(town, "xuexi_bulletin_count", 1, 1).status == Status.NOT_COLLECTED


def test_last_years_months_are_there_for_comparison(town):
    put(town, 1, "opinion_report_submitted_count", 4, year=YEAR - 1)
    assert total(town, "opinion_report_submitted_count", 1, 1, year=YEAR - 1).value == 4


def test_loading_takes_the_same_number_of_queries_for_one_month_and_twelve(town, django_assert_num_queries):
    put(town, 1, "opinion_report_submitted_count", 1)
    with django_assert_num_queries(6):
        YearBook.load(town, YEAR)
    for month in range(2, 13):
        for code in ("opinion_report_submitted_count", "ideology_study_session_count"):
            put(town, month, code, 1)
        make_village(town)
    with django_assert_num_queries(6):
        book = YearBook.load(town, YEAR)
        book.total("opinion_report_submitted_count", Period(YEAR, 1, 12))


def test_a_village_founded_mid_year_is_whole_from_its_first_month(town):
    young = make_village(town)
    Unit.objects.filter(pk=young.pk).update(valid_from=date(YEAR, 2, 10))
    for month in (2, 3):
        put(town, month, "vol_service_hours", 40, village=young)
    row = YearBook.load(town, YEAR).village_totals("vol_service_hours", Period(YEAR, 1, 3))[young]
    assert (row.value, row.status) == (80, Status.OK)


@pytest.mark.parametrize(("last_day", "counts"), [(date(YEAR, 2, 27), False), (date(YEAR, 2, 28), True)])
def test_a_village_that_ends_on_the_last_day_of_a_month_counts_in_it(town, last_day, counts):
    old = make_village(town)
    Unit.objects.filter(pk=old.pk).update(valid_to=last_day)
    book = YearBook.load(Unit.objects.get(pk=town.pk), YEAR)
    assert bool(book.villages_in(Period(YEAR, 2, 2))) is counts


def test_a_ratio_as_of_a_date_takes_both_sides_from_one_month(town):
    for month, registered, target in ((1, 90, 100), (2, None, 200)):
        put(town, month, "xuexi_target_users", target)
        put(town, month, "xuexi_registered_users", registered, kind="value" if registered else "not_collected")
    assert total(town, "xuexi_coverage_rate", 2, 2).status == Status.NOT_APPLICABLE
    assert total(town, "xuexi_coverage_rate", 1, 2, as_of=True).value == 90


def test_an_uncollected_village_leaves_the_township_uncollected_not_smaller(town):
    first, second = make_village(town), make_village(town)
    put(town, 1, "vol_service_hours", 100, village=first)
    put(town, 1, "vol_service_hours", village=second, kind="not_collected")
    row = total(town, "vol_service_hours", 1, 1)
    assert (row.value, row.status) == (None, Status.NOT_COLLECTED)
    put(town, 1, "vol_service_hours", village=second, kind="not_applicable")
    assert total(town, "vol_service_hours", 1, 1).value == 100


def test_a_whole_with_a_blank_part_has_no_value_in_that_month(town):
    put(town, 1, "media_adopted_province_print", 2)
    put(town, 1, "media_adopted_province_new_media", kind="text")
    put(town, 2, "media_adopted_province_print", 2)
    put(town, 2, "media_adopted_province_new_media", 3)
    assert total(town, "media_adopted_province", 1, 1).value is None
    row = total(town, "media_adopted_province", 1, 2)
    assert (row.value, row.status) == (5, Status.MISSING)
    put(town, 1, "vol_team_added_apip", 2)
    assert total(town, "vol_team_total_count", 1, 1).value is None


def test_village_rows_of_a_merged_village_add_up_to_the_township(town):
    old, other = make_village(town), make_village(town)
    for village, hours in ((old, 100), (other, 10)):
        put(town, 1, "vol_service_hours", hours, village=village)
    put(town, 2, "vol_service_hours", 20, village=other)
    Unit.objects.filter(pk=old.pk).update(valid_to=date(YEAR, 1, 20))
    book = YearBook.load(Unit.objects.get(pk=town.pk), YEAR)
    period = Period(YEAR, 1, 2)
    rows = book.village_totals("vol_service_hours", period)
    assert sum(row.value for row in rows.values()) == book.total("vol_service_hours", period).value == 130
    assert book.village_totals("vol_household_population", period)[old].value is None


def test_there_is_no_rank_until_every_township_of_that_month_is_approved(town):
    put(town, 3, "xuexi_activity_rate", 90)
    late = make_township(town.parent)
    put(late, 3, "xuexi_activity_rate", 80, state="submitted")
    assert total(town, "xuexi_activity_rank").status == Status.NOT_COLLECTED
    assert total(town, "xuexi_activity_rank", approved_only=False).value == 1
    MonthlyReturn.objects.filter(unit=late).update(state="approved")
    assert total(town, "xuexi_activity_rank").value == 1


def test_an_abolished_township_does_not_stand_in_the_way_of_a_rank(town):
    put(town, 3, "xuexi_activity_rate", 90)
    gone = make_township(town.parent)
    Unit.objects.filter(pk=gone.pk).update(valid_to=date(YEAR, 1, 31))
    assert total(town, "xuexi_activity_rank").value == 1
