"""Nothing typed is lost: the server goes away in mid-sentence, the session ends, a second tab signs in."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.grid import cell, expect_saved

CLERK = "longquan.clerk"
CODE, OTHER = "ideology_study_session_count", "ideology_leader_speech_person_times"
STORED = (
    "SELECT f.raw FROM metrics_figure f JOIN metrics_indicator i ON i.id = f.indicator_id "
    "WHERE f.monthly_return_id = %s AND i.code = %s"
)


@pytest.fixture(scope="module")
def page(browser):
    """The clerk's open grid."""
    page = browser.window(CLERK).page
    page.goto("/")
    page.locator('section[aria-labelledby^="task-"] h2 a').first.click()
    page.wait_for_url("**/returns/*/*")
    page.goto(f"{address(page)}?show=all")
    return page


def address(page) -> str:
    return re.search(r"/returns/\d+/", page.url)[0]


def stored(site, page, code):
    rows = site.sql(STORED, int(re.search(r"\d+", address(page))[0]), code)
    return rows[0][0] if rows else None


def test_a_figure_typed_while_the_server_is_down_arrives_when_it_is_back(site, page):
    site.stop("web")
    cell(page, CODE).fill("41")
    cell(page, CODE).press("Enter")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "waiting")
    expect(cell(page, CODE)).to_have_value("41")
    site.start_web()
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved", timeout=40_000)
    assert stored(site, page, CODE) == "41"


def test_a_figure_survives_a_closed_tab_while_the_server_is_down(site, page):
    here = address(page)
    site.stop("web")
    cell(page, OTHER).fill("43")
    cell(page, OTHER).press("Enter")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "waiting")
    page.goto("about:blank")
    site.start_web()
    page.goto(f"{here}?show=all")
    expect_saved(page)
    expect(cell(page, OTHER)).to_have_value("43")
    assert stored(site, page, OTHER) == "43"


def test_an_ended_session_keeps_what_was_typed(site, browser, page):
    site.sql("DELETE FROM django_session")
    cell(page, CODE).fill("47")
    cell(page, CODE).press("Enter")
    link = page.locator("#save-state a")
    expect(link).to_be_visible()
    expect(cell(page, CODE)).to_have_value("47")
    assert stored(site, page, CODE) == "41"
    with page.context.expect_page() as opened:
        link.click()
    account = site.accounts[CLERK]
    tab = opened.value
    tab.locator("input[name=login]").fill(account.login)
    tab.locator("input[name=password]").fill(account.password)
    tab.locator("input[name=password]").press("Enter")
    tab.wait_for_url("**/returns/*/*")
    expect_saved(tab)
    tab.close()
    page.reload()
    expect_saved(page)
    expect(cell(page, CODE)).to_have_value("47")
    assert stored(site, page, CODE) == "47"


def last_ids(site, page, code):
    """How often a change of a cell was carried out, and the cell's version."""
    number = int(re.search(r"\d+", address(page))[0])
    count = site.sql("SELECT count(*) FROM metrics_celloperation WHERE monthly_return_id = %s AND cell = %s", number, code)[0][0]
    statement = STORED.replace("f.raw", "f.version")
    return count, site.sql(statement, number, code)[0][0]


def test_a_lost_answer_makes_no_second_change_and_no_conflict_with_oneself(site, page):
    page.goto(f"{address(page)}?show=all")
    count, version = last_ids(site, page, OTHER)
    lost = []

    def lose_first(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())  # the server has it; the page never hears of it
        route.abort()

    page.route("**/cells/", lose_first)
    cell(page, OTHER).fill("51")
    cell(page, OTHER).press("Enter")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "waiting")
    assert stored(site, page, OTHER) == "51"
    cell(page, OTHER).fill("52")  # typed on before the answer comes
    cell(page, OTHER).press("Enter")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved", timeout=20_000)
    page.unroute("**/cells/")
    expect(page.locator("tr[data-conflict]")).to_have_count(0)
    assert stored(site, page, OTHER) == "52"
    assert last_ids(site, page, OTHER) == (count + 2, version + 2)


