"""Who may do what where, by hand: one route for every URL pattern. A new pattern needs an entry here.

An entry gives, for a unit's key, the address's kwargs on that unit's object and the people who may GET and POST. The people
are written from the requirements, never derived from the product's own checks, so a right that is too wide is found.
"""

from dataclasses import replace
from urllib.parse import urlencode

from django.utils import timezone

from reports.template_content import facts_of
from tests.urls_checker import Case, Route
from tests.urls_world import CLEAN, COUNT_CELL, NEXT_YEAR, PEOPLE, TOKEN, TOWNSHIPS, UNITS, VILLAGE_CELL, YEAR, World
from workflow.choices import State

EVERYBODY = frozenset(PEOPLE) - {"disabled"}
VILLAGE = frozenset(who for who in EVERYBODY if who.endswith("village clerk"))
CLERKS = frozenset({"township clerk", "other township's clerk", "other district's clerk"})
HEADS = frozenset({"township head", "other township's head", "other district's head"})
REVIEWERS = frozenset({"reviewer", "other district's reviewer"})
ADMINS = frozenset({"admin", "other district's admin"})
READERS = EVERYBODY - VILLAGE
DEPARTMENT = REVIEWERS | ADMINS
DISTRICT = DEPARTMENT | {"auditor"}
OFFICE = CLERKS | HEADS
# A report under review is the district's: the office answers once it is back.
BUT_OFFICE = EVERYBODY - OFFICE
FOREIGN = {"A1": "B1", "A2": "A1", "B1": "A1", "A": "A1"}
# The district A has a report of its own, which its department writes as an office writes a township's.
REPORTING = (*TOWNSHIPS, "A")


def page(reads=None, writes=None, **more) -> Route:
    """A page about no object."""
    return Route(lambda world, key: [Case(reads=reads, writes=writes, **more)])


def village_of(township: str) -> str:
    return next(key for key in UNITS if UNITS[key][2] == township)


def on_return(state, reads=None, writes=None, extra=None, **more) -> Route:
    """A page about a return in one state; `extra` and `more` may be functions of (world, key)."""
    return _on("returns", state, reads, writes, extra, more)


def _on(papers, state, reads, writes, extra, more, about=TOWNSHIPS) -> Route:
    def cases(world: World, key: str):
        kwargs = {"pk": getattr(world, papers)[key, state].pk} | (extra(world, key) if extra else {})
        filled = {name: value(world, key) if callable(value) else value for name, value in more.items()}
        return [Case(kwargs, writing(key, reads), writing(key, writes), **filled)]

    return Route(cases, about=about)


def batch(cell: str, raw="5", version=1) -> dict:
    return {"cells": [{"cell": cell, "raw": raw, "base_version": version}]}


BEAT = {"since": "", "active": True}


def village_cell(key: str) -> str:
    return f"{VILLAGE_CELL}@{UNITS[village_of(key)][0]}"


def own_row(world: World, key: str) -> list[Case]:
    """The township's clerk fills any village's row, a village's clerk only their own."""
    row = world.returns[key, State.DRAFT].pk
    village = (
        next(who for who in (*sorted(VILLAGE), "") if who in PEOPLE and PEOPLE[who][1] == village_of(key)) if key == "A1" else ""
    )
    foreign = (batch(village_cell(FOREIGN[key])),)
    return [Case({"pk": row}, None, CLERKS | {village}, batch(village_cell(key)), json=True, smuggled=foreign)]


# deed: (state it starts from, who may do it)
RETURN_DEEDS = {
    "submit": (State.DRAFT, CLERKS),
    "sign_off": (State.AWAITING_SIGNOFF, HEADS),
    "head_send_back": (State.AWAITING_SIGNOFF, HEADS),
    "withdraw": (State.SUBMITTED, OFFICE),
    "start_review": (State.SUBMITTED, REVIEWERS),
    "send_back": (State.IN_REVIEW, REVIEWERS),
    "approve": (CLEAN, REVIEWERS),
    "reopen": (State.APPROVED, REVIEWERS | ADMINS),
}


def return_deeds(world: World, key: str) -> list[Case]:
    return [
        Case(
            {"pk": world.returns[key, state].pk, "deed": deed},
            READERS,
            who,
            {"reason": "因为需要"},
            skips_reading=deed != "submit",
        )
        for deed, (state, who) in RETURN_DEEDS.items()
    ]


