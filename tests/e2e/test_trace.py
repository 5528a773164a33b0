"""From a number to the paper in two clicks; walking through changed numbers: updated, kept with a note, replaced."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import expect_state
from tests.metrics.evidence_samples import photo, written

CLERK, TOWNSHIP, YEAR_CODE, NAME = "daping.clerk", "大坪乡", "ideology_study_session_count", "中心组专题学习"
LETTERS = "zxzztxx"


@pytest.fixture(scope="module")
def clerk(browser):
    return browser.window(CLERK)


@pytest.fixture(scope="module")
def made():
    return {}


def correct(site, report, month, by):
    """Put another value into an approved month, as an approved correction would."""
    done = site.sql(
        "UPDATE metrics_figure f SET value = f.value + %s, version = f.version + 1 FROM metrics_monthlyreturn r, "
        "metrics_indicator i, reports_report p WHERE r.id = f.monthly_return_id AND i.id = f.indicator_id AND p.id = %s "
        "AND r.unit_id = p.unit_id AND r.year = p.year AND r.month = %s AND i.code = %s RETURNING f.value, r.id",
        by, report, month, YEAR_CODE,
    )  # fmt: skip
    assert len(done) == 1
    return done[0]


def test_1_a_report_quotes_the_figure_three_times(clerk, made):
    page = clerk.page
    page.goto("/reports/")
    page.locator('form:has(input[name="year"]) button:enabled').first.click()
    page.wait_for_url("**/reports/*/")
    made["address"] = page.url.split("#")[0]
    made["report"] = int(made["address"].rstrip("/").split("/")[-1])
    expect_state(clerk, "draft")
    block = page.locator("section.blk.rp-paragraph").first
    made["key"] = block.get_attribute("data-block")
    block.hover()
    block.locator("a[data-edit]").click()
    box = page.locator(f'section.blk.edit[data-block="{made["key"]}"] textarea[name="text"]')
    box.fill(f"共学习【{NAME}|今年以来|次】，首季【{NAME}|一季度|次】，一月【{NAME}|1月|次】。")
    box.press("Control+Enter")
    expect(page.locator(f'section.blk[data-block="{made["key"]}"]:not(.edit)')).to_contain_text("共学习")


def test_2_from_the_number_to_the_paper_in_two_clicks(clerk, site, made):
    """The file was put beside the figure while its month was open, by the office itself."""
    page = clerk.page
    month = site.sql(
        "SELECT r.id FROM metrics_monthlyreturn r JOIN reports_report p ON p.unit_id = r.unit_id AND p.year = r.year "
        "WHERE p.id = %s AND r.month = 1", made["report"],
    )[0][0]  # fmt: skip
    site.sql("UPDATE metrics_monthlyreturn SET state = 'returned' WHERE id = %s RETURNING id", month)
    page.goto(f"/returns/{month}/?cell={YEAR_CODE}")
    files = page.locator('#inspector [data-evidence] input[type="file"]').first
    files.set_input_files({"name": "签到照片.jpg", "mimeType": "image/jpeg", "buffer": written(photo(), "JPEG")})
    expect(page.locator("#inspector .ev-list")).to_contain_text("签到照片.jpg")
    site.sql("UPDATE metrics_monthlyreturn SET state = 'approved' WHERE id = %s RETURNING id", month)
    page.goto(made["address"])
    page.locator(f'section[data-block="{made["key"]}"] a.fig').nth(2).click()
    paper = page.locator("#rp-trace .rp-papers a", has_text="签到照片.jpg").first
    with page.context.expect_page() as opened:
        paper.click()
    assert "/evidence/files/" in opened.value.url
    opened.value.close()
    assert page.locator("#rp-trace a[href*='/ledgers/'][href*='month=1']").count() == 1


def test_3_changed_numbers_are_walked_through(clerk, site, made):
    page = clerk.page
    correct(site, made["report"], 1, 3)
    page.goto(made["address"])
    stale = page.locator(f'section[data-block="{made["key"]}"] a.fig.stale')
    expect(stale).to_have_count(3)
    page.locator("#part-notices [data-walk]").click()
    panel = page.locator("#rp-trace")
    for _step in range(4):  # other paragraphs quote the figure too
        if panel.locator("xpath=preceding-sibling::section[1]").get_attribute("data-block") == made["key"]:
            break
        shown = panel.locator(".rp-walk").inner_text()
        panel.locator("[data-walk]").last.click()
        expect(panel.locator(".rp-walk")).not_to_have_text(shown)
    before = page.locator(f'section[data-block="{made["key"]}"]').inner_text()
    panel.locator('form[action$="/keep/"] input[name="note"]').fill("与公开稿一致")
    panel.locator('form[action$="/keep/"] button').click()
    expect(page.locator(f'section[data-block="{made["key"]}"] a.fig.kept')).to_have_count(1)
    expect(panel.locator('form[action$="/update/"]').first).to_be_visible()
    panel.locator('form[action$="/update/"] button').first.click()
    expect(stale).to_have_count(1)
    assert page.locator(f'section[data-block="{made["key"]}"]').inner_text() != before


def test_4_the_last_one_quotes_another_figure(clerk, made):
    """Found by the first letters of its name, by keys alone; how it will print stands there before it is taken."""
    page = clerk.page
    block = page.locator(f'section[data-block="{made["key"]}"]')
    panel = page.locator("#rp-trace")
    expect(panel).to_be_visible()  # the walk has gone on to it by itself
    panel.locator("a[data-rebind]").press("Enter")
    search = panel.locator("[data-search]")
    expect(search).to_be_focused()
    expect(search).to_have_value(NAME)
    shows, take = panel.locator("[data-preview]"), panel.locator("[data-insert]")
    search.fill("zyfwsc")
    expect(take).to_be_disabled()
    search.press("ArrowDown")
    expect(search).to_have_value("志愿服务时长")
    expect(shows).to_contain_text("小时")
    search.fill(LETTERS)
    search.press("ArrowDown")
    expect(search).to_have_value(NAME)
    expect(shows).to_contain_text("次")
    panel.locator('input[name="period"]').fill("2月")
    panel.locator('input[name="period"]').press("Tab")
    expect(take).to_be_enabled()
    panel.locator('input[name="format"]').press("Enter")
    expect(block.locator("a.fig.stale")).to_have_count(0)
    expect(page.locator("#kept")).to_contain_text("与公开稿一致")


def test_5_nobody_complained(clerk):
    assert clerk.complaints == []
