"""Forms of named items and their lists, and of a district's settings."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.catalogue_rules import IN_TOKENS
from metrics.items import OPTIONAL_FIELDS
from metrics.ledger_rules import date_needed
from metrics.models import DistrictYear, Highlight, NamedList
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
        """Drop the fields that the item's list does not have; where items are counted, the date stays and is needed."""
        super().__init__(*args, **kwargs)
        named_list = self.instance.named_list
        kept = {*named_list.fields, "date_from"} if named_list.is_counted else {*named_list.fields}
        for name in OPTIONAL_FIELDS:
            if name not in kept:
                del self.fields[name]
        if named_list.is_counted:
            self.fields["date_from"].required = True
            self.fields["date_from"].error_messages["required"] = date_needed(named_list)
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


class NamedListForm(forms.ModelForm):
    """A kind of named item: what it is called, which fields its items have, what to write there."""

    fields_shown = forms.MultipleChoiceField(
        label=gettext_lazy("fields shown"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Besides the name, which every item has."),
    )  # fmt: skip

    class Meta:
        """Fields come by their own checkboxes; code and order are given by the service."""

        model = NamedList
        fields = ("name", "hint")
        labels = {"hint": gettext_lazy("hint for those who fill it")}
        widgets = {"hint": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args, **kwargs):
        """Offer the fields of named items; of a set in force only the hint is open."""
        super().__init__(*args, **kwargs)
        self.fields["fields_shown"].choices = [(name, Highlight._meta.get_field(name).verbose_name) for name in OPTIONAL_FIELDS]
        self.initial["fields_shown"] = self.instance.fields
        if self.instance.pk and not self.instance.catalogue.is_draft:
            self.fields["name"].disabled = self.fields["fields_shown"].disabled = True

    def clean_name(self):
        """Refuse a name that a token of a report could not hold, and one that the set has already."""
        name = self.cleaned_data["name"].strip()
        if signs := sorted(set(name) & IN_TOKENS):
            words = _("Reports quote the list by its name, so it cannot contain “%(signs)s”.")
            raise forms.ValidationError(words % {"signs": " ".join(signs)})
        others = self.instance.catalogue.named_lists.filter(name=name).exclude(pk=self.instance.pk)
        if others.exists() or self.instance.catalogue.indicators.filter(name=name, valid_to__isnull=True).exists():
            raise forms.ValidationError(_("This set has a list or indicator called “%(name)s” already.") % {"name": name})
        return name

    def clean(self):
        """Keep the chosen fields in the order of items."""
        cleaned = super().clean()
        self.instance.fields = list(cleaned.get("fields_shown", ()))
        if "quantity_measure" in self.instance.fields and "quantity" not in self.instance.fields:
            self.add_error("fields_shown", _("A measure word goes with a quantity; choose both or neither."))
        return cleaned


class PublishForm(forms.Form):
    """From which day a set is in force."""

    effect_date = forms.DateField(label=gettext_lazy("takes effect on"), widget=DayInput)
    base_version = forms.IntegerField(widget=forms.HiddenInput)
