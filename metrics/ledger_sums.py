"""What ledgers come to: the value each bound indicator has in a month, counted when read. One query a ledger in use."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import BooleanField, Count, ExpressionWrapper, F, Max, Q, QuerySet, Sum

from accounts.models import Unit
from metrics.choices import FigureKind
from metrics.ledgers import LedgerKind, LedgerPartKey, LedgerRule, ledger_kind
from metrics.models import Indicator
from metrics.models.returns import cell_name

SEPARATORS = re.compile(r"[、，,；;\n]+")


def ledger_values(unit: Unit, year: int, month: int, indicators) -> dict[str, Decimal]:
    """Return cell -> value of every bound indicator whose ledger has entries: in the month, or from January for running ones.

    A ledger without any entry says nothing (blank is not zero); one with entries says 0 for what it does not hold. For the
    same reason a village without an entry of its own is left out.
    """
    bound = _by_part(indicators)
    used = parts_in_use(unit, year, month, list(bound))
    values: dict[str, Decimal] = {}
    for part, rules in bound.items():
        this_month, this_year = used[part]
        live = [(indicator, rule) for indicator, rule in rules if (this_year if rule.is_running else this_month)]
        if live:
            values |= _values_of(ledger_kind(part[0]), unit, year, month, live)
    return values


def disagrees(kind: str, value: Decimal | None, ledger: Decimal | None) -> bool:
    """Whether a stored cell says something else than its ledger; an absence agrees with a ledger that counts 0."""
    if ledger is None:
        return False
    if kind in (FigureKind.NOT_APPLICABLE, FigureKind.NOT_COLLECTED):
        return ledger != 0
    return kind != FigureKind.VALUE or value != ledger


def _by_part(indicators) -> dict[LedgerPartKey, list[tuple[Indicator, LedgerRule]]]:
    bound = defaultdict(list)
    for indicator in indicators:
        if indicator.has_cell and (rule := LedgerRule.of(indicator)):
            bound[rule.part].append((indicator, rule))
    return bound


def parts_in_use(unit: Unit, year: int, month: int, parts: list[LedgerPartKey]) -> dict[LedgerPartKey, tuple[bool, bool]]:
    """Return part of a ledger -> whether it has entries in the month, and in the year up to it. One query for all.

    Written as SQL: every grid asks this, and putting together sixteen conditions costs ten times what their answer does.
    """
    if not parts:
        return {}
    asked, values = [], []
    for part in parts:
        for first in (date(year, month, 1), date(year, 1, 1)):
            condition, parameters = _has_entries(part, unit, first, month_end(year, month))
            asked.append(condition)
            values += parameters
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(asked)}", values)
        found = [bool(answer) for answer in cursor.fetchone()]
    return {part: (found[2 * place], found[2 * place + 1]) for place, part in enumerate(parts)}


def _has_entries(part: LedgerPartKey, unit: Unit, first: date, last: date) -> tuple[str, list]:
    """Return the SQL condition that a part of a ledger has entries of these days, with its parameters."""
    code, conditions = part
    kind = ledger_kind(code)
    if conditions:
        days = {f"{kind.date_field}__range": (first, last)}
        entries = kind.entries(unit).filter(**days, **{f"{name}__in": values for name, values in conditions})
        inner, parameters = entries.order_by().values("pk").query.sql_with_params()
        return f"EXISTS({inner})", list(parameters)
    meta, quote = kind.model._meta, connection.ops.quote_name
    table, of_unit, day = map(quote, (meta.db_table, meta.get_field("unit").column, kind.field(kind.date_field).column))
    return f"EXISTS(SELECT 1 FROM {table} WHERE {of_unit} = %s AND {day} BETWEEN %s AND %s)", [unit.pk, first, last]  # noqa: S608


def in_months(kind: LedgerKind, year: int, first: int, last: int) -> Q:
    """Entries dated in the months of a year from the first to the last."""
    return Q(**{f"{kind.date_field}__range": (date(year, first, 1), month_end(year, last))})


def in_month(kind: LedgerKind, year: int, month: int) -> Q:
    """Entries dated in a month."""
    return in_months(kind, year, month, month)


def up_to(kind: LedgerKind, year: int, month: int) -> Q:
    """Entries dated in a year up to the end of a month."""
    return in_months(kind, year, 1, month)


def month_end(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year, month, monthrange(year, month)[1])


def _values_of(kind: LedgerKind, unit: Unit, year: int, month: int, rules) -> dict[str, Decimal]:
    """Count the rules of one ledger: what can be added up in one query, names and days by hand."""
    entries = kind.entries(unit).filter(up_to(kind, year, month))
    added = [(indicator, rule) for indicator, rule in rules if rule.measure in ("count", "sum", "max")]
    values = _added_up(kind, entries, in_month(kind, year, month), added)
    for indicator, rule in rules:
        if rule.measure == "distinct":
            texts = entries.filter(rule.condition()).values_list(rule.field, flat=True)
            values[indicator.code] = Decimal(len(distinct_names(texts)))
        elif rule.measure == "days" and (days := _days(kind, unit, year, month, rule)) is not None:
            values[indicator.code] = days
    return values


def _added_up(kind: LedgerKind, entries: QuerySet, month_only: Q, rules) -> dict[str, Decimal]:
    if not rules:
        return {}
    groups = _groups(kind, entries, month_only, rules)
    by_village = defaultdict(list)
    for group in groups:
        by_village[group.get("of_village")].append(group)
    values = {}
    for indicator, rule in rules:
        if not indicator.is_by_village:
            values[indicator.code] = _amount(groups, rule)
            continue
        for code in filter(None, by_village):
            values[cell_name(indicator.code, code)] = _amount(by_village[code], rule)
    return values


def _groups(kind: LedgerKind, entries: QuerySet, month_only: Q, rules) -> list[dict]:
    """Return the entries in groups of what the rules tell apart, each with its number, sums and highest values.

    One small query: a condition for each rule costs the database less than Django needs to write it.
    """
    told_apart = {name for _indicator, rule in rules for name, _values in rule.where}
    keys = {"of_month": ExpressionWrapper(month_only, output_field=BooleanField())}
    if kind.village_field and any(indicator.is_by_village for indicator, _rule in rules):
        keys["of_village"] = F(f"{kind.village_field}__code")
    amounts = {f"sum_{rule.field}": Sum(rule.field) for _indicator, rule in rules if rule.measure == "sum"}
    amounts |= {f"max_{rule.field}": Max(rule.field) for _indicator, rule in rules if rule.measure == "max"}
    return list(entries.order_by().values(*told_apart, **keys).annotate(number=Count("pk"), **amounts))


def _amount(groups: list[dict], rule: LedgerRule) -> Decimal:
    """Add up the groups that a rule counts: running ones of all months, others of the month."""
    counted = [
        group for group in groups
        if (rule.is_running or group["of_month"]) and all(group[name] in values for name, values in rule.where)
    ]  # fmt: skip
    if rule.measure == "count":
        return Decimal(sum(group["number"] for group in counted))
    found = [group[f"{rule.measure}_{rule.field}"] or 0 for group in counted]
    return Decimal(max(found, default=0) if rule.measure == "max" else sum(found))


def distinct_names(texts) -> set[str]:
    """Return the different names in texts that separate them by 、, commas or semicolons; width and spaces do not count."""
    names = set()
    for text in texts:
        for part in SEPARATORS.split(text or ""):
            if name := "".join(unicodedata.normalize("NFKC", part).split()):
                names.add(name)
    return names


def _days(kind: LedgerKind, unit: Unit, year: int, month: int, rule: LedgerRule) -> Decimal | None:
    """Count the calendar days of the month that entries cover from their date to the end field, each day once.

    None when none reaches into the month: what happened in spring says nothing of the autumn.
    """
    first, last = date(year, month, 1), month_end(year, month)
    touching = kind.entries(unit).filter(rule.condition(), **{f"{kind.date_field}__lte": last})
    days = set()
    for start, end in touching.values_list(kind.date_field, rule.field):
        day, stop = max(start, first), min(end or start, last)
        while day <= stop:
            days.add(day)
            day += timedelta(days=1)
    return Decimal(len(days)) if days else None
