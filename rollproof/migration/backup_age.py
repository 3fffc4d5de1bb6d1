"""Whether the migration's copies were written before its first change: transaction ids and commit timestamps against its log.

A table remembers the transaction that made it, and each row the one that wrote it; transactions are numbered in the order in
which they begin to write. Their times are kept only with `track_commit_timestamp = on`; without it a younger transaction may
still be a savepoint of an older one, so it proves something only beyond a step that began when the first was finished.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rollproof.backup.copies import Copy
from rollproof.migration.log_table import columns_of, source
from rollproof.model.errors import Inconclusive
from rollproof.model.finding import Finding
from rollproof.model.timestamps import shown
from rollproof.server.reader import Connection, SnapshotReader
from rollproof.settings.sections import Log
from rollproof.sources.source import Source

# Ages grow with each transaction of anybody's: counted from the snapshot on, they can be held against those of another question.
_MOMENT = """pg_catalog.age({0}.xmin)
       - pg_catalog.age(pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::pg_catalog.xid),
       CASE WHEN pg_catalog.current_setting('track_commit_timestamp') = 'on'
            THEN pg_catalog.pg_xact_commit_timestamp({0}.xmin) END"""
# The row of a system column is written when its table is made, and by nothing later.
_MADE = f"""
SELECT {_MOMENT.format("a")} FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = $1::pg_catalog.regclass AND a.attnum = -1
"""
_WRITTEN = f"SELECT {_MOMENT.format('x')} FROM ONLY {{copy}} AS x ORDER BY 1 LIMIT 1"
_LOG = f"""
SELECT {_MOMENT.format("x")}, {{started}}::pg_catalog.timestamptz, {{finished}}::pg_catalog.timestamptz,
       pg_catalog.concat_ws(' ', {{operation}}, {{step}}), {{operation}} IS NOT DISTINCT FROM $1, x.xmin::pg_catalog.text
FROM {{log}} AS x
WHERE {{status}} = $2 AND ($3::pg_catalog.text IS NULL OR {{migration}} = $3)
      AND COALESCE({{step}}, {{operation}}, '') <> ALL ($4::pg_catalog.text[])
