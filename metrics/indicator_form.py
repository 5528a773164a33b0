"""The form of an indicator: everything that the catalogue files can say, chosen from what the district's set holds.

A ledger binding is chosen from the registry of ledgers: kind, what is counted of an entry, and which entries.
"""

from __future__ import annotations

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.catalogue_review import surroundings
from metrics.catalogue_rules import indicator_faults, row_of, set_faults
from metrics.catalogue_years import ByCode
from metrics.check_fields import check_fields, chosen_checks, chosen_rules, field_names, initial_checks
from metrics.choices import Aggregation, Level, Parts, Source
from metrics.ledgers import LedgerKind, ledger_kind, ledger_kinds
from metrics.models import Area, Catalogue, Indicator, NamedList

TEXTS = {
    "measure": gettext_lazy("Such as 次, 人次, 篇, or %."),
    "scope": gettext_lazy("What counts and what does not, from which day to which, and who keeps the record."),
    "sum_of": gettext_lazy("Hold Ctrl to choose several."),
    "any": gettext_lazy("None chosen means any."),
    "words": gettext_lazy("Exactly as in the entries; separate several with 、. Empty means any."),
}  # fmt: skip
NEW_CODE = "new_indicator"
FIELD_OF_KEY = {
    "scope": "scope_note", "required": "is_required", "ledger": "ledger_kind", "code": "name", "checks": "usual_checks",
}  # fmt: skip
PLAIN = ("name", "measure", "scope_note", "aggregation", "source", "level", "decimals", "parts",
         "is_required")  # fmt: skip
REFERENCES = ("numerator", "denominator", "rank_of", "list")
FREE_TEXT = ("name", "place", "note", "organiser", "link", "recipient", "evidence_ref")
MOST_TEXT = 60


