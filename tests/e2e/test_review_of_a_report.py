"""The check leads to the block and mends it; a number is commented on, sent back, answered, and compared when it comes again."""

import os
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.e2e.browser import deed, expect_state

YEAR = timezone.localdate().year - 1
CLERK, HEAD = "baisha.clerk", "baisha.head"
KEY = "s1.2.group"
OWN = "十一月，另走访35家企业,效果明显。。"


@pytest.fixture(scope="module")
def clerk(browser):
    return browser.window(CLERK)


@pytest.fixture(scope="module")
def head(browser):
    return browser.window(HEAD)


@pytest.fixture(scope="module")
def reviewer(browser):
    return browser.window("district.reviewer2")


@pytest.fixture(scope="module")
def made():
    return {}


def block(page):
    return page.locator(f'section.blk[data-block="{KEY}"]:not(.edit)')


def finding(page, check):
    return page.locator(f'#checks li[data-check="{check}"]', has_text="坚持领导干部")


def edit(page, text):
    block(page).hover()
    block(page).locator("a[data-edit]").click()
    box = page.locator(f'section.blk.edit[data-block="{KEY}"] textarea[name="text"]')
    box.fill(text(box.input_value()))
    box.press("Control+Enter")
    expect(block(page)).to_be_visible()


def picture(person, name):
    """Keep a picture of the page where a person wants to look at it afterwards."""
    if folder := os.environ.get("E2E_PICTURES"):
        for width in (1440, 390):
            person.page.set_viewport_size({"width": width, "height": 900})
            person.page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=width == 390)
        person.page.set_viewport_size({"width": 1440, "height": 900})


def test_1_findings_lead_to_the_block_and_one_click_mends_them(clerk, made):
    page = clerk.page
    page.goto("/reports/")
    page.locator(f'form:has(input[name="year"][value="{YEAR}"]) button').click()
    page.wait_for_url("**/reports/*/")
    made["address"] = "/reports/" + page.url.split("/reports/")[1].split("#")[0]
    edit(page, lambda text: text + OWN)
    expect(finding(page, "typed_number")).to_contain_text("35")
    expect(page.locator("#why-submit")).to_contain_text("35")
    picture(clerk, "findings")
    finding(page, "typed_number").locator("a").first.click()
    expect(page).to_have_url(page.url.split("#")[0] + f"#b-{KEY}")
    expect(block(page)).to_be_in_viewport()
    finding(page, "half_width").locator("form[action$='/fix/'] button").click()
    expect(finding(page, "half_width")).to_have_count(0)
    finding(page, "typed_number").locator("form[action$='/fix/'] button").click()
    expect(finding(page, "typed_number")).to_have_count(0)
    expect(block(page)).to_contain_text("企业，效果明显")
    finding(page, "doubled_marks").locator("input[name=reason]").fill("照原文引用")
    finding(page, "doubled_marks").locator(".ck-confirm button").click()
    expect(finding(page, "doubled_marks")).to_contain_text("照原文引用")
    expect(page.locator("#why-submit")).to_have_count(0)
    picture(clerk, "confirmed")


def test_2_submitted_and_a_number_is_commented_on(clerk, head, reviewer, made):
    for person, name, state in (
        (clerk, "submit", "awaiting_signoff"), (head, "sign_off", "submitted"), (reviewer, "start_review", "in_review"),
    ):  # fmt: skip
        person.page.goto(made["address"])
        deed(person, name)
        expect_state(person, state)
    page = reviewer.page
    page.goto(made["address"])
    expect(finding(page, "doubled_marks")).to_contain_text("照原文引用")
    block(page).locator("a.fig").first.click()
    form = page.locator(".ck-number")
    form.locator("textarea").fill("与台账不符，请核对。")
    picture(reviewer, "number-comment")
    form.locator("button").click()
    expect(block(page).locator(".talk")).to_contain_text("与台账不符")
    expect(block(page).locator("a.fig.talked")).to_have_count(1)
    page.goto(made["address"])
    deed(reviewer, "send_back", reason="按批注修改后再报。")
    expect_state(reviewer, "returned")


def test_3_answered_and_submitted_again_with_its_differences(clerk, head, reviewer, made):
    page = clerk.page
    page.goto(made["address"])
    expect(page.locator("#why-submit")).to_contain_text("与台账不符")
    block(page).locator(".talk input[name=text]").fill("已核对，数字无误，补充说明。")
    block(page).locator(".talk button").first.click()
    expect(block(page).locator(".rp-answer")).to_contain_text("已核对")
    edit(page, lambda text: text.replace("效果明显。。", "成效得到群众认可。"))
    expect(page.locator("#why-submit")).to_have_count(0)
    for person, name in ((clerk, "submit"), (head, "sign_off")):
        person.page.goto(made["address"])
        deed(person, name)
    expect_state(head, "submitted")
    reviewer.page.goto(f"{made['address']}rounds/2/")
    expect(reviewer.page.locator(".rp-diff ins").first).to_contain_text("成效")
    picture(reviewer, "round")


def test_4_no_page_complained(clerk, head, reviewer):
    assert clerk.complaints == head.complaints == reviewer.complaints == []
