"""Checks that look sensible and are wrong: with the shipped catalogue none of these says anything but what is written here."""

from datetime import date
from decimal import Decimal

import pytest

from metrics.checks import return_findings
from metrics.choices import EVIDENCE_RULE
from metrics.models import Indicator
from metrics.services import sync_catalogue
from tests.factories import make_district, make_district_year, make_figure, make_return, make_township, make_village

pytestmark = pytest.mark.django_db
YEAR, MONTH = 2026, 10


@pytest.fixture
def town():
    sync_catalogue()
    district = make_district()
    make_district_year(district, YEAR)
    return make_township(district)


def put(town, cells, year=YEAR, month=MONTH, unit=None):
    """Store figures of a month by indicator code; returns the month's return."""
    row = town.returns.filter(year=year, month=month).first() or make_return(town, year, month)
    for code, value in cells.items():
        kind = value if isinstance(value, str) else ""
        make_figure(row, Indicator.objects.get(code=code), None if kind else value, kind=kind, unit=unit)
    return row


def found(monthly_return):
    """Return (level, rule, cell) of everything found about the numbers: blanks and files that are asked for left out."""
    left_out = ("blank", EVIDENCE_RULE)
    return [(row.level, row.code, row.cell) for row in return_findings(monthly_return) if row.code not in left_out]


def test_more_may_be_destroyed_than_was_seized(town):
    put(town, {"apip_seized_count": 0, "apip_destroyed_count": 0}, month=MONTH - 1)
    assert found(put(town, {"apip_seized_count": 3, "apip_destroyed_count": 90})) == []


def test_the_district_may_print_more_than_the_city(town):
    media = {"media_adopted_city_print": 3, "media_adopted_city_new_media": 5, "media_adopted_district_print": 40,
             "media_adopted_district_new_media": 95, "media_adopted_province_print": 9, "media_adopted_national": 10}  # fmt: skip
    assert found(put(town, media)) == []


def test_booked_visits_above_all_visits_are_asked_about_and_block_nothing(town):
    visits = {"civ_visit_group_count": 5, "civ_visit_booked_group_count": 6,
              "civ_visit_person_times": 100, "civ_visit_booked_person_times": 101}  # fmt: skip
    assert found(put(town, visits)) == [
        ("query", "above", "civ_visit_booked_group_count"), ("query", "above", "civ_visit_booked_person_times"),
    ]  # fmt: skip


def test_firms_of_the_year_may_exceed_visits_of_the_month(town):
    for month in range(1, MONTH):
        put(town, {"apip_inspection_visit_count": 9, "apip_printing_firm_inspected_count": min(9 * month, 60)}, month=month)
    venues = {"apip_cultural_venue_total": 80}
    assert found(put(town, {**venues, "apip_inspection_visit_count": 9, "apip_printing_firm_inspected_count": 66})) == []


def test_more_firms_than_visits_in_the_year_are_asked_about(town):
    for month in range(1, MONTH):
        put(town, {"apip_inspection_visit_count": 1}, month=month)
    monthly_return = put(town, {"apip_inspection_visit_count": 1, "apip_printing_firm_inspected_count": 11})
    assert found(monthly_return) == [("query", "above", "apip_printing_firm_inspected_count")]


def test_joint_articles_lie_within_their_own_platform_not_only_within_the_sum(town):
    articles = {"xuexi_article_national": 9, "xuexi_article_province": 5, "xuexi_article_city": 3}
    joint = {"xuexi_joint_article_province": 5, "xuexi_joint_article_city": 4}
    assert found(put(town, {**articles, **joint})) == [("error", "subset", "xuexi_joint_article_city")]


def test_parts_of_which_are_not_added_to_their_whole(town):
    articles = {"xuexi_article_national": 1, "xuexi_article_province": 5, "xuexi_joint_article_province": 2,
                "xuexi_article_city": 0, "xuexi_joint_article_city": 0}  # fmt: skip
    assert found(put(town, articles)) == []


def test_more_opinion_reports_may_be_adopted_than_submitted_in_the_month(town):
    reports = {"opinion_report_submitted_count": 4, "opinion_report_adopted_count": 9, "opinion_report_adoption_points": 400}
    assert found(put(town, reports)) == []