class IndicatorForm(forms.Form):
    """One indicator of a set; `catalogue`'s rows are what it may refer to."""

    name = forms.CharField(label=gettext_lazy("name"), max_length=60)
    measure = forms.CharField(label=gettext_lazy("measure word"), max_length=8, help_text=TEXTS["measure"])
    scope_note = forms.CharField(
        label=gettext_lazy("statistical scope"), widget=forms.Textarea(attrs={"rows": 3}), required=False, max_length=500,
        help_text=TEXTS["scope"],
    )  # fmt: skip
    source = forms.ChoiceField(label=gettext_lazy("where it comes from"), choices=Source.choices)
    aggregation = forms.ChoiceField(label=gettext_lazy("how months add up"), choices=Aggregation.choices)
    level = forms.ChoiceField(label=gettext_lazy("one cell for each"), choices=Level.choices)
    decimals = forms.IntegerField(label=gettext_lazy("decimals"), min_value=0, max_value=4, initial=0)
    is_required = forms.BooleanField(label=gettext_lazy("must be filled"), required=False, initial=True)
    parent = forms.ChoiceField(label=gettext_lazy("part of (其中)"), required=False)
    parts = forms.ChoiceField(label=gettext_lazy("its own parts"), choices=Parts.choices, required=False)
    numerator = forms.ChoiceField(label=gettext_lazy("numerator"), required=False)
    denominator = forms.ChoiceField(label=gettext_lazy("denominator"), required=False)
    sum_of = forms.MultipleChoiceField(
        label=gettext_lazy("sum of"), required=False, widget=forms.SelectMultiple(attrs={"size": 8}), help_text=TEXTS["sum_of"]
    )
    rank_of = forms.ChoiceField(label=gettext_lazy("ranked by"), required=False)
    list = forms.ChoiceField(label=gettext_lazy("counted list"), required=False)
    ledger_kind = forms.ChoiceField(label=gettext_lazy("ledger"), required=False)
    usual_checks = forms.BooleanField(
        label=gettext_lazy("the usual checks"), required=False, help_text=gettext_lazy("Those that fit how it adds up.")
    )  # fmt: skip

    def __init__(self, *args, indicator: Indicator, indicators: ByCode, **kwargs):
        """Take the indicator (new ones have catalogue and area) and its set's rows, itself among them."""
        self.indicator, self.indicators = indicator, indicators
        self.catalogue: Catalogue = indicator.catalogue
        self.lists = list(self.catalogue.named_lists.select_related("area"))
        super().__init__(*args, initial=_initial(indicator), **kwargs)
        self._offer_rows()
        for kind in ledger_kinds():
            self.fields[f"measure_{kind.code}"] = _measure_field(kind)
            for name in condition_fields(kind):
                self.fields[f"where_{kind.code}_{name}"] = _condition_field(kind, name, self.lists)
        lists = [(row.code, row.name) for row in self.lists]
        self.fields.update(check_fields(self.fields["sum_of"].choices, lists))
        if not self.catalogue.is_draft and indicator.pk:
            for name, field in self.fields.items():
                field.disabled = name != "scope_note"

    def _offer_rows(self) -> None:
        area, own = self.indicator.area, self.indicator.code
        rows = [row for row in self.indicators.values() if row.code != own]
        beside = [row for row in rows if row.area_id == area.pk]
        self.fields["parent"].choices = _choices(beside)
        everything = _grouped(rows)
        for name in ("numerator", "denominator", "rank_of"):
            self.fields[name].choices = [("", "—"), *everything]
        self.fields["sum_of"].choices = everything
        self.fields["list"].choices = [("", "—"), *((row.code, row.name) for row in self.lists)]
        self.fields["ledger_kind"].choices = [("", "—"), *((kind.code, kind.name) for kind in ledger_kinds())]
        if self.indicator.source != Source.PARAM:
            self.fields["source"].choices = [pair for pair in Source.choices if pair[0] != Source.PARAM]
            self.fields["aggregation"].choices = [pair for pair in Aggregation.choices if pair[0] != Aggregation.PARAM]

    def clean(self):
        """Put what was chosen into the indicator and judge it as the catalogue files are judged."""
        cleaned = super().clean()
        if self.errors:
            return cleaned
        self._fill(cleaned)
        code = self.indicator.code or NEW_CODE
        around = surroundings(self.catalogue, self.indicators)
        row = {**row_of(self.indicator), "code": code}
        around.rows[code] = row
        around.counted.add(code)
        faults = [*indicator_faults(row, around), *(fault for at, fault in set_faults(around) if at == code)]
        for fault in faults:
            self.add_error(FIELD_OF_KEY.get(fault.key, fault.key), fault.message)
        return cleaned

    def _fill(self, cleaned: dict) -> None:
        indicator = self.indicator
        for name in PLAIN:
            setattr(indicator, name, cleaned[name].strip() if isinstance(cleaned[name], str) else cleaned[name])
        indicator.parent = self.indicators.get(cleaned["parent"])
        formula = {key: cleaned[key] for key in REFERENCES if cleaned[key]}
        if cleaned["sum_of"]:
            formula["sum_of"] = [code for code in self.indicators if code in cleaned["sum_of"]]
        if kind := ledger_kind(cleaned["ledger_kind"]):
            formula["ledger"] = _binding(kind, cleaned)
        indicator.formula = formula
        indicator.checks = chosen_checks(indicator, cleaned)

    # Groups for the template

    def group(self, *names: str):
        """Return bound fields by name."""
        return [self[name] for name in names]

    @property
    def ledger_groups(self):
        """Return (kind, bound fields) of every ledger; the page shows the chosen one's."""
        for kind in ledger_kinds():
            names = [f"measure_{kind.code}", *(f"where_{kind.code}_{name}" for name in condition_fields(kind))]
            yield kind, self.group(*names)

    @property
    def check_groups(self):
        """Return (aggregations it fits, bound fields) of every check that can be chosen; the page shows those that fit."""
        for rule in chosen_rules():
            yield " ".join(sorted(rule.aggregations)), self.group(*field_names(rule))


def _choices(rows) -> list[tuple[str, str]]:
    return [("", "—"), *((row.code, row.name) for row in rows)]


def _grouped(rows) -> list:
    areas: dict[Area, list] = {}
    for row in rows:
        areas.setdefault(row.area, []).append((row.code, row.name))
    return [(area.name, pairs) for area, pairs in sorted(areas.items(), key=lambda pair: pair[0].order)]


