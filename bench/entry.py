"""The entry page, against a hand-written loop over the same rows."""

from __future__ import annotations

from django.db import connection
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from bench import world
from bench.plain_pages import render_entry
from bench.results import Chapter, cost_line
from bench.site import Browser, our_site, plain_site
from bench.timing import Contestant, race
from metrics.views.returns import detail_context

METHOD = (
    "The entry page of a township in November: {rows} rows with measure word, same month last year, last month, this month, "
    "change and year to date. *Rendering*: our page against a template with a hand-written loop that makes the same table in the "
    "same frame, both with finished rows in hand, the loop's as plain dicts. *Whole page*: the GET with session and all "
    "middleware against a view that reads the same months' figures, adds them up in a dict and runs that loop; it knows no kinds "
    "of absence, stocks, ratios, ranks, villages, findings, comments, rounds or deeds."
)
COLUMNS = ("number", "code", "name", "measure", "scope", "classes", "is_entered", "this_month", "last_month", "last_year",
           "to_date", "change")  # fmt: skip


def run(seconds: float) -> Chapter:
    """Measure, within about `seconds`."""
    unit = world.shown_township()
    clerk, monthly_return = world.clerk_of(unit), world.open_return(unit)
    ours, plain = Browser(clerk, our_site()), Browser(clerk, plain_site())
    page, loop = f"/returns/{monthly_return.pk}/", f"/plain/{monthly_return.pk}/entry/"
    rendering = _rendering(clerk, monthly_return)
    whole = {"page": Contestant(lambda: ours.get(page)), "loop": Contestant(lambda: plain.get(loop))}
    times = race({**rendering, **whole}, rounds=60, seconds=seconds)
    rows = len(detail_context(_request(clerk, page), monthly_return)["grid"].rows)
    chapter = Chapter(f"The entry page ({connection.vendor})", METHOD.format(rows=rows))
    chapter.lines = [
        cost_line("rendering", times["render"], times["render loop"], 1.5),
        cost_line("whole page", times["page"], times["loop"], 1.5),
    ]
    with CaptureQueriesContext(connection) as queries:
        body = ours.get(page).body
    with CaptureQueriesContext(connection) as plain_queries:
        plain_body = plain.get(loop).body
    chapter.notes = [
        f"{times['page'].rounds} rounds; {len(queries)} queries against {len(plain_queries)}; "
        f"{len(body) // 1024} KB of HTML against {len(plain_body) // 1024} KB, before compression.",
        f"Gathering what the page shows takes {times['gather'].shown} of the whole page: totals that know absences, findings, "
        "the district's ranking, and what stands in the way of submitting. That, not the markup, is what the loop does without.",
    ]
    return chapter


def _rendering(clerk, monthly_return) -> dict[str, Contestant]:
    request = _request(clerk, f"/returns/{monthly_return.pk}/")
    context = detail_context(request, monthly_return)
    sections = [
        {"code": area.code, "name": area.name, "filled": area.filled, "rows": [_as_dict(row) for row in area.rows]}
        for area in context["grid"].sections
    ]
    return {
        "render": Contestant(lambda: render_to_string("metrics/return_detail.html", context, request)),
        "gather": Contestant(lambda: detail_context(request, monthly_return)),
        "render loop": Contestant(lambda: render_entry(request, sections)),
    }


def _as_dict(row) -> dict:
    """Return a row with everything worked out that it shows."""
    shown = {name: getattr(row, name) for name in COLUMNS}
    messages = [finding.message for finding in row.messages]
    return shown | {"kind": row.cell.kind, "shown": row.cell.shown, "messages": messages, "source_words": row.source}


def _request(user, path: str):
    """Return a request as the view gets it, without its middleware."""
    from django.contrib.messages.storage.base import BaseStorage
    from django.contrib.sessions.backends.db import SessionStore
    from django.urls import resolve

    request = RequestFactory().get(path)
    request.user, request.session, request.resolver_match = user, SessionStore(), resolve(path)
    request._messages = type("NoMessages", (BaseStorage,), {"_get": lambda self: ([], True), "_store": lambda *rest: []})(request)
    return request
