"""The page that checks a verification code, and every format as a job: what was frozen stays, whatever moves later."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from metrics.models import Figure
from reports import services
from reports.checking import MOST_BYTES, compare_file, find_version
from reports.document import ReportDocument
from reports.exports import content_key, document_to_export, frozen_files, run_export
from reports.models import Report
from reports.render import files
from reports.render.json import render_json
from reports.verification import code_of
from tests.reports.world import lasting
from workflow import jobs
from workflow.choices import JobState
from workflow.models import Event, Job
from workflow.store import path_of

pytestmark = pytest.mark.django_db
ADDRESS = "reports:report_verify"


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=2) as world:
        yield world


@pytest.fixture
def version(world, settings, tmp_path):
    """The first frozen version of the township's report."""
    settings.ARTIFACTS_DIR = tmp_path
    report = services.create_report(by=world.clerk, unit=world.town, year=2025)
    services.submit_report(by=world.head, report=report)
    services.start_review(by=world.reviewer, report=report)
    services.approve_report(by=world.reviewer, report=report)
    return report.versions.get()


def report_of(version):
    return Report.objects.select_related("unit__parent").get(pk=version.report_id)


def exported(by, version, file_format="json") -> bytes:
    """Export as the worker does; return the file."""
    job = services.request_export(by=by, report=report_of(version), version=version.number, file_format=file_format)
    taken = jobs.take(str(job.public_id))
    result = run_export(taken, lambda done, total: jobs.write(taken, done=done, total=total))
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE, **result)
    return path_of(result["artifact"]).read_bytes()


def move_everything(world, version):
    """Reopen, change figures, the unit's name and the words: none of it is the frozen version's."""
    services.reopen_report(by=world.admin, report=report_of(version), reason="更正")
    Figure.objects.filter(monthly_return__unit=world.town, value__isnull=False).update(value=7)
    services.update_figures(by=world.clerk, report=report_of(version))
    block = version.report.blocks.get(key="opening")
    services.save_block(by=world.clerk, block=block, text="改了。", base_version=block.version)


@pytest.mark.parametrize("file_format", ["json", "xlsx", "docx", pytest.param("pdf", marks=[pytest.mark.pdf, pytest.mark.slow])])
def test_a_frozen_version_exports_the_same_after_everything_moved(world, version, file_format):
    before = files.render(ReportDocument.from_json(version.document), file_format).data
    assert exported(world.clerk, version, file_format) == before
    move_everything(world, version)
    assert document_to_export(report_of(version)).sha256 != version.sha256
    for job in Job.objects.all():
        path_of(job.artifact).unlink()
    assert exported(world.clerk, version, file_format) == before


@pytest.mark.parametrize("file_format", files.FORMATS)
def test_every_format_is_a_job_with_a_key_and_a_name_of_its_own(world, version, file_format, client):
    client.force_login(world.clerk)
    client.post(reverse("reports:report_export", args=[version.report_id]), {"format": file_format})
    job = Job.objects.get()
    assert job.file_name == files.file_name("青云镇_2025年度宣传工作总结和2026年工作计划", file_format)
    assert job.key == content_key(ReportDocument.from_json(version.document), file_format)
    assert Event.objects.get(deed="export").changes == [{"sha256": version.sha256, "format": file_format}]


def test_another_format_is_no_address(world, version, client):
    client.force_login(world.clerk)
    assert client.post(reverse("reports:report_export", args=[version.report_id]), {"format": "exe"}).status_code == 404
    assert not Job.objects.exists()


def test_two_formats_are_two_files(world, version):
    assert exported(world.clerk, version, "json") != exported(world.clerk, version, "xlsx")
    assert Job.objects.count() == 2


def test_the_store_keeps_a_frozen_version_in_every_format(world, version):
    kept = frozen_files()
    assert len(kept) == len(files.FORMATS)
    for file_format in ("json", "xlsx"):
        exported(world.clerk, version, file_format)
        assert Job.objects.get(parameters__format=file_format).artifact in kept


