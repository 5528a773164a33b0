"""Writing evidence: files added, reused, described, removed. Bytes are safe on the disk before their row is committed."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.evidence import Proved, month_bytes, path_of, proved_by, small_beside
from metrics.evidence_gate import Passed, check_size, pass_gate, received_sha256, shown_name, size_words
from metrics.ledgers import LedgerKind, ledger_kind
from metrics.models import EvidenceFile, EvidenceLink, MonthlyReturn
from metrics.permissions import check_can_add_evidence, check_can_remove_evidence
from metrics.services.figures import locked
from workflow.choices import Subject
from workflow.services import record_event
from workflow.store import move_durably
from workflow.transitions import Refused

DAYS_FOR_UNDO = 30


def add_evidence(*, by, proved: Proved, upload, caption: str = "") -> tuple[EvidenceLink, bool]:
    """Add an uploaded file to what it proves; returns its link, and whether that is new: equal contents are linked once.

    Raises PermissionDenied, Refused (closed, no room) or NotAccepted (the file itself), before anything is opened if it can.
    """
    check_can_add_evidence(by, proved)
    check_size(upload.size)
    if known := _known_file(proved, received_sha256(upload)):
        return reuse_evidence(by=by, proved=proved, file=known, caption=caption)
    _check_room(proved, 0)
    passed = pass_gate(upload)
    try:
        return _keep(by, proved, passed, shown_name(upload.name), caption)
    finally:
        passed.discard()


def _known_file(proved: Proved, received: str) -> EvidenceFile | None:
    """Return a file of the same place with the same contents whose bytes are there."""
    rows = EvidenceFile.objects.filter(unit=proved.place, received_sha256=received)
    return next((row for row in rows if path_of(row).is_file()), None)


def _keep(by, proved: Proved, passed: Passed, name: str, caption: str) -> tuple[EvidenceLink, bool]:
    """Give the bytes their place, then write the rows: a failed commit leaves bytes that `sweep_evidence` finds, never less."""
    public_id = uuid.uuid4()
    stored_as = f"{proved.year}/{proved.month:02}/{public_id}.{passed.ending}"
    path = Path(settings.EVIDENCE_DIR) / stored_as
    if passed.small:
        move_durably(passed.small, small_beside(path))
    move_durably(passed.path, path)
    file = EvidenceFile(
        unit=proved.place, public_id=public_id, year=proved.year, month=proved.month, received_sha256=passed.received_sha256,
        sha256=passed.sha256, stored_as=stored_as, name=name, media_type=passed.media_type, size=passed.size,
        width=passed.width, height=passed.height, pages=passed.pages, uploaded_by=by,
    )  # fmt: skip
    try:
        link, is_new = _write(by, proved, file, caption)
    except (Refused, PermissionDenied):
        _remove_bytes(path)
        raise
    if link.file.public_id != public_id:
        _remove_bytes(path)
    return link, is_new


@transaction.atomic
def _write(by, proved: Proved, file: EvidenceFile, caption: str) -> tuple[EvidenceLink, bool]:
    proved = _locked(proved)
    check_can_add_evidence(by, proved)
    if known := _known_file(proved, file.received_sha256):
        return _link(by, proved, known, caption)
    _check_room(proved, file.size)
    file.save(force_insert=True)
    return _link(by, proved, file, caption)


@transaction.atomic
def reuse_evidence(*, by, proved: Proved, file: EvidenceFile, caption: str = "") -> tuple[EvidenceLink, bool]:
    """Let a file of the same township prove one more thing; returns the link, and whether it is new.

    Raises PermissionDenied, or Refused when the return is closed or has its full number of files.
    """
    proved = _locked(proved)
    check_can_add_evidence(by, proved)
    _check_township(proved, file)
    return _link(by, proved, file, caption)


def _check_township(proved: Proved, file: EvidenceFile) -> None:
    if proved.township.pk not in (file.unit_id, file.unit.parent_id):
        raise PermissionDenied(_("This file belongs to another township."))


def _locked(proved: Proved) -> Proved:
    """Lock the township's space, and what is proved, as it is now. Raises Refused when it is gone."""
    Unit.objects.select_for_update(no_key=True).get(pk=proved.township.pk)
    if proved.monthly_return:
        return replace(proved, monthly_return=locked(proved.monthly_return))
    rows = proved.kind.model.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=proved.entry.pk)
    entry = rows.first()
    if entry is None:
        raise Refused(_("Somebody removed this entry meanwhile; there is nothing left to add a file to."))
    return replace(proved, entry=entry)


def _check_room(proved: Proved, size: int) -> None:
    """Refuse one file too many, and one that the township's month has no space for. Raises Refused."""
    if proved.links().count() >= settings.EVIDENCE_FILES_A_FIGURE:
        text = _("There are %(most)d files here already, the most there can be. Remove one, or put several pages into one PDF.")
        raise Refused(text % {"most": settings.EVIDENCE_FILES_A_FIGURE})
    free = settings.EVIDENCE_MONTH_BYTES - month_bytes(proved.township, proved.year, proved.month)
    if size > free:
        text = _("The files of %(township)s for %(year)d-%(month)02d may have %(most)s together; %(free)s are left. Remove files "
                 "that are not needed, or send smaller pictures.")  # fmt: skip
        raise Refused(text % {
            "township": proved.township.name, "year": proved.year, "month": proved.month,
            "most": size_words(settings.EVIDENCE_MONTH_BYTES), "free": size_words(max(free, 0)),
        })  # fmt: skip


