"""Nothing typed is lost: the server goes away in mid-sentence, the session ends, a second tab signs in."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.grid import cell, expect_saved

CLERK = "longquan.clerk"
CODE, OTHER = "ideology_study_session_count", "ideology_leader_speech_person_times"
STORED = (
    "SELECT f.raw FROM metrics_figure f JOIN metrics_indicator i ON i.id = f.indicator_id "
    "WHERE f.monthly_return_id = %s AND i.code = %s"
)


@pytest.fixture(scope="module")
def page(browser):
    """The clerk's open grid."""
    page = browser.window(CLERK).page
    page.goto("/")
    page.locator('section[aria-labelledby^="task-"] h2 a').first.click()
    page.wait_for_url("**/returns/*/*")
    page.goto(f"{address(page)}?show=all")
    return page


def address(page) -> str:
    return re.search(r"/returns/\d+/", page.url)[0]


def stored(site, page, code):
    rows = site.sql(STORED, int(re.search(r"\d+", address(page))[0]), code)
    return rows[0][0] if rows else None


def test_a_figure_typed_while_the_server_is_down_arrives_when_it_is_back(site, page):
    site.stop("web")
    cell(page, CODE).fill("41")
    cell(page, CODE).press("Enter")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "waiting")
    expect(cell(page, CODE)).to_have_value("41")
    site.start_web()
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved", timeout=40_000)
    assert stored(site, page, CODE) == "41"


def test_a_figure_survives_a_closed_tab_while_the_server_is_down(site, page):
    here = address(page)
    site.stop("web")
    cell(page, OTHER).fill("43")
    cell(page, OTHER).press("Enter")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "waiting")
    page.goto("about:blank")
    site.start_web()
    page.goto(f"{here}?show=all")
    expect_saved(page)
    expect(cell(page, OTHER)).to_have_value("43")
    assert stored(site, page, OTHER) == "43"


def test_an_ended_session_keeps_what_was_typed(site, browser, page):
    site.sql("DELETE FROM django_session")
    cell(page, CODE).fill("47")
    cell(page, CODE).press("Enter")
    link = page.locator("#save-state a")
    expect(link).to_be_visible()
    expect(cell(page, CODE)).to_have_value("47")
    assert stored(site, page, CODE) == "41"
    with page.context.expect_page() as opened:
        link.click()
    account = site.accounts[CLERK]
    tab = opened.value
    tab.locator("input[name=login]").fill(account.login)
    tab.locator("input[name=password]").fill(account.password)
    tab.locator("input[name=password]").press("Enter")
    tab.wait_for_url("**/returns/*/*")
    expect_saved(tab)
    tab.close()
    page.reload()
    expect_saved(page)
    expect(cell(page, CODE)).to_have_value("47")
    assert stored(site, page, CODE) == "47"
