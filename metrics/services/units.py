"""Villages come, change their name, end and merge: each deed with its Event, and open months follow it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.choices import VILLAGE_KINDS, PopulationKind
from accounts.models import Population, Unit
from metrics.models import MonthlyReturn
from metrics.permissions import check_can_keep_units, check_can_merge
from metrics.services.population import follow_units
from workflow.choices import EDITABLE_STATES, Subject
from workflow.services import once, record_event
from workflow.transitions import Refused

CODE = re.compile(r"[0-9]{12}")
DAY = timedelta(days=1)


@transaction.atomic
def add_village(*, by, township: Unit, name: str, code: str, kind: str, valid_from: date, form_key=None) -> Unit:
    """Add a village from a day on, once for one `form_key`. Raises PermissionDenied, or Refused with what is in the way."""

    def make() -> Unit:
        _locked(township)
        check_months_open(township, valid_from)
        village = _create(township, name, code, kind, valid_from)
        _record(by, village, "add_village", name=village.name, valid_from=str(valid_from))
        follow_units(by, township, valid_from)
        return village

    check_can_keep_units(by, township)
    return once(by=by, form_key=form_key, rows=Unit.objects, make=make)


@transaction.atomic
def rename_village(*, by, village: Unit, name: str) -> Unit:
    """Give a village another name. It keeps its code; frozen versions of reports keep the name they were printed with."""
    check_can_keep_units(by, village)
    village = _locked(village)
    old, new = village.name, _clean_name(village.parent, name, village)
    if new != old:
        village.name = new
        village.save(update_fields=["name"])
        _record(by, village, "rename_village", old=old, new=new)
    return village


@transaction.atomic
def rename_village_from(*, by, village: Unit, name: str, code: str, since: date, form_key=None) -> Unit:
    """Let a village carry another name from a day on: it ends the day before, and a new one goes on in its place.

    What lies before, approved sheets too, keeps the old name. The new one takes the code given, the kind, the place in the
    order and the population of the year. Raises PermissionDenied, or Refused naming what is in the way.
    """

    def make() -> Unit:
        township, old = _locked(village.parent), _locked(village)
        _check_stands(old, since)
        check_months_open(township, since)
        persons = _persons([old], since.year)
        heir = _create(township, name, code, old.kind, since)
        heir.order = old.order
        heir.save(update_fields=["order"])
        old.valid_to, old.successor = since - DAY, heir
        old.save(update_fields=["valid_to", "successor"])
        for sort, count in persons.items():
            Population.objects.update_or_create(unit=heir, year=since.year, kind=sort, defaults={"persons": count})
        _record(by, heir, "rename_village", old=old.name, new=heir.name, since=str(since), former=old.code, persons=persons)
        follow_units(by, township, since)
        return heir

    check_can_keep_units(by, village)
    return once(by=by, form_key=form_key, rows=Unit.objects, make=make)


@transaction.atomic
def end_village(*, by, village: Unit, valid_to: date | None) -> Unit:
    """End a village on a day, move that day, or with None let it go on; then it has merged into nothing.

    Raises PermissionDenied, or Refused: a day before it began, a month already handed in, a successor that comes later.
    """
    check_can_keep_units(by, village)
    township, village = _locked(village.parent), _locked(village)
    if village.valid_to == valid_to:
        return village
    if valid_to and valid_to < village.valid_from:
        words = _("%(name)s began on %(day)s; it cannot end before that.")
        raise Refused(words % {"name": village.name, "day": _day(village.valid_from)})
    if valid_to and village.successor and village.successor.valid_from > valid_to + DAY:
        words = _("%(name)s went into %(heir)s, which begins only on %(day)s: no village would count for the days between.")
        raise Refused(words % {"name": village.name, "heir": village.successor.name, "day": _day(village.successor.valid_from)})
    if valid_to is None:
        _clean_name(township, village.name, village)
    first = min(day for day in (valid_to, village.valid_to) if day) + DAY
    check_months_open(township, first)
    facts = {"old": str(village.valid_to or ""), "new": str(valid_to or "")}
    if valid_to is None and village.successor:
        facts["left"], village.successor = village.successor.code, None
    village.valid_to = valid_to
    village.save(update_fields=["valid_to", "successor"])
    _record(by, village, "end_village", **facts)
    follow_units(by, township, first)
    return village


@transaction.atomic
def merge_villages(
    *, by, township: Unit, villages: list[Unit], since: date, into: Unit | None = None, name="", code="", kind="", form_key=None
) -> Unit:
    """Merge villages from a day on into a new one of that name, code and kind, or into one that stands; returns that one.

    The others end on the day before and name it as their successor; it takes over their population of the year where all
    are known. Raises PermissionDenied, or Refused naming what is in the way.
    """

    def make() -> Unit:
        _locked(township)
        gone = list(
            Unit.objects.filter(parent=township, pk__in=[row.pk for row in villages]).exclude(pk=into.pk if into else None)
        )
        _check_merger(township, gone, into, since)
        check_months_open(township, since)
        persons = _persons(gone if into is None else [*gone, into], since.year)
        Unit.objects.filter(pk__in=[row.pk for row in gone]).update(valid_to=since - DAY)
        heir = into or _create(township, name, code, kind, since)
        Unit.objects.filter(pk__in=[row.pk for row in gone]).update(successor=heir)
        for sort, count in persons.items():
            Population.objects.update_or_create(unit=heir, year=since.year, kind=sort, defaults={"persons": count})
        merged = [{"unit": row.code, "name": row.name} for row in gone]
        _record(by, heir, "merge_villages", name=heir.name, since=str(since), merged=merged, persons=persons)
        follow_units(by, township, since)
        return heir

    check_can_merge(by, township)
    return once(by=by, form_key=form_key, rows=Unit.objects, make=make)


def _check_merger(township: Unit, gone: list[Unit], into: Unit | None, since: date) -> None:
    if into is not None and into.parent_id != township.pk:
        raise Refused(_("%(name)s belongs to another township; villages merge within one.") % {"name": into.name})
    if len(gone) + (into is not None) < 2:
        raise Refused(_("Choose at least two villages. For a new name alone use “Rename”: the code stays."))
    for row in gone if into is None else [*gone, into]:
        _check_stands(row, since)


def _check_stands(village: Unit, since: date) -> None:
    """Refuse a village that has ended, or that was not there on the day before."""
    if village.valid_to is not None:
        words = _("%(name)s has ended on %(day)s already.")
        raise Refused(words % {"name": village.name, "day": _day(village.valid_to)})
    if village.valid_from > since - DAY:
        words = _("%(name)s began only on %(day)s; the change has to be later.")
        raise Refused(words % {"name": village.name, "day": _day(village.valid_from)})


def _persons(villages: list[Unit], year: int) -> dict[str, int]:
    """Return kind of population -> what all the villages together have in the year, where each is known."""
    found = {}
    for kind in PopulationKind.values:
        rows = Population.objects.filter(unit__in=villages, kind=kind, year__lte=year).order_by("year")
        newest = dict(rows.values_list("unit_id", "persons"))
        if len(newest) == len(villages):
            found[kind] = sum(newest.values())
    return found


def check_months_open(township: Unit, since: date) -> None:
    """Lock a township's returns from a day's month on. Raises Refused when one is handed in: its villages stay as they are."""
    papers = MonthlyReturn.objects.since(since).filter(unit=township).select_for_update(of=("self",)).order_by("pk")
    closed = [row for row in papers if row.state not in EDITABLE_STATES]
    if closed:
        months = "、".join(f"{row.period_label}（{row.get_state_display()}）" for row in sorted(closed, key=_month))
        words = _("The villages of a month that is handed in stay as they are: %(months)s. Choose a day in a later month, or "
                  "have these months sent back or reopened first.")  # fmt: skip
        raise Refused(words % {"months": months})


def _month(paper: MonthlyReturn) -> tuple[int, int]:
    return paper.year, paper.month


def _create(township: Unit, name: str, code: str, kind: str, valid_from: date) -> Unit:
    """Add the row, after its neighbours in order. Raises Refused for a code, kind, name or day that cannot be."""
    if not CODE.fullmatch(code):
        raise Refused(_("The code “%(code)s” does not have 12 digits.") % {"code": code})
    if kind not in VILLAGE_KINDS:
        raise Refused(_("Choose whether it is a village or a community."))
    if valid_from < township.valid_from:
        words = _("%(township)s exists only from %(day)s on.")
        raise Refused(words % {"township": township.name, "day": _day(township.valid_from)})
    last = township.children.order_by("-order").values_list("order", flat=True).first()
    village = Unit(
        code=code, name=_clean_name(township, name), kind=kind, parent=township, valid_from=valid_from,
        order=0 if last is None else last + 1,
    )  # fmt: skip
    try:
        with transaction.atomic():
            village.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(_("The code %(code)s is taken by another unit. Each unit has its own.") % {"code": code}) from error
    return village


def _clean_name(township: Unit, name: str, village: Unit | None = None) -> str:
    name = " ".join(name.split())[:60]
    if not name:
        raise Refused(_("The name is empty."))
    others = township.children.filter(name=name, valid_to__isnull=True).exclude(pk=village.pk if village else None)
    if others.exists():
        words = _("%(township)s has a village named %(name)s already.")
        raise Refused(words % {"township": township.name, "name": name})
    return name


def _locked(unit: Unit) -> Unit:
    return Unit.objects.select_for_update(of=("self",), no_key=True).select_related("parent", "successor").get(pk=unit.pk)


def _record(by, village: Unit, deed: str, **facts) -> None:
    record_event(
        by=by, unit=village.parent, subject_kind=Subject.UNIT, subject_id=village.pk, deed=deed,
        changes=[{"unit": village.code, **facts}],
    )  # fmt: skip


def _day(day: date) -> str:
    return date_format(day, "Y-m-d")
