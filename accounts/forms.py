"""Signing in and choosing a password."""

from django import forms
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.utils.translation import gettext_lazy as _


class SignInForm(forms.Form):
    """Login name and password; pasting is welcome."""

    login = forms.CharField(
        label=_("Login name"),
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class DifferentPassword:
    """Refuses the password the account has now."""

    def clean_new_password1(self):
        """Compare with the present password."""
        password = self.cleaned_data["new_password1"]
        if len(password) > 128:
            raise forms.ValidationError(_("The password is longer than 128 characters: please shorten it."))
        if self.user.check_password(password):
            raise forms.ValidationError(_("This is the password you have now. Please choose another."))
        return password


class FirstPasswordForm(DifferentPassword, SetPasswordForm):
    """A new password in place of a one-time one, which was asked for at sign-in and is not asked for again."""


class NewPasswordForm(DifferentPassword, PasswordChangeForm):
    """A new password, with the old one."""
