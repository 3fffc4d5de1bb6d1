"""One hash of each row, which baselines keep of small tables: they show "rows added, none lost" without a copy."""

import sys
from array import array
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rollproof.rows.row_hash import row_hash
from rollproof.rows.scan import Scan, execute
from rollproof.rows.tables import Relation
from rollproof.server.reader import Connection

MOST = 100_000  # rows of one table
TOGETHER = 1_000_000  # rows of all tables: eleven megabytes of a baseline's file


@dataclass(frozen=True)
class Tally:
    """Numbers of rows: in the baseline, of these lost or changed, and added or changed since."""

    rows: int
    lost: int
    added: int

    def __str__(self) -> str:
        return (
            f"{self.lost:,} of {self.rows:,} in the baseline not there any more, or changed; {self.added:,} there that were not, "
            "or not so (by the hash that the baseline keeps of each)"
        )


def chosen(rows: Mapping[str, int], first: Container[str]) -> tuple[str, ...]:
    """Return the tables of which hashes are kept, given their numbers of rows: those in `first`, then the smallest."""
    kept, left = [], TOGETHER
    for table in sorted(rows, key=lambda table: (table not in first, rows[table], table)):
        if rows[table] <= min(MOST, left):
            kept.append(table)
            left -= rows[table]
    return tuple(kept)


def _each(relation: Relation, connection: Connection, where: str = "") -> str:
    row = row_hash("x", relation.columns, connection.info.server_version)
    own = f"{where} AND {relation.own}" if where else f" WHERE {relation.own}"
    return f"(SELECT {row} AS h FROM {relation.source} AS x{own}) AS each"


def hashes(connection: Connection, wanted: Scan) -> dict[str, bytes]:
    """Return the hashes of each table's rows, eight bytes each, sorted. Raises what the server raises."""
    selects = (
        f"SELECT {number}, COALESCE(string_agg(int8send(h), ''::bytea ORDER BY h), ''::bytea)"
        f" FROM {_each(relation, connection, wanted.where)}"
        for number, relation in enumerate(wanted.relations)
    )
    found = execute(connection, " UNION ALL ".join(selects))
    return {wanted.relations[int(str(number))].name: bytes(packed) for number, packed in found}  # type: ignore[call-overload] # bytea


def joined(parts: Iterable[Mapping[str, bytes]]) -> dict[str, bytes]:
    """Merge the hashes of tables that were read in parts."""
    found: dict[str, list[bytes]] = {}
    for part in parts:
        for name, packed in part.items():
            found.setdefault(name, []).append(packed)
    return {name: each[0] if len(each) == 1 else _sorted(b"".join(each)) for name, each in found.items()}


def _sorted(packed: bytes) -> bytes:
    found = array("q", sorted(numbers(packed)))
    if sys.byteorder == "little":
        found.byteswap()
    return found.tobytes()


def numbers(packed: bytes) -> Sequence[int]:
    """Unpack hashes."""
    found = array("q", packed)
    if sys.byteorder == "little":
        found.byteswap()
    return found


def tally(connection: Connection, relation: Relation, was: bytes) -> Tally:
    """Compare a table's rows with the baseline's hashes; each of several equal rows counts. Raises what the server raises."""
    query = f"""
        WITH was AS (SELECT h, count(*) AS n FROM unnest($1::int8[]) AS each (h) GROUP BY h),
             now AS (SELECT h, count(*) AS n FROM {_each(relation, connection)} GROUP BY h)
        SELECT COALESCE(sum(greatest(COALESCE(was.n, 0) - COALESCE(now.n, 0), 0)), 0)::int8,
               COALESCE(sum(greatest(COALESCE(now.n, 0) - COALESCE(was.n, 0), 0)), 0)::int8
        FROM was FULL JOIN now USING (h)"""
    before = numbers(was)
    lost, added = connection.execute(query.encode(), (list(before),)).fetchone() or (0, 0)
    return Tally(len(before), int(str(lost)), int(str(added)))
