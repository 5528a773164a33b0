"""What a report template quotes, held against the set of a year: names, periods, formats, parameters, conditions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from django.utils.translation import gettext as _

from accounts.choices import PopulationKind
from metrics.models import Catalogue, Indicator, NamedList
from metrics.periods import LAST_MONTH, PeriodError, parse_period
from metrics.population import population_words
from reports.alternatives import condition_fault, wordings
from reports.binding import by_any_name
from reports.choices import BlockKind, UnitClass
from reports.district_book import own_fault
from reports.figure_kinds import FigureKind, kind_of
from reports.formats import format_fault
from reports.models import ReportTemplate
from reports.naming import ORDER_FORMATS
from reports.plan_binding import ALL_TARGETS, OUTCOME_FORMAT, PLAN_WORDS, whole_plan_reason
from reports.queries import template_of
from reports.scopes import aggregate_fault
from reports.template_content import PARAMETER, all_texts, label_of, sample_values, texts_of, unknown_parameters
from reports.tokens import Fault, Token, problems, tokens_of
from reports.unit_words import district_word


@dataclass(frozen=True)
class Names:
    """What may be quoted: indicators and lists by code, name and former name, and what the parameters stand for."""

    indicators: dict[str, Indicator]
    lists: dict[str, NamedList]
    values: dict[str, str]
    year: int
    district_scope: str = "全区"  # "" in a template of the district's own report
    own_fault: Callable[[Indicator], str] = lambda _indicator: ""


def load_names(template: ReportTemplate) -> Names:
    """Return what a template may quote: the set in force in its year, its own parameters. Two queries."""
    district, year = template.district_id, template.year
    rows = sorted(Indicator.objects.of_year(district, year), key=lambda row: row.counts_in(year))
    values = sample_values(template.district, year, template.unit_class, template.content)
    indicators, lists = by_any_name(rows), by_any_name(NamedList.objects.of_year(district, year))
    if template.unit_class == UnitClass.DISTRICT:
        return Names(indicators, lists, values, year, "", partial(own_fault, indicators=indicators))
    return Names(indicators, lists, values, year, f"全{district_word(template.district)}")


def indicator_names(names: Names) -> dict[str, str]:
    """Return code -> name, for saying what a condition is about."""
    return {row.code: row.name for row in names.indicators.values()}


def text_faults(text: str, names: Names) -> Iterator[Fault]:
    """Yield what is wrong with a text's tokens and parameters, in the order of the text."""
    faults = [Fault(error.position, 1, error.reason) for error in problems(text)]
    for token in tokens_of(text):
        if reason := token_fault(token, names):
            faults.append(Fault(token.start, token.end - token.start, f"{token.raw}：{reason}"))
    for name in dict.fromkeys(unknown_parameters(text, names.values)):
        reason = _("There is no local fact called {%(name)s}.") % {"name": name}
        faults.append(Fault(text.index("{" + name + "}"), len(name) + 2, reason))
    if "{" in (rest := PARAMETER.sub(lambda match: "-" * len(match[0]), text)):
        faults.append(Fault(rest.index("{"), 1, _("“{” has no “}” behind it; a local fact is written {name}.")))
    yield from sorted(faults, key=lambda fault: fault.start)


def token_fault(token: Token, names: Names) -> str:
    """Return why a token cannot stand in any report of the year, "" when it can."""
    name, period, format_ = (_filled(part, names.values) for part in (token.name, token.period, token.format))
    is_whole = name == ALL_TARGETS or name in names.lists or period in PLAN_WORDS
    if token.scope and (is_whole or token.scope != names.district_scope):
        return _scope_reason(token, names)
    try:
        if period and period not in PLAN_WORDS:
            parse_period(period, year=names.year, cutoff_month=LAST_MONTH)
    except PeriodError as error:
        return str(error)
    if name == ALL_TARGETS:
        return "" if format_ in ("", OUTCOME_FORMAT) else whole_plan_reason()
    if name in names.lists:
        return format_fault(format_, FigureKind.LIST)
    indicator = names.indicators.get(name) or names.indicators.get(population_words(name, PopulationKind.RESIDENT))
    if indicator is None:
        return _("There is no indicator or list called “%(name)s”.") % {"name": name}
    if reason := aggregate_fault(indicator, token.aggregate):
        return reason
    if not token.scope and format_.rstrip("0123456789") not in ORDER_FORMATS and (reason := names.own_fault(indicator)):
        return reason
    return format_fault(format_, kind_of(indicator.aggregation, indicator.measure), indicator.measure)


