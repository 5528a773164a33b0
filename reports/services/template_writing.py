"""Editing a draft template: head, local facts, blocks. Each part carries a mark of what its editor has seen."""

from django.db import transaction
from django.utils.translation import gettext as _

from reports.choices import Profile
from reports.models import ReportTemplate
from reports.permissions import check_can_change_template
from reports.services.templates import locked_template, record_template
from reports.services.writing import EditConflict, clean_text
from reports.template_content import (
    HEAD_FIELDS,
    Fact,
    block_of,
    facts_of,
    head_of,
    label_of,
    mark_of,
    users_of,
    with_block,
    with_facts,
    with_moved_block,
    with_new_block,
    without_block,
)
from workflow.services import once
from workflow.transitions import Refused


def head_facts(template: ReportTemplate) -> dict[str, str]:
    """Return what the head's form edits."""
    return {"name": template.name, "profile": template.profile, **head_of(template.content)}


@transaction.atomic
def save_template_head(*, by, template: ReportTemplate, values: dict[str, str], seen: str = "") -> ReportTemplate:
    """Save name, profile and the lines of the head. Raises EditConflict when they are others by now than `seen`."""
    template = _open(by, template)
    old = head_facts(template)
    check_seen(seen, old)
    new = {name: clean_text(values[name], "") if name in HEAD_FIELDS else values[name] for name in old}
    if new == old:
        return template
    template.name, template.profile = new["name"], Profile(new["profile"])
    template.content = template.content | {name: new[name] for name in HEAD_FIELDS} | {"name": template.name}
    changes = [{"field": name, "old": old[name], "new": new[name]} for name in old if old[name] != new[name]]
    return _keep(by, template, "save_template_head", changes)


@transaction.atomic
def save_template_facts(*, by, template: ReportTemplate, facts: list[Fact], seen: str = "") -> ReportTemplate:
    """Save the local facts. Raises Refused for one that goes and is still used, EditConflict for others than `seen`."""
    template = _open(by, template)
    old = facts_of(template.content)
    check_seen(seen, [vars(row) for row in old])
    kept = {row.name for row in facts}
    for row in old:
        if row.name not in kept and (users := users_of(template.content, row.name)):
            words = _("“%(label)s” is used by %(users)s; change these first, or leave its value empty.")
            raise Refused(words % {"label": row.label, "users": "、".join(users)})
    if facts == old:
        return template
    template.content = with_facts(template.content, facts)
    return _keep(by, template, "save_template_facts", [{"old": [vars(row) for row in old], "new": [vars(row) for row in facts]}])


@transaction.atomic
def add_template_block(*, by, template: ReportTemplate, block: dict, after: str = "", form_key=None) -> ReportTemplate:
    """Add a block behind the one of the key `after`, once for one `form_key`; gives it its key."""
    return once(by=by, form_key=form_key, rows=ReportTemplate.objects, make=lambda: _add(by, template, block, after))


def _add(by, template: ReportTemplate, block: dict, after: str) -> ReportTemplate:
    template = _open(by, template)
    template.content, block = with_new_block(template.content, cleaned(block), after)
    return _keep(by, template, "add_template_block", [{"block": block["key"], "after": after, "new": block}])


@transaction.atomic
def save_template_block(*, by, template: ReportTemplate, block: dict, seen: str = "") -> ReportTemplate:
    """Save a block's texts and options. Raises EditConflict when the stored one is another by now than `seen`."""
    template = _open(by, template)
    stored = _stored(template, block["key"])
    check_seen(seen, stored)
    new = cleaned(block)
    if new == stored:
        return template
    template.content = with_block(template.content, new)
    return _keep(by, template, "save_template_block", [{"block": stored["key"], "old": stored, "new": new}])


@transaction.atomic
def move_template_block(*, by, template: ReportTemplate, key: str, place: int) -> ReportTemplate:
    """Put a block at a place, from 1."""
    template = _open(by, template)
    _stored(template, key)
    moved = with_moved_block(template.content, key, place)
    if moved == template.content:
        return template
    template.content = moved
    return _keep(by, template, "move_template_block", [{"block": key, "place": str(place)}])


@transaction.atomic
def remove_template_block(*, by, template: ReportTemplate, key: str) -> ReportTemplate:
    """Take a block out of the draft."""
    template = _open(by, template)
    stored = _stored(template, key)
    template.content = without_block(template.content, key)
    return _keep(by, template, "remove_template_block", [{"block": key, "label": label_of(stored), "old": stored}])


def cleaned(block: dict) -> dict:
    """Return a block with its texts as they are kept."""
    kind = block["kind"]
    lead = {"lead": " ".join(block["lead"].split())} if "lead" in block else {}
    wordings = [{**row, "text": clean_text(row["text"], kind)} for row in block.get("alternatives", ())]
    text = {"text": clean_text(block.get("text", ""), kind)}
    return {**block, **lead, **text, **({"alternatives": wordings} if "alternatives" in block else {})}


def _open(by, template: ReportTemplate) -> ReportTemplate:
    template = locked_template(template)
    check_can_change_template(by, template)
    return template


def _stored(template: ReportTemplate, key: str) -> dict:
    block = block_of(template.content, key)
    if block is None:
        raise Refused(_("This block was removed meanwhile; go back to the template."))
    return block


def check_seen(seen: str, stored) -> None:
    """Raise EditConflict when what is stored is another by now than what an editor has seen; "" was shown nothing."""
    if seen and seen != mark_of(stored):
        raise EditConflict(_("Somebody else changed this meanwhile. What is stored now stands beside what you typed."))


def _keep(by, template: ReportTemplate, deed: str, changes: list[dict]) -> ReportTemplate:
    template.version += 1
    template.save()
    record_template(by, template, deed, changes)
    return template
