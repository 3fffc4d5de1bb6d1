"""What a phase prints: what is compared, and at the end the verdict, which tables differ, by which causes, and what to do next."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from rollproof.model.amounts import counted as so_many
from rollproof.model.printable import one_line, unbidden
from rollproof.model.provenance import SHORT, DatabaseFacts, ReferenceFacts
from rollproof.model.timestamps import in_words
from rollproof.report.blocks import Block, Line, Section, fitted
from rollproof.report.columns import WIDTH, beside, width_of, wrapped
from rollproof.report.terminal_sections import (
    accepted,
    checklist,
    doubts,
    failures,
    not_asked,
    notes,
    places,
    plans,
    recommended,
    rolled_back,
    unchecked,
    urgent,
    warnings,
)
from rollproof.verdict.outcome import KINDS, Report
from rollproof.verdict.overview import Overview, overview

LINES = 40
"""Lines that a run prints at most, its head among them, but not the checklist; `-v` prints more."""
GREEN = 12
"""Lines that a run prints at most if nothing is wrong."""
_COLUMN = 11  # where the text begins beside a word of the head
_STEPS = 4  # of what to do next
_TROUBLE = 12  # lines of why a side could not be read
_OPTION = re.compile(r" (?=--)")
_PRINTED = ("verified", *(kind for kind in reversed(KINDS) if kind not in ("verified", "not checked")), "not checked")


@dataclass(frozen=True)
class Files:
    """Where the `report` was written that says more, "" if nowhere, and its name, `page`; `missing` says what was not written."""

    report: str = ""
    page: str = "the report"
    missing: tuple[str, ...] = ()


def head(address: str, now: DatabaseFacts, held: ReferenceFacts, reference: str) -> Iterator[str]:
    """Yield what is compared with what: the database, and the reference with its age; `reference` is its name."""
    version = now.version and f"PostgreSQL {now.version}"
    kind = {True: "a standby", False: "a primary", None: ""}[now.standby]
    yield from beside("database", ", ".join(filter(None, [address, version, kind, now.note])), _COLUMN)
    yield from beside("reference", _reference(held, reference), _COLUMN)


def _reference(held: ReferenceFacts, name: str) -> str:
    if held.kind != "baseline":
        version = held.source.version and f"PostgreSQL {held.source.version}"
        return ", ".join(filter(None, [held.where or name, version, held.source.note]))
    age = ""
    if held.age and held.age.seconds is not None:
        about = "about " if held.age.approximate else ""
        age = f"{about}{in_words(held.age.seconds)} old" if held.age.seconds >= 0 else str(held.age)
    signed = "signed" if held.signed == "yes" else ""
    return ", ".join(filter(None, [held.where, age, signed, held.sha256 and f"SHA-256 {held.sha256[:SHORT]}…"]))


def title(report: Report) -> str:
    """Return the verdict and its sentence, as the line above all else."""
    return f"{report.verdict}: {report.sentence}"


def lines(report: Report, files: Files | None = None, *, verbose: bool = False, width: int = WIDTH) -> Iterator[Line]:
    """Yield the verdict and all below it: at most `LINES` with the head, `GREEN` if all is good; any number if `verbose`."""
    written, seen = files or Files(), overview(report)
    above = [*_above(report, seen, width, verbose=verbose), *urgent(report, width), *recommended(report, width)]
    below = [*_below(report, seen, written, width)]
    items = [*checklist(report, width)]
    room = (GREEN if report.exit_code == 0 else LINES) - _head(report) - len(above) - len(below)
    sections = _sections(report, seen, width, verbose=verbose)
    if sum(map(len, sections)) > room and not verbose:
        sections = _sections(report, seen, width, verbose=verbose, examples=False)
    yield from above
    yield from fitted(sections, sum(map(len, sections)) if verbose else room, written.page, width)
    yield from items
    yield from below


def _head(report: Report) -> int:
    """Return how many lines stand above: the phase, what is compared with what, and an empty line."""
    told = report.provenance
    return 2 + len([*head(told.address, told.subject, told.reference, report.reference)])


def _above(report: Report, seen: Overview, width: int, *, verbose: bool) -> Iterator[Line]:
    bad = report.exit_code == 1 and seen.headline
    said = f"{report.verdict}: {seen.headline}" if bad else title(report)
    if bad or not verbose:
        yield from (Line(line, bold=True, tone=report.tone) for line in wrapped(said, further="  ", width=width))
    if bad and not report.selection.whole:
        yield from map(Line, wrapped(f"asked: {report.selection}", further="  ", width=width))
    told = [line for text in report.trouble.splitlines() for line in wrapped(text, "  ", "    ", width)]
    yield from map(Line, told[:_TROUBLE])
    if verbose:
        yield from (Line(f"{word.lower()} {text}") for word, text in report.provenance.head)


def _sections(report: Report, seen: Overview, width: int, *, verbose: bool, examples: bool = True) -> list[Section]:
    return [
        places(seen, width, verbose=verbose, examples=examples),
        failures(report, width),
        doubts(report, width),
        warnings(seen, width),
        *([plans(report, width)] if verbose else []),
        accepted(report, width),
        unchecked(report, width),
        notes(report, width, verbose=verbose),
        rolled_back(report, width, verbose=verbose),
        _cases(report, width),
        not_asked(report, width),
    ]


def _below(report: Report, seen: Overview, written: Files, width: int) -> Iterator[Line]:
    known = str(report.recommendation)
    steps = [step for step in seen.next_steps if step != known and report.tone != "part"][:_STEPS]
    yield from (Line(line, bold=True) for step in steps for line in _step(f"next: {step}", width))
    if report.record and (called := report.record.next_call):
        yield from (Line(line, bold=True) for line in wrapped(f"incident: {called}", further="  ", width=width))
    yield from (Line(line, tone="bad") for text in written.missing for line in wrapped(text, further="  ", width=width))
    if written.report:
        yield Line(unbidden(f"report: {one_line(written.report)}"))  # whole: it is copied, or clicked


def _step(text: str, width: int) -> Iterator[str]:
    """Yield a step on several lines if it must be; a command so that it can be pasted."""
    if width_of(text) <= width or not text.startswith("next: rollproof "):
        yield from wrapped(text, further="  ", width=width)
        return
    words, last = _OPTION.split(one_line(text)), ""
    for word in words:
        yield from (unbidden(f"{last} \\"),) if last else ()
        last = f"    {word}" if last else word
    yield unbidden(last)


def _cases(report: Report, width: int) -> Section:
    if not report.outcomes:
        return Section("case")
    tables = f"{so_many(len(report.tables), 'table')} in " if report.tables else ""
    number = so_many(sum(outcome.kind != "not checked" for outcome in report.outcomes), "case")
    told = wrapped(f"checked: {tables}{number}: {counted(report)}; {report.seconds:,.1f} s", "", "  ", width)
    return Section("case", (Block(tuple(map(Line, told))),), f"checked: {number}")


def counted(report: Report) -> str:
    """Return how many cases came to which outcome: "3 verified, 1 warning"; empty if there was none."""
    counts = Counter(outcome.kind for outcome in report.outcomes)
    return ", ".join(f"{counts[kind]:,} {kind}" for kind in _PRINTED if counts[kind])
