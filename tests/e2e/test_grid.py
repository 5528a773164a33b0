"""The entry grid in a real browser: keys, four kinds of cell, totals at once, two editors, a lost network, a closed tab."""

import re
import time

import pytest
from playwright.sync_api import expect

CLERK = "daping.clerk"


@pytest.fixture(scope="module")
def address(browser):
    """The address of a return that its clerk may still change."""
    page = browser.window(CLERK).page
    page.goto("/returns/")
    links = page.locator("a[href^='/returns/']").evaluate_all("found => found.map(link => link.getAttribute('href'))")
    for link in dict.fromkeys(links):
        if re.fullmatch(r"/returns/\d+/", link):
            page.goto(link)
            if page.locator("form[data-grid]").count():
                return link
    raise AssertionError("the demo has no open return for this clerk")


@pytest.fixture
def page(browser, address):
    """The grid, freshly opened."""
    page = browser.window(CLERK).page
    page.goto(address)
    return page


def cell(page, code):
    return page.locator(f"#c-{code}")


def state_of(page, code):
    return cell(page, code).locator("xpath=..")


def wait_until_saved(page):
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    until = time.monotonic() + 10
    while page.evaluate("Object.keys(localStorage).some(key => key.startsWith('twr:'))"):
        assert time.monotonic() < until, "something typed was not acknowledged"
        page.wait_for_timeout(50)


def test_the_pace_of_a_target_turns_with_the_figure_that_is_saved(page):
    row = page.locator("tr.r:has(td.cell input):has(output.pace)").first
    figure, pace, bar = row.locator("td.cell input"), row.locator("output.pace"), row.locator("svg.bar .fg")
    before = figure.input_value()
    for typed, is_late in (("0", True), ("999999", False), ("0", True)):
        figure.fill(typed)
        figure.press("Enter")
        wait_until_saved(page)
        expect(pace).to_have_class("pace late" if is_late else "pace")
        expect(bar).to_have_class("fg" if is_late else "fg g")
    figure.fill(before)
    figure.press("Enter")
    wait_until_saved(page)


def test_keys_walk_the_column_and_every_cell_saves_itself(page):
    cell(page, "ideology_study_session_count").focus()
    for typed in ("7", "约100", "不适用", "未统计", "0"):
        page.keyboard.insert_text(typed)
        page.keyboard.press("Enter")
    wait_until_saved(page)
    kinds = {
        "study_session_count": "value", "leader_speech_person_times": "text", "remote_education_count": "not_applicable",
        "study_book_count": "not_collected", "outreach_session_count": "value",
    }  # fmt: skip
    for code, kind in kinds.items():
        expect(state_of(page, f"ideology_{code}")).to_have_class(re.compile(f"v-{kind}"))
    expect(cell(page, "ideology_party_member_total")).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(cell(page, "ideology_outreach_session_count")).to_be_focused()
    page.reload()
    assert cell(page, "ideology_leader_speech_person_times").input_value() == "约100"


def test_a_suggestion_is_taken_with_one_click(page):
    cell(page, "ideology_leader_speech_person_times").fill("约90")
    page.keyboard.press("Enter")
    page.locator("tr[data-of=ideology_leader_speech_person_times] button[name=fix]").click()
    expect(cell(page, "ideology_leader_speech_person_times")).to_have_value("90")
    wait_until_saved(page)


def test_totals_of_parts_appear_at_once(page):
    for code, typed in (("media_adopted_city_print", "4"), ("media_adopted_city_new_media", "6")):
        cell(page, code).fill(typed)
        page.keyboard.press("Tab")
    expect(cell(page, "media_adopted_city")).to_have_text("10")
    wait_until_saved(page)


def test_escape_brings_the_old_value_back_and_pinyin_is_left_alone(page):
    place = cell(page, "ideology_party_member_total")
    before = place.input_value()
    place.fill("99")
    page.keyboard.press("Escape")
    assert place.input_value() == before
    place.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    expect(place).to_be_focused()


