"""From a plan item to next year's report: items, approval, the target in the grid, and how it was met."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.e2e.browser import deed, expect_state

TODAY = timezone.localdate()
YEAR = TODAY.year - 1
CLERK, HEAD, REVIEWER, TOWNSHIP = "longquan.clerk", "longquan.head", "district.reviewer1", "龙泉镇"
CODE, NAME, MEASURE = "ideology_outreach_session_count", "理论政策宣讲", "组织政策宣讲进村入户"
WORDS, LATER = "修订联席会议制度", "制度已印发"


@pytest.fixture(scope="module")
def clerk(browser):
    return browser.window(CLERK)


@pytest.fixture(scope="module")
def head(browser):
    return browser.window(HEAD)


@pytest.fixture(scope="module")
def reviewer(browser):
    return browser.window(REVIEWER)


@pytest.fixture(scope="module")
def made():
    """What one step leaves for the next: the addresses of the two reports."""
    return {}


def create(person, year: int) -> str:
    page = person.page
    page.goto("/reports/")
    page.locator(f'form:has(input[name="year"][value="{year}"]) button').click()
    page.wait_for_url("**/reports/*/")
    return page.url.split("#")[0].removeprefix(page.url.split("/reports/")[0])


def plan_block(page):
    return page.locator("section.blk.rp-plan").first


def fill(form, **values) -> None:
    for name, value in values.items():
        form.locator(f"[name={name}]").fill(value)


def test_1_items_are_added_in_place(clerk, made, site):
    # The story of a new year gives every township targets of its own; those would be kept instead of the plan's.
    site.sql(
        "DELETE FROM metrics_target WHERE year = %s AND code = %s AND unit_id = (SELECT id FROM accounts_unit WHERE name = %s)",
        YEAR + 1, CODE, TOWNSHIP,
    )  # fmt: skip
    made["report"] = create(clerk, YEAR)
    block = plan_block(clerk.page)
    block.locator("details.pl-add > summary").click()
    form = block.locator('form[data-plan="add"]')
    fill(form, measure=MEASURE, indicator=NAME)
    form.locator("button[name=propose]").click()
    expect(form.locator(".pl-hint")).to_contain_text(str(YEAR))
    assert int(form.locator("[name=amount]").input_value()) > 0
    fill(form, amount="2", lead_unit="宣传办公室", due_date=f"{YEAR + 2}-01-01")
    form.locator("[name=lead_unit]").press("Enter")
    expect(form.locator(".rp-errors")).to_contain_text(f"{YEAR + 2}-01-01")
    assert form.locator("[name=measure]").input_value() == MEASURE
    fill(form, due_date=f"{YEAR + 1}-12-31")
    form.locator("[name=lead_unit]").press("Enter")
    expect(block.locator("tr[id^=pl-]")).to_have_count(1)
    expect(block.locator("tr[id^=pl-]")).to_contain_text("2场")
    expect(block.locator('form[data-plan="add"] [name=measure]')).to_be_focused()
    fill(block.locator('form[data-plan="add"]'), measure=WORDS)
    block.locator('form[data-plan="add"] .btn2.pri').click()
    expect(block.locator("tr[id^=pl-]")).to_have_count(2)


def test_2_a_row_opens_in_place_and_what_is_typed_elsewhere_stays(clerk):
    block = plan_block(clerk.page)
    block.locator('form[data-plan="add"] [name=measure]').fill("打到一半")
    block.locator("a[data-plan-edit]").first.click()
    form = block.locator('form[data-plan="edit"]')
    form.locator("[name=amount]").fill("3")
    form.locator(".btn2.pri").click()
    expect(block.locator("tr[id^=pl-]").first).to_contain_text("3场")
    expect(block.locator('form[data-plan="add"] [name=measure]')).to_have_value("打到一半")


def test_2b_items_change_places_by_keys_and_back_again(clerk):
    block = plan_block(clerk.page)
    rows = block.locator("tr[id^=pl-] th")
    expect(rows).to_contain_text([MEASURE, WORDS])
    block.locator("a[data-plan-edit]").first.focus()
    clerk.page.keyboard.press("Alt+ArrowDown")
    expect(rows).to_contain_text([WORDS, MEASURE])
    expect(block.locator("tr[id^=pl-]").last.locator("[data-up]")).to_be_focused()  # it went along, and is the last now
    expect(block.locator('form[data-plan="add"] [name=measure]')).to_have_value("打到一半")
    clerk.page.keyboard.press("Enter")
    expect(rows).to_contain_text([MEASURE, WORDS])
    block.locator('form[data-plan="add"] [name=measure]').fill("")
    for expected in ([WORDS, MEASURE], [MEASURE, WORDS]):
        clerk.page.locator('form[action$="/undo/"] button').first.click()
        expect(rows).to_contain_text(expected)


def test_3_the_text_quotes_the_plan(clerk, made):
    page = clerk.page
    page.goto(made["report"])
    block = plan_block(page)
    key = block.get_attribute("data-block")
    block.hover()
    block.locator("a[data-edit]").click()
    box = page.locator(f'section.blk.edit[data-block="{key}"] textarea[name="text"]')
    box.fill(f"政策宣讲不少于【{NAME}|计划|】。{box.input_value()}")
    box.press("Control+Enter")
    expect(plan_block(page)).to_contain_text("政策宣讲不少于3场")


def test_4_approval_makes_it_a_target_of_the_grid(clerk, head, reviewer, made, site):
    for person, name, state in (
        (clerk, "submit", "awaiting_signoff"), (head, "sign_off", "submitted"), (reviewer, "start_review", "in_review"),
        (reviewer, "approve", "approved"),
    ):  # fmt: skip
        person.page.goto(made["report"])
        deed(person, name)
        expect_state(person, state)
    found = site.sql(
        "SELECT t.value FROM metrics_target t JOIN accounts_unit u ON u.id = t.unit_id "
        "WHERE u.name = %s AND t.year = %s AND t.code = %s", TOWNSHIP, YEAR + 1, CODE,
    )  # fmt: skip
    assert [int(row[0]) for row in found] == [3]
    rows = site.sql(
        "SELECT r.id FROM metrics_monthlyreturn r JOIN accounts_unit u ON u.id = r.unit_id "
        "WHERE u.name = %s AND r.year = %s ORDER BY r.month", TOWNSHIP, YEAR + 1,
    )  # fmt: skip
    if not rows:
        pytest.skip("no return of this year is open yet")
    clerk.page.goto(f"/returns/{rows[0][0]}/?show=all")
    place = clerk.page.locator(f'tr[data-row="{CODE}"] td.t')
    expect(place).to_have_attribute("title", f"{place.get_attribute('title').split()[0]} 3 场")


def test_5_the_next_report_tells_how_it_was_met(clerk, made):
    if TODAY.month < 11:
        pytest.skip("the report of a year can be started from November on")
    made["next"] = create(clerk, YEAR + 1)
    page = clerk.page
    opening = page.locator("section.blk:has(.pl-outcomes)")
    expect(opening.locator(".tag")).to_have_text(["完成"])
    expect(page.locator("#checks .ck-blocking")).to_contain_text(WORDS)
    form = opening.locator('form[data-plan="outcome"]')
    form.locator("select").select_option("underway")
    form.locator("[name=words]").fill(LATER)
    form.locator("button").click()
    expect(page.locator("[data-said]")).not_to_be_empty()
    page.goto(made["next"])
    page.locator('#part-summary form[action$="/update/"] button').click()
    opening = page.locator("section.blk:has(.pl-outcomes)")
    expect(opening.locator("a.fig.stale")).to_have_count(0)  # a changed number shows its new words before it is taken in
    expect(opening).to_contain_text("年初确定的2项目标任务，完成1项、推进1项。")


def test_6_the_number_tells_its_target(clerk, made):
    if "next" not in made:
        pytest.skip("there is no next report")
    page = clerk.page
    page.locator("section.blk:has(.pl-outcomes) a.fig").first.click()
    expect(page.locator("#rp-trace")).to_contain_text(MEASURE, timeout=20_000)
    expect(page.locator("#rp-trace")).to_contain_text(LATER)
    page.locator('#rp-trace a[href*="/versions/1/"]').click()
    expect(page.locator("main")).to_contain_text("政策宣讲不少于3场")


def test_7_a_phone_shows_rows_as_cards(browser, made):
    phone = browser.window(CLERK, 390)
    phone.page.goto(made["report"])
    block = plan_block(phone.page)
    expect(block.locator("tr[id^=pl-]")).to_have_count(2)
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_8_nobody_complained(clerk, head, reviewer):
    unexpected = [words for words in clerk.complaints + head.complaints + reviewer.complaints if "422" not in words]
    assert unexpected == [], "the one 422 is the day outside the plan year"
