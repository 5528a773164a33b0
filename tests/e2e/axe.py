"""What a page looks like at every width: accessibility by axe, sideways scrolling, a picture to look at."""

from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.browser import WIDTHS

ROOT = Path(__file__).resolve().parents[2]
AXE = (ROOT / "tests/vendor/axe-core-4.14.1/axe.min.js").read_text(encoding="utf-8")
PICTURES = ROOT / "test-artifacts"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN_AXE = """async ([tags, within]) => {
  const found = await axe.run(within || document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
  return found.violations.map(fault => `${fault.id}: ${fault.nodes.slice(0, 3).map(node => node.target.join(" ") + " | "
    + node.html.slice(0, 160) + " | " + (node.failureSummary || "").slice(0, 240)).join(" ;; ")}`);
}"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def axe_faults(page: Page, within: str = "") -> list[str]:
    """Return what axe finds on the page as it stands, or in a part of it (a selector)."""
    page.evaluate(AXE)
    return page.evaluate(RUN_AXE, [RULES, within])


def faults_at_every_width(page: Page, name: str, within: str = "") -> list[str]:
    """Return what is wrong with the page as it stands; its pictures are called `name`.

    `within` (a selector) looks at that part alone: what an open list covers half cannot be pressed just then.
    """
    PICTURES.mkdir(exist_ok=True)
    faults = []
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(50)
        faults += [f"{width} px: axe {fault}" for fault in axe_faults(page, within)]
        if (sideways := page.evaluate(SIDEWAYS)) > 0:
            faults.append(f"{width} px: the page scrolls sideways by {sideways} px")
        page.screenshot(path=PICTURES / f"{name.replace(':', '_').replace(' ', '_')}-{width}.png")
    page.set_viewport_size({"width": 1440, "height": WIDTHS[1440]})
    return faults
