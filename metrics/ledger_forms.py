"""One form for a ledger's row: hand entry, quick-add, import and command line all judge by it.

It reads what people and spreadsheets write: labels as well as codes, names of villages, numbers with separators, 是 and 否.
"""

from __future__ import annotations

import unicodedata
from datetime import date

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.forms import DayInput
from metrics.ledgers import LedgerKind
from metrics.models import Highlight, NamedList
from metrics.numbers import Kind, parse_number, plain

YES, NO = ("是", "有", "对", "√", "✓", "☑", "1", "y", "yes", "true", "on"), ("", "否", "无", "不是", "×", "0", "n", "no", "false")


def folded(text: str) -> str:
    """Return a text as names are compared: NFKC, no spaces, lower case."""
    return "".join(unicodedata.normalize("NFKC", str(text)).split()).casefold()


class LabelledChoiceField(forms.ChoiceField):
    """A choice that may be given by its value or by its label."""

    def to_python(self, value):
        """Return the value for what was typed; unknown text stays, to be refused with it."""
        known = {folded(name): key for key, label in self.choices for name in (key, label) if key}
        return known.get(folded(value or ""), str(value or "").strip())

    def validate(self, value):
        """Name the choices there are."""
        if value and not self.valid_value(value):
            labels = "、".join(str(label) for key, label in self.choices if key)
            raise forms.ValidationError(_("“%(typed)s” is none of: %(labels)s.") % {"typed": value, "labels": labels})
        super().validate(value)


class NamedRowField(forms.ModelChoiceField):
    """A row of another table, given by its id, code or name. `rows`, once set, spare a query for each of many forms."""

    rows: list | None = None

    def to_python(self, value):
        """Find the row; names count without spaces and width."""
        if value in self.empty_values:
            return None
        wanted = folded(value)
        for row in self.queryset if self.rows is None else self.rows:
            if wanted in (str(row.pk), folded(row.code), folded(row.name)):
                return row
        raise forms.ValidationError(_("“%(typed)s” was not found. Check the name.") % {"typed": value})

    def has_changed(self, initial, data):
        """Compare by id."""
        return str(initial or "") != str(data or "")


class WholeNumberField(forms.CharField):
    """A number of a ledger, read by the one parser of numbers; blank is no number, not zero."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def __init__(self, *, decimals: int = 0, **kwargs):
        """Take the decimals that the model's field keeps."""
        super().__init__(max_length=40, **kwargs)
        self.decimals = decimals

    def prepare_value(self, value):
        """Show plain digits."""
        return value if isinstance(value, str) else plain(value)

    def clean(self, value):
        """Return the number or None; refuse with the parser's own words."""
        read = parse_number(super().clean(value), decimals=self.decimals)
        if read.kind == Kind.TEXT:
            raise forms.ValidationError(read.message)
        return read.value

    def has_changed(self, initial, data):
        """Compare as text."""
        return self.prepare_value(initial) != (data or "").strip()


class YesNoInput(forms.CheckboxInput):
    """A tick on the page; a word from a file stays that word, where Django would take any text for a tick."""

    def value_from_datadict(self, data, files, name):
        """Return what was sent; a tick that is off sends nothing."""
        return data.get(name, False)


class YesNoField(forms.BooleanField):
    """是 or 否 in a spreadsheet, a tick on the page."""

    widget = YesNoInput

    def to_python(self, value):
        """Read the words and signs that people use; anything else is refused."""
        word = folded(value if value is not None and value is not False else "")
        if word not in YES and word not in NO:
            raise forms.ValidationError(_("“%(typed)s” is neither yes nor no; write 是 or 否.") % {"typed": value})
        return word in YES


class LedgerForm(forms.ModelForm):
    """A row of one ledger; the class for a kind is made by `ledger_form`."""

    ledger: LedgerKind

    def _get_validation_exclusions(self):
        """Rows of other tables were found by their field; the model need not look for them once more, a query each."""
        return super()._get_validation_exclusions() | {name for name in self.fields if self.ledger.field(name).is_relation}

    def clean(self):
        """Check the day, then what goes together in this ledger."""
        cleaned = super().clean()
        day = cleaned.get(self.ledger.date_field)
        if day and day > timezone.localdate() and not self.ledger.allows_future:
            self.add_error(self.ledger.date_field, _("%(day)s has not come yet. Enter what has happened.") % {"day": day})
        if day and day.year < 2000:
            self.add_error(self.ledger.date_field, _("%(day)s lies too far back. Check the year.") % {"day": day})
        for field, message in self.ledger.faults(cleaned).items():
            if field not in self.errors:
                self.add_error(field, message)
        return cleaned


def ledger_form(kind: LedgerKind) -> type[LedgerForm]:
    """Return the form class of a ledger. Give it `instance=kind.model(unit=...)`: villages and lists depend on the unit."""

    def __init__(self, *args, **kwargs):
        LedgerForm.__init__(self, *args, **kwargs)
        for name, field in self.fields.items():
            if name == kind.village_field:
                field.queryset = self.instance.unit.children.all()
            elif name == "named_list":
                field.queryset = NamedList.objects.of_year(self.instance.unit.parent_id, self.instance.year)

    meta = type("Meta", (), {"model": kind.model, "fields": kind.columns})
    own = {"Meta": meta, "ledger": kind, "__init__": __init__, "__doc__": f"A row of the ledger {kind.code}."}
    return type(f"{kind.model.__name__}Form", (LedgerForm,), {**own, **{name: _form_field(kind, name) for name in kind.columns}})


def _form_field(kind: LedgerKind, name: str) -> forms.Field:
    column = kind.field(name)
    values = {"label": column.verbose_name, "required": not column.blank}
    if column.choices:
        blank = [("", "—")] if column.blank or column.default in (models.NOT_PROVIDED, "") else []
        return LabelledChoiceField(choices=[*blank, *column.choices], initial=column.get_default(), **values)
    if isinstance(column, models.ForeignKey):
        return NamedRowField(column.related_model._default_manager.all(), **values)
    if isinstance(column, models.BooleanField):
        return YesNoField(label=column.verbose_name, required=False)
    if isinstance(column, models.DateField):
        words = _("This is no date. Write it as 2026-10-08 or 2026年10月8日, with the year.")
        return forms.DateField(widget=DayInput, error_messages={"invalid": words}, **values)
    if name in kind.countable:
        return WholeNumberField(decimals=getattr(column, "decimal_places", 0) or 0, **values)
    return forms.CharField(max_length=column.max_length, **values)


def new_entry(kind: LedgerKind, unit, day: date | None = None):
    """Return an unsaved entry of a township, for a form to fill."""
    if kind.model is Highlight:
        return Highlight(unit=unit, year=(day or timezone.localdate()).year)
    return kind.model(unit=unit, **({kind.date_field: day} if day else {}))
