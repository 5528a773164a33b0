"""Forms of named items and of a district's settings."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.items import OPTIONAL_FIELDS
from metrics.models import DistrictYear, Highlight
from metrics.numbers import Kind, parse_number, plain

QUANTITY_DECIMALS = 1


class DayInput(forms.DateInput):
    """The browser's own calendar; a day goes in and comes back as 2026-10-05."""

    input_type = "date"

    def __init__(self, attrs=None):
        """Fix the form the browser wants."""
        super().__init__(attrs, format="%Y-%m-%d")


class ItemForm(forms.ModelForm):
    """One named item: its name and those optional fields that its list asks for."""

    quantity = forms.CharField(
        label=gettext_lazy("quantity"), required=False, max_length=30, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )

    class Meta:
        """Dates by the browser's calendar; numbers as text, for people paste them with separators."""

        model = Highlight
        fields = ("name", *OPTIONAL_FIELDS)
        widgets = {"date_from": DayInput, "date_to": DayInput}

    def __init__(self, *args, **kwargs):
        """Drop the fields that the item's list does not have."""
        super().__init__(*args, **kwargs)
        for name in OPTIONAL_FIELDS:
            if name not in self.instance.named_list.fields:
                del self.fields[name]
        if self.instance.quantity is not None and "quantity" in self.fields:
            self.initial["quantity"] = plain(self.instance.quantity.normalize())

    def clean_quantity(self) -> Decimal | None:
        """Read the number as every figure is read."""
        read = parse_number(self.cleaned_data["quantity"], decimals=QUANTITY_DECIMALS, name=_("quantity"))
        if read.kind not in (Kind.VALUE, Kind.BLANK):
            raise forms.ValidationError(read.message or _("Type the quantity in digits, or leave it blank."))
        return read.value

    def clean(self):
        """Check the days against each other and the year, and that a quantity has its measure word."""
        cleaned = super().clean()
        first, last = cleaned.get("date_from"), cleaned.get("date_to")
        if first and last and last < first:
            self.add_error("date_to", _("The last day lies before the first. Swap the two, or correct one."))
        elif first and self.instance.year not in range(first.year, (last or first).year + 1):
            words = _("%(day)s is not in %(year)d. Correct the date, or enter the item in that year's list.")
            self.add_error("date_from", words % {"day": first, "year": self.instance.year})
        if "quantity_measure" in self.fields and cleaned.get("quantity") is not None and not cleaned.get("quantity_measure"):
            self.add_error("quantity_measure", _("Say what is counted, such as 场, 人次 or 册."))
        return cleaned


class DistrictYearForm(forms.ModelForm):
    """What a district decides for a year."""

    class Meta:
        """Everything but district and year, which the page fixes."""

        model = DistrictYear
        fields = (
            "needs_signoff", "due_day", "due_hour", "volunteer_standard_hours", "population_kind", "volunteer_target_share",
            "lagging_share", "lagging_most", "front_rank_share",
        )  # fmt: skip
        widgets = {
            name: forms.TextInput(attrs={"inputmode": "decimal"})
            for name in (
                "due_day", "due_hour", "volunteer_standard_hours", "volunteer_target_share", "lagging_share", "lagging_most",
                "front_rank_share",
            )
        }  # fmt: skip
        help_texts = {
            "needs_signoff": gettext_lazy("On: a submitted return waits for the township head before it reaches the district."),
            "due_day": gettext_lazy("Day of the following month, 1 to 28. Returns that are open already keep their due date."),
            "due_hour": gettext_lazy("Full hour, 0 to 23, Beijing time."),
            "volunteer_standard_hours": gettext_lazy("Hours a year from which a volunteer counts as qualified."),
            "volunteer_target_share": gettext_lazy("Qualified volunteers per hundred of the population counted."),
            "lagging_share": gettext_lazy("A village below this share of its target is named as lagging; 0.60 is 60 %."),
            "lagging_most": gettext_lazy("How many lagging villages a report names at most, the furthest behind first."),
            "front_rank_share": gettext_lazy(
                "Ranks within this share of the district's townships may be called front ranks; 0.34 is the first third."
            ),
        }

    def clean_due_day(self):
        """Say the range in words."""
        return self._within("due_day", 1, 28)

    def clean_due_hour(self):
        """Say the range in words."""
        return self._within("due_hour", 0, 23)

    def clean_front_rank_share(self):
        """A share lies between 0 and 1."""
        return self._within("front_rank_share", 0, 1)

    def clean_lagging_share(self):
        """A share lies between 0 and 1."""
        return self._within("lagging_share", 0, 1)

    def clean_volunteer_target_share(self):
        """A share in per cent."""
        return self._within("volunteer_target_share", 0, 100)

    def _within(self, name: str, least: int, most: int):
        value = self.cleaned_data[name]
        if not least <= value <= most:
            raise forms.ValidationError(_("Type a number from %(least)d to %(most)d.") % {"least": least, "most": most})
        return value
