"""The checks of an indicator as data: [{"rule", "level", parameters}]. Reads and refuses them, gives the usual ones.

Nobody answers for a calculated figure, so nothing about it can be asked: its checks are errors or hints.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from django.utils.translation import gettext as _

from metrics.check_rules.base import RULES, Parameter, Rule
from metrics.choices import Aggregation, CheckLevel, Level
from metrics.models import Indicator

USUAL = {
    Aggregation.SUM: ({"rule": "jump", "limit": 1}, {"rule": "jump_year"}, {"rule": "outlier"}, {"rule": "same"}),
    Aggregation.AVG: ({"rule": "jump", "limit": 0.2},),
    Aggregation.LAST: ({"rule": "jump", "limit": 0.2}, {"rule": "zero"}),
    Aggregation.DISTINCT_YTD: ({"rule": "shrunk"},),
    Aggregation.MAX: ({"rule": "shrunk"},),
}
# A single village's months vary by nature: it is asked about slips of a digit and more, all of them together about less.
USUAL_OF_VILLAGES = (
    {"rule": "jump", "limit": 4, "small": 50}, {"rule": "jump_year", "limit": 4, "small": 50},
    {"rule": "jump_villages", "limit": 1, "small": 50},
)  # fmt: skip
OFF = "off"  # a catalogue file's word for leaving a usual check out


class CheckError(ValueError):
    """A check that cannot be used; str() says which and why."""


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """One check of an indicator, ready to run: numbers as Decimal, defaults filled in."""

    rule: Rule
    level: str
    options: dict


def plan_of(indicator: Indicator) -> list[PlannedCheck]:
    """Return an indicator's checks, ready to run; a rule that no longer exists is passed over."""
    return [_planned(tuple(data.items())) for data in indicator.checks if data.get("rule") in RULES]


@lru_cache(maxsize=4096)
def _planned(items: tuple[tuple, ...]) -> PlannedCheck:
    """Prepare a check once: hundreds of them are the same on every page."""
    data = dict(items)
    rule, options = RULES[data["rule"]], {}
    for parameter in rule.parameters:
        given = data.get(parameter.name)
        if given is None:
            options[parameter.name] = parameter.default
        else:
            options[parameter.name] = Decimal(str(given)) if parameter.is_number else given
    return PlannedCheck(rule, data.get("level", rule.level), options)


def default_checks(indicator: Indicator) -> list[dict]:
    """Return the usual checks of an indicator, by how it adds up; a village's cell is compared with fewer things."""
    if not indicator.has_cell:
        return []
    is_village_flow = indicator.level == Level.VILLAGE and indicator.aggregation == Aggregation.SUM
    usual = USUAL_OF_VILLAGES if is_village_flow else USUAL.get(indicator.aggregation, ())
    if indicator.is_entered and indicator.formula.get("ledger"):
        usual = (*usual, {"rule": "ledger"})
    if not indicator.is_required and indicator.aggregation == Aggregation.SUM:
        usual = (*usual, {"rule": "gap"})
    return [_complete(data) for data in usual]


def _defaults(rule: Rule) -> dict:
    return {row.name: as_json(row.default) for row in rule.parameters if row.default is not None}


def as_json(value: Decimal) -> int | float:
    """Return a number as JSON and TOML hold it."""
    return int(value) if value == value.to_integral_value() else float(value)


def merged_checks(indicator: Indicator, wanted: list[dict]) -> list[dict]:
    """Return the usual checks with those of a catalogue file in the place of the usual ones of the same rule.

    What a file leaves out of a check is as usual; level "off" leaves the check out. Checks run in this order.
    """
    named: dict[str, list[dict]] = {}
    for data in wanted:
        named.setdefault(data["rule"], []).append(data)
    merged = [row for data in default_checks(indicator) for row in named.pop(data["rule"], [data])]
    merged += [data for rows in named.values() for data in rows]
    return [_complete(data) for data in merged if data.get("level") != OFF]


def _complete(data: dict) -> dict:
    rule = RULES[data["rule"]]
    return {"rule": rule.code, "level": rule.level, **_defaults(rule), **data}


