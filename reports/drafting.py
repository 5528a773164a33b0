"""A template becomes a township's report: unsaved rows, from approved figures. Creating saves them, a trial only shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from metrics.models import DistrictYear
from metrics.periods import LAST_MONTH, WHOLE_YEAR
from reports.alternatives import choose
from reports.assembly import load_binder
from reports.binding import REFUSED, Binder
from reports.choices import BlockKind, Profile
from reports.models import Block, Report, ReportTemplate
from reports.template_files import block_values, fill, template_values
from reports.tokens import Token, parse, tokens_of, write_token
from reports.typed import pattern_of, with_numbers_fixed

# Approximations that a round number refuses: the template's sentence then prints the exact number.
APPROXIMATE = ("余", "多", "十余", "近", "超", "突破", "以上", "约", "万")
# Words of a finished year, and what stands in their place beside a figure of an unfinished one.
SHORTENED_WORDS = {"截至12月底": "截至目前", "12月底": "目前", "1—12月": "今年以来", "全年": "今年以来"}
_WHOLE_YEAR_BEFORE = rf"({'|'.join(SHORTENED_WORDS)})(?!龄)[^。；！？【】]*"
SETTINGS_KEPT = ("front_rank_share", "lagging_share", "lagging_most", "volunteer_target_share", "population_kind",
                 "volunteer_standard_hours")  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """A report and its blocks, none of them saved, and the figures they are to be settled with."""

    report: Report
    blocks: list[Block]
    binder: Binder


def draft_report(unit, year: int, template: ReportTemplate, *, settings: DistrictYear, cutoff_month: int) -> Draft:
    """Return what a township's report would be, in a number of queries that does not grow with its length.

    Numbers that the template brings are the district's word, no figures: they come in as fixed text 〖…〗.

    Raises template_files.TemplateError for a parameter that there is none of.
    """
    content = template.content
    values = template_values(unit, year, content)
    report = Report(
        unit=unit, year=year, cutoff_month=cutoff_month, template=template if template.pk else None, profile=template.profile,
        letterhead=_letterhead(template, values), settings_copy={name: str(getattr(settings, name)) for name in SETTINGS_KEPT},
        **{name: fill(content[name], values) for name in ("title", "addressee", "signature")},
    )  # fmt: skip
    binder = load_binder(report)
    values = block_values(report, unit, content)
    blocks = [_block(report, order * 10, row, values, binder) for order, row in enumerate(content["blocks"])]
    return Draft(report, blocks, binder)


def _letterhead(template: ReportTemplate, values: dict[str, str]) -> dict[str, str]:
    if template.profile != Profile.RED_HEAD:
        return {}
    return {name: fill(template.content.get(name, ""), values) for name in ("mark", "issuer")}


def _block(report: Report, order: int, row: dict, values: dict[str, str], binder: Binder) -> Block:
    pattern = pattern_of(binder.book)
    lead = row["annex"] if row["kind"] == BlockKind.ANNEX else with_numbers_fixed(fill(row.get("lead", ""), values), pattern)
    text, choice = choose(row, binder)
    text = with_numbers_fixed(fitted(fill(text, values), binder), pattern)
    return Block(
        report=report, key=row["key"], order=order, kind=row["kind"], level=row.get("level", 0), lead=lead, text=text,
        is_optional=row.get("optional", False), watch=row.get("watch", []), choice=choice,
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
        token = _token(token, period="今年以来")
    if token.format.rstrip("0123456789") in APPROXIMATE and binder.bind(token).status == REFUSED:
        token = _token(token, format="")
    return token


def _token(token: Token, **changes: str) -> Token:
    """Return the token as it is written with other words in some of its parts."""
    parts = {name: getattr(token, name) for name in ("name", "period", "format", "scope", "aggregate")}
    return parse(write_token(**(parts | changes)))[0]
