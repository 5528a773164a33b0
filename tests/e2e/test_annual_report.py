"""A year's report from a typed figure to the official PDF: a corrected month, assembly, editing, approval, export."""

import json

import pdfplumber
import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.e2e.browser import deed, expect_state, export_as
from tests.e2e.grid import cell, expect_saved, explain
from tests.reports.office_reading import book_texts, word_text

YEAR = timezone.localdate().year - 1
CLERK, HEAD, REVIEWER, TOWNSHIP = "chengguan.clerk", "chengguan.head", "district.reviewer2", "城关街道"
CODE, NAME, TYPED = "ideology_study_book_count", "购发学习书籍", 7391
SENTENCE = f"十二月集中购发学习书籍【{NAME}|12月|本】。"


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
def december(site):
    """The address of last year's December return, which is approved."""
    rows = site.sql(
        "SELECT r.id FROM metrics_monthlyreturn r JOIN accounts_unit u ON u.id = r.unit_id "
        "WHERE u.name = %s AND r.year = %s AND r.month = 12", TOWNSHIP, YEAR,
    )  # fmt: skip
    return f"/returns/{rows[0][0]}/"


@pytest.fixture(scope="module")
def made():
    """What one step leaves for the next: the report's address, the file."""
    return {}


def test_1_an_approved_month_is_reopened_with_a_reason_and_corrected(clerk, head, reviewer, december):
    reviewer.page.goto(december)
    deed(reviewer, "reopen", reason="购书数漏计年末一批。")
    expect_state(reviewer, "returned")
    page = clerk.page
    page.goto(f"{december}?show=all")
    cell(page, CODE).fill(str(TYPED))
    cell(page, CODE).press("Enter")
    expect_saved(page)
    explain(page, CODE, "年末集中购发一批。")
    page.goto(december)
    deed(clerk, "submit")
    expect_state(clerk, "awaiting_signoff")
    head.page.goto(december)
    deed(head, "sign_off")
    reviewer.page.goto(december)
    deed(reviewer, "start_review")
    expect_state(reviewer, "in_review")
    deed(reviewer, "approve")
    expect_state(reviewer, "approved")


def test_2_the_report_assembles_itself(clerk, made):
    page = clerk.page
    page.goto("/reports/")
    page.locator(f'form:has(input[name="year"][value="{YEAR}"]) button').click()
    page.wait_for_url("**/reports/*/")
    made["address"] = page.url.split("#")[0].removeprefix(page.url.split("/reports/")[0])
    expect_state(clerk, "draft")
    expect(page.locator(".doc section.blk.lv1").first).to_be_visible()
    expect(page.locator(".rp-title")).to_contain_text(str(YEAR))
    expect(page.locator(".doc")).to_contain_text("一是")


def test_3_a_paragraph_is_text_with_tokens(clerk, made):
    page = clerk.page
    block = page.locator("section.blk.rp-paragraph").first
    key = block.get_attribute("data-block")
    block.hover()
    block.locator("a[data-edit]").click()
    box = page.locator(f'section.blk.edit[data-block="{key}"] textarea[name="text"]')
    box.fill(box.input_value() + "【没有这个指标|12月|本】")
    page.locator("[data-save]").click()
    expect(page.locator(".rp-errors").first).to_be_visible()
    assert box.input_value().endswith("【没有这个指标|12月|本】"), "what was refused still stands in the box"
    box.fill(box.input_value().replace("【没有这个指标|12月|本】", SENTENCE))
    box.press("Control+Enter")
    expect(page.locator(f'section.blk[data-block="{key}"]:not(.edit)')).to_contain_text(f"购发学习书籍{TYPED}本")


def test_4_the_preview_shows_the_sheet(clerk, made):
    page = clerk.page
    page.goto(f"{made['address']}preview/")
    expect(page.locator("main")).to_contain_text(f"{TYPED}本")
    expect(page.locator("main")).to_contain_text(TOWNSHIP)


def test_5_submitted_signed_off_and_approved(clerk, head, reviewer, made):
    for person, name, state in (
        (clerk, "submit", "awaiting_signoff"), (head, "sign_off", "submitted"), (reviewer, "start_review", "in_review"),
        (reviewer, "approve", "approved"),
    ):  # fmt: skip
        person.page.goto(made["address"])
        deed(person, name)
        expect_state(person, state)
    reviewer.page.goto(f"{made['address']}rounds/")
    expect(reviewer.page.locator("main")).to_contain_text("1")


def test_6_the_pdf_is_made_by_the_worker_and_holds_the_typed_figure(clerk, made, tmp_path):
    page = clerk.page
    page.goto(made["address"])
    export_as(page, "pdf")
    page.wait_for_url("**/jobs/*/")
    link = page.locator('a[href$="/download/"]')
    expect(link).to_be_visible(timeout=60_000)
    with page.expect_download() as got:
        link.click()
    assert got.value.suggested_filename == f"{TOWNSHIP}_{YEAR}年度宣传工作总结和{YEAR + 1}年工作计划.pdf"
    got.value.save_as(tmp_path / "report.pdf")
    with pdfplumber.open(tmp_path / "report.pdf") as pdf:
        text = "".join((page.extract_text() or "").replace("\n", "") for page in pdf.pages)
        assert len(pdf.pages) > 3
        assert {(round(page.width), round(page.height)) for page in pdf.pages} <= {(595, 842), (842, 595)}
    assert f"购发学习书籍{TYPED}本" in text.replace(" ", "")
    assert "未经审核" not in text


def test_7_the_same_content_again_is_served_from_the_store(clerk, made, site):
    page = clerk.page
    page.goto(made["address"])
    before = site.sql("SELECT count(*) FROM workflow_job WHERE state = 'done'")
    export_as(page, "pdf")
    page.wait_for_url("**/jobs/*/")
    with page.expect_download() as got:
        page.locator('a[href$="/download/"]').click()
    assert got.value.suggested_filename.endswith(".pdf")
    assert site.sql("SELECT count(*) FROM workflow_job WHERE state = 'done'") == before


def test_8_word_excel_and_json_are_made_too_and_the_code_leads_back(clerk, made, tmp_path):
    page, files = clerk.page, {}
    for file_format in ("docx", "xlsx", "json"):
        page.goto(made["address"])
        export_as(page, file_format)
        page.wait_for_url("**/jobs/*/")
        link = page.locator('a[href$="/download/"]')
        expect(link).to_be_visible(timeout=60_000)
        with page.expect_download() as got:
            link.click()
        assert got.value.suggested_filename.endswith(f".{file_format}")
        got.value.save_as(tmp_path / f"report.{file_format}")
        files[file_format] = (tmp_path / f"report.{file_format}").read_bytes()
    told = json.loads(files["json"])
    typed = f"购发学习书籍{TYPED}本"
    assert typed in word_text(files["docx"])
    assert any(typed in text for text in book_texts(files["xlsx"]))
    page.goto(f"/reports/verify/?code={told['verification_code']}")
    page.locator('input[type="file"]').set_input_files(tmp_path / "report.docx")
    page.locator("main form button").click()
    expect(page.locator(".rp-verdict.ok")).to_have_count(2)
    expect(page.locator(".rp-verdict").last).to_contain_text("Word")


def test_9_nobody_complained(clerk, head, reviewer):
    unexpected = [words for words in clerk.complaints + head.complaints + reviewer.complaints if "422" not in words]
    assert unexpected == [], "the one 422 is the token that cannot stand"
