"""Write the reports of docs/examples/ anew, each of the run beside it: what the terminal shows, summary.md and report.html.

    uv run python tools/examples.py             # write them
    uv run python tools/examples.py --check     # fail if one is not what the formats make of its run

A run is kept as its result.json: that of a real run, with other names of its host and users. One of many tables is made here.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from fixtures.sample_runs import many
from rollproof.report import html, markdown, terminal
from rollproof.report.stored import read
from rollproof.verdict.outcome import Report, explained
from rollproof.verdict.selected import Selected

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"
MANY = "four-hundred-tables"
_LARGE = 200_000  # bytes of a page that is not kept


def runs() -> Mapping[str, Report]:
    """Return every run that is kept as an example, by the name of its folder."""
    kept = {path.parent.name: read(path.read_bytes()) for path in sorted(EXAMPLES.glob("*/result.json"))}
    return {**kept, MANY: _many(kept["five-mistakes"])}


def _many(like: Report) -> Report:
    """Return a run of four hundred tables, each with six differences, against the database of another run."""
    run = many(400, 2400)
    outcomes = explained(run.outcomes, {})
    return replace(
        run, outcomes=outcomes, selection=Selected(2400, 2400), subject=like.subject, provenance=like.provenance
    )


def reports(run: Report) -> Iterator[tuple[str, str]]:
    """Yield the reports of a run by the names of their files."""
    yield "terminal.txt", "\n".join([*printed(run), ""])
    yield "summary.md", markdown.summary(run)
    page = html.page(run)
    if len(page.encode()) < _LARGE:
        yield "report.html", page


def printed(run: Report) -> Iterator[str]:
    """Yield the lines that `rollproof verify` prints."""
    facts = run.provenance
    yield f"rollproof {run.phase}"
    yield from terminal.head(facts.address, facts.subject, facts.reference, run.reference)
    yield ""
    written = terminal.Files("rollproof-report/report.html", "report.html")
    yield from (line.text for line in terminal.lines(run, written))


def main() -> None:
    """Write the files, or name those that are not what they should be."""
    wrong = []
    for name, run in runs().items():
        for file, text in reports(run):
            path = EXAMPLES / name / file
            if "--check" not in sys.argv:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, "utf-8")
            elif not path.is_file() or path.read_text("utf-8") != text:
                wrong.append(path.relative_to(EXAMPLES).as_posix())
    if wrong:
        sys.exit(f"{', '.join(wrong)}: not what the formats make of it: uv run python tools/examples.py")


if __name__ == "__main__":
    main()
