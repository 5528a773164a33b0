"""Writing a report: creating it from template and figures, editing blocks, settling numbers."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.models import DistrictYear, MonthlyReturn
from metrics.services import district_year
from reports.assembly import load_binder
from reports.binding import MISSING, REFUSED, Binder, Bound
from reports.choices import BlockKind
from reports.models import Block, BoundFigure, Report, ReportTemplate
from reports.permissions import check_can_create, check_can_edit
from reports.template_files import fill
from reports.tokens import Token, parse, write_token
from workflow.choices import State, Subject
from workflow.services import record_event
from workflow.transitions import Refused

# Approximations that a round number refuses: the template's sentence then prints the exact number.
APPROXIMATE = ("余", "多", "十余", "近", "超", "万")
SHORT_SUFFIXES = ("街道", "镇", "乡")


def locked(report: Report) -> Report:
    """Return the report's row under a lock: every write to it waits for it."""
    return Report.objects.select_for_update(of=("self",)).select_related("unit__parent").get(pk=report.pk)


def record(by, report: Report, deed: str, *, from_state="", to_state="", reason="", changes=()) -> None:
    """Append an Event about a report."""
    record_event(
        by=by, unit=report.unit, subject_kind=Subject.REPORT, subject_id=report.pk, deed=deed,
        from_state=from_state, to_state=to_state, reason=reason, changes=changes,
    )  # fmt: skip


@transaction.atomic
def create_report(*, by, unit, year: int) -> Report:
    """Create a year's report: blocks from the district's template, every number settled from approved figures.

    Raises Refused when it exists, when no template or no approved month is there, PermissionDenied for the wrong person.
    """
    check_can_create(by, unit, year)
    if Report.objects.filter(unit=unit, year=year).exists():
        raise Refused(_("The report of %(year)d exists already; open it from the list.") % {"year": year})
    template = ReportTemplate.objects.filter(district=unit.parent_id, year__lte=year).order_by("-year").first()
    if template is None:
        raise Refused(_("The district has no report template yet; ask its administrator."))
    settings = district_year(unit.parent, year)
    report = Report.objects.create(
        unit=unit, year=year, cutoff_month=_cutoff_month(unit, year), created_by=by, settings_copy=_settings_copy(settings),
        **_head(template.content, template_values(unit, year, template.content)),
    )  # fmt: skip
    _make_blocks(by, report, template.content)
    record(by, report, "create", to_state=State.DRAFT)
    return report


def template_values(unit, year: int, content: dict) -> dict[str, str]:
    """Return what the template's {parameters} stand for."""
    short = next((unit.name.removesuffix(suffix) for suffix in SHORT_SUFFIXES if unit.name.endswith(suffix)), unit.name)
    return {
        **content.get("params", {}), "unit_name": unit.name, "unit_short": short,
        "superior_name": f"{unit.parent.name}委宣传部", "office_name": f"{unit.name}宣传办公室",
        "report_year": str(year), "plan_year": str(year + 1),
    }  # fmt: skip


def _head(content: dict, values: dict[str, str]) -> dict[str, str]:
    return {name: fill(content[name], values) for name in ("title", "addressee", "signature")}


def _cutoff_month(unit, year: int) -> int:
    """The report speaks of January to the last approved month; 12 once December is approved."""
    newest = MonthlyReturn.objects.filter(unit=unit, year=year).approved().order_by("-month").first()
    if newest is None:
        raise Refused(_("No month of %(year)d is approved yet, so there is nothing to report.") % {"year": year})
    return newest.month


def _settings_copy(settings: DistrictYear) -> dict[str, str]:
    names = ("front_rank_share", "lagging_share", "lagging_most", "volunteer_target_share", "population_kind",
             "volunteer_standard_hours")  # fmt: skip
    return {name: str(getattr(settings, name)) for name in names}


def _make_blocks(by, report: Report, content: dict) -> None:
    binder = load_binder(report)
    values = template_values(report.unit, report.year, content) | {"cutoff_month": str(report.cutoff_month)}
    for order, row in enumerate(content["blocks"]):
        text = fill(row.get("text", ""), values)
        block = Block.objects.create(
            report=report, key=row["key"], order=order * 10, kind=row["kind"], level=row.get("level", 0),
            lead=row["annex"] if row["kind"] == BlockKind.ANNEX else fill(row.get("lead", ""), values),
            text=_exact_where_round(text, binder, report), is_optional=row.get("optional", False),
            watch=row.get("watch", []), updated_by=by,
        )  # fmt: skip
        settle_block(block, binder)


