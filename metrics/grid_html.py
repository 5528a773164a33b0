"""One row of the entry grid as HTML. Ninety rows of thirty texts each are the dearest part of the page and take a third of the
time when they are written here instead of in a template (bench/results.md); everything around the rows is templates."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from html import escape

from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from metrics.grid import LedgerSum, Row
from metrics.ledger_filters import rule_address
from metrics.models import MonthlyReturn
from metrics.progress import Progress

BAR = 56  # units of the bar's width


def progress_bar(progress: Progress) -> str:
    """Return the bar: how much is reached, and where the calendar is. Its words stand beside it."""
    filled = min(BAR, int((progress.share or 0) * BAR / 100))
    mark = ""
    if progress.due is not None:
        at = min(BAR - 1, int(progress.due * BAR / 100))
        mark = f'<path class="tm" d="M{at} 0v10"/>'
    return (
        f'<svg class="bar" width="{BAR}" height="10" viewBox="0 0 {BAR} 10" aria-hidden="true" focusable="false">'
        f'<rect class="bg" y="2" width="{BAR}" height="6"/><rect class="fg{"" if progress.is_behind else " g"}" y="2" '
        f'width="{filled}" height="6"/>{mark}</svg>'
    )


def _words() -> dict[str, str]:
    """Return the words of a row in the reader's language, ready for HTML."""
    words = {
        "now": _("this month"), "last": _("Last month"), "ago": _("Year ago"), "change": _("Change on last month"),
        "to_date": _("Year to date"), "of_which": _("of which:"), "about": _("scope and history"), "was": _("formerly"),
        "comments": _("comments"), "blank": _("blank"), "villages": _("Villages"), "list": _("Named items"),
        "derived": _("calculated"), "param": _("set by district"), "rank": _("ranked"),
        "missing": _("Months without a figure: %(months)s"), "ledger": _("Ledger"), "ledger_now": _("ledger now"),
        "take": _("Use it"), "take_title": _("Put the ledger's sum into the cell"), "target": _("Target of the year"),
    }  # fmt: skip
    return {name: escape(text) for name, text in words.items()}


