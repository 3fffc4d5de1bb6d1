"""The report as one HTML page: no outside resource, complete without its script, everything escaped."""

import base64
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from rollproof.model.errors import Misuse
from rollproof.model.finding import RowReport
from rollproof.model.markers import MARKERS
from rollproof.model.plain_text import plain_text, row_lines
from rollproof.model.printable import harmless, one_line, unbidden
from rollproof.model.timestamps import shown
from rollproof.report import charts, page_values
from rollproof.report.reasons import not_checked, together, worst_first
from rollproof.system.bundle import suite_root, told
from rollproof.verdict.outcome import KINDS, Outcome, Report, is_own
from rollproof.verdict.overview import Overview, overview

FAILED = ("broken", "misuse", "not restored")
CASES = 200  # without findings, in each section
_FEW = 4  # rows that are not folded
_MEANINGS = dict(each.split(": ", 1) for each in MARKERS)


class Row(NamedTuple):
    """One line of the table of checks; `verified` holds the tables or endpoints that were verified."""

    check: str
    counts: Counter[str]
    verified: list[str]
    seconds: float


def page(report: Report) -> str:
    """Return the page; its Content-Security-Policy allows nothing but its own style and script, by hash."""
    view = overview(report)
    return (
        environment()
        .get_template("page.html.j2")
        .render(report=report, view=view, **_causes(report, view), **_rest(report, view))
    )


def _causes(report: Report, view: Overview) -> dict[str, object]:
    """Return what differs, what could not be decided, and where."""
    reasons, single = together(report)
    failed = page_values.without_findings(each for each in report.outcomes if each.kind in FAILED)
    seen = page_values.without(view, {each.check for each in failed if is_own(each.check)})
    cards = page_values.cards(report, seen.causes)
    groups, left_out = page_values.groups(seen, report.families)
    return {
        "values": page_values,
        "cards": cards,
        "linked": {card.cause.anchor for card in cards},
        "warnings": page_values.cards(report, view.warnings),
        "tables": {place.name for place in view.places if place.is_table},
        "groups": groups,
        "left_out": left_out,
        "failed": _section(failed),
        "reasons": reasons,
        "untold": _section(each for each in single if each.kind == "inconclusive"),
        "mend": _mend({cause.check for cause in view.causes}),
    }


def _rest(report: Report, view: Overview) -> dict[str, object]:
    """Return what was measured, what was checked, and what was not."""
    measured = (charts.rows(report, view), charts.durations(report), charts.latency(report), charts.plans(report))
    return {
        "kinds": KINDS,
        "rows": _rows(report),
        "unchecked": not_checked(report),
        "by": [f"{word} {text}" for word, text in report.provenance.head if word == "Run by"],
        "meanings": _MEANINGS,
        "agreement": charts.triangle(report),
        "measured": list(filter(None, measured)),
    }


def _mend(checks: Iterable[str]) -> dict[str, str]:
    """Return how to mend what bundled checks find."""
    found = {}
    for check in checks:
        with suppress(Misuse):  # it is the user's own, or one of another version
            found[check] = told(check).mend
    return found


def environment() -> Environment:
    """Return what renders the templates of reports/: everything is escaped, and each filter makes text safe to show."""
    folder = suite_root() / "reports"
    made = Environment(
        loader=FileSystemLoader(folder),
        bytecode_cache=_compiled(folder / "__pycache__"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "visible": harmless,
        "name": name,
        "digest": _digest,
        "evidence": plain_text,
        "moment": _moment,
        "row_text": row_text,
        "prose": _prose,
        "anchor": page_values.anchor,
    }
    return made


def name(text: str) -> str:
    """Return text on one line and safe to show: line ends and tabs are escaped too."""
    return unbidden(one_line(text))


def _moment(text: str) -> str:
    return name(shown(text))


def _prose(text: str) -> Markup:
    """Return a text of our own as HTML: what stands between backticks is code."""
    parts = harmless(text).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(each) if place % 2 else each for place, each in enumerate(parts)
    )


def row_text(rows: RowReport) -> tuple[str, str]:
    """Return how many rows of a table differ, and examples of them, each line by line; few examples stand with the number."""
    lines = list(row_lines(rows))
    if len(rows.rows) <= _FEW:
        return "\n".join(lines), ""
    place = len(lines) - len(rows.rows) - bool(rows.file or rows.more)
    return "\n".join(lines[:place]), "\n".join(lines[place:])


def _section(outcomes: Iterable[Outcome]) -> tuple[dict[str, list[Outcome]], int]:
    """Return cases by check, worst first, and how many are left out."""
    found = worst_first(outcomes)
    checks: dict[str, list[Outcome]] = {}
    for outcome in found[:CASES]:
        checks.setdefault(outcome.check, []).append(outcome)
    return checks, max(0, len(found) - CASES)


def _rows(report: Report) -> list[Row]:
    rows: dict[str, Row] = {}
    for outcome in report.outcomes:
        if outcome.kind == "not checked":
            continue
        row = rows.get(outcome.check, Row(outcome.check, Counter(), [], 0))
        row.counts[outcome.kind] += 1
        if outcome.kind == "verified" and outcome.parameter:
            row.verified.append(outcome.parameter)
        rows[outcome.check] = row._replace(seconds=row.seconds + outcome.seconds)
    return sorted(rows.values())


def _compiled(folder: Path) -> FileSystemBytecodeCache | None:
    """Return where the compiled template is kept, as Python keeps modules; None where nothing can be written."""
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
    writable = os.access(folder, os.W_OK) and not sys.dont_write_bytecode
    return FileSystemBytecodeCache(str(folder)) if writable else None


def _digest(text: str) -> str:
    """Return the SHA-256 of a style or a script in base64, as a Content-Security-Policy has it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


RENDERS = ("report.html", page)