def test_the_banner_counts_what_waits_and_goes_when_it_is_sent(page):
    page.context.set_offline(True)
    for code, typed in ((CODE, "53"), (OTHER, "54")):
        cell(page, code).fill(typed)
        cell(page, code).press("Enter")
    expect(page.locator("#net-banner")).to_contain_text("2")
    page.context.set_offline(False)
    expect_saved(page)
    expect(page.locator("#net-banner")).to_be_hidden()


def test_signing_out_with_unsent_figures_asks_first_and_other_pages_tell_of_them(browser, page):
    here = address(page)
    asked = []

    def stay(dialog):
        asked.append(dialog.message)
        dialog.dismiss()

    page.route("**/cells/", lambda route: route.abort())
    cell(page, CODE).fill("57")
    cell(page, CODE).press("Enter")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "waiting")
    page.once("dialog", stay)
    page.locator("details.mr-user summary").click()
    page.locator("form[data-sign-out] button").click()
    assert "1" in asked[0]
    assert address(page) == here
    page.goto("/")
    expect(page.locator(f'#kept-elsewhere a[href="{here}"]')).to_be_visible()
    page.unroute("**/cells/")
    page.goto(f"{here}?show=all")
    expect_saved(page)
    page.goto("/")
    expect(page.locator("#kept-elsewhere")).to_be_hidden()
    page.goto(f"{here}?show=all")


def test_another_person_on_the_same_computer_neither_sees_nor_sends_it(site, browser, page):
    """The clerk types offline; somebody else signs in in another tab of the same browser; the clerk comes back."""
    here, account = address(page), site.accounts["longquan.head"]
    page.route("**/cells/", lambda route: route.abort())
    cell(page, CODE).fill("58")
    cell(page, CODE).press("Enter")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "waiting")
    # Every answer with a form in it sets the token's cookie: one still on its way would undo the other person's.
    expect(page.locator(f'#inspector form[data-keep="cell:{OTHER}:new"]')).to_be_attached()
    tab = page.context.new_page()
    sign_in(tab, account)
    tab.goto(f"{here}?show=all")
    assert "58" not in tab.locator("table.mg").inner_text().split()
    expect(tab.locator("#kept-elsewhere")).to_be_hidden()
    page.unroute("**/cells/")
    expect(page.locator("#net-banner")).to_contain_text("他人登录", timeout=20_000)
    assert stored(site, page, CODE) == "57"
    tab.context.clear_cookies()
    sign_in(tab, site.accounts[CLERK])
    tab.close()
    page.reload()
    expect_saved(page)
    assert stored(site, page, CODE) == "58"


def sign_in(tab, account):
    tab.context.clear_cookies()
    tab.goto("/accounts/sign-in/")
    tab.locator("input[name=login]").fill(account.login)
    tab.locator("input[name=password]").fill(account.password)
    tab.locator("input[name=password]").press("Enter")
    tab.wait_for_url(lambda url: "sign-in" not in url)


def test_a_return_approved_meanwhile_keeps_what_was_typed_readable_and_copyable(site, page):
    number = int(re.search(r"\d+", address(page))[0])
    state = site.sql("SELECT state FROM metrics_monthlyreturn WHERE id = %s", number)[0][0]
    site.sql("UPDATE metrics_monthlyreturn SET state = 'approved' WHERE id = %s", number)
    try:
        cell(page, CODE).fill("59")
        cell(page, CODE).press("Enter")
        kept = page.locator("#kept textarea")
        expect(kept).to_have_value(re.compile("59"))
        expect(cell(page, CODE)).to_have_value("59")
        assert stored(site, page, CODE) == "58"
        page.reload()
        expect(kept).to_have_value(re.compile("59"))
        page.locator("#kept button").first.click()
        assert "59" in page.evaluate("getSelection().toString()") or page.evaluate(
            "document.activeElement.matches('#kept textarea') && document.activeElement.selectionEnd > 0"
        )
    finally:
        site.sql("UPDATE metrics_monthlyreturn SET state = %s WHERE id = %s", state, number)
    page.reload()
    expect_saved(page)
    assert stored(site, page, CODE) == "59"


