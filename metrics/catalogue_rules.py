"""What makes an indicator whole: the one judgement of catalogue files, of the district's form, and of publishing.

A row is a plain dict with the keys of the catalogue files. Faults name the key they hang on.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _

from metrics.check_rules import CheckError, read_checks
from metrics.choices import Aggregation, Level, Parts, Source
from metrics.ledgers import LedgerRule, LedgerRuleError, ledger_kind
from metrics.models import Indicator

MONTHLY = (Aggregation.SUM, Aggregation.LAST, Aggregation.MAX, Aggregation.AVG, Aggregation.DISTINCT_YTD)
AGGREGATIONS_OF_SOURCE = {
    Source.ENTERED: MONTHLY,
    Source.LEDGER: MONTHLY,
    Source.DERIVED: (Aggregation.SUM, Aggregation.LAST, Aggregation.RATIO),
    Source.LIST: (Aggregation.COUNT,),
    Source.PARAM: (Aggregation.PARAM,),
    Source.RANK: (Aggregation.RANK,),
}
NOT_ADDABLE = (Aggregation.RATIO, Aggregation.AVG, Aggregation.PARAM, Aggregation.RANK)
FORMULA_KEYS = ("numerator", "denominator", "sum_of", "rank_of", "list", "ledger")
SINGLE_REFERENCES = ("parent", "numerator", "denominator", "rank_of")
CALCULATED_FROM = ("numerator", "denominator", "rank_of", "sum_of")
CODE = re.compile(r"[a-z][a-z0-9_]{1,79}")
IN_TOKENS = set("【】|｜〖〗{}\n")
MOST_NAME, MOST_MEASURE, MOST_DECIMALS = 30, 8, 4
CHOICES = {"aggregation": Aggregation, "source": Source, "level": Level, "parts": Parts}


@dataclass(frozen=True)
class Fault:
    """What is wrong with one key of a row, and how to put it right."""

    key: str
    message: str


@dataclass(frozen=True)
class Surroundings:
    """The rows of a set by code, its lists (code -> name), and the codes that are counted (all, where nobody says otherwise)."""

    rows: dict[str, dict]
    lists: dict[str, str]
    counted: set[str] | None = None

    def name(self, code: str) -> str:
        """Return what an indicator is called."""
        return self.rows.get(code, {}).get("name", code)

    def is_retired(self, code: str) -> bool:
        """Whether the set holds the indicator but no longer counts it."""
        return self.counted is not None and code in self.rows and code not in self.counted


def row_of(indicator: Indicator) -> dict:
    """Return an indicator as a row; its parent has to be loaded."""
    return {
        "code": indicator.code, "name": indicator.name, "measure": indicator.measure, "aggregation": indicator.aggregation,
        "source": indicator.source, "level": indicator.level, "decimals": indicator.decimals, "scope": indicator.scope_note,
        "parent": indicator.parent.code if indicator.parent else "", "parts": indicator.parts, "checks": indicator.checks,
        "required": indicator.is_required, "area": indicator.area.code, **indicator.formula,
    }  # fmt: skip


def indicator_faults(row: dict, around: Surroundings) -> list[Fault]:
    """Return everything that is wrong with one row; nothing means it can be counted."""
    faults = [*_choice_faults(row)]
    if faults:
        return faults
    rules = (_word_faults, _number_faults, _source_faults, _reference_faults, _level_faults, _part_faults, _ledger_faults,
             _check_faults)  # fmt: skip
    return [fault for rule in rules for fault in rule(row, around)]


def _choice_faults(row: dict):
    for key, allowed in CHOICES.items():
        if row.get(key) and row[key] not in allowed.values:
            words = _("“%(value)s” is none of: %(allowed)s.")
            yield Fault(key, words % {"value": row[key], "allowed": ", ".join(filter(None, allowed.values))})


def _word_faults(row: dict, around: Surroundings):
    if not CODE.fullmatch(row.get("code", "")):
        yield Fault("code", _("A code is made of small letters, digits and underscores, and begins with a letter."))
    name = row.get("name", "").strip()
    if not name:
        yield Fault("name", _("Give the indicator a name."))
    if len(name) > MOST_NAME:
        yield Fault("name", _("The name has %(count)d characters, more than fit into the form; at most %(most)d, please.")
                    % {"count": len(name), "most": MOST_NAME})  # fmt: skip
    if signs := sorted(set(name) & IN_TOKENS):
        yield Fault("name", _("Reports quote the indicator by its name, so it cannot contain “%(signs)s”.")
                    % {"signs": " ".join(signs).replace("\n", "↵")})  # fmt: skip
    if not row.get("measure"):
        yield Fault("measure", _("Say what is counted, such as 次, 人 or %%.") % {})
    elif len(row["measure"]) > MOST_MEASURE:
        yield Fault("measure", _("A measure word has at most %(most)d characters.") % {"most": MOST_MEASURE})


def _number_faults(row: dict, around: Surroundings):
    if not 0 <= row.get("decimals", 0) <= MOST_DECIMALS:
        yield Fault("decimals", _("Between 0 and %(most)d decimals can be kept.") % {"most": MOST_DECIMALS})


def _source_faults(row: dict, around: Surroundings):
    source, aggregation = row.get("source", Source.ENTERED), row["aggregation"]
    if aggregation not in AGGREGATIONS_OF_SOURCE[source]:
        legal = "、".join(str(Aggregation(value).label) for value in AGGREGATIONS_OF_SOURCE[source])
        words = _("“%(source)s” goes with: %(legal)s.")
        yield Fault("aggregation", words % {"source": Source(source).label, "legal": legal})
        return
    is_ratio = aggregation == Aggregation.RATIO
    needed = {
        "numerator": is_ratio, "denominator": is_ratio, "sum_of": source == Source.DERIVED and not is_ratio,
        "list": source == Source.LIST, "rank_of": source == Source.RANK, "ledger": source == Source.LEDGER,
    }  # fmt: skip
    for key, is_needed in needed.items():
        if is_needed and not row.get(key):
            yield Fault(key, _("Choose this: the figure is made from it."))
        if row.get(key) and not is_needed and not (key == "ledger" and source == Source.ENTERED):
            yield Fault(key, _("“%(source)s” has no use for this; leave it empty.") % {"source": Source(source).label})


def _reference_faults(row: dict, around: Surroundings):
    for key, code in _references(row):
        if code == row["code"]:
            yield Fault(key, _("An indicator cannot refer to itself."))
        elif code not in around.rows:
            yield Fault(key, _("There is no indicator “%(code)s” in this set.") % {"code": code})
        elif key in CALCULATED_FROM and around.is_retired(code):
            words = _("“%(name)s” is no longer counted, so nothing can be made from it. Choose another, or retire this one too.")
            yield Fault(key, words % {"name": around.name(code)})
        elif key == "sum_of" and around.rows[code]["aggregation"] in NOT_ADDABLE:
            yield Fault(
                key, _("“%(name)s” cannot be added up: rates, means and ranks have no sum.") % {"name": around.name(code)}
            )
    if row.get("list") and row["list"] not in around.lists:
        yield Fault("list", _("There is no list “%(code)s” in this set.") % {"code": row["list"]})
    if _is_circular(row, around):
        yield Fault(
            "sum_of" if row.get("sum_of") else "numerator", _("The calculation runs in a circle: it comes back to itself.")
        )


def _references(row: dict):
    for key in SINGLE_REFERENCES:
        if row.get(key):
            yield key, row[key]
    for code in row.get("sum_of", ()):
        yield "sum_of", code


def _inputs(row: dict) -> list[str]:
    return [code for key, code in _references(row) if key in CALCULATED_FROM]


def _is_circular(row: dict, around: Surroundings) -> bool:
    seen, waiting = set(), _inputs(row)
    while waiting:
        code = waiting.pop()
        if code == row["code"] and seen:
            return True
        if code not in seen:
            seen.add(code)
            waiting += _inputs(around.rows.get(code, {}))
    return False


def _level_faults(row: dict, around: Surroundings):
    if row.get("level") != Level.VILLAGE:
        return
    if row.get("source", Source.ENTERED) not in (Source.ENTERED, Source.LEDGER):
        yield Fault("level", _("Only figures that are entered or counted from a ledger can be kept by village."))
    elif row["aggregation"] not in (Aggregation.SUM, Aggregation.LAST, Aggregation.DISTINCT_YTD):
        yield Fault("level", _("A figure by village is added up over the villages; a highest value or a mean cannot be."))


def _part_faults(row: dict, around: Surroundings):
    parent = around.rows.get(row.get("parent", ""))
    if parent is None:
        return
    if parent.get("area") != row.get("area"):
        yield Fault(
            "parent", _("“%(name)s” belongs to another work area; a part stands under its whole.") % {"name": parent["name"]}
        )
    if not parent.get("parts"):
        words = _("“%(name)s” does not say yet whether its parts make the whole; set that there first.")
        yield Fault("parent", words % {"name": parent["name"]})
    trail, above = {row["code"]}, parent
    while above and above["code"] not in trail:
        trail.add(above["code"])
        above = around.rows.get(above.get("parent", ""))
    if above:
        yield Fault("parent", _("“%(name)s” is itself a part of this indicator.") % {"name": parent["name"]})


def _ledger_faults(row: dict, around: Surroundings):
    if not row.get("ledger"):
        return
    try:
        rule = LedgerRule.read(row["ledger"])
    except LedgerRuleError as error:
        yield Fault("ledger", _("The ledger cannot be counted so: %(why)s") % {"why": error})
        return
    if row.get("level") == Level.VILLAGE and not ledger_kind(rule.kind).village_field:
        yield Fault("ledger", _("The entries of this ledger name no village, so it cannot be counted by village."))


def counted_as(row: dict) -> Indicator:
    """Return what checks want to know of a row: how it adds up and where it comes from."""
    formula = {key: row[key] for key in FORMULA_KEYS if row.get(key)}
    source, level = row.get("source") or Source.ENTERED, row.get("level") or Level.TOWNSHIP
    return Indicator(
        code=row["code"], aggregation=row["aggregation"], source=source, level=level, formula=formula,
        is_required=row.get("required", True),
    )  # fmt: skip


def _check_faults(row: dict, around: Surroundings):
    try:
        read_checks(counted_as(row), row.get("checks", []), codes=around.rows, list_codes=around.lists, allow_off=True)
    except CheckError as error:
        yield Fault("checks", str(error))


def set_faults(around: Surroundings) -> list[tuple[str, Fault]]:
    """Return what is wrong between the counted rows of a set, with the code of the row: names twice, wholes without a part."""
    counted = [row for code, row in around.rows.items() if not around.is_retired(code)]
    names = Counter([*(row["name"] for row in counted), *around.lists.values()])
    doubled = _("Two indicators or lists are called “%(name)s”. Reports could not tell them apart.")
    found = [(row["code"], Fault("name", doubled % {"name": row["name"]})) for row in counted if names[row["name"]] > 1]
    for row in counted:
        parts = {other["code"] for other in counted if other.get("parent") == row["code"]}
        if row.get("parts") == Parts.EXACT and row.get("sum_of") and not parts <= set(row["sum_of"]):
            lacking = "、".join(around.name(code) for code in sorted(parts - set(row["sum_of"])))
            words = _("The sum leaves out its parts %(names)s.")
            found.append((row["code"], Fault("sum_of", words % {"names": lacking})))
    return found