def test_the_menu_offers_what_is_no_number(page):
    cell(page, "ideology_study_book_count").focus()
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(cell(page, "ideology_study_book_count")).to_have_value("不适用")
    wait_until_saved(page)


def test_two_editors_of_one_cell_see_both_values_and_choose(page, browser, address):
    other = browser.window(CLERK, 1366).page
    other.goto(address)
    cell(other, "ideology_study_session_count").fill("9")
    other.keyboard.press("Enter")
    wait_until_saved(other)
    cell(page, "ideology_study_session_count").fill("8")
    page.keyboard.press("Enter")
    clash = page.locator("tr[data-conflict=ideology_study_session_count]")
    expect(clash).to_contain_text("9")
    clash.locator("button").first.click()
    wait_until_saved(page)
    other.reload()
    assert cell(other, "ideology_study_session_count").input_value() == "8"


def test_what_was_typed_offline_survives_a_closed_tab(page, browser, address):
    person = browser.window(CLERK)
    wait_until_saved(page)
    person.context.set_offline(True)
    cell(page, "ideology_study_book_count").fill("55")
    page.keyboard.press("Enter")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "waiting")
    expect(state_of(page, "ideology_study_book_count")).to_have_attribute("data-s", "waiting")
    later = person.context.new_page()
    person.context.set_offline(False)
    page.goto("about:blank")
    later.goto(address)
    expect(later.locator("#save-state")).to_have_attribute("data-state", "saved")
    later.reload()
    assert cell(later, "ideology_study_book_count").input_value() == "55"
    later.close()
    person.complaints[:] = [line for line in person.complaints if "ERR_INTERNET_DISCONNECTED" not in line]


PASTE = """(input, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  input.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def test_a_pasted_column_fills_down_and_is_never_joined_into_one_number(page):
    place = cell(page, "media_adopted_district_print")
    place.focus()
    place.evaluate(PASTE, "3\r\n1,204\r\n")
    wait_until_saved(page)
    expect(place).to_have_value("3")
    expect(cell(page, "media_adopted_district_new_media")).to_have_value("1,204")
    place.evaluate(PASTE, "区级纸媒\t5")
    expect(place).to_have_value("3")
    expect(page.locator("#live")).not_to_be_empty()


def test_without_script_the_form_saves(chromium, site, browser, address):
    page = browser.window(CLERK, java_script_enabled=False).page
    page.goto(address)
    cell(page, "ideology_study_session_count").fill("6")
    page.locator("button[form=grid]").click()
    assert cell(page, "ideology_study_session_count").input_value() == "6"


def test_on_a_phone_cards_do_not_scroll_sideways_and_targets_are_large(browser, address):
    page = browser.window(CLERK, 390).page
    page.goto(address)
    assert page.locator("table.mg").get_attribute("data-show") == "todo"  # what is filled and fine is not in the way
    page.goto(f"{address}?show=all")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert cell(page, "ideology_study_session_count").bounding_box()["height"] >= 44


def test_on_a_small_office_screen_the_first_input_is_above_the_fold(browser, address):
    page = browser.window(CLERK, 1366).page
    page.goto(address)
    box = cell(page, "ideology_study_session_count").bounding_box()
    bar = page.locator(".mg-save").bounding_box()
    assert box["y"] + box["height"] < bar["y"]


def test_nothing_was_complained_about(browser):
    assert [line for person in browser.people.values() for line in person.complaints] == []


def test_the_check_shows_all_that_blocks_and_starts_at_its_first_row(page):
    page.keyboard.press("F9")
    expect(page.locator("table.mg")).to_have_attribute("data-show", "check")
    rows = page.locator("tr.r:visible")
    blocking = page.locator("tr.r.needed, tr.r.error, tr.r.query")
    assert rows.count() == blocking.count() > 0
    assert rows.first.evaluate("row => row.contains(document.activeElement)")
    expect(rows.first).to_be_in_viewport()
