"""The registry of checks: each rule a small function over a return's figures, with its words, parameters and levels.

Which rules an indicator has is data: `Indicator.checks`, see reading.py. metrics.checks runs them.
"""

from metrics.check_rules import cells, months, records, relations  # noqa: F401  (they register their rules)
from metrics.check_rules.base import RULES, CheckContext, Parameter, Problem, Rule, Subject
from metrics.check_rules.descriptions import RuleDescription, rule_descriptions
from metrics.check_rules.reading import CheckError, default_checks, merged_checks, plan_of, read_checks

__all__ = [
    "RULES",
    "CheckContext",
    "CheckError",
    "Parameter",
    "Problem",
    "Rule",
    "RuleDescription",
    "Subject",
    "default_checks",
    "merged_checks",
    "plan_of",
    "read_checks",
    "rule_descriptions",
]
