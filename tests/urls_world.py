"""The small world of the URL matrix: two districts whose every name, figure and text carries its unit's canary.

A canary is an ASCII word that nothing else contains. `name` canaries stand in what other levels may read as well (names
of units and people); `inside` canaries and numbers stand in what only those who see the unit may read.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pypdfium2
from django.conf import settings
from django.utils import timezone

from accounts.choices import Role, UnitKind
from accounts.models import Population, Unit, User
from metrics import services
from metrics.choices import FigureKind, Level
from metrics.ledgers import ledger_kind
from metrics.models import (
    Area,
    Catalogue,
    DistrictYear,
    EvidenceFile,
    EvidenceLink,
    Figure,
    Highlight,
    ImportBatch,
    Indicator,
    MonthlyReturn,
    NamedList,
    StudySession,
)
from reports.assembly import load_binder
from reports.choices import BlockKind
from reports.models import Block, BoundFigure, PlanItem, Report, ReportTemplate
from reports.services import (
    add_template_block,
    approve_report,
    comment_on_block,
    copy_template,
    save_template_facts,
    save_template_head,
    send_back_report,
    sign_off_report,
    submit_report,
    sync_templates,
)
from reports.services import start_review as start_report_review
from reports.services.settling import settle_blocks
from reports.services.template_writing import head_facts
from reports.template_content import Fact, facts_of
from workflow.choices import CommentKind, JobState, State, Subject
from workflow.models import Comment, Event, Job

# The year of the returns. Reports of it and of the years before stand in every state; in NEXT_YEAR one may be created.
YEAR, NEXT_YEAR = 2024, 2025
# One township cell of a plain count, one village cell.
COUNT_CELL, VILLAGE_CELL = "ideology_study_book_count", "vol_service_hours"

TOKEN = f"【{COUNT_CELL}|1月|本】"

# key: (code, kind, parent, number canary)
UNITS = {
    "A": ("990100000000", UnitKind.DISTRICT, None, 4100171),
    "A1": ("990100101000", UnitKind.TOWN, "A", 4110273),
    "A2": ("990100102000", UnitKind.TOWNSHIP, "A", 4120379),
    "A1a": ("990100101201", UnitKind.VILLAGE, "A1", 4111483),
    "A1b": ("990100101202", UnitKind.COMMUNITY, "A1", 4112587),
    "A2a": ("990100102201", UnitKind.VILLAGE, "A2", 4121693),
    "B": ("990200000000", UnitKind.DISTRICT, None, 5100797),
    "B1": ("990200101000", UnitKind.TOWN, "B", 5110801),
    "B1a": ("990200101201", UnitKind.VILLAGE, "B1", 5111907),
}
TOWNSHIPS = ("A1", "A2", "B1")
# who: (role, unit)
PEOPLE = {
    "village clerk": (Role.VILLAGE_CLERK, "A1a"),
    "sibling village clerk": (Role.VILLAGE_CLERK, "A1b"),
    "township clerk": (Role.TOWNSHIP_CLERK, "A1"),
    "township head": (Role.TOWNSHIP_HEAD, "A1"),
    "reviewer": (Role.DISTRICT_REVIEWER, "A"),
    "admin": (Role.DISTRICT_ADMIN, "A"),
    "auditor": (Role.AUDITOR, "A"),
    "other township's clerk": (Role.TOWNSHIP_CLERK, "A2"),
    "other township's head": (Role.TOWNSHIP_HEAD, "A2"),
    "other district's reviewer": (Role.DISTRICT_REVIEWER, "B"),
    "other district's admin": (Role.DISTRICT_ADMIN, "B"),
    "other district's clerk": (Role.TOWNSHIP_CLERK, "B1"),
    "other district's head": (Role.TOWNSHIP_HEAD, "B1"),
    "disabled": (Role.TOWNSHIP_CLERK, "A1"),
}
# Written by hand, not asked of the product: whose figures and texts a person may read.
ALL_A = {"A", "A1", "A2", "A1a", "A1b", "A2a"}
SEES = {
    "village clerk": {"A1a"},
    "sibling village clerk": {"A1b"},
    "township clerk": {"A1", "A1a", "A1b"},
    "township head": {"A1", "A1a", "A1b"},
    "reviewer": ALL_A,
    "admin": ALL_A,
    "auditor": ALL_A,
    "other township's clerk": {"A2", "A2a"},
    "other township's head": {"A2", "A2a"},
    "other district's reviewer": {"B", "B1", "B1a"},
    "other district's admin": {"B", "B1", "B1a"},
    "other district's clerk": {"B1", "B1a"},
    "other district's head": {"B1", "B1a"},
    "disabled": set(),
    "anonymous": set(),
}
RETURN_MONTHS = {
    State.APPROVED: 1,
    State.RETURNED: 2,
    State.IN_REVIEW: 3,
    State.SUBMITTED: 4,
    State.AWAITING_SIGNOFF: 5,
    State.DRAFT: 6,
}
SETTINGS_COPY = {
    "front_rank_share": "0.34", "lagging_share": "0.60", "lagging_most": "3", "volunteer_target_share": "10",
    "population_kind": "household", "volunteer_standard_hours": "25",
}  # fmt: skip
CLEAN = "in review without a comment"  # a return beside those of RETURN_MONTHS
REPORT_YEARS = {state: YEAR - month + 1 for state, month in RETURN_MONTHS.items()}


def inside(key: str) -> str:
    """The canary of a unit's figures and texts."""
    return f"zq{key}inside"


