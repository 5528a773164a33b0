"""What ledgers come to: the value each bound indicator has in a month, counted when read. One query a ledger in use."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import BooleanField, Count, ExpressionWrapper, F, Max, Q, Sum

from accounts.models import Unit
from metrics.choices import FigureKind
from metrics.ledgers import LedgerKind, LedgerRule, ledger_kind
from metrics.models import Indicator
from metrics.models.returns import cell_name

SEPARATORS = re.compile(r"[、，,；;\n]+")


def ledger_values(unit: Unit, year: int, month: int, indicators) -> dict[str, Decimal]:
    """Return cell -> value of every bound indicator whose ledger has entries: in the month, or from January for running ones.

    A ledger without any entry says nothing (blank is not zero), nor does a part of it that nobody keeps, see `_is_kept`; one
    in use says 0 for what it does not hold. For the same reason a village without an entry of its own is left out.
    """
    bound = _by_ledger(indicators)
    used = ledgers_in_use(unit, year, month, list(bound))
    values: dict[str, Decimal] = {}
    for code, rules in bound.items():
        this_month, this_year = used[code]
        live = [(indicator, rule) for indicator, rule in rules if (this_year if rule.is_running else this_month)]
        if live:
            values |= _values_of(ledger_kind(code), unit, year, month, live)
    return values


def disagrees(kind: str, value: Decimal | None, ledger: Decimal | None) -> bool:
    """Whether a stored cell says something else than its ledger; an absence agrees with a ledger that counts 0."""
    if ledger is None:
        return False
    if kind in (FigureKind.NOT_APPLICABLE, FigureKind.NOT_COLLECTED):
        return ledger != 0
    return kind != FigureKind.VALUE or value != ledger


def _by_ledger(indicators) -> dict[str, list[tuple[Indicator, LedgerRule]]]:
    bound = defaultdict(list)
    for indicator in indicators:
        if indicator.has_cell and (rule := LedgerRule.of(indicator)):
            bound[rule.kind].append((indicator, rule))
    return bound


def ledgers_in_use(unit: Unit, year: int, month: int, codes: list[str]) -> dict[str, tuple[bool, bool]]:
    """Return ledger -> whether it has entries in the month, and in the year up to it. One query for all.

    Written as SQL: every grid asks this, and putting together sixteen conditions costs ten times what their answer does.
    """
    if not codes:
        return {}
    asked, values = [], []
    for code in codes:
        for first in (date(year, month, 1), date(year, 1, 1)):
            condition, parameters = _has_entries(ledger_kind(code), unit, first, month_end(year, month))
            asked.append(condition)
            values += parameters
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(asked)}", values)
        found = [bool(answer) for answer in cursor.fetchone()]
    return {code: (found[2 * place], found[2 * place + 1]) for place, code in enumerate(codes)}


def _has_entries(kind: LedgerKind, unit: Unit, first: date, last: date) -> tuple[str, list]:
    """Return the SQL condition that a ledger has entries of these days, with its parameters."""
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


def since_the_year_before(kind: LedgerKind, year: int, month: int) -> Q:
    """Entries dated from January of the year before up to the end of a month."""
    return Q(**{f"{kind.date_field}__range": (date(year - 1, 1, 1), month_end(year, month))})


def month_end(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year, month, monthrange(year, month)[1])


def _values_of(kind: LedgerKind, unit: Unit, year: int, month: int, rules) -> dict[str, Decimal]:
    """Count the rules of one ledger: what can be added up in one query, names and days by hand."""
    rules, groups = _kept_rules(kind, unit, year, month, rules)
    entries = kind.entries(unit).filter(up_to(kind, year, month))
    values = {}
    for indicator, rule in rules:
        if rule.measure == "distinct":
            texts = entries.filter(rule.condition()).values_list(rule.field, flat=True)
            values[indicator.code] = Decimal(len(distinct_names(texts)))
        elif rule.measure == "days":
            if (days := _days(kind, unit, year, month, rule)) is not None:
                values[indicator.code] = days
        elif not indicator.is_by_village:
            values[indicator.code] = _amount(groups, rule)
        else:
            values |= _of_villages(indicator, rule, groups)
    return values


def _kept_rules(kind: LedgerKind, unit: Unit, year: int, month: int, rules) -> tuple[list, list[dict]]:
    """Return the rules whose part of the ledger is kept, and the entries in groups where any rule needs them."""
    if not kind.split_by and all(rule.measure in ("distinct", "days") for _indicator, rule in rules):
        return rules, []
    groups = _groups(kind, unit, year, month, rules)
    return [(indicator, rule) for indicator, rule in rules if _is_kept(groups, rule)], groups


def _is_kept(groups: list[dict], rule: LedgerRule) -> bool:
    """Whether a rule's part of its ledger has entries, this year or the year before.

    An office that enters its talks here and nothing else says nothing of its books; one that entered books in spring says in
    autumn that there were none.
    """
    return any(
        all(group[name] in values for name, values in rule.part)
        and not (rule.needs_number and group[f"{rule.measure}_{rule.field}"] is None)
        for group in groups
    )


def _of_villages(indicator: Indicator, rule: LedgerRule, groups: list[dict]) -> dict[str, Decimal]:
    by_village = defaultdict(list)
    for group in groups:
        if group["of_year"] and group["of_village"]:
            by_village[group["of_village"]].append(group)
    return {
        cell_name(indicator.code, code): _amount(of_village, rule)
        for code, of_village in by_village.items()
        if _is_kept(of_village, rule)
    }


def _groups(kind: LedgerKind, unit: Unit, year: int, month: int, rules) -> list[dict]:
    """Return the entries in groups of what the rules tell apart, each with its number, sums and highest values.

    One small query: a condition for each rule costs the database less than Django needs to write it. Where parts of the
    ledger are kept or not, entries of the year before tell it.
    """
    entries = kind.entries(unit).filter(since_the_year_before(kind, year, month) if kind.split_by else up_to(kind, year, month))
    told_apart = {name for _indicator, rule in rules for name, _values in rule.where}
    keys = {"of_month": _is(in_month(kind, year, month)), "of_year": _is(up_to(kind, year, month))}
    if kind.village_field and any(indicator.is_by_village for indicator, _rule in rules):
        keys["of_village"] = F(f"{kind.village_field}__code")
    amounts = {f"sum_{rule.field}": Sum(rule.field) for _indicator, rule in rules if rule.measure == "sum"}
    amounts |= {f"max_{rule.field}": Max(rule.field) for _indicator, rule in rules if rule.measure == "max"}
    return list(entries.order_by().values(*told_apart, **keys).annotate(number=Count("pk"), **amounts))


def _is(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _amount(groups: list[dict], rule: LedgerRule) -> Decimal:
    """Add up the groups that a rule counts: running ones of all months, others of the month."""
    counted = [
        group for group in groups
        if group["of_year" if rule.is_running else "of_month"] and all(group[name] in values for name, values in rule.where)
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