def test_a_return_closed_meanwhile_is_said_by_the_beat_before_anything_is_typed(site, page):
    number = int(re.search(r"\d+", address(page))[0])
    state = site.sql("SELECT state FROM metrics_monthlyreturn WHERE id = %s", number)[0][0]
    site.sql("UPDATE metrics_monthlyreturn SET state = 'submitted' WHERE id = %s", number)
    try:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator("#kept")).to_be_visible()
    finally:
        site.sql("UPDATE metrics_monthlyreturn SET state = %s WHERE id = %s", state, number)
    page.reload()
    expect(page.locator("#kept")).to_be_hidden()


# Forms and comments: what is typed outlives the session, and comes back only where it belongs.

NAMED = "/items/?list=%s&year=%s"
LISTS = (
    "SELECT l.code, h.year FROM metrics_namedlist l JOIN metrics_highlight h ON h.named_list_id = l.id "
    "JOIN accounts_unit u ON u.id = h.unit_id "
    "WHERE u.name = '龙泉镇' ORDER BY h.id LIMIT 1"
)
NOTE = ".mr-draft"


@pytest.fixture
def items(site, page):
    """The page of a list of named items, without anything kept."""
    code, year = site.sql(LISTS)[0]
    page.goto(NAMED % (code, year))
    if "sign-in" in page.url:
        sign_in_here(site, page)
    page.evaluate("localStorage.clear()")
    page.reload()
    return page


def end_session(site):
    site.sql("DELETE FROM django_session")


