"""The entry grid as data: every row of a monthly return with its context, ready to show. No HTTP, no HTML."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.cells import EMPTY, Cell
from metrics.checks import ERROR, HINT, QUERY, SEVERITY, Finding, valid_indicators
from metrics.choices import EVIDENCE_RULE, STORED_SOURCES, Aggregation, FigureKind, Source
from metrics.grid_source import GridSource, load_source
from metrics.grid_text import CHINESE_NUMERALS, change_text, shown_value
from metrics.ledger_sums import disagrees
from metrics.ledgers import LedgerRule
from metrics.models import Indicator, MonthlyReturn
from metrics.models.returns import cell_name
from metrics.numbers import plain
from metrics.periods import Period
from metrics.progress import Progress, target_progress
from metrics.queries import Status, Total, YearBook
from metrics.ranking import count_ranks

BLANK_RULE = "blank"
NO_THREADS = Counter()


@dataclass(frozen=True, slots=True)
class LedgerSum:
    """What a ledger says of one cell: the sum as shown and as typed ("" without entries), and whether the cell differs."""

    rule: LedgerRule
    shown: str = ""
    raw: str = ""
    is_off: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One indicator: its cell and what stands beside it, as the text to show.

    `source` is one of entered, ledger, village, derived, list, param, rank; only `entered` and `ledger` rows carry a cell.
    `ledger` is what the row's ledger says, None for a row without one. `months_missing` are months of this year without a
    figure, so that a running total that skips them can say so. `messages` are the findings that need words under the row (a
    blank cell speaks by its looks, an explained query is done); `level` is the row's mark: error, query, explained, hint or
    nothing; `classes` are the class names that styles and filters go by.
    """

    code: str
    number: str
    name: str
    measure: str
    decimals: int
    scope: str
    depth: int
    is_first_part: bool
    source: str
    is_year_to_date: bool
    is_required: bool
    cell: Cell
    this_month: str
    last_month: str
    last_year: str
    change: str
    to_date: str
    months_missing: str = ""
    findings: tuple[Finding, ...] = ()
    messages: tuple[Finding, ...] = ()
    level: str = ""
    classes: str = ""
    open_comments: int = 0
    all_comments: int = 0
    before: str | None = None
    filled: int = 0
    fillable: int = 0
    list_code: str = ""
    ledger: LedgerSum | None = None
    files: int = 0
    needs_evidence: bool = False
    progress: Progress | None = None

    @property
    def has_cell(self) -> bool:
        """Whether the row stands for one stored cell."""
        return self.source in STORED_SOURCES

    @property
    def is_entered(self) -> bool:
        """Whether the township types it here: 0 or an absence, while a ledger that counts the figure has no entry."""
        return self.source == Source.ENTERED or (self.source == Source.LEDGER and not (self.ledger and self.ledger.shown))

    @property
    def is_unfilled(self) -> bool:
        """Whether a cell of this row still waits for somebody."""
        return self.filled < self.fillable

    @property
    def explained(self) -> list[Finding]:
        """Queries that the township has explained."""
        return [found for found in self.findings if found.explained]

    @property
    def is_changed(self) -> bool:
        """Whether the figure differs from the round it is compared with."""
        return self.before is not None


@dataclass(frozen=True)
class Section:
    """One work area and its rows."""

    code: str
    name: str
    numeral: str
    rows: tuple[Row, ...]

    @cached_property
    def filled(self) -> int:
        """Cells that are filled, village cells included."""
        return sum(row.filled for row in self.rows)

    @cached_property
    def fillable(self) -> int:
        """Cells that people fill."""
        return sum(row.fillable for row in self.rows)

    @property
    def has_entered(self) -> bool:
        """Whether the township types any of it in the grid itself."""
        return any(row.is_entered for row in self.rows)

    @cached_property
    def errors(self) -> int:
        """Errors other than blanks."""
        return _count(self.rows, ERROR)

    @cached_property
    def queries(self) -> int:
        """Queries without an explanation."""
        return _count(self.rows, QUERY)


