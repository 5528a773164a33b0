"""Forms of the administration of accounts."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import Unit


class UnitChoice(forms.ModelChoiceField):
    """A unit of the district, villages with their township before them."""

    def label_from_instance(self, unit):
        """Return township and village, or the unit's name."""
        return f"{unit.parent.name} · {unit.name}" if unit.is_village else unit.name


class AccountForm(forms.Form):
    """A new account; its one-time password is made, never typed."""

    login = forms.CharField(
        label=_("Login name"),
        max_length=40,
        help_text=_("Lower-case letters, digits, dot, hyphen; 2 to 40 characters. It cannot be changed later."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    display_name = forms.CharField(
        label=_("Display name"), max_length=40, help_text=_("As it shall stand beside what the person does.")
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    unit = UnitChoice(
        label=_("Unit"),
        queryset=Unit.objects.none(),
        help_text=_("Village clerks work at a village, clerks and heads at a township, all others at the district."),
    )

    def __init__(self, user, *args, **kwargs):
        """Offer the units of the administrator's district."""
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.visible_to(user).select_related("parent").order_by("code")
