"""Take the pictures of docs/examples/: what each report.html shows on its first screen.

uv run python tools/gallery.py     # after tools/examples.py, where Debian's chromium is installed

They are for people who look; no test compares them (tests/browser compares the page with pictures of its own).
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"
SCREEN = ViewportSize(width=1280, height=800)


def main() -> None:
    """Write first-screen.jpg beside each page."""
    program = shutil.which("chromium")
    if program is None:
        sys.exit("chromium is not installed: apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])  # root has no sandbox
        page = browser.new_page(viewport=SCREEN, color_scheme="light")
        for report in sorted(EXAMPLES.glob("*/report.html")):
            page.goto(report.as_uri())
            page.screenshot(path=report.with_name("first-screen.jpg"), type="jpeg", quality=60)
        browser.close()


if __name__ == "__main__":
    main()
