"""What every part of the night calls when something took place: it is kept in the timeline, and told to people."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rollproof.incident import timeline
from rollproof.model.errors import Misuse
from rollproof.model.event import Event
from rollproof.report import record as rendered
from rollproof.settings.options import Settings
from rollproof.system.files import replace_file
from rollproof.verdict.outcome import Report
from rollproof.verdict.record import Record, record_of


def happened(event: Event, folder: Path, settings: Settings, say: Callable[[str], object]) -> None:
    """Add an event to the incident that is open in a report folder, if one is, and render its record again.

    What cannot be written is said, and changes nothing else.
    """
    try:
        if timeline.open_since(timeline.read(folder)):
            keep(event, folder, settings)
    except (OSError, Misuse) as error:
        say(f"NOT in the incident's timeline: {event.what}: {error}")


def keep(event: Event, folder: Path, settings: Settings) -> Record:
    """Add an event to the timeline, render the record again, and return it. Raises `Misuse` and `OSError`."""
    before = timeline.open_since(timeline.read(folder))
    entry = timeline.append(folder, event)
    record = record_of((*before, entry), settings.contacts)
    assert record, "it holds the entry at least"
    replace_file(folder / rendered.NAME, rendered.record_text(record).encode())
    return record


def of_report(report: Report) -> Event:
    """Return a phase that was run as an event."""
    return Event(
        kind="phase",
        what=report.phase,
        verdict=report.verdict,
        exit_code=report.exit_code,
        seconds=report.seconds,
        text=report.sentence,
        facts={"database": report.subject, "reference": report.reference},
    )


def with_record(report: Report, folder: Path, settings: Settings) -> Report:
    """Return the report with the record of the incident that is open, this run in it already; as it is where none can be read."""
    try:
        entries = timeline.read(folder)
    except Misuse:
        return report  # `happened` says so
    if not (since := timeline.open_since(entries)):
        return report
    now = timeline.entry_of(of_report(report), entries)
    return replace(report, record=record_of((*since, now), settings.contacts))
