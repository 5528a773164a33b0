"""A district's own template: copied, given a wording with a condition, tried on a township, put in force, used by a clerk."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e
YEAR = timezone.localdate().year - 1
TOWNSHIP, CLERK = "永安镇", "yongan.clerk"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OPENING, SLOGAN = "区里新定的导语。", "学习教育有升有降都要抓实"


@pytest.fixture(scope="module")
def admin(browser):
    return browser.window("district.admin")


def save(page) -> None:
    page.locator("main form .mr-actions button.pri").click()
    page.wait_for_url(re.compile(r"/reports/templates/\d+/(#.*)?$"))


def test_a_template_is_copied_edited_tried_put_in_force_and_used(browser, admin):
    page = admin.page
    page.goto("/reports/templates/")
    page.locator("#source").select_option(str(YEAR))
    page.locator("#target").select_option(str(YEAR))
    page.locator("form[action$='/templates/copy/'] button").click()
    drafts = page.locator("tr", has_text=f"{YEAR}年").first.locator("td").nth(1).locator("a")
    expect(drafts).to_have_count(2)  # the townships' and the district's own
    drafts.filter(has_text="全部").click()
    page.wait_for_url(re.compile(r"/reports/templates/\d+/$"))
    draft = page.url
    edit_blocks(page, draft)
    page.goto(f"{draft}trial/")
    page.locator("#township").select_option(label=TOWNSHIP)
    page.locator("#year").select_option(str(YEAR))
    page.locator(".st-bar button.pri").click()
    expect(page.locator(".tp-trial .doc")).to_contain_text(f"{TOWNSHIP}{OPENING}")
    expect(page.locator(".tp-trial .doc")).to_contain_text(SLOGAN)
    expect(page.locator(".tp-trial .rp-sheet")).to_contain_text(OPENING)
    page.goto(f"{draft}publish/")
    expect(page.locator(".tp-diff tbody tr")).to_have_count(2)
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(SIDEWAYS) <= 0, width
    page.locator("main form button.pri").click()
    page.wait_for_url(draft)
    expect(page.locator(".headrow .tag.ok")).to_be_visible()
    expect(page.locator(".st .move")).to_have_count(0)
    used_by_a_clerk(browser)
    assert not admin.complaints


def edit_blocks(page, draft: str) -> None:
    """A new opening with a local fact put in by its button, and a heading that has another wording."""
    page.goto(f"{draft}blocks/opening/")
    text = page.locator("#id_text")
    text.fill(OPENING)
    text.evaluate("box => box.setSelectionRange(0, 0)")
    page.locator("[data-quote='{unit_name}']").click()
    expect(text).to_have_value("{unit_name}" + OPENING)
    save(page)
    page.goto(f"{draft}blocks/s1.2.h/")
    page.locator("#id_when-1").select_option("always")
    page.locator("#id_text-1").fill(SLOGAN)
    save(page)
    expect(page.locator("tr[id='b-s1.2.h'] .tag.wait").first).to_be_visible()


def used_by_a_clerk(browser) -> None:
    clerk = browser.window(CLERK)
    clerk.page.goto("/reports/")
    clerk.page.locator(f'form:has(input[name="year"][value="{YEAR}"]) button').click()
    clerk.page.wait_for_url("**/reports/*/")
    expect(clerk.page.locator("#b-opening")).to_contain_text(f"{TOWNSHIP}{OPENING}")
    heading = clerk.page.locator("section[id='b-s1.2.h']")
    expect(heading).to_contain_text(SLOGAN)
    expect(heading.locator(".rp-note")).to_be_visible()
    answer = clerk.page.goto("/reports/templates/")
    assert answer.status == 403
    assert [words for words in clerk.complaints if "403" not in words] == []
