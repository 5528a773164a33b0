"""Named items and district settings.

An item of a closed month is kept as an entry of any ledger is: it may be corrected, the figure that was handed in stands, and
the return and its report say where the two differ.
"""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from metrics.ledger_duplicates import duplicates
from metrics.ledgers import ledger_kind
from metrics.models import DistrictYear, Highlight, NamedList
from metrics.permissions import check_can_manage_items, check_can_set_year
from metrics.services.ledgers import DuplicateEntry, entry_data, entry_of_data, figures_follow
from workflow.choices import Subject
from workflow.models import Event
from workflow.services import once, record_event
from workflow.transitions import Refused

BESIDE_COLUMNS = ("year", "status", "order", "version")  # what an item has beside the columns of its ledger


@transaction.atomic
def save_item(*, by, item: Highlight, base_version: int = 0, form_key=None, asks_first: bool = False) -> Highlight:
    """Create a named item, once for one `form_key`, or change one; open figures that lists count follow it.

    Raises Refused when somebody else changed it since `base_version`, and DuplicateEntry when `asks_first` and a new item is
    probably in the year's list already.
    """
    check_can_manage_items(by, item.unit)
    if item.pk is None:
        return once(by=by, form_key=form_key, rows=Highlight.objects, make=lambda: _make_item(by, item, asks_first))
    if not Highlight.objects.filter(pk=item.pk, version=base_version).update(version=base_version + 1):
        raise Refused(_("Somebody else changed this item meanwhile. Compare the two and save again."))
    item.version = base_version + 1
    stored = Highlight.objects.select_related("named_list").get(pk=item.pk)
    return _store_item(by, item, stored)


def _make_item(by, item: Highlight, asks_first: bool) -> Highlight:
    same = [row for row in duplicates(ledger_kind("highlight"), item) if row.year == item.year] if asks_first else []
    if same:
        raise DuplicateEntry(same)
    return _store_item(by, item, None)


def _store_item(by, item: Highlight, stored: Highlight | None) -> Highlight:
    item.updated_by = by
    with figures_follow(by, ledger_kind("highlight"), item.unit, [row.date_from for row in (stored, item) if row]):
        item.save()
    _record_item(by, item, "save_item", old=stored, new=item)
    return item


@transaction.atomic
def remove_item(*, by, item: Highlight) -> Event:
    """Remove a named item; the Event that is returned keeps what it said. Raises Refused when it is gone already."""
    check_can_manage_items(by, item.unit)
    stored = Highlight.objects.select_for_update(of=("self",)).select_related("named_list", "unit").filter(pk=item.pk).first()
    if stored is None:
        raise Refused(_("Somebody else removed this item meanwhile."))
    pk, kind = stored.pk, ledger_kind("highlight")
    said = entry_data(kind, stored) | {name: getattr(stored, name) for name in BESIDE_COLUMNS}
    with figures_follow(by, kind, stored.unit, [stored.date_from]):
        stored.delete()
    stored.pk = pk
    # Last: the returns are locked before the chain of events, as everywhere.
    return _record_item(by, stored, "remove_item", old=stored, new=None, said=said)


@transaction.atomic
def restore_item(*, by, event: Event) -> Highlight:
    """Bring a removed item back under its own number from the Event of its removal; a second time changes nothing.

    Raises Refused when the Event is about something else, or the item's list is gone.
    """
    check_can_manage_items(by, event.unit)
    said = removed_item(event)
    if said is None:
        raise Refused(_("This is no removal of a named item."))
    if found := Highlight.objects.filter(pk=event.subject_id).first():
        return found
    kind = ledger_kind("highlight")
    item = entry_of_data(kind, event.unit, said)
    if not NamedList.objects.filter(pk=item.named_list_id).exists():
        raise Refused(_("The list of this item is there no more."))
    for name in BESIDE_COLUMNS:
        setattr(item, name, said[name])
    # Above every version it ever had: a page that still shows an older one must not overwrite it unnoticed.
    item.pk, item.version, item.updated_by = event.subject_id, said["version"] + 1, by
    with figures_follow(by, kind, event.unit, [item.date_from]):
        item.save(force_insert=True)
    _record_item(by, item, "restore_item", old=None, new=item)
    return item


def removed_item(event: Event) -> dict | None:
    """Return what an item said, from the Event that removed it; None of any other Event, and of those that kept only its name."""
    if (event.subject_kind, event.deed) != (Subject.ITEM, "remove_item") or len(event.changes) != 1:
        return None
    return event.changes[0].get("said")


def _record_item(by, item, deed, *, old: Highlight | None, new: Highlight | None, **more) -> Event:
    about = {"list": item.named_list.code, "name": item.name, "year": item.year}
    changes = [{**about, "old": item_data(old) if old else None, "new": item_data(new) if new else None, **more}]
    return record_event(by=by, unit=item.unit, subject_kind=Subject.ITEM, subject_id=item.pk, deed=deed, changes=changes)


def item_data(item: Highlight) -> dict:
    """Return every field of an item that people fill, as plain data for JSON."""
    return {**entry_data(ledger_kind("highlight"), item), "year": item.year, "status": str(item.status)}


@transaction.atomic
def save_district_year(*, by, settings: DistrictYear, base_version: int) -> DistrictYear:
    """Keep a district's settings of a year. `base_version` is the one that was seen, 0 when the year had none.

    Raises Refused when somebody else changed or made them since.
    """
    check_can_set_year(by, settings.district)
    same = DistrictYear.objects.filter(district=settings.district, year=settings.year)
    if base_version and not same.filter(version=base_version).update(version=base_version + 1):
        raise Refused(_settings_taken())
    settings.version = base_version + 1
    try:
        with transaction.atomic():
            settings.save(force_insert=not base_version)
    except IntegrityError as error:
        raise Refused(_settings_taken()) from error
    fields = {field.name: str(getattr(settings, field.name)) for field in settings._meta.concrete_fields}
    record_event(
        by=by,
        unit=settings.district,
        subject_kind=Subject.SETTINGS,
        subject_id=settings.pk,
        deed="save_settings",
        changes=[fields],
    )
    return settings


def _settings_taken() -> str:
    return _(
        "Somebody else changed these settings meanwhile. "
        "What you typed is kept below and not saved; saving again replaces theirs."
    )
