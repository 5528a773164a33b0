"""The order of a report in the browser: table and chart go in, blocks move, go and come back; texts save by themselves."""

import re
import time

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.e2e.axe import faults_at_every_width

YEAR = timezone.localdate().year - 1
NAME, LETTERS = "中心组专题学习", "zxz"


@pytest.fixture(scope="module")
def made():
    """What one step leaves for the next: the report's address, the key of a block."""
    return {}


@pytest.fixture(scope="module")
def people(site):
    """The clerk and the head of a township that has no report of last year yet."""
    rows = site.sql(
        "SELECT a.login FROM accounts_user a JOIN accounts_unit u ON u.id = a.unit_id WHERE a.role = 'township_clerk' "
        "AND NOT EXISTS (SELECT 1 FROM reports_report r WHERE r.unit_id = u.id AND r.year = %s) ORDER BY u.id DESC", YEAR,
    )  # fmt: skip
    return rows[0][0], rows[0][0].replace("clerk", "head")


@pytest.fixture(scope="module")
def clerk(browser, people):
    return browser.window(people[0])


@pytest.fixture(scope="module")
def head(browser, people):
    return browser.window(people[1])


def blocks(page) -> list[str]:
    return page.eval_on_selector_all(".doc section[id^='b-']", "rows => rows.map(row => row.dataset.block)")


def block(page, key: str):
    return page.locator(f'section[data-block="{key}"]')


def insert(page, after: str, kind: str):
    """Put a block in behind another; return its open editor."""
    block(page, after).locator(".tools").hover()
    block(page, after).locator("[data-insert-after]").click()
    page.locator(f'#rp-insert button[value="{kind}"]').click()
    editor = page.locator(".blk.edit")
    expect(editor).to_have_count(1)
    return editor


def pick(editor) -> None:
    """Pick an indicator by keys alone: @, first letters, arrow, Enter."""
    editor.locator("[name=indicators]").press_sequentially("@")
    search = editor.locator("[data-search]")
    expect(search).to_be_focused()
    search.press_sequentially(LETTERS)
    search.press("ArrowDown")
    search.press("Enter")
    expect(editor.locator("[name=indicators]")).to_have_value(NAME)


def test_1_a_table_and_a_chart_go_in(clerk, made):
    page = clerk.page
    page.goto("/reports/")
    page.locator(f'form:has(input[name="year"][value="{YEAR}"]) button').click()
    page.wait_for_url("**/reports/*/")
    made["address"] = "/reports/" + page.url.split("/reports/")[1].split("#")[0]
    made["first"] = page.locator(".doc section.rp-paragraph").first.get_attribute("data-block")
    for kind, title in (("table", "各月学习情况"), ("chart", "各月学习走势")):
        editor = insert(page, made["first"], kind)
        editor.locator("[name=text]").fill(title)
        pick(editor)
        editor.locator("[name=columns]").select_option("value+previous")
        made[kind] = editor.get_attribute("data-block")
        editor.locator("[data-save]").click()
        expect(block(page, made[kind]).locator(".rp-grid tbody tr")).not_to_have_count(0)
        page.keyboard.press("Escape")
    expect(block(page, made["chart"]).locator(".rp-chart svg")).to_be_visible()
    expect(page.locator("#part-sheet figure svg")).to_have_count(1)
    assert block(page, made["table"]).locator(".rp-line").inner_text().startswith("表1")


def test_2_a_cell_opens_its_trace(clerk, made):
    page = clerk.page
    block(page, made["table"]).locator("a.fig").first.click()
    expect(page.locator("#rp-trace")).to_contain_text(NAME)
    page.keyboard.press("Escape")
    expect(page.locator("#rp-trace")).to_have_count(0)


def test_3_blocks_move_by_keys_and_buttons_go_and_come_back(clerk, made):
    page, key = clerk.page, made["table"]
    before = blocks(page)
    block(page, key).locator("[data-edit]").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("[data-undo]")).to_be_visible()
    page.wait_for_function(
        "([key, place]) => [...document.querySelectorAll(\".doc section[id^='b-']\")].findIndex(row => row.dataset.block === key)"
        " === place", arg=[key, before.index(key) - 1],
    )  # fmt: skip
    block(page, key).locator(".tools").hover()
    block(page, key).locator("button[formaction]").click()
    expect(block(page, key)).to_have_count(0)
    page.reload()
    page.locator("[data-undo]").click()
    expect(block(page, key)).to_have_count(1)
    page.locator("[data-undo]").click()
    page.wait_for_function(
        "keys => JSON.stringify([...document.querySelectorAll(\".doc section[id^='b-']\")].map(row => row.dataset.block))"
        " === JSON.stringify(keys)", arg=before,
    )  # fmt: skip
    expect(block(page, key).locator(".rp-grid tbody tr")).not_to_have_count(0)


def test_4_a_text_saves_itself_waits_without_network_and_goes_out_later(clerk, made):
    page = clerk.page
    editor = insert(page, made["first"], "paragraph")
    made["text"] = editor.get_attribute("data-block")
    text, mark = editor.locator("[name=text]"), editor.locator("[data-autosave]")
    text.press_sequentially("第一句。")
    expect(mark).to_have_attribute("data-kind", "ok", timeout=10_000)
    clerk.context.set_offline(True)
    text.press_sequentially("断网时写的。")
    expect(mark).to_have_attribute("data-kind", "wait", timeout=10_000)
    clerk.context.set_offline(False)
    expect(mark).to_have_attribute("data-kind", "ok", timeout=20_000)
    text.press_sequentially("半个记号【")
    page.keyboard.press("Escape")
    expect(mark).to_have_attribute("data-kind", "bad", timeout=10_000)
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    editor = page.locator(".blk.edit")
    expect(editor.locator("[name=text]")).to_have_value("第一句。断网时写的。半个记号【")
    editor.locator("[name=text]").press("Backspace")
    expect(editor.locator("[data-autosave]")).to_have_attribute("data-kind", "ok", timeout=10_000)
    editor.locator("[data-save]").click()
    expect(block(page, made["text"]).locator(".rp-line")).to_contain_text("断网时写的。半个记号")


