"""A token becomes what it prints: the figure behind it, its wording, and a hash of its sources to notice later changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.choices import PopulationKind
from metrics.models import NamedList
from metrics.numbers import plain
from metrics.periods import Period, PeriodError, month_range, parse_period
from metrics.population import population_words
from metrics.queries import Status, Total, YearBook
from metrics.ranking import district_ranking
from reports.figure_kinds import FigureKind, kind_of
from reports.formats import FormatError, Material, find_format, show
from reports.outcomes import TARGET_FORMATS
from reports.scopes import DistrictBooks, DistrictScope, ScopeError, aggregate_fault, aggregated, find_village, whole_district
from reports.tokens import PER_MONTH, Token
from reports.unit_words import district_word
from reports.wording import Item, Shown, default_bands
from reports.zeros import ZERO, is_empty_count

OK, EMPTY, MISSING, REFUSED = "ok", "empty", "missing", "refused"
HUNDRED = Decimal(100)
OF_PERIOD = ("月份", "日期")  # formats that tell the period, not the figure
SHARE_CODE = "vol_share_of_population"


@dataclass(frozen=True)
class Bound:
    """A settled token. ok: `shown` prints; empty: its sentence drops out; zero: see reports.zeros; missing and refused block.

    `sources` are the months (state, approver, time) or items it rests on; `source_hash` changes when any of them does.
    """

    token: Token
    status: str
    shown: str = ""
    value: Decimal | None = None
    reason: str = ""
    source_hash: str = ""
    sources: tuple[dict, ...] = ()
    name: str = ""

    @property
    def mark(self) -> str:
        """What it rests on, in one word: another mark means that something behind it has changed."""
        return f"{self.status}:{self.source_hash}"


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
        self.lists = by_any_name(NamedList.objects.of_year(book.unit.parent_id, book.year))
        self.district = DistrictBooks(book)

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
        if _format_name(token, indicator) in (*TARGET_FORMATS, "欠佳名单"):
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
        total = scope.total(indicator, period) if scope else self.book.total(indicator.code, period)
        return aggregated(total, token.aggregate)

    def _bind_list(self, token: Token, named_list: NamedList, period: Period) -> Bound:
        rows = self.named_items(named_list.code, period)
        sources = _items_as_sources(rows)
        items = tuple(
            Item(row.name, row.quantity, row.quantity_measure, row.recipient, row.date_from, row.date_to) for row in rows
        )
        shown = show(token.format, Material(FigureKind.LIST, period=period, items=items, value=Decimal(len(rows))))
        dates = [[str(row.date_from), str(row.date_to)] for row in rows] if token.format.strip() == "日期" else []
        digest = _digest([named_list.code, _span(period), [_item_facts(row) for row in rows], *dates])
        return Bound(token, shown.status, shown.text, None, shown.reason, digest, sources, named_list.name)

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
        total = self.total_of(token, indicator, period)
        kind = FigureKind.AVERAGE if token.aggregate == PER_MONTH else kind_of(indicator.aggregation, indicator.measure)
        decimals = max(indicator.decimals, 1) if token.aggregate == PER_MONTH else indicator.decimals
        material = Material(kind, indicator.measure, decimals, total.period, total.value)
        wanted = _format_name(token, indicator)
        if self.plan and wanted in TARGET_FORMATS:
            return self.plan.bind_target(self, token, indicator, period)
        previous = None
        if wanted in ("同比", "百分点", "提升"):
            previous = self.total_of(token, indicator, period.previous_year())
        if (wanted not in OF_PERIOD or token.aggregate) and (absent := self._absence(token, indicator, total, previous)):
            return absent
        material = self._complete(material, indicator, period, total, previous, wanted)
        is_zero = is_empty_count(kind, indicator.measure, wanted, total.value)
        shown = Shown(f"0{indicator.measure}", ZERO) if is_zero else show(self._full_format(token.format, wanted), material)
        if wanted in OF_PERIOD and not token.aggregate:
            return Bound(token, shown.status, shown.text, None, shown.reason, _digest(_span(period)), (), indicator.name)
        facts = [indicator.code, _span(period), _text(total.value), [_part_facts(part) for part in total.parts]]
        facts += [_text(previous.value) if previous else "", [[name, _text(rate)] for name, rate in material.rates or ()]]
        facts += [material.rank, material.tied, material.front, material.upper]
        facts += [token.scope, token.aggregate] if token.scope or token.aggregate else []
        codes = [] if token.scope else self.list_codes(indicator)
        sources = _sources(total) + _items_as_sources([row for code in codes for row in self.book.named_items(code, period)])
        return Bound(token, shown.status, shown.text, total.value, shown.reason, _digest(facts), sources, indicator.name)

    def _absence(self, token: Token, indicator, total: Total, previous: Total | None) -> Bound | None:
        """Return the bound token of a figure that is not there: missing months block, absences drop the sentence.

        Where the whole year to compare with lies before the first return, nothing can ever be approved for it: the sentence
        drops out.
        """
        if self.is_of_district(token) and (lacking := _lacking(total, previous)):
            return _missing_in_district(token, indicator, total, lacking)
        if total.status == Status.MISSING:
            return _missing(token, indicator, total, total, has_year=self._has_returns_of(total.period.year))
        if total.status == Status.PARTIAL:
            return _partial(token, indicator, total)
        if total.value is None:
            word = _("does not apply here") if total.status == Status.NOT_APPLICABLE else _("was not collected")
            return _without_value(token, indicator, total, word)
        if previous is not None and not self._counted(indicator, previous.period.year):
            return _without_value(token, indicator, previous, _("was not counted in the year before"))
        if previous is not None and previous.status == Status.MISSING:
            if not self._has_returns_of(previous.period.year):
                return _without_value(token, indicator, previous, _("has no figures of the year before to compare with"))
            return _missing(token, indicator, total, previous, has_year=True)
        return None

    def is_of_district(self, token: Token) -> bool:
        """Whether a token speaks of all townships together."""
        return bool(token.scope) and token.scope == whole_district(self.book.unit)

    def _counted(self, indicator, year: int) -> bool:
        then = self.book.indicator_of(indicator.code, year)
        return then is not None and then.counts_in(year)

    def _has_returns_of(self, wanted: int) -> bool:
        return any(year == wanted for year, _month in self.book.returns)

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
                "district": district_word(self.book.unit.parent)}  # fmt: skip

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


def _month_ranges(months) -> str:
    """Return months as runs: 1, 2, 3, 12 are 1—3月、12月."""
    runs: list[list[int]] = []
    for month in sorted(set(months)):
        if runs and month == runs[-1][1] + 1:
            runs[-1][1] = month
        else:
            runs.append([month, month])
    return "、".join(month_range(first, last) for first, last in runs)


def _missing(token: Token, indicator, total: Total, lacking: Total, *, has_year: bool) -> Bound:
    if has_year:
        reason = _("%(name)s: no approved figure for %(year)d, %(months)s. Have these months approved, or take the sentence out.")
    else:
        reason = _("%(name)s: there are no data of %(year)d. Name another period, or take the sentence out.")
    values = {"name": indicator.name, "year": lacking.period.year, "months": _month_ranges(lacking.missing_months)}
    digest = _digest([indicator.code, "missing", _span(lacking.period), sorted(lacking.missing_months)])
    return Bound(token, MISSING, "", None, reason % values, digest, _sources(total), indicator.name)


def _lacking(*totals: Total | None) -> Total | None:
    return next((total for total in totals if total is not None and total.status == Status.MISSING), None)


def _missing_in_district(token: Token, indicator, total: Total, lacking: Total) -> Bound:
    """A district's total is one only when every township's months are approved; which of them lag behind is not told here."""
    reason = _("%(scope)s, %(name)s: not every township's figures of %(year)d, %(months)s are approved yet. Wait for them, name "
               "an earlier period, or take the sentence out.")  # fmt: skip
    values = {"scope": token.scope, "name": indicator.name, "year": lacking.period.year}
    values["months"] = _month_ranges(lacking.missing_months)
    digest = _digest([indicator.code, token.scope, "missing", _span(lacking.period), sorted(lacking.missing_months)])
    return Bound(token, MISSING, "", None, reason % values, digest, _sources(total), indicator.name)


def _partial(token: Token, indicator, total: Total) -> Bound:
    """A sum over months that were not collected is no whole: it blocks, or drops out where the figure is optional."""
    months = "、".join(month_range(month, month) for month in total.uncollected_months)
    if not indicator.is_required:
        return _without_value(token, indicator, total, _("was not collected in %(months)s") % {"months": months})
    reason = _("%(name)s was not collected in %(months)s, so the sum is not whole. Have these months entered later, "
               "name a period without them, or take the sentence out.")  # fmt: skip
    digest = _digest([indicator.code, "partial", _span(total.period), list(total.uncollected_months)])
    values = {"name": indicator.name, "months": months}
    return Bound(token, MISSING, "", None, reason % values, digest, _sources(total), indicator.name)


def _without_value(token: Token, indicator, total: Total, word: str) -> Bound:
    reason = _("%(name)s %(why)s; the sentence drops out.") % {"name": indicator.name, "why": word}
    digest = _digest([indicator.code, total.status, _span(total.period)])
    return Bound(token, EMPTY, "", None, reason, digest, _sources(total), indicator.name)


def _span(period: Period) -> list:
    return [period.year, period.first_month, period.last_month, period.as_of]


def _text(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


def _part_facts(part) -> list:
    return [part.year, part.month, part.kind, _text(part.value)]


def _item_facts(row) -> list:
    return [row.name, _text(row.quantity), row.quantity_measure, row.recipient]


def _sources(total: Total) -> tuple[dict, ...]:
    """Return the months behind a figure, oldest first, as plain data."""
    parts = sorted(total.parts, key=lambda part: (part.year, part.month))
    return tuple(
        {
            "period": f"{part.year}-{part.month:02d}", "value": _text(part.value), "kind": str(part.kind),
            "approved_by": part.approved_by,
            "approved_at": timezone.localtime(part.approved_at).strftime("%Y-%m-%d %H:%M") if part.approved_at else "",
        }
        for part in parts
    )  # fmt: skip


def _items_as_sources(rows) -> tuple[dict, ...]:
    return tuple({"item": row.name, "id": row.pk, "evidence": row.evidence_ref} for row in rows)


def _digest(facts) -> str:
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()