@dataclass(frozen=True)
class Grid:
    """A whole return, ready to show. `to_correct` counts open threads that ask for a correction, answered ones included."""

    monthly_return: MonthlyReturn
    sections: tuple[Section, ...]
    findings: tuple[Finding, ...]
    compared_round: int = 0
    needs_signoff: bool = True
    to_correct: int = 0
    has_targets: bool = False

    @property
    def columns(self) -> int:
        """How many columns the table has."""
        return 9 if self.has_targets else 8

    @cached_property
    def rows(self) -> list[Row]:
        """All rows in the order of the form."""
        return [row for section in self.sections for row in section.rows]

    def row(self, code: str) -> Row | None:
        """Return one row, or None."""
        return next((row for row in self.rows if row.code == code), None)

    @property
    def filled(self) -> int:
        """Cells filled."""
        return sum(section.filled for section in self.sections)

    @property
    def fillable(self) -> int:
        """Cells that people fill."""
        return sum(section.fillable for section in self.sections)

    @property
    def blanks(self) -> int:
        """Required cells still blank: they block submission."""
        return sum(row.code == BLANK_RULE for row in self.findings)

    @property
    def errors(self) -> int:
        """Errors other than blanks."""
        return sum(section.errors for section in self.sections)

    @property
    def queries(self) -> int:
        """Queries without an explanation."""
        return sum(section.queries for section in self.sections)

    @property
    def hints(self) -> int:
        """Hints: they ask for nothing."""
        return sum(_count(section.rows, HINT) for section in self.sections)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows each filter shows; of what is blank, how many cells."""
        rows = self.rows
        return {
            "all": len(rows),
            "todo": sum(row.is_unfilled or row.level in (ERROR, QUERY) for row in rows),
            "blank": self.fillable - self.filled,
            "issues": sum(row.level in (ERROR, QUERY) for row in rows),
            "comments": sum(bool(row.all_comments) for row in rows),
            "changed": sum(row.is_changed for row in rows),
            "attention": sum(row.level not in ("", HINT) or bool(row.all_comments) or row.is_changed for row in rows),
        }


def load_grid(monthly_return: MonthlyReturn, *, for_district: bool = False) -> Grid:
    """Return the grid of a return: the same number of queries however much is filled in."""
    return build_grid(load_source(monthly_return, for_district=for_district))


def build_grid(source: GridSource) -> Grid:
    """Make the grid from what was loaded; no queries but the one that a rank needs."""
    by_area = defaultdict(list)
    for indicator in valid_indicators(source.book, source.month.year, source.month.last_month):
        by_area[indicator.area_id].append(indicator)
        if indicator.source == Source.RANK:
            count_ranks(source.book, indicator.formula["rank_of"], source.months)
    sections = tuple(_section(source, rows, place) for place, rows in enumerate(by_area.values(), start=1))
    findings = tuple(row for rows in source.findings.values() for row in rows)
    settings = source.book.settings.get(source.month.year)
    has_targets = any(row.progress for section in sections for row in section.rows)
    return Grid(
        source.monthly_return, sections, findings, source.compared_round, settings is None or settings.needs_signoff,
        sum(counts["must_fix"] for counts in source.threads.values()), has_targets,
    )  # fmt: skip


def _section(source: GridSource, indicators: list[Indicator], place: int) -> Section:
    area, ordered = indicators[0].area, in_tree_order(indicators)
    seen_parents, rows = set(), []
    for number, (indicator, depth) in enumerate(ordered, start=1):
        is_first = depth > 0 and indicator.parent_id not in seen_parents
        seen_parents.add(indicator.parent_id)
        rows.append(build_row(source, indicator, f"{place}.{number}", depth, is_first))
    return Section(area.code, area.name, CHINESE_NUMERALS[place], tuple(rows))


def in_tree_order(indicators: list[Indicator]) -> list[tuple[Indicator, int]]:
    """Return indicators with their depth, every part right after its whole; a part whose whole is elsewhere counts as a whole."""
    present = {row.pk for row in indicators}
    children = defaultdict(list)
    for row in indicators:
        children[row.parent_id if row.parent_id in present else None].append(row)

    def walk(parent, depth):
        for row in children.get(parent, ()):
            yield row, depth
            yield from walk(row.pk, depth + 1)

    return list(walk(None, 0))


def build_row(source: GridSource, indicator: Indicator, number: str, depth: int, is_first: bool) -> Row:
    """Make one row: the month's figure, its neighbours, findings and comments."""
    kind = "village" if indicator.has_cell and indicator.is_by_village else indicator.source
    now, last, year_ago, to_date = _context(source, indicator)
    names = cell_names(source, indicator)
    cells = [source.cells.get(name, EMPTY) for name in names]
    filled, marks = sum(not cell.is_blank for cell in cells), _marks(source, indicator, names)
    return Row(
        code=indicator.code, number=number, name=indicator.name, measure=indicator.measure,
        decimals=indicator.decimals, scope=indicator.scope_note, depth=depth, is_first_part=is_first, source=kind,
        is_year_to_date=indicator.is_year_to_date,
        is_required=indicator.is_required, cell=cells[0] if kind in STORED_SOURCES else EMPTY,
        this_month=_shown(indicator, now), last_month=_shown(indicator, last), last_year=_shown(indicator, year_ago),
        change=change_text(indicator, now[1], last[1], source.month.last_month), to_date=_shown_total(indicator, to_date),
        months_missing="、".join(map(str, sorted(to_date.missing_months))) if to_date else "",
        filled=filled, fillable=len(cells), list_code=indicator.formula.get("list", ""), **marks,
        classes=_classes(depth, kind, is_flow=indicator.aggregation == Aggregation.SUM, is_unfilled=filled < len(cells), **marks),
        files=sum(source.files.get(name, 0) for name in {indicator.code, *names}) if source.files else 0,
        needs_evidence=indicator.needs_evidence,
        progress=target_progress(source.targets, indicator, to_date, source.month.last_month),
    )  # fmt: skip