def named(key: str) -> str:
    """The canary of a unit's name and of its people's names."""
    return f"zq{key}name"


def owned(who: str) -> str:
    """The canary of what belongs to one person alone: their exports."""
    return f"zq{who.replace(' ', '').replace(chr(39), '')}own"


@dataclass
class World:
    """Everything made, by unit key."""

    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    returns: dict[tuple[str, str], MonthlyReturn] = field(default_factory=dict)
    reports: dict[tuple[str, str], Report] = field(default_factory=dict)
    plan_items: dict[str, PlanItem] = field(default_factory=dict)
    threads: dict[tuple[str, str], Comment] = field(default_factory=dict)
    bound: dict[str, BoundFigure] = field(default_factory=dict)
    items: dict[str, Highlight] = field(default_factory=dict)
    entries: dict[str, StudySession] = field(default_factory=dict)
    removals: dict[str, Event] = field(default_factory=dict)
    gone_items: dict[str, Event] = field(default_factory=dict)
    files: dict[str, EvidenceFile] = field(default_factory=dict)
    links: dict[str, EvidenceLink] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    pages: dict[str, Job] = field(default_factory=dict)
    imports: dict[tuple[str, str], ImportBatch] = field(default_factory=dict)
    spare_accounts: dict[str, User] = field(default_factory=dict)
    sets: dict[str, Catalogue] = field(default_factory=dict)
    indicators: dict[str, Indicator] = field(default_factory=dict)
    retired: dict[str, Indicator] = field(default_factory=dict)
    lists: dict[str, NamedList] = field(default_factory=dict)
    templates: dict[str, ReportTemplate] = field(default_factory=dict)

    def __deepcopy__(self, memo):
        """A test class hands out copies; these rows are only read."""
        return self

    def forbidden(self, who: str) -> set[str]:
        """Words that must never reach this person."""
        seen = SEES[who]
        above = set()
        for key in seen:
            while key:
                above.add(key)
                key = UNITS[key][2]
        words = set()
        for key, (_code, _kind, _parent, number) in UNITS.items():
            if key not in seen:
                words |= {inside(key), str(number), f"{number:,}"}
            if key not in above:
                words.add(named(key))
        return words | {owned(other) for other in PEOPLE if other != who}


def build_world() -> World:
    """Make districts, people, returns and reports in every state, comments, named items, exports."""
    world = World()
    services.sync_catalogue()
    _make_units(world)
    sync_templates()
    _make_people(world)
    for township in TOWNSHIPS:
        for state in RETURN_MONTHS:
            _make_return(world, township, state)
        _make_return(world, township, State.APPROVED, year=NEXT_YEAR)
        _make_return(world, township, CLEAN)
        for state in RETURN_MONTHS:
            _make_report(world, township, state)
        _make_item(world, township)
        _make_imports(world, township)
        _make_entries(world, township)
        _make_evidence(world, township)
    for state in _DISTRICT_REPORT_STEPS:
        _make_report(world, "A", state)
    for who in PEOPLE:
        _make_job(world, who)
    for who, key in (("admin", "A"), ("other district's admin", "B")):
        _make_set(world, world.people[who], key)
        _make_template(world, world.people[who], key)
    return world


