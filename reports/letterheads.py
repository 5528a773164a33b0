"""The red head of a report: what it needs, what its number looks like, and how it prints."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from reports.choices import Profile
from reports.document import Letterhead
from reports.models import Report

FIELDS = ("mark", "number", "signatory", "copies", "issuer")
# 机关代字〔年〕序号号: full year in hexagonal brackets, no 第, no leading zero (GB/T 9704-2012 7.2.5).
NUMBER = re.compile(r"[^\s\d〔〕\[\]()（）【】第]{1,12}〔(?P<year>[12]\d{3})〕[1-9]\d{0,4}号")


def number_fault(number: str, report: Report, issue_date=None) -> str:
    """Return why a 发文字号 cannot stand, "" when it can. Its year is that of issue: the report's, or the one after it."""
    found = NUMBER.fullmatch(number)
    example = f"云宣〔{report.year + 1}〕5号"
    if found is None:
        return _("“%(number)s” is no document number. Write the organ's sign, the year in 〔〕, and the number without 第 or "
                 "leading zeros, such as %(example)s.") % {"number": number, "example": example}  # fmt: skip
    years = (issue_date.year,) if issue_date else (report.year, report.year + 1)
    if int(found["year"]) not in years:
        words = _("“%(number)s” is of another year; a document issued in %(years)s is numbered in that year.")
        return words % {"number": number, "years": "、".join(f"{year}年" for year in years)}
    return ""


def lacking(report: Report) -> list[str]:
    """Return what a red-head report still lacks in its head; nothing for any other."""
    if report.profile != Profile.RED_HEAD:
        return []
    kept = report.letterhead
    found = [] if kept.get("mark") else [_("The red head has no issuing organ's mark.")]
    number = kept.get("number", "")
    if not number:
        found.append(_("The document number (发文字号) is not entered yet."))
    elif reason := number_fault(number, report):
        found.append(reason)
    return found if kept.get("signatory") else [*found, _("An upward document names its signatory (签发人).")]


def letterhead_of(report: Report, issue_date: str) -> Letterhead | None:
    """Return the red head as it prints; `issue_date` in words is the day of printing too."""
    if report.profile != Profile.RED_HEAD:
        return None
    kept = {name: report.letterhead.get(name, "") for name in FIELDS}
    return Letterhead(**kept, issued=issue_date)
