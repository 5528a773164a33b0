"""A district's set of a year: copied as a draft, discarded, published."""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.catalogue_review import MOST_REASONS, differences_to, effect_range, items_of, obstacles, papers_of
from metrics.models import Catalogue, CatalogueState, Figure, Indicator, NamedList
from metrics.permissions import check_can_draft, check_can_keep_catalogues
from workflow.choices import Subject
from workflow.services import record_event
from workflow.transitions import Refused

YEARS_AHEAD = 2


def record_set(by, catalogue: Catalogue, deed: str, changes=()) -> None:
    """Append an Event about a district's set."""
    record_event(
        by=by, unit=catalogue.district, subject_kind=Subject.CATALOGUE, subject_id=catalogue.pk, deed=deed, changes=changes
    )


def locked_set(catalogue: Catalogue) -> Catalogue:
    """Return the set's row under a lock: every write to what it holds waits for it."""
    return Catalogue.objects.select_for_update(of=("self",)).get(pk=catalogue.pk)


def touch(catalogue: Catalogue) -> None:
    """Count a change of what the set holds: who looked at it before sees that."""
    Catalogue.objects.filter(pk=catalogue.pk).update(version=F("version") + 1)


@transaction.atomic
def copy_year(*, by, district, source_year: int, first_year: int) -> Catalogue:
    """Make a draft for `first_year` from everything that `source_year` counts. Raises Refused when the year has one already."""
    check_can_keep_catalogues(by, district)
    this_year = timezone.localdate().year
    if not this_year <= first_year <= this_year + YEARS_AHEAD:
        words = _("A set can be made for %(first)d to %(last)d: years past stay as they were.")
        raise Refused(words % {"first": this_year, "last": this_year + YEARS_AHEAD})
    source = Catalogue.objects.in_force(district, source_year).first()
    if source is None:
        raise Refused(_("No indicators are loaded yet; ask the site's operator to run sync_catalogue."))
    try:
        with transaction.atomic():
            draft = Catalogue.objects.create(district=district, first_year=first_year)
    except IntegrityError as error:
        raise Refused(_("%(year)d has a set of its own already.") % {"year": first_year}) from error
    _copy_rows(source, draft)
    record_set(by, draft, "copy_year", [{"from": str(source.first_year), "shipped": source.is_shipped, "to": str(first_year)}])
    return draft


def _copy_rows(source: Catalogue, draft: Catalogue) -> None:
    indicators = list(source.indicators.all())
    codes = {row.pk: row.code for row in indicators}
    parents = {row.code: codes.get(row.parent_id) for row in indicators}
    for row in [*indicators, *(lists := list(source.named_lists.all()))]:
        row.pk, row.catalogue, row.version, row._state.adding = None, draft, 1, True
    for row in indicators:
        row.parent = None
    made = {row.code: row for row in Indicator.objects.bulk_create(indicators)}
    for row in made.values():
        row.parent = made.get(parents[row.code])
    Indicator.objects.bulk_update([row for row in made.values() if row.parent], ["parent"])
    NamedList.objects.bulk_create(lists)


@transaction.atomic
def discard_draft(*, by, catalogue: Catalogue) -> None:
    """Throw a draft away; nothing was ever filled in under it."""
    catalogue = locked_set(catalogue)
    check_can_draft(by, catalogue)
    record_set(by, catalogue, "discard_set", [{"year": str(catalogue.first_year)}])
    catalogue.indicators.update(parent=None)
    catalogue.indicators.all().delete()
    catalogue.named_lists.all().delete()
    catalogue.delete()


@transaction.atomic
def publish_catalogue(*, by, catalogue: Catalogue, effect_date: date, base_version: int) -> Catalogue:
    """Bring a draft into force from a day on; open returns of its years go over to it.

    Raises Refused with every reason why it cannot, or when the draft changed since the differences were looked at.
    """
    catalogue = locked_set(catalogue)
    check_can_draft(by, catalogue)
    if catalogue.version != base_version:
        raise Refused(_("The draft was changed meanwhile. Look at the differences again, then publish."))
    first, last = effect_range(catalogue)
    if not first <= effect_date <= last:
        raise Refused(_effect_words(first, last))
    if reasons := obstacles(catalogue):
        raise Refused(_joined(reasons))
    changes = [vars(row) for row in differences_to(catalogue, catalogue.first_year - 1)]
    catalogue.state, catalogue.effect_date = CatalogueState.PUBLISHED, effect_date
    catalogue.published_by, catalogue.published_at, catalogue.version = by, timezone.now(), catalogue.version + 1
    catalogue.save()
    moved = move_papers(catalogue)
    record_set(by, catalogue, "publish_set", [*changes, {"effect_date": effect_date.isoformat(), "figures_moved": moved}])
    return catalogue


def _effect_words(first: date, last: date) -> str:
    if first == last:
        return _("The year has begun, so the set takes effect at once: choose today, %(day)s.") % {"day": first}
    return _("Choose a day from %(first)s to %(last)s: the set has to be in force when its year begins.") % {
        "first": first, "last": last,
    }  # fmt: skip


def _joined(reasons: list[str]) -> str:
    more = len(reasons) - MOST_REASONS
    return " ".join(reasons[:MOST_REASONS]) + (_(" And %(count)d more.") % {"count": more} if more > 0 else "")


def move_papers(catalogue: Catalogue) -> int:
    """Let the figures and items of the set's years point to its rows of the same code; returns how many figures moved."""
    figures = Figure.objects.filter(monthly_return__in=papers_of(catalogue)).exclude(indicator__catalogue=catalogue)
    used = figures.order_by().values_list("indicator_id", "indicator__code").distinct()
    own = {row.code: row.pk for row in catalogue.indicators.all()}
    moved = sum(figures.filter(indicator=old).update(indicator=own[code]) for old, code in list(used))
    items = items_of(catalogue).exclude(named_list__catalogue=catalogue)
    lists = {row.code: row.pk for row in catalogue.named_lists.all()}
    for old, code in list(items.order_by().values_list("named_list_id", "named_list__code").distinct()):
        if code in lists:
            items.filter(named_list=old).update(named_list=lists[code])
    return moved