def _make_units(world) -> None:
    for order, (key, (code, kind, parent, number)) in enumerate(UNITS.items()):
        world.units[key] = Unit.objects.create(
            code=code, name=f"{named(key)}{'区镇村'[len(key) - 1]}", kind=kind, order=order, valid_from=date(2000, 1, 1),
            parent=world.units.get(parent),
        )  # fmt: skip
        Population.objects.create(unit=world.units[key], year=YEAR, persons=number)
    for district in ("A", "B"):
        for year in (YEAR, NEXT_YEAR):
            DistrictYear.objects.create(district=world.units[district], year=year)


def _make_people(world) -> None:
    for number, (who, (role, unit)) in enumerate(PEOPLE.items()):
        world.people[who] = User.objects.create(
            login=f"zq{unit.lower()}.{number}", display_name=named(unit), unit=world.units[unit], role=role, password="!",
            is_active=who != "disabled",
        )  # fmt: skip
    for key in (*TOWNSHIPS, "A", "B"):
        role = Role.TOWNSHIP_CLERK if key in TOWNSHIPS else Role.AUDITOR
        world.spare_accounts[key] = User.objects.create(
            login=f"zq{key.lower()}.spare", display_name=named(key), unit=world.units[key], role=role, password="!"
        )


def staff_of(world, township: str) -> tuple[User, User, User]:
    """The clerk, the head and the reviewer that a unit's papers pass through."""
    clerk, head, reviewer = {
        "A1": ("township clerk", "township head", "reviewer"),
        "A2": ("other township's clerk", "other township's head", "reviewer"),
        "B1": ("other district's clerk", "other district's head", "other district's reviewer"),
        "A": ("reviewer", "admin", "admin"),  # of its own report: who submits it, and who decides
    }[township]
    return world.people[clerk], world.people[head], world.people[reviewer]


def _make_return(world, township: str, state: str, year: int = YEAR) -> None:
    unit = world.units[township]
    row = MonthlyReturn.objects.create(
        unit=unit, year=year, month=RETURN_MONTHS.get(state, 7), due_at=timezone.now() + timedelta(days=9)
    )
    _fill(world, township, row)
    move_on(row, state, staff_of(world, township), _RETURN_STEPS)
    if year == YEAR:
        world.returns[township, state] = row
    if state in (State.IN_REVIEW, State.RETURNED):
        village = next(key for key in UNITS if UNITS[key][2] == township)
        rows = Comment.objects.filter(subject_kind=Subject.RETURN, subject_id=row.pk)
        world.threads[township, state] = thread = rows.get(anchor=COUNT_CELL, parent=None)
        if state == State.RETURNED and not thread.answers.exists():
            Comment.objects.create(
                unit=unit, subject_kind=Subject.RETURN, subject_id=row.pk, round_number=1, anchor=COUNT_CELL, parent=thread,
                text=inside(township), author=staff_of(world, township)[0],
            )  # fmt: skip
        Comment.objects.create(
            unit=unit, subject_kind=Subject.RETURN, subject_id=row.pk, round_number=1, text=inside(village),
            anchor=f"{VILLAGE_CELL}@{UNITS[village][0]}", author=staff_of(world, township)[2],
        )  # fmt: skip


def _fill(world, township: str, row: MonthlyReturn) -> None:
    """Fill every cell so that nothing blocks submission: noughts, the canary number, the canary as explanation."""
    villages = [key for key in UNITS if UNITS[key][2] == township]
    figures = []
    for indicator in Indicator.objects.of_year(row.unit.parent_id, row.year).filter(source="entered"):
        keys = villages if indicator.level == Level.VILLAGE else [township]
        for key in keys:
            has_number = indicator.code in (COUNT_CELL, VILLAGE_CELL)
            figures.append(_figure(row, indicator, world.units[key], UNITS[key][3] if has_number else 0, inside(key)))
    Figure.objects.bulk_create(figures)


