"""Exports: a job per content, served from the store, refused while a figure is missing."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils.html import escape

from accounts.choices import Role
from metrics.models import MonthlyReturn
from reports import services
from reports.exports import content_key, document_to_export, run_export
from reports.models import Report
from reports.page_images import printed_pages
from tests import factories
from tests.reports.world import lasting
from workflow import jobs
from workflow.choices import JobState, State
from workflow.models import Event, Job
from workflow.store import path_of
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


@pytest.fixture
def report(world, settings, tmp_path):
    settings.ARTIFACTS_DIR = tmp_path
    return services.create_report(by=world.clerk, unit=world.town, year=2025)


def now(report):
    return Report.objects.select_related("unit__parent").get(pk=report.pk)


def finish(job, data=b"%PDF-1.7 demo"):
    """Pretend that a worker has finished a job."""
    path_of(f"{job.key}.pdf").write_bytes(data)
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE, artifact=f"{job.key}.pdf")


def test_the_job_carries_the_document_and_is_recorded(world, report):
    job = services.request_export(by=world.clerk, report=report)
    assert (job.state, job.file_name) == (JobState.QUEUED, "青云镇_2025年度宣传工作总结和2026年工作计划.pdf")
    assert job.key == content_key(document_to_export(report))
    assert Event.objects.filter(deed="export").count() == 1


def test_asking_twice_is_one_job(world, report):
    assert services.request_export(by=world.clerk, report=report) == services.request_export(by=world.clerk, report=report)


def test_equal_content_is_served_at_once_to_another_person(world, report):
    finish(services.request_export(by=world.clerk, report=report))
    assert services.request_export(by=world.head, report=report).state == JobState.DONE


def test_a_superseded_version_stays_exportable_under_its_number(client, world, report):
    services.submit_report(by=world.head, report=report)
    services.start_review(by=world.reviewer, report=report)
    services.approve_report(by=world.reviewer, report=report)
    frozen = report.versions.get()
    services.reopen_report(by=world.admin, report=report, reason="更正")
    client.force_login(world.clerk)
    shown = client.get(reverse("reports:report_version", args=[report.pk, 1])).content.decode()
    assert reverse("reports:report_export", args=[report.pk]) in shown
    client.post(reverse("reports:report_export", args=[report.pk]), {"version": "1"})
    job = Job.objects.get()
    assert job.parameters["document"] == frozen.document
    assert job.file_name.endswith("工作计划_第1版.pdf")
    assert document_to_export(now(report)).sha256 != frozen.sha256


def test_the_version_in_force_needs_no_number(world, report):
    services.submit_report(by=world.head, report=report)
    services.start_review(by=world.reviewer, report=report)
    services.approve_report(by=world.reviewer, report=report)
    assert "版" not in services.request_export(by=world.clerk, report=now(report), version=1).file_name


@pytest.mark.parametrize("asked", ["7", "x", "-1"])
def test_a_version_that_is_not_there_is_not_exported(client, world, report, asked):
    client.force_login(world.clerk)
    response = client.post(reverse("reports:report_export", args=[report.pk]), {"version": asked})
    assert response.status_code == (302 if asked == "7" else 404)
    assert not Job.objects.exists()


def test_the_command_takes_a_version(world, report, tmp_path):
    options = {"unit": world.town.code, "year": 2025, "output": tmp_path / "a.pdf", "version": 3}
    with pytest.raises(CommandError, match="3"):
        call_command("export_report", **options)


def test_other_content_is_another_file(world, report):
    first = services.request_export(by=world.clerk, report=report)
    services.save_block(by=world.clerk, block=report.blocks.get(key="opening"), text="改了。", base_version=1)
    assert services.request_export(by=world.clerk, report=report).key != first.key


def test_a_lost_file_is_made_again(world, report):
    job = services.request_export(by=world.clerk, report=report)
    finish(job)
    path_of(f"{job.key}.pdf").unlink()
    assert services.request_export(by=world.clerk, report=report).state == JobState.QUEUED


def test_a_missing_month_blocks_and_is_named(world, report):
    MonthlyReturn.objects.filter(year=2025, month=5).update(state=State.RETURNED)
    services.update_figures(by=world.clerk, report=report)
    with pytest.raises(Refused, match="5月"):
        services.request_export(by=world.clerk, report=report)
    assert not Job.objects.exists()


def test_the_page_sends_people_to_the_job_which_offers_a_finished_file_at_once(client, world, report):
    client.force_login(world.clerk)
    address = reverse("reports:report_export", args=[report.pk])
    first = client.post(address)
    job = Job.objects.get()
    assert first.url == reverse("workflow:job_detail", args=[job.public_id])
    assert not list(client.get(first.url).context["messages"])
    finish(job)
    again = client.post(address, follow=True)
    assert again.redirect_chain[-1][0] == reverse("workflow:job_detail", args=[job.public_id])
    assert [str(message) for message in again.context["messages"]]
    assert reverse("workflow:job_download", args=[job.public_id]) in again.content.decode()


def test_a_refusal_is_said_on_the_page(client, world, report):
    MonthlyReturn.objects.filter(year=2025, month=5).update(state=State.RETURNED)
    services.update_figures(by=world.clerk, report=report)
    client.force_login(world.clerk)
    response = client.post(reverse("reports:report_export", args=[report.pk]), follow=True)
    assert "5月" in str(next(iter(response.context["messages"])))


@pytest.mark.parametrize("cause", ["missing", "stale", ""])
def test_the_button_says_before_the_click_what_the_export_would_refuse(client, world, report, cause):
    if cause:
        MonthlyReturn.objects.filter(year=2025, month=5).update(state=State.RETURNED)
    if cause == "missing":
        services.update_figures(by=world.clerk, report=report)
    client.force_login(world.clerk)
    response = client.get(reverse("reports:report_detail", args=[report.pk]))
    page, export = response.content.decode(), reverse("reports:report_export", args=[report.pk])
    assert (f'action="{export}"' in page) == (not cause)
    if not cause:
        assert response.context["page"].export_refusal == ""
        services.request_export(by=world.clerk, report=report)
        return
    with pytest.raises(Refused) as refusal:
        services.request_export(by=world.clerk, report=report)
    assert response.context["page"].export_refusal == str(refusal.value)
    assert f'title="{escape(str(refusal.value))}"' in page


@pytest.mark.pdf
@pytest.mark.slow
def test_a_real_pdf_is_made_and_stored(world, report):
    job = services.request_export(by=world.clerk, report=report)
    result = run_export(jobs.take(str(job.public_id)), lambda done, total: None)
    assert path_of(result["artifact"]).read_bytes().startswith(b"%PDF-1.7")
    assert printed_pages(path_of(result["artifact"])).count > 5


def approved(world, report):
    services.submit_report(by=world.head, report=report)
    services.start_review(by=world.reviewer, report=report)
    services.approve_report(by=world.reviewer, report=report)
    return now(report)


class TestAuditor:
    """ADR 0013: approved versions in print, drafts on the page alone; nothing but the job and its event is written."""

    def ask(self, client, world, report, **data):
        client.force_login(world.auditor)
        return client.post(reverse("reports:report_export", args=[report.pk]), data, follow=True)

    def test_a_draft_is_refused_and_the_button_says_so(self, client, world, report):
        response = self.ask(client, world, report)
        reason = str(next(iter(response.context["messages"])))
        assert not Job.objects.exists()
        assert not Event.objects.filter(deed="export").exists()
        page = client.get(reverse("reports:report_detail", args=[report.pk])).content.decode()
        assert f'title="{escape(reason)}"' in page
        assert f'action="{reverse("reports:report_export", args=[report.pk])}"' not in page

    def test_a_version_in_force_is_exported(self, client, world, report):
        frozen, before = approved(world, report), report.bound_figures.count()
        self.ask(client, world, frozen)
        assert Job.objects.get().requested_by == world.auditor
        assert Event.objects.filter(deed="export").count() == 1
        assert (now(report).state, report.bound_figures.count()) == (State.APPROVED, before)

    def test_of_a_reopened_report_only_the_version_by_its_number(self, client, world, report):
        services.reopen_report(by=world.admin, report=approved(world, report), reason="更正")
        self.ask(client, world, report)
        assert not Job.objects.exists()
        self.ask(client, world, report, version="1")
        assert Job.objects.get().file_name.endswith("_第1版.pdf")

    @pytest.mark.parametrize("who", ["clerk", "head", "reviewer", "admin"])
    def test_the_others_print_drafts_as_before(self, client, world, report, who):
        client.force_login(getattr(world, who))
        client.post(reverse("reports:report_export", args=[report.pk]))
        assert Job.objects.count() == 1


@pytest.mark.parametrize(("who", "status"), [("reviewer", 200), ("admin", 200), ("auditor", 200), ("clerk", 200), ("other", 404)])
def test_a_draft_is_open_to_its_township_and_district_and_shows_that_it_is_one(client, world, report, who, status):
    other = factories.make_user(Role.TOWNSHIP_CLERK, factories.make_township(world.district))
    client.force_login(other if who == "other" else getattr(world, who))
    for name in ("report_preview", "report_detail"):
        response = client.get(reverse(f"reports:{name}", args=[report.pk]))
        assert response.status_code == status
        assert ("共开展专题学习" in response.content.decode()) == (status == 200)
    if status == 200:
        assert report.get_state_display() in response.content.decode()