def _marks(source: GridSource, indicator: Indicator, names: list[str]) -> dict:
    """Return the fields of a row that findings, comments, the round to compare with and its ledger give it."""
    findings = _row_findings(source, indicator, names)
    told = [found for found in findings if found.code != BLANK_RULE and not found.explained]
    messages = tuple(sorted(told, key=lambda found: SEVERITY.index(found.level)))
    present = {found.level for found in messages} | {"explained" for found in findings if found.explained}
    level = next((name for name in (ERROR, QUERY, "explained", HINT) if name in present), "")
    threads = _threads(source, indicator, names)
    return {
        "findings": findings, "messages": messages, "level": level, "open_comments": threads["open"],
        "all_comments": threads["all"], "before": _before(source, indicator, names or [indicator.code]),
        "ledger": None if indicator.is_by_village or not indicator.has_cell else ledger_sum(source, indicator),
    }  # fmt: skip


def _classes(depth, kind, *, is_flow, is_unfilled, findings, messages, level, open_comments, all_comments, before, ledger):
    """Return the class names that styles and filters of a row go by."""
    flags = {level: level, "unfilled": is_unfilled, "noted": all_comments, "open": open_comments, "changed": before is not None}
    # Where a message under the row offers the ledger's sum, the row itself need not.
    flags["off-ledger"] = ledger and ledger.is_off and not any(found.code == "ledger" for found in messages)
    codes = {found.code for found in findings}
    flags |= {"needed": BLANK_RULE in codes, "unproven": EVIDENCE_RULE in codes, "flow": is_flow}
    return " ".join([f"d{depth}", f"k-{kind}", *(name for name, is_on in flags.items() if is_on)])


def ledger_sum(source: GridSource, indicator: Indicator, village: Unit | None = None) -> LedgerSum | None:
    """Return what the ledger says of an indicator's cell, None for one without a ledger."""
    rule = LedgerRule.of(indicator)
    if rule is None:
        return None
    name = cell_name(indicator.code, village.code if village else "")
    value, cell = source.ledger.get(name), source.cells.get(name, EMPTY)
    if value is None:
        return LedgerSum(rule)
    shown = shown_value(FigureKind.VALUE, value, indicator.decimals)
    return LedgerSum(rule, shown, plain(value), disagrees(cell.kind, cell.value, value))


def _threads(source, indicator, names) -> Counter:
    if not source.threads:
        return NO_THREADS
    return sum((source.threads[name] for name in {indicator.code, *names} if name in source.threads), Counter())


def cell_names(source: GridSource, indicator: Indicator) -> list[str]:
    """Return the names of the cells that people fill for an indicator: its own, one a village, or none."""
    if not indicator.has_cell:
        return []
    if not indicator.is_by_village:
        return [indicator.code]
    return [cell_name(indicator.code, unit.code) for unit in source.book.villages_in(source.month)]


def _row_findings(source, indicator, names) -> tuple[Finding, ...]:
    cells = dict.fromkeys([indicator.code, *names])
    return tuple(finding for name in cells for finding in source.findings.get(name, ()))


def _before(source, indicator, names) -> str | None:
    """Return the text before for a typed cell; for a village row, how many of its cells changed."""
    changed = [name for name in names if name in source.before]
    if not changed:
        return None
    if indicator.is_by_village:
        return _("%(count)d village cells changed") % {"count": len(changed)}
    return source.before[changed[0]] or _("blank")


Value = tuple[str, Decimal | None]


def _context(source: GridSource, indicator: Indicator) -> tuple[Value, Value, Value, Total | None]:
    """Return this month, last month and the same month last year as (kind, value), and the total of the year so far."""
    now, last, year_ago = (_of_month(source.book, indicator, month) for month in source.months)
    if indicator.source in (Source.PARAM, Source.RANK):
        return now, last, year_ago, None
    return now, last, year_ago, source.book.total(indicator.code, source.to_date)


def _of_month(book: YearBook, indicator: Indicator, month: Period) -> Value:
    at = (month.year, month.last_month)
    indicator = book.indicator_of(indicator.code, month.year)
    if indicator is None or not indicator.counts_in(*at):
        return FigureKind.NOT_APPLICABLE, None
    if indicator.has_cell:
        part = book.month_part(indicator, *at)
        return part.kind, part.value
    if at not in book.returns and indicator.source != Source.PARAM:
        return FigureKind.BLANK, None
    total = book.total(indicator.code, month)
    if total.value is not None:
        return FigureKind.VALUE, total.value
    return (FigureKind.BLANK if total.status == Status.MISSING else total.status), None


def _shown(indicator: Indicator, at: Value) -> str:
    kind, value = at
    return shown_value(kind, value, indicator.decimals)


def _shown_total(indicator: Indicator, total: Total | None) -> str:
    if total is None:
        return ""
    if total.value is not None:
        return shown_value(FigureKind.VALUE, total.value, indicator.decimals)
    return "" if total.status == Status.MISSING else shown_value(total.status, None, indicator.decimals)


def _count(rows, level: str) -> int:
    return sum(finding.level == level for row in rows for finding in row.messages)
