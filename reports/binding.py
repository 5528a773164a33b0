"""A token becomes what it prints: the figure behind it, its wording, and a hash of its sources to notice later changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.choices import PopulationKind
from metrics.choices import Aggregation
from metrics.models import NamedList
from metrics.periods import Period, PeriodError, parse_period
from metrics.population import population_words
from metrics.queries import Status, Total, YearBook, ratio_sides
from metrics.ranking import district_ranking
from reports.bound import (
    EMPTY,
    MISSING,
    OK,
    REFUSED,
    Bound,
    digest_of,
    first_lacking,
    item_facts,
    missing,
    missing_in_district,
    part_facts,
    partial,
    span,
    unit_facts,
    without_value,
)
from reports.district_book import books_behind, district_books, own_fault, ratio_codes
from reports.figure_kinds import FigureKind, kind_of
from reports.formats import FormatError, Material, find_format, show
from reports.grounds import PARTS, Units, as_text, items_as_sources, months_as_sources, owned_sources, units_as_sources
from reports.naming import ORDER_FORMATS, by_name, items_of
from reports.outcomes import TARGET_FORMATS
from reports.scopes import DistrictScope, ScopeError, aggregate_fault, aggregated, find_village, whole_district
from reports.tokens import PER_MONTH, Token
from reports.unit_order import bind_order
from reports.unit_words import district_word
from reports.wording import Shown, default_bands
from reports.zeros import RANKED, SET_FOR, ZERO, is_empty_count

__all__ = ["EMPTY", "MISSING", "OK", "REFUSED", "Binder", "Bound", "Thresholds", "by_any_name"]

HUNDRED = Decimal(100)
OF_PERIOD = ("月份", "日期")  # formats that tell the period, not the figure
SHARE_CODE = "vol_share_of_population"


@dataclass(frozen=True)
class Thresholds:
    """The district's lines of a year, as the report keeps them (plain strings in JSON)."""

    front_rank_share: Decimal
    lagging_share: Decimal
    lagging_most: int
    volunteer_target_share: Decimal

    @classmethod
    def from_copy(cls, copy: dict) -> Thresholds:
        """Read them from a report's settings_copy."""
        return cls(
            Decimal(copy["front_rank_share"]),
            Decimal(copy["lagging_share"]),
            int(copy["lagging_most"]),
            Decimal(copy["volunteer_target_share"]),
        )


def by_any_name(rows) -> dict:
    """Return indicators or lists by what a token may call them: code, name, or a former name that nothing else has now.

    Of two with the same name the later row has it.
    """
    rows = list(rows)
    former = {name: row for row in rows for name in row.former_names}
    return former | {key: row for row in rows for key in (row.code, row.name)}


