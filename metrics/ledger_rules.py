"""What does not go together in one ledger row: cleaned values -> field -> message. The same for hand entry and import."""

from django.utils.translation import gettext as _

from metrics.choices import InspectionKind, MediaChannel, MediaLevel, PracticeKind, StudyKind, VenueKind


def study_faults(values: dict) -> dict[str, str]:
    """Books need their number; only study sessions have exchange speeches."""
    faults = {}
    if values.get("kind") == StudyKind.BOOKS and not values.get("copies"):
        faults["copies"] = _("Say how many copies were handed out.")
    if values.get("speeches") and values.get("kind") not in (StudyKind.GROUP_STUDY, StudyKind.OTHER):
        faults["speeches"] = _("Exchange speeches belong to a study-group session. Change the kind, or leave this blank.")
    return faults


def media_faults(values: dict) -> dict[str, str]:
    """Media and Xuexi items have a level; below the national one, media are print or new media; a joint item is Xuexi's."""
    channel, level, medium = values.get("channel"), values.get("level"), values.get("medium")
    faults = {}
    if channel in (MediaChannel.MEDIA, MediaChannel.XUEXI) and not level:
        faults["level"] = _("Say of which level the medium is; otherwise the item would be counted nowhere.")
    if channel == MediaChannel.XUEXI and level == MediaLevel.DISTRICT:
        faults["level"] = _("The Xuexi platform has no district level. Choose national, provincial or city.")
    if channel == MediaChannel.MEDIA and level and level != MediaLevel.NATIONAL and not medium:
        faults["medium"] = _("Say whether it was print or new media.")
    if values.get("is_joint") and channel != MediaChannel.XUEXI:
        faults["is_joint"] = _("Only items of the Xuexi platform are counted as joint items.")
    return faults


def practice_faults(values: dict) -> dict[str, str]:
    """A visit has groups and visitors; a reception has a level; only visits are booked."""
    kind, faults = values.get("kind"), {}
    if kind == PracticeKind.VISIT:
        for field in ("groups", "person_times"):
            if values.get(field) is None:
                faults[field] = _("A group visit is counted in groups and in visitors; fill in both.")
    if kind == PracticeKind.RECEPTION and not values.get("level"):
        faults["level"] = _("Say from which level the delegation came.")
    if values.get("is_booked") and kind != PracticeKind.VISIT:
        faults["is_booked"] = _("Only group visits are counted as booked.")
    return faults


def item_faults(values: dict) -> dict[str, str]:
    """An item of a list that is counted needs the day that says in which month it counts."""
    named_list = values.get("named_list")
    if named_list and named_list.is_counted and not values.get("date_from"):
        return {"date_from": date_needed(named_list)}
    return {}


def date_needed(named_list) -> str:
    """Return why an item of a list cannot be without a date."""
    words = _("The items of “%(list)s” are counted month by month. Give the day, of several days the first; if only the month is "
              "known, its last day.")  # fmt: skip
    return words % {"list": named_list.name}


def inspection_faults(values: dict) -> dict[str, str]:
    """Printing firms are counted by name; a concentrated operation has one."""
    faults = {}
    if values.get("venue_kind") == VenueKind.PRINTING and not values.get("premises"):
        faults["premises"] = _("Name the printing firms, separated by 、: each firm is counted once a year.")
    if values.get("kind") == InspectionKind.CONCENTRATED and not values.get("campaign"):
        faults["campaign"] = _("Name the campaign that this operation belonged to.")
    return faults
