"""Checks of what the product knows already: what lacks a figure, comments, slogans that the figures contradict."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from reports.checks.findings import Finding, Level, check, named
from reports.checks.manuscript import Manuscript
from workflow.choices import CommentKind


@check
def open_place(script: Manuscript) -> Iterator[Finding]:
    """A figure that is missing or written wrongly, a broken token, an empty line of the red head."""
    for fault in script.assembled.problems:
        yield Finding("open_place", Level.BLOCKING, fault.block_key, fault.reason, seen=fault.reason)


@check
def open_comment(script: Manuscript) -> Iterator[Finding]:
    """Comments without an answer of the township stop a submission; answered ones, and notes, wait to be closed."""
    for key, threads in script.threads.items():
        waiting = [thread for thread in threads if thread.comment.resolved_at is None]
        unanswered = [row for row in waiting if not row.is_answered and row.comment.kind == CommentKind.MUST_FIX]
        if unanswered:
            words = _("%(count)d comments that ask for a correction have no answer yet: %(text)s")
            values = {"count": len(unanswered), "text": unanswered[0].comment.text[:40]}
            yield Finding(
                "open_comment", Level.BLOCKING, key, words % values, _("Correct the paragraph and answer."), stops_export=False
            )
        elif waiting:
            words = _("%(count)d comments are not closed.") % {"count": len(waiting)}
            yield Finding("open_comment", Level.HINT, key, words, _("Whoever is content closes them."))


@check
def fallen_slogan(script: Manuscript) -> Iterator[Finding]:
    """A heading that praises what fell against last year."""
    for slogan in script.slogans:
        words = _("The heading praises what fell against last year: %(names)s.") % {"names": named(slogan.names)}
        yield Finding("fallen_slogan", Level.CONFIRM, slogan.block.key, words, _("Choose other words, or say why it stands."),
                      seen="、".join(slogan.names))  # fmt: skip
