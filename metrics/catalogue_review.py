"""What a district's set of a year would change, and what keeps it from coming into force. Reads only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.catalogue_rules import Surroundings, indicator_faults, row_of, set_faults
from metrics.catalogue_years import ByCode, load_catalogue, load_indicators
from metrics.check_rules import RULES
from metrics.choices import CheckLevel
from metrics.models import Catalogue, CatalogueState, Figure, Highlight, Indicator, MonthlyReturn, NamedList
from workflow.choices import State

ADDED, RETIRED, RENAMED, SCOPE, CHANGED = "added", "retired", "renamed", "scope", "changed"
MOST_REASONS = 8
LABELS = {
    "name": gettext_lazy("name"), "measure": gettext_lazy("measure word"), "scope": gettext_lazy("statistical scope"),
    "aggregation": gettext_lazy("how months add up"), "source": gettext_lazy("where it comes from"),
    "level": gettext_lazy("one cell for each"), "decimals": gettext_lazy("decimals"), "parent": gettext_lazy("part of"),
    "parts": gettext_lazy("parts"), "checks": gettext_lazy("checks"),
    "required": gettext_lazy("required"), "area": gettext_lazy("work area"), "numerator": gettext_lazy("numerator"),
    "denominator": gettext_lazy("denominator"), "sum_of": gettext_lazy("sum of"), "rank_of": gettext_lazy("ranked by"),
    "list": gettext_lazy("list"), "ledger": gettext_lazy("ledger"), "fields": gettext_lazy("fields"),
    "hint": gettext_lazy("hint"),
}  # fmt: skip
# What an approved return and its report rest on; the rest may be corrected while a year runs.
CORRECTABLE = {"scope", "checks"}

Obstacle = Callable[[Catalogue], list[str]]
_obstacles: list[Obstacle] = []


def register_obstacle(check: Obstacle) -> None:
    """Let another app say why a set cannot come into force; `check(catalogue)` returns reasons."""
    if check not in _obstacles:
        _obstacles.append(check)


@dataclass(frozen=True)
class Difference:
    """One thing that differs: kind is added, retired, renamed, scope (its 口径) or changed; `what` names the field."""

    kind: str
    name: str
    what: str = ""
    old: str = ""
    new: str = ""


def differences_to(catalogue: Catalogue, year: int) -> list[Difference]:
    """Return what a set changes against the one that a year uses: indicators in the order of the form, then lists."""
    old, _before = load_indicators(catalogue.district_id, year)
    new = load_catalogue(catalogue)
    lists_before = {row.code: row for row in NamedList.objects.of_year(catalogue.district_id, year)}
    lists = {row.code: row for row in catalogue.named_lists.all()}
    return [*_indicator_differences(old, new, year, catalogue.first_year), *_list_differences(lists_before, lists)]


def _indicator_differences(old: ByCode, new: ByCode, year: int, new_year: int):
    names = {code: row.name for code, row in {**old, **new}.items()}
    for code in dict.fromkeys([*new, *old]):
        before = old.get(code) if code in old and old[code].counts_in(year) else None
        after = new.get(code) if code in new and new[code].counts_in(new_year) else None
        if after and not before:
            yield Difference(ADDED, after.name, new=since_words(after, new_year))
        elif before and not after:
            yield Difference(RETIRED, before.name)
        elif before and after:
            yield from _field_differences(before, after, names)
            if since_words(before, new_year) != since_words(after, new_year):
                yield Difference(CHANGED, after.name, _("months"), since_words(before, new_year), since_words(after, new_year))


def _field_differences(before: Indicator, after: Indicator, names: dict[str, str]):
    old, new = row_of(before), row_of(after)
    for key in LABELS:
        if old.get(key) != new.get(key) and (old.get(key) or new.get(key)):
            kind = {"name": RENAMED, "scope": SCOPE}.get(key, CHANGED)
            yield Difference(kind, after.name, str(LABELS[key]), shown_key(before, key, names), shown_key(after, key, names))


def differences_between(stored: Indicator, typed: Indicator, indicators: ByCode) -> list[Difference]:
    """Return the fields in which two versions of an indicator differ."""
    return list(_field_differences(stored, typed, {code: row.name for code, row in indicators.items()}))


def shown_key(indicator: Indicator, key: str, names: dict[str, str]) -> str:
    """Return one key of an indicator as people read it; references by name."""
    value = row_of(indicator).get(key)
    if key in ("aggregation", "source", "level", "parts"):
        return str(getattr(indicator, f"get_{key}_display")())
    if key == "checks":
        return "；".join(check_words(data, names) for data in value)
    if key in ("parent", "numerator", "denominator", "rank_of"):
        return names.get(value, value or "")
    if key == "sum_of":
        return " + ".join(names.get(code, code) for code in value or ())
    if key == "required":
        return str(_("yes") if value else _("no"))
    return "" if value is None else str(value)


def check_words(data: dict, names: dict[str, str]) -> str:
    """Return one check in words: the rule, its level, its parameters; other indicators by name."""
    rule = RULES.get(data["rule"])
    if rule is None:
        return data["rule"]
    given = [(row, data[row.name]) for row in rule.parameters if data.get(row.name) is not None]
    settings = [f"{row.label} {names.get(value, value) if row.kind == 'indicator' else value}" for row, value in given]
    return f"{rule.label}（{'，'.join([str(CheckLevel(data.get('level', rule.level)).label), *settings])}）"


def since_words(indicator: Indicator, year: int) -> str:
    """Return from which and up to which month of a year an indicator counts, "" for the whole year."""
    months = [month for month in range(1, 13) if indicator.counts_in(year, month)]
    if not months or len(months) == 12:
        return ""
    if months[-1] == 12:
        return _("from month %(month)d") % {"month": months[0]}
    return _("months %(first)d to %(last)d") % {"first": months[0], "last": months[-1]}


def _list_differences(old: dict[str, NamedList], new: dict[str, NamedList]):
    for code, after in new.items():
        before = old.get(code)
        if before is None:
            yield Difference(ADDED, after.name, str(LABELS["list"]))
            continue
        if before.name != after.name:
            yield Difference(RENAMED, after.name, str(LABELS["name"]), before.name, after.name)
        for key in ("hint", "fields"):
            if getattr(before, key) != getattr(after, key):
                yield Difference(CHANGED, after.name, str(LABELS[key]), _list_text(before, key), _list_text(after, key))


def _list_text(row: NamedList, key: str) -> str:
    value = getattr(row, key)
    return value if isinstance(value, str) else "、".join(field_label(name) for name in value)


def field_label(name: str) -> str:
    """Return the label of a named item's field."""
    return str(Highlight._meta.get_field(name).verbose_name)


