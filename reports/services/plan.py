"""Plan items of a report, how last year's were met, and the targets that an approved plan becomes."""

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from metrics.models import Indicator
from metrics.numbers import plain
from metrics.services import adopt_targets
from reports.choices import BlockKind, Outcome
from reports.models import Block, PlanItem, PlanOutcome, PlanTarget, Report, ReportVersion
from reports.permissions import check_can_edit
from reports.plan_book import PlanBook, plan_of_version
from reports.plan_items import PlanInput, item_faults
from reports.services.writing import EditConflict, locked, record, touch
from workflow.services import once
from workflow.transitions import Refused

MOST_ITEMS = 200
WORDS_LENGTH = 120


@transaction.atomic
def add_plan_item(*, by, report: Report, block: Block, typed: PlanInput, form_key=None) -> PlanItem:
    """Add an item under a paragraph of the plan, once for one `form_key`.

    Raises PermissionDenied, and Refused with the first thing that is wrong with it.
    """
    return once(by=by, form_key=form_key, rows=PlanItem.objects, make=lambda: _add_plan_item(by, report, block, typed))


def _add_plan_item(by, report: Report, block: Block, typed: PlanInput) -> PlanItem:
    report = locked(report)
    check_can_edit(by, report)
    if block.kind != BlockKind.PLAN or block.report_id != report.pk:
        raise Refused(_("Plan items stand under paragraphs of the plan."))
    plan = PlanBook(report)
    if len(plan.items) >= MOST_ITEMS:
        raise Refused(_("A plan holds at most %(most)d items; put some together.") % {"most": MOST_ITEMS})
    _check_item(plan, typed)
    last = PlanItem.objects.filter(report=report).aggregate(last=Max("order"))["last"] or 0
    item = PlanItem.objects.create(report=report, block=block, order=last + 1, updated_by=by, **vars(typed))
    touch(report)
    record(by, report, "add_plan_item", changes=[{"item": item.pk, "block": block.key, "new": _facts(item)}])
    return item


@transaction.atomic
def save_plan_item(*, by, item: PlanItem, typed: PlanInput, base_version: int) -> PlanItem:
    """Save an edited item. Raises EditConflict when somebody else saved or removed it meanwhile, Refused as add_plan_item."""
    report = locked(item.report)
    check_can_edit(by, report)
    stored = PlanItem.objects.filter(pk=item.pk).first()
    if stored is None:
        raise Refused(_("Somebody else removed this item meanwhile; add it anew if it is still wanted."))
    if stored.version != base_version:
        raise EditConflict(_("Somebody else changed this item meanwhile. Both versions are shown; saving replaces theirs."))
    plan, old = PlanBook(report), _facts(stored)
    _check_item(plan, typed, stored)
    for name, value in vars(typed).items():
        setattr(stored, name, value)
    if _facts(stored) == old:
        return stored
    stored.version, stored.updated_by = base_version + 1, by
    stored.save()
    touch(report)
    record(by, report, "save_plan_item", changes=[{"item": stored.pk, "old": old, "new": _facts(stored)}])
    return stored


@transaction.atomic
def remove_plan_item(*, by, item: PlanItem) -> None:
    """Take an item out of the plan; its Event keeps what it said. Once gone it is gone, a second time changes nothing."""
    report = locked(item.report)
    check_can_edit(by, report)
    stored = PlanItem.objects.filter(pk=item.pk).first()
    if stored is None:
        return
    facts, pk = _facts(stored), stored.pk
    stored.delete()
    touch(report)
    record(by, report, "remove_plan_item", changes=[{"item": pk, "old": facts, "new": {}}])


@transaction.atomic
def move_plan_item(*, by, item: PlanItem, past: int) -> None:
    """Let an item change places with its neighbour `past` of the same paragraph, as the page showed it.

    Raises EditConflict when another item stands beside it by now.
    """
    report = locked(item.report)
    check_can_edit(by, report)
    change_item_places(report, item.pk, past)
    touch(report)
    key = item.block.key if item.block else ""
    record(by, report, "move_plan_item", changes=[{"item": item.pk, "past": past, "block": key, "measure": item.measure}])


