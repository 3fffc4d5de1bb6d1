"""The report as one HTML page: no script, no outside resource, everything escaped."""

import base64
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined

from rollproof.model.finding import Finding
from rollproof.model.plain_text import SHOWN, before_and_after, plain_text
from rollproof.model.printable import harmless, one_line, unbidden
from rollproof.report.reasons import together, worst_first
from rollproof.system.bundle import suite_root
from rollproof.verdict.outcome import KINDS, Outcome, Report

FAILED = ("broken", "misuse", "not restored")
CASES = 200  # with evidence, in each section


class Row(NamedTuple):
    """One line of the table of checks; `verified` holds the tables or endpoints that were verified."""

    check: str
    counts: Counter[str]
    verified: list[str]
    seconds: float


def page(report: Report) -> str:
    """Return the page; its Content-Security-Policy allows nothing but its own style, by hash."""
    reasons, single = together(report)
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            report=report,
            counts=Counter(outcome.kind for outcome in report.outcomes),
            kinds=KINDS,
            failed=_section(report.outcomes, FAILED),
            reasons=reasons,
            untold=_section(single, ("inconclusive",)),
            warned=_section(report.outcomes, ("warning",)),
            rows=_rows(report),
            most=SHOWN,
            unchecked=sorted({(each.check, each.reason) for each in report.outcomes if each.kind == "not checked"}),
        )
    )


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
        "evidence": evidence,
        "findings": shown_findings,
    }
    return made


def name(text: str) -> str:
    """Return text on one line and safe to show: line ends and tabs are escaped too."""
    return unbidden(one_line(text))


def shown_findings(outcome: Outcome) -> list[tuple[Finding, str | None, str | None]]:
    """Return the findings that are shown, each with its before and after as they may be read side by side."""
    return [(each, *before_and_after(each)) for each in outcome.findings[:SHOWN]]


def evidence(outcome: Outcome) -> str:
    """Return what a case has to show beside its findings: doubts, rows, statements, advice."""
    return plain_text(replace(outcome, findings=()))


def _section(outcomes: Iterable[Outcome], kinds: Iterable[str]) -> tuple[dict[str, list[Outcome]], int]:
    """Return the cases of these kinds by check, worst first, and how many are left out."""
    found = worst_first(outcome for outcome in outcomes if outcome.kind in kinds)
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


def _digest(style: str) -> str:
    """Return the SHA-256 of a style in base64, as a Content-Security-Policy has it."""
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


RENDERS = ("report.html", page)
