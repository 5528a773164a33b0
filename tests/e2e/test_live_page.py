"""The printed page beside the text: it turns to the block in focus, follows what is saved, and says when nobody prints."""

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import axe_faults
from tests.e2e.test_pages import look_at

WORDS = "试印一句。"
PATIENCE = 60_000


@pytest.fixture(scope="module")
def clerk(browser):
    return browser.window("shibu.clerk")


@pytest.fixture(scope="module")
def page(clerk, site):
    """The draft with its pages beside it."""
    number = site.sql(
        "SELECT r.id FROM reports_report r JOIN accounts_user a ON a.unit_id = r.unit_id WHERE a.login = %s", clerk.login
    )[0][0]
    clerk.page.goto(f"/reports/{number}/")
    clerk.page.locator("[data-show=pages]").click()
    expect_fresh(clerk.page)
    yield clerk.page
    clerk.page.evaluate("localStorage.removeItem('report-preview')")


def picture(page):
    return page.locator(".pv-page img")


def expect_fresh(page):
    """The picture of a page is there and not grey."""
    expect(page.locator(".pv-pages:not(.pv-old) .pv-page img")).to_be_visible(timeout=PATIENCE)
    assert picture(page).evaluate("image => image.naturalWidth") > 500


def page_number(page) -> int:
    return int(picture(page).get_attribute("src").rsplit("/", 1)[1].removesuffix(".png"))


def source(page) -> str:
    return picture(page).get_attribute("src").rsplit("/", 1)[0]


def middle_block(page):
    """A paragraph that does not stand on the first page."""
    keys = page.eval_on_selector_all(".doc section.rp-paragraph", "rows => rows.map(row => row.dataset.block)")
    return page.locator(f'section[data-block="{keys[len(keys) // 2]}"]')


def test_1_the_page_of_the_block_in_focus_is_shown(page):
    assert page_number(page) == 1
    assert page.locator("[data-full]").get_attribute("href") == picture(page).evaluate("image => image.src")
    middle_block(page).locator("[data-edit]").click()
    expect(page.locator(".pv-at")).to_be_visible()
    expect_fresh(page)
    assert page_number(page) > 1
    assert page.locator("#part-sheet").is_hidden()


def test_2_what_is_saved_is_printed_and_shown(page, site):
    editor, before = page.locator(".blk.edit"), source(page)
    editor.locator("[name=text]").press("End")
    editor.locator("[name=text]").press_sequentially(WORDS)
    expect(page.locator(".pv-pages.pv-old")).to_have_count(1, timeout=PATIENCE)
    expect(picture(page)).to_be_visible()
    expect(picture(page)).not_to_have_attribute("src", f"{before}/{page_number(page)}.png", timeout=PATIENCE)
    expect_fresh(page)
    text = site.sql("SELECT parameters->>'document' FROM workflow_job WHERE public_id = %s", source(page).rsplit("/", 1)[1])
    assert WORDS in text[0][0]
    assert page_number(page) > 1
    assert source(page) != before


def test_3_pages_turn_by_hand_and_stay_turned(page):
    for _turn in range(30):
        if page.locator('[data-turn="1"][aria-disabled=true]').count():
            break
        number = page_number(page)
        page.locator('[data-turn="1"]').click()
        expect(picture(page)).to_have_attribute("src", f"{source(page)}/{number + 1}.png")
        expect_fresh(page)
    last, before = page_number(page), source(page)
    assert last > 5
    page.locator('[data-turn="1"]').dispatch_event("click")
    page.wait_for_timeout(500)
    assert page_number(page) == last
    editor = page.locator(".blk.edit [name=text]")
    editor.evaluate(
        "(box, words) => { box.value = box.value.replace(words, ''); box.dispatchEvent(new Event('input', {bubbles: true})) }",
        WORDS,
    )
    expect(picture(page)).not_to_have_attribute("src", f"{before}/{last}.png", timeout=PATIENCE)
    expect_fresh(page)
    assert page_number(page) == last


def test_4_it_is_clean(clerk, page):
    assert not axe_faults(page)
    assert not clerk.complaints


def test_5_hardly_anything_is_kept(site, page):
    assert site.sql("SELECT count(*) FROM workflow_job WHERE kind = 'report_pages'")[0][0] <= 2


def test_6_without_a_worker_the_old_page_stays_and_it_says_so(page, site):
    site.stop("worker")
    site.sql("UPDATE workflow_workerbeat SET seen_at = now() - interval '1 hour'")
    before, words = source(page), page.locator("[data-told]").inner_text()
    page.locator(".blk.edit [name=text]").press_sequentially("又一句。")
    shown = page_number(page)
    expect(page.locator(".pv-pages.pv-old")).to_have_count(1, timeout=PATIENCE)
    expect(page.locator("[data-told]")).not_to_have_text(words, timeout=PATIENCE)
    page.wait_for_timeout(2000)
    assert source(page) == before
    site.start_worker()
    site.wait_for(site.is_well, "a worker")
    expect(picture(page)).not_to_have_attribute("src", f"{before}/{shown}.png", timeout=PATIENCE)
    expect_fresh(page)
    assert source(page) != before


def test_7_the_layout_is_a_click_away_and_the_habit_stays(page):
    page.locator(".blk.edit [name=text]").evaluate(
        "box => { box.value = box.value.replace('又一句。', ''); box.dispatchEvent(new Event('input', {bubbles: true})) }"
    )
    page.locator(".blk.edit [data-save]").click()
    expect(page.locator(".blk.edit")).to_have_count(0)
    page.reload()
    expect_fresh(page)
    page.locator("[data-show=sheet]").click()
    expect(page.locator("#part-sheet")).to_be_visible()
    assert page.locator("[data-leaf]").is_hidden()


@pytest.mark.parametrize("width", [1440, 390])
def test_8_a_trial_on_a_township_shows_its_pages(browser, site, width):
    admin = browser.window("district.admin", width=width)
    number = site.sql("SELECT id FROM reports_reporttemplate WHERE state = 'published' ORDER BY year, id LIMIT 1")[0][0]
    assert not look_at(admin, f"/reports/templates/{number}/trial/", "reports:template_trial")
    page = admin.page
    page.locator("[data-show=pages]").click()
    expect_fresh(page)
    page.locator(".doc section.rp-annex").first.click()
    expect(page.locator(".pv-at")).to_be_visible()
    expect_fresh(page)
    assert page_number(page) > 5
    assert not axe_faults(page)
    assert not admin.complaints
    page.evaluate("localStorage.removeItem('report-preview')")