def _figure(row, indicator, unit, value, words) -> Figure:
    return Figure(
        monthly_return=row, indicator=indicator, unit=unit, kind=FigureKind.VALUE, value=value, raw=str(value),
        explanation=words, updated_at=timezone.now(),
    )  # fmt: skip


def move_on(row, state: str, staff, steps):
    """Bring a draft to the wanted state by the product's own services, one person a step."""
    for step in steps[state]:
        step(row, *staff)
    row.refresh_from_db()
    return row


def _send_back(row, clerk, head, reviewer):
    _comment(row, clerk, head, reviewer)
    services.send_back_return(by=reviewer, monthly_return=row, reason=_words(row))


def _comment(row, clerk, head, reviewer):
    services.comment_on_figure(by=reviewer, monthly_return=row, cell=COUNT_CELL, text=_words(row))


def _words(row) -> str:
    """The canary of a return's or report's unit."""
    return inside(next(key for key in UNITS if UNITS[key][0] == row.unit.code))


def _submit(row, clerk, head, reviewer):
    services.submit_return(by=clerk, monthly_return=row, reason=_words(row))


def _sign(row, clerk, head, reviewer):
    services.sign_off_return(by=head, monthly_return=row, reason=_words(row))


def _take(row, clerk, head, reviewer):
    services.start_review(by=reviewer, monthly_return=row)


def _approve(row, clerk, head, reviewer):
    services.approve_return(by=reviewer, monthly_return=row, reason=_words(row))


_RETURN_STEPS = {
    State.DRAFT: (),
    State.AWAITING_SIGNOFF: (_submit,),
    State.SUBMITTED: (_submit, _sign),
    State.IN_REVIEW: (_submit, _sign, _take, _comment),
    State.RETURNED: (_submit, _sign, _take, _send_back),
    CLEAN: (_submit, _sign, _take),
    State.APPROVED: (_submit, _sign, _take, _approve),
}


def _make_report(world, township: str, state: str) -> None:
    """A report of three blocks; the approved one alone lies in a year with figures and binds one, the canary number."""
    unit, words = world.units[township], inside(township)
    year = REPORT_YEARS[state]
    report = Report.objects.create(
        unit=unit, year=year, title=f"{words}\n{year}年度总结", addressee=words, signature=words, issue_date=date(year, 12, 31),
        created_by=staff_of(world, township)[0], cutoff_month=1 if year == YEAR else 12, settings_copy=SETTINGS_COPY,
    )  # fmt: skip
    token = f"购书{TOKEN}。" if state == State.APPROVED and unit.is_township else ""
    fixed = f"〖{words}〗"  # the canary holds a digit, which as ordinary words would block
    texts = (
        (BlockKind.HEADING, "", fixed),
        (BlockKind.PARAGRAPH, "", f"{fixed}。{token}"),
        (BlockKind.PLAN, "", f"{fixed}。"),
    )
    for order, (kind, lead, text) in enumerate(texts):
        Block.objects.create(
            report=report,
            key=f"b{order}",
            order=order,
            kind=kind,
            level=1,
            lead=lead,
            text=text,
            is_optional=order > 0,
            is_dropped=order == 2 and state == State.DRAFT,
        )
    item = PlanItem.objects.create(report=report, block=report.blocks.get(key="b2"), order=1, measure=words, lead_unit=words)
    if state == State.DRAFT:
        world.plan_items[township] = item
    settle_blocks(list(report.blocks.all()), load_binder(report))
    steps = _REPORT_STEPS if unit.is_township else _DISTRICT_REPORT_STEPS
    world.reports[township, state] = move_on(report, state, staff_of(world, township), steps)
    if thread := _thread_name(unit, state):
        threads = Comment.objects.about(Subject.REPORT, report.pk).filter(parent=None)
        world.threads[township, thread] = threads.get()
    if state == State.APPROVED and unit.is_township:
        world.bound[township] = report.bound_figures.get()


def _thread_name(unit, state: str) -> str | None:
    """Under which name a report's thread is kept: of one that is being decided on, or of one sent back."""
    deciding = State.IN_REVIEW if unit.is_township else State.SUBMITTED
    return {deciding: "report", State.RETURNED: "returned report"}.get(state)


