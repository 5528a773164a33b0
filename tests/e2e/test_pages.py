"""Every page at three widths: no accessibility fault, no policy violation, no error in the console, no sideways scrolling."""

from datetime import date

import pytest

from tests.e2e.axe import SIDEWAYS, axe_faults, faults_at_every_width
from tests.urls_checker import every_pattern

CLERK, HEAD, REVIEWER, ADMIN = "qingyun.clerk", "qingyun.head", "district.reviewer1", "district.admin"
AUDITOR, VILLAGE = "district.auditor", "liutang.clerk"
RETURN = "SELECT r.id FROM metrics_monthlyreturn r JOIN accounts_unit u ON u.id = r.unit_id WHERE "
REPORT = "SELECT r.id FROM reports_report r WHERE "
IN_TOWN = "r.unit_id = (SELECT id FROM accounts_unit WHERE name = '青云镇')"
IN_DISTRICT = "r.unit_id = (SELECT id FROM accounts_unit WHERE kind = 'district')"
# How to find the object of a page: statements that give one id.
FINDERS = {
    "open": RETURN + "u.name = '青云镇' AND r.state = 'draft' LIMIT 1",
    "returned": RETURN + "u.name = '青云镇' AND r.state = 'returned' LIMIT 1",
    "approved": RETURN + "u.name = '青云镇' AND r.state = 'approved' ORDER BY r.year, r.month LIMIT 1",
    "reviewed": RETURN + "r.state = 'in_review' LIMIT 1",
    "waiting": RETURN + "r.state = 'submitted' LIMIT 1",
    "signing": RETURN + "u.name = '永安镇' AND r.state = 'awaiting_signoff' LIMIT 1",
    "report": REPORT + f"r.state = 'approved' AND {IN_TOWN} LIMIT 1",
    "own": REPORT + f"r.state = 'approved' AND {IN_DISTRICT} LIMIT 1",
    "draft": REPORT + "r.state = 'draft' AND r.unit_id = (SELECT id FROM accounts_unit WHERE name = '石埠镇') LIMIT 1",
    "figure": "SELECT f.id FROM reports_boundfigure f JOIN reports_report r ON r.id = f.report_id "
    f"WHERE r.state = 'approved' AND {IN_TOWN} LIMIT 1",
    "own_figure": "SELECT f.id FROM reports_boundfigure f JOIN reports_report r ON r.id = f.report_id "
    f"WHERE r.state = 'approved' AND {IN_DISTRICT} LIMIT 1",
    "block": "SELECT b.key FROM reports_block b JOIN reports_report r ON r.id = b.report_id "
    "JOIN accounts_unit u ON u.id = r.unit_id WHERE r.state = 'draft' AND u.name = '石埠镇' AND b.kind = 'paragraph' "
    "ORDER BY b.order LIMIT 1",
    "item": "SELECT h.id FROM metrics_highlight h JOIN accounts_unit u ON u.id = h.unit_id WHERE u.name = '青云镇' LIMIT 1",
    "list": "SELECT code FROM metrics_namedlist ORDER BY id LIMIT 1",
    "entry": "SELECT id FROM metrics_studysession ORDER BY date LIMIT 1",
    "township": "SELECT id FROM accounts_unit WHERE name = '青云镇'",
    "ended": "SELECT id FROM accounts_unit WHERE successor_id IS NOT NULL ORDER BY id LIMIT 1",
    "merged_township": "SELECT parent_id FROM accounts_unit WHERE successor_id IS NOT NULL ORDER BY id LIMIT 1",
    "set": "SELECT id FROM metrics_catalogue WHERE state = 'draft' LIMIT 1",
    "shipped": "SELECT id FROM metrics_catalogue WHERE district_id IS NULL LIMIT 1",
    "indicator": "SELECT i.id FROM metrics_indicator i JOIN metrics_catalogue c ON c.id = i.catalogue_id "
    "WHERE c.state = 'draft' AND i.code = 'civ_visit_person_times'",
    "template": "SELECT id FROM reports_reporttemplate WHERE state = 'draft' LIMIT 1",
    "standing": "SELECT id FROM reports_reporttemplate WHERE state = 'published' LIMIT 1",
    "kind": "SELECT l.id FROM metrics_namedlist l JOIN metrics_catalogue c ON c.id = l.catalogue_id "
    "WHERE c.state = 'draft' LIMIT 1",
}
# pattern or variant: (who, address with ids to be found)
PAGES = {
    "accounts:login": ("", "/accounts/sign-in/"),
    "accounts:password": (CLERK, "/accounts/password/"),
    "workbench": (CLERK, "/"),
    "workbench head": (HEAD, "/"),
    "workbench reviewer": (REVIEWER, "/"),
    "workbench admin": (ADMIN, "/"),
    "workbench auditor": (AUDITOR, "/"),
    "workbench village": (VILLAGE, "/"),
    "workflow:job_list": (CLERK, "/jobs/"),
    "workflow:account_list": (ADMIN, "/district/accounts/"),
    "workflow:account_create": (ADMIN, "/district/accounts/new/"),
    "metrics:unit_list": (ADMIN, "/district/units/"),
    "metrics:unit_detail": (ADMIN, "/district/units/{merged_township}/"),
    "metrics:unit_population": (ADMIN, "/district/units/{merged_township}/population/"),
    "metrics:village_create": (ADMIN, "/district/units/{township}/villages/new/"),
    "metrics:village_merge": (ADMIN, "/district/units/{township}/villages/merge/"),
    "metrics:village_detail": (ADMIN, "/district/villages/{ended}/"),
    "metrics:return_list": (CLERK, "/returns/"),
    "metrics:queue": (REVIEWER, "/review/"),
    "metrics:board": (REVIEWER, "/board/"),
    "metrics:return_detail": (CLERK, "/returns/{open}/?show=all"),
    "metrics:return_detail cell": (CLERK, "/returns/{open}/?show=all&cell=ideology_study_book_count"),
    "metrics:return_detail returned": (CLERK, "/returns/{returned}/"),
    "metrics:return_detail approved": (AUDITOR, "/returns/{approved}/?show=all"),
    "metrics:return_detail review": (REVIEWER, "/returns/{reviewed}/?show=all&cell=ideology_study_book_count"),
    "metrics:deed submit": (CLERK, "/returns/{open}/submit/"),
    "metrics:deed sign": ("yongan.head", "/returns/{signing}/sign_off/"),
    "metrics:deed": (REVIEWER, "/returns/{reviewed}/send_back/"),
    "metrics:rounds": (CLERK, "/returns/{returned}/rounds/"),
    "metrics:round_detail": (CLERK, "/returns/{returned}/rounds/1/"),
    "metrics:return_print": (CLERK, "/returns/{approved}/print/"),
    "metrics:item_list": (CLERK, "/items/"),
    "metrics:item_list list": (CLERK, "/items/?list={list}"),
    "metrics:item_create": (CLERK, "/items/new/{list}/"),
    "metrics:item_detail": (CLERK, "/items/{item}/"),
    "metrics:ledger_index": (CLERK, "/ledgers/"),
    "metrics:ledger_index district": (ADMIN, "/ledgers/"),
    "metrics:ledger_list": (CLERK, "/ledgers/study/"),
    "metrics:ledger_list media": (CLERK, "/ledgers/media/?copy=last"),
    "metrics:ledger_list inspection": (HEAD, "/ledgers/inspection/?kind=routine"),
    "metrics:ledger_list activity": (CLERK, "/ledgers/vol_activity/?month=9"),
    "metrics:ledger_list district": (AUDITOR, "/ledgers/practice/"),
    "metrics:ledger_entry": (CLERK, "/ledgers/study/{entry}/"),
    "metrics:settings": (ADMIN, "/settings/"),
    "metrics:import_start": (CLERK, "/ledgers/study/import/"),
    "metrics:return_import": (CLERK, "/returns/{open}/import/"),
    "metrics:return_print empty": (CLERK, "/returns/{approved}/print/?empty=1"),
    "metrics:catalogue_list": (ADMIN, "/sets/"),
    "metrics:catalogue_detail": (ADMIN, "/sets/{set}/"),
    "metrics:catalogue_detail shipped": (ADMIN, "/sets/{shipped}/"),
    "metrics:catalogue_preview": (ADMIN, "/sets/{set}/preview/"),
    "metrics:catalogue_publish": (ADMIN, "/sets/{set}/publish/"),
    "metrics:indicator_create": (ADMIN, "/sets/{set}/indicators/new/practice/"),
    "metrics:indicator_detail": (ADMIN, "/indicators/{indicator}/"),
    "metrics:named_list_create": (ADMIN, "/sets/{set}/lists/new/practice/"),
    "metrics:named_list_detail": (ADMIN, "/named-lists/{kind}/"),
    "metrics:target_list": (ADMIN, "/targets/"),
    "volunteers:village_sheet": (CLERK, "/returns/{open}/villages/"),
    "volunteers:village_sheet read": (REVIEWER, "/returns/{reviewed}/villages/"),
    "volunteers:village_sheet own": (VILLAGE, "/returns/{open}/villages/"),
    "reports:report_list": (CLERK, "/reports/"),
    "reports:report_list district": (REVIEWER, "/reports/"),
    "reports:report_detail": (CLERK, "/reports/{report}/"),
    "reports:report_detail draft": ("shibu.clerk", "/reports/{draft}/"),
    "reports:block_edit": ("shibu.clerk", "/reports/{draft}/blocks/{block}/"),
    "reports:block_insert": ("shibu.clerk", "/reports/{draft}/blocks/{block}/insert/"),
    "reports:report_head": ("shibu.clerk", "/reports/{draft}/head/"),
    "reports:report_preview": (CLERK, "/reports/{report}/preview/"),
    "reports:figure_trace": (CLERK, "/reports/{report}/figures/{figure}/"),
    "reports:report_detail own": (REVIEWER, "/reports/{own}/"),
    "reports:figure_trace own": (AUDITOR, "/reports/{own}/figures/{own_figure}/"),
    "reports:report_version own": (ADMIN, "/reports/{own}/versions/1/"),
    "reports:report_rounds own": (ADMIN, "/reports/{own}/rounds/"),
    "reports:report_deed own": (ADMIN, "/reports/{own}/deed/reopen/"),
    "reports:report_rounds": (CLERK, "/reports/{report}/rounds/"),
    "reports:report_round": (CLERK, "/reports/{report}/rounds/1/"),
    "reports:report_version": (CLERK, "/reports/{report}/versions/1/"),
    "reports:version_compare": (CLERK, "/reports/{report}/versions/compare/"),
    "reports:report_batch": (REVIEWER, "/reports/batch/"),
    "metrics:comparison": (REVIEWER, "/comparison/"),
    "reports:report_verify": (CLERK, "/reports/verify/"),
    "reports:report_deed": ("shibu.clerk", "/reports/{draft}/deed/submit/"),
    "reports:template_list": (ADMIN, "/reports/templates/"),
    "reports:monthly_form": (ADMIN, f"/reports/templates/monthly/{date.today().year}/"),
    "reports:template_list reviewer": (REVIEWER, "/reports/templates/"),
    "reports:template_detail": (ADMIN, "/reports/templates/{template}/"),
    "reports:template_detail shipped": (REVIEWER, "/reports/templates/{standing}/"),
    "reports:template_head": (ADMIN, "/reports/templates/{template}/head/"),
    "reports:template_facts": (ADMIN, "/reports/templates/{template}/facts/"),
    "reports:template_block_create": (ADMIN, "/reports/templates/{template}/blocks/new/?kind=heading&after=opening"),
    "reports:template_block": (ADMIN, "/reports/templates/{template}/blocks/s1.7.1/"),
    "reports:template_trial": (ADMIN, "/reports/templates/{template}/trial/"),
    "reports:template_publish": (ADMIN, "/reports/templates/{template}/publish/"),
    "not found": (CLERK, "/returns/987654321/"),
    "not allowed": (CLERK, "/review/"),
}  # fmt: skip
# Answers that are no pages, and pages that other tests here open: a job is walked in test_exports, an import in test_imports.
NO_PAGES = {
    "health", "accounts:logout", "workflow:job_status", "workflow:job_cancel", "workflow:job_download", "workflow:job_detail",
    "metrics:import_detail", "metrics:import_columns", "metrics:import_row", "metrics:import_confirm", "metrics:import_undo",
    "metrics:import_marked", "metrics:ledger_template", "metrics:ledger_export", "metrics:return_template",
    "metrics:return_export", "metrics:return_pdf", "metrics:return_list_export", "metrics:board_export", "metrics:item_export",
    "volunteers:export_sheet",
    "workflow:account_disable", "workflow:account_enable", "workflow:account_reset", "metrics:save_cells", "metrics:cell_panel",
    "metrics:add_comment", "metrics:resolve_comment", "metrics:item_remove", "metrics:item_restore", "metrics:cell_evidence",
    "metrics:entry_evidence",
    "metrics:evidence_link", "metrics:evidence_file", "metrics:evidence_small", "metrics:ledger_remove",
    "metrics:ledger_restore", "volunteers:save_sheet", "metrics:return_beat", "volunteers:sheet_beat", "reports:report_create",
    "metrics:catalogue_copy", "metrics:catalogue_discard", "metrics:indicator_move", "metrics:indicator_retire",
    "metrics:indicator_restore", "metrics:indicator_remove", "metrics:named_list_move", "metrics:target_fill",
    "metrics:target_save", "metrics:village_end", "metrics:village_rename_from",
    "reports:report_export", "reports:report_pages", "reports:pages_status", "reports:page_picture", "reports:trial_pages",
    "reports:figures_update", "reports:token_preview",
    "reports:template_copy_year", "reports:template_copy", "reports:template_discard", "reports:template_block_move",
    "reports:template_block_remove", "reports:template_trial_print",
    "reports:plan_item_add", "reports:plan_item_edit", "reports:plan_item_remove", "reports:plan_item_move",
    "reports:plan_outcome",  # see test_plan
    "reports:block_move", "reports:block_delete", "reports:deed_undo", "reports:report_here",  # see test_composer
    "reports:figure_keep", "reports:figure_rebind", "reports:figure_release", "reports:figure_update",  # see test_trace
    "metrics:comparison_export",
    "reports:block_update", "reports:block_drop", "reports:block_restore", "reports:comment_add", "reports:comment_resolve",
    "reports:finding_confirm", "reports:finding_fix",
}  # fmt: skip


