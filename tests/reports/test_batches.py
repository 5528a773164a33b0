"""All townships at once: who may ask, what goes in, what is named instead, going on after a pause or a killed worker, cancel."""

import io
import zipfile

import openpyxl
import pikepdf
import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.choices import Role
from reports import batch_files, batches, services
from reports.assembly import assemble, load_binder
from reports.models import Report, ReportVersion
from reports.render.files import Rendered
from tests import factories
from tests.reports.world import lasting
from workflow import jobs
from workflow.choices import JobState, State
from workflow.models import Event, Job
from workflow.store import path_of
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
PAGE = reverse("reports:report_batch")
CHOSEN = {"year": 2025, "reports": "approved", "format": "pdf"}


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=4) as world:
        yield world


@pytest.fixture
def world(db, lasting_world, settings, tmp_path, monkeypatch):
    settings.ARTIFACTS_DIR = tmp_path
    monkeypatch.setattr(jobs, "ring", lambda job: None)
    return lasting_world


@pytest.fixture
def printed(monkeypatch):
    """The documents that were rendered, each as a PDF of as many pages as there were before it, plus one."""
    seen = []

    def render(document, file_format, *, progress=None):
        seen.append(document.title_lines[0])
        return Rendered(pdf(len(seen)), len(seen))

    monkeypatch.setattr("reports.render.files.render", render)
    return seen


def pdf(pages: int) -> bytes:
    target = io.BytesIO()
    with pikepdf.new() as book:
        for _page in range(pages):
            book.add_blank_page()
        book.save(target)
    return target.getvalue()


def units(world):
    return list(world.district.children.order_by("order", "code"))


def report_of(world, unit, *, approved=True) -> Report:
    clerk = world.clerk if unit == world.town else factories.make_user(Role.TOWNSHIP_CLERK, unit)
    report = services.create_report(by=clerk, unit=unit, year=2025)
    if approved:
        approve(world, report)
    return Report.objects.get(pk=report.pk)


def approve(world, report):
    """Freeze a report as an approval does, whatever it lacks: the other townships have no villages."""
    document = assemble(report, binder=load_binder(report)).document
    ReportVersion.objects.create(report=report, number=1, document=document.to_json(), sha256=document.sha256,
                                 approved_by=world.reviewer, approved_at="2026-01-10T00:00:00Z")  # fmt: skip
    Report.objects.filter(pk=report.pk).update(state=State.APPROVED, version_number=1)


def ask(world, by=None, *, with_drafts=False, file_format="pdf", year=2025):
    return services.request_batch(by=by or world.reviewer, year=year, with_drafts=with_drafts, file_format=file_format)


def run(job) -> Job:
    jobs.run(job.public_id)
    return Job.objects.get(pk=job.pk)


def archive_of(job) -> zipfile.ZipFile:
    return zipfile.ZipFile(path_of(job.artifact))


def listed(archive) -> list[tuple]:
    sheet = openpyxl.load_workbook(io.BytesIO(archive.read("清单.xlsx"))).active
    return [row for row in sheet.iter_rows(values_only=True) if isinstance(row[0], int)]


def test_approved_reports_are_packed_and_the_others_named(world, printed):
    first, second, third, fourth = units(world)
    report_of(world, first), report_of(world, third), report_of(world, fourth, approved=False)
    job = run(ask(world))
    assert (job.state, job.done, job.total) == (JobState.DONE, 2, 2)
    archive = archive_of(job)
    files = [
        f"{number}_{unit.name}_2025年度宣传工作总结和2026年工作计划.pdf" for number, unit in (("001", first), ("003", third))
    ]
    assert sorted(archive.namelist()) == sorted(["清单.xlsx", "合订本.pdf", *files])
    assert all(entry.flag_bits & 0x800 for entry in archive.infolist())  # the names are UTF-8 and say so
    assert archive.testzip() is None
    rows = listed(archive)
    assert [row[1] for row in rows] == [unit.name for unit in units(world)]
    assert [row[5] for row in rows] == [files[0], None, files[1], None]
    assert [row[6] for row in rows] == [1, None, 2, None]
    assert [bool(row[7]) for row in rows] == [False, True, False, True]
    assert [second.name in note for note in job.notes] == [True, False]
    assert len(printed) == 2


