"""The migration tool's log: its entries, and whether they are those that a phase expects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from typing import assert_never

from rollproof.migration.log_table import Column, columns_of, source
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.event import LoggedStep
from rollproof.model.finding import Finding
from rollproof.model.phase import LogEntry
from rollproof.server.reader import Connection
from rollproof.settings.sections import Log

CHECK = "migration_log"
SHOWN = 200
"""Entries that the record of an incident tells."""
MOST = 100_000  # entries of one migration; a log with more is not narrowed to one

# A time is told as seconds since 1970, whatever it is stored as, and as the text that a person finds again in the log.
_SECONDS = {
    "date": "EXTRACT(epoch FROM x.{0}::timestamp)",
    "timestamp without time zone": "EXTRACT(epoch FROM x.{0})",
    "timestamp with time zone": "EXTRACT(epoch FROM x.{0})",
    **dict.fromkeys(("integer", "bigint", "numeric", "double precision"), "x.{0}"),
}
# Written without a zone, a time may be that of any, and a date any time of the day.
_BLUR = {"timestamp without time zone": 14 * 3600.0, "date": 38 * 3600.0}
_WORDY = ("text", "character varying", "character", "name")


@dataclass(frozen=True)
class Entry:
    """One row of the log; the times are seconds since 1970, None where the log says nothing.

    `whole` tells what else the row is about, so that two whole runs of the same look alike; None if it is a step of one.
    `step` is that step, where the log names it.
    """

    operation: str
    status: str
    started: float | None
    finished: float | None
    when: str  # the start as the log spells it
    whole: str | None = ""
    step: str = ""

    @property
    def last(self) -> float:
        """The latest moment that the log tells of this entry."""
        return max((time for time in (self.started, self.finished) if time is not None), default=float("-inf"))

    def meets(self, other: "Entry") -> bool:
        """Tell whether both were at work at the same time."""
        return _began(self) < other.last and _began(other) < self.last

    def __str__(self) -> str:
        return f"{self.operation} of {self.when or 'an unknown time'} ({self.status or 'no status'})"


@dataclass(frozen=True)
class MigrationLog:
    """The log entries of one migration, in the order of their ends; `words` are the names of the log's columns and values.

    `others` are those of other migrations that were at work meanwhile, by name; by `blur` seconds a time may be earlier or later.
    """

    migration: str
    words: Log
    entries: tuple[Entry, ...]
    there: bool = True
    others: tuple[tuple[str, Entry], ...] = ()
    blur: float = 0

    @property
    def rollbacks(self) -> tuple[Entry, ...]:
        """The entries about rollbacks."""
        return tuple(entry for entry in self.entries if entry.operation == self.words.rollback_value)

    @property
    def migrations(self) -> tuple[Entry, ...]:
        """The entries about the migration itself: of every operation that may change a table and is not the rollback."""
        return tuple(entry for entry in self.changes if entry.operation != self.words.rollback_value)

    @property
    def changes(self) -> tuple[Entry, ...]:
        """The entries about what may have changed a table: migrations and rollbacks."""
        return tuple(entry for entry in self.entries if entry.operation not in self.words.harmless_steps)

    def completed(self, entry: Entry) -> bool:
        """Tell whether the log calls this entry done."""
        return entry.status == self.words.completed_value

    def failed(self, entry: Entry) -> bool:
        """Tell whether the log calls this entry failed."""
        return entry.status in self.words.failed_values


def read(connection: Connection, words: Log) -> MigrationLog:
    """Return the log of the configured migration, else that of the migration of the latest entry.

    To be asked for as what reads `log_table.source`. Raises `Misuse` if the table has not the columns that the configuration names,
    `Inconclusive` if it is no ordinary table, or too long.
    """
    columns = columns_of(connection, words.table)
    if not columns:
        return MigrationLog(words.migration or "", words, (), there=False)
    rows = connection.execute(_query(words, columns).encode(), (words.migration,)).fetchall()
    if sum(words.migration in {None, row[0]} for row in rows) > MOST:
        raise Inconclusive(
            f"{words.table} holds more than {MOST:,} entries; name the migration under [log] in rollproof.toml"
        )
    entries = sorted(((str(row[0]), _entry(*row[1:])) for row in rows), key=lambda pair: pair[1].last)
    migration = words.migration or (entries[-1][0] if entries else "the migration")
    blur = max(_BLUR.get(columns[column].kind, 0.0) for column in (words.started_column, words.finished_column))
    mine = MigrationLog(migration, words, tuple(entry for about, entry in entries if about == migration), blur=blur)
    others = tuple(
        (about, entry) for about, entry in entries if about != migration and any(map(entry.meets, mine.changes))
    )
    return replace(mine, others=tuple(pair for pair in others if pair[1].operation not in words.harmless_steps))


def _entry(*row: object) -> Entry:
    operation, status, started, finished, when, whole, step = row
    return Entry(
        str(operation),
        str(status),
        _number(started),
        _number(finished),
        str(when),
        None if whole is None else str(whole),
        str(step),
    )


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _query(words: Log, columns: Mapping[str, Column]) -> str:
    wanted = (
        words.migration_column,
        words.operation_column,
        words.status_column,
        words.started_column,
        words.finished_column,
    )
    if missing := [column for column in wanted if column not in columns]:
        raise Misuse(
            f"{words.table} has no column {' and no column '.join(missing)}; it has {', '.join(sorted(columns))}\n"
            "name the columns of your tool's log under [log] in rollproof.toml"
        )
    texts = [f"COALESCE({columns[column].text}, '')" for column in wanted[:3]]
    times = [_seconds(words.table, columns[column]) for column in wanted[3:]]
    when = f"COALESCE({columns[words.started_column].text}, '')"
    about = columns[words.migration_column].text
    step = f"COALESCE({columns[words.step_column].text}, '')" if words.step_column in columns else "''"
    return (  # those of the migration that is asked for come first, then the latest
        f"SELECT {', '.join([*texts, *times, when, _whole(words, columns), step])} FROM {source(words.table)} AS x"
        f" ORDER BY {about} = $1 DESC NULLS LAST, {times[0]} DESC NULLS LAST LIMIT {MOST + 1}"
    )


def _whole(words: Log, columns: Mapping[str, Column]) -> str:
    """Return what tells a whole run from its steps: that no step is named; without such a column, all other texts of the row."""
    if step := columns.get(words.step_column):
        return f"CASE WHEN COALESCE({step.text}, '') = '' THEN '' END"
    told = {
        words.migration_column,
        words.operation_column,
        words.status_column,
        words.started_column,
        words.finished_column,
    }
    texts = [
        f"x.{column.quoted}" for name, column in sorted(columns.items()) if column.kind in _WORDY and name not in told
    ]
    return f"pg_catalog.jsonb_build_array({', '.join(texts)})::pg_catalog.text"


def _seconds(table: str, column: Column) -> str:
    if column.kind not in _SECONDS:
        raise Misuse(
            f"{table}.{column.quoted} is of type {column.kind}, which is no time; name the right column under [log]"
        )
    return f"({_SECONDS[column.kind].format(column.quoted)})::pg_catalog.text"


def told(log: MigrationLog) -> tuple[LoggedStep, ...]:
    """Return what the log says was done, the latest `SHOWN` entries, with what is wrong with each."""
    return tuple(map(partial(_told, log), log.entries[-SHOWN:]))


def _told(log: MigrationLog, entry: Entry) -> LoggedStep:
    seconds = None if entry.started is None or entry.finished is None else entry.finished - entry.started
    seconds = seconds if seconds is not None and isfinite(seconds) else None
    unfinished = "" if log.completed(entry) else "never finished"
    problem = "failed" if log.failed(entry) else unfinished
    return LoggedStep(entry.operation, entry.step, entry.status, entry.when, seconds, problem)


def flaws(log: MigrationLog, expected: LogEntry) -> Iterator[Finding]:
    """Yield where the log does not end as expected: each entry that is missing, unfinished or out of order."""
    if not log.there and expected == "migration to come":
        return  # the tool makes it when it begins
    if not log.there:
        table = log.words.table
        yield Finding(CHECK, table, "a table", "none", f"the migration's log {table} is not there")
        return
    yield from _untidy(log)
    for about, entry in log.others:
        yield _flaw(log, f"{about}: {entry}", "one migration at a time", "was at work at the same time")
    match expected:
        case "migration to come":
            yield from _done_already(log)
        case "migration completed":
            yield from _ended(log, log.migrations, log.rollbacks, "migration", "rollback")
        case "migration to undo":
            yield from _nothing_to_undo(log)
        case "rollback completed":
            yield from _ended(log, log.rollbacks, log.migrations, "rollback", "migration")
            yield from _undid_something_once(log)
        case _:
            assert_never(expected)


def _untidy(log: MigrationLog) -> Iterator[Finding]:
    for entry in log.entries:
        if not log.failed(entry) and not log.completed(entry):
            yield _flaw(log, str(entry), "completed or failed", "never finished: it still runs, or died without a word")
        elif log.completed(entry) and (entry.started is None or entry.finished is None):
            yield _flaw(log, str(entry), "a start and an end", "has no start time, or no end time")
        elif entry.started is not None and entry.finished is not None and entry.finished < entry.started:
            yield _flaw(log, str(entry), "an end after the start", "ends before it starts")


def _ended(
    log: MigrationLog, wanted: Sequence[Entry], others: Sequence[Entry], noun: str, other: str
) -> Iterator[Finding]:
    """Yield why the latest of the `wanted` entries is not completed, and which entries came after it."""
    done = [entry for entry in wanted if log.completed(entry)]
    if not done:
        latest = f"the latest is {wanted[-1]}" if wanted else "there is none"
        yield _flaw(log, noun, f"a completed {noun}", f"was not completed: {latest}")
        return
    last = f"the {noun} of {done[-1].when}"
    for entry in wanted:
        if log.failed(entry) and entry.last > done[-1].last:
            yield _flaw(log, str(entry), f"no failure after {last}", f"failed after {last} was completed")
    for entry in others:
        if entry.last > _began(done[-1]):
            yield _flaw(log, str(entry), f"no {other} after {last}", f"came after {last}")


def _undid_something_once(log: MigrationLog) -> Iterator[Finding]:
    """Yield a completed rollback that undid no migration, or that was done a second time."""
    done = [entry for entry in log.rollbacks if log.completed(entry)]
    if done and not log.migrations:
        yield _flaw(log, str(done[-1]), "a migration that it undid", "undid nothing: the log has no migration")
    for number, entry in enumerate(done):
        for again in done[number + 1 :]:
            separate = entry.whole is not None and entry.whole == again.whole and entry.last <= _began(again)
            if separate and not any(max(each.last, _began(each)) > entry.last for each in log.migrations):
                what = f"was done again after that of {entry.when}, with no migration between"
                yield _flaw(log, str(again), f"one rollback, that of {entry.when}", what)


def _began(entry: Entry) -> float:
    return entry.last if entry.started is None else entry.started


def _done_already(log: MigrationLog) -> Iterator[Finding]:
    """Yield that the configured migration is completed already; without a configured name the entries are another migration's."""
    undone = max((entry.last for entry in log.rollbacks if log.completed(entry)), default=float("-inf"))
    for entry in log.migrations if log.words.migration else ():
        if log.completed(entry) and entry.last > undone:
            yield _flaw(log, str(entry), "a migration that is still to come", "was done already, and not rolled back")


def _nothing_to_undo(log: MigrationLog) -> Iterator[Finding]:
    undone = max((entry.last for entry in log.rollbacks if log.completed(entry)), default=float("-inf"))
    if not any(entry.last > undone for entry in log.migrations):
        yield _flaw(
            log,
            "migration",
            "one that was begun since the last rollback",
            "was not begun since the last rollback: there is nothing to undo",
        )


def _flaw(log: MigrationLog, what: str, wanted: str, found: str) -> Finding:
    subject = f"{log.words.table} {log.migration}: {what}"
    return Finding(CHECK, subject, wanted, found, f"{subject} {found}")