def test_a_rate_over_months_is_recomputed_and_never_the_mean_of_rates(town):
    """Each month's rate is within 100 %, their mean and the year's too: nothing to say, nor of a part that was not collected."""
    put(town, {"opinion_report_submitted_count": 1, "opinion_report_adopted_count": 1}, month=MONTH - 1)
    reports = {"opinion_report_submitted_count": 9, "opinion_report_adopted_count": "not_collected"}
    assert found(put(town, reports)) == []
    members = {"ideology_party_member_total": 900, "ideology_winter_training_attended": 900}
    assert found(put(town, members)) == []


def test_running_figures_may_stand_still_and_sessions_may_fall_to_none(town):
    running = {"culture_enterprise_visit_count": 12, "vol_series_issue_no_audio": 33, "ideology_winter_training_attended": 0}
    put(town, {**running, "team_training_session_count": 0, "ideology_study_session_count": 6}, month=MONTH - 1)
    assert found(put(town, {**running, "ideology_study_session_count": 0})) == []


def test_running_figures_begin_again_in_january(town):
    put(town, {"culture_enterprise_visit_count": 60, "vol_campaign_recruited_count": 171}, YEAR - 1, 12)
    assert found(put(town, {"culture_enterprise_visit_count": 1, "vol_campaign_recruited_count": 0}, YEAR, 1)) == []


def test_stocks_are_not_added_over_months_and_may_stay_the_same_for_years(town):
    stocks = {"ideology_party_member_total": 1204, "apip_cultural_venue_total": 118, "vol_team_opening_count": 38}
    for year, month in ((YEAR - 1, MONTH), (YEAR, MONTH - 2), (YEAR, MONTH - 1)):
        put(town, stocks, year, month)
    assert found(put(town, stocks)) == []


def test_not_applicable_and_not_collected_are_neither_zero_nor_missing(town):
    codes = [
        "apip_newsletter_submitted_count",
        "media_own_channel_post_wechat",
        "civ_visit_person_times",
        "vol_checkin_stop_count",
    ]
    put(town, dict.fromkeys(codes, 90), month=MONTH - 1)
    monthly_return = put(town, {code: kind for code, kind in zip(codes, ["not_applicable", "not_collected"] * 2, strict=True)})
    assert found(monthly_return) == []
    assert not {row.cell for row in return_findings(monthly_return)} & set(codes)


def test_a_figure_that_starts_in_the_middle_of_the_year_has_nothing_before_it(town):
    put(town, {"apip_newsletter_submitted_count": "not_applicable"}, month=MONTH - 1)
    assert found(put(town, {"apip_newsletter_submitted_count": 60})) == []


def test_a_village_that_others_merged_into_is_compared_with_nobody(town):
    gone = [make_village(town, valid_to=date(YEAR, MONTH - 1, 30)) for _ in range(2)]
    merged = make_village(town, valid_from=date(YEAR, MONTH, 1))
    for village in gone:
        put(town, {"vol_household_population": 2000, "vol_qualified_person_count": 300}, month=MONTH - 1, unit=village)
    cells = {"vol_household_population": 4000, "vol_qualified_person_count": 600, "vol_service_hours": Decimal("8000.5")}
    assert found(put(town, cells, unit=merged)) == []


def test_a_villages_share_above_the_others_is_its_own_affair(town):
    eager, lazy = make_village(town), make_village(town)
    put(town, {"vol_household_population": 100, "vol_qualified_person_count": 100}, unit=eager)
    assert found(put(town, {"vol_household_population": 4000, "vol_qualified_person_count": 3}, unit=lazy)) == []


def test_figures_of_last_year_typed_again_are_asked_about(town):
    put(town, {"civ_visit_person_times": 640, "civ_visit_group_count": 12}, YEAR - 1, MONTH)
    again = put(town, {"civ_visit_person_times": 640, "civ_visit_group_count": 12})
    assert found(again) == [("query", "same", "civ_visit_person_times")]


def test_an_activity_rate_above_one_hundred_is_an_error(town):
    assert found(put(town, {"xuexi_activity_rate": Decimal("100.1")})) == [("error", "range", "xuexi_activity_rate")]


def test_fewer_visitors_than_groups_are_a_hint(town):
    monthly_return = put(town, {"civ_visit_group_count": 12, "civ_visit_person_times": 11})
    assert found(monthly_return) == [("hint", "range", "civ_visitors_per_group")]