def resolve_thread(world: World, key: str) -> list[Case]:
    """The reviewer closes in review; the township closes what it has answered once the return has come back."""
    foreign = world.threads[FOREIGN[key], State.IN_REVIEW]
    cases = []
    for state, who, asked in ((State.IN_REVIEW, REVIEWERS, BUT_OFFICE), (State.RETURNED, OFFICE, OFFICE)):
        kwargs = {"pk": world.returns[key, state].pk, "comment": world.threads[key, state].pk}
        cases.append(Case(kwargs, None, who, mixed=({**kwargs, "comment": foreign.pk},), asked=asked))
    return cases


def comment_return(world: World, key: str) -> list[Case]:
    """The district comments in review, the township answers what came back."""
    body = {"cell": COUNT_CELL, "text": "请核对", "kind": "must_fix"}
    smuggled = (
        {"parent": world.threads[FOREIGN[key], State.IN_REVIEW].pk, "text": "答复"},
        {"cell": village_cell(FOREIGN[key]), "text": "批注"},
    )
    sides = ((State.IN_REVIEW, REVIEWERS, BUT_OFFICE), (State.RETURNED, OFFICE, OFFICE))
    return [
        Case({"pk": world.returns[key, state].pk}, None, who, body=body, smuggled=smuggled, asked=asked)
        for state, who, asked in sides
    ]


def on_report(state, reads=None, writes=None, extra=None, **more) -> Route:
    """A page about a report in one state."""
    return _on("reports", state, reads, writes, extra, more, about=REPORTING)


def writing(key: str, people):
    """Return who does at a unit what an office does at its township: at the district it is the department."""
    return DEPARTMENT if key == "A" and people == OFFICE else people


STUDY_FIELDS = ("date", "kind", "name", "place")
HEAD_BODY = {"title": "标题", "addressee": "某部：", "signature": "某镇"}


def on_block(reads=None, writes=None, key="b1", **more) -> Route:
    """A page about a block of a draft."""
    return on_report(State.DRAFT, reads, writes, lambda world, township: {"key": key}, **more)


# A head's own submission is its sign-off, so the head may submit too.
REPORT_DEEDS = RETURN_DEEDS | {"submit": (State.DRAFT, OFFICE), "approve": (State.IN_REVIEW, REVIEWERS)}


# What who submitted does, and what another does; "reviewer" submits the district's reports of this world.
DISTRICT_REPORT_DEEDS = {
    "submit": (State.DRAFT, DEPARTMENT),
    "withdraw": (State.SUBMITTED, frozenset({"reviewer"})),
    "send_back": (State.SUBMITTED, frozenset({"admin"})),
    "approve": (State.SUBMITTED, frozenset({"admin"})),
    "reopen": (State.APPROVED, DEPARTMENT),
}


def report_deeds(world: World, key: str) -> list[Case]:
    return [
        Case(
            {"pk": world.reports[key, state].pk, "deed": deed},
            READERS,
            who,
            {"reason": "因为需要"},
            skips_reading=deed != "submit",
        )
        for deed, (state, who) in (DISTRICT_REPORT_DEEDS if key == "A" else REPORT_DEEDS).items()
    ]


def traces(world: World, key: str) -> list[Case]:
    report, foreign = world.reports[key, State.APPROVED], world.bound[FOREIGN[key]]
    kwargs = {"pk": report.pk, "figure": world.bound[key].pk}
    return [Case(kwargs, READERS, mixed=({"pk": report.pk, "figure": foreign.pk},))]


def deciding(body: dict) -> Route:
    """A decision on a number of an approved report: the office is refused in words, everybody else by right."""

    def cases(world: World, key: str) -> list[Case]:
        report, foreign = world.reports[key, State.APPROVED], world.bound[FOREIGN[key]]
        kwargs = {"pk": report.pk, "figure": world.bound[key].pk}
        mixed = ({"pk": report.pk, "figure": foreign.pk},)
        return [Case(kwargs, None, OFFICE, body, mixed=mixed, answers=(302,), changes_nothing=True)]

    return Route(cases, about=TOWNSHIPS)


def plan_item(world: World, key: str) -> list[Case]:
    return [_plan_item(world, key, writing(key, OFFICE), {"measure": "改过的一项", "version": 1})]


def plan_item_removal(world: World, key: str) -> list[Case]:
    return [_plan_item(world, key, None, None)]


def plan_item_move(world: World, key: str) -> list[Case]:
    """The only item of its paragraph has nobody to pass: the office is refused in words."""
    case = _plan_item(world, key, None, {"past": "1"})
    return [replace(case, answers=(302,), changes_nothing=True)]


