"""The main job: a month's return from the workbench to approval, in two rounds, by clerk, head and reviewer."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import deed, expect_state
from tests.e2e.grid import cell, expect_kind, expect_saved, explain, fill_like_last_month, number, output

CLERK, HEAD, REVIEWER = "donghu.clerk", "donghu.head", "district.reviewer1"
FOUR = (
    "ideology_study_session_count", "ideology_leader_speech_person_times", "ideology_remote_education_count",
    "ideology_study_book_count",
)  # fmt: skip
WHOLE, PART = "media_adopted_district", "media_adopted_district_print"
TYPED = 7391
CORRECTED = "ideology_study_book_count"


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
def address(clerk):
    """The address of this month's return, from the workbench."""
    clerk.page.goto("/")
    link = clerk.page.locator('section[aria-labelledby^="task-"] h2 a').first
    expect(link).to_be_visible()
    return link.get_attribute("href")


def test_1_the_workbench_leads_to_this_months_return(clerk, address):
    page = clerk.page
    expect(page.locator('section[aria-labelledby^="task-"]').first).to_contain_text("截止")
    expect(page.locator(".mr-blocks").first).to_contain_text("未填")
    page.locator('section[aria-labelledby^="task-"] h2 a').first.click()
    page.wait_for_url(f"**{address}*")
    expect(page.locator("table.mg tr.sec")).to_have_count(5)


def test_2_four_kinds_of_absence_are_four_things(clerk, address):
    page = clerk.page
    page.goto(f"{address}?show=all")
    cell(page, FOUR[0]).click()
    for typed in ("0", "不适用", "未统计", ""):
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(typed) if typed else page.keyboard.press("Delete")
        page.keyboard.press("Enter")
    expect_saved(page)
    for code, kind in zip(FOUR, ("value", "not_applicable", "not_collected", "blank"), strict=True):
        expect_kind(page, code, kind)
    page.reload()
    for code, kind in zip(FOUR, ("value", "not_applicable", "not_collected", "blank"), strict=True):
        expect_kind(page, code, kind)


def test_3_keys_move_and_cells_save_themselves(clerk, address):
    page = clerk.page
    page.goto(f"{address}?show=all")
    cell(page, FOUR[0]).click()
    page.keyboard.type("3")
    page.keyboard.press("ArrowDown")
    expect(cell(page, FOUR[1])).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+Enter")
    expect(cell(page, FOUR[0])).to_be_focused()
    expect_saved(page)
    page.reload()
    expect(cell(page, FOUR[0])).to_have_value("3")


def test_4_totals_of_parts_follow_at_once(clerk, address):
    page = clerk.page
    page.goto(f"{address}?show=all")
    before = number(output(page, f"now:{WHOLE}"))
    standing = number(cell(page, PART).input_value())
    cell(page, PART).fill(str(int(standing + 5)))
    cell(page, PART).press("Enter")
    expect(page.locator(f'output[data-out="now:{WHOLE}"]').first).to_have_text(re.compile(rf"^{int(before + 5)}$"))
    expect_saved(page)


def test_5_the_whole_form_and_the_villages(clerk, address):
    page = clerk.page
    page.goto(f"{address}?show=all")
    assert fill_like_last_month(page) > 50
    page.goto(f"{address}villages/")
    assert fill_like_last_month(page) >= 30
    page.goto(f"{address}?show=issues")
    for row in page.locator("tr.r.unproven").evaluate_all("rows => rows.map(row => row.dataset.row)"):
        explain(page, row, "样报另存。")  # some figures ask for a file, or for why there is none
    page.goto(f"{address}?show=issues")
    for name in ("errors", "queries"):
        assert page.locator(f'.mg-save [data-out="{name}"]').text_content() == ""


def test_6_submit_makes_it_read_only_and_it_can_be_withdrawn(clerk, address):
    page = clerk.page
    page.goto(address)
    deed(clerk, "submit")
    expect_state(clerk, "awaiting_signoff")
    expect(page.locator("td.cell input")).to_have_count(0)
    deed(clerk, "withdraw")
    expect_state(clerk, "draft")
    expect(cell(page, FOUR[0])).to_be_editable()
    deed(clerk, "submit")
    expect_state(clerk, "awaiting_signoff")


def test_7_the_head_signs_off(head, address):
    head.page.goto("/")
    head.page.locator(f'a[href^="{address}"]').first.click()
    deed(head, "sign_off")
    expect_state(head, "submitted")


def test_8_the_reviewer_is_refused_without_a_reason_and_comments_a_figure(reviewer, address):
    page = reviewer.page
    page.goto("/review/")
    page.locator(f'form[action="{address}start_review/"] button').click()
    expect_state(reviewer, "in_review")
    deed(reviewer, "send_back")
    expect(page.locator('[role="alert"]').first).to_be_visible()
    page.goto(f"{address}?show=all&cell={CORRECTED}")
    page.locator("#comment-text").fill("购书数与发放记录不一致，请核对。")
    page.locator('form[data-comment] button:has-text("批注")').click()
    expect(page.locator("#inspector")).to_contain_text("请核对")
    page.goto(address)
    deed(reviewer, "send_back", reason="请核对购书数后重报。")
    expect_state(reviewer, "returned")


def test_9_the_clerk_lands_on_the_marked_cell_answers_and_corrects(clerk, address):
    page = clerk.page
    page.goto("/")
    expect(page.locator("main")).to_contain_text("请核对购书数后重报")
    page.locator(f'a[href^="{address}?show=comments"]').first.click()
    expect(cell(page, CORRECTED)).to_be_visible()
    page.locator(f'tr[data-row="{CORRECTED}"] a.cm').click()
    page.locator('#inspector .talk textarea[name="text"]').fill("已按发放记录更正。")
    page.locator("#inspector form[data-comment] button").first.click()
    expect(page.locator("#inspector")).to_contain_text("已按发放记录更正")
    cell(page, CORRECTED).fill(str(TYPED))
    cell(page, CORRECTED).press("Enter")
    expect_saved(page)
    explain(clerk.page, CORRECTED, "年末集中购发。")
    page.goto(address)
    deed(clerk, "submit")
    expect_state(clerk, "awaiting_signoff")


def test_a_the_reviewer_sees_old_and_new_and_approves(head, reviewer, address):
    head.page.goto(address)
    deed(head, "sign_off")
    expect_state(head, "submitted")
    page = reviewer.page
    page.goto("/review/")
    page.locator(f'form[action="{address}start_review/"] button').click()
    changed = page.locator(f'[id="c-{CORRECTED}"]')
    page.goto(f"{address}?show=changed")
    expect(changed.locator("b")).to_have_text(f"{TYPED:,}")
    expect(changed.locator("del")).not_to_have_text("")
    page.goto(f"{address}?show=all&cell={CORRECTED}")
    page.locator('#inspector form[action*="/resolve/"] button').click()
    expect(page.locator("#inspector .talk.done")).to_have_count(1)
    page.goto(address)
    deed(reviewer, "approve")
    expect_state(reviewer, "approved")
    page.goto(f"{address}rounds/")
    expect(page.locator("main")).to_contain_text("2")


def test_b_nobody_complained(clerk, head, reviewer):
    unexpected = [words for words in clerk.complaints + head.complaints + reviewer.complaints if "409" not in words]
    assert unexpected == [], "the one 409 is the refusal to send back without a reason"
