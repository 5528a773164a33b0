"""Counts of named items: dated months that add up, kept when handed in, flagged when the list moves on; their history."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from metrics import services
from metrics.checks import HINT, return_findings
from metrics.forms import ItemForm
from metrics.grid import load_grid
from metrics.item_history import item_history, list_history
from metrics.items import label_of
from metrics.ledger_forms import ledger_form, new_entry
from metrics.ledgers import ledger_kind
from metrics.list_counts import moved_counts
from metrics.models import Figure, Highlight, Indicator, MonthlyReturn, NamedList
from metrics.panel import cell_history
from metrics.periods import Period
from metrics.queries import Status, YearBook
from metrics.rounds import load_round
from tests.factories import make_district, make_item, make_township, make_user
from workflow.choices import State, Subject
from workflow.models import Event, Round
from workflow.queries import chain_faults

pytestmark = pytest.mark.django_db
CODE, LIST, YEAR = "apip_campaign_count", "list_apip_campaign", 2026


@pytest.fixture(autouse=True)
def english():
    """Messages are compared as they are written in the code."""
    with translation.override("en"):
        yield


@pytest.fixture
def town():
    services.sync_catalogue()
    return make_township(make_district())


@pytest.fixture
def clerk(town):
    return make_user("township_clerk", town)


@pytest.fixture
def campaigns(town):
    return NamedList.objects.get(code=LIST)


@pytest.fixture
def october(town):
    """A return that holds every required figure as 0."""
    services.open_returns(today=date(YEAR, 10, 1))
    row = MonthlyReturn.objects.get(unit=town)
    entered = Indicator.objects.of_year(town.parent_id, YEAR).filter(source="entered", level="township")
    Figure.objects.bulk_create(
        Figure(monthly_return=row, indicator=one, unit=town, kind="value", value=0, raw="0", updated_at=timezone.now())
        for one in entered
    )
    return row


def add(clerk, campaigns, name, day=None, **values):
    item = Highlight(unit=clerk.unit, year=YEAR, named_list=campaigns, name=name, date_from=day, **values)
    return services.save_item(by=clerk, item=item)


def total(town, first=1, last=12, *, approved_only=False, code=CODE, **options):
    return YearBook.load(town, YEAR, approved_only=approved_only, **options).total(code, Period(YEAR, first, last))


def submitted(clerk, row):
    return services.submit_return(by=clerk, monthly_return=row)


class TestMonths:
    """An item belongs to one month; the months make the year."""

    def test_an_item_over_months_counts_in_its_first_and_an_undated_one_in_none(self, town, campaigns):
        make_item(town, campaigns, "清源", YEAR, date_from=date(YEAR, 3, 30), date_to=date(YEAR, 5, 2))
        make_item(town, campaigns, "秋风", YEAR)
        months = [total(town, month, month).value for month in range(1, 13)]
        assert months == [0, 0, 1, *[0] * 9]
        assert total(town).value == sum(months) == 1

    def test_what_began_the_year_before_counts_in_january(self, town, campaigns):
        make_item(town, campaigns, "护苗", YEAR, date_from=date(YEAR - 1, 12, 20), date_to=date(YEAR, 1, 10))
        assert [total(town, month, month).value for month in (1, 2)] == [1, 0]

    def test_an_undated_item_is_named_for_the_year_alone(self, town, campaigns):
        make_item(town, campaigns, "秋风", YEAR)
        book = YearBook.load(town, YEAR)
        assert [row.name for row in book.named_items(LIST, Period(YEAR, 1, 12), of_year=True)] == ["秋风"]
        assert book.named_items(LIST, Period(YEAR, 1, 12)) == book.named_items(LIST, Period(YEAR, 1, 1)) == []

    def test_over_approved_figures_a_month_that_is_not_approved_is_missing(self, town, campaigns, october):
        make_item(town, campaigns, "清源", YEAR, date_from=date(YEAR, 10, 3))
        assert total(town, 10, 10, approved_only=True).status == Status.MISSING
        assert total(town, 10, 10).value == 1

    @pytest.mark.parametrize(("code", "is_needed"), [(LIST, True), ("list_training", True), ("list_honour", False)])
    def test_the_form_asks_for_the_date_where_items_are_counted(self, town, code, is_needed):
        item = Highlight(unit=town, year=YEAR, named_list=NamedList.objects.get(code=code))
        form = ItemForm({"name": "甲"}, instance=item)
        assert form.is_valid() != is_needed
        assert ("counted month by month" in str(form.errors)) == is_needed
        assert ItemForm({"name": "甲", "date_from": f"{YEAR}-03-02"}, instance=item).is_valid()

    @pytest.mark.parametrize("day", ["", f"{YEAR}-03-02"])
    def test_a_row_of_a_file_goes_by_the_same_rule(self, town, campaigns, day):
        kind = ledger_kind("highlight")
        form = ledger_form(kind)({"named_list": campaigns.name, "name": "甲", "date_from": day}, instance=new_entry(kind, town))
        assert form.is_valid() == bool(day)
        assert bool(day) or "counted month by month" in str(form.errors["date_from"])

    def test_items_without_a_date_are_asked_about_on_the_return_and_the_list(self, client, town, clerk, campaigns, october):
        item = make_item(town, campaigns, "秋风", YEAR)
        found = [row for row in return_findings(october) if row.code == "undated"]
        assert [(row.level, row.cell) for row in found] == [(HINT, CODE)]
        assert "1 items of the list" in found[0].message
        assert "Give each its date" in found[0].message
        client.force_login(clerk)
        page = client.get("/items/", {"list": LIST, "year": YEAR})
        assert page.context["page"].undated == [item]
        assert "lc-ask" in page.content.decode()
        Highlight.objects.update(date_from=date(YEAR, 3, 1))
        assert [row for row in return_findings(october) if row.code == "undated"] == []


class TestKept:
    """What was handed in stands; what the list says since is flagged."""

    def test_a_count_that_was_handed_in_stands_while_its_list_moves(self, town, clerk, campaigns, october):
        add(clerk, campaigns, "清源", date(YEAR, 10, 3))
        submitted(clerk, october)
        assert moved_counts(YearBook.load(town, YEAR), [10]) == []
        add(clerk, campaigns, "净网", date(YEAR, 10, 20))
        assert total(town, 10, 10).value == 1
        MonthlyReturn.objects.update(state=State.APPROVED, approved_at=timezone.now())
        found = total(town, 10, 10, approved_only=True)
        assert (found.value, found.status, found.parts[0].state) == (1, Status.OK, State.APPROVED)
        moved = moved_counts(YearBook.load(town, YEAR), range(1, 13))
        assert [(row.indicator.code, row.month, row.kept, row.listed) for row in moved] == [(CODE, 10, 1, 2)]

    def test_the_return_says_old_and_new_and_asks_nobody_to_explain(self, town, clerk, campaigns, october):
        item = add(clerk, campaigns, "清源", date(YEAR, 10, 3))
        row = submitted(clerk, october)
        services.remove_item(by=clerk, item=item)
        found = [one for one in return_findings(MonthlyReturn.objects.get(pk=row.pk)) if one.code == "moved"]
        assert [(one.level, one.cell) for one in found] == [(HINT, CODE)]
        assert "handed in as 1" in found[0].message
        assert "now has 0 items" in found[0].message
        assert "sent back or reopened" in found[0].message
        grid_row = load_grid(MonthlyReturn.objects.get(pk=row.pk)).row(CODE)
        assert (grid_row.this_month, grid_row.level) == ("1", HINT)

    def test_an_open_return_follows_its_list_again(self, town, clerk, campaigns, october):
        add(clerk, campaigns, "清源", date(YEAR, 10, 3))
        row = submitted(clerk, october)
        services.head_send_back_return(by=make_user("township_head", town), monthly_return=row, reason="再看")
        add(clerk, campaigns, "净网", date(YEAR, 10, 20))
        assert total(town, 10, 10).value == 2
        assert [one for one in return_findings(MonthlyReturn.objects.get(pk=row.pk)) if one.code == "moved"] == []
        submitted(clerk, MonthlyReturn.objects.get(pk=row.pk))
        figure = Figure.objects.get(indicator__code=CODE)
        assert (figure.value, figure.version) == (2, 2)
        assert load_grid(MonthlyReturn.objects.get(pk=row.pk)).row(CODE).before == "1"

    def test_a_round_keeps_counts_and_calculated_figures(self, town, clerk, campaigns, october):
        add(clerk, campaigns, "清源", date(YEAR, 10, 3))
        salon = NamedList.objects.get(code="list_salon")
        add(clerk, salon, "摄影沙龙", date(YEAR, 10, 5))
        row = submitted(clerk, october)
        kept = Round.objects.get().snapshot
        assert kept["cells"][CODE]["value"] == "1"
        assert (kept["totals"]["team_event_count"]["value"], kept["totals"]["media_adopted_count"]["value"]) == ("1", "0")
        Highlight.objects.all().delete()
        shown = {cell.cell: cell.shown for area in load_round(row, Round.objects.get()).areas for cell in area.cells}
        assert (shown[CODE], shown["team_event_count"], shown["media_adopted_count"]) == ("1", "1", "0")

    def test_the_submission_tells_the_counts_it_kept(self, clerk, campaigns, october):
        add(clerk, campaigns, "清源", date(YEAR, 10, 3))
        row = submitted(clerk, october)
        event = Event.objects.get(subject_kind=Subject.RETURN, deed="submit")
        assert {"cell": CODE, "old": "", "new": "1"} in event.changes
        assert [(change.old, change.new) for change in cell_history(row, CODE)] == [("", "1")]
        assert list(chain_faults(clerk.unit.code)) == []

    def test_a_grid_costs_the_same_with_one_item_and_many(self, town, campaigns, october, django_assert_max_num_queries):
        make_item(town, campaigns, "甲", YEAR, date_from=date(YEAR, 10, 1))
        with django_assert_max_num_queries(40) as one:
            load_grid(october)
        for number in range(30):
            make_item(town, campaigns, f"乙{number}", YEAR, date_from=date(YEAR, 10, 1))
        with django_assert_max_num_queries(len(one)):
            load_grid(october)


class TestHistory:
    """Every field of an item, old and new, in the chain of events."""

    def test_fields_are_kept_when_an_item_is_added_changed_and_removed(self, town, clerk, campaigns):
        item = add(clerk, campaigns, "清源", date(YEAR, 3, 2), quantity=Decimal(3), quantity_measure="家")
        item.date_from, item.quantity = date(YEAR, 4, 1), Decimal(5)
        services.save_item(by=clerk, item=item, base_version=1)
        services.remove_item(by=clerk, item=item)
        added, changed, removed = Event.objects.filter(subject_kind=Subject.ITEM).order_by("chain_number")
        assert (added.changes[0]["old"], added.changes[0]["new"]["date_from"]) == (None, "2026-03-02")
        assert changed.changes[0]["old"]["date_from"] == "2026-03-02"
        assert changed.changes[0]["new"]["date_from"] == "2026-04-01"
        assert (removed.changes[0]["old"]["quantity"], removed.changes[0]["new"]) == ("5", None)
        assert (removed.subject_id, list(chain_faults(town.code))) == (added.subject_id, [])

    def test_both_pages_tell_it(self, client, town, clerk, campaigns):
        item = add(clerk, campaigns, "清源", date(YEAR, 3, 2))
        item.place = "北街"
        item.date_from = date(YEAR, 4, 1)
        services.save_item(by=clerk, item=item, base_version=1)
        newest, first = item_history(item)
        dates, place = newest.fields
        assert (dates.label, dates.old, dates.new) == (label_of("date_from"), "2026-03-02", "2026-04-01")
        assert (place.old, place.new) == ("", "北街")
        assert (newest.deed, first.deed, newest.by) == ("changed the item", "added the item", clerk.display_name)
        services.remove_item(by=clerk, item=item)
        assert [row.deed for row in list_history(town, campaigns, YEAR)] == [
            "removed the item",
            "changed the item",
            "added the item",
        ]
        assert list_history(town, campaigns, YEAR - 1) == ()
        client.force_login(clerk)
        assert "<del>2026-03-02</del>" in client.get("/items/", {"list": LIST, "year": YEAR}).content.decode()
        other = add(clerk, campaigns, "净网", date(YEAR, 5, 2))
        assert "2026-05-02</ins>" in client.get(f"/items/{other.pk}/").content.decode()

    def test_another_townships_history_is_not_told(self, town, clerk, campaigns):
        add(clerk, campaigns, "清源", date(YEAR, 3, 2))
        assert list_history(make_township(town.parent), campaigns, YEAR) == ()


class TestBlankMonths:
    """A blank month of an optional figure is told of at once; zero and absence are not blank."""

    CODE = "xuexi_bulletin_count"

    def month(self, town, month, kind="value", value=1):
        row, _made = MonthlyReturn.objects.get_or_create(unit=town, year=YEAR, month=month, defaults={"due_at": timezone.now()})
        if kind != "none":
            Figure.objects.update_or_create(
                monthly_return=row, indicator=Indicator.objects.get(code=self.CODE), unit=town,
                defaults={"kind": kind, "value": value if kind == "value" else None, "updated_at": timezone.now()},
            )  # fmt: skip
        return row

    def gaps(self, row):
        return [found.message for found in return_findings(row) if found.code == "gap" and found.cell == self.CODE]

    @pytest.mark.parametrize("kind", ["blank", "none"])
    def test_a_blank_among_figures_names_its_month(self, town, kind):
        self.month(town, 1)
        self.month(town, 2, kind)
        (message,) = self.gaps(self.month(town, 3))
        assert "blank in 2月 and filled in other months" in message
        assert self.gaps(MonthlyReturn.objects.get(month=1)) == []

    @pytest.mark.parametrize(("kind", "value"), [("value", 0), ("not_collected", None), ("not_applicable", None)])
    def test_what_somebody_typed_is_no_gap(self, town, kind, value):
        self.month(town, 1)
        self.month(town, 2, kind, value)
        assert self.gaps(self.month(town, 3)) == []

    def test_a_year_without_any_figure_has_no_gap(self, town):
        self.month(town, 1, "none")
        assert self.gaps(self.month(town, 2, "none")) == []

    def test_it_is_a_hint_of_optional_sums_alone_and_stands_in_nobodys_way(self, town):
        rows = Indicator.objects.of_year(town.parent_id, YEAR)
        having = {row.code for row in rows if any(check["rule"] == "gap" for check in row.checks)}
        assert having == {row.code for row in rows if row.has_cell and row.aggregation == "sum" and not row.is_required}
        self.month(town, 1)
        found = [one for one in return_findings(self.month(town, 2, "none")) if one.code == "gap"]
        assert [one.level for one in found] == [HINT]
