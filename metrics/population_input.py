"""Reading a list of villages with their population, pasted from a spreadsheet: one village a line, name, tab, number."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.ledger_forms import folded
from metrics.numbers import Kind, parse_number

TOTALS = frozenset({"合计", "总计", "小计", "总数"})
MOST_PERSONS = 999_999_999
GAP = re.compile(r"\t|[ \u3000]{2,}|[,，:：] *| +(?=[^ ]+$)")


def read_persons(text: str, name: str) -> tuple[int | None, str]:
    """Return a population and what is wrong with the text; blank is None, not known, and never 0."""
    parsed = parse_number(text, measure="人", name=name)
    if parsed.kind == Kind.BLANK:
        return None, ""
    if parsed.kind != Kind.VALUE:
        return None, str(parsed.message) or _("%(name)s: type the number of persons, or leave it empty.") % {"name": name}
    if parsed.value > MOST_PERSONS:
        return None, _("%(name)s: %(number)s persons are too many for a village.") % {"name": name, "number": text.strip()}
    return int(parsed.value), ""


def read_population_list(text: str, villages: list[Unit]) -> tuple[dict[Unit, str], list[str]]:
    """Return village -> its number as pasted, and what is wrong, line by line. A head line and totals are passed over."""
    by_name = {folded(word): unit for unit in villages for word in (unit.name, unit.code)}
    found, faults, lines = {}, [], {}
    for number, line in enumerate(text.splitlines(), start=1):
        name, _gap, count = _parted(line)
        unit, values = by_name.get(folded(name)), {"number": number, "name": name}
        is_head = unit is None and not lines and not any(char.isdecimal() for char in line)
        if not name or folded(name) in TOTALS or is_head:
            continue
        if unit is None:
            faults.append(_("Line %(number)d: there is no village named “%(name)s” here in this year.") % values)
        elif unit in lines:
            faults.append(_("Line %(number)d: %(name)s stands in line %(first)d already.") % {**values, "first": lines[unit]})
        else:
            fault = read_persons(count, unit.name)[1] if count else _("a number is missing after the name.")
            faults += [_("Line %(number)d: %(fault)s") % {"number": number, "fault": fault}] if fault else []
            lines[unit], found[unit] = number, count
    return found, faults


def _parted(line: str) -> tuple[str, str, str]:
    """Split a line after the village's name: at a tab, else at what stands before the number."""
    line = line.strip(" \u3000\r\n")
    if "\t" in line:
        return tuple(part.strip() for part in line.partition("\t"))
    match = GAP.search(line)
    return (line[: match.start()].strip(), match.group(), line[match.end() :].strip()) if match else (line, "", "")
