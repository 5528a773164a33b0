"""What stands beside a figure or an entry about its files: list, what may be done, what may be used again. Ready to show."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from metrics.evidence import Proved
from metrics.evidence_gate import size_words
from metrics.models import EvidenceFile, EvidenceLink
from metrics.permissions import check_can_add_evidence, check_can_remove_evidence
from workflow.transitions import Refused

MOST_OFFERED = 24  # files of the month that are offered to be used again


@dataclass(frozen=True)
class EvidenceBox:
    """The files of one thing. `address` takes new ones; `refusal` says why none may be added by somebody who otherwise could."""

    proved: Proved
    address: str
    links: tuple[EvidenceLink, ...]
    offered: tuple[EvidenceFile, ...]
    may_add: bool
    may_remove: bool
    refusal: str

    @property
    def key(self) -> str:
        """A name for scripts and styles: the cell, or ledger and entry."""
        return self.proved.cell or f"{self.proved.kind.code}-{self.proved.entry.pk}"

    @property
    def free(self) -> int:
        """How many more files there may be."""
        return max(0, settings.EVIDENCE_FILES_A_FIGURE - len(self.links))

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to see or to do."""
        return bool(self.links) or self.may_add or bool(self.refusal)

    most_files = property(lambda self: settings.EVIDENCE_FILES_A_FIGURE)
    most_bytes = property(lambda self: settings.EVIDENCE_FILE_BYTES)
    most_size = property(lambda self: size_words(settings.EVIDENCE_FILE_BYTES))


def load_box(proved: Proved, user) -> EvidenceBox:
    """Return the box of a thing for a person: two queries, however many files."""
    links = tuple(proved.links())
    refusal = _refusal(check_can_add_evidence, user, proved)
    may_add = refusal is None
    return EvidenceBox(
        proved=proved, address=_address(proved), links=links, may_add=may_add,
        offered=_offered(proved, user, links) if may_add else (),
        may_remove=bool(links) and _refusal(check_can_remove_evidence, user, proved) is None, refusal=refusal or "",
    )  # fmt: skip


def _refusal(check, user, proved: Proved) -> str | None:
    """Return why not, as text: "" for the wrong role, which needs no words; None when it is allowed."""
    try:
        check(user, proved)
    except PermissionDenied:
        return ""
    except Refused as refusal:
        return str(refusal)
    return None


def _address(proved: Proved) -> str:
    if proved.kind:
        return reverse("metrics:entry_evidence", args=[proved.kind.code, proved.entry.pk])
    return reverse("metrics:cell_evidence", args=[proved.monthly_return.pk, proved.cell])


def _offered(proved: Proved, user, links) -> tuple[EvidenceFile, ...]:
    """Return files of the township's month that prove something else and may prove this too."""
    files = EvidenceFile.objects.visible_to(user).of_township_month(proved.township, proved.year, proved.month)
    used = files.filter(links__isnull=False).exclude(pk__in=[link.file_id for link in links]).distinct()
    return tuple(used[:MOST_OFFERED])
