"""Forms of a district's villages: a new one, its name, its end, a merger, and the population of a year."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.choices import VILLAGE_KINDS, UnitKind
from accounts.models import Unit
from metrics.forms import DayInput
from metrics.population_input import read_persons, read_population_list
from metrics.services import PersonsInput

KINDS = [(kind.value, kind.label) for kind in UnitKind if kind in VILLAGE_KINDS]
CODE_HELP = gettext_lazy("12 digits, as in the statistical division codes. It stays for ever, also when the name changes.")


class VillageForm(forms.Form):
    """A new village."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    code = forms.CharField(label=gettext_lazy("Code"), max_length=12, help_text=CODE_HELP)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=KINDS)
    valid_from = forms.DateField(
        label=gettext_lazy("Exists from"), widget=DayInput,
        help_text=gettext_lazy("It has a row from the month of this day on."),
    )  # fmt: skip


class RenameForm(forms.Form):
    """Another name for a village, always meant: a slip of the pen is put right."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60,
        help_text=gettext_lazy("The code stays. Approved versions of reports keep the name they were printed with; all other "
                               "pages show the new one."),
    )  # fmt: skip


class NewNameForm(forms.Form):
    """A name that a village carries from a day on."""

    name = forms.CharField(label=gettext_lazy("New name"), max_length=60)
    since = forms.DateField(
        label=gettext_lazy("Named so from"), widget=DayInput,
        help_text=gettext_lazy("Months before, also approved ones, keep the old name; totals and comparisons go on across it."),
    )  # fmt: skip
    code = forms.CharField(
        label=gettext_lazy("Code under the new name"), max_length=12,
        help_text=gettext_lazy("12 digits, as in the statistical division codes; another one than before, which stays with the "
                               "old name."),
    )  # fmt: skip


class EndForm(forms.Form):
    """The last day of a village; empty while it goes on."""

    valid_to = forms.DateField(
        label=gettext_lazy("Last day"), widget=DayInput, required=False,
        help_text=gettext_lazy("On 30 June it is in June's rows and not in July's. Its figures stay in the totals of the year. "
                               "Empty: it goes on."),
    )  # fmt: skip


class MergeForm(forms.Form):
    """Which villages merge, into what, from when."""

    villages = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Villages that merge"), queryset=Unit.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    since = forms.DateField(
        label=gettext_lazy("Merged from"), widget=DayInput,
        help_text=gettext_lazy("The first day of the merged village; the others end on the day before."),
    )  # fmt: skip
    into = forms.ModelChoiceField(
        label=gettext_lazy("Into"), queryset=Unit.objects.none(), required=False,
        empty_label=gettext_lazy("a new village (fill in below)"),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Name of the new village"), max_length=60, required=False)
    code = forms.CharField(label=gettext_lazy("Code of the new village"), max_length=12, required=False, help_text=CODE_HELP)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of the new village"), choices=KINDS, required=False)

    def __init__(self, township: Unit, *args, **kwargs):
        """Offer the villages of the township that have not ended."""
        super().__init__(*args, **kwargs)
        standing = township.children.filter(valid_to__isnull=True)
        self.fields["villages"].queryset = self.fields["into"].queryset = standing

    def clean(self):
        """A new village needs name and code, one that stands takes none."""
        data = super().clean()
        for name in ("name", "code"):
            if not data.get("into") and not data.get(name) and "into" not in self.errors:
                self.add_error(name, _("A new village needs this; or choose above the village that stays."))
            if data.get("into") and data.get(name):
                self.add_error(name, _("Leave this empty, or choose “a new village” above: the one that stays keeps its own."))
        return data


class PopulationForm(forms.Form):
    """The household population of a township's villages in a year: a field each, and a list to be pasted over them."""

    pasted = forms.CharField(
        label=gettext_lazy("Or paste a list"), required=False, max_length=20000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=gettext_lazy("One village a line: name, tab, number, as copied from a spreadsheet. It goes over what stands in "
                               "the fields; villages that it does not name keep theirs."),
    )  # fmt: skip

    def __init__(self, villages, *args, **kwargs):
        """Make a field for each village, with what it was when the page was shown."""
        super().__init__(*args, **kwargs)
        self.villages = list(villages)
        for unit in self.villages:
            shown = "" if unit.persons is None else str(unit.persons)
            self.fields[f"p-{unit.pk}"] = forms.CharField(
                label=unit.name, required=False, max_length=40, initial=shown,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "num"}),
            )  # fmt: skip
            self.fields[f"was-{unit.pk}"] = forms.CharField(
                required=False, max_length=12, initial=shown, widget=forms.HiddenInput
            )

    @property
    def rows(self):
        """Each village with its field and the hidden one."""
        return [(unit, self[f"p-{unit.pk}"], self[f"was-{unit.pk}"]) for unit in self.villages]

    def clean(self):
        """Read the fields and the list by the one reader of numbers."""
        data = super().clean()
        pasted, faults = read_population_list(data.get("pasted", ""), self.villages)
        for fault in faults:
            self.add_error("pasted", fault)
        self.inputs = []
        for unit in self.villages:
            text = pasted.get(unit, data.get(f"p-{unit.pk}", ""))
            persons, fault = read_persons(text, unit.name)
            if fault and unit not in pasted:
                self.add_error(f"p-{unit.pk}", fault)
            was = data.get(f"was-{unit.pk}", "")
            self.inputs.append(PersonsInput(unit, persons, int(was) if was.isascii() and was.isdigit() else None))
        return data


def compared_anew(form: PopulationForm, villages) -> dict[str, str]:
    """Return what was typed into a form, beside what is stored by now."""
    stored = {f"was-{unit.pk}": "" if unit.persons is None else str(unit.persons) for unit in villages}
    return {**{name: form.data.get(name, "") for name in form.fields}, **stored}
