"""The district's own report in the browser: created, edited and submitted by a reviewer, approved by another person, exported."""

import pdfplumber
import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.e2e.browser import deed, expect_state, export_as

YEAR = timezone.localdate().year - 1
WORDS = "全区上下同题共答。"


@pytest.fixture(scope="module")
def reviewer(browser):
    return browser.window("district.reviewer1")


@pytest.fixture(scope="module")
def admin(browser):
    return browser.window("district.admin")


@pytest.fixture(scope="module")
def clerk(browser):
    return browser.window("qingyun.clerk")


@pytest.fixture(scope="module")
def address(site):
    """The address of last year's report of the demo district."""
    rows = site.sql(
        "SELECT r.id FROM reports_report r JOIN accounts_unit u ON u.id = r.unit_id "
        "WHERE u.kind = 'district' AND r.year = %s", YEAR,
    )  # fmt: skip
    return f"/reports/{rows[0][0]}/"


def test_1_this_years_is_created_or_the_page_says_why_not_yet(reviewer, site):
    page, year = reviewer.page, YEAR + 1
    page.goto(f"/reports/?year={year}")
    button = page.locator("#own-reports button")
    if timezone.localdate().month < 11:
        expect(button).to_have_attribute("aria-disabled", "true")
        expect(page.locator(f"#why-own-{year}")).to_be_visible()
        return
    button.click()
    page.wait_for_url("**/reports/*/")
    expect_state(reviewer, "draft")
    expect(page.locator(".doc section.blk.lv1").first).to_be_visible()
    page.goto(f"/reports/?year={year}")
    expect(page.locator("#own-reports .tag.draft")).to_be_visible()


def test_2_last_years_is_reopened_and_a_paragraph_edited(reviewer, address):
    page = reviewer.page
    page.goto(f"/reports/?year={YEAR}")
    page.locator("#own-reports a").click()
    page.wait_for_url(f"**{address}")
    expect_state(reviewer, "approved")
    deed(reviewer, "reopen", reason="补写一句。")
    expect_state(reviewer, "returned")
    take_what_moved(page)
    block = page.locator("section.blk.rp-paragraph").first
    key = block.get_attribute("data-block")
    block.hover()
    block.locator("a[data-edit]").click()
    box = page.locator(f'section.blk.edit[data-block="{key}"] textarea[name="text"]')
    box.fill(box.input_value() + WORDS)
    box.press("Control+Enter")
    expect(page.locator(f'section.blk[data-block="{key}"]:not(.edit)')).to_contain_text(WORDS)


def take_what_moved(page):
    """Other stories on this site correct figures of townships, and the district's numbers are flagged for it, as they should."""
    update = page.locator('form[action$="/update/"] button').first
    if update.count():
        update.click()
        expect(update).to_have_count(0)


def test_3_who_submits_cannot_approve(reviewer, address):
    page = reviewer.page
    page.goto(address)
    deed(reviewer, "submit")
    expect_state(reviewer, "submitted")
    for name in ("approve", "send_back"):
        expect(page.locator(f"#why-{name}")).to_be_visible()
        expect(page.locator(f'a[href$="/{name}/"]')).to_have_count(0)
    page.goto(f"{address}deed/approve/")
    expect(page.locator("main form button.pri")).to_be_disabled()


def test_4_another_person_approves(admin, address):
    admin.page.goto("/")
    expect(admin.page.locator(f'#own-reports a[href="{address}"]')).to_be_visible()
    admin.page.goto(address)
    expect(admin.page.locator("#why-withdraw")).to_be_visible()
    deed(admin, "approve")
    expect_state(admin, "approved")
    admin.page.goto(f"{address}versions/compare/")
    expect(admin.page.locator("main")).to_contain_text(WORDS)


def test_5_the_pdf_is_the_second_version(admin, address, tmp_path):
    page = admin.page
    page.goto(address)
    export_as(page, "pdf")
    page.wait_for_url("**/jobs/*/")
    link = page.locator('a[href$="/download/"]')
    expect(link).to_be_visible(timeout=60_000)
    with page.expect_download() as got:
        link.click()
    got.value.save_as(tmp_path / "district.pdf")
    with pdfplumber.open(tmp_path / "district.pdf") as pdf:
        text = "".join((page.extract_text() or "").replace("\n", "") for page in pdf.pages).replace(" ", "")
    assert WORDS in text
    assert "未经审核" not in text


def test_6_no_township_finds_it(clerk, address):
    page = clerk.page
    for place in (address, f"{address}preview/", f"{address}versions/1/"):
        answer = page.request.get(place)
        assert answer.status == 404
    page.goto("/reports/")
    expect(page.locator("#own-reports")).to_have_count(0)
    expect(page.locator(f'a[href="{address}"]')).to_have_count(0)
