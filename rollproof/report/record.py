"""record.md: an incident for people to read, made anew from the timeline; what they wrote under its headings is kept."""

from collections.abc import Iterator

from rollproof.model.event import Entry
from rollproof.model.timestamps import in_words
from rollproof.report.markdown_text import cell
from rollproof.verdict.record import Record

NAME = "record.md"


def record_text(record: Record) -> str:
    """Return the record as Markdown."""
    return "\n".join(_lines(record)) + "\n"


def _lines(record: Record) -> Iterator[str]:
    yield from (f"# Incident: {cell(record.entries[0].event.text)}", "", "## Timeline", "")
    yield from map(_entry, record.entries)


def _entry(entry: Entry) -> str:
    event = entry.event
    took = "" if event.seconds is None else f", {in_words(event.seconds)}"
    verdict = f": **{cell(event.verdict)}**" if event.verdict else ""
    text = f": {cell(event.text)}" if event.text else ""
    return f"- `{entry.at}` {cell(event.what)}{verdict}{took}{text} ({cell(entry.by)})"
