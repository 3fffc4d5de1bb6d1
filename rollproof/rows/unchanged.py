"""Whether a table holds the rows that it held in an earlier snapshot, as far as a read-only role can prove it.

The server's statistics of rows written prove nothing: they are reset, a session may switch them off, and they lag behind. But
which rows a snapshot sees follows from the transaction ids that it takes for finished. Equal snapshots see equal rows; and if
a later snapshot sees as many rows of a table as an earlier one, none of them written by a transaction that was unfinished
then, it sees the same rows. That holds if the server was not restarted and did not crash (transaction ids that were lost are
assigned again), and the table has the same relfilenode, columns and types.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping

import msgspec
import psycopg

from rollproof.model.errors import Inconclusive
from rollproof.rows.paced_scan import in_turn
from rollproof.rows.row_hash import ALGORITHM, Type, row_hash
from rollproof.rows.scan import Content, Scan, execute, plan
from rollproof.rows.tables import Relation
from rollproof.server.reader import Connection, SnapshotReader

# Beyond it, old numbers of transactions cannot be told from new ones: they are reused after four milliards.
_REMEMBERED = 2**30


class Anchor(msgspec.Struct, frozen=True):
    """When a table was read: a digest of what must be the same, the snapshot (`pg_current_snapshot`), and the time."""

    identity: str
    snapshot: str
    taken: str
    standby: bool

    @property
    def oldest(self) -> int:
        """The snapshot's xmin: every older transaction had finished."""
        return int(self.snapshot.split(":")[0])

    @property
    def next(self) -> int:
        """The snapshot's xmax: no transaction from it on had finished."""
        return int(self.snapshot.split(":")[1])

    def sees_what(self, earlier: "Anchor") -> bool:
        """Tell whether both snapshots see the same; on a standby the text does not name the transactions in progress."""
        return self.snapshot == earlier.snapshot and (not self.standby or self.oldest == self.next)


# A crash throws the statistics away, and with them the time of their last reset; the time of the start stays.
_ANCHORS = """
SELECT c.oid::int8, pg_current_snapshot()::text, now()::text, pg_is_in_recovery(),
       (SELECT s.system_identifier FROM pg_catalog.pg_control_system() AS s) || '/' || pg_postmaster_start_time() || '/'
       || (SELECT a.stats_reset FROM pg_catalog.pg_stat_get_archiver() AS a) || '/' || pg_is_in_recovery() || '/'
       || (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
       || '/' || c.oid || '/' || c.relfilenode || '/'
       -- A column may come back under its name, filled with something else although no row was written.
       || ARRAY(SELECT (a.attnum, a.attname, a.atttypid, a.atttypmod, a.attisdropped, a.attmissingval::text)::text
                FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 ORDER BY a.attnum)::text
FROM pg_catalog.pg_class AS c WHERE c.oid = ANY ($1::int8[]::oid[])
"""


def anchors(connection: Connection, found: Mapping[str, Relation]) -> dict[str, Anchor]:
    """Return the anchors of the current snapshot, by table; a table about which something is unknown has none."""
    by_oid = {relation.oid: relation for relation in found.values()}
    told = {}
    for oid, snapshot, taken, standby, text in connection.execute(_ANCHORS.encode(), (list(by_oid),)).fetchall():
        relation = by_oid[int(str(oid))]
        if text is not None:
            rows = row_hash("x", relation.columns, connection.info.server_version)
            digest = hashlib.sha256(f"{ALGORITHM} {relation.name} {rows} {text}".encode()).hexdigest()
            told[relation.name] = Anchor(digest, str(snapshot), str(taken), bool(standby))
    return told


class ScannedTable(msgspec.Struct, frozen=True):
    """One scanned table: its anchor and its content."""

    anchor: Anchor
    rows: int
    fingerprint: str

    @property
    def content(self) -> Content:
        """Its content."""
        return Content(self.rows, self.fingerprint)


def unchanged(
    view: SnapshotReader, found: Mapping[str, Relation], now: Mapping[str, Anchor], lines: Mapping[str, ScannedTable]
) -> set[str]:
    """Return the tables whose line has what a scan would find now.

    If transactions have finished since, the table is searched for rows that they wrote, which is much faster than hashing all
    rows.
    """
    same = {name for name, line in lines.items() if now[name].sees_what(line.anchor)}
    doubtful = [
        found[name]
        for name, line in lines.items()
        if name not in same and now[name].next - line.anchor.oldest < _REMEMBERED and _told_by_rows(found[name])
    ]
    return same | _untouched(view, doubtful, lines)


def _told_by_rows(relation: Relation) -> bool:
    """Whether only writing its rows can change their values: no enum, no reg* type, no composite type that can be altered."""
    return relation.heap and all(map(_is_fixed, (type_ for _, type_ in relation.columns)))


def _is_fixed(type_: Type) -> bool:
    if type_.kind == "base":
        return bool(type_.builtin) and not type_.builtin.startswith("reg") and type_.builtin != "aclitem"
    return type_.kind in {"array", "range", "multirange"} and all(_is_fixed(part) for _, part in type_.parts)


def _untouched(view: SnapshotReader, doubtful: list[Relation], lines: Mapping[str, ScannedTable]) -> set[str]:
    def look(scan: Scan) -> Callable[[Connection], list[tuple[str, int, int]]]:
        return lambda connection: list(_looked_through(connection, scan, lines))

    rows = {relation.name: 0 for relation in doubtful}
    touched = set()
    scans = plan(doubtful, view.limits.jobs)
    for one, future in zip(scans, in_turn(view, [(one, look) for one in scans]), strict=True):
        try:
            for name, count, newer in (each for _, found in future.result() for each in found):
                rows[name] += count
                touched |= {name} if newer else set()
        except (Inconclusive, psycopg.Error):  # whoever reads it again will hear why
            touched |= {relation.name for relation in one.relations}
    return {name for name, count in rows.items() if name not in touched and count == lines[name].rows}


def _looked_through(
    connection: Connection, scan: Scan, lines: Mapping[str, ScannedTable]
) -> Iterator[tuple[str, int, int]]:
    """Yield each table's number of rows on these pages, and how many were written by transactions unfinished then."""
    where = (
        scan.where or " WHERE x.ctid >= '(0,0)'"
    )  # by places, which the statistics do not count as a scan of the table
    selects = (
        f"SELECT {number}, count(*), count(*) FILTER (WHERE age(x.xmin) <= age('{lines[each.name].anchor.oldest % 2**32}'::xid))"
        f" FROM {each.source} AS x{where} AND {each.own}"
        for number, each in enumerate(scan.relations)
    )
    for number, count, newer in execute(connection, " UNION ALL ".join(selects)):
        yield scan.relations[int(str(number))].name, int(str(count)), int(str(newer))
