"""Forms of tables, charts and named lists: choices only, no number is typed. What is typed comes back when it cannot stand."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.periods import FIXED_MONTHS, LAST_MONTH, month_range
from reports.binding import Binder
from reports.built import (
    CHANGE,
    INDICATORS,
    MONTHS,
    MOST_INDICATORS,
    PLACES,
    PREVIOUS,
    VALUE,
    LayoutError,
    is_countable,
    layout_of,
)
from reports.choices import BlockKind
from reports.forms import BlockForm, token_faults
from reports.models import Block
from reports.services.writing import clean_text
from reports.tokens import tokens_of

TITLE_LENGTH = 80
COLUMNS = {
    "value": (gettext_lazy("The figures"), [VALUE]),
    "value+previous": (gettext_lazy("The figures and last year's"), [VALUE, PREVIOUS]),
    "value+change": (gettext_lazy("The figures and 同比"), [VALUE, CHANGE]),
    "value+previous+change": (gettext_lazy("The figures, last year's and 同比"), [VALUE, PREVIOUS, CHANGE]),
}
ROWS = [
    (MONTHS, gettext_lazy("Months as rows")),
    (INDICATORS, gettext_lazy("Indicators as rows")),
    (PLACES, gettext_lazy("Villages as rows")),
]
CHARTS = [("bar", gettext_lazy("Bars")), ("line", gettext_lazy("Lines")), ("pie", gettext_lazy("Pie"))]
STYLES = [
    ("names", gettext_lazy("One sentence: names (列表)")),
    ("detailed", gettext_lazy("One sentence: names with recipient and quantity (列表详)")),
    ("numbered", gettext_lazy("Numbered entries")),
]


def form_class(block: Block) -> type[BlockForm]:
    """Return the form that edits a block."""
    return {BlockKind.LIST: ListForm, BlockKind.TABLE: BuiltForm, BlockKind.CHART: ChartForm}.get(block.kind, BlockForm)


def period_words(cutoff_month: int) -> list[str]:
    """Return the periods that a table may speak of: the months so far, or a part of them."""
    fixed = [word for word, (_first, last) in FIXED_MONTHS.items() if last <= cutoff_month]
    whole = ["全年"] if cutoff_month == LAST_MONTH else []
    return ["今年以来", *whole, *fixed, *([month_range(1, cutoff_month)] if cutoff_month < LAST_MONTH else [])]


class _SpecForm(BlockForm):
    """What the forms of built blocks share: they open on the block's choices, and its title or lead-in is `text`."""

    is_built = True

    def __init__(self, *args, block: Block, binder: Binder, **options):
        """Offer the periods of the report, and what the block has chosen so far though it be no longer among them."""
        super().__init__(*args, block=block, binder=binder, initial=self.spec_initial(block), **options)
        periods = period_words(binder.cutoff_month)
        kept = block.spec.get("period")
        self.fields["period"].choices = [(word, word) for word in dict.fromkeys([*periods, *([kept] if kept else [])])]
        for name, field in self.fields.items():
            field.widget.attrs |= {"id": f"{name}-{block.pk}"}
        if isinstance(self.fields["text"].widget, forms.TextInput):
            del self.fields["text"].widget.attrs["rows"]

    @property
    def shown_fields(self):
        """The fields in order; the hidden version stands elsewhere."""
        return [self[name] for name in self.fields if name != "version"]

    @property
    def other_errors(self) -> list[tuple[str, str]]:
        """Errors of the choices, with the field's name."""
        names = [name for name in self.fields if name not in ("text", "version")]
        return [(self[name].label, reason) for name in names for reason in self[name].errors]


