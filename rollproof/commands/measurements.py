"""What two sides can tell of a run beside its cases, as values for the reports; nothing is asked or waited for."""

from collections.abc import Iterator, Mapping
from typing import Any

from rollproof.commands.verification import Verification
from rollproof.probes.endpoints.recording import SECONDS
from rollproof.rows.scan import TableScan
from rollproof.sources.source import Source
from rollproof.verdict.measured import AnswerTime, Stage, TableRead, Waived

_WORDS = {"rows": "reading rows", "pg_dump": "pg_dump"}
_UNKNOWN = TableScan()


def measured(sides: Verification, answers: Mapping[str, float], stages: tuple[Stage, ...]) -> dict[str, Any]:
    """Return the fields of a report: `answers` are the seconds of endpoints, `stages` the parts of the run that ended."""
    asked = [Stage("asking endpoints", sum(answers.values()))] if answers else []
    return {
        "tables": tables_of(sides),
        "unread": unread_of(sides),
        "stages": (*stages, *background_stages(sides), *asked),
        "answers": answers_of(sides, answers),
        "waived": waived_of(sides),
    }


def tables_of(sides: Verification) -> tuple[TableRead, ...]:
    """Return the tables of both sides, with what is known of their rows by now."""
    before: Mapping[str, TableScan] = {} if sides.before is sides.after else sides.before.read_by_now()
    after = sides.after.read_by_now()
    names = sorted({*sides.before.tables, *sides.after.tables})
    return tuple(_table(name, before.get(name, _UNKNOWN), after.get(name, _UNKNOWN)) for name in names)


def unread_of(sides: Verification) -> int:
    """Return how many tables and materialized views were not read, for nobody wrote to them."""
    return sum(scan.unread for scan in sides.after.read_by_now().values())


def _table(name: str, was: TableScan, now: TableScan) -> TableRead:
    return TableRead(name, was.rows, now.rows, now.bytes, now.seconds, now.unread)


def background_stages(sides: Verification) -> Iterator[Stage]:
    """Yield what was done in the background, beside other stages."""
    told = {id(side): (side, words) for side, words in _named(sides)}
    for side, words in reversed(told.values()):
        for what, seconds in side.seconds().items():
            yield Stage(f"{_WORDS[what]} of {words}", seconds)


def _named(sides: Verification) -> Iterator[tuple[Source, str]]:
    yield sides.before, "the reference"
    yield sides.copies, "the copies"
    yield sides.after, "the database"


def waived_of(sides: Verification) -> tuple[Waived, ...]:
    """Return the waivers of rollproof.toml that accepted something."""
    return tuple(
        Waived(waiver.check, waiver.identity or waiver.identity_pattern, waiver.reason, waiver.until, number)
        for waiver, number in sides.accepted.taken.items()
    )


def answers_of(sides: Verification, now: Mapping[str, float]) -> tuple[AnswerTime, ...]:
    """Return how long each endpoint took to answer: as the reference has it, and `now`."""
    was = {} if sides.before is sides.after else sides.before.recorded.get(SECONDS, {})
    return tuple(
        AnswerTime(name, float(was[name]) if name in was else None, now.get(name)) for name in sorted({*was, *now})
    )
