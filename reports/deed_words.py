"""What the pages say about a deed of a report: before it, what it does; after it, what comes next."""

from django.utils.translation import gettext as _

from workflow.choices import State


def consequence(deed: str, report) -> str:
    """Return what a deed does, for the page that asks for it."""
    if report.unit.is_district and (words := _consequences_at_home().get(deed)):
        return words
    return {
        "submit": _(
            "The whole document is kept as it is now and goes on to be signed off and reviewed. Until the review "
            "starts you can withdraw it."
        ),
        "sign_off": _("You confirm the report for the township; it goes to the district for review."),
        "head_send_back": _("The clerk can edit the report again and reads your reason."),
        "withdraw": _("The report becomes a draft again; this submission stays readable."),
        "start_review": _("The review starts; the township can no longer withdraw the report."),
        "send_back": _(
            "The township edits the report and submits it again. Say in one line what is to be done; comments on "
            "paragraphs go with it."
        ),
        "approve": _(
            "The report is frozen with its figures, annexes and hash. Whatever moves later, every export prints this version."
        ),
        "reopen": _(
            "The township can edit the report again. The frozen version stays as it is; the next approval makes a new one."
        ),
    }[deed]


def _consequences_at_home() -> dict[str, str]:
    return {
        "submit": _(
            "The whole document is kept as it is now. Another person of the department approves it or sends it "
            "back; until then you can withdraw it."
        ),
        "send_back": _(
            "The report can be edited and submitted again. Say in one line what is to be done; comments on paragraphs go with it."
        ),
        "reopen": _("The report can be edited again. The frozen version stays as it is; the next approval makes a new one."),
    }


def done_words(deed: str, report) -> str:
    """Return what happened and what comes next."""
    if report.unit.is_district and (words := _done_at_home().get(deed)):
        return words
    if deed == "submit" and report.state == State.AWAITING_SIGNOFF:
        return _("Submitted. The township head signs it off next.")
    return {
        "submit": _("Submitted to the district. You can withdraw it until the review starts."),
        "sign_off": _("Signed off and sent to the district."),
        "head_send_back": _("Sent back to the clerk."),
        "withdraw": _("Withdrawn. You can edit the report again."),
        "start_review": _("The review has started. Comment on paragraphs, then send back or approve."),
        "send_back": _("Sent back to the township."),
        "approve": _("Approved and frozen: every export from now on prints this version."),
        "reopen": _("Reopened. The frozen version stays; the next approval makes a new one."),
    }[deed]


def _done_at_home() -> dict[str, str]:
    return {
        "submit": _("Submitted. Another person of the department approves it or sends it back."),
        "send_back": _("Sent back. It can be edited again."),
    }
