"""Forms of the annual report: its head, one block's text with tokens, a comment."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.binding import REFUSED, Binder
from reports.checking import MOST_BYTES
from reports.choices import BlockKind, Profile
from reports.letterheads import FIELDS, number_fault
from reports.models import Block, Report
from reports.services.writing import TEXT_LENGTH, clean_text
from reports.tokens import Fault, problems, tokens_of
from reports.verification import hash_start


class HeadForm(forms.ModelForm):
    """Title, addressee, signature and date of issue. `seen` marks what was on the screen."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        """The head's fields of a report."""

        model = Report
        fields = ("title", "addressee", "signature", "issue_date")
        widgets = {
            "title": forms.Textarea(attrs={"rows": 2}),
            "issue_date": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        }
        help_texts = {
            "title": gettext_lazy("Two lines, broken on sense: first the unit, then the subject."),
            "addressee": gettext_lazy("Ends with a full-width colon."),
            "issue_date": gettext_lazy("Left empty, the day of approval is printed."),
        }

    def __init__(self, *args, **options):
        """Ask of a red-head report what its head says besides."""
        super().__init__(*args, **options)
        if self.instance.profile == Profile.RED_HEAD:
            for name, field in letterhead_fields().items():
                self.fields[name] = field
                self.initial.setdefault(name, self.instance.letterhead.get(name, ""))

    def clean_title(self) -> str:
        """Keep at most three lines, none empty."""
        lines = [line.strip() for line in self.cleaned_data["title"].splitlines() if line.strip()]
        if len(lines) > 3:
            raise forms.ValidationError(_("A title has at most three lines."))
        return "\n".join(lines)

    def clean(self):
        """Judge the document number by the day of issue."""
        cleaned = super().clean()
        if number := cleaned.get("number"):
            cleaned["number"] = number = number.replace(" ", "")
            if reason := number_fault(number, self.instance, cleaned.get("issue_date")):
                self.add_error("number", reason)
        return cleaned

    @property
    def head(self) -> dict:
        """What save_head takes."""
        names = ("title", "addressee", "signature", "issue_date", "seen")
        given = {name: self.cleaned_data[name] for name in names}
        letterhead = {name: self.cleaned_data[name] for name in FIELDS if name in self.fields}
        return {**given, "letterhead": letterhead or None}


def letterhead_fields() -> dict[str, forms.Field]:
    """Return the fields of a red head, all of which may wait until the report is submitted."""
    texts = {
        "mark": (_("Issuing organ's mark (发文机关标志)"), _("The organ's full name and 文件."), 60),
        "number": (_("Document number (发文字号)"), _("Such as 云宣〔2026〕5号."), 40),
        "signatory": (_("Signatory (签发人)"), _("Whoever leads the organ; printed in the head of an upward document."), 40),
        "copies": (_("Copies to (抄送)"), _("Organs joined by ，; the full stop is made."), 300),
        "issuer": (_("Printed and issued by (印发机关)"), _("Usually the organ's office."), 60),
    }
    return {
        name: forms.CharField(label=label, help_text=hint, max_length=most, required=False)
        for name, (label, hint, most) in texts.items()
    }


class BlockForm(forms.Form):
    """A block's run-in title and text. Tokens that are broken or refused are named with their place; the text stays."""

    lead = forms.CharField(label=gettext_lazy("Run-in title"), max_length=120, required=False)
    text = forms.CharField(label=gettext_lazy("Text"), widget=forms.Textarea, max_length=TEXT_LENGTH, required=False, strip=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args, block: Block, binder: Binder | None = None, **options):
        """Take the block, and the binder that judges tokens."""
        initial = {"lead": block.lead, "text": block.text, "version": block.version}
        super().__init__(*args, initial=initial | options.pop("initial", {}), **options)
        self.block, self.binder, self.faults = block, binder, []
        self.fields["text"].widget.attrs |= {"rows": max(3, min(16, len(block.text) // 44 + 2)), "spellcheck": "false"}
        if block.kind not in (BlockKind.ITEM, BlockKind.PLAN):
            del self.fields["lead"]

    def clean_lead(self) -> str:
        """A run-in title quotes no figures: it is a name, and prints as it is."""
        return _without_tokens(self.cleaned_data["lead"])

    def clean_text(self) -> str:
        """Return the text as it is kept, or name every token that cannot stand."""
        typed = self.cleaned_data["text"]
        text = clean_text(typed, self.block.kind)
        if self.block.kind == BlockKind.ANNEX:
            _without_tokens(text)
        if not text and not self.block.is_optional and self.block.kind in (BlockKind.HEADING, BlockKind.ANNEX):
            raise forms.ValidationError(_("A heading cannot be empty."))
        self.faults = list(token_faults(typed.replace("\r\n", "\n"), self.binder))
        if self.faults:
            raise forms.ValidationError(
                _("%(count)d figures cannot stand as they are written; the text is kept below.") % {"count": len(self.faults)}
            )
        return text


def _without_tokens(title: str) -> str:
    if tokens_of(title):
        raise forms.ValidationError(_("A title quotes no figures; put them into the table or into a paragraph."))
    return title


def token_faults(text: str, binder: Binder):
    """Yield what is wrong with the tokens of a text, in the order of the text."""
    faults = [Fault(error.position, 1, error.reason) for error in problems(text)]
    tokens = tokens_of(text)
    binder.expect(tokens)
    for token in tokens:
        bound = binder.bind(token)
        if bound.status == REFUSED:
            faults.append(Fault(token.start, token.end - token.start, f"{token.raw}：{bound.reason}"))
    yield from sorted(faults, key=lambda fault: fault.start)


class VerifyForm(forms.Form):
    """A verification code, and the file to compare with the version that the code names."""

    code = forms.CharField(label=gettext_lazy("Verification code"), max_length=40)
    file = forms.FileField(label=gettext_lazy("File to compare (optional)"), required=False)

    def clean_code(self) -> str:
        """Refuse what is no code."""
        if hash_start(self.cleaned_data["code"]) is None:
            raise forms.ValidationError(
                _("This is no verification code: it has 12 letters and digits, such as 3FQ0-X7KM-20PD; check what was typed.")
            )
        return self.cleaned_data["code"]

    def clean_file(self):
        """Refuse a file that no export could be."""
        file = self.cleaned_data["file"]
        if file and file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than any export (30 MB); choose the exported file."))
        return file
