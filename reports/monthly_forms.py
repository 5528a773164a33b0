"""The browser's form for a district's form of the monthly return."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.return_form import MONTH, UNIT, ReturnForm
from reports.template_content import PARAMETER, mark_of

MOST_LABELS, LABEL_LENGTH = 9, 20
MOST_NOTES, NOTE_LENGTH = 6, 300


class MonthlyFormForm(forms.Form):
    """Title, labels to sign at and notes, a line each, and which way the paper lies."""

    title = forms.CharField(
        label=gettext_lazy("title"), max_length=60,
        help_text=gettext_lazy("{month} stands for the month of the return, {unit_name} for the township."),
    )  # fmt: skip
    signatures = forms.CharField(
        label=gettext_lazy("to be signed, a line each"), widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("They stand below the table, three side by side."),
    )  # fmt: skip
    notes = forms.CharField(
        label=gettext_lazy("notes below the table, a line each"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    landscape = forms.BooleanField(label=gettext_lazy("landscape paper"), required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, form: ReturnForm, **options):
        """Take the form that is in force."""
        lines = {"signatures": "\n".join(form.signatures), "notes": "\n".join(form.notes)}
        initial = {"title": form.title, "landscape": form.landscape, "seen": mark_of(form.content), **lines}
        super().__init__(*args, initial=initial, **options)

    def clean_title(self) -> str:
        """The month tells one return from another, so it stands in the title."""
        title = self.cleaned_data["title"]
        if MONTH not in title:
            raise forms.ValidationError(_("The title lacks {month}: without it nobody sees which month a sheet is of."))
        if unknown := [name for name in PARAMETER.findall(title) if "{" + name + "}" not in (MONTH, UNIT)]:
            words = _("“%(name)s” stands for nothing here; there are {month} and {unit_name}.")
            raise forms.ValidationError(words % {"name": unknown[0]})
        return title

    def clean_signatures(self) -> tuple[str, ...]:
        """At least one, and short enough to stand beside others."""
        return _lines(self.cleaned_data["signatures"], MOST_LABELS, LABEL_LENGTH)

    def clean_notes(self) -> tuple[str, ...]:
        """There may be none."""
        return _lines(self.cleaned_data["notes"], MOST_NOTES, NOTE_LENGTH)

    @property
    def return_form(self) -> ReturnForm:
        """What was typed, once it is valid."""
        return ReturnForm(*(self.cleaned_data[name] for name in ("title", "signatures", "notes", "landscape")))


def _lines(text: str, most: int, length: int) -> tuple[str, ...]:
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    if len(lines) > most:
        raise forms.ValidationError(_("At most %(most)d lines; these are %(count)d.") % {"most": most, "count": len(lines)})
    if long := next((line for line in lines if len(line) > length), ""):
        words = _("“%(line)s…” is too long: %(count)d characters, at most %(most)d a line.")
        raise forms.ValidationError(words % {"line": long[:12], "count": len(long), "most": length})
    return lines
