"""All sections of a runbook, in their order."""

from collections.abc import Iterator

from rollproof.report.runbook.afterwards import after_the_rollback
from rollproof.report.runbook.around import alarms, people, record, tests_of_it
from rollproof.report.runbook.decision import database, decision, durations
from rollproof.report.runbook.document import Prose, Section, points, word
from rollproof.report.runbook.known import Known
from rollproof.report.runbook.steps import checklist, scenarios, steps
from rollproof.report.runbook.trouble import recovery, troubleshooting

_PARTS = (
    *(decision, database, durations, checklist, steps, scenarios, after_the_rollback, troubleshooting, recovery),
    *(alarms, record, people, tests_of_it),
)


def title(known: Known) -> str:
    """Return the title."""
    return f"Rollback runbook: {word(known.project)}"


def written(known: Known) -> str:
    """Return the line that says when it was written: the only one that differs where nothing changed."""
    return f"Written {word(known.written)} by rollproof runbook; rollproof rehearse writes it anew."


def contents(known: Known) -> Iterator[Section]:
    """Yield the sections."""
    if known.changes:
        yield Section(f"What changed since {word(known.since)}", (points(known.changes),))
    yield Section(
        "How to use this",
        (
            Prose(
                "Type the commands where this was written. No password stands here: use PGPASSWORD, .pgpass or a service."
            ),
            Prose("SQL is for psql on this database. Tick each box with your name and the time."),
        ),
    )
    for part in _PARTS:
        yield from part(known)
