"""Where the focus goes in the grid, and whose figure the inspector's buttons write: no typed number may land elsewhere."""

import pytest
from playwright.sync_api import expect

from tests.e2e.grid import cell, expect_saved

CLERK = "nanping.clerk"
SPEECH, REMOTE, BOOKS = "ideology_leader_speech_person_times", "ideology_remote_education_count", "ideology_study_book_count"
RETURN = (
    "SELECT r.id FROM metrics_monthlyreturn r JOIN accounts_unit u ON u.id = r.unit_id "
    "WHERE u.name = '南屏镇' AND r.state = 'draft' ORDER BY r.year DESC, r.month DESC LIMIT 1"
)


@pytest.fixture(scope="module")
def address(site):
    return f"/returns/{site.sql(RETURN)[0][0]}/"


@pytest.fixture
def page(browser, address):
    """The grid, freshly opened, with all rows."""
    page = browser.window(CLERK).page
    page.goto(f"{address}?show=all")
    return page


def type_doubtful(page, code):
    """Type what is no number into a cell, until the suggestion stands under it."""
    cell(page, code).fill("约12")
    page.keyboard.press("Enter")
    fix = page.locator(f'button[name=fix][value="{code}=12"]')
    expect(fix).to_be_enabled()
    return fix


def test_tab_goes_from_cell_to_cell_past_the_buttons_of_a_message(page):
    type_doubtful(page, SPEECH)
    cell(page, SPEECH).click()
    for typed in ("4", "2", "120"):
        page.keyboard.insert_text(typed)
        page.keyboard.press("Tab")
    expect_saved(page)
    assert [cell(page, code).input_value() for code in (SPEECH, REMOTE, BOOKS)] == ["4", "2", "120"]
    page.keyboard.press("Shift+Tab")
    expect(cell(page, BOOKS)).to_be_focused()


def test_the_buttons_of_a_row_are_reached_by_keyboard_and_left_again(page):
    fix = type_doubtful(page, SPEECH)
    cell(page, SPEECH).focus()
    page.keyboard.press("Control+ArrowDown")
    expect(fix).to_be_focused()
    page.keyboard.press("Escape")
    expect(cell(page, SPEECH)).to_be_focused()
    page.keyboard.press("Control+ArrowDown")
    page.keyboard.press("Enter")
    expect(cell(page, SPEECH)).to_have_value("12")
    expect(cell(page, SPEECH)).to_be_focused()
    expect_saved(page)


def test_a_save_that_takes_the_focused_button_away_leaves_the_focus_at_its_cell(page):
    fix = type_doubtful(page, SPEECH)
    fix.focus()
    page.evaluate("document.dispatchEvent(new CustomEvent('twr:reply', {detail: {marks: {}}}))")
    expect(fix).to_have_count(0)
    expect(cell(page, SPEECH)).to_be_focused()


def test_behind_the_last_cell_the_page_goes_on(page):
    last = page.locator("td.cell input:visible").last
    last.focus()
    page.keyboard.press("Tab")
    expect(last).not_to_be_focused()
    assert page.evaluate("document.activeElement !== document.body")


def test_tab_on_the_village_sheet_goes_along_the_row(page, address):
    page.goto(f"{address}villages/")
    row = page.locator("tr.r:has(td.cell input)").first
    cells = row.locator("td.cell input")
    cells.nth(0).fill("约3")
    page.keyboard.press("Tab")
    expect(cells.nth(1)).to_be_focused()
    expect(page.locator("tr.msg button[name=fix]").first).to_be_enabled()
    cells.nth(cells.count() - 1).focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('td.cell input')")
    expect(page.locator("tr.r:has(td.cell input)").nth(1).locator("td.cell input").first).to_be_focused()
    cells.nth(0).fill("3")
    page.keyboard.press("Tab")
    expect_saved(page)


def open_panel(page, code):
    cell(page, code).click()
    expect(page.locator(f'#inspector [data-figure="{code}"]')).to_be_visible()


def test_the_inspector_writes_only_the_figure_it_names(page):
    """The panel of the next cell does not come: first it is slow, then the network is gone."""
    open_panel(page, SPEECH)
    before = {code: cell(page, code).input_value() for code in (SPEECH, REMOTE)}
    waiting = []
    page.route(f"**/cells/{REMOTE}/", lambda route: waiting.append(route))
    cell(page, REMOTE).focus()
    expect(page.locator("#inspector")).to_have_attribute("aria-busy", "true")
    page.locator('#inspector [data-put="不适用"]').dispatch_event("click")
    assert {code: cell(page, code).input_value() for code in before} == before
    waiting[0].abort()
    inspector = page.locator("#inspector")
    expect(inspector.locator("[role=alert]")).to_be_visible()
    expect(inspector.locator("h2")).to_contain_text("远程教育")
    expect(inspector.locator("[data-put]")).to_have_count(0)
    page.unroute(f"**/cells/{REMOTE}/")
    inspector.locator("section button").click()
    expect(inspector.locator(f'[data-figure="{REMOTE}"]')).to_be_visible()
    inspector.locator('[data-put="不适用"]').click()
    expect(cell(page, REMOTE)).to_have_value("不适用")
    assert cell(page, SPEECH).input_value() == before[SPEECH]
    expect_saved(page)


