"""Ledgers by keyboard: row after row without the mouse, pinyin, questions, undo, what survives; the sum taken into the grid."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.grid import cell, expect_saved

CLERK = "longquan.clerk"
RETURN = "SELECT r.id FROM metrics_monthlyreturn r JOIN accounts_unit u ON u.id = r.unit_id WHERE u.name = '龙泉镇' AND "
STUDY = "ideology_study_session_count"


@pytest.fixture
def page(browser):
    person = browser.window(CLERK)
    before = len(person.complaints)
    yield person.page
    assert person.complaints[before:] == []


@pytest.fixture
def today(site) -> str:
    """The day, as the date field takes it; entries of it belong to the return that is open now."""
    return site.sql("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date::text")[0][0]


def names(page: Page) -> list[str]:
    return page.locator(".lg-table tbody th").all_inner_texts()


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.name || document.activeElement.className")


def add(page: Page, name: str) -> None:
    """Type a name where the focus is, and press Enter."""
    page.keyboard.insert_text(name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_rows_are_entered_one_after_the_other_by_keyboard(page, site, today):
    page.goto("/ledgers/study/")
    page.locator("#id_date").fill(today)
    page.locator("#id_kind").select_option("outreach")
    page.locator("#id_name").focus()
    for name in ("宣讲一", "宣讲二", "宣讲三"):
        add(page, name)
        assert focused(page) == "name"
        assert (page.locator("#id_date").input_value(), page.locator("#id_kind").input_value()) == (today, "outreach")
        assert page.locator("#id_name").input_value() == ""
    assert names(page)[:3] == ["宣讲三", "宣讲二", "宣讲一"]
    expect(page.locator("tr.lg-fresh th")).to_have_text("宣讲三")
    page.locator("#id_kind").focus()
    page.locator("#id_name").evaluate("field => { field.value = '宣讲四'; }")
    with page.expect_navigation():
        page.locator("#id_kind").press("Enter")
    assert names(page)[0] == "宣讲四"


def test_the_enter_that_ends_a_pinyin_word_saves_nothing(page):
    page.goto("/ledgers/study/")
    field = page.locator("#id_name")
    field.fill("拼音")
    for event in ("{key: 'Enter', isComposing: true}", "{key: 'Enter', keyCode: 229}"):
        kept = field.evaluate(
            "(field) => field.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, cancelable: true, ..." + event + "}))"
        )
        assert kept is False  # refused: the browser does not submit on it
    composing = page.context.new_cdp_session(page)
    field.focus()
    composing.send("Input.imeSetComposition", {"text": "zhong", "selectionStart": 5, "selectionEnd": 5})
    composing.send("Input.insertText", {"text": "中"})
    page.wait_for_timeout(200)
    assert "last=" not in page.url
    assert field.input_value() == "拼音中"
    page.evaluate("localStorage.clear()")


def test_the_same_again_is_asked_about_and_can_be_saved_or_dropped(page, today):
    page.goto("/ledgers/study/")
    page.locator("#id_date").fill(today)
    page.locator("#id_place").fill("礼堂")
    page.locator("#id_name").focus()
    add(page, "重复的一次")
    with page.expect_navigation():
        page.goto("/ledgers/study/?copy=last")
    assert focused(page) == "name"
    with page.expect_navigation():
        page.locator("#id_name").press("Enter")
    expect(page.locator(".lg-same")).to_be_focused()
    assert page.locator("#id_place").input_value() == "礼堂"
    page.locator(".lg-same a[data-forget]").click()
    expect(page.locator(".mr-draft")).to_have_count(0)
    assert names(page).count("重复的一次") == 1
    page.goto("/ledgers/study/?copy=last")
    with page.expect_navigation():
        page.locator("#id_name").press("Enter")
    page.locator("button[name=anyway]").click()
    page.wait_for_url(re.compile("last="))
    assert names(page).count("重复的一次") == 2


def test_bad_input_stays_with_its_message_at_the_field(page):
    page.goto("/ledgers/study/")
    page.locator("#id_name").fill("人数写错")
    page.locator("#id_attendees").fill("约100")
    with page.expect_navigation():
        page.locator("#id_attendees").press("Enter")
    expect(page.locator("#id_attendees")).to_have_class(re.compile("is-invalid"))
    assert page.locator("#id_attendees").input_value() == "约100"
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.locator(".lg-fields #id_attendees").fill("100")
    with page.expect_navigation():
        page.locator("#id_attendees").press("Enter")
    assert names(page)[0] == "人数写错"


def test_a_removed_row_comes_back(page):
    page.goto("/ledgers/study/")
    before = names(page)
    page.locator(".lg-table button.danger").first.click()
    expect(page.locator(".lg-undo")).to_contain_text(before[0])
    assert names(page) == before[1:]
    page.locator(".lg-undo button").click()
    page.wait_for_url(re.compile("last="))
    assert names(page) == before


def test_what_was_typed_survives_an_expired_session(browser, site, page):
    page.goto("/ledgers/study/")
    page.locator("#id_name").press_sequentially("会话过期前")
    page.locator("#id_place").fill("某处")
    site.sql("DELETE FROM django_session")
    page.locator("#id_place").press("Enter")
    page.wait_for_url(re.compile("sign-in"))
    account = site.accounts[CLERK]
    page.locator("input[name=login]").fill(account.login)
    page.locator("input[name=password]").fill(account.password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.goto("/ledgers/study/")
    assert (page.locator("#id_name").input_value(), page.locator("#id_place").input_value()) == ("会话过期前", "某处")
    expect(page.locator(".mr-draft")).to_be_visible()
    page.locator(".mr-draft button").click()
    page.wait_for_load_state()
    assert page.locator("#id_name").input_value() == ""
    browser.close()
    browser.people.clear()


def test_one_click_takes_the_ledgers_sum_into_the_grid(browser, site):
    person = browser.window(CLERK)
    page = person.page
    number = site.sql(RETURN + "r.state = 'draft' ORDER BY r.year DESC, r.month DESC LIMIT 1")[0][0]
    page.goto("/ledgers/study/")
    page.locator("#id_kind").select_option("group_study")
    page.locator("#id_name").focus()
    add(page, "中心组学习")
    page.goto(f"/returns/{number}/?show=all")
    row = page.locator(f'tr[data-row="{STUDY}"]')
    total = row.locator(f'output[data-out="ledger:{STUDY}"]').inner_text()
    cell(page, STUDY).fill("77")
    cell(page, STUDY).press("Enter")
    expect_saved(page)
    expect(row.locator("button.take")).to_be_hidden()  # the message under the row offers the sum
    page.locator(f'tr.msg[data-of="{STUDY}"] button[name=fix]').first.click()
    expect_saved(page)
    expect(cell(page, STUDY)).to_have_value(total)
    cell(page, STUDY).fill("")
    cell(page, STUDY).press("Enter")
    expect_saved(page)
    row.locator("button.take").click()  # a blank cell says nothing wrong: the row offers it
    expect_saved(page)
    expect(cell(page, STUDY)).to_have_value(total)
    expect(row.locator("button.take")).to_be_hidden()
    row.locator("a.def").click()
    expect(page.locator("#inspector section.led")).to_contain_text("中心组学习")
    row.locator("a.led").click()
    page.wait_for_url(re.compile(r"/ledgers/study/\?.*kind=group_study"))
    assert "中心组学习" in names(page)
    assert person.complaints == []