def _scope_reason(token: Token, names: Names) -> str:
    if not names.district_scope:
        reason = _("This template speaks of the whole district, and a township may end: leave “%(scope)s” out.")
        return reason % {"scope": token.scope}
    reason = _("A template speaks of every township, so a figure is its own or “%(district)s”, not “%(scope)s”.")
    return reason % {"district": names.district_scope, "scope": token.scope}


def _filled(part: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        part = part.replace("{" + name + "}", value)
    return part


def content_faults(template: ReportTemplate, names: Names | None = None) -> list[str]:
    """Return what keeps a template from being used, each with the block it is in."""
    names = names or load_names(template)
    content = template.content
    found = [] if content.get("title", "").strip() else [_("The template has no title.")]
    if not any(block["kind"] != BlockKind.ANNEX for block in content["blocks"]):
        found.append(_("The template has no paragraph."))
    for text in all_texts({**content, "blocks": []}):
        found += [fault.reason for fault in text_faults(text, names)]
    for block in content["blocks"]:
        found += [f"{label_of(block)}：{reason}" for reason in block_faults(block, names)]
    return found


def block_faults(block: dict, names: Names) -> Iterator[str]:
    """Yield what is wrong with a block: texts, and the conditions of its alternatives."""
    for text in texts_of(block):
        yield from (fault.reason for fault in text_faults(text, names))
    for wording in wordings(block)[:-1]:
        if reason := condition_fault(wording["when"], wording.get("indicator", ""), names.indicators):
            yield reason


def serving_templates(district_id: int, year: int) -> list[ReportTemplate]:
    """Return the templates that a district and its townships use in a year, each class its own: what a new year begins with."""
    rows = list(ReportTemplate.objects.in_force(district_id, year).select_related("district", "published_by"))
    classes = [value for value in UnitClass.values if value]
    served = {kind: (kind,) if kind == UnitClass.DISTRICT else (UnitClass.ALL, kind) for kind in classes}
    found = [next((row for row in rows if row.unit_class in served[kind]), None) for kind in classes]
    found = found if any(found) else [template_of(district_id, year)]  # which may stand in, where the district has none yet
    return list({row.pk: row for row in found if row}.values())


def template_obstacles(catalogue: Catalogue) -> list[str]:
    """Return what the templates for the set's first year quote and the set does not hold, by name with the blocks."""
    known = by_any_name(catalogue.indicators.all()) | by_any_name(catalogue.named_lists.all())
    if catalogue.district_id is None:
        return []
    return [
        reason for template in serving_templates(catalogue.district_id, catalogue.first_year)
        for reason in _obstacles(template, known)
    ]  # fmt: skip


def _obstacles(template: ReportTemplate, known: dict) -> Iterable[str]:
    lacking = defaultdict(list)
    for block in template.content.get("blocks", ()):
        names = [token.name for text in texts_of(block) for token in tokens_of(text)]
        names += [code for wording in wordings(block) if (code := wording.get("indicator"))]
        for name in dict.fromkeys(names):
            if name not in known and name != ALL_TARGETS:
                lacking[name].append(block["key"])
    words = _("The report template “%(template)s” quotes “%(name)s” (%(blocks)s), which this set does not hold.")
    for name, keys in lacking.items():
        yield words % {"template": template.name, "name": name, "blocks": "、".join(keys)}
