"""Evidence in a real browser: several files at once, a pasted screenshot, a dropped file, refusals that keep what was typed."""

import base64
import json
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import SIDEWAYS, axe_faults
from tests.e2e.grid import expect_saved
from tests.metrics.evidence_documents import scan
from tests.metrics.evidence_samples import exif_of, photo, written

CLERK, REVIEWER = "daping.clerk", "district.reviewer1"
CELL, OTHER = "ideology_study_book_count", "ideology_outreach_session_count"
# Hands a file to the page the way a paste or a drop does; chromium lets no test fill the real clipboard with a picture.
HAND_OVER = """([kind, selector, name, type, data, text]) => {
  const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, {type}));
  if (text) carried.setData("text/plain", text);
  const facts = {bubbles: true, cancelable: true};
  const event = kind === "paste" ? new ClipboardEvent("paste", {...facts, clipboardData: carried})
    : new DragEvent(kind, {...facts, dataTransfer: carried});
  return document.querySelector(selector).dispatchEvent(event);
}"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files to choose: two photos, a scan, a spreadsheet, a paper beyond the limit."""
    folder = tmp_path_factory.mktemp("chosen")
    contents = {
        "IMG_1.jpg": written(photo(4000, 3000, 1), "JPEG", exif=exif_of(6)), "IMG_2.jpg": written(photo(1200, 900, 2), "JPEG"),
        "扫描件.pdf": scan(2), "名单.xlsx": b"PK\x03\x04" + b"xl/" * 40, "大扫描.pdf": scan() + b"\0" * (25 << 20),
    }  # fmt: skip
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return folder


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
    """The grid with the inspector of one cell."""
    page = browser.window(CLERK).page
    page.goto("about:blank")  # an address that differs in nothing but its anchor would not be loaded anew
    page.goto(f"{address}?show=all&cell={CELL}#inspector")
    return page


def choose(page, files, *names):
    page.set_input_files(".ev-pick input", [files / name for name in names])


def box(page):
    return page.locator("#inspector [data-evidence]")


def listed(page):
    return box(page).locator(".ev-list li")


def hand_over(page, kind, selector, name, picture, text=""):
    data = base64.b64encode(written(picture, "PNG")).decode()
    return page.evaluate(HAND_OVER, [kind, selector, name, "image/png", data, text])


def test_several_files_at_once_are_listed_and_counted_in_the_row(page, files):
    choose(page, files, "IMG_1.jpg", "IMG_2.jpg")
    expect(listed(page)).to_have_count(2)
    expect(box(page).locator(".ev-queue li")).to_have_count(0)
    expect(page.locator(f'tr[data-row="{CELL}"] .ev')).to_have_text("2")
    page.reload()
    expect(page.locator(f'tr[data-row="{CELL}"] .ev')).to_have_text("2")


def test_a_photo_was_made_smaller_in_the_browser_and_lost_its_place(page, site):
    row = site.sql("SELECT width, height, stored_as FROM metrics_evidencefile WHERE name = 'IMG_1.jpg'")[0]
    assert max(row[:2]) == 1600
    assert row[1] > row[0], "it stands upright"
    assert b"Exif" not in (site.folder / "evidence" / row[2]).read_bytes()


def test_the_same_file_again_is_kept_once(page, files):
    choose(page, files, "IMG_2.jpg")
    expect(box(page).locator("[data-say]")).to_contain_text("IMG_2.jpg")
    expect(listed(page)).to_have_count(2)


def test_a_pasted_screenshot_is_added_and_figures_with_a_picture_are_not(page):
    before = listed(page).count()
    assert hand_over(page, "paste", "#inspector", "image.png", photo(500, 300, 5)) is False
    expect(listed(page)).to_have_count(before + 1)
    expect(listed(page).last).to_contain_text(re.compile(r"\d{6}\.png"))
    hand_over(page, "paste", "#inspector", "image.png", photo(500, 300, 6), text="5\t6")
    page.wait_for_timeout(400)
    expect(listed(page)).to_have_count(before + 1)


def test_a_paste_into_a_cell_waits_for_that_cell_and_never_goes_to_the_one_before(page):
    before = listed(page).count()
    page.evaluate(f"document.getElementById('c-{OTHER}').focus()")
    hand_over(page, "paste", f"#c-{OTHER}", "image.png", photo(500, 300, 7))
    expect(page.locator(f'tr[data-row="{OTHER}"] .ev')).to_have_text("1")
    expect(listed(page)).to_have_count(1)
    page.reload()
    expect(listed(page)).to_have_count(before)


def test_where_details_open_apart_a_paste_into_another_cell_is_explained(page):
    page.set_viewport_size({"width": 1100, "height": 800})
    before = listed(page).count()
    page.evaluate(f"document.getElementById('c-{OTHER}').focus()")
    hand_over(page, "paste", f"#c-{OTHER}", "image.png", photo(500, 300, 9))
    expect(box(page).locator("[data-say]")).not_to_be_empty()
    expect(listed(page)).to_have_count(before)
    page.set_viewport_size({"width": 1440, "height": 900})


