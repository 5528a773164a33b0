"""People at their browsers: a window each, with everything watched that must not happen."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field

from django.utils import translation
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.site import Site
from workflow.choices import State

WIDTHS = {1440: 900, 1366: 768, 390: 844}
# What a page does against its own policy is told to the test by this script, which runs before any of the page's.
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", event => console.error(
  `CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile || ""}:${event.lineNumber || ""}`));
"""


@dataclass
class Person:
    """Somebody who is signed in, in a window."""

    login: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)


class Browser:
    """Windows of one Chromium at one site."""

    def __init__(self, chromium: Chromium, site: Site):
        self.chromium, self.site = chromium, site
        self.people: dict[tuple, Person] = {}

    def window(self, login: str, width: int = 1440, **options) -> Person:
        """Return a person's window, signed in; the same one again for the same person."""
        key = (login, width, *sorted(options.items()))
        if key not in self.people:
            self.people[key] = self._open(login, width, options)
        return self.people[key]

    def _open(self, login: str, width: int, options) -> Person:
        context = self.chromium.new_context(
            viewport={"width": width, "height": WIDTHS[width]}, base_url=self.site.url, locale="zh-CN", accept_downloads=True,
            **{"timezone_id": "Asia/Shanghai", **options},
        )  # fmt: skip
        context.set_default_timeout(20_000)
        context.add_init_script(REPORT_VIOLATIONS)
        person = Person(login, context, context.new_page())
        watch(person.page, person.complaints)
        if login:
            self.sign_in(person)
        return person

    def sign_in(self, person: Person) -> None:
        """Sign in through the form, as a person does."""
        account = self.site.accounts[person.login]
        person.page.goto("/accounts/sign-in/")
        person.page.locator("input[name=login]").fill(account.login)
        person.page.locator("input[name=password]").fill(account.password)
        person.page.locator("input[name=password]").press("Enter")
        person.page.wait_for_url(lambda url: "sign-in" not in url)

    def close(self) -> None:
        """Close all windows."""
        for person in self.people.values():
            with contextlib.suppress(Exception):
                person.context.close()


def watch(page: Page, complaints: list[str]) -> None:
    """Collect console errors, script errors and policy violations of a page."""
    page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))


def deed(person, name: str, reason: str = "") -> None:
    """Go to a deed from the page of the return or report, and do it."""
    page = person.page
    link = page.locator(f'a[href$="/{name}/"]')
    if link.count():
        link.first.click()
        if reason:
            page.locator("textarea[name=reason]").fill(reason)
        page.locator("main form button.pri").click()
    else:
        page.locator(f'form[action$="/{name}/"] button').first.click()


def expect_state(person: Person, state: str) -> None:
    """The head of a return's or report's page says how it stands."""
    with translation.override("zh-hans"):
        words = str(State(state).label)
    expect(person.page.locator(".headrow .tag").first).to_contain_text(words)


def export_as(page: Page, file_format: str) -> None:
    """Choose a format from the report's export menu."""
    page.locator("details.rp-menu summary").click()
    page.locator(f'form[action$="/export/"] button[value="{file_format}"]').click()
