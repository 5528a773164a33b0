"""Asks every URL as everybody and judges the answers: leaks, foreign writes, wrong statuses, crashes. Knows no single page."""

import hashlib
import io
import logging
import re
import uuid
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.urls_world import PEOPLE, SEES, UNITS, World

WRITE = re.compile(r'\s*(?:INSERT\s+(?:OR \w+ )?INTO|UPDATE|DELETE\s+FROM|REPLACE\s+INTO)\s+["`]?(\w+)', re.IGNORECASE)
UNJUDGED_TABLES = {"django_session"}
STRANGERS = ("anonymous", "disabled")
OTHER_METHODS = ("put", "patch", "delete", "options", "trace")


@dataclass(frozen=True)
class Case:
    """One way to call a pattern on one object. `reads`/`writes`: who may, by hand; None: the method itself is refused.

    `json` sends the body as JSON. `smuggled` are bodies that name other units' things; they must change nothing. `answers`
    are the statuses of a permitted call. `mixed`: addresses that pair own and foreign ids. `asked`: who to ask, all if None.
    `skips_reading`: another case of the pattern shows the same page.
    """

    kwargs: dict = field(default_factory=dict)
    reads: frozenset[str] | None = None
    writes: frozenset[str] | None = None
    body: dict = field(default_factory=dict)
    json: bool = False
    smuggled: tuple[dict, ...] = ()
    answers: tuple[int, ...] = (200, 302)
    changes_nothing: bool = False
    mixed: tuple[dict, ...] = ()
    asked: frozenset[str] | None = None
    query: str = ""
    skips_reading: bool = False


@dataclass(frozen=True)
class Route:
    """How the matrix calls a pattern. `cases(world, key)` gives the calls on a unit's object, key None for pages about none.

    `is_public`: open to anybody. `about`: keys of units with such an object, or of people when it is theirs alone.
    """

    cases: object
    is_public: bool = False
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What came back: status, everything readable in it, tables written to."""

    status: int
    text: str
    writes: tuple[str, ...]
    error: str = ""


def every_pattern(patterns=None, namespace="") -> dict[str, URLPattern]:
    """Return name -> pattern of the whole URLconf; a pattern without a name comes under its address."""
    found = {}
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            found |= every_pattern(entry.url_patterns, inner)
        else:
            found[f"{namespace}{entry.name or entry.pattern}"] = entry
    return found


def readable(response) -> str:
    """Return headers and body as text; parts of a zip unpacked."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    parts = [str(response.headers).encode(), body]
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts += [archive.read(name) for name in archive.namelist()]
    return b"\n".join(parts).decode("utf-8", errors="replace")


