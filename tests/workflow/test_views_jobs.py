"""Job pages and downloads: only one's own, safe headers, clear words; health."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.choices import Role
from tests import factories
from workflow import health
from workflow.choices import JobState
from workflow.models import WorkerBeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client):
    user = factories.make_user(Role.TOWNSHIP_CLERK)
    client.force_login(user)
    return user


@pytest.fixture
def artifacts(settings, tmp_path):
    settings.ARTIFACTS_DIR = tmp_path
    return tmp_path


def done_job(by, artifacts, name="ab12.pdf", **values):
    (artifacts / name).write_bytes(b"%PDF-1.7 test")
    values = {"file_name": "青云镇_2025年度宣传工作总结.pdf", "artifact": name, **values}
    return factories.make_job(by, state=JobState.DONE, **values)


def url(name, job):
    return reverse(f"workflow:{name}", args=[job.public_id])


def test_open_job_shows_progress_and_can_be_cancelled(client, clerk):
    job = factories.make_job(clerk, state=JobState.RUNNING, done=3, total=10)
    page = client.get(url("job_detail", job)).content.decode()
    assert "<progress" in page
    assert "job.js" in page
    assert client.get(url("job_status", job)).json() | {"text": ""} == {
        "state": "running",
        "is_open": True,
        "label": "生成中",
        "percent": 30,
        "text": "",
    }
    assert client.get(url("job_cancel", job)).status_code == 405
    client.post(url("job_cancel", job))
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_finished_job_names_its_notes_and_offers_the_file(client, clerk, artifacts):
    job = done_job(clerk, artifacts, notes=["“喆”字体缺字，已用替代字形"])
    page = client.get(url("job_detail", job)).content.decode()
    assert "已用替代字形" in page
    assert url("job_download", job) in page
    assert "job.js" not in page


def test_download_is_sandboxed_and_keeps_its_chinese_name(client, clerk, artifacts):
    answer = client.get(url("job_download", done_job(clerk, artifacts)))
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 test"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%E9%9D%92")
    assert answer["Content-Security-Policy"] == "sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]


def test_pdf_may_open_inside_the_browser_other_kinds_not(client, clerk, artifacts):
    inline = client.get(url("job_download", done_job(clerk, artifacts)), {"inline": "1"})
    assert inline["Content-Disposition"].startswith("inline")
    assert "script-src" not in inline["Content-Security-Policy"]
    assert "default-src 'none'" in inline["Content-Security-Policy"]
    word = client.get(url("job_download", done_job(clerk, artifacts, "ab12.docx")), {"inline": "1"})
    assert word["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("artifact", ["../secret.pdf", "/etc/hostname", "gone.pdf"])
def test_a_file_outside_the_folder_or_gone_is_not_handed_out(client, clerk, artifacts, artifact):
    (artifacts.parent / "secret.pdf").write_bytes(b"secret")
    job = factories.make_job(clerk, state=JobState.DONE, artifact=artifact, file_name="x.pdf")
    assert client.get(url("job_download", job)).url == url("job_detail", job)


@pytest.mark.parametrize("name", ["job_detail", "job_status", "job_download"])
def test_a_neighbours_job_does_not_exist(client, clerk, artifacts, name):
    neighbour = factories.make_user(Role.TOWNSHIP_HEAD, clerk.unit)
    assert client.get(url(name, done_job(neighbour, artifacts))).status_code == 404


def test_list_costs_the_same_for_many(client, clerk, django_assert_max_num_queries, artifacts):
    factories.make_job(clerk, state=JobState.FAILED, error="…")
    with django_assert_max_num_queries(10) as few:
        client.get(reverse("workflow:job_list"))
    for _job in range(8):
        done_job(clerk, artifacts)
    with django_assert_max_num_queries(len(few)):
        page = client.get(reverse("workflow:job_list")).content.decode()
    assert page.count("宣传工作总结.pdf") == 8


def test_health_needs_no_sign_in_and_tells_no_secrets(client, monkeypatch):
    monkeypatch.setattr(health, "is_broker_there", lambda: True)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "failed", "database": "ok", "broker": "ok", "worker": "failed"}
    WorkerBeat.objects.create(name="w", seen_at=timezone.now())
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


def test_health_tells_a_broken_broker(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert health.is_broker_there() is False