def _plan_item(world: World, key: str, reads, body) -> Case:
    report, foreign = world.reports[key, State.DRAFT], world.plan_items[FOREIGN[key]]
    kwargs = {"pk": report.pk, "item": world.plan_items[key].pk}
    return Case(kwargs, reads, writing(key, OFFICE), body=body, mixed=({"pk": report.pk, "item": foreign.pk},))


def resolve_report_thread(world: World, key: str) -> list[Case]:
    if key == "A":
        return [
            _resolve_district_thread(world, "report", {"admin"}),
            _resolve_district_thread(world, "returned report", DEPARTMENT),
        ]
    report, foreign = world.reports[key, State.IN_REVIEW], world.threads[FOREIGN[key], "report"]
    kwargs = {"pk": report.pk, "comment": world.threads[key, "report"].pk}
    returned = {"pk": world.reports[key, State.RETURNED].pk, "comment": world.threads[key, "returned report"].pk}
    return [
        Case(kwargs, None, REVIEWERS, mixed=({"pk": report.pk, "comment": foreign.pk},), asked=BUT_OFFICE),
        Case(returned, None, OFFICE, mixed=({"pk": returned["pk"], "comment": foreign.pk},), asked=OFFICE),
    ]


def _resolve_district_thread(world: World, name: str, who) -> Case:
    """Whoever decides closes a thread; once it is sent back and answered, either does."""
    thread, foreign = world.threads["A", name], world.threads["A1", name]
    kwargs = {"pk": thread.subject_id, "comment": thread.pk}
    asked = EVERYBODY - {"reviewer"} if name == "report" else None  # who submitted is refused in words
    return Case(kwargs, None, frozenset(who), mixed=({**kwargs, "comment": foreign.pk},), asked=asked)


def comment_report(world: World, key: str) -> list[Case]:
    """The district comments in review, the township answers what came back; on the district's own its writers do both."""
    body, foreign = {"block": "b1", "text": "请核对"}, {"parent": world.threads[FOREIGN[key], "report"].pk, "text": "答复"}
    sides = ((State.IN_REVIEW, REVIEWERS, BUT_OFFICE), (State.RETURNED, OFFICE, OFFICE))
    if key == "A":
        sides = ((State.SUBMITTED, DEPARTMENT, None), (State.RETURNED, DEPARTMENT, None))
    return [
        Case({"pk": world.reports[key, state].pk}, None, who, body=body, smuggled=(foreign,), asked=asked)
        for state, who, asked in sides
    ]


def item_of(reads, writes, body=None) -> Route:
    def cases(world: World, key: str):
        item = world.items[key]
        return [Case({"pk": item.pk}, reads, writes, item_body(world, key) if body is None else body)]

    return Route(cases, about=TOWNSHIPS)


def item_body(world: World, key: str) -> dict:
    return {"name": "新名称", "base_version": 1}


ENTRY_BODY = {"date": "2024-01-09", "kind": "group_study", "name": "新的学习", "base_version": 1}


def ledgers(world: World, key) -> list[Case]:
    """A township's office writes its own ledgers; everybody above a village reads those of their townships."""
    return [Case({"kind": "study"}, READERS, OFFICE, ENTRY_BODY)]


def entry_of(reads, writes) -> Route:
    def cases(world: World, key: str):
        return [Case({"kind": "study", "pk": world.entries[key].pk}, reads, writes, ENTRY_BODY)]

    return Route(cases, about=TOWNSHIPS)


def removed_entry(world: World, key: str) -> list[Case]:
    return [Case({"kind": "study", "event": world.removals[key].pk}, None, OFFICE)]


def gone_item(world: World, key: str) -> list[Case]:
    return [Case({"event": world.gone_items[key].pk}, None, OFFICE)]


SETTINGS_BODY = {
    "needs_signoff": "on", "due_day": 6, "due_hour": 18, "volunteer_standard_hours": 25, "population_kind": "household",
    "volunteer_target_share": 10, "lagging_share": "0.6", "lagging_most": 3, "front_rank_share": "0.34",
}  # fmt: skip


def account_of(world: World, key: str) -> list[Case]:
    return [Case({"pk": world.spare_accounts[key].pk}, None, ADMINS)]


def closed_account(world: World, key: str) -> list[Case]:
    return [Case({"pk": world.people["disabled"].pk}, None, ADMINS)] if key == "A1" else []


def new_account(world: World, key) -> list[Case]:
    body = {"login": "zqfresh", "display_name": "新人", "role": "township_clerk"}
    own, foreign = ({"unit": world.units[key].pk} for key in ("A1", "B1"))
    readers, another = frozenset(PEOPLE), frozenset({"other district's admin"})
    mine = Case({}, ADMINS, frozenset({"admin"}), body | own, smuggled=(body | foreign,), asked=readers - another)
    theirs = Case({}, ADMINS, another, body | foreign, smuggled=(body | own,), asked=readers - {"admin"})
    return [mine, theirs]


