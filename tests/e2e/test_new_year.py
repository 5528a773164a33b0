"""A new year without a programmer: the administrator copies, adds a counted indicator, publishes; a clerk sees it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e
NAME = "读书分享会"


@pytest.fixture(scope="module")
def admin(browser):
    return browser.window("district.admin")


def test_a_year_is_copied_changed_previewed_published_and_seen(browser, admin, site):
    page, year = admin.page, timezone.localdate().year
    page.goto("/sets/")
    page.locator("#target").select_option(str(year + 1))
    page.locator("form[action='/sets/copy/'] button").click()
    page.wait_for_url(re.compile(r"/sets/\d+/$"))
    draft = page.url
    add_counted_indicator(page)
    expect(page.locator("table.st th", has_text=NAME)).to_be_visible()
    page.goto(f"{draft}preview/?month=3")
    expect(page.locator("tr.r", has_text=NAME).locator("input")).to_be_disabled()
    page.goto(f"{draft}publish/")
    expect(page.locator(".st-diff tbody tr")).to_have_count(1)
    expect(page.locator(".st-diff tbody tr")).to_contain_text(NAME)
    expect(page.locator("[name=effect_date]")).to_have_value(f"{year + 1}-01-01")
    page.locator("[name=effect_date]").fill(timezone.localdate().isoformat())  # at once, so that the clerk has it below
    page.locator("main form button.pri").click()
    page.locator('main form button[name="confirmed"]').click()
    page.wait_for_url(draft)
    expect(page.locator(".headrow .tag.ok")).to_be_visible()
    expect(page.locator(".st .move")).to_have_count(0)
    monthly = open_return(site, "青云镇", year + 1)
    clerk = browser.window("qingyun.clerk")
    clerk.page.goto(f"/returns/{monthly}/")
    row = clerk.page.locator("tr.r", has_text=NAME)
    with clerk.page.expect_response(lambda answer: answer.url.endswith("/cells/")):
        row.locator("input").fill("3")
        row.locator("input").press("Enter")
    expect(row.locator("td.y")).to_have_text("3")
    expect(clerk.page.locator("#save-state")).to_have_attribute("data-state", "saved")
    clerk.page.goto(f"/returns/{this_years_return(site, '青云镇', year)}/")
    expect(clerk.page.locator("tr.r", has_text=NAME)).to_have_count(0)
    assert not admin.complaints
    assert not clerk.complaints


def add_counted_indicator(page) -> None:
    """Choose everything from lists; what does not go with the choice is not shown."""
    page.locator("a[href$='/indicators/new/ideology/']").click()
    expect(page.locator("#id_numerator")).to_be_hidden()
    page.locator("#id_name").fill(NAME)
    page.locator("#id_measure").fill("场")
    page.locator("#id_scope_note").fill("以台账为准。")
    page.locator("#id_ledger_kind").select_option("study")
    page.locator("#id_measure_study").select_option("count")
    expect(page.locator("#id_measure_media")).to_be_hidden()
    page.locator("input[name=where_study_kind][value=outreach]").check()
    page.locator("#id_name").fill("")
    page.locator("main form[data-indicator-form] button.pri").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    expect(page.locator("input[name=where_study_kind][value=outreach]")).to_be_checked()
    page.locator("#id_name").fill(NAME)
    page.locator("main form[data-indicator-form] button.pri").click()
    page.wait_for_url(re.compile(r"/sets/\d+/"))


def open_return(site, township: str, year: int) -> int:
    """Open a return of the coming year: what the worker does when its month begins."""
    due = timezone.now() + timedelta(days=400)
    return site.sql(
        "INSERT INTO metrics_monthlyreturn (unit_id, year, month, state, due_at, opened_at, revision)"
        " SELECT id, %s, 1, 'draft', %s, now(), 0 FROM accounts_unit WHERE name = %s RETURNING id", year, due, township,
    )[0][0]  # fmt: skip


def this_years_return(site, township: str, year: int) -> int:
    statement = (
        "SELECT r.id FROM metrics_monthlyreturn r JOIN accounts_unit u ON u.id = r.unit_id WHERE u.name = %s AND r.year = %s"
        " ORDER BY r.month DESC LIMIT 1"
    )
    return site.sql(statement, township, year)[0][0]


def test_targets_are_proposed_and_then_saved(browser, admin, site):
    page = admin.page
    page.goto("/targets/?show=ideology_study_book_count")
    cells = page.locator("input[name$='-ideology_study_book_count']")
    expect(cells.first).to_have_value("")
    page.locator("#factor").fill("1.1")
    page.locator("button[value=propose]").click()
    expect(page.locator("td.changed").first).to_be_visible()
    proposed = cells.first.input_value()
    assert int(proposed) > 0
    page.locator("main form .pri").click()
    expect(page.locator("td.changed")).to_have_count(0)
    expect(cells.first).to_have_value(proposed)
    clerk = browser.window("qingyun.clerk").page
    clerk.goto(f"/returns/{this_years_return(site, '青云镇', timezone.localdate().year)}/")
    expect(clerk.locator("tr[data-row=ideology_study_book_count] td.t output").first).to_contain_text("%")
    assert not admin.complaints
