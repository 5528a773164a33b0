"""One save of a full return through our view, against a plain Django form with one bulk upsert of the same cells."""

from __future__ import annotations

import html
import json
import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import world
from bench.plain_pages import entered_indicators
from bench.results import Chapter, rate_line
from bench.site import Browser, our_site, plain_site
from bench.timing import Contestant, race
from metrics.models import Figure, MonthlyReturn

METHOD = (
    "A clerk changes every typed cell of a return ({cells} of them) and saves. Both sides get the request with session and CSRF "
    "cookies in one process, without a socket. The plain side is a fresh project's middleware, a Django form with {cells} number "
    "fields, one `bulk_create(update_conflicts=True)` and a redirect; no versions, no history, no checks. Ours finds conflicts "
    "by version, keeps what cannot be read, writes a hash-chained event with old and new values, and leaves a message."
)
SMALL_PAGE = "/accounts/password/"


class Typist:
    """Types new numbers into all cells of a return, round after round."""

    def __init__(self):
        """Start from last month's numbers, so that saving raises no more alarms than real typing does."""
        self.turn = 0
        self.base = dict.fromkeys((row.code for row in entered_indicators()), 1)
        unit = world.shown_township()
        earlier = Figure.objects.filter(unit=unit, value__isnull=False, monthly_return__state="approved")
        for code, value in earlier.order_by("monthly_return__year", "monthly_return__month").values_list(
            "indicator__code", "value"
        ):
            if code in self.base:
                self.base[code] = int(value)

    def next(self) -> dict[str, str]:
        """Return cell -> text, all different from the time before."""
        self.turn += 1
        return {code: str(value + self.turn % 2) for code, value in self.base.items()}


class OurForm:
    """The entry page's form as a browser without script sends it."""

    def __init__(self, browser: Browser, monthly_return: MonthlyReturn, typist: Typist):
        """Open the page once for its token; later rounds make up the hidden field that the page would carry."""
        self.browser, self.typist, self.pk = browser, typist, monthly_return.pk
        self.path = f"/returns/{self.pk}/cells/"
        page = browser.get(f"/returns/{self.pk}/").text
        self.seen = json.loads(html.unescape(re.search(r'name="seen" value="([^"]*)"', page)[1]))

    def prepare(self) -> None:
        """Type, off the clock; refresh what the page would have shown, and let a page show the message of the last save."""
        self.browser.get(SMALL_PAGE)
        stored = Figure.objects.filter(monthly_return=self.pk, indicator__level="township")
        for code, version, raw in stored.values_list("indicator__code", "version", "raw"):
            self.seen[code] = [version, raw]
        self.typed = self.typist.next()

    def send_form(self) -> None:
        """Post the whole form."""
        fields = {"seen": json.dumps(self.seen), **{f"f-{code}": raw for code, raw in self.typed.items()}}
        answer = self.browser.post_form(self.path, fields)
        assert answer.status == 302, (answer.status, answer.text[:500])

    def send_json(self) -> None:
        """Post all cells as the page's script does; the answer carries every total and mark of the page."""
        self._send_cells(list(self.typed))

    def send_one(self) -> None:
        """Post one cell, as the script does on leaving it."""
        self._send_cells(list(self.typed)[:1])

    def _send_cells(self, codes: list[str]) -> None:
        cells = [{"cell": code, "raw": self.typed[code], "base_version": self.seen[code][0]} for code in codes]
        answer = self.browser.post_json(self.path, {"cells": cells})
        assert answer.status == 200, (answer.status, answer.text[:500])
        assert {cell["status"] for cell in json.loads(answer.text)["cells"]} == {"saved"}, answer.text[:2000]


class PlainForm:
    """The floor's form."""

    def __init__(self, browser: Browser, monthly_return: MonthlyReturn, typist: Typist):
        """Open the page once for its token."""
        self.browser, self.typist, self.path = browser, typist, f"/plain/{monthly_return.pk}/"
        browser.get(self.path)

    def prepare(self) -> None:
        """Type, off the clock."""
        self.typed = self.typist.next()

    def send(self) -> None:
        """Post the form."""
        answer = self.browser.post_form(self.path, self.typed)
        assert answer.status == 302, (answer.status, answer.text[:500])


def run(seconds: float) -> Chapter:
    """Measure, within about `seconds`."""
    unit = world.shown_township()
    clerk, ours_return, typist = world.clerk_of(unit), world.open_return(unit), Typist()
    scratch = MonthlyReturn.objects.create(unit=unit, year=2001, month=1, due_at=ours_return.due_at)
    ours = OurForm(Browser(clerk, our_site()), ours_return, typist)
    plain = PlainForm(Browser(clerk, plain_site()), scratch, Typist())
    times = race(
        {
            "plain": Contestant(plain.send, plain.prepare),
            "form": Contestant(ours.send_form, ours.prepare),
            "json": Contestant(ours.send_json, ours.prepare),
            "one": Contestant(ours.send_one, ours.prepare),
        },
        rounds=60, seconds=seconds,
    )  # fmt: skip
    chapter = Chapter(f"Saving a full return ({connection.vendor})", METHOD.format(cells=len(typist.base)))
    chapter.lines = [
        rate_line("full return, form posted", times["form"], times["plain"], 0.8),
        rate_line("full return by the page's script: every total, check and mark comes back", times["json"], times["plain"]),
        rate_line("one cell by the page's script, same answer", times["one"], times["plain"]),
    ]
    chapter.notes = [
        f"{times['form'].rounds} rounds, one request at a time; queries of a form save: {_queries(ours, ours.send_form)}, "
        f"of a save by script: {_queries(ours, ours.send_json)}, of the plain form: {_queries(plain, plain.send)}."
    ]
    scratch.delete()
    return chapter


def _queries(side, send) -> int:
    side.prepare()
    with CaptureQueriesContext(connection) as queries:
        send()
    return len(queries)
