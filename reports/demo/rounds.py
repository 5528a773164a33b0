"""Writes what happened to the returns: rounds with their snapshots, comments with answers, events."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from metrics.numbers import plain
from metrics.queries import YearBook
from metrics.services.snapshots import calculated
from reports.demo import texts
from reports.demo.district import District
from reports.demo.history import Entry
from reports.demo.returns import Books, Case, actor_of, counted_cells
from reports.demo.stories import Step
from workflow.choices import CommentKind, State, Subject
from workflow.models import Comment, Round
from workflow.services import canonical_json

OUTCOMES = ("withdraw", "head_send_back", "send_back", "approve")
COMMENTS = ("comment", "second_comment", "note")


def write_rounds(cases: list[Case], district: District, books: Books) -> int:
    """Write one round a submission, each with the snapshot of that moment; returns how many."""
    rounds = []
    for case in (case for case in cases if case.row.revision):
        book = books[case.row.unit_id, case.row.year]
        now = {**snapshot_of(case, district), "totals": calculated(book, case.row)}
        for number in range(1, case.row.revision + 1):
            rounds.append(_round(case, number, _as_of(case, number, now, book), district))
    Round.objects.bulk_create(rounds, batch_size=200)
    return len(rounds)


def snapshot_of(case: Case, district: District) -> dict:
    """Return the cells as metrics.services.snapshot returns them, without reading them again (a test compares)."""
    names = {unit.code: unit.name for unit in district.units.values()}
    cells = {}
    for cell, figure in sorted(case.figures.items()):
        code, _at, village = cell.partition("@")
        indicator = case.indicators[code]
        cells[cell] = {
            "kind": str(figure.kind), "raw": figure.raw, "value": plain(figure.value) if figure.value is not None else None,
            "explanation": figure.explanation, "name": indicator.name, "measure": indicator.measure,
            "unit": names[village] if village else "",
        }  # fmt: skip
    return {"unit": case.row.unit.name, "year": case.row.year, "month": case.row.month, "cells": cells}


def _as_of(case: Case, number: int, now: dict, book: YearBook) -> dict:
    """Return the snapshot as it was at a submission: before the correction, the slips stood."""
    corrected = next((step.round_number for step in case.steps if step.deed == "correct"), None)
    if corrected is None or number > corrected:
        return now
    cells = dict(now["cells"])
    for slip in case.slips:
        cells[slip.cell] = {**cells[slip.cell], "raw": plain(slip.wrong), "value": plain(slip.wrong)}
    return {**now, "cells": cells, "totals": calculated(_with_slips(book, case), case.row)}


def _with_slips(book: YearBook, case: Case) -> YearBook:
    """Return the figures as they were while the slips stood."""
    wrong = {(slip.cell, case.row.year, case.row.month, case.row.unit_id): ("value", slip.wrong) for slip in case.slips}
    return replace(book, cells={**book.cells, **wrong}, _totals={})


def _round(case: Case, number: int, taken: dict, district: District) -> Round:
    row = Round(
        unit=case.row.unit, subject_kind=Subject.RETURN, subject_id=case.row.pk, number=number, snapshot=taken,
        sha256=hashlib.sha256(canonical_json(taken).encode()).hexdigest(),
    )  # fmt: skip
    for step in (step for step in case.steps if step.round_number == number):
        who = actor_of(step, case.township, district)
        if step.deed == "submit":
            row.submitted_by, row.submitted_at = who, step.at
        elif step.deed == "sign_off":
            row.signed_off_by, row.signed_off_at = who, step.at
        elif step.deed in OUTCOMES:
            row.outcome, row.decided_by, row.decided_at = step.deed, who, step.at
            row.reason = texts.reason(step.deed, case.slips)
    return row


def write_comments(cases: list[Case], district: District) -> int:
    """Write the threads on single figures and their answers; returns how many comments."""
    threads, answers = [], []
    for case in cases:
        for step in (step for step in case.steps if step.deed in COMMENTS):
            thread = _comment(case, step, district)
            threads.append(thread)
            if step.deed == "comment":
                _settle(case, thread, district)
                answers += [_answer(case, answer, thread, district) for answer in case.steps if answer.deed == "answer"]
    for rows in (threads, answers):
        moments = [row.created_at for row in rows]
        Comment.objects.bulk_create(rows)
        for row, moment in zip(rows, moments, strict=True):
            row.created_at = moment
        Comment.objects.bulk_update(rows, ["created_at"])
    return len(threads) + len(answers)


def anchor_and_text(case: Case, step: Step) -> tuple[str, str]:
    """Return which cell a comment hangs on, and its words."""
    if step.deed == "note":
        return "culture_entertainment_event_count", texts.NOTE
    if step.deed == "answer":
        return case.slips[0].cell, texts.ANSWER
    slip = case.slips[step.deed == "second_comment"]
    return slip.cell, texts.doubt(slip, is_second=step.deed == "second_comment")


def _comment(case: Case, step: Step, district: District) -> Comment:
    anchor, text = anchor_and_text(case, step)
    kind = CommentKind.NOTE if step.deed == "note" else CommentKind.MUST_FIX
    return Comment(
        unit=case.row.unit, subject_kind=Subject.RETURN, subject_id=case.row.pk, round_number=step.round_number, anchor=anchor,
        kind=kind, text=text, author=actor_of(step, case.township, district), created_at=step.at,
    )  # fmt: skip


def _settle(case: Case, thread: Comment, district: District) -> None:
    for step in (step for step in case.steps if step.deed == "resolve"):
        thread.resolved_at, thread.resolved_by = step.at, actor_of(step, case.township, district)


def _answer(case: Case, step: Step, thread: Comment, district: District) -> Comment:
    answer = _comment(case, step, district)
    answer.parent, answer.kind = thread, thread.kind
    return answer


def returns_history(cases: list[Case], district: District) -> list[Entry]:
    """Return the events of all returns."""
    entries = []
    for case in cases:
        entries.append(_entry(case, None, case.row.opened_at, "open", to_state=State.DRAFT))
        entries += _first_saves(case, district)
        entries += [_step_entry(case, step, district) for step in case.steps if step.deed != "fill"]
    return entries


def _entry(case: Case, by, at, deed: str, **more) -> Entry:
    return Entry(at, by, case.row.unit, Subject.RETURN, case.row.pk, deed, **more)


def _first_saves(case: Case, district: District) -> list[Entry]:
    """Return one save for each person and moment of the first typing."""
    first_typed = {slip.cell: plain(slip.wrong) for slip in case.slips}
    people = {user.pk: user for user in district.users.values()}
    saves: dict = {}
    counted = counted_cells(case)
    for cell, figure in case.figures.items():
        if figure.updated_by_id is not None and cell not in counted:
            at = figure.updated_at if figure.version == 1 else case.steps[0].at
            change = {"cell": cell, "old": "", "new": first_typed.get(cell, figure.raw)}
            saves.setdefault((at, figure.updated_by_id), []).append(change)
    return [_entry(case, people[pk], at, "save", changes=tuple(changes)) for (at, pk), changes in saves.items()]


def _step_entry(case: Case, step: Step, district: District) -> Entry:
    who = actor_of(step, case.township, district)
    if step.deed == "correct":
        changes = tuple({"cell": slip.cell, "old": plain(slip.wrong), "new": plain(slip.right)} for slip in case.slips)
        return _entry(case, who, step.at, "save", changes=changes)
    if step.deed == "resolve":
        return _entry(case, who, step.at, "resolve_comment", changes=({"cell": case.slips[0].cell},))
    if step.deed in (*COMMENTS, "answer"):
        cell, text = anchor_and_text(case, step)
        return _entry(case, who, step.at, "comment", changes=({"cell": cell, "text": text},))
    moved = {"from_state": step.from_state, "to_state": step.to_state, "reason": texts.reason(step.deed, case.slips)}
    if step.deed == "submit" and step.round_number == 1:
        counts = counted_cells(case)
        moved["changes"] = tuple({"cell": cell, "old": "", "new": figure.raw} for cell, figure in counts.items())
    return _entry(case, who, step.at, step.deed, **moved)