def test_a_dropped_file_is_added_wherever_it_falls(page):
    before = listed(page).count()
    assert hand_over(page, "dragover", "main", "现场.png", photo(400, 300, 8)) is False, "the page would be left"
    expect(box(page)).to_have_class(re.compile(r"\bover\b"))
    hand_over(page, "drop", "main", "现场.png", photo(400, 300, 8))
    expect(listed(page)).to_have_count(before + 1)
    expect(box(page)).not_to_have_class(re.compile(r"\bover\b"))


def test_refused_files_stay_with_their_reason_and_typed_figures_stay_typed(page, files):
    cell = page.locator(f"#c-{OTHER}")
    cell.fill("约7")
    cell.press("Enter")
    expect_saved(page)
    page.goto(f"{page.url.split('?')[0]}?cell={CELL}&show=all#inspector")
    before = listed(page).count()
    choose(page, files, "名单.xlsx", "大扫描.pdf", "扫描件.pdf")
    expect(listed(page)).to_have_count(before + 1)
    failed = box(page).locator(".ev-queue .failed")
    expect(failed).to_have_count(2)
    expect(failed.nth(0)).to_contain_text("PDF")
    expect(failed.nth(1)).to_contain_text("25 MB")
    expect(page.locator(f"#c-{OTHER}")).to_have_value("约7")
    failed.nth(1).locator("button").nth(1).click()
    expect(failed).to_have_count(1)
    page.evaluate("""cell => document.querySelector(`a.def[data-cell="${cell}"]`).click()""", OTHER)
    expect(page.locator("#inspector h2")).not_to_have_text("")
    page.evaluate("""cell => document.querySelector(`a.def[data-cell="${cell}"]`).click()""", CELL)
    expect(failed).to_have_count(1)


def test_without_a_network_the_file_waits_and_goes_when_it_is_back(page, files, browser):
    before = listed(page).count()
    context = browser.window(CLERK).context
    context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    page.set_input_files(
        ".ev-pick input", {"name": "离线.png", "mimeType": "image/png", "buffer": written(photo(300, 200, 11), "PNG")}
    )
    expect(box(page).locator(".ev-queue .failed")).to_have_count(1)
    context.set_offline(False)
    expect(listed(page)).to_have_count(before + 1)


def test_a_file_is_described_shown_used_again_and_removed(page):
    first = listed(page).first
    first.locator("summary").click()
    first.locator("input[name=caption]").fill("青云湖参观")
    first.locator("button").first.click()
    expect(listed(page).first.locator(".ev-name")).to_have_text("青云湖参观")
    listed(page).first.locator("[data-view]").click()
    view = page.locator("dialog.ev-view")
    expect(view).to_be_visible()
    assert view.locator("img").evaluate("async el => { await el.decode(); return el.naturalWidth; }") > 100
    page.keyboard.press("Escape")
    expect(view).to_have_count(0)
    page.goto(f"{page.url.split('?')[0]}?show=all&cell={OTHER}#inspector")
    box(page).locator(".ev-again summary").click()
    box(page).locator(".ev-again input[type=checkbox]").first.check()
    box(page).locator(".ev-again button").click()
    expect(listed(page)).to_have_count(2)
    page.once("dialog", lambda dialog: dialog.accept())
    listed(page).first.locator("summary").click()
    listed(page).first.locator("button[name=remove]").click()
    expect(listed(page)).to_have_count(1)
    listed(page).first.locator("summary").click()
    page.once("dialog", lambda dialog: dialog.accept())
    listed(page).first.locator("button[name=remove]").click()
    expect(listed(page)).to_have_count(0)
    expect(page.locator(f'tr[data-row="{OTHER}"] .ev')).to_have_count(0)


def test_a_figure_that_needs_evidence_says_so_until_it_has_some(page, site, files):
    needy = "ideology_remote_education_count"
    asks = '[{"rule": "evidence", "level": "query"}]'
    checks = site.sql("SELECT checks FROM metrics_indicator WHERE code = %s", needy)[0][0]
    site.sql("UPDATE metrics_indicator SET checks = %s WHERE code = %s", asks, needy)
    page.goto(f"{page.url.split('?')[0]}?show=all&cell={needy}#inspector")
    expect(page.locator(f'tr[data-row="{needy}"] .ev.lacks')).to_be_hidden()
    page.locator(f"#c-{needy}").fill("4")
    page.locator(f"#c-{needy}").press("Enter")
    expect_saved(page)
    says = page.locator(f'tr.msg[data-of="{needy}"] p', has_text="佐证")
    expect(says).to_have_count(1)
    wanting = page.locator(f'tr[data-row="{needy}"] .ev.lacks')
    expect(wanting).to_be_visible()
    page.evaluate("""cell => document.querySelector(`a.def[data-cell="${cell}"]`).click()""", needy)
    expect(page.locator(f'[data-evidence="{needy}"]')).to_have_count(1)
    choose(page, files, "IMG_2.jpg")
    expect(page.locator(f'tr[data-row="{needy}"] .ev:not(.lacks)')).to_have_text("1")
    expect(says).to_have_count(0)
    expect(wanting).to_be_hidden()
    page.once("dialog", lambda dialog: dialog.accept())
    listed(page).first.locator("summary").click()
    listed(page).first.locator("button[name=remove]").click()
    expect(says).to_have_count(1)
    expect(wanting).to_be_visible()
    site.sql("UPDATE metrics_indicator SET checks = %s WHERE code = %s", json.dumps(checks), needy)


