"""What is kept for a time: the day before the limit everything is there, the day after rows and files are gone together."""

import os
import uuid
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from metrics import services
from metrics.choices import ImportState
from metrics.ledgers import ledger_kind
from metrics.models import ImportBatch, ImportRow, StudySession
from reports.exports import content_key
from reports.models import ReportVersion
from tests.factories import make_district, make_township, make_user
from workflow import pruning_services
from workflow.choices import JobState
from workflow.models import IdempotencyKey, Job, WorkerBeat
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LINE = "日期,类别,名称,地点,参加人次,备注\n2026-10-08,中心组专题学习,学习一,礼堂,46,".encode()


def ago(days, seconds=0):
    return NOW - timedelta(days=days, seconds=seconds)


def written(folder, name, at, data=b"%PDF"):
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    os.utime(folder / name, (at.timestamp(), at.timestamp()))


def files(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.ARTIFACTS_DIR, settings.IMPORTS_DIR = tmp_path / "artifacts", tmp_path / "imports"
    return settings


@pytest.fixture
def clerk():
    services.sync_catalogue()
    return make_user("township_clerk", make_township(make_district()))


def ended_job(clerk, at, artifact, state=JobState.DONE):
    return Job.objects.create(
        unit=clerk.unit, kind="report_pdf", subject_id=1, key=uuid.uuid4().hex, title="t", artifact=artifact, state=state,
        requested_by=clerk, finished_at=at,
    )  # fmt: skip


def imported(clerk, at):
    batch = services.start_import(by=clerk, unit=clerk.unit, kind=ledger_kind("study"), file_name="a.csv", data=LINE)
    batch = services.match_columns(by=clerk, batch=batch, columns=batch.columns)
    batch = services.confirm_import(by=clerk, batch=batch, base_version=batch.version)
    return dated(batch, at, imported_at=at)


def dated(batch, at, **values):
    ImportBatch.objects.filter(pk=batch.pk).update(created_at=at, **values)
    folder = pruning_services.settings.IMPORTS_DIR
    os.utime(folder / batch.stored_as, (at.timestamp(), at.timestamp()))
    batch.refresh_from_db()
    return batch


def test_keys_of_forms_go_after_their_thirty_days(clerk):
    for days, seconds in ((30, 5), (30, -5)):
        key = IdempotencyKey.objects.create(user=clerk, key=uuid.uuid4(), subject_kind="user")
        IdempotencyKey.objects.filter(pk=key.pk).update(created_at=ago(days, seconds))
    assert pruning_services.prune_form_keys(now=NOW).rows == 1
    assert IdempotencyKey.objects.get().created_at > ago(30)


def test_jobs_and_their_files_go_together_and_open_ones_never(clerk, folders):
    old, young = ago(90, 5), ago(90, -5)
    for name, at in (("old.pdf", old), ("young.pdf", young), ("shared.pdf", old), ("orphan.pdf", old), ("new-orphan.pdf", young)):
        written(folders.ARTIFACTS_DIR, name, at)
    for at, artifact in ((old, "old.pdf"), (young, "young.pdf"), (old, "shared.pdf"), (young, "shared.pdf")):
        ended_job(clerk, at, artifact)
    ended_job(clerk, old, "", JobState.FAILED)
    waiting = ended_job(clerk, None, "", JobState.QUEUED)
    Job.objects.update(requested_at=ago(400))
    WorkerBeat.objects.create(name="gone:1", seen_at=old)
    WorkerBeat.objects.create(name="here:1", seen_at=NOW)
    told = pruning_services.prune_jobs(now=NOW, dry_run=True)
    assert (told.rows, told.files, told.size) == (3, 2, 8)
    assert (Job.objects.count(), len(files(folders.ARTIFACTS_DIR)), WorkerBeat.objects.count()) == (6, 5, 2)
    assert pruning_services.prune_jobs(now=NOW) == told
    assert set(Job.objects.values_list("artifact", flat=True)) == {"young.pdf", "shared.pdf", ""}
    assert Job.objects.filter(pk=waiting.pk).exists()
    assert files(folders.ARTIFACTS_DIR) == ["new-orphan.pdf", "shared.pdf", "young.pdf"]
    assert WorkerBeat.objects.get().name == "here:1"
    assert pruning_services.prune_jobs(now=NOW).rows == 0


def test_the_pdf_of_an_approved_version_stays_with_its_job(clerk, folders, monkeypatch):
    class Document:
        sha256 = "ab" * 32

    kept = f"{content_key(Document)}.pdf"
    monkeypatch.setattr(ReportVersion.objects, "values_list", lambda *args, **values: [Document.sha256])
    for name in (kept, "draft.pdf"):
        written(folders.ARTIFACTS_DIR, name, ago(400))
        ended_job(clerk, ago(400), name)
    pruning_services.prune_jobs(now=NOW)
    assert (Job.objects.get().artifact, files(folders.ARTIFACTS_DIR)) == (kept, [kept])


def test_an_import_can_be_taken_back_for_a_year_and_then_stays(clerk, folders, client):
    young = imported(clerk, ago(365, -60))
    services.prune(now=NOW)
    assert young.rows.count() == 1
    old = dated(young, ago(365, 60), imported_at=ago(365, 60))
    assert services.prune(now=NOW, dry_run=True)[-1].rows == 1
    assert (ImportRow.objects.count(), len(files(folders.IMPORTS_DIR))) == (1, 1)
    services.prune(now=NOW)
    old.refresh_from_db()
    assert (old.stored_as, ImportRow.objects.count(), files(folders.IMPORTS_DIR)) == ("", 0, [])
    assert StudySession.objects.get().batch == old
    with pytest.raises(Refused, match="365"):
        services.undo_import(by=clerk, batch=old)
    client.force_login(clerk)
    page = client.get(reverse("metrics:import_detail", args=[old.public_id])).content.decode()
    assert "disabled" in page.partition("btn2 danger")[2][:200]
    assert services.prune(now=NOW)[-1].rows == 0


def test_imports_that_never_counted_or_were_taken_back_go_whole(clerk, folders):
    undone = services.undo_import(by=clerk, batch=imported(clerk, ago(2)))
    waiting = services.start_import(by=clerk, unit=clerk.unit, kind=ledger_kind("study"), file_name="b.csv", data=LINE + b" ")
    dated(undone, ago(700), undone_at=ago(365, -60))
    dated(waiting, ago(365, -60))
    services.prune(now=NOW)
    assert (ImportBatch.objects.count(), len(files(folders.IMPORTS_DIR))) == (2, 2)
    dated(undone, ago(700), undone_at=ago(365, 60))
    dated(waiting, ago(365, 60))
    services.prune(now=NOW)
    assert (ImportBatch.objects.count(), files(folders.IMPORTS_DIR)) == (0, [])


def test_a_file_that_a_younger_import_sent_too_stays(clerk, folders):
    old = services.start_import(by=clerk, unit=clerk.unit, kind=ledger_kind("study"), file_name="a.csv", data=LINE)
    dated(old, ago(400))
    again = services.start_import(by=clerk, unit=clerk.unit, kind=ledger_kind("study"), file_name="a.csv", data=LINE)
    assert (folders.IMPORTS_DIR / again.stored_as).stat().st_mtime > ago(1).timestamp()  # sent anew, as young as its batch
    dated(again, ago(100))
    os.utime(folders.IMPORTS_DIR / again.stored_as, (ago(400).timestamp(),) * 2)
    services.prune(now=NOW)
    assert (ImportBatch.objects.get(), files(folders.IMPORTS_DIR)) == (again, [again.stored_as])
    assert again.state == ImportState.MATCHING


def test_the_command_says_and_does(clerk, folders, capsys):
    written(folders.ARTIFACTS_DIR, "old.pdf", ago(400))
    ended_job(clerk, ago(400), "old.pdf")
    call_command("prune", "--dry-run")
    assert "将清除已结束的任务 1 条，文件 1 个" in capsys.readouterr().out
    assert files(folders.ARTIFACTS_DIR) == ["old.pdf"]
    call_command("prune")
    assert "已清除已结束的任务 1 条，文件 1 个" in capsys.readouterr().out
    assert (Job.objects.count(), files(folders.ARTIFACTS_DIR)) == (0, [])


def test_the_worker_prunes_once_a_day(clerk, folders, monkeypatch):
    from config import celery

    monkeypatch.setattr("django.db.connections.close_all", lambda: None)
    written(folders.ARTIFACTS_DIR, "old.pdf", ago(400))
    ended_job(clerk, ago(400), "old.pdf")
    day = celery._sweep_once(None)
    assert (Job.objects.count(), files(folders.ARTIFACTS_DIR)) == (0, [])
    ended_job(clerk, ago(400), "")
    celery._sweep_once(day)
    assert Job.objects.count() == 1


def test_what_was_looked_at_goes_after_a_day_but_for_files_that_others_have(clerk, folders):
    for name, at in (("seen.pdf", ago(1, 5)), ("shared.pdf", ago(1, 5)), ("today.pdf", ago(1, -5))):
        written(folders.ARTIFACTS_DIR, name, at)
        Job.objects.filter(pk=ended_job(clerk, at, name).pk).update(kind="report_pages")
    export = ended_job(clerk, ago(2), "shared.pdf")
    waiting = ended_job(clerk, None, "", JobState.QUEUED)
    Job.objects.filter(pk=waiting.pk).update(kind="trial_pages", requested_at=ago(3))
    told = pruning_services.prune_brief_jobs(now=NOW, dry_run=True)
    assert (told.rows, told.files, Job.objects.count(), len(files(folders.ARTIFACTS_DIR))) == (2, 1, 5, 3)
    assert pruning_services.prune_brief_jobs(now=NOW) == told
    assert files(folders.ARTIFACTS_DIR) == ["shared.pdf", "today.pdf"]
    assert set(Job.objects.values_list("kind", flat=True)) == {"report_pdf", "report_pages", "trial_pages"}
    assert Job.objects.filter(pk=export.pk).exists()
