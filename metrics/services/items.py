"""Named items and district settings.

An item of a closed month is kept as an entry of any ledger is: it may be corrected, the figure that was handed in stands, and
the return and its report say where the two differ.
"""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from metrics.ledger_duplicates import duplicates
from metrics.ledgers import ledger_kind
from metrics.models import DistrictYear, Highlight
from metrics.permissions import check_can_manage_items, check_can_set_year
from metrics.services.ledgers import DuplicateEntry, entry_data, figures_follow
from workflow.choices import Subject
from workflow.services import once, record_event
from workflow.transitions import Refused


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
def remove_item(*, by, item: Highlight) -> None:
    """Remove a named item; the Event keeps what it said."""
    check_can_manage_items(by, item.unit)
    stored = Highlight.objects.select_for_update(of=("self",)).filter(pk=item.pk).first() or item
    with figures_follow(by, ledger_kind("highlight"), item.unit, [stored.date_from]):
        Highlight.objects.filter(pk=item.pk).delete()
    # Last: the returns are locked before the chain of events, as everywhere.
    _record_item(by, item, "remove_item", old=stored, new=None)


def _record_item(by, item, deed, *, old: Highlight | None, new: Highlight | None) -> None:
    about = {"list": item.named_list.code, "name": item.name, "year": item.year}
    changes = [{**about, "old": item_data(old) if old else None, "new": item_data(new) if new else None}]
    record_event(by=by, unit=item.unit, subject_kind=Subject.ITEM, subject_id=item.pk, deed=deed, changes=changes)


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