def test_4a_what_was_refused_is_over_once_it_is_saved_and_saving_twice_closes_once(clerk, made):
    page = clerk.page
    address = f"**/blocks/{made['text']}/"
    block(page, made["text"]).locator("[data-edit]").click()
    editor = page.locator(".blk.edit")
    text, red = editor.locator("[name=text]"), editor.locator(".rp-errors")
    text.press("Control+End")
    text.press_sequentially("【")
    page.keyboard.press("Escape")
    editor.locator("[data-save]").click()
    expect(red).to_be_visible()
    text.press("Control+End")
    text.press("Backspace")
    expect(editor.locator("[data-autosave]")).to_have_attribute("data-kind", "ok", timeout=10_000)
    expect(red).to_have_count(0)

    def slowly(route):
        time.sleep(1)
        route.continue_()

    page.route(address, slowly)
    text.press_sequentially("又一句。")
    with page.expect_request(address):  # saved by itself, and twice by hand before the answer
        pass
    text.press("Control+Enter")
    text.press("Control+Enter")
    expect(page.locator(".blk.edit")).to_have_count(0)
    page.unroute(address)
    expect(block(page, made["text"]).locator(".rp-line")).to_contain_text("又一句。")


def test_4b_what_opens_in_place_is_accessible_at_every_width(clerk, made):
    """The form to insert, an editor and a table's editor with the list of figures, a trace with what else may stand there."""
    page, faults = clerk.page, []
    leave = lambda dialog: dialog.accept()  # noqa: E731  the @ that was typed is left behind
    page.on("dialog", leave)
    page.goto(made["address"])
    block(page, made["first"]).locator(".tools").hover()
    block(page, made["first"]).locator("[data-insert-after]").click()
    expect(page.locator("#rp-insert button").first).to_be_focused()
    faults += faults_at_every_width(page, "composer insert", "#rp-insert")
    page.keyboard.press("Escape")
    expect(page.locator("#rp-insert")).to_have_count(0)
    for kind, field in (("text", "text"), ("table", "indicators"), ("chart", "indicators")):
        block(page, made[kind]).locator("[data-edit]").click()
        editor = page.locator(".blk.edit")
        editor.locator(f"[name={field}]").press_sequentially("@")
        expect(editor.locator("[data-search]")).to_be_focused()
        editor.locator("[data-search]").press_sequentially(LETTERS)
        editor.locator("[data-search]").press("ArrowDown")
        expect(editor.locator("[data-preview]")).not_to_be_empty()
        faults += faults_at_every_width(page, f"composer {kind}", ".blk.edit")
        editor.locator("[data-search]").press("Escape")
        editor.locator("[data-cancel]").click()
        expect(page.locator(".blk.edit")).to_have_count(0)
    faults += faults_at_every_width(page, "composer grid", f'section[data-block="{made["table"]}"] .rp-grid')
    page.locator(".doc section.rp-paragraph a.fig").first.click()
    page.locator("#rp-trace a[data-rebind]").click()
    expect(page.locator("#rp-trace [data-preview]")).not_to_be_empty()
    faults += faults_at_every_width(page, "composer rebind", "#rp-trace")
    page.remove_listener("dialog", leave)
    assert not faults, "\n".join(faults)


def test_5_two_editors_see_both_texts(clerk, head, made):
    for person in (clerk, head):
        person.page.goto(made["address"])
        block(person.page, made["text"]).locator("[data-edit]").click()
        expect(person.page.locator(".blk.edit")).to_have_count(1)
    mine, theirs = clerk.page.locator(".blk.edit"), head.page.locator(".blk.edit")
    theirs.locator("[name=text]").fill("另一人写的。")
    expect(theirs.locator("[data-autosave]")).to_have_attribute("data-kind", "ok", timeout=10_000)
    mine.locator("[name=text]").fill("我写的。")
    expect(clerk.page.locator(".rp-conflict")).to_contain_text("另一人写的。", timeout=10_000)
    expect(mine.locator("[name=text]")).to_have_value("我写的。")


def test_5b_words_for_a_paragraph_that_is_gone_are_told_and_stand_beside(clerk, head, made):
    page = clerk.page
    theirs = head.page.locator(".blk.edit")
    theirs.locator("[data-cancel]").click()
    gone = block(head.page, made["text"])
    gone.locator(".tools").hover()
    gone.locator("button[formaction]").click()
    expect(gone).to_have_count(0)
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto("/")
    page.locator(f'#drafts a[href="{made["address"]}"]').click()
    expect(page.locator("#drafts textarea")).to_have_value(re.compile("我写的。"))
    page.locator("#drafts button").click()
    page.goto("/")
    expect(page.locator("#drafts a")).to_have_count(0)


def test_6_pages_keep_quiet(clerk, head):
    # Asked for by the stories above: no network, a second editor, a text that is refused.
    allowed = re.compile(r"ERR_INTERNET_DISCONNECTED|409|422|Failed to fetch")
    assert [row for person in (clerk, head) for row in person.complaints if not allowed.search(row)] == []
