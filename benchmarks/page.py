"""How large the pages are, how long they take to write, and how soon Chromium shows them and answers a search.

    uv run python benchmarks/page.py [TIMES]

Nothing but values: no server. The goal: 10,000 tables with 2,000 findings in less than 5 MB, opened in less than 2 s.
"""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright

from fixtures import sample_rehearsals, sample_runs
from rollproof.rehearsal.crash_point import CrashPoint
from rollproof.rehearsal.proxy.sent import Cut
from rollproof.rehearsal.reports.html import page as rehearsal_page
from rollproof.rehearsal.reports.told import Told
from rollproof.report.html import page

PAGES: dict[str, Callable[[], str]] = {
    "five mistakes": lambda: page(sample_runs.five_mistakes()),
    "400 tables, 6 findings each": lambda: page(sample_runs.many(400, 2_400)),
    "10,000 tables, 2,000 findings": lambda: page(sample_runs.many(10_000, 2_000)),
    "the same, none like another": lambda: page(sample_runs.many(10_000, 2_000, are_alike=False)),
    "a rehearsal, 3,000 cuts": lambda: rehearsal_page(_rehearsal(3_000)),
}
SEARCHED = """async () => {
    const search = document.querySelector("input[type=search]"), hits = document.querySelector("output"), began = performance.now();
    if (!search) return null;
    search.value = "table_00007";
    search.dispatchEvent(new Event("input"));
    while (!hits.value) await new Promise(requestAnimationFrame);
    return (performance.now() - began) / 1000;
}"""
PAINTED = """() => new Promise(found => new PerformanceObserver(list => found(list.getEntries()[0].startTime / 1000))
    .observe({type: "paint", buffered: true}))"""


class Opened(NamedTuple):
    """Seconds until something was painted, until everything was loaded and its script had run, and until a search was answered."""

    painted: float
    loaded: float
    searched: float | None


def main(times: int = 5) -> None:
    """Print the table."""
    sys.stdout.write(
        "| page | MB | written | elements | painted | loaded | a search |\n|---|---|---|---|---|---|---|\n"
    )
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, made in PAGES.items():
            began = time.perf_counter()
            html = made().encode()
            written, path = time.perf_counter() - began, Path(folder) / "page.html"
            path.write_bytes(html)
            found = [_opened(browser, path) for _ in range(times)]
            searched = [each.searched for each in found if each.searched is not None]
            cells = (
                *(name, f"{len(html) / 1e6:.2f}", f"{written:.2f} s", f"{html.count(b'</'):,}"),
                _middle([each.painted for each in found]),
                _middle([each.loaded for each in found]),
                _middle(searched) if searched else "none",
            )
            sys.stdout.write(f"| {' | '.join(cells)} |\n")
        browser.close()


def _opened(browser: Browser, path: Path) -> Opened:
    shown = browser.new_page(viewport={"width": 1280, "height": 800})
    began = time.perf_counter()
    shown.goto(path.as_uri())
    loaded = time.perf_counter() - began
    found = Opened(shown.evaluate(PAINTED), loaded, shown.evaluate(SEARCHED))
    shown.close()
    return found


def _middle(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.2f} s"


def _rehearsal(cuts: int) -> Told:
    """Return what is said of a rehearsal that was cut so often, and lost something each hundredth time."""
    lost = (sample_rehearsals.TABLE,)
    points = (
        CrashPoint("migration", Cut(number, "before"), "ALTER TABLE x", () if number % 100 else lost)
        for number in range(1, cuts + 1)
    )
    one = sample_rehearsals.rehearsed(sample_rehearsals.BACK, sample_rehearsals.COMPARED, crashes=tuple(points))
    return sample_rehearsals.said(one)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
