"""Forms of a draft template: its head, its local facts, one block with its wordings."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.alternatives import MOST_ALTERNATIVES, condition_fault
from reports.choices import ANNEX_LABELS, BlockKind, Profile, When
from reports.models import ReportTemplate
from reports.services.template_writing import head_facts
from reports.services.writing import TEXT_LENGTH, clean_text
from reports.template_content import LEVELS, VALUE_LENGTH, Fact, facts_of, mark_of, new_fact_name, value_fault
from reports.template_names import Names, text_faults
from reports.tokens import Fault, tokens_of

WITH_LEAD = (BlockKind.ITEM, BlockKind.PLAN)
MOST_FACTS = 60


def first_fault(text: str, names: Names) -> str:
    """Return the first thing wrong with a line of the head, where no figure can stand, "" when there is none."""
    if tokens_of(text):
        return _("Figures stand in paragraphs; a line of the head takes words and local facts in {}.")
    return next((fault.reason for fault in text_faults(text, names)), "")


class TemplateHeadForm(forms.Form):
    """Name, profile, and the lines above and below the text."""

    name = forms.CharField(label=gettext_lazy("name"), max_length=80)
    profile = forms.ChoiceField(label=gettext_lazy("profile"), choices=Profile.choices)
    title = forms.CharField(
        label=gettext_lazy("title"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Two lines, broken on sense: first the unit, then the subject."),
    )  # fmt: skip
    addressee = forms.CharField(
        label=gettext_lazy("addressee"), max_length=100, required=False, help_text=gettext_lazy("Ends with a full-width colon.")
    )
    signature = forms.CharField(label=gettext_lazy("signature"), max_length=100, required=False)
    mark = forms.CharField(
        label=gettext_lazy("issuing organ's mark (red head)"), max_length=60, required=False,
        help_text=gettext_lazy("The organ's full name and 文件; a red-head report needs it."),
    )  # fmt: skip
    issuer = forms.CharField(label=gettext_lazy("printed and issued by (red head)"), max_length=60, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, template: ReportTemplate, names: Names, **options):
        """Take the template, and what its lines may name."""
        facts = head_facts(template)
        super().__init__(*args, initial=facts | {"seen": mark_of(facts)} | options.pop("initial", {}), **options)
        self.names = names

    def clean(self):
        """Judge every line; a red head needs its mark."""
        cleaned = super().clean()
        for name in ("title", "addressee", "signature", "mark", "issuer"):
            if reason := first_fault(cleaned.get(name, ""), self.names):
                self.add_error(name, reason)
        if cleaned.get("profile") == Profile.RED_HEAD and not cleaned.get("mark"):
            self.add_error("mark", _("A red head begins with the issuing organ's mark, such as {unit_name}人民政府文件."))
        return cleaned


class FactsForm(forms.Form):
    """The local facts, a row each, and one more to add. Braces and brackets would be read as parts of a text."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, template: ReportTemplate, **options):
        """Take the template, whose facts are the rows."""
        self.old = facts_of(template.content)
        initial = {"seen": mark_of([vars(row) for row in self.old])}
        for row in self.old:
            initial |= {f"label-{row.name}": row.label, f"value-{row.name}": row.value}
        super().__init__(*args, initial=initial | options.pop("initial", {}), **options)
        for row in [*self.old, Fact("new", "", "")]:
            self.fields[f"label-{row.name}"] = forms.CharField(label=_("what it is"), max_length=40, required=row.name != "new")
            self.fields[f"value-{row.name}"] = forms.CharField(label=_("value"), max_length=VALUE_LENGTH, required=False)
            self.fields[f"drop-{row.name}"] = forms.BooleanField(label=_("remove"), required=False)

    @property
    def rows(self) -> list[tuple]:
        """The facts with their fields: (fact, label, value, remove)."""
        return [(row, self[f"label-{row.name}"], self[f"value-{row.name}"], self[f"drop-{row.name}"]) for row in self.old]

    @property
    def new_label(self):
        """The name of one to add."""
        return self["label-new"]

    @property
    def new_value(self):
        """The value of one to add."""
        return self["value-new"]

    def clean(self):
        """Refuse what would be read as a token or another fact."""
        cleaned = super().clean()
        for field in [name for name in cleaned if name.startswith(("label-", "value-"))]:
            part, _dash, name = field.partition("-")
            if reason := value_fault(name if part == "value" else "", cleaned[field] or ""):
                self.add_error(field, reason)
        if cleaned.get("value-new") and not cleaned.get("label-new"):
            self.add_error("label-new", _("Say what this is, such as 建区周年数."))
        if cleaned.get("label-new") and len(self.old) >= MOST_FACTS:
            self.add_error("label-new", _("A template holds at most %(count)d local facts.") % {"count": MOST_FACTS})
        return cleaned

    @property
    def facts(self) -> list[Fact]:
        """The facts as typed, those to be removed left out, a new one at the end."""
        data = self.cleaned_data
        kept = [
            Fact(row.name, data[f"label-{row.name}"], data[f"value-{row.name}"])
            for row in self.old if not data[f"drop-{row.name}"]
        ]  # fmt: skip
        if data["label-new"]:
            kept.append(Fact(new_fact_name(self.old), data["label-new"], data["value-new"]))
        return kept


