"""An incident as it is shown again, and whether its timeline is what was entered."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from rollproof.commands.incidents import latest
from rollproof.incident import timeline
from rollproof.model.amounts import counted
from rollproof.model.errors import Misuse
from rollproof.model.event import TORN, Entry
from rollproof.model.timestamps import in_words, shown
from rollproof.report.folder import RUNS
from rollproof.report.json import encoded
from rollproof.report.record import NAME, record_text
from rollproof.settings.options import Settings
from rollproof.system.files import contents
from rollproof.verdict.record import Record

FORMAT = 1
"""Raised when a field of `--json` changes its meaning or goes."""
_RECORD, _RESULT = 2**24, 2**28  # bytes of record.md, of a result.json


def chosen(folder: Path, settings: Settings, number: int | None) -> Record:
    """Return the record of the incident of this number, by default the latest. Raises `Misuse` if there is none."""
    found = timeline.incidents(timeline.read(folder))
    if not found:
        raise Misuse(f"{folder}: there was no incident; --report-dir names another folder")
    if number and number > len(found):
        raise Misuse(f"{folder}: there is no incident {number}; {counted(len(found), 'incident')} were opened here")
    return latest(found[(number or len(found)) - 1], settings)


def as_lines(record: Record) -> str:
    """Return the timeline in lines, and who is next; what was typed in several lines is set in: none passes for an entry."""
    opening, end = record.opening, record.end
    state = f"closed {shown(end.at)}" if end else "open"
    issue = opening.event.facts.get("issue")
    head = [f"{state}{f', {issue}' if issue else ''}: {opening.event.text}"]
    below = [record.next_call] if record.next_call else []
    lines = [*head, *map(_line, record.entries), *below, f"head {record.head}"]
    return "\n".join("\n    ".join(line.splitlines()) for line in lines)


def _line(entry: Entry) -> str:
    event = entry.event
    later = f" (entered {shown(entry.at)})" if entry.when != entry.at else ""
    took = f" in {in_words(event.seconds)}" if event.seconds else ""
    what = f"{event.what} {event.facts['item']!r}" if "item" in event.facts else event.what
    said = ": ".join(filter(None, [f"{event.verdict}{took}", event.text]))
    return f"{shown(entry.when)}{later}  {what}{f': {said}' if said else ''} ({entry.who})"


def as_json(record: Record) -> str:
    """Return the record as JSON, for programs."""
    further = {"open": record.is_open, "head": record.head, "stakeholders": record.stakeholders}
    return encoded(FORMAT, record, **further).decode().rstrip("\n")


def as_markdown(record: Record, folder: Path) -> str:
    """Return the record as record.md has it; what people wrote there is about the latest incident alone."""
    path = folder / NAME
    try:
        is_latest = timeline.incidents(timeline.read(folder))[-1][0] == record.opening
        return record_text(record, contents(path, _RECORD).decode("utf-8", "replace") if is_latest else "")
    except OSError:
        return record_text(record)


def verified(folder: Path, head: str | None) -> tuple[tuple[str, ...], bool]:
    """Return what is to be said of a timeline, and whether all of it is what was entered. Raises `Misuse` if there is none."""
    if head is not None and not re.fullmatch(r"[0-9a-f]{12,64}…?", head):
        raise Misuse(f"--head {head} is no SHA-256; type 12 letters of it at least, as a report or a notice has it")
    try:
        found = timeline.chain(folder)
    except timeline.NoEntry as error:
        return (str(error),), False
    if not (found.entries or found.torn):
        raise Misuse(f"{folder}: there is no timeline; --report-dir names another folder")
    bad = tuple(_missing(folder, found, head))
    number = f"{len(found.entries):,} {'entry' if len(found.entries) == 1 else 'entries'}"
    told = f"{folder / timeline.FILE}: {number} of {counted(len(timeline.incidents(found.entries)), 'incident')}"
    return (*bad, *_remarks(found), f"{told}, each follows from the one before it", f"head {found.head}"), not bad


def _missing(folder: Path, found: timeline.Chain, head: str | None) -> Iterator[str]:
    """Yield what ought to be there, and is not."""
    if found.torn:
        yield f"the last line was torn ({len(found.torn)} bytes), as by a power cut: an event is lost; the next entry will say so"
    seals = [entry.sha256 for entry in found.entries]
    if head and not any(seal.startswith(head.rstrip("…")) for seal in seals):
        yield f"no entry has the SHA-256 {head}: entries were taken away at the end, or it is another timeline's"
    for run, seal in _told_by_reports(folder):
        if seal not in seals:
            yield f"the report {run} names an entry with the SHA-256 {seal}, which is not here: entries were taken away at the end"


def _told_by_reports(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield what the results that are kept in a folder name as the last entry."""
    for path in sorted((folder / RUNS).glob("*/result.json")):
        try:
            record = json.loads(contents(path, _RESULT)).get("record")
            entries = record["entries"] if record else ()
            yield from [(path, seal) for seal in [entry["sha256"] for entry in entries if entry["sha256"]][-1:]]
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            continue  # it is no result of ours: `rollproof report` says so


def _remarks(found: timeline.Chain) -> Iterator[str]:
    for entry in found.entries:
        if entry.event.what == TORN:
            yield f"before entry {entry.number}, {shown(entry.at)}: {entry.event.text}"
