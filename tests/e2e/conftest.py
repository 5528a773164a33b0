"""A real browser against the real thing. script/test gives PostgreSQL and Redis; without them: skipped, in CI refused."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.e2e.browser import Browser
from tests.e2e.site import drop_database, make_site

HERE = Path(__file__).parent
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


def pytest_collection_modifyitems(items):
    """Mark everything here."""
    for item in items:
        if HERE in Path(item.path).parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session", autouse=True)
def real_services():
    """PostgreSQL and Redis, or a reason."""
    has_both = os.environ.get("DATABASE_URL", "").startswith("postgres") and os.environ.get("REDIS_URL")
    if not has_both and os.environ.get("CI"):
        pytest.fail("CI must give DATABASE_URL (PostgreSQL) and REDIS_URL to the browser tests; script/test does.")
    if not has_both:
        pytest.skip("needs DATABASE_URL (PostgreSQL) and REDIS_URL; run script/test, which starts both")


@pytest.fixture(scope="session")
def site(real_services, tmp_path_factory):
    """The running product with the demo district in it."""
    site = make_site(tmp_path_factory.mktemp("site"))
    try:
        site.prepare()
        site.start_web()
        site.start_worker()
        site.wait_for(site.is_well, "a healthy site")
        yield site
    finally:
        site.stop_all()
        drop_database(site)


@pytest.fixture(scope="session")
def chromium(real_services):
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def browser(chromium, site):
    """People at the site, each in a window of their own."""
    browser = Browser(chromium, site)
    yield browser
    browser.close()
