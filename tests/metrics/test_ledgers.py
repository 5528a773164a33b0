"""Ledgers: entries add up by rule, and open figures follow them unless somebody typed something else."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from metrics import services
from metrics.choices import FigureKind, Source
from metrics.ledger_forms import ledger_form, new_entry
from metrics.ledger_sums import distinct_names, ledger_values
from metrics.ledgers import LedgerRule, LedgerRuleError, ledger_kind, ledger_kinds
from metrics.models import Figure, Indicator, Inspection, MonthlyReturn, StudySession
from metrics.services import CellInput
from tests.factories import make_district, make_return, make_township, make_user, make_village
from volunteers.models import VolunteerActivity, VolunteerCampaign
from workflow.choices import State
from workflow.models import Event
from workflow.queries import chain_faults
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
STUDY = "ideology_study_session_count"


@pytest.fixture
def town():
    services.sync_catalogue()
    return make_township(make_district())


@pytest.fixture
def clerk(town):
    return make_user("township_clerk", town)


def values_of(town, month, *codes):
    return ledger_values(town, 2026, month, Indicator.objects.filter(code__in=codes))


def add_study(clerk, day=date(2026, 10, 8), **values):
    entry = StudySession(unit=clerk.unit, date=day, name="专题学习", **values)
    return services.save_entry(by=clerk, kind=ledger_kind("study"), entry=entry)


def figure(monthly_return, code=STUDY):
    return Figure.objects.filter(monthly_return=monthly_return, indicator__code=code).first()


def test_every_binding_of_the_catalogue_reads():
    services.sync_catalogue()
    bound = [row for row in Indicator.objects.all() if row.formula.get("ledger")]
    assert len(bound) > 40
    assert {LedgerRule.of(row).kind for row in bound} == {row.code for row in ledger_kinds()}


@pytest.mark.parametrize(
    ("rule", "part"),
    [
        ({"kind": "diary"}, "diary"),
        ({"kind": "study", "measure": "mean:copies"}, "mean"),
        ({"kind": "study", "measure": "sum:kind"}, "kind"),
        ({"kind": "study", "measure": "sum:pages"}, "pages"),
        ({"kind": "study", "where": {"colour": "red"}}, "colour"),
    ],
)
def test_a_rule_that_the_ledger_does_not_have_is_refused_by_name(rule, part):
    with pytest.raises(LedgerRuleError, match=part):
        LedgerRule.read(rule)


def test_an_empty_ledger_says_nothing_and_one_in_use_says_zero_of_what_it_is_kept_for(town, clerk):
    remote, books = "ideology_remote_education_count", "ideology_study_book_count"
    codes = (STUDY, remote, books)
    assert values_of(town, 10, *codes) == {}
    add_study(clerk)
    assert values_of(town, 10, *codes) == {STUDY: 1}
    add_study(clerk, day=date(2025, 1, 1), kind="remote_education")
    add_study(clerk, day=date(2026, 3, 1), kind="books", copies=40)
    assert values_of(town, 10, *codes) == {STUDY: 1, remote: 0, books: 0}
    assert values_of(town, 11, *codes) == {}
    # What lies further back than the year before is no habit any more; what comes later is none yet.
    StudySession.objects.filter(kind="remote_education").update(date=date(2024, 12, 31))
    StudySession.objects.filter(kind="books").update(date=date(2026, 11, 1))
    assert values_of(town, 10, *codes) == {STUDY: 1}


def test_sums_of_fields_and_other_townships_stay_out(town, clerk):
    add_study(clerk, speeches=3)
    add_study(clerk, speeches=4)
    add_study(clerk, kind="remote_education")
    other = make_user("township_clerk", make_township(town.parent))
    add_study(other, speeches=100)
    code = "ideology_leader_speech_person_times"
    assert values_of(town, 10, STUDY, code) == {STUDY: 2, code: 7}


def test_firms_count_once_from_january_on_and_visits_add_up(town, clerk):
    kind = ledger_kind("inspection")
    rows = [(date(2026, 3, 2), "甲印务、乙印刷厂", 2), (date(2026, 10, 9), "甲 印务；丙印刷", 3)]
    for day, premises, visits in rows:
        entry = Inspection(unit=town, date=day, name="检查", venue_kind="printing", premises=premises, visits=visits)
        services.save_entry(by=clerk, kind=kind, entry=entry)
    codes = ("apip_printing_firm_inspected_count", "apip_inspection_visit_count")
    assert values_of(town, 10, *codes) == {codes[0]: 3, codes[1]: 3}
    assert values_of(town, 3, *codes) == {codes[0]: 2, codes[1]: 2}
    # In a month without an inspection the running count stands, the month's visits say nothing.
    assert values_of(town, 5, *codes) == {codes[0]: 2}


def test_names_are_told_apart_without_spaces_and_width():
    assert distinct_names(["甲厂、乙厂", "甲 厂,Ｃ厂", None, "C厂"]) == {"甲厂", "乙厂", "C厂"}


def test_days_of_overlapping_campaigns_count_once_and_only_within_the_month(town, clerk):
    for first, last in ((date(2026, 9, 28), date(2026, 10, 3)), (date(2026, 10, 2), date(2026, 10, 5))):
        entry = VolunteerCampaign(unit=town, date=first, date_to=last, name="行动")
        services.save_entry(by=clerk, kind=ledger_kind("vol_campaign"), entry=entry)
    code = "vol_campaign_duration_days"
    assert values_of(town, 10, code) == {code: 5}
    assert values_of(town, 9, code) == {code: 3}
    assert values_of(town, 11, code) == {}


def test_villages_are_counted_apart_and_only_those_with_entries(town, clerk):
    village, _other = make_village(town), make_village(town)
    for hours in ("2.5", "3"):
        entry = VolunteerActivity(unit=town, date=date(2026, 10, 1), name="清洁", village=village, hours=Decimal(hours))
        services.save_entry(by=clerk, kind=ledger_kind("vol_activity"), entry=entry)
    assert values_of(town, 10, "vol_service_hours", "vol_village_activity_count") == {
        f"vol_service_hours@{village.code}": Decimal("5.5"),
        f"vol_village_activity_count@{village.code}": 2,
    }


def test_a_village_is_counted_only_in_the_kinds_it_keeps(town, clerk):
    def activity(village, **values):
        entry = VolunteerActivity(unit=town, date=date(2026, 10, 1), name="活动", village=village, **values)
        services.save_entry(by=clerk, kind=ledger_kind("vol_activity"), entry=entry)

    first, second = make_village(town), make_village(town)
    activity(first, kind="station", hours=Decimal(2))
    activity(second, kind="station")
    activity(None, kind="institute")
    codes = ("vol_service_hours", "vol_village_activity_count", "vol_institute_activity_count", "vol_series_issue_no_audio")
    assert values_of(town, 10, *codes) == {
        f"vol_service_hours@{first.code}": 2,  # no hours were written down in the second
        f"vol_village_activity_count@{first.code}": 1,
        f"vol_village_activity_count@{second.code}": 1,
        "vol_institute_activity_count": 1,
    }


def test_sums_take_one_query_a_ledger_however_many_entries(town, clerk, django_assert_num_queries):
    indicators = list(Indicator.objects.all())
    add_study(clerk)
    with django_assert_num_queries(2):
        ledger_values(town, 2026, 10, indicators)
    for _time in range(20):
        add_study(clerk)
    with django_assert_num_queries(2):
        ledger_values(town, 2026, 10, indicators)


def test_a_blank_cell_follows_its_ledger_until_somebody_types_something_else(town, clerk):
    monthly_return = make_return(town)
    first = add_study(clerk)
    assert (figure(monthly_return).value, figure(monthly_return).raw) == (1, "1")
    add_study(clerk)
    assert figure(monthly_return).value == 2
    stored = figure(monthly_return)
    services.save_figures(by=clerk, monthly_return=monthly_return, inputs=[CellInput(STUDY, "5", stored.version)])
    services.remove_entry(by=clerk, kind=ledger_kind("study"), entry=first)
    assert figure(monthly_return).value == 5
    deeds = list(Event.objects.filter(deed="follow_ledger").values_list("changes", flat=True))
    assert [change["new"] for changes in deeds for change in changes if change["cell"] == STUDY] == ["1", "2"]
    assert not list(chain_faults(town.code))


def test_an_emptied_ledger_leaves_the_cell_blank_not_zero(town, clerk):
    monthly_return = make_return(town)
    entry = add_study(clerk)
    services.remove_entry(by=clerk, kind=ledger_kind("study"), entry=entry)
    assert figure(monthly_return).kind == FigureKind.BLANK


@pytest.mark.parametrize("state", [State.AWAITING_SIGNOFF, State.SUBMITTED, State.IN_REVIEW, State.APPROVED])
def test_figures_of_a_return_that_is_not_open_never_move(town, clerk, state):
    monthly_return = make_return(town)
    add_study(clerk)
    MonthlyReturn.objects.filter(pk=monthly_return.pk).update(state=state)
    add_study(clerk)
    assert figure(monthly_return).value == 1


def test_a_figure_counted_from_a_ledger_alone_always_follows(town, clerk):
    monthly_return = make_return(town)
    add_study(clerk)
    Figure.objects.update(value=9, raw="9")
    Indicator.objects.filter(code=STUDY).update(source=Source.LEDGER)
    add_study(clerk)
    assert figure(monthly_return).value == 2


def test_moving_an_entry_to_another_month_moves_both_figures(town, clerk):
    september, october = make_return(town, month=9), make_return(town, month=10)
    entry = add_study(clerk)
    entry.date = date(2026, 9, 30)
    services.save_entry(by=clerk, kind=ledger_kind("study"), entry=entry, base_version=entry.version)
    assert figure(september).value == 1
    assert figure(october).kind == FigureKind.BLANK


def test_two_editors_of_one_entry_and_strangers_are_refused(town, clerk):
    entry = add_study(clerk)
    kind = ledger_kind("study")
    services.save_entry(by=clerk, kind=kind, entry=entry, base_version=1)
    with pytest.raises(Refused):
        services.save_entry(by=clerk, kind=kind, entry=entry, base_version=1)
    for role, unit in (("township_clerk", make_township(town.parent)), ("district_reviewer", town.parent)):
        with pytest.raises(PermissionDenied):
            services.save_entry(by=make_user(role, unit), kind=kind, entry=entry, base_version=entry.version)


def form_errors(kind_code, town, **data):
    kind = ledger_kind(kind_code)
    form = ledger_form(kind)(data, instance=new_entry(kind, town))
    return {} if form.is_valid() else form.errors, form


def test_a_form_reads_what_spreadsheets_write(town):
    errors, form = form_errors(
        "practice",
        town,
        date="2026年10月8日",
        kind="团体参观",
        name="参观",
        is_booked="是",
        groups="1，200",
        person_times="３0人次",
    )
    assert set(errors) == {"person_times"}  # the ledger does not know the measure word, so it is not dropped
    errors, form = form_errors(
        "practice", town, date="2026.10.8", kind="visit", name="参观", is_booked="", groups="1，200", person_times="３0"
    )
    assert not errors
    entry = form.save(commit=False)
    assert (entry.date, entry.groups, entry.person_times, entry.is_booked) == (date(2026, 10, 8), 1200, 30, False)


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        ("study", {"kind": "books"}, "copies"),
        ("study", {"kind": "会议"}, "kind"),
        ("study", {"date": "2099-01-01"}, "date"),
        ("media", {"channel": "主流媒体"}, "level"),
        ("media", {"channel": "media", "level": "省级"}, "medium"),
        ("media", {"channel": "xuexi", "level": "district"}, "level"),
        ("media", {"channel": "media", "level": "national", "is_joint": "是"}, "is_joint"),
        ("practice", {"kind": "reception"}, "level"),
        ("inspection", {"venue_kind": "printing"}, "premises"),
        ("inspection", {"kind": "concentrated"}, "campaign"),
        ("vol_activity", {"kind": "station"}, "village"),
        ("vol_activity", {"kind": "institute", "village": "无此村"}, "village"),
        ("vol_campaign", {"date_to": "2026-01-01"}, "date_to"),
    ],
)
def test_what_does_not_go_together_is_said_at_its_field(town, kind, data, field):
    errors, _form = form_errors(kind, town, **{"date": "2026-10-08", "name": "某事", **data})
    assert field in errors
