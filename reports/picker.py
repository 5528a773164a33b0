"""What a writer can insert: names of indicators and lists, the periods, the formats each allows, and how a token would print."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from metrics.models import Indicator
from metrics.periods import FIXED_MONTHS, LAST_MONTH, month_range
from reports.binding import Binder, Bound
from reports.figure_kinds import FigureKind, kind_of
from reports.formats import EXACT, FORMATS, Format, legal_formats
from reports.pinyin import search_words
from reports.plan_binding import ALL_TARGETS, OUTCOME_FORMAT, PLAN_WORDS
from reports.queries import in_words
from reports.scopes import whole_district
from reports.template_names import Names
from reports.tokens import AGGREGATES, parse, write_token

DEFAULT_LIST_FORMAT = "列表"


@dataclass(frozen=True)
class Name:
    """An indicator or list that a token may name; `shown` is how the example prints now."""

    name: str
    code: str
    area: str
    kind: str
    formats: tuple[str, ...]
    example: str
    shown: str
    status: str
    scope_note: str

    @property
    def initials(self) -> str:
        """First letters of the name, as people type them to find it."""
        return search_words(self.name)


@dataclass(frozen=True)
class Picker:
    """The reference beside an open editor. `scopes` and `aggregates` are what the last two parts of a token may be."""

    names: tuple[Name, ...]
    periods: tuple[str, ...]
    formats: tuple[Format, ...]
    scopes: tuple[str, ...] = ()
    aggregates: tuple[str, ...] = AGGREGATES


def load_picker(binder: Binder) -> Picker:
    """Return the reference for a report's year and cut-off month."""
    rows = [row for row in binder.book.indicators.values() if row.counts_in(binder.book.year)]
    lists = {row.code: row for row in binder.lists.values()}.values()
    names = [_indicator_name(binder, row) for row in rows] + [_list_name(binder, row) for row in lists]
    names += [_outcomes_name(binder)] if binder.plan else []
    return Picker(tuple(names), periods_until(binder.cutoff_month), tuple(FORMATS.values()), scopes_of(binder))


def load_reference(names: Names) -> Picker:
    """Return the same for a template, where nothing prints yet."""
    rows = {row.code: row for row in names.indicators.values() if row.counts_in(names.year)}
    lists = {row.code: row for row in names.lists.values()}
    found = [_indicator_name(None, row) for row in rows.values()] + [_list_name(None, row) for row in lists.values()]
    return Picker(
        tuple(found), periods_until(LAST_MONTH), tuple(FORMATS.values()), (names.district_scope,) if names.district_scope else ()
    )


def scopes_of(binder: Binder) -> tuple[str, ...]:
    """Return whose figures a report may quote beside its own: the district's, then each village's there is at its cut-off.

    The district's own report quotes its townships'.
    """
    book = binder.book
    villages = [unit.name for unit in book.villages_of(book.year, binder.cutoff_month)]
    above = () if book.unit.is_district else (whole_district(book.unit),)
    return (*above, *dict.fromkeys(villages))


def periods_until(cutoff_month: int) -> tuple[str, ...]:
    """Return the period words that a report with figures up to this month may use."""
    fixed = [word for word, (_first, last) in FIXED_MONTHS.items() if last <= cutoff_month]
    whole = ["全年"] if cutoff_month == LAST_MONTH else []
    span = [month_range(1, cutoff_month), f"{cutoff_month}月"]
    return ("今年以来", "目前", *whole, *span, *fixed, "上年", PLAN_WORDS[0])


def bind_words(binder: Binder, raw: str) -> Bound | None:
    """Return how one token would print; None when the words are not exactly one token. Raises TokenError for a broken one."""
    pieces = parse(raw)
    return binder.bind(pieces[0]) if len(pieces) == 1 and not isinstance(pieces[0], str) else None


def _indicator_name(binder: Binder | None, row: Indicator) -> Name:
    kind = kind_of(row.aggregation, row.measure)
    formats = tuple(_exact_word(known, row.measure) for known in legal_formats(kind))
    period = "目前" if kind in (FigureKind.STOCK, FigureKind.RANK, FigureKind.SERIAL) else "今年以来"
    return _name(binder, row.name, row.code, row.area.name, kind, formats, period, row.scope_note)


def _list_name(binder: Binder | None, row) -> Name:
    formats = tuple(known.name for known in legal_formats(FigureKind.LIST))
    ordered = (DEFAULT_LIST_FORMAT, *(name for name in formats if name != DEFAULT_LIST_FORMAT))
    return _name(binder, row.name, row.code, "", FigureKind.LIST, ordered, "今年以来", row.hint)


def _outcomes_name(binder: Binder) -> Name:
    scope = _("How the items of last year's plan were met, in one clause.")
    return _name(binder, ALL_TARGETS, "", "", FigureKind.LIST, (OUTCOME_FORMAT,), "今年以来", scope)


def _name(binder: Binder | None, name, code, area, kind, formats, period, scope_note) -> Name:
    example = write_token(name, period, formats[0])
    if binder is None:
        return Name(name, code, area, str(kind), formats, example, "", "", scope_note)
    bound = bind_words(binder, example)
    return Name(name, code, area, str(kind), formats, example, in_words(bound.status, bound.shown), bound.status, scope_note)


def _exact_word(known: Format, measure: str) -> str:
    """The exact format is called by the indicator's own measure word, as the texts write it."""
    return measure if known.name == EXACT and measure and not measure.endswith("%") else known.name
