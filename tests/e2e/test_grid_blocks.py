"""Blocks in the grid in a real browser: pasted by place and by name, undone, filled with 0; pinyin; keys; two at one return."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import PICTURES, SIDEWAYS, axe_faults
from tests.e2e.browser import WIDTHS
from tests.e2e.grid import cell, expect_kind, expect_saved

CLERK, COLLEAGUE = "nanping.clerk", "nanping.clerk"
STUDY, SPEECH, REMOTE, BOOKS = (
    "ideology_study_session_count", "ideology_leader_speech_person_times", "ideology_remote_education_count",
    "ideology_study_book_count",
)  # fmt: skip
PASTE = """(input, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  input.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
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


@pytest.fixture
def sheet(browser, address):
    """The village sheet, freshly opened."""
    page = browser.window(CLERK).page
    page.goto(f"{address}villages/")
    return page


def type_in(page, code, text):
    cell(page, code).fill(text)
    page.keyboard.press("Tab")


def paste(page, code, text):
    cell(page, code).focus()
    cell(page, code).evaluate(PASTE, text)


def values(page, *codes):
    return [cell(page, code).input_value() for code in codes]


def names_of(page, *codes):
    return [cell(page, code).locator("xpath=ancestor::tr").locator("th .nm").inner_text() for code in codes]


def test_a_column_passes_over_calculated_rows_and_names_them(page):
    """党员总数, 冬训参训党员, then the calculated 覆盖率, then 应注册: the block lies on the table as it is seen."""
    total, trained, due = "ideology_party_member_total", "ideology_winter_training_member_count", ""
    rows = page.locator("tr.r").evaluate_all(
        "rows => rows.map(row => [row.dataset.row, Boolean(row.querySelector('td.cell input'))])"
    )
    start = next(place for place, (code, _typed) in enumerate(rows) if code == total)
    locked = next(place for place in range(start, len(rows)) if not rows[place][1])
    trained, due = rows[locked - 1][0], rows[locked + 1][0]
    block = [str(3000 + place) for place in range(locked - start + 2)]
    paste(page, total, "\r\n".join(block) + "\r\n")
    expect_saved(page)
    assert values(page, total, trained, due) == ["3,000", f"3,{locked - start - 1:03d}", f"3,{locked - start + 1:03d}"]
    note = page.locator("#block-note")
    expect(note).to_contain_text(page.locator(f'tr[data-row="{rows[locked][0]}"] .nm').inner_text())
    note.locator("button").first.click()
    expect_saved(page)
    assert values(page, total)[0] != "3,000"


def test_a_column_longer_than_the_table_names_what_did_not_fit(page):
    last = page.locator("tr.r td.cell input").last.evaluate("input => input.id.slice(2)")
    before = values(page, last)
    paste(page, last, "4\n5\n" + "6\n" * 30 + "777\n")
    expect(page.locator("#block-note")).to_contain_text("777")
    expect_saved(page)
    page.keyboard.press("Control+z")
    expect_saved(page)
    assert values(page, last) == before


def test_a_block_with_names_is_looked_at_first_and_can_be_changed(page):
    names = names_of(page, STUDY, SPEECH, REMOTE)
    before = values(page, STUDY, SPEECH, REMOTE, BOOKS)
    block = [
        "序号\t指标\t单位\t本月",
        f"1\t 1.3、{names[2]}（次）\t次\t３１",
        f"2\t{names[0]}\t次\t约32",
        f"3\t{names[1]} \t人次\t33",
        "4\t不存在的指标\t次\t34",
    ]
    paste(page, BOOKS, "\r\n".join(block))
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("不存在的指标")
    expect(dialog.locator("tbody tr")).to_have_count(4)
    expect(dialog.locator("tbody tr").first).to_contain_text("３１")
    assert values(page, STUDY, SPEECH, REMOTE, BOOKS) == before  # nothing is written before it is confirmed
    choice = dialog.locator("tbody select").last
    choice.focus()
    choice.select_option(BOOKS)
    dialog.locator("button.pri").click()
    expect_saved(page)
    assert values(page, STUDY, SPEECH, REMOTE, BOOKS) == ["约32", "33", "31", "34"]
    expect_kind(page, STUDY, "text")
    expect(page.locator(f"#m-{STUDY}")).to_be_visible()
    cell(page, BOOKS).focus()
    page.keyboard.press("Control+z")
    expect_saved(page)
    page.reload()
    assert values(page, STUDY, SPEECH, REMOTE, BOOKS) == before


def test_a_block_with_names_can_be_called_off(page):
    names, before = names_of(page, STUDY, SPEECH), values(page, STUDY, SPEECH)
    paste(page, STUDY, f"{names[0]}\t8\n{names[1]}\t9")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(cell(page, STUDY)).to_be_focused()
    assert values(page, STUDY, SPEECH) == before


def test_undo_leaves_what_was_changed_since_and_says_so(page):
    before = values(page, STUDY, SPEECH)
    paste(page, STUDY, "61\n62")
    expect_saved(page)
    type_in(page, SPEECH, "63")
    expect_saved(page)
    page.locator("#block-note button").first.click()
    expect_saved(page)
    assert values(page, STUDY, SPEECH) == [before[0], "63"]
    expect(page.locator("#block-note")).to_contain_text(names_of(page, SPEECH)[0])


def test_undo_respects_a_second_editor(page, browser, address):
    paste(page, STUDY, "71\n72")
    expect_saved(page)
    other = browser.window(COLLEAGUE, 1366).page
    other.goto(f"{address}?show=all")
    type_in(other, STUDY, "79")
    expect_saved(other)
    page.locator("#block-note button").first.click()
    clash = page.locator(f"tr[data-conflict={STUDY}]")
    expect(clash).to_contain_text("79")
    clash.locator("button").nth(1).click()
    expect_saved(page)
    assert values(page, STUDY) == ["79"]


def test_an_explanation_comes_back_with_the_number(page, site, address):
    code, explained = STUDY, "SELECT f.explanation FROM metrics_figure f JOIN metrics_indicator i ON i.id = f.indicator_id " \
        "WHERE i.code = %s AND f.monthly_return_id = %s"  # fmt: skip
    type_in(page, code, "98765")
    expect_saved(page)
    page.locator(f'tr.msg[data-of="{code}"] a[data-cell]').first.click()
    page.locator("#inspector .phrases button").first.click()
    with page.expect_response(re.compile("/cells/$")):
        page.locator("#inspector form[data-explain] button[type=submit]").click()
    expect_saved(page)
    number = int(re.search(r"\d+", address)[0])
    words = site.sql(explained, code, number)[0][0]
    assert words
    paste(page, code, "5\n6")
    expect_saved(page)
    assert site.sql(explained, code, number)[0][0] == ""
    page.locator("#block-note button").first.click()
    expect_saved(page)
    assert site.sql(explained, code, number)[0][0] == words


def test_the_rest_of_an_area_is_filled_with_0_after_asking_and_taken_back(page):
    type_in(page, SPEECH, "")
    type_in(page, REMOTE, "")
    expect_saved(page)
    page.locator("tr.sec [data-zeros]").first.click()
    dialog = page.locator("dialog[open]")
    boxes = dialog.locator("input[type=checkbox]")
    assert boxes.count() >= 2
    for box in boxes.all():
        if box.get_attribute("value") == REMOTE:
            box.uncheck()
    dialog.locator("button.pri").click()
    expect_saved(page)
    assert values(page, SPEECH, REMOTE) == ["0", ""]
    expect_kind(page, SPEECH, "value")
    page.locator("#block-note button").first.click()
    expect_saved(page)
    assert values(page, SPEECH, REMOTE) == ["", ""]
    expect_kind(page, SPEECH, "blank")


def test_while_pinyin_is_composed_no_key_of_ours_acts(page):
    place = cell(page, BOOKS)
    place.fill("")
    place.focus()
    tool = page.context.new_cdp_session(page)
    tool.send("Input.imeSetComposition", {"text": "yue", "selectionStart": 3, "selectionEnd": 3})
    for key in ("Enter", "ArrowDown", "Escape", "?"):
        place.dispatch_event("keydown", {"key": key, "isComposing": True, "bubbles": True})
    expect(place).to_be_focused()
    assert place.input_value() == "yue"
    expect(page.locator("dialog[open]")).to_have_count(0)
    tool.send("Input.insertText", {"text": "约"})
    page.keyboard.insert_text("100")
    page.keyboard.press("Enter")
    expect_saved(page)
    expect(place).to_have_value("约100")
    expect_kind(page, BOOKS, "text")
    place.fill("100")
    page.keyboard.press("Enter")
    expect_saved(page)


def test_the_list_of_keys_opens_by_its_key_which_can_be_switched_off(page):
    help_ = page.locator("#keys-help")
    cell(page, STUDY).focus()
    page.keyboard.press("?")
    expect(help_).to_be_visible()
    help_.locator("input[type=checkbox]").uncheck()
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    before = values(page, STUDY)
    page.keyboard.press("?")
    expect(help_).to_be_hidden()
    expect(cell(page, STUDY)).to_have_value("?")
    page.keyboard.press("Escape")
    assert values(page, STUDY) == before
    page.locator("[data-keys-help]").click()
    help_.locator("input[type=checkbox]").check()
    help_.locator("button").click()


def test_keys_for_edit_note_and_save(page):
    place = cell(page, STUDY)
    place.fill("41")
    place.press("F2")
    assert place.evaluate("input => [input.selectionStart, input.selectionEnd]") == [2, 2]
    place.press("Control+s")
    expect_saved(page)
    page.wait_for_timeout(300)
    place.press("Control+s")
    expect(page.locator("#live")).not_to_be_empty()
    place.press("Control+Enter")
    expect(page.locator("#inspector textarea").first).to_be_focused()


def test_a_note_begun_beside_one_cell_is_there_again_after_a_look_at_others(page):
    note = page.locator("#inspector #comment-text")
    cell(page, REMOTE).focus()
    page.keyboard.press("Control+Enter")
    expect(note).to_be_focused()
    note.fill("含上月补录")
    cell(page, BOOKS).focus()
    expect(page.locator("#inspector h2")).to_contain_text(names_of(page, BOOKS)[0])
    expect(note).to_have_value("")
    cell(page, REMOTE).focus()
    expect(note).to_have_value("含上月补录")
    cell(page, REMOTE).fill("2")
    page.keyboard.press("Control+s")  # the answer to a save shows the cell anew, and leaves the words alone
    expect_saved(page)
    expect(note).to_have_value("含上月补录")
    page.locator("#inspector .note form button[type=submit]").click()
    expect(page.locator("#inspector .talk")).to_contain_text("含上月补录")
    cell(page, BOOKS).focus()
    expect(page.locator("#inspector h2")).to_contain_text(names_of(page, BOOKS)[0])
    cell(page, REMOTE).focus()
    expect(page.locator("#inspector .talk")).to_have_count(1)
    expect(note).to_have_value("")


def village_names(sheet):
    return sheet.locator("tr.r > th").evaluate_all("heads => heads.map(head => head.firstChild.textContent.trim())")


def columns_of(sheet):
    return (
        sheet.locator("tr.r")
        .first.locator("td.cell input")
        .evaluate_all("found => found.map(el => el.id.slice(2).split('@')[0])")
    )


def test_all_villages_go_in_with_one_paste_by_name(sheet):
    names = village_names(sheet)
    written = [f" {name.removesuffix('村')}　\t{1000 + place}\t{place}\t{place}.5\t{place}" for place, name in enumerate(names)]
    first = sheet.locator("td.cell input").first.evaluate("el => el.id.slice(2)")
    before = sheet.locator("td.cell input").evaluate_all("found => found.map(el => el.value)")
    paste(sheet, first, "\r\n".join(reversed(written)))
    dialog = sheet.locator("dialog[open]")
    expect(dialog.locator("tbody tr")).to_have_count(len(names))
    expect(dialog.locator("tbody tr.out")).to_have_count(0)
    dialog.locator("button.pri").click()
    expect_saved(sheet)
    row = sheet.locator("tr.r").nth(3)
    assert row.locator("td.cell input").evaluate_all("found => found.map(el => el.value)") == ["1,003", "3", "3.5", "3"]
    expect(sheet.locator("[data-missing]:visible")).to_have_count(0)
    sheet.locator("#block-note button").first.click()
    expect_saved(sheet)
    assert sheet.locator("td.cell input").evaluate_all("found => found.map(el => el.value)") == before


def test_two_lines_for_one_village_have_to_be_settled(sheet):
    name = village_names(sheet)[0]
    first = sheet.locator("td.cell input").first.evaluate("el => el.id.slice(2)")
    paste(sheet, first, f"{name}\t5\n{name}\t6\n{village_names(sheet)[1]}\t7")
    dialog = sheet.locator("dialog[open]")
    expect(dialog.locator("tbody tr.bad")).to_have_count(2)
    expect(dialog.locator("button.pri")).to_be_disabled()
    dialog.locator("tbody select").first.select_option("")
    expect(dialog.locator("button.pri")).to_be_enabled()
    sheet.keyboard.press("Escape")


def test_what_another_window_saves_appears_without_reload(page, browser, address):
    other = browser.window(COLLEAGUE, 1366).page
    other.goto(f"{address}?show=all")
    type_in(other, REMOTE, "321")
    expect_saved(other)
    cell(page, STUDY).focus()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(cell(page, REMOTE)).to_have_value("321")
    type_in(page, REMOTE, "322")
    expect_saved(page)


def test_a_village_clerk_at_work_is_seen_by_the_township_and_their_figures_appear(browser, site):
    address = f"/returns/{site.sql(RETURN.replace('南屏镇', '青云镇'))[0][0]}/villages/"
    village, township = browser.window("liutang.clerk", 390).page, browser.window("qingyun.clerk").page
    township.goto(address)
    township.locator("td.cell input").last.focus()
    village.goto(address)
    code = village.locator("td.cell input").nth(1).evaluate("el => el.id.slice(2)")
    type_in(village, code, "612")
    expect_saved(village)
    township.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(township.locator("#editors")).to_contain_text("柳塘村")
    expect(cell(township, code)).to_have_value("612")
    expect(cell(township, code)).not_to_be_focused()
    assert village.evaluate(SIDEWAYS) <= 0


READINGS = """async cases => {
  const {readBlock, clean, key, villageKey, layout, matcher} = await import("/static/js/paste-text.js");
  const rows = ["柳塘村", "石桥村", "石桥社区", "青云社区"].map((name, id) => ({id: String(id + 1), names: [name]}));
  const former = [{name: "老柳村", id: "1", note: "撤并"}, {name: "西村", id: "", note: "撤并"}];
  const match = matcher(rows, former, true);
  return {
    blocks: cases.blocks.map(text => readBlock(clean(text))),
    keys: cases.keys.map(key), villages: cases.villages.map(villageKey),
    matches: cases.matches.map(match).map(hit => hit && hit.id + hit.note),
    layouts: cases.layouts.map(block => layout(block, match)).map(found => [found.name, found.numbers, Boolean(found.header)]),
  };
}"""
CASES = {
    "blocks": {
        "1\r\n2\r\n": [["1"], ["2"]],
        "甲\t1,200\r\n乙\t\r\n": [["甲", "1,200"], ["乙", ""]],
        '"甲\n乙"\t"他说""好"""\n丙\t3': [["甲 乙", '他说"好"'], ["丙", "3"]],
        '"未完\t4': [['"未完', "4"]],
        "5\n\n6\n\n": [["5"], [""], ["6"]],
        " 5 \t": [["5", ""]],
    },
    "keys": {
        "1.3、班子交流 发言（人次）": "班子交流发言", "其中：省级": "省级", "一、队伍": "队伍", "1.1": "1.1",
        "ＡＢ志愿*": "ab志愿", "（二）阵地": "阵地", "12": "12",
    },
    "villages": {"柳塘村民委员会": "柳塘", "柳 塘": "柳塘", "青云社区居委会": "青云社区", "青云社区": "青云", "村": "村"},
    "matches": {
        "柳塘": "1", "柳塘村委会": "1", "石桥": None, "石桥村": "2", "石桥社区": "3", " 青云 社区": "4", "老柳": "1撤并",
        "西村": "撤并", "无此村": None, "": None,
    },
}  # fmt: skip
LAYOUTS = [
    ([["村", "人数"], ["柳塘", "5"], ["石桥村", "6"]], [0, [1], True]),
    ([["1", "柳塘", "5"], ["2", "石桥村", "7"], ["3", "青云", "9"]], [1, [2], False]),
    ([["5", "6"], ["7", "8"]], [-1, [0, 1], False]),
    ([["柳塘"], ["青云"]], [0, [], False]),
    ([["约100"], ["5"], ["6"]], [-1, [0], True]),
]


def test_copied_blocks_and_names_are_read_as_people_write_them(page):
    cases = {name: list(table) for name, table in CASES.items()} | {"layouts": [block for block, _found in LAYOUTS]}
    read = page.evaluate(READINGS, cases)
    assert {name: dict(zip(table, read[name], strict=True)) for name, table in CASES.items()} == CASES
    assert read["layouts"] == [found for _block, found in LAYOUTS]


def open_by_name(page):
    names = names_of(page, STUDY, SPEECH)
    paste(page, STUDY, f"{names[0]}\t8\n{names[1]}\t9\n不存在的指标\t1")


def open_villages(page):
    page.locator("details.mg-missing summary").click()
    name, *others = village_names(page)[:3]
    first = page.locator("td.cell input").first.evaluate("el => el.id.slice(2)")
    paste(page, first, "\n".join(f"{each}\t5\t6\t7\t8" for each in (name, name, *others, "无此村")))


DIALOGS = {
    "paste": ("?show=all", open_by_name),
    "paste villages": ("villages/", open_villages),
    "zeros": ("?show=all", lambda page: page.locator("tr.sec [data-zeros]:visible").first.click()),
    "keys": ("?show=all", lambda page: page.evaluate("document.querySelector('[data-keys-help]').click()")),
}


@pytest.mark.parametrize("name", DIALOGS)
@pytest.mark.parametrize("width", WIDTHS)
def test_dialogs_are_for_everybody(browser, address, name, width):
    page = browser.window(CLERK, width).page
    path, open_it = DIALOGS[name]
    page.goto(address + path)
    if name == "zeros":
        cell(page, REMOTE).fill("")
        page.keyboard.press("Tab")
        expect_saved(page)
    open_it(page)
    expect(page.locator("dialog[open]")).to_be_visible()
    assert axe_faults(page) == []
    assert page.evaluate(SIDEWAYS) <= 0
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"dialog_{name.replace(' ', '_')}-{width}.png")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_nothing_was_complained_about(browser):
    assert [line for person in browser.people.values() for line in person.complaints] == []