VILLAGE_KEYS = ("A1a", "A1b", "A2a", "B1a")


def of_unit(reads=None, writes=None, about=TOWNSHIPS, body=None) -> Route:
    """A page about a township or a village, for its district's administrator."""

    def cases(world: World, key: str):
        filled = body(world, key) if callable(body) else body or {}
        return [Case({"pk": world.units[key].pk}, reads, writes, filled)]

    return Route(cases, about=about)


def persons_of_village(world: World, key: str) -> dict:
    village = world.units[village_of(key)]
    stored = village.populations.filter(year=timezone.localdate().year).values_list("persons", flat=True).first()
    return {"pasted": f"{village.name}\t4321", f"was-{village.pk}": stored or ""}


def new_village(world: World, key: str) -> dict:
    return {"name": "新村", "code": "990000000999", "kind": "village", "valid_from": "2090-01-01"}


def mergers(world: World, key: str) -> list[Case]:
    """Two villages of a township go into one of them; another township's is no choice."""
    own = [world.units[name].pk for name in UNITS if UNITS[name][2] == key]
    foreign = [world.units[village_of(FOREIGN[key])].pk]
    into = {"since": "2090-01-01", "into": own[0]}
    body, smuggled = {**into, "villages": own}, {**into, "villages": [*own[:1], *foreign]}
    return [Case({"pk": world.units[key].pk}, ADMINS, ADMINS, body, smuggled=(smuggled,))]


def job_of(reads, writes) -> Route:
    """An export is its owner's alone; every person's own is asked for by all."""

    def cases(world: World, key: str):
        return [Case({"public_id": world.jobs[key].public_id}, reads, writes, changes_nothing=True)]

    return Route(cases, about=("township clerk", "reviewer", "other township's clerk", "other district's clerk"))


def pages_of(**more) -> Route:
    """Printed pages are their owner's alone, as an export is."""

    def cases(world: World, key: str):
        return [Case({"public_id": world.pages[key].public_id, **more}, EVERYBODY, None)]

    return Route(cases, about=("township clerk", "reviewer", "other township's clerk", "other district's clerk"))


def new_item(world: World, key) -> list[Case]:
    code = world.items["A1"].named_list.code
    return [Case({"list_code": code}, OFFICE, OFFICE, item_body(world, "A1"), smuggled=())]


def on_import(state, reads=None, writes=None, extra=None, **more) -> Route:
    """A page about a file on its way into a ledger; a district's staff read it, the township's office works on it."""

    def cases(world: World, key: str):
        batch = world.imports[key, state]
        batch.refresh_from_db()
        filled = {name: value(batch) if callable(value) else value for name, value in more.items()}
        return [Case({"public_id": batch.public_id, **(extra or {})}, reads, writes, **filled)]

    return Route(cases, about=TOWNSHIPS)


def ledger_file(reads=None, writes=None, **kwargs) -> Route:
    """A page about one ledger of one's own township."""
    return Route(lambda world, key: [Case({"kind": "study", **kwargs}, reads, writes, changes_nothing=True)])


def clerk_of_village(township: str) -> frozenset[str]:
    """The clerk of a township's first village, where the world has one."""
    return frozenset(who for who in sorted(VILLAGE) if PEOPLE[who][1] == village_of(township))


def files_of_cell(world: World, key: str) -> list[Case]:
    """A file of the township may prove another of its cells; a file of somebody else's may not."""
    village, draft = village_of(key), world.returns[key, State.DRAFT].pk
    foreign = (
        {"reuse": str(world.files[FOREIGN[key]].public_id)},
        {"reuse": str(world.files[village_of(FOREIGN[key])].public_id)},
    )
    whole = {"pk": draft, "cell": COUNT_CELL}
    own_row = {"pk": draft, "cell": village_cell(key)}
    mixed = ({"pk": draft, "cell": village_cell(FOREIGN[key])}, {"pk": draft, "cell": "no"})
    of_village, of_township = (str(world.files[name].public_id) for name in (village, key))
    return [
        Case(whole, None, CLERKS, {"reuse": of_village}, smuggled=foreign, mixed=mixed),
        Case(own_row, None, CLERKS, {"reuse": of_township}, smuggled=foreign, asked=EVERYBODY - VILLAGE),
        Case(own_row, None, CLERKS | clerk_of_village(key), {"reuse": of_village}, smuggled=foreign, changes_nothing=True),
    ]