def read_checks(
    indicator: Indicator, checks: list, *, codes: Collection[str], list_codes: Collection[str], allow_off: bool = False
) -> list[dict]:
    """Return an indicator's checks, looked over. `codes`, `list_codes`: indicators and lists there are.

    Raises CheckError with a sentence for the person who wrote them. `allow_off` is for catalogue files.
    """
    if not isinstance(checks, list) or not all(isinstance(data, dict) for data in checks):
        raise CheckError(_("Checks are a list of rules with their parameters."))
    for data in checks:
        rule = RULES.get(str(data.get("rule", "")))
        if rule is None or rule.is_built_in:
            names = "、".join(sorted(code for code, row in RULES.items() if not row.is_built_in))
            raise CheckError(
                _("There is no check “%(name)s”; there are %(names)s.") % {"name": data.get("rule", ""), "names": names}
            )
        if not (allow_off and data.get("level") == OFF):
            _look_over(rule, data, indicator, {"indicator": codes, "list": list_codes})
    return checks


def _look_over(rule: Rule, data: dict, indicator: Indicator, known: dict[str, Collection[str]]) -> None:
    """Refuse a check that does not fit the indicator, and keys, levels and parameters that the rule does not have."""
    name = {"name": rule.label}
    if why := misfit(rule, indicator):
        raise CheckError(why)
    if unknown := set(data) - {"rule", "level", *(row.name for row in rule.parameters)}:
        raise CheckError(_("The check “%(name)s” has no parameter %(keys)s.") % {**name, "keys": "、".join(sorted(unknown))})
    level = data.get("level", rule.level)
    if level not in rule.levels:
        words = {**name, "level": level, "levels": "、".join(rule.levels)}
        raise CheckError(_("The check “%(name)s” cannot have the level %(level)s; it has %(levels)s.") % words)
    if level == CheckLevel.QUERY and not indicator.has_cell:
        raise CheckError(_("The check “%(name)s” cannot ask for an explanation: this figure is calculated.") % name)
    for parameter in rule.parameters:
        _look_at_parameter(rule, parameter, data.get(parameter.name), indicator, known)
    if rule.code == "range":
        _look_at_range(data)


def misfit(rule: Rule, indicator: Indicator) -> str:
    """Return why an indicator cannot have a rule, "" when it can."""
    name = {"name": rule.label}
    if indicator.aggregation not in rule.aggregations:
        return _("The check “%(name)s” does not fit a figure of this aggregation.") % name
    if rule.is_for_cells and not indicator.has_cell:
        return _("The check “%(name)s” is for figures that are not calculated.") % name
    if rule.is_for_villages and not indicator.is_by_village:
        return _("The check “%(name)s” is for figures kept by village.") % name
    if rule.needs_ledger and not (indicator.is_entered and indicator.formula.get("ledger")):
        return _("The check “%(name)s” needs a typed figure that a ledger counts too.") % name
    return ""


def _look_at_parameter(rule: Rule, parameter: Parameter, given, indicator: Indicator, known: dict) -> None:
    shown = {"name": rule.label, "parameter": parameter.label, "value": given}
    if given is None:
        if parameter.default is None and parameter.is_required:
            raise CheckError(_("The check “%(name)s” needs “%(parameter)s”.") % shown)
        return
    if not parameter.is_number:
        if not isinstance(given, str) or given not in known[parameter.kind] or given == indicator.code:
            raise CheckError(_("The check “%(name)s”: “%(parameter)s” cannot be %(value)s; there is no such code.") % shown)
        return
    number = _number(given)
    if number is None or not parameter.low <= number <= parameter.high:
        limits = {"low": parameter.low, "high": parameter.high}
        raise CheckError(
            _("The check “%(name)s”: “%(parameter)s” is a number from %(low)s to %(high)s, not %(value)s.") % {**shown, **limits}
        )


def _number(given) -> Decimal | None:
    if isinstance(given, bool) or not isinstance(given, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(given))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _look_at_range(data: dict) -> None:
    low, high = (_number(data[name]) if data.get(name) is not None else None for name in ("low", "high"))
    if low is None and high is None:
        raise CheckError(_("A fixed range needs a lowest or a highest figure."))
    if low is not None and high is not None and low > high:
        raise CheckError(_("The lowest figure of a range cannot be above the highest."))
