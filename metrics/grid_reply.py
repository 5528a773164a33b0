"""What a page needs to know after cells were saved, as plain data for JSON: results, texts to replace, marks, what blocks."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.checks import Finding
from metrics.grid import Grid, Section
from metrics.grid_text import shown_figure
from metrics.models import Indicator, MonthlyReturn
from metrics.services import CellResult

MOST_MESSAGES = 4  # under one row; the rest is on the village sheet


def cell_reply(result: CellResult, decimals: int = 0) -> dict:
    """Return what became of one typed cell: `shown` is the text to put into it."""
    reply = {
        "cell": result.cell, "status": result.status, "version": result.version, "kind": result.kind,
        "shown": shown_figure(result.kind, result.value, result.raw, decimals), "message": result.message,
    }  # fmt: skip
    if result.dropped:
        reply["dropped"] = result.dropped
    return {**reply, "other": result.other} if result.other else reply


def cells_reply(monthly_return: MonthlyReturn, results: list[CellResult]) -> dict:
    """Return a reply that tells of the typed cells alone: for a village's clerk, who sees nothing else of the township."""
    codes = {result.cell.partition("@")[0] for result in results}
    indicators = Indicator.objects.of_year(monthly_return.unit.parent_id, monthly_return.year).filter(code__in=codes)
    decimals = dict(indicators.values_list("code", "decimals"))
    return {
        "cells": [cell_reply(result, decimals.get(result.cell.partition("@")[0], 0)) for result in results],
        "texts": {}, "marks": {}, "rows": {}, "submit": None, "saved_at": saved_at(),
    }  # fmt: skip


def saved_at() -> str:
    """Return the time of day to show as that of the last save."""
    return timezone.localtime().strftime("%H:%M:%S")


def grid_texts(grid: Grid) -> dict[str, str]:
    """Return output name -> text, for everything on the page that a saved cell may change."""
    texts = {
        "filled": f"{grid.filled}/{grid.fillable}", "errors": error_words(grid.errors), "queries": query_words(grid.queries),
        "hints": hint_words(grid.hints), "blanks": str(grid.blanks),
        **{f"show:{name}": str(count) for name, count in grid.counts.items()},
    }  # fmt: skip
    for section in grid.sections:
        texts |= section_texts(section)
        for row in section.rows:
            texts |= {f"change:{row.code}": row.change, f"ytd:{row.code}": row.to_date}
            if row.progress:
                texts |= {f"target:{row.code}": row.progress.share_text, f"pace:{row.code}": row.progress.pace}
            if not row.is_entered:
                texts[f"now:{row.code}"] = row.this_month
            if row.ledger:
                texts[f"ledger:{row.code}"] = row.ledger.shown
            if row.source == "village":
                texts[f"villages:{row.code}"] = f"{row.filled}/{row.fillable}"
    return texts


def section_texts(section: Section) -> dict[str, str]:
    """Return the rail's texts of one area."""
    return {
        f"area:{section.code}": f"{section.filled}/{section.fillable}",
        f"area-errors:{section.code}": error_words(section.errors),
        f"area-queries:{section.code}": query_words(section.queries),
    }


def error_words(count: int) -> str:
    """Return “2 errors”, or nothing."""
    return _("Errors %(count)d") % {"count": count} if count else ""


def query_words(count: int) -> str:
    """Return “2 to explain”, or nothing."""
    return _("To explain %(count)d") % {"count": count} if count else ""


def hint_words(count: int) -> str:
    """Return “2 hints”, or nothing."""
    return _("Hints %(count)d") % {"count": count} if count else ""


def message_data(finding: Finding) -> dict:
    """Return one message to show under a row, with the cell it is about, its one-click fix and its link."""
    fix = {"fix": finding.fix, "fix_label": finding.fix_label}
    link = {"link": finding.link, "link_label": finding.link_label} if finding.link else {}
    return {"level": finding.level, "text": finding.text, "cell": finding.cell, **fix, **link}


def grid_reply(grid: Grid, results: list[CellResult], submit) -> dict:
    """Return the whole reply to a save. `submit` is the page's submit deed, or None when the person has none."""
    decimals = {row.code: row.decimals for row in grid.rows}
    return {
        "cells": [cell_reply(result, decimals.get(result.cell.partition("@")[0], 0)) for result in results],
        "texts": grid_texts(grid),
        "marks": {row.code: [message_data(found) for found in row.messages[:MOST_MESSAGES]] for row in grid.rows if row.messages},
        "rows": {row.code: row.classes for row in grid.rows},
        "late": {row.code: row.progress.is_behind for row in grid.rows if row.progress},
        "ledger": {row.code: row.ledger.raw for row in grid.rows if row.ledger and row.ledger.raw},
        "submit": {"label": submit.label, "reason": submit.reason} if submit else None,
        "saved_at": saved_at(),
    }