def files_of_entry(world: World, key: str) -> list[Case]:
    kwargs = {"kind": "highlight", "pk": world.items[key].pk}
    foreign = ({"reuse": str(world.files[FOREIGN[key]].public_id)},)
    return [Case(kwargs, None, OFFICE, {"reuse": str(world.files[key].public_id)}, smuggled=foreign)]


def evidence_links(world: World, key: str) -> list[Case]:
    own_row = {"pk": world.links[village_of(key)].pk}
    return [
        Case({"pk": world.links[key].pk}, None, CLERKS, {"remove": "1"}),
        Case({"pk": world.links[key].pk}, None, CLERKS, {"caption": "说明"}),
        Case(own_row, None, CLERKS | clerk_of_village(key), {"caption": "说明"}),
    ]


def evidence_files(world: World, key: str) -> list[Case]:
    """A township's paper is read by its office and district; a village's picture by its own clerk too."""
    paper = Case({"public_id": world.files[key].public_id}, READERS)
    return [paper, Case({"public_id": world.files[village_of(key)].public_id}, READERS | clerk_of_village(key))]


def evidence_thumbnails(world: World, key: str) -> list[Case]:
    return [Case({"public_id": world.files[village_of(key)].public_id}, READERS | clerk_of_village(key))]


def of_set(papers: str, reads=None, writes=None, extra=None, **more) -> Route:
    """A page about a district's draft (papers: sets) or about a row of it (indicators, retired, lists)."""

    def cases(world: World, key: str):
        kwargs = {"pk": getattr(world, papers)[key].pk} | (extra or {})
        filled = {name: value(world, key) if callable(value) else value for name, value in more.items()}
        return [Case(kwargs, reads, writes, **filled)]

    return Route(cases, about=("A", "B"))


INDICATOR_BODY = {
    "name": "新名称", "measure": "次", "source": "entered", "aggregation": "sum", "level": "township", "decimals": 0,
    "usual_checks": "on", "month": 1, "base_version": 1,
}  # fmt: skip
IN_AREA = {"area": "ideology"}
MOVE_BODY = {"place": 1, "to": "down"}


def publishing(world: World, key: str) -> dict:
    return {"effect_date": timezone.localdate().isoformat(), "base_version": world.sets[key].version, "confirmed": "1"}


def new_set(world: World, key) -> list[Case]:
    year = timezone.localdate().year
    return [Case({}, None, ADMINS, {"source": year, "target": year + 2})]


def new_templates(world: World, key) -> list[Case]:
    year = timezone.localdate().year
    return [Case({}, None, ADMINS, {"source": year + 1, "target": year})]


def new_template(world: World, key: str) -> dict:
    return {"year": timezone.localdate().year, "unit_class": "town"}


def taking_force(world: World, key: str) -> dict:
    return {"base_version": world.templates[key].version}


def trial_of(world: World, key: str) -> dict:
    return {"township": world.units[f"{key}1"].pk, "year": NEXT_YEAR}


TEMPLATE_HEAD = {"name": "新名", "profile": "plain", "title": "标题", "addressee": "某部：", "signature": "某办"}


def own_facts(world: World, key: str) -> dict:
    """What the form shows, and one more."""
    rows = facts_of(world.templates[key].content)
    typed = {f"label-{row.name}": row.label for row in rows} | {f"value-{row.name}": row.value for row in rows}
    return {**typed, "label-new": "新事项", "value-new": "值"}


def targets(world: World, key) -> list[Case]:
    """Each administrator sets their own townships' targets; another district's are refused."""

    def body(township):
        return {"year": YEAR, f"t-{world.units[township].pk}-{COUNT_CELL}": "5", "seen": "{}"}

    pairs = (("admin", "A1", "B1"), ("other district's admin", "B1", "A1"))
    return [
        Case({}, None, frozenset({who}), body(own), smuggled=(body(foreign),), asked=frozenset(PEOPLE) - (ADMINS - {who}),
             answers=(200, 302, 409))
        for who, own, foreign in pairs
    ]  # fmt: skip


