"""Rows that lost their parent row in the migration: foreign keys between the tables, held against those between their copies."""

from collections.abc import Iterator, Mapping

from rollproof.backup.copies import Copy
from rollproof.migration.row_fate import RowFates, TableAndCopy, require_own_casts
from rollproof.model.errors import Inconclusive
from rollproof.model.finding import Finding
from rollproof.probes.column_equality import USUAL, ColumnPair, equal
from rollproof.probes.foreign_keys import Relationship
from rollproof.server.reader import Connection, SnapshotReader


class Edges:
    """The foreign keys of which both tables have a copy, by identity, and which rows lost their parent row."""

    def __init__(
        self, fates: RowFates, view: SnapshotReader, keys: Mapping[str, Relationship], copies: Mapping[str, Copy]
    ) -> None:
        self._fates = fates
        self._view = view
        self._copies = copies
        self.keys = {
            name: key for name, key in keys.items() if {key.table, key.references} <= copies.keys() and not key.period
        }

    def lost(self, identity: str) -> Iterator[Finding]:
        """Yield that rows of one foreign key lost their parent row. Raises `Inconclusive` if nobody can say."""
        key = self.keys[identity]
        child, parent = (self._fates.pair(self._copies[table]) for table in (key.table, key.references))
        if not child.key:
            raise Inconclusive(f"{identity}: {key.table} has no primary key, so its rows cannot be found again")
        if not ({*key.columns} <= child.columns.keys() and {*key.referenced_columns} <= parent.columns.keys()):
            raise Inconclusive(f"{identity}: its columns are not all there (see nothing_lost)")
        try:
            lost = self._view.ask(
                lambda connection: lost_edges(connection, key, child, parent), reads=[*child.sources, *parent.sources]
            )
        except Inconclusive as error:
            raise Inconclusive(f"{identity}: {error}") from error
        if lost:
            rows = "1 row" if lost == 1 else f"{lost:,} rows"
            sentence = f"{rows} of {key.table} lost their parent row since the copies were made: {key}"
            yield Finding("migrated_edges", identity, str(key), f"{rows} lost the parent row", sentence)


def lost_edges(connection: Connection, key: Relationship, child: TableAndCopy, parent: TableAndCopy) -> int:
    """Return how many rows have their parent row in the copies, and not in the tables."""
    require_own_casts(connection, child, parent)
    equality = key.equality or (USUAL,) * len(key.columns)
    parts = list(zip(key.columns, key.referenced_columns, equality, strict=True))
    copied = [
        ColumnPair((parent.copy, up), (child.copy, down), (f"p.{up}", f"c.{down}"), operator)
        for down, up, operator in parts
    ]
    was = " AND ".join(equal(connection, copied))
    now = " AND ".join(_meet(connection, child, parent, part) for part in parts)
    same = [
        f"{pair.row(f'now_{alias}', columns, live=True)} = {pair.row(alias, columns, live=False)}"
        for alias, pair, columns in (("c", child, child.key), ("p", parent, key.referenced_columns))
    ]
    query = (
        f"SELECT pg_catalog.count(*) FROM {child.copy} AS c JOIN {parent.copy} AS p ON {was} WHERE NOT EXISTS"
        f" (SELECT FROM {child.table} AS now_c JOIN {parent.table} AS now_p ON {now} WHERE {' AND '.join(same)})"
    )
    return int(str((connection.execute(query.encode()).fetchone() or (0,))[0]))


def _meet(connection: Connection, child: TableAndCopy, parent: TableAndCopy, part: tuple[str, str, str]) -> str:
    """Return when a child's column meets its parent's now; where a type changed, spellings are compared."""
    down, up, operator = part
    if child.columns[down][0] == child.columns[down][1] and parent.columns[up][0] == parent.columns[up][1]:
        sides = f"now_p.{up}", f"now_c.{down}"
        return equal(connection, [ColumnPair((parent.table, up), (child.table, down), sides, operator)])[0]
    texts = (
        pair.value(f"now_{alias}", column, live=True) for alias, pair, column in (("c", child, down), ("p", parent, up))
    )
    return " = ".join(f"{side}::pg_catalog.text" for side in texts)
