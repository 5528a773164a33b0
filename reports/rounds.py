"""Submissions of a report as read models: the list, and what one changed against the one before it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from reports.assembly import KEPT
from reports.document import ReportDocument
from reports.models import Report
from workflow.choices import Subject
from workflow.models import Round


@dataclass(frozen=True)
class TextChange:
    """A block whose text differs: pieces of (deed, words) with deed equal, out or in."""

    key: str
    pieces: tuple[tuple[str, str], ...]


def load_rounds(report: Report) -> list[Round]:
    """Return all submissions, newest first, without their snapshots."""
    rows = Round.objects.about(Subject.REPORT, report.pk).defer("snapshot")
    return list(rows.select_related("submitted_by", "signed_off_by", "decided_by").order_by("-number"))


@dataclass(frozen=True)
class KeptRow:
    """A number of a document that was kept with a note: what prints, what its source said, why, by whom."""

    name: str
    shown: str
    instead_of: str
    note: str
    by: str
    at: str


def kept_in(document: ReportDocument) -> list[KeptRow]:
    """Return the numbers of a submission or version that were kept with a note, in reading order."""
    found = [(run, source) for block in document.blocks for run in block.figures for source in run.sources if KEPT in source]
    return [
        KeptRow(f"{run.scope}·{run.indicator}" if run.scope else run.indicator, run.text, source["instead_of"], source[KEPT],
                source["kept_by"], source["kept_at"])
        for run, source in found
    ]  # fmt: skip


def round_changes(before: Round, after: Round) -> list[TextChange]:
    """Return the blocks that read differently in the later submission, in its order; dropped ones at the end."""
    old, new = _texts(before), _texts(after)
    keys = [*new, *(key for key in old if key not in new)]
    return [TextChange(key, compare(old.get(key, ""), new.get(key, ""))) for key in keys if old.get(key, "") != new.get(key, "")]


def _texts(row: Round) -> dict[str, str]:
    return {block.key: block.text for block in ReportDocument.from_json(row.snapshot["document"]).blocks}


def compare(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """Return the differences character by character; Chinese has no word gaps to go by."""
    pieces = []
    for deed, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if deed == "equal":
            pieces.append(("equal", old[i1:i2]))
            continue
        pieces += [("out", old[i1:i2])] if i2 > i1 else []
        pieces += [("in", new[j1:j2])] if j2 > j1 else []
    return tuple(pieces)
