"""Which entries of a ledger a page shows: read from the address, kept in its links, applied to a query. No HTML."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from operator import or_
from urllib.parse import urlencode

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.ledger_sums import in_months
from metrics.ledgers import LedgerKind, LedgerRule, ledger_kind

YES_NO = {"1": True, "0": False}
MOST_TEXT = 60


@dataclass(frozen=True)
class Choice:
    """One option of a filter."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Control:
    """One select of the filter row."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class LedgerFilters:
    """What is chosen: `months` first and last of the year, `values` field -> codes as in the address, `text` to search.

    `unit` is the township shown, None for all that a district sees. A value of several codes is written a,b.
    """

    kind: LedgerKind
    year: int
    unit: Unit | None
    months: tuple[int, int] = (1, 12)
    values: tuple[tuple[str, str], ...] = ()
    text: str = ""

    def apply(self, entries: QuerySet) -> QuerySet:
        """Narrow a ledger's entries down."""
        wanted = in_months(self.kind, self.year, *self.months)
        if not self.month_code and self.kind.has_year:
            wanted |= Q(year=self.year, **{f"{self.kind.date_field}__isnull": True})
        for name, value in self.values:
            wanted &= self._one_of(name, value.split(","))
        if self.text:
            names = [name for name in self.kind.columns if self.kind.is_text(name)]
            wanted &= reduce(or_, (Q(**{f"{name}__icontains": self.text}) for name in names))
        entries = entries.filter(unit=self.unit) if self.unit else entries
        return entries.filter(wanted)

    def _one_of(self, name: str, codes: list[str]) -> Q:
        if isinstance(self.kind.field(name), models.ForeignKey):
            return Q(**{f"{name}__code__in": codes})
        if isinstance(self.kind.field(name), models.BooleanField):
            return Q(**{f"{name}__in": [YES_NO[code] for code in codes]})
        return Q(**{f"{name}__in": codes})

    @cached_property
    def query(self) -> str:
        """The parameters of the address that choose the same again, without the page."""
        pairs = [("year", self.year)]
        pairs += [("unit", self.unit.pk)] if self.unit else []
        pairs += [("month", self.month_code)] if self.month_code else []
        pairs += [*self.values, *([("q", self.text)] if self.text else [])]
        return urlencode(pairs)

    @property
    def address(self) -> str:
        """The page of the ledger with the same choice."""
        return f"{self.kind.address}?{self.query}"

    @property
    def month_code(self) -> str:
        """The chosen months as written in the address: "", 10 or 1-10."""
        first, last = self.months
        if (first, last) == (1, 12):
            return ""
        return str(first) if first == last else f"{first}-{last}"

    @property
    def period(self) -> str:
        """The chosen months in words, 2026年1—10月."""
        months = self.month_code.replace("-", "—")
        return f"{self.year}年{months}月" if months else f"{self.year}年"

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the year and unit is chosen."""
        return bool(self.month_code or self.values or self.text)

    def controls(self) -> tuple[Control, ...]:
        """Return the selects: months, then every field with a fixed set of values."""
        months = [("", _("whole year")), *((str(month), f"{month}月") for month in range(1, 13))]
        if "-" in self.month_code:
            months.append((self.month_code, self.month_code.replace("-", "—") + "月"))
        rows = [_control("month", _("Month"), months, self.month_code)]
        chosen = dict(self.values)
        for name in choosable(self.kind, self.unit):
            column = self.kind.field(name)
            options = [("", _("all")), *options_of(self.kind, name, self.unit)]
            value = chosen.get(name, "")
            if "," in value:
                labels = dict(options)
                options.append((value, "、".join(str(labels[code]) for code in value.split(","))))
            rows.append(_control(name, str(column.verbose_name), options, value))
        return tuple(rows)


def _control(name: str, label: str, options, value: str) -> Control:
    return Control(name, label, tuple(Choice(code, str(text), code == value) for code, text in options))


def choosable(kind: LedgerKind, unit: Unit | None) -> list[str]:
    """Return the columns with a fixed set of values; villages only where one township is shown."""
    names = []
    for name in kind.columns:
        column = kind.field(name)
        is_village = name == kind.village_field and unit is not None
        if column.choices or isinstance(column, models.BooleanField) or is_village:
            names.append(name)
    return names


def options_of(kind: LedgerKind, name: str, unit: Unit | None) -> list[tuple[str, str]]:
    """Return (code, label) of every value a column can have."""
    column = kind.field(name)
    if column.choices:
        return list(column.choices)
    if isinstance(column, models.BooleanField):
        return [("1", _("yes")), ("0", _("no"))]
    return [(village.code, village.name) for village in unit.children.all()]


def read_filters(kind: LedgerKind, data, *, year: int, unit: Unit | None) -> LedgerFilters:
    """Read a query string; what is no value of a filter is left out, as if it had not been chosen."""
    values = []
    for name in choosable(kind, unit):
        if typed := data.get(name, ""):
            known = {code for code, _label in options_of(kind, name, unit)}
            codes = [code for code in typed.split(",") if code in known]
            values += [(name, ",".join(codes))] if codes else []
    text = data.get("q", "").replace("\x00", "").strip()[:MOST_TEXT]
    return LedgerFilters(kind, year, unit, _read_months(data.get("month", "")), tuple(values), text)


def _read_months(typed: str) -> tuple[int, int]:
    first, _dash, last = typed.partition("-")
    pair = [int(part) if part.isascii() and part.isdigit() and len(part) < 3 else 0 for part in (first, last or first)]
    return (pair[0], pair[1]) if 1 <= pair[0] <= pair[1] <= 12 else (1, 12)


def rule_address(rule: LedgerRule, unit: Unit, year: int, month: int, village: Unit | None = None) -> str:
    """Return the page that shows the entries which a rule counts in a month, from January on for running ones."""
    return f"{ledger_kind(rule.kind).address}?{_rule_query(rule, unit.pk, year, month, village.code if village else '')}"


@lru_cache(maxsize=4096)  # a grid asks for some forty, the same for everybody who opens it
def _rule_query(rule: LedgerRule, unit_pk: int, year: int, month: int, village_code: str) -> str:
    kind, unit = ledger_kind(rule.kind), Unit(pk=unit_pk)
    if kind.page == "metrics:item_list":
        lists = [str(value) for name, values in rule.where if name == "named_list__code" for value in values]
        return urlencode({"list": lists[0] if lists else "", "year": year, "unit": unit_pk})
    chosen = {name: ",".join(_code(value) for value in values) for name, values in rule.where}
    names = choosable(kind, unit)
    pairs = tuple((name, chosen[name]) for name in names if name in chosen)
    if village_code:
        pairs += ((kind.village_field, village_code),)
    return LedgerFilters(kind, year, unit, (1 if rule.is_running else month, month), pairs).query


def _code(value) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