def test_the_bound_pdf_has_a_bookmark_a_township_on_its_first_page(world, printed):
    first, second = units(world)[:2]
    report_of(world, first), report_of(world, second)
    archive = archive_of(run(ask(world)))
    with pikepdf.open(io.BytesIO(archive.read("合订本.pdf"))) as book, book.open_outline() as outline:
        assert len(book.pages) == 3
        pages = [book.pages.index(pikepdf.Page(item.destination[0])) for item in outline.root]
        assert list(zip([item.title for item in outline.root], pages, strict=True)) == [(first.name, 0), (second.name, 1)]
        assert "2025年度" in str(book.docinfo["/Title"])


def test_drafts_come_marked_and_one_with_open_places_is_named(world, printed):
    whole, lacking = units(world)[:2]
    report_of(world, whole, approved=False), report_of(world, lacking, approved=False)  # the second one has no villages
    job = run(ask(world, with_drafts=True))
    rows = listed(archive_of(job))
    assert "未经审核" in rows[0][5]
    assert rows[1][5] is None
    assert "志愿服务时长" in rows[1][7]
    assert any(lacking.name in note and "志愿服务时长" in note for note in job.notes)
    assert (job.state, len(printed)) == (JobState.DONE, 1)


def test_the_content_is_the_frozen_one(world):
    report = report_of(world, world.town)
    document = batches.list_entries(world.district, 2025, with_drafts=False)
    assert [entry.version for entry in document if entry.report == report.pk] == [1]
    job = run(ask(world, file_format="json"))
    archive = archive_of(job)
    name = next(name for name in archive.namelist() if name.endswith(".json"))
    assert report.versions.get().sha256 in archive.read(name).decode()
    assert "合订本.pdf" not in archive.namelist()


def test_a_long_batch_pauses_and_goes_on_where_it_was(world, printed, monkeypatch):
    for unit in units(world):
        report_of(world, unit)
    monkeypatch.setattr(batches, "SHARE", -1)
    job = run(ask(world))
    assert (job.state, job.done, job.tries, job.lease_until) == (JobState.RUNNING, 1, 0, None)
    for done in (2, 3, 4):
        job = run(job)
        assert (job.state, job.done) == (JobState.RUNNING, done)
    job = run(job)
    assert (job.state, len(printed), job.fence) == (JobState.DONE, 4, 5)


def test_a_killed_worker_loses_nothing_and_prints_nothing_twice(world, printed, monkeypatch):
    for unit in units(world):
        report_of(world, unit)
    job = ask(world)
    render, calls = batches._print, []

    def die_at_third(document, file_format, name):
        calls.append(name)
        if len(calls) == 3:
            raise KeyboardInterrupt  # what a killed process looks like to a test: nothing is written after it
        return render(document, file_format, name)

    monkeypatch.setattr(batches, "_print", die_at_third)
    with pytest.raises(KeyboardInterrupt):
        jobs.run(job.public_id)
    Job.objects.filter(pk=job.pk).update(lease_until=None)  # its lease runs out
    job = run(job)
    assert (job.state, job.tries, len(printed)) == (JobState.DONE, 2, 4)


def test_cancelling_ends_it_without_a_file(world, printed, monkeypatch):
    for unit in units(world):
        report_of(world, unit)
    job = ask(world)
    real = batches._print

    def cancel_first(document, file_format, name):
        jobs.cancel_job(by=world.reviewer, job=job)
        return real(document, file_format, name)

    monkeypatch.setattr(batches, "_print", cancel_first)
    job = run(job)
    assert (job.state, job.artifact, len(printed)) == (JobState.CANCELLED, "", 1)
    assert not [path for path in path_of("x").parent.iterdir() if path.suffix == ".zip"]


def test_cancelled_while_packing_leaves_no_half_file(world, printed, monkeypatch):
    report_of(world, world.town)
    job = ask(world)
    real = batch_files.bind

    def cancel_then_bind(*args, **options):
        jobs.cancel_job(by=world.reviewer, job=job)
        return real(*args, **options)

    monkeypatch.setattr(batch_files, "bind", cancel_then_bind)
    assert run(job).state == JobState.CANCELLED
    assert [path.suffix for path in path_of("x").parent.iterdir()] == [".pdf"]