def _exact_where_round(text: str, binder: Binder, report: Report) -> str:
    """Replace approximations that the value refuses, and 全年 of an unfinished year, in a template's sentence."""
    for token in _tokens(text):
        bound = binder.bind(token)
        if bound.status != REFUSED:
            continue
        period = "今年以来" if token.period == "全年" and report.cutoff_month < 12 else token.period
        is_approximate = token.format.rstrip("0123456789") in APPROXIMATE
        replacement = write_token(token.name, period, "" if is_approximate else token.format)
        text = text.replace(token.raw, replacement)
    return text


def _tokens(text: str) -> list[Token]:
    return [piece for piece in parse(text, strict=False) if isinstance(piece, Token)]


def settle_block(block: Block, binder: Binder, *, renew: bool = False) -> None:
    """Settle a block's tokens. What was settled before stays unless `renew`; missing and refused ones are tried anew."""
    wanted = {token.raw: token for token in _tokens(block.text)}
    standing = {row.token: row for row in block.bound_figures.all()}
    gone = [row.pk for raw, row in standing.items() if raw not in wanted]
    BoundFigure.objects.filter(pk__in=gone).delete()
    keep = set() if renew else {raw for raw, row in standing.items() if row.status not in (MISSING, REFUSED)}
    rows = [bound_row(block, binder.bind(token)) for raw, token in wanted.items() if raw not in keep]
    BoundFigure.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["block", "token"],
        update_fields=["status", "shown", "value", "reason", "source_hash", "sources", "settled_at"],
    )  # fmt: skip


def bound_row(block: Block, bound: Bound) -> BoundFigure:
    """Return the row that keeps a settled token."""
    return BoundFigure(
        report_id=block.report_id, block=block, token=bound.token.raw[:200], status=bound.status, shown=bound.shown,
        value=bound.value, reason=bound.reason, source_hash=bound.source_hash, sources=list(bound.sources),
        settled_at=timezone.now(),
    )  # fmt: skip


@transaction.atomic
def save_block(*, by, block: Block, text: str, lead: str | None = None, base_version: int) -> Block:
    """Save an edited block; new tokens are settled at once. Raises Refused when somebody else saved it meanwhile."""
    report = locked(block.report)
    check_can_edit(by, report)
    stored = Block.objects.get(pk=block.pk)
    if stored.version != base_version:
        raise Refused(_("Somebody else changed this paragraph meanwhile. Both texts are shown; merge them and save again."))
    old = stored.text
    stored.text, stored.version, stored.updated_by = text.replace("\r\n", "\n").strip(), base_version + 1, by
    stored.lead = stored.lead if lead is None else lead.strip()
    stored.save()
    settle_block(stored, load_binder(report))
    _touch(report)
    record(by, report, "save_block", changes=[{"block": stored.key, "old": old, "new": stored.text}])
    return stored


@transaction.atomic
def set_block_dropped(*, by, block: Block, dropped: bool) -> Block:
    """Leave a block out of the report, or take it in again."""
    report = locked(block.report)
    check_can_edit(by, report)
    block.is_dropped, block.version, block.updated_by = dropped, block.version + 1, by
    block.save(update_fields=["is_dropped", "version", "updated_by"])
    _touch(report)
    record(by, report, "drop_block" if dropped else "restore_block", changes=[{"block": block.key}])
    return block


@transaction.atomic
def save_head(*, by, report: Report, title: str, addressee: str, signature: str, issue_date) -> Report:
    """Save title, addressee, signature and date of issue."""
    report = locked(report)
    check_can_edit(by, report)
    report.title, report.addressee = title.replace("\r\n", "\n").strip(), addressee.strip()
    report.signature, report.issue_date = signature.strip(), issue_date
    report.save(update_fields=["title", "addressee", "signature", "issue_date"])
    _touch(report)
    record(by, report, "save_head", changes=[{"title": report.title, "addressee": report.addressee}])
    return report


@transaction.atomic
def update_figures(*, by, report: Report, blocks=None) -> Report:
    """Settle all numbers of a report (or of some blocks) anew, and take in months approved since."""
    report = locked(report)
    check_can_edit(by, report)
    report.cutoff_month = max(report.cutoff_month, _cutoff_month(report.unit, report.year))
    report.save(update_fields=["cutoff_month"])
    binder = load_binder(report)
    changes = []
    for block in blocks if blocks is not None else report.blocks.all():
        before = {row.token: row.shown for row in block.bound_figures.all()}
        settle_block(block, binder, renew=True)
        after = {row.token: row.shown for row in BoundFigure.objects.filter(block=block)}
        changes += [
            {"block": block.key, "token": token, "old": before.get(token, ""), "new": shown}
            for token, shown in after.items() if before.get(token, "") != shown
        ]  # fmt: skip
    _touch(report)
    record(by, report, "update_figures", changes=changes)
    return report


def _touch(report: Report) -> None:
    Report.objects.filter(pk=report.pk).update(edited=report.edited + 1)
