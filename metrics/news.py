"""What others do to a return while somebody has its page open: cells saved, files attached, and who is at work. No HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, F, Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.grid_text import shown_figure
from metrics.models import Editor, EvidenceLink, Figure, MonthlyReturn
from metrics.models.returns import cell_name

# Saves of one return wait for each other and read the clock while they hold its row, so their times are in order; the
# overlap covers clocks of several machines that differ a little. A page ignores versions that it has already.
OVERLAP = timedelta(seconds=5)
AT_WORK = timedelta(minutes=10)


def newest_change(monthly_return: MonthlyReturn, user) -> str:
    """Return when a cell that the person may see was last changed or got a file, as ISO text; "" while there is neither."""
    changed = _figures(monthly_return, user).aggregate(at=Max("updated_at"))["at"]
    filed = _links(monthly_return, user).aggregate(at=Max("linked_at"))["at"]
    newest = max(filter(None, (changed, filed)), default=None)
    return newest.isoformat() if newest else ""


def load_news(monthly_return: MonthlyReturn, user, since: str) -> dict:
    """Return a new mark as `since`; `changed` cells and files `filed` by others after the old mark; `files`: how many each cell
    has now; and `editors`: who is at work, in words.

    Without a mark that can be read nothing counts as changed. At most six queries.
    """
    after = _moment(since)
    mark = newest_change(monthly_return, user)
    is_news = after and mark != since
    return {
        "since": mark, "changed": _changed(monthly_return, user, after - OVERLAP) if is_news else [],
        "filed": _filed(monthly_return, user, after - OVERLAP) if is_news else [],
        "files": dict(_links(monthly_return, user).order_by().values_list("cell").annotate(Count("pk"))),
        "editors": editors_text(monthly_return, user),
    }  # fmt: skip


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if timezone.is_aware(moment) else None


def _figures(monthly_return, user) -> QuerySet:
    return Figure.objects.visible_to(user).filter(monthly_return=monthly_return)


def _links(monthly_return, user) -> QuerySet:
    return EvidenceLink.objects.visible_to(user).filter(monthly_return=monthly_return)


def _filed(monthly_return, user, after: datetime) -> list[dict]:
    rows = _links(monthly_return, user).filter(linked_at__gt=after).exclude(linked_by=user.pk).order_by("pk")
    return [{"cell": cell, "by": name} for cell, name in rows.values_list("cell", "linked_by__display_name")]


def _changed(monthly_return, user, after: datetime) -> list[dict]:
    rows = _figures(monthly_return, user).filter(updated_at__gt=after).select_related("indicator", "unit")
    return [
        {
            "cell": cell_name(row.indicator.code, row.unit.code if row.indicator.is_by_village else ""),
            "version": row.version, "kind": row.kind, "by": row.updated_name or "",
            "shown": shown_figure(row.kind, row.value, row.raw, row.indicator.decimals),
        }
        for row in rows.annotate(updated_name=F("updated_by__display_name"))
    ]  # fmt: skip


def editors_text(monthly_return: MonthlyReturn, user) -> str:
    """Return who else has worked on a return in the last minutes, in words; "" for nobody."""
    now = timezone.now()
    rows = Editor.objects.visible_to(user).filter(monthly_return=monthly_return).seen_since(now - AT_WORK).exclude(user=user.pk)
    return _("; ").join(_editor_words(row, now) for row in rows.select_related("user__unit"))


def _editor_words(editor: Editor, now: datetime) -> str:
    person, minutes = editor.user, int((now - editor.seen_at).total_seconds() // 60)
    name = f"{person.display_name}（{person.unit.name}）" if person.unit.is_village else person.display_name
    if minutes < 1:
        return _("%(name)s is filling this in now") % {"name": name}
    return _("%(name)s is filling this in (%(minutes)d min ago)") % {"name": name, "minutes": minutes}