ORDER BY 4 LIMIT 10000
"""


@dataclass(frozen=True)
class WritingTransaction:
    """A transaction: how many have begun since, and when it was committed, where the server remembers that."""

    age: int
    committed: datetime.datetime | None = None


@dataclass(frozen=True)
class Step:
    """One completed step in the log: the transaction that wrote it there, when it began and was finished."""

    moment: WritingTransaction
    started: datetime.datetime | None
    finished: datetime.datetime
    name: str
    rollback: bool = False
    transaction: str = ""

    def __str__(self) -> str:
        return f"step “{self.name}” was finished ({shown(self.finished)})"

    def together_with(self, moment: WritingTransaction) -> bool:
        """Tell whether both were committed at once; where nobody kept the times, savepoints of one look like others."""
        return self.moment.age == moment.age or None is not moment.committed == self.moment.committed

    def before(self, moment: WritingTransaction) -> bool:
        """Tell whether it was finished before that, or may have been."""
        if moment.committed is not None:
            return self.finished < moment.committed
        return self.moment.age > moment.age


def migration_after(made: WritingTransaction, steps: Sequence[Step]) -> list[Step]:
    """Return the steps of the migration that a copy made then belongs to: those since the last rollback before it."""
    rollbacks = [place for place, step in enumerate(steps) if step.rollback and step.before(made)]
    return [step for step in steps[max(rollbacks, default=-1) + 1 :] if not step.rollback]


def after_the_first(moment: WritingTransaction, steps: Sequence[Step]) -> Step | None:
    """Return the first step, in the order of finishing, if the moment was after it; None if it was not.

    Raises `Inconclusive` where it looks like after, and there is no proof.
    """
    first = next((step for step in steps if not step.together_with(moment)), None)
    if first is None or not first.before(moment):
        return None
    proof = [step for step in steps if step.started and step.started >= first.finished and step.before(moment)]
    if moment.committed is not None or proof:
        return first
    raise Inconclusive(
        f"by a transaction younger than the one that logged that {first}, which may still be a savepoint of an older one; "
        "with track_commit_timestamp = on the server would know its time"
    )


def too_late(copy: Copy, steps: Sequence[Step], before: Source) -> Iterator[Finding]:
    """Yield that the copy was made, or a row of it written, after the migration's first change.

    A copy whose rows are the reference's was moved, at most, and is not too late. Raises `Inconclusive` if the copy cannot be
    read, and where only a time could decide that nobody kept.
    """
    try:
        found = _written_late(copy, steps)
    except Inconclusive:
        if not _as_it_was(copy, before):
            raise
    else:
        if found and not _as_it_was(copy, before):
            yield found


def _written_late(copy: Copy, steps: Sequence[Step]) -> Finding | None:
    moments = _asked(copy)
    own = migration_after(moments["made"], steps)
    for what, moment in moments.items():
        try:
            late = after_the_first(moment, own)
        except Inconclusive as error:
            raise Inconclusive(f"{copy.name} was {what} {error}") from None
        if late:
            found = f"{copy.name} was {what} after {late}"
            sentence = f"{found}: it may hold rows that the migration had changed"
            return Finding("backup_age", copy.table, "older than every change of the migration", found, sentence)
    return None


def _as_it_was(copy: Copy, before: Source) -> bool:
    try:
        return not before.unavailable("backup_content") and not [*copy.other_rows(before)]
    except Inconclusive:
        return False


def _asked(copy: Copy) -> dict[str, WritingTransaction]:
    return copy.copies.view.ask(lambda connection: _moments(connection, copy.name), reads=[f"ONLY {copy.name}"])


def moment_made(copy: Copy) -> WritingTransaction:
    """Return when the copy was made. Raises `Inconclusive` if the server cannot be asked."""
    return _asked(copy)["made"]


def _moments(connection: Connection, copy: str) -> dict[str, WritingTransaction]:
    asked = {"made": (_MADE, (copy,)), "written to": (_WRITTEN.format(copy=copy), None)}
    moments = {}
    for what, (query, parameters) in asked.items():
        if row := connection.execute(query.encode(), parameters).fetchone():
            moments[what] = _moment(*row)
    return moments


def _moment(age: object, committed: object) -> WritingTransaction:
    return WritingTransaction(int(str(age)), committed if isinstance(committed, datetime.datetime) else None)


def completed(view: SnapshotReader, log: Log) -> list[Step]:
    """Return the log's completed steps that may have changed something, the first finished first; none without a log.

    Raises `Inconclusive` if the log cannot be read.
    """
    try:
        rows = view.ask(lambda connection: _entries(connection, log), reads=[source(log.table)])
    except Inconclusive as error:
        raise Inconclusive(f"the migration's log {log.table}: {error}") from error
    return [
        Step(_moment(age, committed), began, ended, str(name), bool(rollback), str(transaction))  # type: ignore[arg-type] # times, or none
        for age, committed, began, ended, name, rollback, transaction in rows
        if ended is not None
    ]


def _entries(connection: Connection, log: Log) -> list[tuple[object, ...]]:
    """Return the rows of _LOG's query; none without a log, which need not have each of the columns."""
    columns = columns_of(connection, log.table)
    if not columns:
        return []
    words = ("started", "finished", "operation", "step", "status", "migration")
    named = {word: columns.get(getattr(log, f"{word}_column")) for word in words}
    texts = {word: column.text if column else "NULL::pg_catalog.text" for word, column in named.items()}
    parameters = (log.rollback_value, log.completed_value, log.migration, list(log.harmless_steps))
    return connection.execute(_LOG.format(log=source(log.table), **texts).encode(), parameters).fetchall()