def _link(by, proved: Proved, file: EvidenceFile, caption: str) -> tuple[EvidenceLink, bool]:
    """Link once; the Event tells what was linked."""
    if old := proved.links().filter(file=file).first():
        return old, False
    _check_room(proved, 0)
    link = EvidenceLink.objects.create(file=file, unit=proved.place, caption=_one_line(caption), linked_by=by, **proved.keys)
    _record(by, proved, link, "add_evidence")
    return link, True


def _one_line(caption: str) -> str:
    return " ".join(caption.split())[:120]


def _record(by, proved: Proved, link: EvidenceLink, deed: str, **more) -> None:
    file = link.file
    about = (
        {"ledger": link.ledger, "entry": link.entry_id} if link.ledger else {"return": link.monthly_return_id, "cell": link.cell}
    )
    change = {
        **about, "file": str(file.public_id), "name": file.name, "sha256": file.sha256, "received_sha256": file.received_sha256,
        "caption": link.caption, **more,
    }  # fmt: skip
    record_event(by=by, unit=proved.township, subject_kind=Subject.EVIDENCE, subject_id=file.pk, deed=deed, changes=[change])


@transaction.atomic
def caption_evidence(*, by, link: EvidenceLink, caption: str) -> EvidenceLink:
    """Say in one line what a file shows. Raises PermissionDenied or Refused, as removing does."""
    proved = _locked_of(link)
    check_can_remove_evidence(by, proved)
    old, link.caption = link.caption, _one_line(caption)
    if link.caption != old:
        link.save(update_fields=["caption"])
        _record(by, proved, link, "caption_evidence", old=old)
    return link


@transaction.atomic
def remove_evidence(*, by, link: EvidenceLink) -> None:
    """Take a file away from what it proved; the Event keeps its name and sums. Raises PermissionDenied or Refused.

    A file that proves nothing any more and stands in no submitted round is deleted, bytes too: sent by mistake, it is gone.
    """
    proved = _locked_of(link)
    check_can_remove_evidence(by, proved)
    _unlink(by, proved, link)


def _locked_of(link: EvidenceLink) -> Proved:
    proved = proved_by(link)
    if proved is None:
        raise Refused(_("The entry that this file belonged to is gone."))
    return _locked(proved)


def _unlink(by, proved: Proved, link: EvidenceLink) -> None:
    file = link.file
    _record(by, proved, link, "remove_evidence")
    link.delete()
    if not file.is_kept and not file.links.exists():
        path = path_of(file)
        file.delete()
        transaction.on_commit(lambda: _remove_bytes(path))


def _remove_bytes(path: Path) -> None:
    path.unlink(missing_ok=True)
    small_beside(path).unlink(missing_ok=True)


@transaction.atomic
def settle_gone_entries(*, now: datetime) -> int:
    """Drop the files of entries that were removed 30 days ago and not brought back; returns how many links went.

    Until then they wait, for an entry that is restored has its number, and so its files, again. In a month that is submitted
    or approved the bytes stay for good.
    """
    dropped = 0
    for code in EvidenceLink.objects.exclude(ledger="").order_by().values_list("ledger", flat=True).distinct():
        if kind := ledger_kind(code):
            dropped += _settle(EvidenceLink.objects.filter(ledger=code), kind, now)
    return dropped


def _settle(links: models.QuerySet, kind: LedgerKind, now: datetime) -> int:
    there = kind.model.objects.filter(pk=models.OuterRef("entry_id"))
    marked = links.annotate(is_there=models.Exists(there))
    marked.filter(is_there=True, gone_at__isnull=False).update(gone_at=None)
    marked.filter(is_there=False, gone_at__isnull=True).update(gone_at=now)
    forgotten = list(
        marked.filter(is_there=False, gone_at__lt=now - timedelta(days=DAYS_FOR_UNDO)).select_related("file", "unit")
    )
    for link in forgotten:
        proved = Proved(link.unit, link.unit, link.file.year, link.file.month, kind=kind)
        if proved.closed_return():
            EvidenceFile.objects.filter(pk=link.file_id).update(is_kept=True)
            link.file.is_kept = True
        _unlink(None, proved, link)
    return len(forgotten)


@transaction.atomic
def remove_all_evidence() -> None:
    """Delete every file and link, kept ones too: for emptying the demo district, before its history goes."""
    paths = [path_of(file) for file in EvidenceFile.objects.all()]
    EvidenceLink.objects.all().delete()
    EvidenceFile.objects.all().delete()
    transaction.on_commit(lambda: [_remove_bytes(path) for path in paths])


def keep_evidence(monthly_return: MonthlyReturn) -> None:
    """Keep the files of a return for ever: a round names them now."""
    EvidenceFile.objects.filter(links__monthly_return=monthly_return).update(is_kept=True)