class TemplateBlockForm(forms.Form):
    """One block: run-in title, wordings with their conditions, the default last. What a kind does not have is not there."""

    level = forms.TypedChoiceField(
        label=gettext_lazy("level of the heading"), coerce=int, choices=[(level, level) for level in LEVELS]
    )
    annex = forms.ChoiceField(label=gettext_lazy("table"), choices=list(ANNEX_LABELS.items()))
    lead = forms.CharField(label=gettext_lazy("Run-in title"), max_length=120, required=False)
    text = forms.CharField(label=gettext_lazy("Text"), widget=forms.Textarea, max_length=TEXT_LENGTH, strip=False)
    optional = forms.BooleanField(label=gettext_lazy("a township may leave it out"), required=False)
    watch = forms.MultipleChoiceField(
        label=gettext_lazy("remind when one of these fell"), required=False, widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=gettext_lazy("Hold Ctrl to choose several."),
    )  # fmt: skip
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, block: dict, names: Names, **options):
        """Take the block as stored, or a new one with its kind alone."""
        self.block, self.names, self.kind, self.faults = block, names, block["kind"], {}
        initial = {**block, "seen": mark_of(block)}
        self.old = list(block.get("alternatives", ()))
        for number, row in enumerate(self.old, start=1):
            initial |= {f"text-{number}": row["text"], f"when-{number}": row["when"], f"indicator-{number}": row["indicator"]}
        super().__init__(*args, initial=initial | options.pop("initial", {}), **options)
        indicators = {row.code: row.name for row in names.indicators.values() if row.counts_in(names.year)}
        self.fields["watch"].choices = list(indicators.items())
        rows = max(3, min(14, len(block.get("text", "")) // 44 + 2)) if self.kind != BlockKind.HEADING else 2
        self.fields["text"].widget.attrs |= {"rows": rows, "spellcheck": "false"}
        self._add_wordings(list(indicators.items()), rows)
        self._drop_others()

    def _add_wordings(self, indicators: list, rows: int) -> None:
        choices = [("", "—"), *indicators]
        for number in self.numbers:
            self.fields[f"when-{number}"] = forms.ChoiceField(label=_("when"), choices=[("", "—"), *When.choices], required=False)
            self.fields[f"indicator-{number}"] = forms.ChoiceField(label=_("Indicator"), choices=choices, required=False)
            widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"})
            self.fields[f"text-{number}"] = forms.CharField(
                label=_("then this wording"), widget=widget, max_length=TEXT_LENGTH, required=False, strip=False
            )

    @property
    def numbers(self) -> range:
        """The alternatives' numbers: those there are, and one more while there is room. An annex has none."""
        most = 0 if self.kind == BlockKind.ANNEX else MOST_ALTERNATIVES
        return range(1, min(len(self.old) + 1, most) + 1)

    @property
    def wordings(self) -> list[tuple]:
        """The alternatives with their fields: (number, when, indicator, text)."""
        return [(n, self[f"when-{n}"], self[f"indicator-{n}"], self[f"text-{n}"]) for n in self.numbers]

    def _drop_others(self) -> None:
        kept = {"level": (BlockKind.HEADING,), "watch": (BlockKind.HEADING,), "annex": (BlockKind.ANNEX,), "lead": WITH_LEAD}
        for name, kinds in kept.items():
            if self.kind not in kinds:
                del self.fields[name]

    def clean(self):
        """Name every token, fact and condition that cannot stand; what was typed stays."""
        cleaned = super().clean()
        for name in [name for name in self.fields if name in ("lead", "text") or name.startswith("text-")]:
            typed = (cleaned.get(name) or "").replace("\r\n", "\n")
            if found := list(text_faults(typed, self.names)):
                self.faults[name] = found
                self.add_error(name, _fault_words(found))
        for number in self.numbers:
            self._clean_wording(number, cleaned)
        return cleaned

    def _clean_wording(self, number: int, cleaned: dict) -> None:
        text, when = (cleaned.get(f"{part}-{number}") or "" for part in ("text", "when"))
        if not text.strip() and not when:
            return
        if not text.strip():
            self.add_error(f"text-{number}", _("Write the wording for this condition, or clear the condition."))
        if reason := condition_fault(when, cleaned.get(f"indicator-{number}") or "", self.names.indicators):
            self.add_error(f"when-{number}", reason)

    def as_block(self) -> dict:
        """Return the block as typed; a wording without words is gone."""
        data = self.cleaned_data
        block = {**self.block, "text": clean_text(data["text"], self.kind), "optional": data["optional"]}
        block |= {name: data[name] for name in ("level", "annex", "lead", "watch") if name in self.fields}
        rows = [
            {"text": data[f"text-{n}"], "when": data[f"when-{n}"],
             "indicator": "" if data[f"when-{n}"] == When.ALWAYS else data[f"indicator-{n}"]}
            for n in self.numbers if data[f"text-{n}"].strip()
        ]  # fmt: skip
        block.pop("alternatives", None)
        return {**block, "alternatives": rows} if rows else block


def _fault_words(faults: list[Fault]) -> str:
    return " ".join(_("Character %(place)d: %(reason)s") % {"place": row.place, "reason": row.reason} for row in faults[:4])


class TemplatePublishForm(forms.Form):
    """What publishing needs: the version that was looked at."""

    base_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