def _initial(indicator: Indicator) -> dict:
    if not indicator.pk:
        return {"source": Source.ENTERED, "aggregation": Aggregation.SUM, "level": Level.TOWNSHIP, "usual_checks": True}
    values = {name: getattr(indicator, name) for name in PLAIN}
    values |= {key: indicator.formula.get(key, "") for key in (*REFERENCES, "sum_of")}
    values["parent"] = indicator.parent.code if indicator.parent else ""
    return values | initial_checks(indicator) | _binding_initial(indicator.formula.get("ledger") or {})


def _binding_initial(binding: dict) -> dict:
    code = binding.get("kind", "")
    values = {"ledger_kind": code, f"measure_{code}": binding.get("measure", "count")}
    for key, wanted in binding.get("where", {}).items():
        name = key.partition("__")[0]
        kind = ledger_kind(code)
        column = kind.field(name) if kind else None
        if isinstance(column, models.BooleanField):
            wanted = "yes" if wanted else "no"
        elif column is not None and not column.choices and isinstance(wanted, list):
            wanted = "、".join(wanted)
        elif column is not None and column.choices and not isinstance(wanted, list):
            wanted = [wanted]
        values[f"where_{code}_{name}"] = wanted
    return values


def _binding(kind: LedgerKind, cleaned: dict) -> dict:
    """Return a ledger rule from the chosen fields, in the shape of the catalogue files."""
    where = {}
    for name in condition_fields(kind):
        chosen = cleaned[f"where_{kind.code}_{name}"]
        if not chosen:
            continue
        column = kind.field(name)
        if isinstance(column, models.BooleanField):
            where[name] = chosen == "yes"
        elif isinstance(column, models.ForeignKey):
            where[f"{name}__code"] = chosen
        else:
            values = chosen if isinstance(chosen, list) else [part.strip() for part in chosen.split("、") if part.strip()]
            where[name] = values[0] if len(values) == 1 else values
    measure = cleaned[f"measure_{kind.code}"] or "count"
    rule = {"kind": kind.code, "where": where} if where else {"kind": kind.code}
    return rule if measure == "count" else {**rule, "measure": measure}


def condition_fields(kind: LedgerKind) -> list[str]:
    """Return the columns of a ledger by which entries can be told apart: choices, yes or no, lists and short words."""
    return [name for name in kind.columns if _tells_apart(kind.field(name), name)]


def _tells_apart(column: models.Field, name: str) -> bool:
    if isinstance(column, models.ForeignKey):
        return column.related_model is NamedList
    if isinstance(column, models.CharField):
        return bool(column.choices) or (name not in FREE_TEXT and column.max_length <= MOST_TEXT)
    return isinstance(column, models.BooleanField)


def _measure_field(kind: LedgerKind) -> forms.ChoiceField:
    names = {name: str(kind.field(name).verbose_name) for name in kind.columns}
    numbers = [name for name in kind.columns if name in kind.countable]
    texts = [name for name in kind.columns if type(kind.field(name)) is models.CharField and not kind.field(name).choices]
    ends = [name for name in kind.columns if isinstance(kind.field(name), models.DateField) and name != kind.date_field]
    choices = [
        ("count", _("number of entries")),
        *((f"sum:{name}", _("sum of “%(field)s”") % {"field": names[name]}) for name in numbers),
        *((f"max:{name}", _("highest “%(field)s” since January") % {"field": names[name]}) for name in numbers),
        *((f"distinct:{name}", _("different names in “%(field)s” since January") % {"field": names[name]}) for name in texts),
        *((f"days:{name}", _("days up to “%(field)s”") % {"field": names[name]}) for name in ends),
    ]
    return forms.ChoiceField(label=_("what is counted"), choices=choices, required=False)


def _condition_field(kind: LedgerKind, name: str, lists) -> forms.Field:
    column = kind.field(name)
    label = str(column.verbose_name)
    if isinstance(column, models.ForeignKey):
        return forms.ChoiceField(label=label, required=False, choices=[("", _("any")), *((row.code, row.name) for row in lists)])
    if isinstance(column, models.BooleanField):
        return forms.ChoiceField(label=label, required=False, choices=[("", _("any")), ("yes", _("yes")), ("no", _("no"))])
    if column.choices:
        return forms.MultipleChoiceField(
            label=label, required=False, choices=column.choices, widget=forms.CheckboxSelectMultiple, help_text=TEXTS["any"]
        )
    return forms.CharField(label=label, required=False, max_length=120, help_text=TEXTS["words"])
