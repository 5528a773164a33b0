"""The entry grid and the village sheet as a person uses them: by keyboard, watching what each cell shows."""

import re

from playwright.sync_api import Page, expect

NUMBER = re.compile(r"[\d,]+(?:\.\d+)?")
# The cells a person fills, in the order of the page, with what last month's column (or line) shows.
CELLS = """inputs => inputs.filter(el => el.offsetParent).map(el => {
  const row = el.closest("tr"), mark = el.parentElement.querySelector(".lm");
  const last = mark ? mark.textContent : (row.querySelectorAll("td.num")[1] || {textContent: ""}).textContent;
  return {cell: el.id.slice(2), last: last.trim(), value: el.value};
})"""


def cell(page: Page, code: str):
    """The input of a cell."""
    return page.locator(f'[id="c-{code}"]')


def expect_saved(page: Page) -> None:
    """The page says that everything is saved, and no cell shows otherwise."""
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    expect(page.locator("td.cell[data-s]")).to_have_count(0)


def expect_kind(page: Page, code: str, kind: str) -> None:
    """The cell shows which of the kinds of figure it holds."""
    expect(cell(page, code).locator("xpath=..")).to_have_class(re.compile(rf"\bv-{kind}\b"))


def output(page: Page, name: str) -> str:
    """The text of a calculated place."""
    return page.locator(f'output[data-out="{name}"]').first.inner_text()


def number(text: str) -> float:
    """The number in a text, 0 when there is none."""
    found = NUMBER.search(text)
    return float(found[0].replace(",", "")) if found else 0


def fill_like_last_month(page: Page) -> int:
    """Type last month's figures into every cell, Enter after each; what had no number stays what it was. Returns the count."""
    wanted = page.locator("td.cell input").evaluate_all(CELLS)
    cell(page, wanted[0]["cell"]).click()
    for place in wanted:
        focused = page.evaluate("document.activeElement.id.slice(2)")
        if focused != place["cell"]:  # a village's row has several cells: Enter goes down, Tab along
            cell(page, place["cell"]).focus()
        page.keyboard.insert_text(last_figure(place))  # a cell is selected when it is entered
        page.keyboard.press("Enter")
    expect_saved(page)
    return len(wanted)


def last_figure(place: dict) -> str:
    """What to type for a cell: last month's number or absence, what stands there, or 0."""
    if found := NUMBER.search(place["last"].split()[-1] if place["last"] else ""):
        return found[0].replace(",", "")
    if any(word in place["last"] for word in ("不适用", "未统计", "未作统计")):
        return "不适用" if "不适用" in place["last"] else "未统计"
    return place["value"] or "0"


def explain(page: Page, code: str, words: str) -> None:
    """Explain a query in the inspector, if the message under the row asks for it."""
    asks = page.locator(f'tr.msg[data-of="{code}"] a[data-cell]')
    if not asks.count():
        return
    asks.first.click()
    expect(page.locator(f'#inspector [data-evidence="{code}"]')).to_have_count(1)  # of this cell, not the one before
    page.locator("#inspector #explanation").fill(words)
    page.locator("#inspector form[data-explain] button[type=submit]").click()
    expect_saved(page)
