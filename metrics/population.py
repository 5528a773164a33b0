"""What the population counted is called. The catalogue and the templates say 户籍; a district may count 常住 in a year."""

import re

from accounts.choices import PopulationKind

_HOUSEHOLD_WORDS = re.compile("户籍(?=人口|居民|所在)")


def population_words(text: str, kind: str) -> str:
    """Return a name or scope of the catalogue in the words of a district's `population_kind`; other texts stay as they are."""
    return _HOUSEHOLD_WORDS.sub("常住", text) if kind == PopulationKind.RESIDENT else text


def name_by_population(indicators, kind: str) -> None:
    """Change names and scopes of loaded indicators, which are shown and never saved."""
    for row in indicators:
        row.name, row.scope_note = population_words(row.name, kind), population_words(row.scope_note, kind)