def _submit_report(row, clerk, head, reviewer):
    submit_report(by=clerk, report=row, reason=_words(row))


def _sign_report(row, clerk, head, reviewer):
    sign_off_report(by=head, report=row, reason=_words(row))


def _take_report(row, clerk, head, reviewer):
    start_report_review(by=reviewer, report=row)


def _comment_report(row, clerk, head, reviewer):
    comment_on_block(by=reviewer, report=row, key="b1", text=_words(row), kind=CommentKind.NOTE)


def _answer_report(row, clerk, head, reviewer):
    thread = Comment.objects.about(Subject.REPORT, row.pk).get()
    comment_on_block(by=clerk, report=row, key="b1", text=_words(row), parent=thread)


def _send_back_report(row, clerk, head, reviewer):
    send_back_report(by=reviewer, report=row, reason=_words(row))


def _approve_report(row, clerk, head, reviewer):
    approve_report(by=reviewer, report=row, reason=_words(row))


_REPORT_STEPS = {
    State.DRAFT: (),
    State.AWAITING_SIGNOFF: (_submit_report,),
    State.SUBMITTED: (_submit_report, _sign_report),
    State.IN_REVIEW: (_submit_report, _sign_report, _take_report, _comment_report),
    State.RETURNED: (_submit_report, _sign_report, _take_report, _comment_report, _send_back_report, _answer_report),
    State.APPROVED: (_submit_report, _sign_report, _take_report, _approve_report),
}
_DISTRICT_REPORT_STEPS = {
    State.DRAFT: (),
    State.SUBMITTED: (_submit_report, _comment_report),
    State.RETURNED: (_submit_report, _comment_report, _send_back_report, _answer_report),
    State.APPROVED: (_submit_report, _approve_report),
}


def _make_item(world, township: str) -> None:
    words = inside(township)
    world.items[township] = Highlight.objects.create(
        unit=world.units[township], year=YEAR, named_list=NamedList.objects.first(), name=words, place=words, note=words,
        date_from=date(YEAR, 3, 1),
    )  # fmt: skip
    gone = Highlight.objects.create(
        unit=world.units[township], year=YEAR, named_list=NamedList.objects.first(), name=words, date_from=date(YEAR, 3, 2)
    )
    world.gone_items[township] = services.remove_item(by=staff_of(world, township)[0], item=gone)


def _make_imports(world, township: str) -> None:
    """Files into the study ledger, one in each state, and one of a month."""
    clerk, words = staff_of(world, township)[0], inside(township)
    for number, state in enumerate(("matching", "preview", "imported"), start=1):
        data = f"日期,类别,名称,地点\n{YEAR}-03-0{number},中心组专题学习,{words},{words}\n明天,聚餐,{words},{words}\n".encode()
        batch = services.start_import(
            by=clerk, unit=clerk.unit, kind=ledger_kind("study"), file_name=f"{words}.csv", data=data
        )  # fmt: skip
        if state != "matching":
            batch = services.match_columns(by=clerk, batch=batch, columns=batch.columns)
        if state == "imported":
            batch = services.confirm_import(by=clerk, batch=batch, base_version=batch.version)
        world.imports[township, state] = batch


def _make_entries(world, township: str) -> None:
    """One entry that stands, and the removal of another."""
    words, kind, clerk = inside(township), ledger_kind("study"), staff_of(world, township)[0]
    for day in (8, 9):
        entry = StudySession(unit=world.units[township], date=date(YEAR, 1, day), name=words, place=words, note=words)
        services.save_entry(by=clerk, kind=kind, entry=entry)
        if day == 9:
            world.removals[township] = services.remove_entry(by=clerk, kind=kind, entry=entry)
        else:
            world.entries[township] = entry