def test_every_page_is_looked_at():
    walked = {name.split(" ")[0] for name in PAGES}
    missing = sorted(set(every_pattern()) - walked - NO_PAGES)
    assert not missing, f"Add these addresses to PAGES (or to NO_PAGES when they show no page): {missing}"


def test_the_walk_sees_faults(browser):
    """A walk that finds nothing must be able to find something: one planted fault of each kind."""
    person = browser.window("", width=390)
    page = person.page
    page.goto("/accounts/sign-in/")
    page.evaluate("""() => {
      const add = (tag, facts) => document.querySelector("main").append(Object.assign(document.createElement(tag), facts));
      add("img", {src: "/static/icon.svg"});
      add("script", {textContent: "1"});
      add("div", {className: "text-nowrap", textContent: "m ".repeat(999)});
    }""")
    assert any(fault.startswith("image-alt") for fault in axe_faults(page))
    assert any("CSP: script-src" in words for words in person.complaints)
    assert page.evaluate(SIDEWAYS) > 0


@pytest.fixture(scope="module")
def found(site, browser):
    """The ids that addresses name; drafts of a set and of a report template are made for it."""
    page = browser.window(ADMIN).page
    page.goto("/sets/")
    page.locator("#target").select_option(index=-1 + page.locator("#target option").count())
    page.locator("form[action='/sets/copy/'] button").click()
    page.wait_for_load_state()
    page.goto("/reports/templates/")
    page.locator("form[action$='/templates/copy/'] button").click()
    page.wait_for_load_state()
    return {name: site.sql(statement)[0][0] for name, statement in FINDERS.items()}


@pytest.mark.parametrize("name", PAGES)
def test_page(browser, found, name):
    login, address = PAGES[name]
    person = browser.window(login)
    faults = look_at(person, address.format(**found), name)
    assert not faults, "\n".join(faults)


def look_at(person, address: str, name: str) -> list[str]:
    """Open a page, look at it at each width, and return what is wrong with it."""
    page, faults = person.page, []
    before = len(person.complaints)
    answer = page.goto(address)
    faults += faults_at_every_width(page, name)
    expected = f"status of {answer.status}"
    return faults + [words for words in person.complaints[before:] if answer.ok or expected not in words]