@dataclass(frozen=True)
class RowWriter:
    """Writes the rows of one page: `can_edit` gives typed cells an input."""

    monthly_return: MonthlyReturn
    can_edit: bool
    has_targets: bool = False
    words: dict[str, str] = field(default_factory=_words)

    def write(self, row: Row) -> SafeString:
        """Return the row's <tr>. Every text is escaped here: nothing that people wrote goes in as it is."""
        words, code = self.words, escape(row.code)
        cells = (
            self._head(row, code),
            f'<td class="u">{escape(row.measure)}</td>',
            f'<td class="num" data-l="{words["ago"]}">{escape(row.last_year)}</td>',
            f'<td class="num" data-l="{words["last"]}">{escape(row.last_month)}</td>',
            self._cell(row, code),
            f'<td class="num d" data-l="{words["change"]}"><output data-out="change:{code}">{escape(row.change)}</output></td>',
            self._to_date(row, code),
            self._target(row, code) if self.has_targets else "",
            f'<td class="x">{self._origin(row, code)}{self._comments(row, code)}{self._files(row, code)}</td>',
        )
        return mark_safe(f'<tr class="r {escape(row.classes)}" data-row="{code}">{"".join(cells)}</tr>')  # noqa: S308

    def _head(self, row: Row, code: str) -> str:
        of_which = f'<span class="of">{self.words["of_which"]}</span>' if row.is_first_part else ""
        name, star = escape(row.name), "<sup>*</sup>" if row.is_year_to_date else ""
        skipped = ' tabindex="-1"' if row.is_entered and self.can_edit else ""
        return (
            f'<th scope="row"><span class="no">{row.number}</span><span class="nm">{of_which}{name}{star}</span>'
            f'<a class="def" href="?cell={code}#inspector" data-cell="{code}"{skipped} title="{escape(row.scope)}" '
            f'aria-label="{name}: {self.words["about"]}"></a></th>'
        )

    def _cell(self, row: Row, code: str) -> str:
        if not row.has_cell or (self.can_edit and not row.is_entered):
            return f'<td class="cell calc" id="c-{code}"><output data-out="now:{code}">{escape(row.this_month)}</output></td>'
        shown = escape(row.cell.shown)
        if self.can_edit:
            return f'<td class="cell v-{row.cell.kind}">{self._input(row, code, shown)}</td>'
        before = f'<del>{escape(row.before)}</del><span class="to"> → </span>' if row.is_changed else ""
        text = self.words["blank"] if row.cell.is_blank else shown
        return f'<td class="cell ro v-{row.cell.kind}" id="c-{code}">{before}<b>{text}</b></td>'

    def _input(self, row: Row, code: str, shown: str) -> str:
        described = f' aria-describedby="m-{code}"' if row.messages else ""
        invalid = ' aria-invalid="true"' if row.level == "error" else ""
        return (
            f'<input id="c-{code}" name="f-{code}" value="{shown}" inputmode="decimal" maxlength="200" '
            f'aria-label="{escape(row.name)}，{escape(row.measure)}，{self.words["now"]}"{described}{invalid}>'
        )

    def _to_date(self, row: Row, code: str) -> str:
        title = ""
        if row.months_missing:
            title = f' title="{self.words["missing"] % {"months": escape(row.months_missing)}}"'
        text = f'<output data-out="ytd:{code}">{escape(row.to_date)}</output>'
        return f'<td class="num y" data-l="{self.words["to_date"]}"{title}>{text}</td>'

    def _target(self, row: Row, code: str) -> str:
        """Write how far the year's target is reached, a bar with the calendar's mark, and the pace in words."""
        found, words = row.progress, self.words
        if found is None:
            return '<td class="t"></td>'
        text = f'<output data-out="target:{code}">{found.share_text}</output>'
        pace = f'<output class="pace{" late" if found.is_behind else ""}" data-out="pace:{code}">{escape(found.pace)}</output>'
        title = f"{words['target']} {escape(found.target)} {escape(row.measure)}"
        return f'<td class="num t" data-l="{words["target"]}" title="{title}">{text}{progress_bar(found)}{pace}</td>'

    def _origin(self, row: Row, code: str) -> str:
        """Say where a figure comes from when the township does not type it here; of a typed one, what it was before."""
        if row.has_cell:
            was = row.is_changed and self.can_edit
            before = f' <span class="was">{self.words["was"]} {escape(row.before)}</span>' if was else ""
            return self._ledger(row, code) + before
        word = self.words[{"village": "villages"}.get(row.source, row.source)]
        if row.source == "village":
            url = reverse("volunteers:village_sheet", args=[self.monthly_return.pk])
            return f'<a href="{url}">{word} <output data-out="villages:{code}">{row.filled}/{row.fillable}</output></a>'
        if row.source == "list":
            query = f"list={escape(row.list_code)}&amp;year={self.monthly_return.year}&amp;unit={self.monthly_return.unit_id}"
            return f'<a href="{reverse("metrics:item_list")}?{query}">{word}</a>'
        return f'<span class="muted">{word}</span>'

    def _ledger(self, row: Row, code: str) -> str:
        """Link the ledger with its sum; beside a cell that differs stands a button that takes it."""
        if not row.ledger:
            return ""
        words, about = self.words, self.monthly_return
        address = escape(rule_address(row.ledger.rule, about.unit, about.year, about.month))
        word = words["ledger_now" if row.ledger.is_off and not self.can_edit else "ledger"]
        output = f'<output data-out="ledger:{code}">{escape(row.ledger.shown)}</output>'
        # Tab goes from cell to cell; the keyboard reaches the ledger by the inspector.
        skipped = ' tabindex="-1"' if self.can_edit else ""
        return f'<a class="led" href="{address}"{skipped}>{word} {output}</a>{self._take(row.ledger, code)}'

    def _take(self, ledger: LedgerSum, cell: str) -> str:
        if not self.can_edit or not ledger.raw:
            return ""
        title = f'title="{self.words["take_title"]}"'
        fix = f'name="fix" value="{cell}={ledger.raw}" data-ledger="{cell}"'
        return f' <button type="submit" class="btn2 sm take" {fix} {title}>{self.words["take"]}</button>'

    def _comments(self, row: Row, code: str) -> str:
        if not row.all_comments:
            return ""
        label = f"{escape(row.name)}: {row.all_comments} {self.words['comments']}"
        link = f'class="cm" href="?cell={code}#inspector" data-cell="{code}" aria-label="{label}"'
        return f" <a {link}>{row.all_comments}</a>"

    def _files(self, row: Row, code: str) -> str:
        if not row.files and not row.needs_evidence:
            return ""
        return evidence_mark(row.code, row.files, is_needed=row.needs_evidence, is_skipped=self.can_edit)


def evidence_mark(cell: str, count: int, *, is_needed: bool, is_skipped: bool) -> SafeString:
    """Return the marks of a row's files, links to the inspector: how many there are, and 缺, which shows while one is wanting.

    `is_skipped`: Tab passes them by on its way from cell to cell.
    """
    files = _mark(cell, "ev", _("evidence: %(count)d files") % {"count": count}, count, is_skipped) if count else ""
    wanting = _mark(cell, "ev lacks", _("evidence missing"), _("evidence lacking"), is_skipped) if is_needed else ""
    return mark_safe(files + wanting)  # noqa: S308


def _mark(cell: str, classes: str, words: str, shown, is_skipped: bool) -> str:
    skipped = ' tabindex="-1"' if is_skipped else ""
    code, label = escape(cell), f'aria-label="{escape(words)}" title="{escape(words)}"{skipped}'
    icon = f'<svg class="ic" aria-hidden="true" focusable="false"><use href="{paperclip()}"/></svg>'
    return f' <a class="{classes}" href="?cell={code}#inspector" data-cell="{code}" {label}>{icon}{escape(str(shown))}</a>'


@cache
def paperclip() -> str:
    """Return the address of the icon."""
    return static("vendor/bootstrap-icons-1.13.2/icons.svg") + "#paperclip"