def _make_evidence(world, township: str) -> None:
    """A paper beside the draft's count, and a picture beside its village's cell; names and bytes carry the canary."""
    village = next(key for key in UNITS if UNITS[key][2] == township)
    draft, clerk = world.returns[township, State.DRAFT], staff_of(world, township)[0]
    for key, cell, ending in ((township, COUNT_CELL, "pdf"), (village, f"{VILLAGE_CELL}@{UNITS[village][0]}", "jpg")):
        stored_as = f"{YEAR}/06/{inside(key)}.{ending}"
        for name in (stored_as, f"{YEAR}/06/{inside(key)}.small.jpg"):
            path = settings.EVIDENCE_DIR / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(inside(key).encode())
        world.files[key] = EvidenceFile.objects.create(
            unit=world.units[key], year=YEAR, month=6, received_sha256=key, sha256=key, stored_as=stored_as, name=inside(key),
            media_type="application/pdf" if ending == "pdf" else "image/jpeg", size=len(inside(key)), uploaded_by=clerk,
        )  # fmt: skip
        world.links[key] = EvidenceLink.objects.create(
            file=world.files[key], unit=world.units[key], monthly_return=draft, cell=cell, caption=inside(key), linked_by=clerk
        )


def _make_set(world, admin: User, key: str) -> None:
    """A draft for the coming year with an indicator, a retired one and a list of the district's own."""
    year = timezone.localdate().year
    draft = services.copy_year(by=admin, district=admin.unit, source_year=year, first_year=year + 1)
    for place, (rows, name) in enumerate(((world.indicators, inside(key)), (world.retired, f"{inside(key)}2"))):
        row = Indicator(catalogue=draft, area=Area.objects.first(), name=name, measure="次", aggregation="sum", order=place)
        rows[key] = services.add_indicator(by=admin, indicator=row)
    services.retire_indicator(by=admin, indicator=world.retired[key], last_month=0)
    named_list = NamedList(catalogue=draft, area=Area.objects.first(), name=f"{inside(key)}3")
    world.lists[key] = services.add_named_list(by=admin, named_list=named_list)
    draft.refresh_from_db()
    world.sets[key] = draft


def _make_template(world, admin: User, key: str) -> None:
    """A draft of the district's report template with the canary in its name, a local fact and a paragraph."""
    shipped = ReportTemplate.objects.filter(district=admin.unit, is_shipped=True, unit_class="").first()
    draft = copy_template(by=admin, template=shipped, year=timezone.localdate().year + 1, unit_class="")
    values = head_facts(draft) | {"name": inside(key)}
    save_template_head(by=admin, template=draft, values=values)
    draft.refresh_from_db()
    save_template_facts(by=admin, template=draft, facts=[*facts_of(draft.content), Fact("own", inside(key), inside(key))])
    add_template_block(by=admin, template=draft, block={"kind": "paragraph", "text": f"{inside(key)}。"}, after="opening")
    draft.refresh_from_db()
    world.templates[key] = draft


def _make_job(world, who: str) -> None:
    """A finished export with a file; nobody but its owner may see it."""
    user = world.people[who]
    township = PEOPLE[who][1] if PEOPLE[who][1] in TOWNSHIPS else ("A1" if PEOPLE[who][1].startswith("A") else "B1")
    name = f"{owned(who)}.pdf"
    folder = settings.ARTIFACTS_DIR
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"%PDF-1.7 " + owned(who).encode())
    world.jobs[who] = Job.objects.create(
        unit=user.unit, kind="report_pdf", subject_id=world.reports[township, State.APPROVED].pk, key=owned(who),
        title=owned(who), state=JobState.DONE, artifact=name, file_name=name, requested_by=user,
        requested_at=timezone.now(), finished_at=timezone.now(),
    )  # fmt: skip
    _make_pages(world, who, township)


def _make_pages(world, who: str, township: str) -> None:
    """Printed pages that somebody looks at; nobody else may see them."""
    user, name = world.people[who], f"pages-{owned(who)}.pdf"
    with pypdfium2.PdfDocument.new() as pdf:
        pdf.new_page(200, 300)
        pdf.save(settings.ARTIFACTS_DIR / name)
    world.pages[who] = Job.objects.create(
        unit=user.unit, kind="report_pages", subject_id=world.reports[township, State.APPROVED].pk, key=f"pages {owned(who)}",
        title=owned(who), state=JobState.DONE, artifact=name, notes=[owned(who)], requested_by=user,
        requested_at=timezone.now(), finished_at=timezone.now(),
    )  # fmt: skip
