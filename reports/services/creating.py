"""Creating a year's report: blocks from the district's template, every number settled from approved figures."""

import re

from django.db import transaction

from accounts.models import Unit
from metrics.models import DistrictYear
from metrics.periods import LAST_MONTH, WHOLE_YEAR
from metrics.services import district_year
from reports.assembly import load_binder
from reports.binding import REFUSED, Binder
from reports.choices import BlockKind
from reports.models import Block, Report
from reports.permissions import check_can_create
from reports.queries import newest_approved_month, template_for
from reports.services.settling import settle_blocks
from reports.services.writing import record
from reports.template_files import block_values, fill, template_values
from reports.tokens import Token, parse, tokens_of, write_token
from workflow.choices import State
from workflow.services import once

# Approximations that a round number refuses: the template's sentence then prints the exact number.
APPROXIMATE = ("余", "多", "十余", "近", "超", "万")
# Words of a finished year, and what stands in their place beside a figure of an unfinished one.
SHORTENED_WORDS = {"截至12月底": "截至目前", "12月底": "目前", "1—12月": "今年以来", "全年": "今年以来"}
_WHOLE_YEAR_BEFORE = rf"({'|'.join(SHORTENED_WORDS)})(?!龄)[^。；！？【】]*"
SETTINGS_KEPT = ("front_rank_share", "lagging_share", "lagging_most", "volunteer_target_share", "population_kind",
                 "volunteer_standard_hours")  # fmt: skip


@transaction.atomic
def create_report(*, by, unit, year: int, form_key=None) -> Report:
    """Create a year's report, once for one `form_key`, in a number of queries that does not grow with its length.

    Raises Refused when it exists, when no template or no approved month is there, PermissionDenied for the wrong person.
    """
    return once(by=by, form_key=form_key, rows=Report.objects, make=lambda: _create_report(by, unit, year))


def _create_report(by, unit, year: int) -> Report:
    Unit.objects.select_for_update(of=("self",), no_key=True).get(pk=unit.pk)  # two clicks at once make one report
    check_can_create(by, unit, year)
    content = template_for(unit, year).content
    settings = district_year(unit.parent, year)
    report = Report.objects.create(
        unit=unit, year=year, cutoff_month=newest_approved_month(unit, year), created_by=by,
        settings_copy=_settings_copy(settings), **_head(content, template_values(unit, year, content)),
    )  # fmt: skip
    _make_blocks(by, report, content)
    record(by, report, "create", to_state=State.DRAFT)
    return report


def _head(content: dict, values: dict[str, str]) -> dict[str, str]:
    return {name: fill(content[name], values) for name in ("title", "addressee", "signature")}


def _settings_copy(settings: DistrictYear) -> dict[str, str]:
    return {name: str(getattr(settings, name)) for name in SETTINGS_KEPT}


def _make_blocks(by, report: Report, content: dict) -> None:
    binder = load_binder(report)
    values = block_values(report, report.unit, content)
    rows = [_block(by, report, order * 10, row, values, binder) for order, row in enumerate(content["blocks"])]
    settle_blocks(Block.objects.bulk_create(rows), binder)


def _block(by, report: Report, order: int, row: dict, values: dict[str, str], binder: Binder) -> Block:
    lead = row["annex"] if row["kind"] == BlockKind.ANNEX else fill(row.get("lead", ""), values)
    return Block(
        report=report, key=row["key"], order=order, kind=row["kind"], level=row.get("level", 0), lead=lead,
        text=fitted(fill(row.get("text", ""), values), binder), is_optional=row.get("optional", False),
        watch=row.get("watch", []), updated_by=by,
    )  # fmt: skip


def fitted(text: str, binder: Binder) -> str:
    """Return a template's text with 全年 of an unfinished year and approximations that the value refuses replaced."""
    for token in tokens_of(text):
        fit = _fitted_token(token, binder)
        if fit.period != token.period:
            text = re.sub(_WHOLE_YEAR_BEFORE + re.escape(token.raw), _as_of_now, text)
        text = text.replace(token.raw, fit.raw)
    return text


def _as_of_now(found: re.Match) -> str:
    """Return the words before a shortened token without their claim of a whole year."""
    return SHORTENED_WORDS[found[1]] + found[0][len(found[1]) :]


def _fitted_token(token: Token, binder: Binder) -> Token:
    if token.period in WHOLE_YEAR and binder.cutoff_month < LAST_MONTH:
        token = _token(token.name, "今年以来", token.format)
    if token.format.rstrip("0123456789") in APPROXIMATE and binder.bind(token).status == REFUSED:
        token = _token(token.name, token.period, "")
    return token


def _token(name: str, period: str, format_: str) -> Token:
    return parse(write_token(name, period, format_))[0]
