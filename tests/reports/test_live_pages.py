"""Pages to look at: one print at a time for a person and report, unchanged text not printed again, and hardly anything kept."""

import io
from dataclasses import replace

import pypdfium2
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from metrics.models import MonthlyReturn
from reports import live_pages, services
from reports.document import ReportDocument
from reports.exports import content_key, document_to_export
from reports.figure_runs import LACKING
from reports.models import Block, Report, ReportTemplate
from reports.page_images import page_image, printed_pages
from reports.render.pdf import render_pdf
from reports.trial import load_trial
from tests import factories
from tests.reports.rich_document import rich_document
from tests.reports.world import lasting
from workflow import jobs
from workflow.choices import JobState, State
from workflow.models import Event, Job, WorkerBeat
from workflow.store import path_of
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=2) as world:
        yield world


@pytest.fixture
def report(world, settings, tmp_path):
    settings.ARTIFACTS_DIR = tmp_path
    return services.create_report(by=world.clerk, unit=world.town, year=2025)


@pytest.fixture
def ask(world, report, django_capture_on_commit_callbacks):
    """Ask for the pages of the report as it is now, as somebody; the transaction is over after it."""

    def ask(by=None):
        with django_capture_on_commit_callbacks(execute=True):
            return services.request_pages(by=by or world.clerk, report=now(report))

    return ask


def now(report):
    return Report.objects.select_related("unit__parent").get(pk=report.pk)


def write(world, report, words):
    block = report.blocks.get(key="opening")
    services.save_block(by=world.clerk, block=block, text=words, base_version=block.version)


def blank_pdf(pages=2) -> bytes:
    target = io.BytesIO()
    with pypdfium2.PdfDocument.new() as pdf:
        for _page in range(pages):
            pdf.new_page(595, 842)
        pdf.save(target)
    return target.getvalue()


def finish(job, state=JobState.DONE):
    """Pretend that a worker has ended a job."""
    artifact = live_pages.artifact_of(job.key) if state == JobState.DONE else ""
    if artifact:
        path_of(artifact).write_bytes(blank_pdf())
    Job.objects.filter(pk=job.pk).update(state=state, artifact=artifact, finished_at=timezone.now())
    job.refresh_from_db()
    return job


def stored() -> set[str]:
    return {path.name for path in path_of("x").parent.iterdir()}


class TestAsking:
    """The job: what it prints, for whom, and how many there are."""

    def test_it_prints_what_the_report_says_now_marked_as_a_draft(self, world, report, ask):
        job = ask()
        document = ReportDocument.from_json(job.parameters["document"])
        assert (job.kind, job.state, job.unit) == ("report_pages", JobState.QUEUED, world.town)
        assert document == document_to_export(report)
        assert document.status_mark == "未经审核"

    def test_gaps_are_printed_and_marked_where_an_export_is_refused(self, world, report, ask):
        MonthlyReturn.objects.filter(year=2025, month=5).update(state=State.RETURNED)
        services.update_figures(by=world.clerk, report=report)
        with pytest.raises(Refused):
            document_to_export(now(report))
        document = ReportDocument.from_json(ask().parameters["document"])
        assert any(LACKING in block.text for block in document.blocks)
        assert document.status_mark == "未经审核"

    def test_of_an_approved_report_the_frozen_text_is_printed(self, world, report, ask):
        services.submit_report(by=world.head, report=report)
        services.start_review(by=world.reviewer, report=report)
        services.approve_report(by=world.reviewer, report=report)
        assert ask(world.auditor).parameters["document"] == report.versions.get().document

    def test_unchanged_text_is_one_job_and_not_printed_again(self, report, ask):
        job = finish(ask())
        assert ask() == job
        assert Job.objects.count() == 1

    def test_what_an_export_has_printed_is_not_printed_again(self, world, report, ask):
        name = f"{content_key(document_to_export(report))}.pdf"
        path_of(name).write_bytes(blank_pdf())
        assert (ask().state, ask().artifact) == (JobState.DONE, name)

    def test_what_somebody_else_looked_at_is_there_at_once(self, world, report, ask):
        finish(ask())
        assert ask(world.head).state == JobState.DONE

    @pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING])
    def test_a_newer_one_cancels_an_older_of_the_same_person_and_report(self, world, report, ask, state):
        job, others = ask(), ask(world.head)
        Job.objects.filter(pk=job.pk).update(state=state)
        write(world, report, "改了。")
        assert ask().state == JobState.QUEUED
        with pytest.raises(jobs.JobStopped):
            jobs.write(job, done=1)
        others.refresh_from_db()
        assert others.state == JobState.QUEUED

    def test_looking_is_no_deed(self, report, ask):
        before = Event.objects.count()
        ask()
        assert Event.objects.count() == before

    def test_a_lost_file_is_printed_again(self, report, ask):
        path_of(finish(ask()).artifact).unlink()
        assert ask().state == JobState.QUEUED


