"""Rules in plain words with what can be set, for pages where checks are chosen."""

from __future__ import annotations

from dataclasses import dataclass

from metrics.check_rules.base import RULES, Parameter, Rule
from metrics.check_rules.reading import misfit
from metrics.choices import CheckLevel
from metrics.models import Indicator


@dataclass(frozen=True, slots=True)
class RuleDescription:
    """One rule for a page where checks are chosen. `levels` are (code, words), the usual one first."""

    code: str
    label: str
    description: str
    levels: tuple[tuple[str, str], ...]
    parameters: tuple[Parameter, ...]
    has_fix: bool
    is_built_in: bool


def rule_descriptions(indicator: Indicator | None = None) -> tuple[RuleDescription, ...]:
    """Return all rules in plain words; with an indicator those that fit it. Built-in ones are told and cannot be chosen."""
    rows = RULES.values() if indicator is None else [rule for rule in RULES.values() if not misfit(rule, indicator)]
    return tuple(_described(rule) for rule in rows)


def _described(rule: Rule) -> RuleDescription:
    levels = tuple((str(code), str(CheckLevel(code).label)) for code in rule.levels)
    words = str(rule.label), str(rule.description)
    return RuleDescription(rule.code, *words, levels, rule.parameters, rule.has_fix, rule.is_built_in)
