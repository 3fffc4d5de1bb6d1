"""Rows that a rollback would undo beside the migration: those that somebody wrote since the copies were made.

Who wrote a row, its transaction tells: what is younger than the last step that the migration's log calls completed is not
the migration's. What is older may be the migration's, or of somebody who was at work meanwhile.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rollproof.backup.copies import Copy
from rollproof.migration.backup_age import Step, migration_after, moment_made
from rollproof.migration.row_fate import (
    ADDED,
    MISSING,
    RowFates,
    TableAndCopy,
    keys_of,
    require_own_casts,
    with_ellipsis,
)
from rollproof.model.finding import Finding
from rollproof.rows.paired_columns import PairedColumns
from rollproof.server.reader import Connection, SnapshotReader

CHECK = "at_risk"
PAUSE = datetime.timedelta(minutes=1)
"""The longest time between two steps of one run."""
MEANWHILE = "before the migration's last step was logged: by the migration, or by somebody else at the same time"

# Rows of one key that were written after the last step, and those that were not written by the migration's own transactions.
_LATER = "COALESCE(now.later, 0)"
_MEANWHILE = "COALESCE(now.meanwhile, 0)"
_COUNTS = {
    "deleted": MISSING,
    "written": f"LEAST({ADDED}, {_LATER})",
    "changed": f"CASE WHEN was.n = now.n AND was.h <> now.h THEN LEAST(was.n, {_LATER}) ELSE 0 END",
    "written meanwhile": f"LEAST(GREATEST({ADDED} - {_LATER}, 0), {_MEANWHILE})",
    "changed meanwhile": f"CASE WHEN was.n = now.n AND was.m <> now.m AND {_LATER} = 0 THEN LEAST(was.n, {_MEANWHILE}) ELSE 0 END",
}


@dataclass(frozen=True)
class OwnTransactions:
    """The transactions that wrote the migration's log; without any, its rows cannot be told from others'.

    `last` is the one that completed its run: what was logged after a pause may be a check, made while people worked again.
    """

    transactions: tuple[str, ...] = ()
    last: str | None = None

    def later(self) -> str:
        """Return, as SQL, whether a row `x` was written after the run, and by somebody else."""
        after = f" AND pg_catalog.age(x.xmin) < pg_catalog.age('{self.last}'::pg_catalog.xid)" if self.last else ""
        return self.foreign() + after

    def foreign(self) -> str:
        """Return, as SQL, whether a row `x` was written by none of these transactions."""
        return f"x.xmin::pg_catalog.text <> ALL ('{{{','.join(self.transactions)}}}')" if self.transactions else "true"


def transactions_of(copy: Copy, steps: Sequence[Step]) -> OwnTransactions:
    """Return the transactions of the migration that this copy belongs to."""
    mine = [step for step in migration_after(moment_made(copy), steps) if step.transaction]
    last = min(_first_run(mine), key=lambda step: step.moment.age, default=None)
    return OwnTransactions(tuple(step.transaction for step in mine), last.transaction if last else None)


def _first_run(steps: Sequence[Step]) -> Iterator[Step]:
    end = None
    for step in steps:
        if end and (step.started or step.finished) > end + PAUSE:
            return
        end = max(end or step.finished, step.finished)
        yield step


def at_risk(view: SnapshotReader, fates: RowFates, copy: Copy, steps: Sequence[Step]) -> Iterator[Finding]:
    """Yield that rows were written, changed or deleted since the copy was made; as a warning, where the migration may have.

    Raises `Inconclusive` if the table is gone, or the server refuses.
    """
    whole, meant, known = fates.pair(copy), fates.meant(copy), transactions_of(copy, steps)
    counts, keys = view.ask(lambda connection: _counted(connection, whole, meant, known), reads=whole.sources)
    sure = [f"{counts[what]:,} {what} ({keys[what]})" for what in ("written", "changed", "deleted") if counts[what]]
    meanwhile = [(what, f"{what} meanwhile") for what in ("written", "changed")]
    if sure:
        yield _undone(copy, ", ".join(sure))
    doubtful = [f"{counts[then]:,} {what} ({keys[then]})" for what, then in meanwhile if counts[then]]
    if doubtful:
        yield _undone(copy, f"{', '.join(doubtful)} {MEANWHILE}", heals=True)


def _undone(copy: Copy, found: str, *, heals: bool = False) -> Finding:
    sentence = f"the rollback would undo rows of {copy.table}: {found}"
    return Finding(CHECK, copy.table, f"the rows of {copy.name}", found, sentence, heals=heals)


def _counted(
    connection: Connection, whole: TableAndCopy, meant: TableAndCopy, known: OwnTransactions
) -> tuple[dict[str, int], dict[str, str]]:
    require_own_casts(connection, whole)
    hashes = [each.paired(connection) for each in (whole, meant)]
    version = connection.info.server_version
    was, now = (_side((whole, meant), hashes, version, each) for each in (None, known))
    joined = f"FROM ({was}) AS was FULL JOIN ({now}) AS now ON now.k = was.k"
    sums = ", ".join(f"COALESCE(pg_catalog.sum({amount}), 0)" for amount in _COUNTS.values())
    row = connection.execute(f"SELECT {sums} {joined}".encode()).fetchone() or (0,) * len(_COUNTS)
    counts = {what: int(str(count)) for what, count in zip(_COUNTS, row, strict=True)}
    found = {what: keys_of(connection, whole, joined, _COUNTS[what]) for what in counts if counts[what]}
    return counts, {what: with_ellipsis(keys, counts[what]) for what, keys in found.items()}


def _side(
    pairs: tuple[TableAndCopy, TableAndCopy],
    paired: Sequence[PairedColumns],
    version: int,
    known: OwnTransactions | None,
) -> str:
    """Return a side's rows by key: how many, and hashes of all columns and of those that the migration was not to write."""
    live, whole = known is not None, pairs[0]
    (key, row), (_, meant) = (
        pair.grouped(columns, version, live=live) for pair, columns in zip(pairs, paired, strict=True)
    )
    written = ""
    if known:
        later, foreign = known.later(), known.foreign()
        written = (
            f", pg_catalog.count(*) FILTER (WHERE {later}) AS later"
            f", pg_catalog.count(*) FILTER (WHERE {foreign} AND NOT ({later})) AS meanwhile"
        )
    return (
        f"SELECT {key} AS k, pg_catalog.count(*) AS n, pg_catalog.sum({row}) AS h, pg_catalog.sum({meant}) AS m{written}"
        f" FROM {whole.table if known else whole.copy} AS x GROUP BY 1"
    )
