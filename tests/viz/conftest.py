"""A browser for the pages: what they show is checked where it is shown."""

import shutil

import pytest

from tests.viz.pages import Pages

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
)


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium, or a skip that says what is missing.

    For one module and not the session: while it is open, its event loop runs in this thread.
    """
    api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed (extra: dev)"
    )
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        pytest.skip(f"no Chromium on PATH (looked for {', '.join(CHROMIUM)})")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(OPTIONS))
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser):
    """Open a file as from disk: ``page = open_page(path)``.

    The test fails if a page writes to the console, throws, or asks for anything but files.
    """
    pages = Pages(browser)
    yield pages.open
    pages.close()
    assert pages.complaints == []