ROUTES: dict[str, Route] = {
    # everybody
    "health": Route(lambda world, key: [Case(reads=EVERYBODY)], is_public=True),
    "accounts:login": Route(lambda world, key: [Case(reads=EVERYBODY, writes=EVERYBODY, changes_nothing=True)], is_public=True),
    "accounts:logout": page(None, EVERYBODY),
    "accounts:password": page(EVERYBODY, EVERYBODY, changes_nothing=True),
    "workbench": page(EVERYBODY),
    # exports
    "workflow:job_list": page(EVERYBODY),
    "workflow:job_detail": job_of(EVERYBODY, None),
    "workflow:job_status": job_of(EVERYBODY, None),
    "workflow:job_cancel": job_of(None, EVERYBODY),
    "workflow:job_download": job_of(EVERYBODY, None),
    # the district's administration
    "workflow:account_list": page(ADMINS),
    "workflow:account_create": Route(new_account),
    "workflow:account_disable": Route(account_of, about=("A1", "A2", "B1", "A", "B")),
    "workflow:account_enable": Route(closed_account, about=("A1",)),
    "workflow:account_reset": Route(account_of, about=("A1", "A2", "B1", "A", "B")),
    "metrics:unit_list": page(ADMINS),
    "metrics:unit_detail": of_unit(ADMINS),
    "metrics:unit_population": of_unit(ADMINS, ADMINS, body=persons_of_village),
    "metrics:village_create": of_unit(ADMINS, ADMINS, body=new_village),
    "metrics:village_merge": Route(mergers, about=("A1",)),
    "metrics:village_detail": of_unit(ADMINS, ADMINS, about=VILLAGE_KEYS, body={"name": "新村名"}),
    "metrics:village_rename_from": of_unit(
        None, ADMINS, about=VILLAGE_KEYS, body={"name": "新名村", "code": "990000000888", "since": "2090-01-01"}
    ),
    "metrics:village_end": of_unit(None, ADMINS, about=VILLAGE_KEYS, body={"valid_to": "2090-12-31"}),
    # monthly returns
    "metrics:return_list": page(EVERYBODY),
    "metrics:queue": page(DISTRICT),
    "metrics:board": page(DISTRICT),
    "metrics:return_detail": on_return(State.IN_REVIEW, EVERYBODY),
    "metrics:save_cells": on_return(
        State.DRAFT, None, CLERKS, json=True, body=batch(COUNT_CELL),
        smuggled=lambda world, key: (batch(village_cell(FOREIGN[key])),),
    ),
    "metrics:return_beat": on_return(State.DRAFT, None, CLERKS | VILLAGE, json=True, body=BEAT),
    "metrics:cell_panel": on_return(
        State.DRAFT, READERS, CLERKS, extra=lambda world, key: {"cell": COUNT_CELL}, body={"explanation": "说明"}
    ),
    "metrics:add_comment": Route(comment_return, about=TOWNSHIPS),
    "metrics:resolve_comment": Route(resolve_thread, about=TOWNSHIPS),
    "metrics:rounds": on_return(State.IN_REVIEW, READERS),
    "metrics:round_detail": on_return(State.IN_REVIEW, READERS, extra=lambda world, key: {"number": 1}),
    "metrics:return_print": on_return(State.IN_REVIEW, READERS),
    "metrics:deed": Route(return_deeds, about=TOWNSHIPS),
    "metrics:item_list": page(READERS),
    "metrics:item_create": Route(new_item),
    "metrics:item_detail": item_of(OFFICE, OFFICE),
    "metrics:item_remove": item_of(None, OFFICE, {}),
    "metrics:item_restore": Route(gone_item, about=TOWNSHIPS),
    "metrics:ledger_index": page(READERS),
    "metrics:ledger_list": Route(ledgers),
    "metrics:ledger_entry": entry_of(OFFICE, OFFICE),
    "metrics:ledger_remove": entry_of(None, OFFICE),
    "metrics:ledger_restore": Route(removed_entry, about=TOWNSHIPS),
    "metrics:cell_evidence": Route(files_of_cell, about=TOWNSHIPS),
    "metrics:entry_evidence": Route(files_of_entry, about=TOWNSHIPS),
    "metrics:evidence_link": Route(evidence_links, about=TOWNSHIPS),
    "metrics:evidence_file": Route(evidence_files, about=TOWNSHIPS),
    "metrics:evidence_small": Route(evidence_thumbnails, about=TOWNSHIPS),
    "metrics:settings": page(ADMINS, ADMINS, body=SETTINGS_BODY),
    # files in and out
    "metrics:import_start": ledger_file(OFFICE, OFFICE),
    "metrics:return_import": on_return(State.DRAFT, CLERKS, CLERKS, changes_nothing=True),
    "metrics:import_detail": on_import("preview", READERS),
    "metrics:import_columns": on_import("matching", None, OFFICE, body={f"column-{n}": f for n, f in enumerate(STUDY_FIELDS)}),
    "metrics:import_row": on_import("preview", None, OFFICE, {"number": 3}, body={"c-date": f"{YEAR}-03-09"}),
    "metrics:import_confirm": on_import("preview", None, OFFICE, body=lambda batch: {"version": batch.version}),
    "metrics:import_undo": on_import("imported", None, OFFICE),
    "metrics:import_marked": on_import("preview", OFFICE),
    "metrics:ledger_template": ledger_file(READERS),
    "metrics:ledger_export": ledger_file(READERS, extension="xlsx"),
    "metrics:return_template": on_return(State.DRAFT, READERS),
    "metrics:return_export": on_return(State.IN_REVIEW, READERS, extra=lambda world, key: {"extension": "xlsx"}),
    "metrics:return_pdf": on_return(State.IN_REVIEW, None, READERS),
    "metrics:return_list_export": Route(lambda world, key: [Case({"extension": "csv"}, READERS)]),
    "metrics:comparison": page(DISTRICT),
    "metrics:comparison_export": page(DISTRICT),
    "metrics:board_export": Route(lambda world, key: [Case({"extension": "xlsx"}, DISTRICT)]),
    "metrics:item_export": Route(lambda world, key: [Case({"extension": "xlsx"}, READERS)]),
    "volunteers:export_sheet": on_return(State.IN_REVIEW, EVERYBODY, extra=lambda world, key: {"extension": "xlsx"}),
    # what a district counts, and its targets
    "metrics:catalogue_list": page(ADMINS),
    "metrics:catalogue_copy": Route(new_set),
    "metrics:catalogue_detail": of_set("sets", ADMINS),
    "metrics:catalogue_preview": of_set("sets", ADMINS),
    "metrics:catalogue_publish": of_set("sets", ADMINS, ADMINS, body=publishing),
    "metrics:catalogue_discard": of_set("sets", None, ADMINS),
    "metrics:indicator_create": of_set("sets", ADMINS, ADMINS, IN_AREA, body=INDICATOR_BODY),
    "metrics:named_list_create": of_set("sets", ADMINS, ADMINS, IN_AREA, body={"name": "新清单"}),
    "metrics:indicator_detail": of_set("indicators", ADMINS, ADMINS, body=INDICATOR_BODY),
    "metrics:indicator_move": of_set("indicators", None, ADMINS, body=MOVE_BODY),
    "metrics:indicator_retire": of_set("indicators", None, ADMINS, body={"last_month": 6}),
    "metrics:indicator_restore": of_set("retired", None, ADMINS),
    "metrics:indicator_remove": of_set("indicators", None, ADMINS),
    "metrics:named_list_detail": of_set("lists", ADMINS, ADMINS, body={"name": "新清单", "base_version": 1}),
    "metrics:named_list_move": of_set("lists", None, ADMINS, body={"place": 1}),
    "metrics:target_list": page(ADMINS),
    "metrics:target_fill": page(None, ADMINS, body={"year": YEAR, "fill": "propose"}, changes_nothing=True),
    "metrics:target_save": Route(targets),
    # village sheet
    "volunteers:village_sheet": on_return(State.IN_REVIEW, EVERYBODY),
    "volunteers:sheet_beat": on_return(State.DRAFT, None, CLERKS | VILLAGE, json=True, body=BEAT),
    "volunteers:save_sheet": Route(own_row, about=TOWNSHIPS),
    # annual reports
    "reports:report_list": page(READERS),
    "reports:report_create": page(None, OFFICE | DEPARTMENT, body={"year": NEXT_YEAR}),
    "reports:report_detail": on_report(State.APPROVED, READERS),
    "reports:report_head": on_report(State.DRAFT, OFFICE, OFFICE, body=HEAD_BODY),
    "reports:report_preview": on_report(State.APPROVED, READERS),
    "reports:report_rounds": on_report(State.APPROVED, READERS),
    "reports:report_round": on_report(State.APPROVED, READERS, extra=lambda world, key: {"number": 1}),
    "reports:report_version": on_report(State.APPROVED, READERS, extra=lambda world, key: {"number": 1}),
    # What there is to pack is refused or packed by the job's tests; who may ask at all is told here.
    "reports:report_batch": page(DISTRICT, DISTRICT, body={"year": YEAR, "reports": "approved", "format": "json"}),
    "reports:version_compare": on_report(State.APPROVED, READERS, query="?from=1&to=1"),
    "reports:report_verify": page(READERS, READERS, body={"code": "0123-4567-89AB"}, changes_nothing=True),
    "reports:report_export": on_report(State.APPROVED, None, READERS),
    "reports:report_pages": on_report(State.DRAFT, None, READERS),
    "reports:pages_status": pages_of(),
    "reports:page_picture": pages_of(number=1),
    "reports:report_deed": Route(report_deeds, about=REPORTING),
    "reports:figures_update": on_report(State.DRAFT, None, OFFICE, answers=(302,), changes_nothing=True),
    "reports:token_preview": on_report(State.APPROVED, READERS, query="?" + urlencode({"token": TOKEN})),
    "reports:figure_trace": Route(traces, about=TOWNSHIPS),
    "reports:figure_update": deciding({"everywhere": "1"}),
    "reports:figure_keep": deciding({"note": "与公开稿一致"}),
    "reports:figure_release": deciding({}),
    "reports:figure_rebind": deciding({"name": "中心组专题学习", "period": "目前", "format": "次"}),
    "reports:block_edit": on_block(OFFICE, OFFICE, body={"lead": "一项", "text": "改过的一段。", "version": 1}),
    "reports:block_update": on_block(None, OFFICE, changes_nothing=True),
    "reports:block_drop": on_block(None, OFFICE),
    "reports:block_restore": on_block(None, OFFICE, key="b2"),
    "reports:block_insert": on_block(OFFICE, OFFICE, body={"kind": "paragraph"}),
    "reports:block_move": on_block(None, OFFICE, body={"past": "b0"}),
    # only what was put in by hand is deleted, only an own deed undone
    "reports:block_delete": on_block(None, OFFICE, body={"version": 1}, changes_nothing=True),
    "reports:deed_undo": on_report(State.DRAFT, None, OFFICE, body={"event": 1}, changes_nothing=True),
    "reports:report_here": on_report(State.DRAFT, None, OFFICE, body={"block": "b1"}),
    "reports:plan_item_add": on_block(None, OFFICE, key="b2", body={"measure": "一项措施"}),
    "reports:plan_item_edit": Route(plan_item, about=REPORTING),
    "reports:plan_item_remove": Route(plan_item_removal, about=REPORTING),
    "reports:plan_item_move": Route(plan_item_move, about=REPORTING),
    # No plan of the year before is on record here: what the office may do is refused in words.
    "reports:plan_outcome": on_report(
        State.DRAFT, None, OFFICE, extra=lambda world, key: {"item": 1}, answers=(302,), changes_nothing=True
    ),
    # what the list no longer holds is refused with a message
    "reports:finding_confirm": on_report(
        State.DRAFT, None, OFFICE, body={"mark": "0" * 64, "reason": "原文如此"}, answers=(302,), changes_nothing=True
    ),
    "reports:finding_fix": on_report(State.DRAFT, None, OFFICE, body={"mark": "0" * 64}, answers=(302,), changes_nothing=True),
    "reports:comment_add": Route(comment_report, about=REPORTING),
    "reports:comment_resolve": Route(resolve_report_thread, about=REPORTING),
    # the district's report templates
    "reports:template_list": page(DISTRICT),
    "reports:template_copy_year": Route(new_templates),
    "reports:monthly_form": Route(
        lambda world, key: [Case({"year": NEXT_YEAR}, ADMINS, ADMINS, {"title": "{month}月报", "signatures": "负责人："})]
    ),
    "reports:template_detail": of_set("templates", DISTRICT),
    "reports:template_copy": of_set("templates", None, ADMINS, body=new_template),
    "reports:template_trial": of_set("templates", DISTRICT),
    "reports:template_trial_print": of_set("templates", None, DISTRICT, body=trial_of),
    "reports:trial_pages": of_set("templates", None, DISTRICT, body=trial_of),
    "reports:template_publish": of_set("templates", ADMINS, ADMINS, body=taking_force),
    "reports:template_discard": of_set("templates", None, ADMINS),
    "reports:template_head": of_set("templates", ADMINS, ADMINS, body=TEMPLATE_HEAD),
    "reports:template_facts": of_set("templates", ADMINS, ADMINS, body=own_facts),
    "reports:template_block_create": of_set(
        "templates", ADMINS, ADMINS, query="?kind=paragraph&after=opening", body={"text": "新的一段。"}
    ),
    "reports:template_block": of_set("templates", ADMINS, ADMINS, {"key": "own.1"}, body={"text": "改过的一段。"}),
    "reports:template_block_move": of_set("templates", None, ADMINS, {"key": "own.1"}, body={"place": 5}),
    "reports:template_block_remove": of_set("templates", None, ADMINS, {"key": "own.1"}),
}  # fmt: skip
