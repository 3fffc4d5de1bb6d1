"""The migration tool's own log: what it says was done, in which order, and whether that is the story we expect."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rollproof.compare import Difference
from rollproof.errors import CannotTell, Misuse
from rollproof.session import Connection
from rollproof.settings import Log
from rollproof.spelling import schema_of, unquoted

CHECK = "migration_log"
MOST = 100_000  # entries of one migration; a log with more is not narrowed to one

# A time is told as seconds since 1970, whatever it is stored as, and as the text that a person finds again in the log.
_SECONDS = {
    "date": "EXTRACT(epoch FROM x.{0}::timestamp)",
    "timestamp without time zone": "EXTRACT(epoch FROM x.{0})",
    "timestamp with time zone": "EXTRACT(epoch FROM x.{0})",
    **dict.fromkeys(("integer", "bigint", "numeric", "double precision"), "x.{0}"),
}
_COLUMNS = """
SELECT a.attname, pg_catalog.quote_ident(a.attname), pg_catalog.format_type(a.atttypid, NULL)
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped
"""


@dataclass(frozen=True)
class Entry:
    """One row of the log; the times are seconds since 1970, None where the log says nothing."""

    operation: str
    status: str
    started: float | None
    finished: float | None
    when: str  # the start as the log spells it

    @property
    def last(self) -> float:
        """The latest moment that the log tells of this entry."""
        return max((time for time in (self.started, self.finished) if time is not None), default=float("-inf"))

    def __str__(self) -> str:
        return f"{self.operation} of {self.when or 'an unknown time'}, {self.status or 'no status'}"


@dataclass(frozen=True)
class Story:
    """The entries of one migration, in the order in which they ended, and the words they are told in."""

    migration: str
    words: Log
    entries: tuple[Entry, ...]
    there: bool = True

    @property
    def rollbacks(self) -> tuple[Entry, ...]:
        """The entries about rollbacks."""
        return tuple(entry for entry in self.entries if entry.operation == self.words.rollback_value)

    @property
    def migrations(self) -> tuple[Entry, ...]:
        """The entries about the migration itself: of every operation that may change a table and is not the rollback."""
        others = {self.words.rollback_value, *self.words.harmless_steps}
        return tuple(entry for entry in self.entries if entry.operation not in others)

    def completed(self, entry: Entry) -> bool:
        """Tell whether the log calls this entry done."""
        return entry.status == self.words.completed_value

    def failed(self, entry: Entry) -> bool:
        """Tell whether the log calls this entry failed."""
        return entry.status in self.words.failed_values


def read(connection: Connection, words: Log) -> Story:
    """Return the story of the configured migration, else of the one that the latest entry is about.

    Raises `Misuse` if the table has not the columns that the configuration names, `CannotTell` if it is too long.
    """
    schema = schema_of(words.table)
    name = words.table.removeprefix(schema + ".")
    found = connection.execute(_COLUMNS.encode(), (unquoted(schema), unquoted(name))).fetchall()
    if not found:
        return Story(words.migration or "", words, (), there=False)
    columns = {str(raw): (str(quoted), str(kind)) for raw, quoted, kind in found}
    rows = connection.execute(_query(words, columns).encode(), (words.migration,)).fetchall()
    if len(rows) > MOST:
        raise CannotTell(
            f"{words.table} holds more than {MOST:,} entries; name the migration under [log] in rollproof.toml"
        )
    entries = [
        (str(row[0]), Entry(str(row[1]), str(row[2]), _number(row[3]), _number(row[4]), str(row[5]))) for row in rows
    ]
    entries.sort(key=lambda pair: pair[1].last)
    migration = words.migration or (entries[-1][0] if entries else "the migration")
    return Story(migration, words, tuple(entry for about, entry in entries if about == migration))


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _query(words: Log, columns: dict[str, tuple[str, str]]) -> str:
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
    texts = [f"COALESCE(x.{columns[column][0]}::pg_catalog.text, '')" for column in wanted[:3]]
    times = [_seconds(words.table, *columns[column]) for column in wanted[3:]]
    when = f"COALESCE(x.{columns[words.started_column][0]}::pg_catalog.text, '')"
    about = columns[words.migration_column][0]
    return (
        f"SELECT {', '.join([*texts, *times, when])} FROM {words.table} AS x"
        f" WHERE $1::pg_catalog.text IS NULL OR x.{about}::pg_catalog.text = $1 LIMIT {MOST + 1}"
    )


def _seconds(table: str, column: str, kind: str) -> str:
    if kind not in _SECONDS:
        raise Misuse(f"{table}.{column} is of type {kind}, which is no time; name the right column under [log]")
    return f"({_SECONDS[kind].format(column)})::pg_catalog.text"


def flaws(story: Story, phase: str) -> Iterator[Difference]:
    """Yield where the log does not tell what it must in this phase: each thing that is missing, open or out of order."""
    if not story.there and phase == "pre_migration":
        return  # the tool makes it when it begins
    if not story.there:
        yield Difference(CHECK, story.words.table, "the migration's log", "there is no such table")
        return
    yield from _untidy(story)
    if phase == "pre_migration":
        yield from _done_already(story)
    elif phase == "post_migration":
        yield from _ended(story, story.migrations, story.rollbacks, "migration", "rollback")
    elif phase == "post_rollback":
        yield from _ended(story, story.rollbacks, story.migrations, "rollback", "migration")
    elif phase == "pre_rollback":
        yield from _nothing_to_undo(story)


def _untidy(story: Story) -> Iterator[Difference]:
    for entry in story.entries:
        if not story.failed(entry) and not story.completed(entry):
            yield _flaw(
                story, str(entry), "completed or failed", "never finished: it still runs, or died without a word"
            )
        elif story.completed(entry) and (entry.started is None or entry.finished is None):
            yield _flaw(story, str(entry), "a start and an end", "completed, but one of the times is missing")
        elif entry.started is not None and entry.finished is not None and entry.finished < entry.started:
            yield _flaw(story, str(entry), "an end after the start", "it ends before it starts")


def _ended(
    story: Story, wanted: Sequence[Entry], others: Sequence[Entry], noun: str, other: str
) -> Iterator[Difference]:
    """The latest of the `wanted` entries is done, and nothing came after it."""
    done = [entry for entry in wanted if story.completed(entry)]
    if not done:
        latest = f"the latest is {wanted[-1]}" if wanted else "there is none"
        yield _flaw(story, noun, f"a completed {noun}", latest)
        return
    for entry in wanted:
        if story.failed(entry) and entry.last > done[-1].last:
            yield _flaw(story, str(entry), f"no failure after the completed {noun}", "it failed later")
    began = done[-1].last if done[-1].started is None else done[-1].started
    for entry in others:
        if entry.last > began:
            yield _flaw(story, str(entry), f"no {other} after the {noun} of {done[-1].when}", "it came later")


def _done_already(story: Story) -> Iterator[Difference]:
    """Before the migration its name decides: where none is configured, the latest entries are another migration's."""
    undone = max((entry.last for entry in story.rollbacks if story.completed(entry)), default=float("-inf"))
    for entry in story.migrations if story.words.migration else ():
        if story.completed(entry) and entry.last > undone:
            yield _flaw(story, str(entry), "a migration that is still to come", "it was done, and not rolled back")


def _nothing_to_undo(story: Story) -> Iterator[Difference]:
    undone = max((entry.last for entry in story.rollbacks if story.completed(entry)), default=float("-inf"))
    if not any(entry.last > undone for entry in story.migrations):
        yield _flaw(story, "migration", "a migration that was begun since the last rollback", "there is none to undo")


def _flaw(story: Story, what: str, wanted: str, found: str) -> Difference:
    return Difference(CHECK, f"{story.words.table} {story.migration}: {what}", wanted, found)
