"""Reading the table of units an operator prepares: CSV with a line a unit; which columns, say COLUMNS and docs/operations.md."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.choices import TOWNSHIP_KINDS, VILLAGE_KINDS, UnitKind
from metrics.population_input import read_persons

COLUMNS = ("code", "name", "kind", "parent_code", "valid_from", "valid_to", "predecessors", "population")
REQUIRED_COLUMNS = ("code", "name", "kind")
DAY_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")
CODE = re.compile(r"[0-9]{12}")
BETWEEN_CODES = re.compile(r"[\s,，、;；/]+")
KIND_WORDS = {
    "区": UnitKind.DISTRICT, "县": UnitKind.DISTRICT, "市": UnitKind.DISTRICT, "旗": UnitKind.DISTRICT, "镇": UnitKind.TOWN,
    "街道": UnitKind.SUBDISTRICT, "乡": UnitKind.TOWNSHIP, "村": UnitKind.VILLAGE, "行政村": UnitKind.VILLAGE,
    "社区": UnitKind.COMMUNITY, "居委会": UnitKind.COMMUNITY, **{kind.value: kind for kind in UnitKind},
}  # fmt: skip


class UnitTableError(Exception):
    """The table cannot be taken in; `faults` are sentences with the line they are about."""

    def __init__(self, faults: list[str]):
        """Keep the sentences."""
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class UnitLine:
    """One unit as the table gives it. None: no day or population given, which leaves what is stored."""

    number: int
    code: str
    name: str
    kind: str
    parent_code: str
    valid_from: date | None
    valid_to: date | None
    predecessors: tuple[str, ...]
    persons: int | None


@dataclass(frozen=True)
class Fault:
    """What is wrong with one line."""

    number: int
    code: str
    reason: str

    def __str__(self):
        """Return it as a sentence."""
        return _("line %(number)d: %(fault)s") % {"number": self.number, "fault": self.reason}


def read_unit_table(content: bytes) -> tuple[list[UnitLine], list[Fault]]:
    """Return the good lines of a CSV table in UTF-8 or GB18030, and the faults of all others.

    Raises UnitTableError for a file that is no such table.
    """
    rows = csv.DictReader(io.StringIO(_decoded(content)))
    header = [name.strip() for name in rows.fieldnames or ()]
    missing = [name for name in REQUIRED_COLUMNS if name not in header]
    if missing:
        fault = _("The first line must name the columns %(all)s; missing: %(missing)s.")
        raise UnitTableError([fault % {"all": ", ".join(COLUMNS), "missing": ", ".join(missing)}])
    lines, faults, seen = [], [], {}
    for number, row in enumerate(rows, start=2):
        values = {(name or "").strip(): (value or "").strip() for name, value in row.items() if isinstance(value, str | None)}
        if not any(values.values()):
            continue
        line, reasons = _read_line(number, values)
        if line and (first := seen.setdefault(line.code, number)) != number:
            line, reasons = None, [_("code %(code)s stands in line %(first)d already") % {"code": line.code, "first": first}]
        lines += [line] if line else []
        faults += [Fault(number, values.get("code", ""), reason) for reason in reasons]
    return lines, faults


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnitTableError([_("The file is neither UTF-8 nor GB18030 text. Save it as “CSV UTF-8” and try again.")])


def _read_line(number: int, values: dict[str, str]) -> tuple[UnitLine | None, list[str]]:
    """Return one line, or what is wrong with it."""
    code, kind, name = values.get("code", ""), KIND_WORDS.get(values.get("kind", "")), values.get("name", "")
    days = {column: _day(values.get(column, "")) for column in ("valid_from", "valid_to")}
    persons, unread = read_persons(values.get("population", ""), name)
    before = tuple(filter(None, BETWEEN_CODES.split(values.get("predecessors", ""))))
    words = _("%(column)s “%(day)s” is no date like 2020-01-01")
    checks = [
        (CODE.fullmatch(code), _("code “%(code)s” does not have 12 digits") % {"code": code}),
        (name, _("the name is empty")),
        (kind, _("kind “%(kind)s” is unknown; use 区 镇 街道 乡 村 社区") % {"kind": values.get("kind", "")}),
        *((day is not False, words % {"column": column, "day": values.get(column)}) for column, day in days.items()),
        (not unread, unread),
        (not (all(days.values()) and days["valid_to"] < days["valid_from"]), _("valid_to lies before valid_from")),
        (all(map(CODE.fullmatch, before)), _("predecessors are 12-digit codes with spaces or commas between")),
        (code not in before, _("a unit does not follow itself")),
        (kind != UnitKind.DISTRICT or not values.get("parent_code"), _("a district has no parent_code")),
        (kind in (None, UnitKind.DISTRICT) or values.get("parent_code"), _("parent_code is empty")),
    ]
    faults = [fault for is_good, fault in checks if not is_good]
    if faults:
        return None, faults
    return UnitLine(number, code, name[:60], kind, values.get("parent_code", ""), *days.values(), before, persons), []


def _day(text: str) -> date | bool | None:
    """Return a day, None for no text, False for what is no day."""
    for form in DAY_FORMATS if text else ():
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return False if text else None


def level_of(kind: str) -> int:
    """Return 0 for districts, 1 for townships, 2 for villages."""
    return 1 if kind in TOWNSHIP_KINDS else 2 if kind in VILLAGE_KINDS else 0