class TestPruning:
    """A file a keystroke must not fill the disk."""

    def test_two_a_person_and_report_are_kept_and_the_older_files_go(self, world, report, ask):
        made = []
        for words in ("一。", "二。", "三。", "四。"):
            write(world, report, words)
            made.append(finish(ask()).artifact)
        assert stored() == set(made[-2:])
        assert set(Job.objects.values_list("artifact", flat=True)) == set(made[-2:])

    def test_failed_and_cancelled_ones_take_no_place(self, world, report, ask):
        first = finish(ask())
        for state in (JobState.FAILED, JobState.CANCELLED):
            write(world, report, f"{state}。")
            finish(ask(), state)
        write(world, report, "三。")
        last = ask()
        assert set(Job.objects.all()) == {first, last}

    def test_a_file_that_an_export_or_another_person_has_too_stays(self, world, report, ask):
        shared = finish(ask()).artifact
        finish(services.request_export(by=world.clerk, report=now(report)))
        write(world, report, "二。")
        seen = finish(ask()).artifact
        ask(world.head)
        for words in ("三。", "四。", "五。"):
            write(world, report, words)
            last = finish(ask()).artifact
        assert stored() >= {shared, seen, last}
        assert len(stored()) == 4

    def test_the_file_of_an_approved_version_stays(self, world, report, ask):
        services.submit_report(by=world.head, report=report)
        services.start_review(by=world.reviewer, report=report)
        services.approve_report(by=world.reviewer, report=report)
        frozen = finish(ask()).artifact
        services.reopen_report(by=world.admin, report=now(report), reason="更正")
        for words in ("一。", "二。", "三。"):
            write(world, report, words)
            finish(ask())
        assert frozen in stored()
        assert not Job.objects.filter(artifact=frozen).exists()

    def test_an_older_file_stays_while_the_transaction_may_still_fail(self, world, report, ask):
        kept = [finish(ask()).artifact]
        write(world, report, "二。")
        kept.append(finish(ask()).artifact)
        write(world, report, "三。")
        with transaction.atomic():
            services.request_pages(by=world.clerk, report=now(report))
            transaction.set_rollback(True)
        assert stored() == set(kept)