class BuiltForm(_SpecForm):
    """A table: title, indicators a line each, what stands in the rows and columns, period."""

    field_order = ("text", "indicators", "rows", "columns", "period")
    text = forms.CharField(label=gettext_lazy("Title of the table or chart"), max_length=TITLE_LENGTH, error_messages={
        "required": gettext_lazy("A table or chart needs a title.")})  # fmt: skip
    indicators = forms.CharField(
        label=gettext_lazy("Indicators, one a line"), max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "data-target": "names", "spellcheck": "false"}),
        help_text=gettext_lazy("Pick them from the list below, or type names; @ opens the list."),
    )  # fmt: skip
    rows = forms.ChoiceField(label=gettext_lazy("Rows"), choices=ROWS)
    columns = forms.ChoiceField(label=gettext_lazy("Columns"), choices=[(key, label) for key, (label, _c) in COLUMNS.items()])
    period = forms.ChoiceField(label=gettext_lazy("Period"))

    @staticmethod
    def spec_initial(block: Block) -> dict:
        """Return what the form opens on."""
        spec = block.spec
        if not spec:
            return {"rows": MONTHS, "columns": "value", "period": "今年以来"}
        return {**spec, "indicators": "\n".join(spec["indicators"]), "columns": "+".join(spec["columns"])}

    def __init__(self, *args, **options):
        """Show the indicators by name, and say what the places of the report are."""
        super().__init__(*args, **options)
        if self.binder.book.unit.is_district:
            self.fields["rows"].choices = [*ROWS[:-1], (PLACES, _("Townships as rows"))]
        codes = self.block.spec.get("indicators", ())
        found = [(code, self.binder.indicator_of(code)) for code in codes]
        self.initial["indicators"] = "\n".join(row.name if row else code for code, row in found)

    def clean_text(self) -> str:
        """A title quotes no figures: it stands above them."""
        title = clean_text(self.cleaned_data["text"], self.block.kind)
        if tokens_of(title):
            raise forms.ValidationError(_("A title quotes no figures; put them into the table or into a paragraph."))
        return title

    def clean_indicators(self) -> list[str]:
        """Return their codes, each once."""
        names = [line.strip(" 、,，;；【】") for line in self.cleaned_data["indicators"].splitlines()]
        rows = [(name, self.binder.indicator_of(name)) for name in names if name]
        if wrong := [name for name, row in rows if row is None or not is_countable(row)]:
            raise forms.ValidationError(
                _("No indicator that a table can show: %(names)s. Pick them from the list.") % {"names": "、".join(wrong)}
            )
        codes = list(dict.fromkeys(row.code for _name, row in rows))
        if not codes:
            raise forms.ValidationError(_("Pick at least one indicator."))
        if len(codes) > MOST_INDICATORS:
            raise forms.ValidationError(_("At most %(most)d indicators.") % {"most": MOST_INDICATORS})
        return codes

    def clean(self):
        """Draw it up once, so that what cannot be drawn is told here."""
        values = super().clean()
        names = ("rows", "indicators", "columns", "period", *(("chart",) if "chart" in self.fields else ()))
        if any(name not in values for name in names):
            return values
        spec = {name: values[name] for name in names} | {"columns": COLUMNS[values["columns"]][1]}
        try:
            layout_of(self.block.kind, spec, self.binder)
        except LayoutError as error:
            raise forms.ValidationError(str(error)) from error
        return {**values, "spec": spec}


class ChartForm(BuiltForm):
    """A chart: as a table, with its kind; comparisons in per cent are no bars."""

    field_order = ("text", "chart", "indicators", "rows", "columns", "period")
    chart = forms.ChoiceField(label=gettext_lazy("Kind of chart"), choices=CHARTS)
    columns = forms.ChoiceField(label=gettext_lazy("Columns"), choices=[(key, label) for key, (label, columns) in COLUMNS.items()
                                                                        if CHANGE not in columns])  # fmt: skip


class ListForm(_SpecForm):
    """A named list: the words before it, which list, period, and how it reads."""

    field_order = ("text", "list", "period", "style")
    text = forms.CharField(label=gettext_lazy("Words before the list"), max_length=600, required=False, strip=False,
                           widget=forms.Textarea(attrs={"rows": 2, "data-target": "tokens", "spellcheck": "false"}))  # fmt: skip
    list = forms.ChoiceField(label=gettext_lazy("Named list"))
    period = forms.ChoiceField(label=gettext_lazy("Period"))
    style = forms.ChoiceField(label=gettext_lazy("Reads as"), choices=STYLES)

    def __init__(self, *args, **options):
        """Offer the district's lists."""
        super().__init__(*args, **options)
        rows = {row.code: row.name for row in self.binder.lists.values()}
        self.fields["list"].choices = list(rows.items())

    @staticmethod
    def spec_initial(block: Block) -> dict:
        """Return what the form opens on."""
        return block.spec or {"period": "今年以来", "style": "names"}

    def clean_text(self) -> str:
        """Judge tokens in the words before the list."""
        typed = self.cleaned_data["text"]
        self.faults = [*token_faults(typed.replace("\r\n", "\n"), self.binder)]
        if self.faults:
            raise forms.ValidationError(_("%(count)d figures cannot stand as they are written; the text is kept below.")
                                        % {"count": len(self.faults)})  # fmt: skip
        return clean_text(typed, self.block.kind)

    def clean(self):
        """Put the choices together."""
        values = super().clean()
        if all(name in values for name in ("list", "period", "style")):
            values["spec"] = {name: values[name] for name in ("list", "period", "style")}
        return values
