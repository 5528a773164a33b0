"""Files into a ledger as a clerk does it: the four steps, a wrong file, a mended row, the whole import taken back."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_pages import look_at

HEAD = "日期,类别,主题,地点,参加人次,交流发言\n"
ROWS = (
    "2026-03-10,中心组专题学习,专题学习一,礼堂,46,3\n"
    "2026-03-11,中心组专题学习,专题学习二,礼堂,约50,\n"
    "明天,聚餐,错误的一行,食堂,,\n"
)
COUNT = "SELECT count(*) FROM metrics_studysession WHERE name LIKE %s"


@pytest.fixture(scope="module")
def clerk(browser):
    return browser.window("yongan.clerk")


def send(page, name: str, data: bytes) -> None:
    """Choose a file for the study ledger and have it read."""
    page.goto("/ledgers/study/import/")
    page.locator("#file").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})
    page.locator("main form button.pri").click()


def test_a_wrong_file_is_told_on_the_spot(clerk):
    send(clerk.page, "旧表.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
    expect(clerk.page.locator(".mr-errors")).to_be_visible()
    expect(clerk.page.locator("#file")).to_be_visible()


def test_four_steps_and_back(site, clerk):
    page = clerk.page
    send(page, "三月学习.csv", (HEAD + ROWS).encode("gbk"))
    page.wait_for_url("**/imports/*/")
    address = page.url[len(site.url) :]
    expect(page.locator("#column-2")).to_have_value("name")
    assert not look_at(clerk, address, "metrics:import_detail columns")
    page.locator("main form button.pri").click()
    expect(page.locator("tr.is-error")).to_have_count(2)
    assert not look_at(clerk, address, "metrics:import_detail preview")
    page.locator("#r-3 input[name=c-attendees]").fill("52")
    page.locator("#r-3 button.pri").click()
    expect(page.locator("tr.is-error")).to_have_count(1)
    page.locator('#r-4 button[value="skip"]').click()
    assert site.sql(COUNT, "专题学习_")[0][0] == 0
    with page.expect_navigation():
        page.locator(".im-confirm button.pri").click()
    expect(page.locator(".im-confirm .danger")).to_be_visible()
    assert site.sql(COUNT, "专题学习_")[0][0] == 2
    assert not look_at(clerk, address, "metrics:import_detail imported")
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator(".im-confirm .danger").click()
    expect(page.locator(".headrow .tag.draft")).to_be_visible()
    assert site.sql(COUNT, "专题学习_")[0][0] == 0


def test_many_rows_are_a_workers_and_the_page_outlives_a_reload(site, clerk):
    page = clerk.page
    rows = "".join(f"2026-03-{1 + n % 28:02d},中心组专题学习,批量{n},礼堂,{n % 90},\n" for n in range(1200))
    send(page, "一千行.csv", (HEAD + rows).encode())
    page.wait_for_url("**/imports/*/")
    page.locator("main form button.pri").click()
    page.reload()
    expect(page.locator(".im-confirm button.pri")).to_be_visible(timeout=60_000)
    page.locator(".im-confirm button.pri").click()
    expect(page.locator(".im-confirm .danger")).to_be_visible(timeout=60_000)
    assert site.sql(COUNT, "批量%")[0][0] == 1200
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator(".im-confirm .danger").click()
    expect(page.locator(".headrow .tag.draft")).to_be_visible(timeout=30_000)
    assert site.sql(COUNT, "批量%")[0][0] == 0
    assert not [words for words in clerk.complaints if re.search("CSP|Error", words)]
