"""What does not go together in one row of a volunteer ledger: cleaned values -> field -> message."""

from django.utils.translation import gettext as _

from volunteers.choices import ActivityKind, TeamKind

SERIES = (ActivityKind.CHECKIN, ActivityKind.AUDIO, ActivityKind.DIALECT)


def activity_faults(values: dict) -> dict[str, str]:
    """A station's activity has its village; a stop or issue of a series has its number."""
    kind, faults = values.get("kind"), {}
    if kind == ActivityKind.STATION and values.get("village") is None:
        faults["village"] = _("Say which village's station held it; otherwise no village would be credited.")
    if kind in SERIES and values.get("issue_number") is None:
        faults["issue_number"] = _("Type the number of the stop or issue: the latest one is what is counted.")
    if values.get("hours") and values.get("village") is None:
        faults["village"] = _("Service hours are counted by village; choose the village.")
    return faults


def team_faults(values: dict) -> dict[str, str]:
    """A team has a kind."""
    return {} if values.get("kind") in TeamKind.values else {"kind": _("Say what the team is for.")}


def campaign_faults(values: dict) -> dict[str, str]:
    """A campaign does not end before it starts."""
    first, last = values.get("date"), values.get("date_to")
    if first and last and last < first:
        return {"date_to": _("The last day lies before the first. Swap the two, or correct one.")}
    return {}
