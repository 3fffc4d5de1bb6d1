"""The site of docs/, where it has been built (`just docs build`, and `.ci/run`): it needs nobody else's server, and is searched."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import expect

SITE = Path(__file__).parents[2] / "site"
PAGES = ("index.html", "options.html", "checks.html", "examples/index.html")


class Quiet(SimpleHTTPRequestHandler):
    """Says nothing of what was asked for."""

    def log_message(self, *said):
        pass


@pytest.fixture
def site():
    """The address of the site, on this machine."""
    if not (SITE / "index.html").exists():
        pytest.skip("the site has not been built here; `just docs build` does")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=SITE)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_the_site_asks_nobody_else_complains_of_nothing_and_is_searched(browser, site):
    shown, complaints = browser.new_page(viewport={"width": 400, "height": 800}), []
    shown.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.on("response", lambda came: complaints.append(f"{came.status} {came.url}") if came.status >= 400 else None)
    shown.on(
        "request",
        lambda asked: complaints.append(asked.url) if not asked.url.startswith((site, "data:", "blob:")) else None,
    )
    for page in PAGES:
        shown.goto(f"{site}{page}")
        assert shown.evaluate("() => document.documentElement.scrollWidth") <= 400, page
    shown.set_viewport_size({"width": 1280, "height": 800})
    expect(shown.locator(".md-search-result__meta")).to_have_text("Type to start searching", timeout=60_000)
    shown.get_by_role("textbox", name="Search").press_sequentially("waiver")
    expect(shown.locator(".md-search-result__item").first).to_be_visible(timeout=60_000)
    shown.close()

    assert complaints == []