def surroundings(catalogue: Catalogue, indicators: ByCode | None = None) -> Surroundings:
    """Return a set's rows for judging one of them."""
    indicators = load_catalogue(catalogue) if indicators is None else indicators
    counted = {code for code, row in indicators.items() if row.counts_in(catalogue.first_year) or row.valid_to is None}
    lists = dict(catalogue.named_lists.values_list("code", "name"))
    return Surroundings({code: row_of(row) for code, row in indicators.items()}, lists, counted)


def obstacles(catalogue: Catalogue) -> list[str]:
    """Return why a draft cannot come into force; nothing when it can."""
    indicators = load_catalogue(catalogue)
    around = surroundings(catalogue, indicators)
    if not around.counted:
        return [_("The set counts nothing: add at least one indicator.")]
    broken = [
        (code, fault) for code in indicators if code in around.counted for fault in indicator_faults(around.rows[code], around)
    ]
    found = [f"{around.name(code)}：{fault.message}" for code, fault in [*broken, *set_faults(around)]]
    found += settled_obstacles(catalogue, indicators)
    found += [reason for check in _obstacles for reason in check(catalogue)]
    return found


def served_years(catalogue: Catalogue) -> range:
    """Return the years that a district's set serves, or would: up to the district's next set."""
    later = Catalogue.objects.filter(
        district=catalogue.district_id, state=CatalogueState.PUBLISHED, first_year__gt=catalogue.first_year
    )
    last = later.order_by("first_year").values_list("first_year", flat=True).first()
    return range(catalogue.first_year, last or 10_000)


def papers_of(catalogue: Catalogue):
    """Return the returns of the district in the years that a set serves."""
    return _served(MonthlyReturn, catalogue)


def items_of(catalogue: Catalogue):
    """Return the named items of the district in the years that a set serves."""
    return _served(Highlight, catalogue)


def _served(model, catalogue: Catalogue):
    years = served_years(catalogue)
    return model.objects.filter(unit__parent=catalogue.district_id, year__gte=years.start, year__lt=years.stop)


def settled_month(district, year: int) -> int:
    """Return the last month of a year that some township has handed in, 0 for none: up to there nothing may change."""
    handed_in = MonthlyReturn.objects.filter(unit__parent=district, year=year).exclude(state=State.DRAFT)
    return handed_in.aggregate(month=Max("month"))["month"] or 0


def settled_obstacles(catalogue: Catalogue, new: ByCode) -> list[str]:
    """Return what the set changes in months that were handed in under another: only 口径 and months to come may differ."""
    handed_in = papers_of(catalogue).exclude(state=State.DRAFT)
    years = dict(handed_in.order_by().values_list("year").annotate(Max("month")))
    lacking = Figure.objects.filter(monthly_return__in=papers_of(catalogue)).exclude(indicator__code__in=new)
    found = [
        _("Figures of “%(name)s” are there already, but this set does not hold it.") % {"name": name}
        for name in lacking.order_by().values_list("indicator__name", flat=True).distinct()
    ]
    for year, month in sorted(years.items()):
        old, _before = load_indicators(catalogue.district_id, year)
        names = [new[code].name if code in new else old[code].name for code in _touched(old, new, year, month)]
        if names:
            words = _("Returns of %(year)d up to month %(month)d are handed in under the present set, so this cannot change: "
                      "%(names)s. Undo these changes, or let them begin with a later month or year.")  # fmt: skip
            shown = "、".join(names[:MOST_REASONS]) + (" …" if len(names) > MOST_REASONS else "")
            found.append(words % {"year": year, "month": month, "names": shown})
    return found


def _touched(old: ByCode, new: ByCode, year: int, last_month: int):
    """Yield the codes whose meaning in the months up to the last one differs between two sets."""
    months = range(1, last_month + 1)
    for code in dict.fromkeys([*old, *new]):
        before, after = old.get(code), new.get(code)
        then = [bool(before and before.counts_in(year, month)) for month in months]
        now = [bool(after and after.counts_in(year, month)) for month in months]
        if then != now or (any(then) and _firm(before) != _firm(after)):
            yield code


def _firm(indicator: Indicator) -> dict:
    return {key: value for key, value in row_of(indicator).items() if key not in CORRECTABLE}


def effect_range(catalogue: Catalogue) -> tuple[date, date]:
    """Return the first and last day on which a set may take effect: no later than its year begins, at once when it has begun."""
    today = timezone.localdate()
    latest = max(today, date(catalogue.first_year, 1, 1))
    has_begun = papers_of(catalogue).exists() or items_of(catalogue).exists()
    return today, today if has_begun else latest