def test_a_cancelled_export_writes_nothing(world, version):
    job = services.request_export(by=world.clerk, report=report_of(version), file_format="json")
    taken = jobs.take(str(job.public_id))
    jobs.cancel_job(by=world.clerk, job=job)
    with pytest.raises(jobs.JobStopped):
        run_export(taken, lambda done, total: jobs.write(taken, done=done, total=total))
    assert not path_of(f"{job.key}.json").exists()


def test_the_menu_offers_every_format(world, version, client):
    client.force_login(world.clerk)
    for name, args in (("report_detail", [version.report_id]), ("report_version", [version.report_id, 1])):
        page = client.get(reverse(f"reports:{name}", args=args)).content.decode()
        assert [page.count(f'name="format" value="{file_format}"') for file_format in files.FORMATS] == [1] * 5


def test_a_code_finds_the_version_for_those_who_may_see_it(world, version):
    code = code_of(version.sha256)
    for person in (world.clerk, world.head, world.reviewer, world.auditor):
        assert find_version(person, code.lower().replace("-", " ")) == version
    from tests.factories import Role, Unit, make_user

    other = Unit.objects.filter(parent=world.district).exclude(pk=world.town.pk).first()
    assert find_version(make_user(Role.TOWNSHIP_CLERK, other), code) is None
    assert find_version(world.clerk, "0000-0000-0000") is None


def test_the_page_names_the_version_and_whether_it_holds(world, version, client):
    client.force_login(world.reviewer)
    shown = client.get(reverse(ADDRESS), {"code": code_of(version.sha256)})
    assert shown.context["version"] == version
    assert reverse("reports:report_version", args=[version.report_id, 1]) in shown.content.decode()
    assert "verdict" not in shown.context
    assert client.get(reverse(ADDRESS)).status_code == 200
    assert client.get(reverse(ADDRESS), {"code": "不是校验码"}).status_code == 422
    assert client.get(reverse(ADDRESS), {"code": "0000-0000-0000"}).context["version"] is None


def test_a_file_is_compared_byte_for_byte(world, version, client):
    client.force_login(world.clerk)
    book = exported(world.clerk, version, "xlsx")
    for data, label in (
        (book, "Excel"),
        (book[:-1] + b"x", None),
        (render_json(ReportDocument.from_json(version.document)), "JSON"),
    ):
        file = SimpleUploadedFile("a.bin", data)
        shown = client.post(reverse(ADDRESS), {"code": code_of(version.sha256), "file": file})
        found = shown.context["verdict"].format
        assert (found and str(found.label)[: len(label or "")]) == label
    assert not [name for name in path_of("x").parent.iterdir() if name.suffix not in (".xlsx", ".json")]


def test_the_json_is_known_even_when_nobody_exported_it(version):
    data = render_json(ReportDocument.from_json(version.document))
    assert compare_file(version, data).format is files.FORMATS["json"]
    forged = json.loads(data)
    forged["blocks"][0]["runs"] = [{"text": "改"}]
    assert compare_file(version, json.dumps(forged).encode()).format is None


def test_a_file_of_another_version_is_not_this_one(world, version):
    move_everything(world, version)
    other = exported(world.clerk, version, "xlsx")
    assert compare_file(version, other).format is files.FORMATS["xlsx"]
    services.update_figures(by=world.clerk, report=report_of(version))
    draft = files.render(document_to_export(report_of(version)), "xlsx").data
    assert compare_file(version, draft).format is None


def test_too_large_a_file_is_refused(world, version, client, monkeypatch):
    monkeypatch.setattr("reports.forms.MOST_BYTES", 10)
    assert MOST_BYTES > 10_000_000
    client.force_login(world.clerk)
    file = SimpleUploadedFile("a.pdf", b"x" * 11)
    shown = client.post(reverse(ADDRESS), {"code": code_of(version.sha256), "file": file})
    assert shown.status_code == 422