def sign_in_here(site, page, login=CLERK):
    """Sign in on the page that asks for it."""
    page.locator("input[name=login]").fill(site.accounts[login].login)
    page.locator("input[name=password]").fill(site.accounts[login].password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


def sign_in_beside(site, page, login=CLERK):
    """Follow the link of a failed sending: a new tab, in which one signs in."""
    with page.context.expect_page() as opened:
        page.locator("[data-fault] a").click()
    sign_in_here(site, opened.value, login)
    opened.value.close()


def test_a_form_sent_after_the_session_ended_comes_back_with_what_was_typed(site, items):
    here = items.url
    items.locator("#id_name").fill("会话结束时写的")
    end_session(site)
    with items.expect_navigation():
        items.locator(".lg-do button[type=submit]").click()
    expect(items.locator("main [role=status]").first).to_be_visible()
    sign_in_here(site, items)
    assert items.url == here
    expect(items.locator("#id_name")).to_have_value("会话结束时写的")
    expect(items.locator(NOTE)).to_be_visible()
    with items.expect_navigation():
        items.locator(".lg-do button[type=submit]").click()
    expect(items.locator("main tbody th").first).to_be_visible()
    assert "会话结束时写的" in items.locator("main").inner_text()
    items.goto(here)
    expect(items.locator("#id_name")).to_have_value("")
    expect(items.locator(NOTE)).to_have_count(0)
    assert items.evaluate("Object.keys(localStorage).filter(key => key.startsWith('twr:draft:'))") == []


def test_a_form_whose_answer_never_came_keeps_its_draft(site, items):
    here = items.url
    items.locator("#id_name").fill("服务器停了")
    site.stop("web")
    items.locator(".lg-do button[type=submit]").click()
    items.wait_for_timeout(500)
    site.start_web()
    items.goto("/")
    items.goto(here)
    expect(items.locator("#id_name")).to_have_value("服务器停了")
    items.locator(f"{NOTE} button").click()
    expect(items.locator("#id_name")).to_have_value("")
    items.goto(here)
    expect(items.locator(NOTE)).to_have_count(0)


def test_a_refused_form_keeps_its_draft_until_it_is_taken(site, items):
    here = items.url
    items.locator("#id_name").fill("字" * 400)
    expect(items.locator(".mr-count")).to_contain_text("400")
    items.locator(".lg-do button[type=submit]").click()
    assert items.url == here, "a text that is too long is not sent"
    expect(items.locator("#id_name")).to_have_value("字" * 400)
    items.locator("#id_name").fill("短一些的")
    with items.expect_navigation():
        items.locator(".lg-do button[type=submit]").click()
    items.goto(here)
    expect(items.locator(NOTE)).to_have_count(0)


def test_a_draft_of_what_somebody_changed_meanwhile_stands_beside_and_overwrites_nothing(site, items):
    items.locator('main a[href^="/items/"]:has-text("修改"), main td a[href^="/items/"]').first.click()
    items.wait_for_url(re.compile(r"/items/\d+/"))
    here, stored = items.url, items.locator("#id_name").input_value()
    items.locator("#id_name").fill("我改的名称")
    site.sql("UPDATE metrics_highlight SET version = version + 1 WHERE id = %s", int(re.search(r"\d+/$", here)[0][:-1]))
    items.goto(here)
    expect(items.locator("#id_name")).to_have_value(stored)
    expect(items.locator(f"#drafts {NOTE} textarea")).to_have_value(re.compile("我改的名称"))
    items.locator(f"#drafts {NOTE} button").click()
    items.goto(here)
    expect(items.locator(NOTE)).to_have_count(0)


def test_a_draft_is_nobody_elses(site, items):
    here = items.url
    items.locator("#id_name").fill("文员自己的话")
    sign_in(items, site.accounts["longquan.head"])
    items.goto(here)
    assert "文员自己的话" not in items.content()
    expect(items.locator(NOTE)).to_have_count(0)
    items.goto("/")
    expect(items.locator(NOTE)).to_have_count(0)
    sign_in(items, site.accounts[CLERK])
    items.goto("/")
    items.locator(f"{NOTE} a").click()
    assert items.url == here
    expect(items.locator("#id_name")).to_have_value("文员自己的话")
    items.locator(f"{NOTE} button").click()


def test_a_comment_after_the_session_ended_says_so_and_goes_through_after_signing_in(site, page):
    number = site.sql(
        "SELECT r.id FROM metrics_monthlyreturn r JOIN accounts_unit u ON u.id = r.unit_id "
        "WHERE u.name = '龙泉镇' AND r.state = 'draft' ORDER BY r.id DESC LIMIT 1"
    )[0][0]
    page.goto(f"/returns/{number}/?show=all&cell={CODE}")
    page.locator("#inspector details.note summary").click()
    page.locator("#comment-text").fill("会话结束时的说明")
    end_session(site)
    page.locator("#inspector form:has(#comment-text) button").click()
    expect(page.locator("#inspector [data-fault=login]")).to_be_visible()
    expect(page.locator("#comment-text")).to_have_value("会话结束时的说明")
    sign_in_beside(site, page)
    page.locator("#inspector form:has(#comment-text) button").click()
    expect(page.locator("#inspector .talk").last).to_contain_text("会话结束时的说明")
    expect(page.locator("#inspector [data-fault]")).to_have_count(0)
    page.goto(f"/returns/{number}/?show=all&cell={CODE}")
    expect(page.locator(NOTE)).to_have_count(0)
    assert site.sql("SELECT count(*) FROM workflow_comment WHERE text = '会话结束时的说明'")[0][0] == 1


REVIEWER = "district.reviewer1"


@pytest.fixture
def report(site, browser):
    """A reviewer's window at a report under review, its state given back afterwards."""
    number, state = site.sql("SELECT id, state FROM reports_report ORDER BY id LIMIT 1")[0]
    site.sql("UPDATE reports_report SET state = 'in_review' WHERE id = %s", number)
    window = browser.window(REVIEWER).page
    window.goto("/")
    if "sign-in" in window.url:
        sign_in_here(site, window, REVIEWER)
    window.goto(f"/reports/{number}/")
    yield window, number
    site.sql("UPDATE reports_report SET state = %s WHERE id = %s", state, number)


def open_comment(window):
    form = window.locator("details.rp-comment").nth(2)
    form.locator("summary").click()
    return form


def test_a_comment_on_a_report_says_at_its_place_why_it_was_not_taken(site, report):
    window, number = report
    form = open_comment(window)
    form.locator("textarea").fill("这一段再核实")
    end_session(site)
    form.locator("button").click()
    expect(form.locator("[data-fault=login]")).to_be_visible()
    sign_in_beside(site, window, REVIEWER)
    site.sql("UPDATE reports_report SET state = 'approved' WHERE id = %s", number)
    form.locator("button").click()
    expect(form.locator("[data-fault=refused]")).to_be_visible()
    expect(form.locator("textarea")).to_have_value("这一段再核实")
    site.sql("UPDATE reports_report SET state = 'in_review' WHERE id = %s", number)
    form.locator("button").click()
    expect(window.locator(".talk", has_text="这一段再核实")).to_be_visible()
    window.reload()
    expect(window.locator(NOTE)).to_have_count(0)


def test_a_half_typed_comment_stays_when_the_page_is_drawn_anew(site, report):
    window, _number = report
    comments = window.locator("details.rp-comment")
    comments.nth(4).locator("summary").click()
    comments.nth(4).locator("textarea").fill("写到一半")
    window.evaluate(
        """async () => {
          const block = document.querySelectorAll("details.rp-comment")[4].closest("[data-block]");
          const html = block.outerHTML.replace(" open", "");
          const headers = {"Content-Type": "application/json"};
          window.fetch = async () => new Response(JSON.stringify({message: "", parts: {[block.id]: html}}), {headers});
        }"""
    )
    comments.nth(5).locator("summary").click()
    comments.nth(5).locator("textarea").fill("送出的")
    comments.nth(5).locator("button").click()
    expect(comments.nth(5).locator("textarea")).to_have_value("")
    expect(comments.nth(4).locator("textarea")).to_be_visible()
    expect(comments.nth(4).locator("textarea")).to_have_value("写到一半")
    window.evaluate("localStorage.clear()")


def test_an_open_editor_stays_open_when_the_page_is_drawn_anew(site, browser):
    number, state, unit = site.sql(
        "SELECT r.id, r.state, u.name FROM reports_report r JOIN accounts_unit u ON u.id = r.unit_id ORDER BY r.id LIMIT 1"
    )[0]
    clerk = next(row.login for row in site.accounts.values() if row.role == "township_clerk" and row.unit == unit)
    site.sql("UPDATE reports_report SET state = 'draft' WHERE id = %s", number)
    try:
        window = browser.window(clerk).page
        window.goto(f"/reports/{number}/")
        window.locator("[data-block] [data-edit]").nth(6).evaluate("link => link.click()")
        text = window.locator("[data-editor] textarea[name=text]")
        stored = text.input_value()
        drop = window.locator('form[action$="/drop/"] button, form[action$="/restore/"] button').last
        for typed in (stored, stored + "写到一半。"):
            text.fill(typed)
            with window.expect_response(lambda answer: answer.request.method == "POST") as answered:
                drop.evaluate("button => button.click()")
            assert answered.value.status == 200
            window.wait_for_timeout(800)
            expect(text).to_have_value(typed)
        window.evaluate("localStorage.clear()")
        window.once("dialog", lambda dialog: dialog.accept())
        window.goto("about:blank")
    finally:
        site.sql("UPDATE reports_report SET state = %s WHERE id = %s", state, number)
