"""Reading the table of units an operator prepares: CSV with code, name, kind, parent_code, valid_from, population."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.choices import TOWNSHIP_KINDS, VILLAGE_KINDS, UnitKind

COLUMNS = ("code", "name", "kind", "parent_code", "valid_from", "population")
REQUIRED_COLUMNS = ("code", "name", "kind")
DAY_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")
MOST_DIGITS = 9  # of a population; the database holds no more
LONG_AGO = date(2000, 1, 1)
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
    """One unit as the table gives it. `persons` None: no population given."""

    number: int
    code: str
    name: str
    kind: str
    parent_code: str
    valid_from: date
    persons: int | None


def read_unit_table(content: bytes) -> list[UnitLine]:
    """Return the lines of a CSV table in UTF-8 or GB18030. Raises UnitTableError naming every faulty line."""
    rows = csv.DictReader(io.StringIO(_decoded(content)))
    header = [name.strip() for name in rows.fieldnames or ()]
    missing = [name for name in REQUIRED_COLUMNS if name not in header]
    if missing:
        fault = _("The first line must name the columns %(all)s; missing: %(missing)s.")
        raise UnitTableError([fault % {"all": ", ".join(COLUMNS), "missing": ", ".join(missing)}])
    lines, faults = [], []
    for number, row in enumerate(rows, start=2):
        values = {(name or "").strip(): (value or "").strip() for name, value in row.items() if isinstance(value, str | None)}
        if any(values.values()):
            line, found = _read_line(number, values)
            lines.append(line)
            faults += found
    faults += _duplicates(lines)
    if faults:
        raise UnitTableError(faults)
    return lines


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnitTableError([_("The file is neither UTF-8 nor GB18030 text. Save it as “CSV UTF-8” and try again.")])


def _read_line(number: int, values: dict[str, str]) -> tuple[UnitLine | None, list[str]]:
    """Return one line, or what is wrong with it."""
    faults = []
    code, kind = values.get("code", ""), KIND_WORDS.get(values.get("kind", ""))
    day, persons = _day(values.get("valid_from", "")), values.get("population", "").replace(",", "")
    checks = [
        (re.fullmatch(r"[0-9]{12}", code), _("code “%(code)s” does not have 12 digits") % {"code": code}),
        (values.get("name"), _("the name is empty")),
        (kind, _("kind “%(kind)s” is unknown; use 区 镇 街道 乡 村 社区") % {"kind": values.get("kind", "")}),
        (day, _("valid_from “%(day)s” is no date like 2020-01-01") % {"day": values.get("valid_from", "")}),
        (re.fullmatch(r"[0-9]*", persons), _("population “%(persons)s” is no whole number") % {"persons": persons}),
        (len(persons) <= MOST_DIGITS, _("population “%(persons)s” is too large") % {"persons": persons}),
        (kind != UnitKind.DISTRICT or not values.get("parent_code"), _("a district has no parent_code")),
        (kind in (None, UnitKind.DISTRICT) or values.get("parent_code"), _("parent_code is empty")),
    ]
    faults = [_("line %(number)d: %(fault)s") % {"number": number, "fault": words} for is_good, words in checks if not is_good]
    if faults:
        return None, faults
    parent = values.get("parent_code", "")
    return UnitLine(number, code, values["name"][:60], kind, parent, day, int(persons) if persons else None), []


def _day(text: str) -> date | None:
    if not text:
        return LONG_AGO
    for form in DAY_FORMATS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def _duplicates(lines) -> list[str]:
    seen, faults = {}, []
    for line in filter(None, lines):
        if line.code in seen:
            words = _("line %(number)d: code %(code)s stands in line %(first)d already")
            faults.append(words % {"number": line.number, "code": line.code, "first": seen[line.code]})
        seen.setdefault(line.code, line.number)
    return faults


def level_of(kind: str) -> int:
    """Return 0 for districts, 1 for townships, 2 for villages."""
    return 1 if kind in TOWNSHIP_KINDS else 2 if kind in VILLAGE_KINDS else 0