def test_the_check_and_the_button_count_the_same_cells(page):
    left = page.locator("[data-out=blanks]").text_content()
    assert int(left) > 0
    page.keyboard.press("F9")
    expect(page.locator("#live")).to_contain_text(f" {left} ")
    expect(page.locator("[data-deed=submit]")).to_contain_text(f" {left} ")
    filled, fillable = page.locator(".mg-save output[data-out=filled]").inner_text().split("/")
    expect(page.locator("output[data-out='show:blank']")).to_have_text(str(int(fillable) - int(filled)))


def test_an_address_with_a_cell_goes_there_without_an_anchor(page, address):
    code = page.locator("td.cell input:visible").last.get_attribute("id")[2:]
    page.goto(f"{address}?show=all&cell={code}")
    expect(cell(page, code)).to_be_focused()
    expect(cell(page, code)).to_be_in_viewport()
    expect(page.locator(f'#inspector [data-figure="{code}"]')).to_be_visible()


WRAPPED = """rows => rows.filter(th => {
  const lines = [...th.querySelector(".nm").getClientRects()], circle = th.querySelector(".def").getBoundingClientRect();
  const isApart = circle.right < th.getBoundingClientRect().right - 40;
  return circle.width && (isApart || lines.some(line => line.right > circle.left + 6));
}).map(th => th.innerText)"""


@pytest.mark.parametrize("width", [1440, 1366])
def test_the_circle_stands_at_the_end_of_the_name_of_every_row(browser, address, width):
    page = browser.window(CLERK, width).page
    page.goto(f"{address}?show=all")
    heads = page.locator("tr.r > th:has(.def)")
    assert heads.count() > 50
    assert heads.evaluate_all(WRAPPED) == []


CAME_BACK = (
    "SELECT r.id, c.anchor FROM metrics_monthlyreturn r JOIN accounts_unit u ON u.id = r.unit_id "
    "JOIN workflow_comment c ON c.subject_kind = 'return' AND c.subject_id = r.id "
    "WHERE u.name = '青云镇' AND r.state = 'returned' AND c.kind = 'must_fix' AND c.parent_id IS NULL AND c.resolved_at IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM workflow_comment a WHERE a.parent_id = c.id)"
)


@pytest.mark.parametrize("width", [1440, 390])
def test_going_on_with_a_return_that_came_back_begins_at_the_marked_cell(browser, site, width):
    number, marked = site.sql(CAME_BACK)[0]
    page = browser.window("qingyun.clerk", width).page
    page.goto("/")
    page.locator(f'a.btn2.pri[href="/returns/{number}/"]').click()
    expect(page.locator("table.mg")).to_have_attribute("data-show", "comments")
    expect(cell(page, marked)).to_be_focused()
    expect(page.locator(f'#inspector [data-figure="{marked}"]')).to_be_visible()
    expect(page.locator("#inspector .talk").first).to_be_visible()


def test_the_list_of_submissions_is_readable_on_a_phone(browser, site):
    page = browser.window("qingyun.clerk", 390).page
    page.goto(f"/returns/{site.sql(CAME_BACK)[0][0]}/rounds/")
    assert page.locator("tbody th a").first.bounding_box()["height"] < 30  # one line


def test_a_village_clerk_sees_a_message_at_its_field(browser, site):
    page = browser.window("liutang.clerk", 390).page
    page.goto(f"/returns/{site.sql(RETURN.replace('南屏镇', '青云镇'))[0][0]}/villages/")
    field = page.locator("td.cell:has(input)").first
    before = field.locator("input").input_value()
    field.locator("input").fill("约5")
    field.locator("input").press("Enter")
    for _time in ("after the save", "after a reload"):
        expect(field.locator(".msg", has_text="约5")).to_be_visible()
        expect(page.locator("table .msg", has_text="约5")).to_have_count(1)
        page.reload()
    field.locator("input").fill(before)
    field.locator("input").press("Enter")
    expect(page.locator("table .msg", has_text="约5")).to_have_count(0)
    expect_saved(page)


def test_the_report_editor_tells_beijing_time_wherever_the_browser_stands(browser, site):
    number = site.sql("SELECT r.id FROM reports_report r JOIN accounts_unit u ON u.id = r.unit_id WHERE u.name = '青云镇'")[0][0]
    person = browser.window("qingyun.clerk", timezone_id="America/Chicago")
    person.page.goto(f"/reports/{number}/")
    told = "document.dispatchEvent(new CustomEvent('report:parts', {detail: {parts: {}, message: '已保存'}}))"
    person.page.evaluate(told)
    hour = person.page.locator("[data-saved]").inner_text().split()[1].partition(":")[0]
    utc = person.page.evaluate("new Date().getUTCHours()")
    assert int(hour) in ((utc + 8) % 24, (utc + 7) % 24)  # the hour may turn between the two
