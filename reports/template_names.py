"""What a report template calls indicators and lists, held against the set of a year: nothing it quotes may be missing there."""

from __future__ import annotations

from collections import defaultdict

from django.utils.translation import gettext as _

from metrics.models import Catalogue
from reports.binding import by_any_name
from reports.plan_binding import ALL_TARGETS
from reports.queries import template_of
from reports.tokens import tokens_of


def template_obstacles(catalogue: Catalogue) -> list[str]:
    """Return what the template for the set's first year quotes and the set does not hold, by name with the blocks."""
    template = template_of(catalogue.district_id, catalogue.first_year) if catalogue.district_id else None
    if template is None:
        return []
    known = by_any_name(catalogue.indicators.all()) | by_any_name(catalogue.named_lists.all())
    lacking = defaultdict(list)
    for block in template.content.get("blocks", ()):
        for token in tokens_of(block.get("text", "")):
            if token.name not in known | {ALL_TARGETS: None} and block["key"] not in lacking[token.name]:
                lacking[token.name].append(block["key"])
    words = _("The report template “%(template)s” quotes “%(name)s” (%(blocks)s), which this set does not hold.")
    return [
        words % {"template": template.name, "name": name, "blocks": "、".join(keys)} for name, keys in lacking.items() if keys
    ]
