"""All townships in one go, in the browser: asked for, left and come back to, cancelled, broken off by a killed worker."""

import io
import re
import signal
import zipfile

import pytest
from playwright.sync_api import expect

from tests.e2e.test_pages import look_at

JOB = "SELECT state, tries, done, total FROM workflow_job WHERE public_id = %s"


@pytest.fixture(scope="module")
def reviewer(browser):
    return browser.window("district.reviewer1")


def ask(page, file_format="pdf", reports="approved") -> str:
    """Go from the list to the page of the export, choose, start; return the job's id."""
    page.goto("/reports/?year=2025")
    page.locator('a[href*="/reports/batch/"]').click()
    page.locator(f'input[name=reports][value="{reports}"]').check()
    page.locator("select[name=format]").select_option(file_format)
    page.locator(".rb-form button[type=submit]").click()
    page.wait_for_url("**/jobs/*/")
    return re.search(r"/jobs/([0-9a-f-]{36})/", page.url)[1]


def test_the_archive_has_the_files_and_names_who_is_missing(site, reviewer):
    page = reviewer.page
    assert not look_at(reviewer, "/reports/batch/?year=2025", "reports:report_batch")
    job = ask(page)
    page.goto("/")  # it goes on without its page
    page.goto(f"/jobs/{job}/")
    link = page.locator('a[href$="/download/"]')
    expect(link).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        names = archive.namelist()
    assert {"清单.xlsx", "合订本.pdf"} < set(names)
    assert any("青云镇" in name for name in names)
    expect(page.locator(".alertbox")).to_contain_text("石埠镇")


def test_a_cancelled_one_stays_cancelled(site, reviewer):
    site.stop("worker")
    job = ask(reviewer.page, "docx")
    reviewer.page.locator(f'form[action="/jobs/{job}/cancel/"] button').click()
    expect(reviewer.page.locator(".headrow .tag.draft")).to_be_visible()
    site.start_worker()
    site.wait_for(site.is_well, "a worker")
    assert site.sql(JOB, job)[0][:2] == ("cancelled", 0)


def test_a_killed_worker_is_gone_on_after(site, reviewer):
    job = ask(reviewer.page, "pdfa")
    site.wait_for(lambda: site.sql(JOB, job)[0][0] != "queued", "a running job")
    site.stop("worker", signal.SIGKILL)
    site.start_worker()
    site.sql("UPDATE workflow_job SET lease_until = now() - interval '1 second' WHERE public_id = %s AND state = 'running'", job)
    expect(reviewer.page.locator('a[href$="/download/"]')).to_be_visible(timeout=60_000)
    state, _tries, done, total = site.sql(JOB, job)[0]
    assert (state, done) == ("done", total)


def test_the_townships_side_by_side(reviewer):
    assert not look_at(reviewer, "/comparison/?year=2026&month=10", "metrics:comparison")
    reviewer.page.goto("/comparison/?year=2025&month=12")
    expect(reviewer.page.locator(".cmp tbody tr").first).to_contain_text("青云镇")
    expect(reviewer.page.locator(".cmp-rank").first).to_be_visible()


def test_nobody_complained(reviewer):
    assert reviewer.complaints == []