class TestViews:
    """Asking, waiting and looking, over HTTP."""

    def post(self, client, report):
        return client.post(reverse("reports:report_pages", args=[report.pk]))

    def test_from_question_to_picture(self, client, world, report, django_capture_on_commit_callbacks):
        client.force_login(world.clerk)
        WorkerBeat.objects.create(name="w:1", seen_at=timezone.now())
        with django_capture_on_commit_callbacks():
            told = self.post(client, report).json()
        job = Job.objects.get()
        assert (told["state"], told["status"]) == ("queued", reverse("reports:pages_status", args=[job.public_id]))
        assert "picture" not in told
        finish(job)
        told = client.get(told["status"]).json()
        assert (told["state"], told["count"], told["places"]) == ("done", 2, {})
        picture = client.get(f"{told['picture']}2.png")
        assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")
        assert picture["Cache-Control"].startswith("private")
        assert Image.open(io.BytesIO(picture.content)).size == (910, 1287)
        assert client.get(f"{told['picture']}3.png").status_code == 404
        assert client.get(f"{told['picture']}0.png").status_code == 404

    @pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.FAILED, JobState.CANCELLED])
    def test_before_it_is_done_there_is_no_picture(self, client, world, report, ask, state):
        client.force_login(world.clerk)
        job = ask()
        Job.objects.filter(pk=job.pk).update(state=state, error="排不下")
        told = client.get(reverse("reports:pages_status", args=[job.public_id])).json()
        assert told["state"] == state
        assert (told["text"] == "排不下") == (state == JobState.FAILED)
        assert client.get(reverse("reports:page_picture", args=[job.public_id, 1])).status_code == 404

    def test_a_missing_worker_is_said_and_a_living_one_is_not(self, client, world, report, ask):
        client.force_login(world.clerk)
        address = reverse("reports:pages_status", args=[ask().public_id])
        without = client.get(address).json()["text"]
        WorkerBeat.objects.create(name="w:1", seen_at=timezone.now())
        assert without != client.get(address).json()["text"] != ""

    def test_a_file_that_has_gone_is_lost_not_an_error(self, client, world, report, ask):
        client.force_login(world.clerk)
        job = finish(ask())
        path_of(job.artifact).unlink()
        assert client.get(reverse("reports:pages_status", args=[job.public_id])).json()["state"] == "lost"
        assert client.get(reverse("reports:page_picture", args=[job.public_id, 1])).status_code == 404

    def test_another_persons_pages_are_not_there(self, client, world, report, ask):
        job = finish(ask())
        client.force_login(world.head)
        assert client.get(reverse("reports:pages_status", args=[job.public_id])).status_code == 404
        assert client.get(reverse("reports:page_picture", args=[job.public_id, 1])).status_code == 404

    def test_pages_are_no_export(self, client, world, report, ask):
        """An auditor may look at a draft, and has no file of it (ADR 0013)."""
        job = finish(ask(world.auditor))
        client.force_login(world.auditor)
        assert list(client.get(reverse("workflow:job_list")).context["page"]) == []
        for name in ("job_detail", "job_download", "job_status"):
            assert client.get(reverse(f"workflow:{name}", args=[job.public_id])).status_code == 404

    def test_reading_writes_nothing(self, client, world, report, ask):
        job = finish(ask())
        client.force_login(world.clerk)
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("reports:pages_status", args=[job.public_id]))
            client.get(reverse("reports:page_picture", args=[job.public_id, 1]))
        written = [row["sql"] for row in found if row["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
        assert not [sql for sql in written if "django_session" not in sql]

    def test_the_number_of_queries_grows_neither_with_the_report_nor_with_jobs(self, client, world, report, ask):
        client.force_login(world.clerk)
        WorkerBeat.objects.create(name="w:1", seen_at=timezone.now())
        client.get(reverse("workflow:job_list"))

        def queries():
            with CaptureQueriesContext(connection) as found:
                told = self.post(client, report).json()
                client.get(told["status"])
            return len(found)

        few = queries()
        rows = [
            Block(report=report, key=f"more{number}", order=900 + number, kind="paragraph", text="话。") for number in range(40)
        ]
        Block.objects.bulk_create(rows)
        for number in range(20):
            factories.make_job(
                world.clerk, state=JobState.DONE, subject_id=report.pk, key=f"old {number}", artifact=f"{number}.pdf"
            )
        Job.objects.filter(kind="report_pages").delete()
        assert queries() == few

    @pytest.mark.parametrize("who", ["clerk", "auditor"])
    def test_the_page_offers_them(self, client, world, report, who):
        client.force_login(getattr(world, who))
        page = client.get(reverse("reports:report_detail", args=[report.pk])).content.decode()
        assert f'data-pages="{reverse("reports:report_pages", args=[report.pk])}"' in page


class TestTrial:
    """A template's trial on a township as pages."""

    def test_the_district_looks_at_a_trial_and_nothing_becomes_a_report(self, client, world, settings, tmp_path):
        settings.ARTIFACTS_DIR = tmp_path
        template = ReportTemplate.objects.filter(year=2025).first()
        client.force_login(world.reviewer)
        address = reverse("reports:trial_pages", args=[template.pk])
        body = {"township": world.town.pk, "year": 2025}
        assert client.post(address, body).json()["state"] == "queued"
        job = Job.objects.get()
        document = ReportDocument.from_json(job.parameters["document"])
        assert (job.kind, document.status_mark, document.unit_name) == ("trial_pages", "试排", "青云镇")
        assert not Report.objects.exists()
        assert client.post(address, body | {"year": 2019}).status_code == 404
        assert client.post(address, body | {"township": 0}).status_code == 404

    def test_a_township_does_not(self, world, settings, tmp_path):
        settings.ARTIFACTS_DIR = tmp_path
        template = ReportTemplate.objects.filter(year=2025).first()
        with pytest.raises(PermissionDenied):
            services.request_trial_pages(
                by=world.clerk, template=template, document=load_trial(template, world.town, 2025).document
            )


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    """A document with every kind of block, one of them under a Chinese key, and its print."""
    document = rich_document()
    document = replace(document, blocks=(replace(document.blocks[0], key="自拟 1"), *document.blocks[1:]))
    path = tmp_path_factory.mktemp("rich") / "rich.pdf"
    path.write_bytes(render_pdf(document).data)
    return document, path


@pytest.mark.pdf
@pytest.mark.slow
class TestPrinted:
    """Real prints: on which page a block begins, and what is not printed twice."""

    def test_every_block_has_the_place_where_its_words_stand(self, rich):
        document, path = rich
        pages = printed_pages(path)
        with pypdfium2.PdfDocument(path) as pdf:
            texts = [pdf[number].get_textpage().get_text_bounded().replace("\r\n", "") for number in range(len(pdf))]
        assert pages.count == len(texts)
        assert set(pages.places) == {f"b-{block.key.partition('~')[0]}" for block in document.blocks} | {
            f"annex-{annex.number}" for annex in document.annexes
        }
        for block in document.blocks:
            if block.runs and "~" not in block.key:
                assert block.text[:12] in texts[pages.places[f"b-{block.key}"].page - 1]
        for annex in document.annexes:
            assert annex.title[:8] in texts[pages.places[f"annex-{annex.number}"].page - 1]

    def test_places_go_down_in_the_order_of_the_blocks(self, rich):
        document, path = rich
        places = printed_pages(path).places
        found = [places[f"b-{block.key}"] for block in document.blocks if "~" not in block.key]
        assert [(place.page, place.down) for place in found] == sorted((place.page, place.down) for place in found)
        assert all(0 < place.down < 1 for place in found)

    def test_a_landscape_annex_is_a_wide_picture(self, rich):
        document, path = rich
        places = printed_pages(path).places
        for annex in document.annexes:
            width, height = Image.open(io.BytesIO(page_image(path, places[f"annex-{annex.number}"].page))).size
            assert (width > height) == annex.landscape
        assert {annex.landscape for annex in document.annexes} == {True, False}

    def test_the_work_prints_once_for_equal_content(self, world, report, ask, monkeypatch):
        job = ask()
        result = live_pages.run_pages(jobs.take(str(job.public_id)), lambda done, total: None)
        assert printed_pages(path_of(result["artifact"])).places["b-opening"].page == 1
        monkeypatch.setattr(live_pages, "run_export", lambda *args: pytest.fail("printed twice"))
        assert live_pages.run_pages(job, lambda done, total: None)["artifact"] == result["artifact"]
