"""Chromium, one for each worker, and pages in it. Whatever a test does with a page: it asks for nothing, and nothing complains."""

import shutil

import pytest
from playwright.sync_api import sync_playwright

WIDE = {"width": 1280, "height": 800}


@pytest.fixture(
    scope="package"
)  # its driver runs an event loop in this thread, in which other tests want one of their own
def browser():
    """Debian's Chromium, driven by playwright."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed, so no browser can show what people see of a page")
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])  # root has no sandbox
        yield running
        running.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Call it with a page's text, its part after the # and what playwright is told of a context: it returns the page.

    At the end of the test, the page must have asked for nothing but itself, and its console must be empty.
    """
    path, complaints, contexts = tmp_path / "report.html", [], []

    def open_(html, part="", **how):
        path.write_text(html, "utf-8")
        context = browser.new_context(**{"viewport": WIDE, **how})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request", lambda asked: complaints.append(f"asked for {asked.url}") if asked.url != path.as_uri() else None
        )
        page.goto(f"{path.as_uri()}{part}")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
