"""Sets of indicators by year: copies, drafts, publishing, months; old years and other districts stay as they were."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.test.utils import CaptureQueriesContext

from metrics import services
from metrics.catalogue_review import differences_to, effect_range, obstacles
from metrics.catalogue_years import load_indicators
from metrics.choices import FigureKind
from metrics.grid import load_grid
from metrics.models import Catalogue, Figure, Highlight, Indicator, NamedList
from metrics.periods import Period
from metrics.queries import Status, YearBook
from metrics.services import CellInput
from tests.factories import (
    make_district,
    make_district_year,
    make_figure,
    make_item,
    make_return,
    make_township,
    make_user,
)
from workflow.choices import State
from workflow.models import Event
from workflow.queries import chain_faults
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)
SESSIONS, BOOKS = "ideology_study_session_count", "ideology_study_book_count"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)


@pytest.fixture
def district():
    services.sync_catalogue()
    district = make_district()
    make_district_year(district, 2026)
    return district


@pytest.fixture
def admin(district):
    return make_user("district_admin", district)


@pytest.fixture
def town(district):
    return make_township(district)


@pytest.fixture
def draft(admin, district):
    return services.copy_year(by=admin, district=district, source_year=2026, first_year=2027)


def of(catalogue, code) -> Indicator:
    return catalogue.indicators.select_related("area", "parent", "catalogue__district").get(code=code)


def change(admin, catalogue, code, **values):
    row = of(catalogue, code)
    for name, value in values.items():
        setattr(row, name, value)
    return services.change_indicator(by=admin, indicator=row, base_version=row.version)


def publish(admin, catalogue, day=TODAY):
    catalogue.refresh_from_db()
    return services.publish_catalogue(by=admin, catalogue=catalogue, effect_date=day, base_version=catalogue.version)


def added(admin, catalogue, name="新指标", month=1, area=None, **values):
    area = area or of(catalogue, SESSIONS).area
    values = {"measure": "次", "aggregation": "sum", "scope_note": "按月填报。", **values}
    row = Indicator(catalogue=catalogue, area=area, name=name, **values)
    return services.add_indicator(by=admin, indicator=row, month=month)


# Copying


def test_a_copy_holds_everything_with_parents_of_its_own(draft):
    shipped = Catalogue.objects.get(district=None)
    assert draft.indicators.count() == shipped.indicators.count() > 80
    assert draft.named_lists.count() == shipped.named_lists.count() > 20
    parts = draft.indicators.exclude(parent=None).select_related("parent")
    assert parts
    assert {row.parent.catalogue_id for row in parts} == {draft.pk}
    old = {row.code: row.parent.code for row in shipped.indicators.exclude(parent=None).select_related("parent")}
    assert {row.code: row.parent.code for row in parts} == old
    assert differences_to(draft, 2026) == []


def test_a_draft_changes_nothing_for_anybody(draft, admin, town):
    change(admin, draft, SESSIONS, name="中心组学习次数")
    for year in (2026, 2027):
        names = {row.name for row in Indicator.objects.of_year(town.parent, year)}
        assert "中心组专题学习" in names
        assert "中心组学习次数" not in names


@pytest.mark.parametrize(("year", "fits"), [(2025, False), (2026, True), (2027, True), (2028, True), (2029, False)])
def test_a_set_is_made_for_this_year_and_two_ahead(admin, district, year, fits):
    def make():
        return services.copy_year(by=admin, district=district, source_year=2026, first_year=year)

    if fits:
        assert make().first_year == year
    else:
        with pytest.raises(Refused, match="2026"):
            make()


def test_a_year_has_one_set(draft, admin, district):
    with pytest.raises(Refused):
        services.copy_year(by=admin, district=district, source_year=2026, first_year=2027)
    assert Catalogue.objects.filter(district=district).count() == 1


@pytest.mark.parametrize("role", ["district_reviewer", "auditor"])
def test_only_the_administrator_copies(role, district):
    with pytest.raises(PermissionDenied):
        services.copy_year(by=make_user(role, district), district=district, source_year=2026, first_year=2027)


def test_another_districts_administrator_is_refused(draft):
    other = make_user("district_admin", make_district("外区"))
    with pytest.raises(PermissionDenied):
        services.change_indicator(by=other, indicator=of(draft, SESSIONS), base_version=1)
    with pytest.raises(PermissionDenied):
        services.publish_catalogue(by=other, catalogue=draft, effect_date=TODAY, base_version=1)


def test_the_shipped_set_is_changed_by_nobody(admin, district):
    shipped = of(Catalogue.objects.get(district=None), SESSIONS)
    shipped.name = "改名"
    with pytest.raises(PermissionDenied):
        services.change_indicator(by=admin, indicator=shipped, base_version=1)


def test_a_draft_that_is_thrown_away_leaves_the_shipped_set(draft, admin, district):
    services.discard_draft(by=admin, catalogue=draft)
    assert not Catalogue.objects.filter(district=district).exists()
    assert Indicator.objects.of_year(district, 2027).exists()


# Two years, two districts


def test_after_renaming_old_years_keep_their_names_and_new_ones_their_figures(draft, admin, town):
    last = make_return(town, 2026, 10, State.APPROVED)
    make_figure(last, Indicator.objects.of_year(town.parent, 2026).get(code=SESSIONS), 5)
    change(admin, draft, SESSIONS, name="中心组学习次数")
    publish(admin, draft)
    new = make_return(town, 2027, 10)
    services.save_figures(by=make_user(unit=town), monthly_return=new, inputs=[CellInput(SESSIONS, "7")])
    old_book, new_book = YearBook.load(town, 2026, approved_only=False), YearBook.load(town, 2027, approved_only=False)
    assert old_book.indicators[SESSIONS].name == "中心组专题学习"
    assert new_book.indicators[SESSIONS].name == "中心组学习次数"
    october = Period(2027, 10, 10)
    assert new_book.total(SESSIONS, october).value == 7
    assert new_book.total(SESSIONS, october.previous_year()).value == 5
    assert load_grid(last).row(SESSIONS).name == "中心组专题学习"
    row = load_grid(new).row(SESSIONS)
    assert (row.name, row.this_month, row.last_year) == ("中心组学习次数", "7", "5")
    assert services.snapshot(new)["cells"][SESSIONS]["name"] == "中心组学习次数"
    assert services.snapshot(last)["cells"][SESSIONS]["name"] == "中心组专题学习"


def test_two_districts_count_differently_side_by_side(draft, admin, town):
    other_town = make_township(make_district("外区"))
    row = added(admin, draft, "本区新指标")
    services.retire_indicator(by=admin, indicator=of(draft, BOOKS), last_month=0)
    publish(admin, draft)
    own, other = (load_grid(make_return(unit, 2027, 1)) for unit in (town, other_town))
    assert own.row(row.code).name == "本区新指标"
    assert own.row(BOOKS) is None
    assert other.row(row.code) is None
    assert other.row(BOOKS) is not None
    clerk = make_user(unit=other_town)
    result = services.save_figures(by=clerk, monthly_return=other.monthly_return, inputs=[CellInput(row.code, "1")])
    assert result[0].status == "refused"


def test_a_code_of_its_own_is_never_given_twice_in_a_district(draft, admin, district):
    first = added(admin, draft, "甲")
    services.remove_indicator(by=admin, indicator=of(draft, first.code))
    second = added(admin, draft, "乙")
    third = added(admin, draft, "丙")
    assert second.code == "own_ideology_1"
    assert third.code == "own_ideology_2"
    publish(admin, draft)
    later = services.copy_year(by=admin, district=district, source_year=2027, first_year=2028)
    assert added(admin, later, "丁").code == "own_ideology_3"


def test_what_last_year_did_not_count_does_not_apply_there(draft, admin, town):
    row = added(admin, draft)
    publish(admin, draft)
    make_return(town, 2026, 10, State.APPROVED)
    book = YearBook.load(town, 2027, approved_only=False)
    assert book.total(row.code, Period(2026, 1, 10)).status == Status.NOT_APPLICABLE
    assert load_grid(make_return(town, 2027, 10)).row(row.code).last_year == "不适用"


def test_a_books_queries_do_not_grow_with_sets(draft, admin, town, django_assert_num_queries):
    from django.db import connection

    with CaptureQueriesContext(connection) as before:
        YearBook.load(town, 2027)
    publish(admin, draft)
    with CaptureQueriesContext(connection) as first_year:
        YearBook.load(town, 2027)
    with CaptureQueriesContext(connection) as later:
        YearBook.load(town, 2028)
    assert len(first_year) == len(before) + 1
    assert len(later) == len(before)
    with django_assert_num_queries(1):
        load_indicators(town.parent, 2028)


# Months


def test_an_indicator_from_july_leaves_earlier_months_not_applicable(draft, admin, town):
    row = added(admin, draft, "七月起", month=7)
    publish(admin, draft)
    june, july = make_return(town, 2027, 6, State.APPROVED), make_return(town, 2027, 7, State.APPROVED)
    assert load_grid(june).row(row.code) is None
    assert load_grid(july).row(row.code).last_month == "不适用"
    make_figure(july, row, 4)
    book = YearBook.load(town, 2027)
    total = book.total(row.code, Period(2027, 6, 7))
    assert (total.value, total.status) == (4, Status.OK)
    assert [part.kind for part in total.parts] == [FigureKind.NOT_APPLICABLE, FigureKind.VALUE]
    assert book.total(row.code, Period(2027, 1, 6)).status == Status.NOT_APPLICABLE


def test_an_indicator_retired_after_june_keeps_its_months(draft, admin, town):
    services.retire_indicator(by=admin, indicator=of(draft, BOOKS), last_month=6)
    publish(admin, draft)
    june, july = make_return(town, 2027, 6, State.APPROVED), make_return(town, 2027, 7, State.APPROVED)
    make_figure(june, of(draft, BOOKS), 30)
    make_figure(july, of(draft, BOOKS), 99)  # typed before it was retired, say
    assert load_grid(june).row(BOOKS).this_month == "30"
    assert load_grid(july).row(BOOKS) is None
    total = YearBook.load(town, 2027).total(BOOKS, Period(2027, 6, 7))
    assert (total.value, total.status) == (30, Status.OK)


def test_a_set_in_force_takes_months_that_nobody_has_handed_in(draft, admin, town):
    publish(admin, draft)
    make_return(town, 2027, 3, State.SUBMITTED)
    make_return(town, 2027, 4)
    with pytest.raises(Refused, match="4"):
        added(admin, draft, "三月起", month=3)
    row = added(admin, draft, "四月起", month=4)
    assert (row.valid_from, row.valid_from_month) == (2027, 4)
    with pytest.raises(Refused):
        services.retire_indicator(by=admin, indicator=of(draft, BOOKS), last_month=2)
    services.retire_indicator(by=admin, indicator=of(draft, BOOKS), last_month=3)
    assert not of(draft, BOOKS).counts_in(2027, 4)
    services.restore_indicator(by=admin, indicator=of(draft, BOOKS))
    assert of(draft, BOOKS).counts_in(2027, 4)


def test_a_retired_indicator_stays_so_once_a_month_is_handed_in_without_it(draft, admin, town):
    services.retire_indicator(by=admin, indicator=of(draft, BOOKS), last_month=2)
    publish(admin, draft)
    make_return(town, 2027, 3, State.SUBMITTED)
    with pytest.raises(Refused):
        services.restore_indicator(by=admin, indicator=of(draft, BOOKS))


def test_counts_in_agrees_with_the_query(draft):
    row = of(draft, BOOKS)
    cases = [(2027, 1, None, 12), (2027, 7, None, 12), (2000, 1, 2027, 6), (2027, 3, 2027, 5), (2028, 2, None, 12)]
    for row.valid_from, row.valid_from_month, row.valid_to, row.valid_to_month in cases:
        row.save()
        for year in (2026, 2027, 2028):
            own = draft.indicators.filter(pk=row.pk)
            assert own.counted_in(year).exists() == row.counts_in(year), (cases, year)
            for month in range(1, 13):
                assert own.counted_in(year, month).exists() == row.counts_in(year, month), (row.valid_from, year, month)


# Changing


def test_a_set_in_force_takes_corrections_of_its_scope_alone(draft, admin):
    publish(admin, draft)
    assert change(admin, draft, SESSIONS, scope_note="改过的口径。").version == 2
    event = Event.objects.get(deed="change_indicator")
    assert event.changes[0] == {"indicator": SESSIONS, "field": "scope", "new": "改过的口径。", "old": event.changes[0]["old"]}
    for values in ({"name": "改名"}, {"measure": "场"}, {"decimals": 1}, {"aggregation": "last"}):
        with pytest.raises(Refused):
            change(admin, draft, SESSIONS, **values)
    with pytest.raises(Refused):
        services.move_indicator(by=admin, indicator=of(draft, SESSIONS), place=3)
    with pytest.raises(Refused):
        services.remove_indicator(by=admin, indicator=of(draft, SESSIONS))
    with pytest.raises(Refused):
        services.discard_draft(by=admin, catalogue=draft)


def test_a_change_made_meanwhile_is_told(draft, admin):
    mine, theirs = of(draft, SESSIONS), of(draft, SESSIONS)
    theirs.name = "他们的"
    services.change_indicator(by=admin, indicator=theirs, base_version=1)
    mine.name = "我的"
    with pytest.raises(Refused):
        services.change_indicator(by=admin, indicator=mine, base_version=1)
    assert of(draft, SESSIONS).name == "他们的"


def test_a_name_is_given_once(draft, admin):
    with pytest.raises(Refused, match="购发学习书籍"):
        change(admin, draft, SESSIONS, name="购发学习书籍")


def test_places_are_moved_and_parts_stay_behind_their_whole(draft, admin):
    area = of(draft, "media_adopted_count").area
    row = of(draft, "media_adopted_city")
    services.move_indicator(by=admin, indicator=row, place=1)
    codes = list(draft.indicators.filter(area=area).values_list("code", flat=True))
    beside = list(draft.indicators.filter(area=area, parent=row.parent_id).values_list("code", flat=True))
    assert beside[0] == row.code
    parts = {code for code in codes if of(draft, code).parent_id == row.pk}
    at = codes.index(row.code)
    assert set(codes[at + 1 : at + 1 + len(parts)]) == parts
    assert parts


@pytest.mark.parametrize(("place", "ends_at"), [(0, 0), (1, 0), (99, -1)])
def test_a_place_beyond_the_ends_is_the_end(draft, admin, place, ends_at):
    row = of(draft, BOOKS)
    services.move_indicator(by=admin, indicator=row, place=place)
    beside = list(draft.indicators.filter(area=row.area, parent=None).values_list("code", flat=True))
    assert beside[ends_at] == BOOKS


def test_what_others_need_is_not_removed(draft, admin):
    row = added(admin, draft, "党员活动")
    rate = added(admin, draft, "活动率", source="derived", aggregation="ratio", measure="%", decimals=1,
                 formula={"numerator": row.code, "denominator": SESSIONS})  # fmt: skip
    with pytest.raises(Refused, match="活动率"):
        services.remove_indicator(by=admin, indicator=of(draft, row.code))
    services.remove_indicator(by=admin, indicator=of(draft, rate.code))
    services.remove_indicator(by=admin, indicator=of(draft, row.code))
    with pytest.raises(Refused):
        services.remove_indicator(by=admin, indicator=of(draft, SESSIONS))


def test_every_deed_leaves_an_event_in_a_whole_chain(draft, admin, district):
    row = added(admin, draft)
    services.move_indicator(by=admin, indicator=of(draft, row.code), place=1)
    services.retire_indicator(by=admin, indicator=of(draft, BOOKS), last_month=0)
    services.restore_indicator(by=admin, indicator=of(draft, BOOKS))
    services.remove_indicator(by=admin, indicator=of(draft, row.code))
    publish(admin, draft)
    deeds = list(Event.objects.filter(unit=district).order_by("chain_number").values_list("deed", flat=True))
    assert deeds == [
        "copy_year", "add_indicator", "move_indicator", "retire_indicator", "restore_indicator", "remove_indicator",
        "publish_set",
    ]  # fmt: skip
    assert not list(chain_faults(district.code))


# Publishing


def test_differences_name_what_was_added_renamed_retired_and_redefined(draft, admin):
    added(admin, draft, "新增的")
    change(admin, draft, SESSIONS, name="中心组学习次数", scope_note="新口径。")
    services.retire_indicator(by=admin, indicator=of(draft, BOOKS), last_month=0)
    found = {(row.kind, row.name) for row in differences_to(draft, 2026)}
    assert found == {
        ("added", "新增的"), ("renamed", "中心组学习次数"), ("scope", "中心组学习次数"), ("retired", "购发学习书籍"),
    }  # fmt: skip


def test_a_set_that_counts_nothing_is_refused(admin, district):
    Catalogue.objects.get(district=None).indicators.all().update(valid_to=2026)
    draft = services.copy_year(by=admin, district=district, source_year=2026, first_year=2027)
    with pytest.raises(Refused):
        publish(admin, draft)
    added(admin, draft)
    publish(admin, draft)


def test_a_broken_formula_is_refused_and_named(draft, admin):
    services.retire_indicator(by=admin, indicator=of(draft, "ideology_party_member_total"), last_month=0)
    with pytest.raises(Refused, match="党员冬训覆盖率.*党员总数"):
        publish(admin, draft)
    services.retire_indicator(by=admin, indicator=of(draft, "ideology_winter_training_coverage_rate"), last_month=0)
    services.retire_indicator(by=admin, indicator=of(draft, "ideology_winter_training_attended"), last_month=0)
    publish(admin, draft)


def test_publishing_asks_for_the_version_that_was_looked_at(draft, admin):
    change(admin, draft, SESSIONS, name="中心组学习次数")
    with pytest.raises(Refused):
        services.publish_catalogue(by=admin, catalogue=draft, effect_date=TODAY, base_version=1)
    publish(admin, draft)
    with pytest.raises(Refused):
        publish(admin, draft)


@pytest.mark.parametrize(
    ("day", "fits"),
    [(date(2026, 11, 24), False), (TODAY, True), (date(2027, 1, 1), True), (date(2027, 1, 2), False)],
)
def test_a_set_is_in_force_when_its_year_begins(draft, admin, day, fits):
    if fits:
        publish(admin, draft, day)
    else:
        with pytest.raises(Refused):
            publish(admin, draft, day)


def test_before_its_day_the_set_does_not_serve(draft, admin, district, monkeypatch):
    row = added(admin, draft)
    publish(admin, draft, date(2026, 12, 31))
    assert not Indicator.objects.of_year(district, 2027).filter(code=row.code).exists()
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: date(2026, 12, 31))
    assert Indicator.objects.of_year(district, 2027).filter(code=row.code).exists()


def test_open_returns_and_items_go_over_to_the_new_set(draft, admin, town):
    monthly = make_return(town, 2027, 1)
    services.save_figures(by=make_user(unit=town), monthly_return=monthly, inputs=[CellInput(SESSIONS, "3")])
    named_list = NamedList.objects.of_year(town.parent, 2027).get(code="list_honour")
    item = make_item(town, named_list, year=2027)
    assert effect_range(draft) == (TODAY, TODAY)
    publish(admin, draft)
    figure = Figure.objects.get(monthly_return=monthly)
    assert figure.indicator.catalogue == draft
    assert (figure.value, figure.version) == (3, 1)
    assert Highlight.objects.get(pk=item.pk).named_list.catalogue == draft
    services.save_figures(by=make_user(unit=town), monthly_return=monthly, inputs=[CellInput(SESSIONS, "4", 1)])
    assert Figure.objects.filter(monthly_return=monthly).count() == 1


def test_months_handed_in_under_another_set_stay_as_they_were(admin, district, town):
    """The running year may get a set of its own as long as it changes nothing that was handed in."""
    approved = make_return(town, 2026, 9, State.APPROVED)
    make_figure(approved, Indicator.objects.of_year(district, 2026).get(code=SESSIONS), 5)
    draft = services.copy_year(by=admin, district=district, source_year=2026, first_year=2026)
    change(admin, draft, SESSIONS, name="中心组学习次数")
    with pytest.raises(Refused, match="中心组学习次数"):
        publish(admin, draft)
    change(admin, draft, SESSIONS, name="中心组专题学习", scope_note="订正的口径。")
    early = added(admin, draft, "九月起", month=9)
    assert any("九月起" in reason for reason in obstacles(draft))
    services.remove_indicator(by=admin, indicator=of(draft, early.code))
    added(admin, draft, "十月起", month=10)
    publish(admin, draft)
    assert Figure.objects.get(monthly_return=approved).indicator.catalogue == draft
    assert YearBook.load(town, 2026).total(SESSIONS, Period(2026, 9, 9)).value == 5


def test_a_set_without_an_indicator_that_was_filled_in_is_refused(admin, district, town):
    first = services.copy_year(by=admin, district=district, source_year=2026, first_year=2026)
    row = added(admin, first, "本年新增")
    publish(admin, first)
    monthly = make_return(town, 2027, 1)
    make_figure(monthly, of(first, row.code), 3)
    draft = services.copy_year(by=admin, district=district, source_year=2025, first_year=2027)
    with pytest.raises(Refused, match="本年新增"):
        publish(admin, draft)


# The shipped set


def test_sync_touches_no_districts_set(draft, admin):
    change(admin, draft, SESSIONS, name="中心组学习次数")
    services.sync_catalogue()
    assert of(draft, SESSIONS).name == "中心组学习次数"


def test_sync_keeps_what_approved_returns_print(district, town):
    shipped = Catalogue.objects.get(district=None)
    Indicator.objects.filter(code=SESSIONS).update(name="旧名称", scope_note="旧口径。", measure="回")
    assert services.sync_catalogue().kept == ()
    assert of(shipped, SESSIONS).name == "中心组专题学习"
    make_figure(make_return(town, 2026, 9, State.APPROVED), of(shipped, SESSIONS), 5)
    Indicator.objects.filter(code=SESSIONS).update(name="旧名称", scope_note="旧口径。", measure="回")
    assert services.sync_catalogue().kept == (SESSIONS,)
    row = of(shipped, SESSIONS)
    assert (row.name, row.measure) == ("旧名称", "回")
    assert row.scope_note != "旧口径。"


# Lists


def test_lists_are_renamed_in_their_year_alone(draft, admin, town):
    named_list = draft.named_lists.get(code="list_honour")
    named_list.name, named_list.fields = "荣誉奖项", ["level"]
    services.change_named_list(by=admin, named_list=named_list, base_version=1)
    new = services.add_named_list(by=admin, named_list=NamedList(catalogue=draft, area=named_list.area, name="新清单"))
    services.move_named_list(by=admin, named_list=new, place=1)
    assert draft.named_lists.filter(area=new.area).first() == new
    publish(admin, draft)
    for year, name in ((2026, "荣誉"), (2027, "荣誉奖项")):
        assert NamedList.objects.of_year(town.parent, year).get(code="list_honour").name == name
    assert not NamedList.objects.of_year(town.parent, 2026).filter(code=new.code).exists()
    named_list.hint = "写明文号。"
    services.change_named_list(by=admin, named_list=named_list, base_version=2)
    named_list.name = "荣誉"
    with pytest.raises(Refused):
        services.change_named_list(by=admin, named_list=named_list, base_version=3)