class Matrix:
    """A world, somebody's session for each person, and the findings so far."""

    def __init__(self, world: World, routes: dict[str, Route]):
        self.world, self.routes = world, routes
        self.findings: list[str] = []
        self.requests = 0
        self._sessions: dict[str, dict] = {}
        self._clients = {csrf: Client(raise_request_exception=False, enforce_csrf_checks=csrf) for csrf in (False, True)}
        self._forbidden = {who: world.forbidden(who) for who in SEES}

    def ask(self, who, method, name, case, *, body=None, csrf=False, query="", kwargs=None) -> Answer:
        """Send one request and undo whatever it did."""
        self.requests += 1
        client = self._client(who, csrf)
        url = reverse(name, kwargs=case.kwargs if kwargs is None else kwargs) + (query or case.query)
        body = case.body if body is None else body
        kind = {"content_type": "application/json"} if case.json and method != "get" else {}
        data = {} if method in ("get", "head") else ({"data": body} if method == "post" else {})
        with undone(), recorded_writes() as tables:
            response = getattr(client, method)(url, **data, **kind)
            text = readable(response)
        error = getattr(response, "exc_info", None)
        return Answer(response.status_code, text, tuple(tables), f"{error[0].__name__}: {error[1]}" if error else "")

    def _client(self, who, csrf) -> Client:
        client = self._clients[csrf]
        client.cookies = SimpleCookie()
        if who != "anonymous":
            if who not in self._sessions:
                client.force_login(self.world.people[who])
                self._sessions[who] = {name: morsel.value for name, morsel in client.cookies.items()}
            client.cookies.load(self._sessions[who])
        return client

    def note(self, kind, who, method, name, key, answer=None, more="") -> None:
        """Remember a finding."""
        got = f" -> {answer.status} {answer.error}" if answer else ""
        self.findings.append(f"{kind}: {method.upper()} {name} on {key or '-'} as {who}{got} {more}".rstrip())

    def check_route(self, name: str, *, of_rights: bool = True) -> None:
        """Ask for everything on one pattern; without `of_rights` only what another engine may answer in another way."""
        route = self.routes[name]
        logging.disable(logging.CRITICAL)
        try:
            if of_rights:
                self._check_rights(name, route)
            self._check_details(name, route)
        finally:
            logging.disable(logging.NOTSET)

    def _check_rights(self, name, route) -> None:
        """As everybody on everything."""
        for key in route.about or (None,):
            for case in route.cases(self.world, key):
                for who in SEES if case.asked is None else case.asked:
                    self._check_reading(who, name, route, key, case)
                    self._check_writing(who, name, route, key, case)
                self._check_csrf(name, key, case)

    def _check_details(self, name, route) -> None:
        """On the first object alone: other methods, hostile query strings, missing and mixed ids."""
        key = (route.about or (None,))[0]
        for case in route.cases(self.world, key)[:1]:
            self._check_other_methods(name, route, key, case)
            self._check_queries(name, key, case)
            self._check_missing(name, key, case)

    def _check_reading(self, who, name, route, key, case) -> None:
        if case.skips_reading:
            return
        answer = self.ask(who, "get", name, case)
        allowed = None if case.reads is None else who in case.reads
        self._judge(who, "get", name, route, key, case, answer, allowed)
        if self._wrote(answer, who, "get", name, case):
            self.note("GET wrote", who, "get", name, key, answer, f"to {set(answer.writes)}")

    def _check_writing(self, who, name, route, key, case) -> None:
        answer = self.ask(who, "post", name, case)
        allowed = None if case.writes is None else who in case.writes
        self._judge(who, "post", name, route, key, case, answer, allowed)
        may = bool(allowed) and self._sees(who, key, route)
        if not may and not route.is_public and self._wrote(answer, who, "post", name, case):
            self.note("foreign write", who, "post", name, key, answer, f"to {set(answer.writes)}")
        if may and not case.changes_nothing and not set(answer.writes) - UNJUDGED_TABLES:
            self.note("permitted POST did nothing", who, "post", name, key, answer, answer.text[-300:])
        for body in case.smuggled if may else ():
            smuggled = self.ask(who, "post", name, case, body=body)
            self._judge_leak(who, "post", name, key, smuggled, str(body))
            if self._wrote(smuggled, who, "post", name, case, body=body):
                self.note("smuggled id wrote", who, "post", name, key, smuggled, str(body))

    def _sees(self, who, key, route) -> bool:
        if key is None:
            return True
        if key in PEOPLE:
            return who == key
        own_township = UNITS[PEOPLE[who][1]][2] if who in PEOPLE else None
        return key in SEES[who] or (own_township == key and who not in STRANGERS and who.endswith("village clerk"))

    def _judge(self, who, method, name, route, key, case, answer, allowed) -> None:
        self._judge_leak(who, method, name, key, answer)
        wanted = self._wanted(who, route, key, case, allowed)
        if answer.status not in wanted:
            self.note("wrong status", who, method, name, key, answer, f"(wanted {sorted(wanted)}) {case.kwargs}")

    def _wanted(self, who, route, key, case, allowed) -> set[int]:
        if route.is_public:
            return {200, 302, 403, 405, 503}
        if who in STRANGERS:
            return {302, 401, 403}
        if allowed is None:
            return {405}
        if not self._sees(who, key, route):
            return {404} if allowed else {403, 404}
        if allowed:
            return set(case.answers)
        return {403, 404} if who.endswith("village clerk") else {403}

    def _judge_leak(self, who, method, name, key, answer, more="") -> None:
        if answer.status >= 500 and answer.status != 503:
            self.note("crash", who, method, name, key, answer, more)
        if leaked := [word for word in self._forbidden[who] if word in answer.text]:
            self.note("leak", who, method, name, key, answer, f"{sorted(leaked)} {more}")

    def _wrote(self, answer, who, method, name, case, body=None) -> bool:
        """Whether the request changed a row. Writes that were undone inside it do not count, so the tables are compared."""
        if not set(answer.writes) - UNJUDGED_TABLES:
            return False
        before = digest()
        with transaction.atomic():
            client = self._client(who, False)
            kind = {"content_type": "application/json"} if case.json and method != "get" else {}
            data = {"data": case.body if body is None else body} if method == "post" else {}
            getattr(client, method)(reverse(name, kwargs=case.kwargs), **data, **kind)
            changed = digest() != before
            transaction.set_rollback(True)
        return changed

    def _check_other_methods(self, name, route, key, case) -> None:
        for who in ("anonymous", "township clerk", "other district's reviewer"):
            head = self.ask(who, "head", name, case)
            self._judge(who, "head", name, route, key, case, head, None if case.reads is None else who in case.reads)
            for method in OTHER_METHODS:
                answer = self.ask(who, method, name, case)
                self._judge_leak(who, method, name, key, answer)
                refusals = {405} if route.is_public else {302, 401, 403, 404, 405}
                if answer.status not in refusals:
                    self.note("method not refused", who, method, name, key, answer)
                if set(answer.writes) - UNJUDGED_TABLES:
                    self.note("foreign write", who, method, name, key, answer)

    def _check_csrf(self, name, key, case) -> None:
        who = next((who for who in PEOPLE if case.writes and who in case.writes and self._sees(who, key, None)), None)
        if who is None:
            return
        answer = self.ask(who, "post", name, case, csrf=True)
        if answer.status != 403 or set(answer.writes) - UNJUDGED_TABLES:
            self.note("POST without token accepted", who, "post", name, key, answer)

    def _check_queries(self, name, key, case) -> None:
        reads = case.reads or frozenset()
        district = [who for who in ("reviewer", "admin") if who in reads][:1]
        for who in [who for who in ("township clerk", "village clerk") if who in reads] + district:
            for query in hostile_queries(self.world, "B1"):
                self._judge_leak(who, "get", name, key, self.ask(who, "get", name, case, query=query), query)

    def _check_missing(self, name, key, case) -> None:
        """Ids that nobody has, and ids of two different owners in one address: 404 for everybody."""
        missing = missing_kwargs(case.kwargs)
        for kwargs in ([missing] if missing != case.kwargs else []) + list(case.mixed):
            for who in ("township clerk", "reviewer", "admin", "village clerk", "anonymous"):
                for method, roles in (("get", case.reads), ("post", case.writes)):
                    answer = self.ask(who, method, name, case, kwargs=kwargs)
                    self._judge_leak(who, method, name, key, answer, str(kwargs))
                    refusals = {302, 401, 403} if who in STRANGERS else {404} if roles and who in roles else {403, 404, 405}
                    if answer.status not in refusals:
                        self.note("missing object", who, method, name, key, answer, str(kwargs))