def test_a_full_disk_is_told_and_nothing_is_written(world, printed, monkeypatch):
    report_of(world, world.town)
    monkeypatch.setattr(batch_files, "SPARE", 10**18)
    job = run(ask(world))
    assert (job.state, job.artifact) == (JobState.FAILED, "")
    assert "MB" in job.error


def test_asking_twice_is_one_job_and_after_its_end_a_new_one(world, printed):
    report_of(world, world.town)
    first = ask(world)
    assert ask(world).pk == first.pk
    assert ask(world, file_format="docx").pk != first.pk
    assert Event.objects.filter(deed="export_reports").count() == 2
    run(first)
    again = ask(world)
    assert again.pk != first.pk
    assert run(again).state == JobState.DONE
    assert len(printed) == 1  # the second batch finds the file in the store


def test_who_may_ask(world, printed):
    report_of(world, world.town)
    for user in (world.clerk, world.head):
        with pytest.raises(PermissionDenied):
            ask(world, user)
    with pytest.raises(Refused):
        ask(world, world.auditor, with_drafts=True)
    assert ask(world, world.auditor).unit == world.district
    other = factories.make_user(Role.DISTRICT_REVIEWER, factories.make_district("邻区"))
    with pytest.raises(Refused, match="2025"):  # their own district has nothing: no foreign township is in it
        ask(world, other)


def test_the_page_and_its_refusals(world, client, printed):
    report_of(world, world.town)
    client.force_login(world.clerk)
    assert client.get(PAGE).status_code == 403
    client.force_login(world.auditor)
    page = client.get(PAGE, {"year": 2025}).content.decode()
    assert ['value="approved"' in page, 'value="drafts"' in page] == [True, False]
    answer = client.post(PAGE, CHOSEN)
    job = Job.objects.get()
    assert answer.url == reverse("workflow:job_detail", args=[job.public_id])
    assert client.post(PAGE, {**CHOSEN, "reports": "drafts"}).status_code == 422
    assert client.post(PAGE, {**CHOSEN, "year": 2024}).status_code == 422
    assert client.post(PAGE, {**CHOSEN, "format": "odt"}).status_code == 422
    assert client.post(PAGE, {}).status_code == 422
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, done=1, total=4)
    assert "1" in client.get(reverse("workflow:job_status", args=[job.public_id])).json()["text"]
    done = run_done(job)
    answer = client.get(reverse("workflow:job_download", args=[done.public_id]))
    assert (answer.status_code, answer["Content-Type"], answer.streaming) == (200, "application/zip", True)


def run_done(job) -> Job:
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, lease_until=None)
    return run(job)


def test_the_page_costs_the_same_for_many_townships(world, client, django_assert_num_queries):
    client.force_login(world.reviewer)
    client.get(PAGE)
    with django_assert_num_queries(6) as few:
        client.get(PAGE, {"year": 2025})
    for _number in range(20):
        factories.make_township(world.district)
    with django_assert_num_queries(len(few)):
        assert client.get(PAGE, {"year": 2025}).content.decode().count("<tr>") == 25


def test_the_command_writes_the_same_files(world, printed, tmp_path, capsys):
    report_of(world, world.town)
    folder = tmp_path / "out"
    call_command("export_report", "--all", "--year", "2025", "--output", str(folder))
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["001_青云镇_2025年度宣传工作总结和2026年工作计划.pdf", "合订本.pdf", "清单.xlsx"]
    )
    said = capsys.readouterr()
    assert str(folder) in said.out
    assert said.err.count("\n") == 3  # three townships without a report


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--output", "x"], "--year"),
        (["--year", "2025"], "--output"),
        (["--year", "2025", "--output", "/nowhere/at/all"], "/nowhere/at"),
        (["--year", "2019", "--output", "x"], "2019"),
        (["--year", "2025", "--output", "x", "--version", "1"], "--version"),
        (["--year", "2025", "--output", "x", "--unit", "999999"], "999999"),
    ],
)
def test_the_command_refuses_in_one_line(world, tmp_path, monkeypatch, arguments, part):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=part) as refusal:
        call_command("export_report", "--all", *arguments)
    assert refusal.value.returncode == 2