def change_item_places(report: Report, item: int, past: int) -> None:
    """Swap two neighbours of one paragraph. Raises EditConflict."""
    rows = {row.pk: row for row in PlanItem.objects.filter(report=report)}
    here, there = rows.get(item), rows.get(past)
    beside = [row.pk for row in rows.values() if here and row.block_id == here.block_id]
    if there is None or past not in beside or abs(beside.index(item) - beside.index(past)) != 1:
        raise EditConflict(_("Somebody else changed the plan meanwhile. Its items stand as they are now; move it again."))
    here.order, there.order, free = there.order, here.order, max(row.order for row in rows.values()) + 1
    PlanItem.objects.filter(pk=here.pk).update(order=free)  # an order stands once in a report
    there.save(update_fields=["order"])
    here.save(update_fields=["order"])


@transaction.atomic
def choose_outcome(*, by, report: Report, item: int, outcome: str, words: str, base_version: int = 0) -> PlanOutcome:
    """Say how an item of last year's plan that no figure measures was met.

    Raises Refused for an item that is none of the plan's or is measured by its figure, EditConflict for an older version.
    """
    report = locked(report)
    check_can_edit(by, report)
    planned = next((row for row in PlanBook(report).accepted_items if row.id == item), None)
    if planned is None or (planned.has_target and _is_counted(report, planned.code)):
        raise Refused(_("This item is no part of last year's plan, or its figure tells how it was met."))
    if outcome not in Outcome.values:
        raise Refused(_("Choose 完成, 推进 or 未启动."))
    stored = PlanOutcome.objects.filter(report=report, item=item).first() or PlanOutcome(report=report, item=item, version=0)
    if stored.version != base_version:
        raise EditConflict(_("Somebody else chose “%(outcome)s” meanwhile. Look at it, then choose again.")
                           % {"outcome": stored.get_outcome_display()})  # fmt: skip
    old = [stored.outcome, stored.words]
    new = [outcome, " ".join(words.split())[:WORDS_LENGTH]]
    if stored.pk and new == old:
        return stored
    stored.outcome, stored.words = new
    stored.version, stored.updated_by = base_version + 1, by
    stored.save()
    touch(report)
    record(by, report, "choose_outcome", changes=[{"item": item, "measure": planned.measure, "old": old, "new": new}])
    return stored


def adopt_plan(*, by, report: Report, version: ReportVersion) -> None:
    """Make the targets of next year out of a version that has just been frozen, in the approval's own transaction.

    A district's plan sets none: targets are entered against by townships, and each has its own plan.
    """
    if report.unit.is_district:
        return
    items = {row.code: row for row in plan_of_version(version) if row.has_target}
    earlier = PlanTarget.objects.filter(report=report).select_related("target")
    own = {row.code: row.target_version for row in earlier if row.is_in_force}
    if not items and not own:
        return
    note = _("Plan of the %(year)d report, version %(number)d") % {"year": report.year, "number": version.number}
    values = {code: row.value for code, row in items.items()}
    adopted = adopt_targets(by=by, unit=report.unit, year=report.plan_year, values=values, own=own, note=note)
    PlanTarget.objects.filter(report=report).delete()
    PlanTarget.objects.bulk_create(
        PlanTarget(report=report, target=target, target_version=target.version, code=code, version_number=version.number,
                   measure=items[code].measure)
        for code, target in adopted.standing.items()
    )  # fmt: skip


def _is_counted(report: Report, code: str) -> bool:
    return Indicator.objects.of_year(report.district_id, report.year).filter(code=code).exists()


def _check_item(plan: PlanBook, typed: PlanInput, item: PlanItem | None = None) -> None:
    for fault in item_faults(typed, others=plan.others(item), **plan.rules):
        raise Refused(fault.reason)


def _facts(item: PlanItem) -> dict[str, str]:
    """Return what an Event keeps of an item."""
    return {
        "measure": item.measure, "indicator": item.code, "amount": plain(item.amount), "lead_unit": item.lead_unit,
        "due_date": item.due_date.isoformat() if item.due_date else "", "note": item.note,
    }  # fmt: skip