def missing_kwargs(kwargs: dict) -> dict:
    """Replace the first id by one that nobody has."""
    changed = dict(kwargs)
    for name, value in kwargs.items():
        if isinstance(value, uuid.UUID):
            changed[name] = uuid.UUID(int=7)
            return changed
        if isinstance(value, int):
            changed[name] = 987654321
            return changed
    return changed


def hostile_queries(world: World, key: str):
    """Query strings that name another district's things, and ones that are no values at all."""
    unit, village = world.units[key], world.units[key + "a"]
    names = ("unit", "township", "village", "district", "code", "account", "by")
    papers = (
        f"return={world.returns[key, 'draft'].pk}&report={world.reports[key, 'draft'].pk}&cell=vol_service_hours@{village.code}"
    )
    for value in (unit.pk, unit.code):
        yield "?" + "&".join(f"{name}={value}" for name in names) + f"&{papers}&q=zq&year=2024&month=1"
    yield "?" + "&".join(f"{name}=%C2%B2" for name in (*names, "year", "month", "page", "state", "cell", "show", "list", "q"))
    yield "?year=99999999999999999999&month=13&page=-1&state=zz&cell=no@000&show=x&list=x&compare=-1&round=x&inline=x"


@contextmanager
def undone():
    """Run the block and take back what it wrote."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def recorded_writes():
    """Collect the names of tables that the block writes to."""
    tables: list[str] = []

    def watch(execute, sql, params, many, context):
        if match := WRITE.match(sql):
            tables.append(match[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield tables


def digest() -> str:
    """Return a hash over every row of every table but sessions."""
    total = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names()) - UNJUDGED_TABLES):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
            total.update(f"{table} {cursor.fetchall()}".encode())
    return total.hexdigest()