HEAR = "document.dispatchEvent(new Event('visibilitychange'))"  # the beat that comes by itself twice a minute


def test_a_file_that_another_window_attaches_or_takes_away_shows_by_itself(page, browser, address, files):
    mark = page.locator(f'tr[data-row="{OTHER}"] .ev:not(.lacks)')
    expect(mark).to_have_count(0)
    other = browser.window(CLERK, java_script_enabled=True).page
    other.goto(f"{address}?show=all&cell={OTHER}#inspector")
    choose(other, files, "IMG_1.jpg", "扫描件.pdf")
    expect(listed(other)).to_have_count(2)
    page.evaluate(HEAR)
    expect(mark).to_have_text("2")
    expect(mark).to_have_attribute("href", f"?cell={OTHER}#inspector")
    for _file in range(2):
        left = listed(other).count() - 1
        other.once("dialog", lambda dialog: dialog.accept())
        listed(other).first.locator("summary").click()
        listed(other).first.locator("button[name=remove]").click()
        expect(listed(other)).to_have_count(left)
    page.evaluate(HEAR)
    expect(mark).to_have_count(0)


def test_the_village_sheet_shows_the_files_of_a_cell(page, address, files):
    page.goto(f"{address}villages/")
    cells = page.locator("table.villages td.cell input")
    cells.nth(1).click()
    name = cells.nth(1).get_attribute("id")[2:]
    expect(page.locator(f'[data-evidence="{name}"]')).to_have_count(1)
    choose(page, files, "IMG_2.jpg")
    mark = page.locator(f'td:has([id="c-{name}"]) .ev:not(.lacks)')
    expect(mark).to_have_text("1")
    page.reload()
    expect(mark).to_have_text("1")
    page.evaluate(HEAR)
    expect(mark).to_have_count(1)
    mark.click()
    page.once("dialog", lambda dialog: dialog.accept())
    listed(page).first.locator("summary").click()
    listed(page).first.locator("button[name=remove]").click()
    expect(mark).to_have_count(0)


def test_without_script_a_plain_form_does_it(browser, address, files):
    person = browser.window(CLERK, java_script_enabled=False)
    person.page.goto(f"{address}?show=all&cell=ideology_leader_speech_person_times#inspector")
    choose(person.page, files, "IMG_2.jpg", "名单.xlsx")
    person.page.locator("[data-plain]").click()
    expect(person.page.locator("#inspector .ev-list li")).to_have_count(1)
    expect(person.page.locator(".mr-messages")).to_contain_text("名单.xlsx")


def test_a_session_that_ended_keeps_the_file_until_the_next_sign_in(browser, address, files):
    person = browser.window(CLERK, 1366)
    person.page.goto(f"{address}?show=all&cell={OTHER}#inspector")
    person.context.clear_cookies()
    choose(person.page, files, "IMG_1.jpg")
    failed = person.page.locator(".ev-queue .failed")
    expect(failed).to_have_count(1)
    page, person.page = person.page, person.context.new_page()
    browser.sign_in(person)
    failed.locator("button").first.click()
    expect(page.locator("#inspector .ev-list li")).to_have_count(1)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_box_is_accessible_at_every_width(browser, address, files, width):
    person = browser.window(CLERK)
    page = person.page
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{address}?show=all&cell={CELL}#inspector")
    choose(page, files, "名单.xlsx")
    expect(box(page).locator(".ev-queue .failed")).to_have_count(1)
    listed(page).first.locator("summary").click()
    assert not axe_faults(page)
    assert page.evaluate(SIDEWAYS) <= 0
    page.set_viewport_size({"width": 1440, "height": 900})


def test_the_district_looks_at_files_beside_the_figure(browser, address):
    page = browser.window(REVIEWER).page
    page.goto(f"{address}?cell={CELL}")
    expect(page.locator("#inspector .ev-list li")).not_to_have_count(0)
    expect(page.locator("#inspector .ev-add")).to_have_count(0)
    first = page.locator("#inspector .ev-list img").first
    assert (
        first.evaluate("async el => { el.scrollIntoView(); el.loading = 'eager'; await el.decode(); return el.naturalWidth; }")
        > 0
    )


def test_nothing_was_complained_of(browser):
    """But the network that was cut, and the session that was ended on purpose."""
    expected = ("ERR_INTERNET_DISCONNECTED", "status of 403")
    complaints = [words for person in browser.people.values() for words in person.complaints]
    assert not [words for words in complaints if not any(mark in words for mark in expected)]
