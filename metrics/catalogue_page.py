"""The pages of a district's sets as data: the years, a set's table, its preview as a form. No HTTP, no HTML."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.catalogue_review import field_label, since_words
from metrics.catalogue_years import load_catalogue
from metrics.choices import Source
from metrics.grid import Grid, build_grid, in_tree_order
from metrics.grid_html import RowWriter
from metrics.grid_source import GridSource
from metrics.ledgers import LedgerRule, LedgerRuleError, ledger_kind
from metrics.models import Area, Catalogue, Indicator, MonthlyReturn, NamedList
from metrics.queries import YearBook

LINK = re.compile(r'<a class="def"[^>]*?( title="[^"]*")[^>]*></a>')
YEARS_SHOWN = (-1, 2)  # last year to the year after next


@dataclass(frozen=True)
class YearLine:
    """A year: the set that serves it now, and the district's draft for it."""

    year: int
    serving: Catalogue | None
    draft: Catalogue | None
    has_own: bool


@dataclass(frozen=True)
class SetLine:
    """An indicator in the table of its set: `place` among those it stands beside, `months` when it is not the whole year."""

    indicator: Indicator
    depth: int
    place: int
    last_place: int
    source: str
    months: str
    is_counted: bool


@dataclass(frozen=True)
class ListLine:
    """A named list in the table of its set."""

    named_list: NamedList
    place: int
    last_place: int
    fields: str


@dataclass(frozen=True)
class SetArea:
    """A work area of a set: what is counted, what no longer is, its lists."""

    area: Area
    lines: tuple[SetLine, ...]
    retired: tuple[SetLine, ...]
    lists: tuple[ListLine, ...]


def load_years(district: Unit, catalogues: list[Catalogue]) -> list[YearLine]:
    """Return the years around now, newest first. `catalogues`: those that concern the district, newest first year first."""
    today = timezone.localdate()
    first, last = (today.year + step for step in YEARS_SHOWN)
    own = [row for row in catalogues if row.district_id == district.pk]
    in_force = [row for row in catalogues if not row.is_draft and (row.effect_date is None or row.effect_date <= today)]
    in_force.sort(key=lambda row: (row.district_id is None, -row.first_year))
    return [
        YearLine(
            year,
            next((row for row in in_force if row.first_year <= year), None),
            next((row for row in own if row.first_year == year and row not in in_force), None),
            any(row.first_year == year for row in own),
        )
        for year in range(last, first - 1, -1)
    ]


def load_set(catalogue: Catalogue, year: int) -> list[SetArea]:
    """Return a set's table for a year by area. Three queries."""
    by_area, lists = defaultdict(list), defaultdict(list)
    for row in load_catalogue(catalogue).values():
        by_area[row.area_id].append(row)
    for row in catalogue.named_lists.all():
        lists[row.area_id].append(row)
    return [_set_area(area, by_area[area.pk], lists[area.pk], year) for area in Area.objects.all()]


def _set_area(area: Area, indicators: list[Indicator], lists: list[NamedList], year: int) -> SetArea:
    beside = defaultdict(list)
    for row in indicators:
        beside[row.parent_id].append(row.pk)
    lines = [_set_line(row, depth, beside[row.parent_id], year) for row, depth in in_tree_order(indicators)]
    return SetArea(
        area, tuple(line for line in lines if line.is_counted), tuple(line for line in lines if not line.is_counted),
        tuple(
            ListLine(row, place, len(lists), "、".join(field_label(name) for name in row.fields))
            for place, row in enumerate(lists, start=1)
        ),
    )  # fmt: skip


def _set_line(row: Indicator, depth: int, beside: list[int], year: int) -> SetLine:
    place = beside.index(row.pk) + 1
    return SetLine(row, depth, place, len(beside), source_words(row), since_words(row, year), row.counts_in(year))


def source_words(indicator: Indicator) -> str:
    """Return where a figure comes from, with the ledger's name where one counts it."""
    try:
        rule = LedgerRule.of(indicator)
    except LedgerRuleError:
        return _("ledger binding broken")
    if rule is None:
        return str(indicator.get_source_display())
    name = ledger_kind(rule.kind).name
    return name if indicator.source == Source.LEDGER else _("entered, beside %(ledger)s") % {"ledger": name}


def load_preview(catalogue: Catalogue, district: Unit, month: int) -> Grid:
    """Return the entry form of a month as a clerk will see it, without figures, with the villages of a township."""
    year = catalogue.first_year
    town = Unit.objects.townships().filter(parent=district).order_by("order", "code").first() or district
    indicators = load_catalogue(catalogue)
    book = YearBook(
        unit=town, year=year, approved_only=False, indicators=indicators, indicators_before=indicators, returns={}, cells={},
        villages=tuple(town.children.all()), items={}, settings={},
    )  # fmt: skip
    return build_grid(GridSource(MonthlyReturn(unit=town, year=year, month=month), book, {}, defaultdict(list)))


class PreviewWriter(RowWriter):
    """Writes the rows of a preview: inputs that take nothing, and no links to pages that are not there."""

    def _cell(self, row, code: str) -> str:
        if not row.is_entered:
            return super()._cell(row, code)
        return f'<td class="cell v-blank"><input id="c-{code}" disabled aria-label="{self.words["now"]}"></td>'

    def _head(self, row, code: str) -> str:
        return LINK.sub(r'<span class="def"\1></span>', super()._head(row, code))

    def _origin(self, row, code: str) -> str:
        words = {"village": self.words["villages"]}
        return f'<span class="muted">{words.get(row.source, self.words.get(row.source, ""))}</span>'

    def _files(self, row, code: str) -> str:
        return ""
