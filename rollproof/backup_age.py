"""When the migration's copies were written, seen against the migration's own log, as far as PostgreSQL can tell.

A table remembers the transaction that made it, and each row the one that wrote it; transactions are numbered in the order in
which they begin to write. Their times are kept only with `track_commit_timestamp = on`; without it a younger transaction may
still be a savepoint of an older one, so it proves something only beyond a step that began when the first was finished.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rollproof.backup import Copy
from rollproof.compare import Difference
from rollproof.configuration import Log
from rollproof.errors import CannotTell
from rollproof.moments import shown
from rollproof.session import Connection, View, one
from rollproof.sides import Side

_MOMENT = """pg_catalog.age({0}.xmin), CASE WHEN pg_catalog.current_setting('track_commit_timestamp') = 'on'
                                        THEN pg_catalog.pg_xact_commit_timestamp({0}.xmin) END"""
# The row of a system column is written when its table is made, and by nothing later.
_MADE = f"""
SELECT {_MOMENT.format("a")} FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = $1::pg_catalog.regclass AND a.attnum = -1
"""
_WRITTEN = f"SELECT {_MOMENT.format('x')} FROM ONLY {{copy}} AS x ORDER BY 1 LIMIT 1"
# As JSON, since a log need not have every column that the configuration can name.
_LOG = f"""
SELECT {_MOMENT.format("x")}, (j ->> $1)::pg_catalog.timestamptz, (j ->> $2)::pg_catalog.timestamptz,
       pg_catalog.concat_ws(' ', j ->> $3, j ->> $4), j ->> $3 IS NOT DISTINCT FROM $5, x.xmin::pg_catalog.text
FROM (SELECT l.xmin, pg_catalog.to_jsonb(l) AS j FROM {{log}} AS l) AS x
WHERE j ->> $6 = $7 AND ($9::pg_catalog.text IS NULL OR j ->> $8 = $9)
      AND COALESCE(j ->> $4, j ->> $3, '') <> ALL ($10::pg_catalog.text[])
ORDER BY 4 LIMIT 10000
"""


@dataclass(frozen=True)
class Moment:
    """A transaction: how many have begun since, and when it was committed, where the server remembers that."""

    age: int
    committed: datetime.datetime | None = None


@dataclass(frozen=True)
class Step:
    """One completed step in the log: the transaction that wrote it there, when it began and was finished."""

    moment: Moment
    started: datetime.datetime | None
    finished: datetime.datetime
    name: str
    rollback: bool = False
    transaction: str = ""

    def __str__(self) -> str:
        return f"step “{self.name}” was finished ({shown(self.finished)})"

    def together_with(self, moment: Moment) -> bool:
        """Tell whether both were committed at once; where nobody kept the times, savepoints of one look like others."""
        return self.moment.age == moment.age or None is not moment.committed == self.moment.committed

    def before(self, moment: Moment) -> bool:
        """Tell whether it was finished before that, or may have been."""
        if moment.committed is not None:
            return self.finished < moment.committed
        return self.moment.age > moment.age


def migration_after(made: Moment, steps: Sequence[Step]) -> list[Step]:
    """Return the steps of the migration that a copy made then belongs to: those since the last rollback before it."""
    rollbacks = [place for place, step in enumerate(steps) if step.rollback and step.before(made)]
    return [step for step in steps[max(rollbacks, default=-1) + 1 :] if not step.rollback]


def after_the_first(moment: Moment, steps: Sequence[Step]) -> Step | None:
    """Return the first step, in the order of finishing, if the moment was after it; None if it was not.

    Raises `CannotTell` where it looks like after, and there is no proof.
    """
    first = next((step for step in steps if not step.together_with(moment)), None)
    if first is None or not first.before(moment):
        return None
    proof = [step for step in steps if step.started and step.started >= first.finished and step.before(moment)]
    if moment.committed is not None or proof:
        return first
    raise CannotTell(
        f"by a transaction younger than the one that logged that {first}, which may still be a savepoint of an older one; "
        "with track_commit_timestamp = on the server would know its time"
    )


def too_late(copy: Copy, steps: Sequence[Step], before: Side) -> Iterator[Difference]:
    """Yield that the copy was made, or a row of it written, after the migration's first change.

    A copy whose rows are the reference's was moved, at most, and is not too late. Raises `CannotTell` if the copy cannot be
    read, and where only a time could decide that nobody kept.
    """
    try:
        found = _written_late(copy, steps)
    except CannotTell:
        if not _as_it_was(copy, before):
            raise
    else:
        if found and not _as_it_was(copy, before):
            yield found


def _written_late(copy: Copy, steps: Sequence[Step]) -> Difference | None:
    moments = copy.copies.view.ask(lambda connection: _moments(connection, copy.name))
    own = migration_after(moments["made"], steps)
    for what, moment in moments.items():
        try:
            late = after_the_first(moment, own)
        except CannotTell as error:
            raise CannotTell(f"{copy.name} was {what} {error}") from None
        if late:
            wanted = f"{copy.name}, older than every change"
            return Difference("backup_age", copy.table, wanted, f"{copy.name} was {what} after {late}")
    return None


def _as_it_was(copy: Copy, before: Side) -> bool:
    try:
        return not before.lacks("backup_content") and not [*copy.other_rows(before)]
    except CannotTell:
        return False


def moment_made(copy: Copy) -> Moment:
    """Return when the copy was made. Raises `CannotTell` if the server cannot be asked."""
    return copy.copies.view.ask(lambda connection: _moments(connection, copy.name))["made"]


def _moments(connection: Connection, copy: str) -> dict[str, Moment]:
    asked = {"made": (_MADE, (copy,)), "written to": (_WRITTEN.format(copy=copy), None)}
    moments = {}
    for what, (query, parameters) in asked.items():
        if row := connection.execute(query.encode(), parameters).fetchone():
            moments[what] = _moment(*row)
    return moments


def _moment(age: object, committed: object) -> Moment:
    return Moment(int(str(age)), committed if isinstance(committed, datetime.datetime) else None)


def completed(view: View, log: Log) -> list[Step]:
    """Return the log's completed steps that may have changed something, the first finished first; none without a log.

    Raises `CannotTell` if the log cannot be read.
    """
    parameters = (
        *(log.started_column, log.finished_column, log.operation_column, log.step_column, log.rollback_value),
        *(log.status_column, log.completed_value, log.migration_column, log.migration, list(log.harmless_steps)),
    )

    def ask(connection: Connection) -> list[tuple[object, ...]]:
        if one(connection, "SELECT pg_catalog.to_regclass($1)", (log.table,)) is None:
            return []
        return connection.execute(_LOG.format(log=log.table).encode(), parameters).fetchall()

    try:
        rows = view.ask(ask)
    except CannotTell as error:
        raise CannotTell(f"the migration's log {log.table}: {error}") from error
    return [
        Step(_moment(age, committed), began, ended, str(name), bool(rollback), str(transaction))  # type: ignore[arg-type] # times, or none
        for age, committed, began, ended, name, rollback, transaction in rows
        if ended is not None
    ]
