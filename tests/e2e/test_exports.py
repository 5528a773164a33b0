"""Jobs against faults: a cancelled export stays cancelled, a worker killed in mid-job loses nothing and nothing is made twice."""

import re
import signal
import time

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import export_as
from tests.e2e.test_pages import look_at

JOB = "SELECT state, tries, fence, artifact FROM workflow_job WHERE public_id = %s"


@pytest.fixture(scope="module")
def clerk(browser):
    return browser.window("qingyun.clerk")


@pytest.fixture(scope="module")
def report(site):
    """The address of the demo's approved report."""
    number = site.sql("SELECT id FROM reports_report WHERE state = 'approved' ORDER BY id LIMIT 1")[0][0]
    return f"/reports/{number}/"


def ask_for_pdf(page, report) -> str:
    """Ask for the PDF and return the job's id."""
    page.goto(report)
    export_as(page, "pdf")
    page.wait_for_url("**/jobs/*/")
    return re.search(r"/jobs/([0-9a-f-]{36})/", page.url)[1]


def test_a_cancelled_export_stays_cancelled(site, clerk, report):
    site.stop("worker")
    page = clerk.page
    job = ask_for_pdf(page, report)
    assert not look_at(clerk, f"/jobs/{job}/", "workflow:job_detail queued")
    page.locator(f'form[action="/jobs/{job}/cancel/"] button').click()
    expect(page.locator(".headrow .tag.draft")).to_be_visible()
    site.start_worker()
    site.wait_for(site.is_well, "a worker")
    time.sleep(4)  # more than a sweep
    assert site.sql(JOB, job)[0] == ("cancelled", 0, 0, "")


def test_a_worker_killed_in_mid_job_ends_it_exactly_once(site, clerk, report):
    page = clerk.page
    job = ask_for_pdf(page, report)
    site.wait_for(lambda: site.sql(JOB, job)[0][0] == "running", "a running job")
    site.stop("worker", signal.SIGKILL)
    assert site.sql(JOB, job)[0][0] == "running"
    site.start_worker()
    site.sql("UPDATE workflow_job SET lease_until = now() - interval '1 second' WHERE public_id = %s", job)  # two minutes pass
    expect(page.locator('a[href$="/download/"]')).to_be_visible(timeout=60_000)
    state, tries, fence, artifact = site.sql(JOB, job)[0]
    assert (state, tries, fence) == ("done", 2, 2)
    files = [path.name for path in (site.folder / "artifacts").iterdir() if path.suffix == ".pdf" and artifact in path.name]
    assert files == [artifact]
    assert not look_at(clerk, f"/jobs/{job}/", "workflow:job_detail done")


def test_half_a_file_is_never_left(site):
    assert not [path for path in (site.folder / "artifacts").iterdir() if path.name.startswith(".")]


def test_nobody_complained(clerk):
    assert clerk.complaints == []
