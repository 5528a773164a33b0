"""The checks of an indicator as form fields: one level a rule ("" leaves it out), and the rule's parameters beside it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _

from metrics.check_rules import RULES, Parameter, Rule, default_checks
from metrics.check_rules.reading import as_json, misfit
from metrics.choices import CheckLevel
from metrics.models import Indicator


def chosen_rules() -> list[Rule]:
    """Return the rules that somebody chooses; the built-in ones follow from what an indicator is."""
    return [rule for rule in RULES.values() if not rule.is_built_in]


def level_name(rule: Rule) -> str:
    """Return the name of a rule's field of its level."""
    return f"check_{rule.code}"


def parameter_name(rule: Rule, parameter: Parameter) -> str:
    """Return the name of a parameter's field."""
    return f"check_{rule.code}_{parameter.name}"


def field_names(rule: Rule) -> list[str]:
    """Return the names of a rule's fields in order."""
    return [level_name(rule), *(parameter_name(rule, parameter) for parameter in rule.parameters)]


def check_fields(indicators: list, lists: list) -> dict[str, forms.Field]:
    """Return the fields of all rules; `indicators` and `lists` are choices of codes."""
    fields = {}
    for rule in chosen_rules():
        levels = [("", _("not checked")), *((level, CheckLevel(level).label) for level in rule.levels)]
        fields[level_name(rule)] = forms.ChoiceField(
            label=rule.label, help_text=rule.description, required=False, choices=levels
        )  # fmt: skip
        for parameter in rule.parameters:
            fields[parameter_name(rule, parameter)] = _parameter_field(parameter, indicators, lists)
    return fields


def _parameter_field(parameter: Parameter, indicators: list, lists: list) -> forms.Field:
    if parameter.is_number:
        return forms.DecimalField(
            label=parameter.label, required=False, min_value=parameter.low, max_value=parameter.high, initial=parameter.default,
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        )  # fmt: skip
    choices = indicators if parameter.kind == "indicator" else lists
    widget = forms.SelectMultiple(attrs={"size": 4})
    return forms.MultipleChoiceField(label=parameter.label, required=False, choices=choices, widget=widget)


def initial_checks(indicator: Indicator) -> dict:
    """Return the initial values of the fields: an indicator's checks, and whether they are just the usual ones."""
    values = {"usual_checks": not indicator.pk or indicator.checks == default_checks(indicator)}
    for data in indicator.checks:
        if (rule := RULES.get(data["rule"])) is None:
            continue
        values[level_name(rule)] = data.get("level", rule.level)
        for parameter in rule.parameters:
            name, given = parameter_name(rule, parameter), data.get(parameter.name)
            if parameter.is_number:
                values[name] = given
            elif given:
                values[name] = [*values.get(name, []), given]
    return values


def chosen_checks(indicator: Indicator, cleaned: dict) -> list[dict]:
    """Return the checks that were chosen, in their old order; what does not fit the indicator is left out.

    A rule that looks at other indicators or lists becomes one check for each that was chosen.
    """
    if cleaned["usual_checks"]:
        return default_checks(indicator)
    old = [data["rule"] for data in indicator.checks]
    rules = [rule for rule in chosen_rules() if cleaned[level_name(rule)] and not misfit(rule, indicator)]
    rules.sort(key=lambda rule: old.index(rule.code) if rule.code in old else len(old))
    return [data for rule in rules for data in _checks_of(rule, cleaned)]


def _checks_of(rule: Rule, cleaned: dict):
    data = {"rule": rule.code, "level": cleaned[level_name(rule)]}
    codes = [parameter for parameter in rule.parameters if not parameter.is_number]
    for parameter in rule.parameters:
        given = cleaned[parameter_name(rule, parameter)]
        if parameter.is_number and given is not None:
            data[parameter.name] = as_json(given)
    if not codes:
        yield data
    for parameter in codes:
        for code in cleaned[parameter_name(rule, parameter)] or [None]:
            yield {**data, parameter.name: code} if code else data