class Binder:
    """Binds tokens of one report: its township's approved figures of the year, its cut-off month and thresholds."""

    def __init__(self, book: YearBook, cutoff_month: int, thresholds: Thresholds, plan=None):
        """Take the figures; names are looked up by indicator or list name or code. A retired indicator yields its name.

        `plan` (a reports.plan_binding.PlanBinding) answers for plan items and targets.
        """
        self.book, self.cutoff_month, self.thresholds, self.plan = book, cutoff_month, thresholds, plan
        retired_first = sorted(book.indicators.values(), key=lambda row: row.counts_in(book.year))
        self.indicators = by_any_name(retired_first)
        self.lists = by_any_name(NamedList.objects.of_year(book.district_id, book.year))
        self.district = district_books(book)

    def expect(self, tokens: Iterable[Token]) -> None:
        """Say which tokens will be bound, so that what they need of the district is read at once."""
        whole = whole_district(self.book.unit)
        found = (self.indicator_of(token.name) for token in tokens if token.scope == whole)
        self.district.expect(row.code for row in found if row)

    def bind(self, token: Token) -> Bound:
        """Return the token settled with the figures of now; never raises."""
        if (token.scope or token.aggregate) and (reason := self._parts_fault(token)):
            return Bound(token, REFUSED, reason=reason)
        if self.plan and (bound := self.plan.bind(self, token)):
            return bound
        try:
            period = parse_period(token.period, year=self.book.year, cutoff_month=self.cutoff_month)
        except PeriodError as error:
            return Bound(token, REFUSED, reason=str(error))
        if named_list := self.lists.get(token.name):
            return self._bind_list(token, named_list, period)
        if indicator := self.indicator_of(token.name):
            try:
                bound = self._bind_figure(token, indicator, period)
            except ScopeError as error:
                return Bound(token, REFUSED, reason=str(error), name=indicator.name)
            return replace(bound, name=f"{token.scope}·{bound.name}") if token.scope else bound
        return Bound(token, REFUSED, reason=_("There is no indicator or list called “%(name)s”.") % {"name": token.name})

    def indicator_of(self, name: str):
        """Return the indicator of a name or code, None for no such; the catalogue's 户籍 finds what the report calls 常住."""
        return self.indicators.get(name) or self.indicators.get(population_words(name, PopulationKind.RESIDENT))

    def _parts_fault(self, token: Token) -> str:
        """Return why a token may not say whose or how, "" when it may: lists, plan and standings are the report's own."""
        indicator = self.indicator_of(token.name)
        if token.name in self.lists or (self.plan and self.plan.is_of_plan(token)):
            return _("“%(name)s” is the report's own; leave out “%(part)s”.") % {
                "name": token.name, "part": token.scope or token.aggregate
            }  # fmt: skip
        if indicator is None:
            return ""
        if _format_name(token, indicator) in (*TARGET_FORMATS, *ORDER_FORMATS, "欠佳名单"):
            return _("“%(format)s” speaks of the report's own unit and year; leave out “%(part)s”.") % {
                "format": token.format, "part": token.scope or token.aggregate
            }  # fmt: skip
        return aggregate_fault(indicator, token.aggregate)

    def scope_of(self, token: Token, period: Period):
        """Return whose totals a token quotes: an object with total(indicator, period), None for the own unit.

        Raises ScopeError for a name that is no village of the period.
        """
        if not token.scope:
            return None
        if self.is_of_district(token):
            return DistrictScope(self.district)
        return find_village(self.book, token.scope, period)

    def total_of(self, token: Token, indicator, period: Period) -> Total:
        """Return the total that a token quotes. Raises ScopeError."""
        scope = self.scope_of(token, period)
        if scope is None and (reason := self.own_fault(indicator)):
            raise ScopeError(reason)
        total = scope.total(indicator, period) if scope else self.book.total(indicator.code, period)
        return aggregated(total, token.aggregate)

    def own_fault(self, indicator) -> str:
        """Return why the report's own unit has no such figure, "" when it has."""
        return own_fault(indicator, self.book.indicators) if self.book.unit.is_district else ""

    def units_behind(self, token: Token, indicator, period: Period) -> Units:
        """Return the townships with their totals behind a figure of the district's own report; none behind any other."""
        if token.scope or not self.book.unit.is_district or indicator.aggregation == Aggregation.PARAM:
            return ()
        return tuple(self.book.village_totals(indicator.code, period).items())

    def _bind_list(self, token: Token, named_list: NamedList, period: Period) -> Bound:
        rows = self.named_items(named_list.code, period)
        units = self.owners
        items = items_of(rows, units)
        sources = owned_sources(by_name(rows), units) if units else items_as_sources(rows)
        shown = show(token.format, Material(FigureKind.LIST, period=period, items=items, value=Decimal(len(items))))
        dates = [[str(row.date_from), str(row.date_to)] for row in rows] if token.format.strip() == "日期" else []
        owners = [units[row.unit_id] for row in rows] if units else []
        hashed = digest_of([named_list.code, span(period), [item_facts(row) for row in rows], *dates, *owners])
        return Bound(token, shown.status, shown.text, None, shown.reason, hashed, sources, named_list.name)

    @property
    def owners(self) -> dict[int, str]:
        """The townships of a district's report, whose its named items are: id -> name; none in a township's."""
        return {unit.pk: unit.name for unit in self.book.villages} if self.book.unit.is_district else {}

    def named_items(self, list_code: str, period: Period) -> list:
        """Return the items that a report names for a period: where it is the report's whole span, those without a date too."""
        whole = period.first_month == 1 and period.last_month >= self.cutoff_month
        return self.book.named_items(list_code, period, of_year=whole)

    def list_codes(self, indicator) -> list[str]:
        """Return the lists whose items an indicator counts, through sums of counts too."""
        own = [indicator.formula["list"]] if "list" in indicator.formula else []
        parts = [self.book.indicators[code] for code in indicator.formula.get("sum_of", ())]
        return own + [code for part in parts for code in self.list_codes(part)]

    def _bind_figure(self, token: Token, indicator, period: Period) -> Bound:
        wanted = _format_name(token, indicator)
        if wanted in ORDER_FORMATS:
            return bind_order(self.book, token, indicator, period)
        total = self.total_of(token, indicator, period)
        kind = FigureKind.AVERAGE if token.aggregate == PER_MONTH else kind_of(indicator.aggregation, indicator.measure)
        decimals = max(indicator.decimals, 1) if token.aggregate == PER_MONTH else indicator.decimals
        material = Material(kind, indicator.measure, decimals, total.period, total.value)
        if self.plan and wanted in TARGET_FORMATS:
            return self.plan.bind_target(self, token, indicator, period)
        previous = None
        if wanted in ("同比", "百分点", "提升"):
            previous = self.total_of(token, indicator, period.previous_year())
        units = self.units_behind(token, indicator, period)
        if wanted not in OF_PERIOD or token.aggregate:
            late = self.units_behind(token, indicator, previous.period) if previous and total.status == Status.OK else units
            if absent := self._absence(token, indicator, total, previous, late):
                return absent
        material = self._complete(material, indicator, period, total, previous, wanted)
        is_zero = is_empty_count(kind, indicator.measure, wanted, total.value)
        shown = Shown(f"0{indicator.measure}", ZERO) if is_zero else show(self._full_format(token.format, wanted), material)
        if wanted in OF_PERIOD and not token.aggregate:
            return Bound(token, shown.status, shown.text, None, shown.reason, digest_of(span(period)), (), indicator.name)
        facts = [indicator.code, span(period), as_text(total.value), [part_facts(part) for part in total.parts]]
        facts += [as_text(previous.value) if previous else "", [[name, as_text(rate)] for name, rate in material.rates or ()]]
        facts += [material.rank, material.tied, material.front, material.upper]
        facts += [token.scope, token.aggregate] if token.scope or token.aggregate else []
        facts += unit_facts(units)
        codes = [] if token.scope else self.list_codes(indicator)
        scope = self.scope_of(token, period)
        sources = self._shares(scope, indicator, total, units) + self._basis(scope, indicator, total)
        sources += items_as_sources([row for code in codes for row in self.book.named_items(code, period)], self.owners)
        return Bound(token, shown.status, shown.text, total.value, shown.reason, digest_of(facts), sources, indicator.name)

    def _shares(self, scope, indicator, total: Total, units: Units) -> tuple[dict, ...]:
        """Return the months that a figure rests on, of a district's own the townships, of a ratio those of both its sides."""
        if indicator.aggregation != Aggregation.RATIO:
            return units_as_sources(units) if units else months_as_sources(total)
        if units:
            span, codes = replace(total.period, as_of=False), ratio_codes(indicator)
            sides = (tuple(self.book.village_totals(code, span).items()) for code in codes)
            return sum(map(units_as_sources, sides, PARTS), ())
        sides = scope.sides(indicator, total.period) if scope else ratio_sides(self.book, indicator, total.period)
        return sum(map(months_as_sources, sides, PARTS), ())

    def _basis(self, scope, indicator, total: Total) -> tuple[dict, ...]:
        """Return what a rank or a set standard, which have no months, rests on: the unit's own ranked value; the year."""
        if ranked := self.book.indicators.get(indicator.formula.get("rank_of", "")):
            own = scope.total(ranked, total.period) if scope else self.book.total(ranked.code, total.period)
            return tuple({RANKED: ranked.name, **row} for row in self._shares(scope, ranked, own, ()))
        is_set = indicator.aggregation == Aggregation.PARAM
        return ({SET_FOR: f"{total.period.year}年", "value": as_text(total.value)},) if is_set else ()

    def _absence(self, token: Token, indicator, total: Total, previous: Total | None, units: Units) -> Bound | None:
        """Return the bound token of a figure that is not there: missing months block, absences drop the sentence.

        Where the whole year to compare with lies before the first return, nothing can ever be approved for it: the sentence
        drops out.
        """
        if self.is_of_district(token) and (lacking := first_lacking(total, previous)):
            return missing_in_district(token, indicator, total, lacking)
        if total.status == Status.MISSING:
            return missing(token, indicator, total, total, has_year=self._has_returns_of(total.period.year), units=units)
        if total.status == Status.PARTIAL:
            return partial(token, indicator, total, units)
        if total.value is None:
            word = _("does not apply here") if total.status == Status.NOT_APPLICABLE else _("was not collected")
            return without_value(token, indicator, total, word)
        if previous is not None and not self._counted(indicator, previous.period.year):
            return without_value(token, indicator, previous, _("was not counted in the year before"))
        if previous is not None and previous.status == Status.MISSING:
            if not self._has_returns_of(previous.period.year):
                return without_value(token, indicator, previous, _("has no figures of the year before to compare with"))
            return missing(token, indicator, total, previous, has_year=True, units=units)
        return None

    def is_of_district(self, token: Token) -> bool:
        """Whether a token of a township's report speaks of all townships together; the district's own says so without it."""
        return bool(token.scope) and not self.book.unit.is_district and token.scope == whole_district(self.book.unit)

    def _counted(self, indicator, year: int) -> bool:
        then = self.book.indicator_of(indicator.code, year)
        return then is not None and then.counts_in(year)

    def _has_returns_of(self, wanted: int) -> bool:
        return any(year == wanted for book in books_behind(self.book, wanted) for year, _month in book.returns)

    def _full_format(self, text: str, wanted: str) -> str:
        """Return the format with the district's limit where a list of villages states none."""
        bare = "".join(text.split()) == "欠佳名单"
        return f"{wanted}{self.thresholds.lagging_most}" if bare else text

    def _complete(self, material: Material, indicator, period, total: Total, previous, wanted: str) -> Material:
        """Add what the wanted format needs beyond the value itself."""
        extra = {}
        if previous is not None:
            extra["previous"] = previous.value
        if material.kind == FigureKind.RANK:
            extra |= self.standing(indicator, period, total)
        if wanted == "欠佳名单":
            extra |= {"rates": self.completion(indicator, period), "threshold": self.lagging_line}
        return Material(**{**vars(material), **extra})

    def standing(self, indicator, period: Period, total: Total) -> dict:
        """Return a rank indicator's rank (None: unknown), how many share it, and the last ranks of the district's two bands."""
        standing = district_ranking(self.book, indicator.formula["rank_of"], period)
        rank = int(total.value) if total.value is not None else None
        tied = sum(other == rank for other in standing.values()) - 1 if rank else 0
        front = int(len(standing) * self.thresholds.front_rank_share)
        return {"rank": rank, "tied": tied, "front": front, "upper": default_bands(len(standing))[1],
                "district": district_word(self.book.unit.district)}  # fmt: skip

    @property
    def lagging_line(self) -> Decimal:
        """The completion in per cent below which a village lags behind."""
        return self.thresholds.lagging_share * HUNDRED

    def completion(self, indicator, period: Period) -> tuple[tuple[str, Decimal | None], ...]:
        """Return each village's completion in per cent: its share against the district's target, else against the mean."""
        values = {unit: row.value for unit, row in self.book.village_totals(indicator.code, period).items()}
        known = [value for value in values.values() if value is not None]
        if indicator.code == SHARE_CODE:
            goal = self.thresholds.volunteer_target_share
        else:
            goal = sum(known, Decimal(0)) / len(known) if known else Decimal(0)
        return tuple(
            (unit.name, value * HUNDRED / goal if value is not None and goal else None) for unit, value in values.items()
        )


def _format_name(token: Token, indicator) -> str:
    try:
        return find_format(token.format, measure=indicator.measure)[0].name
    except FormatError:
        return ""
