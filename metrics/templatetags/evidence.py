"""Files beside a figure or an entry, on any page: {% cell_evidence monthly_return cell %}, {% entry_evidence kind entry %}."""

from django import template

from metrics.evidence import cell_proved, entry_proved
from metrics.evidence import entry_files as files_of_entries
from metrics.evidence_box import load_box
from metrics.grid_html import evidence_mark as mark_of
from metrics.ledgers import ledger_kind

register = template.Library()


@register.inclusion_tag("metrics/_evidence.html", takes_context=True)
def cell_evidence(context, monthly_return, cell):
    """Show the files of a cell; nothing for a calculated one."""
    proved = cell_proved(monthly_return, cell)
    return _shown(context, proved)


@register.inclusion_tag("metrics/_evidence.html", takes_context=True)
def entry_evidence(context, kind, entry):
    """Show the files of a stored entry of a ledger; `kind` is the ledger or its code. A new entry is saved first."""
    ledger = ledger_kind(kind) if isinstance(kind, str) else kind
    return _shown(context, entry_proved(ledger, entry) if entry.pk else None)


@register.simple_tag
def entry_files(kind, lines) -> dict:
    """Return entry id -> links of its files, for the rows of a ledger's page."""
    return files_of_entries(kind, [line.entry.pk for line in lines])


@register.simple_tag
def evidence_mark(cell, count, is_needed, is_skipped):
    """Return the marks of a cell's files, see metrics.grid_html."""
    return mark_of(cell, count, is_needed=is_needed, is_skipped=is_skipped)


@register.filter
def at(found: dict, key) -> list:
    """Return what a dict of lists has under a key, or nothing."""
    return found.get(key, [])


def _shown(context, proved) -> dict:
    request = context["request"]
    box = load_box(proved, request.user) if proved else None
    return {"box": box, "back": request.get_full_path(), "csrf_token": context.get("csrf_token"), "request": request}
