"""The form of an export of all townships: year, which reports, format."""

from django import forms
from django.utils.translation import gettext_lazy

from reports.render import files

APPROVED, DRAFTS_TOO = "approved", "drafts"


class BatchForm(forms.Form):
    """`cleaned_data` is year, with_drafts and file_format, as the service takes them."""

    year = forms.IntegerField(min_value=2000, max_value=2100, widget=forms.HiddenInput)
    reports = forms.ChoiceField(
        label=gettext_lazy("Which reports"), initial=APPROVED, widget=forms.RadioSelect,
        choices=(
            (APPROVED, gettext_lazy("Approved reports only")),
            (DRAFTS_TOO, gettext_lazy("Drafts too, marked as not approved")),
        ),
    )  # fmt: skip
    format = forms.ChoiceField(
        label=gettext_lazy("Format"), initial=files.DEFAULT, choices=[(name, one.label) for name, one in files.FORMATS.items()]
    )

    def clean(self) -> dict:
        """Return the service's words for what was chosen."""
        cleaned = super().clean()
        with_drafts = cleaned.pop("reports", APPROVED) == DRAFTS_TOO
        file_format = cleaned.pop("format", files.DEFAULT)
        return {**cleaned, "with_drafts": with_drafts, "file_format": file_format}
