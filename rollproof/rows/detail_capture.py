"""Sums of parts of many tables, for a baseline: of large ones in the scan that is made anyway; small ones are read again."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from rollproof.model.detail import Detail, Sums
from rollproof.model.errors import Inconclusive
from rollproof.rows.detail import Divided, together
from rollproof.rows.detail_choice import Columns, choose, columns
from rollproof.rows.paced_scan import in_turn
from rollproof.rows.scan import SMALL, TOGETHER, Content, Scan, read
from rollproof.rows.tables import Relation
from rollproof.server.reader import Connection, SnapshotReader
from rollproof.server.relation_identity import require_same_relations

LEAST = 32  # rows: a smaller table has no parts
MOST = 500_000  # parts of all tables: some ten megabytes of a baseline's file


class Details:
    """How the tables of one database are divided, and their sums. `found` are the tables that can be scanned."""

    def __init__(self, view: SnapshotReader, found: Mapping[str, Relation]) -> None:
        self._view = view
        self._found = found
        self._divided: dict[str, Divided] = {}
        self._columns: Mapping[str, Columns] | None = None

    def divide(self, scans: Iterable[Scan]) -> list[Scan]:
        """Return the scans, those of large tables divided as far as that can be; the largest come first."""
        return [self._with_parts(one) for one in scans]

    def _with_parts(self, scan: Scan) -> Scan:
        relation = scan.relations[0]
        if scan.together or relation.pages < SMALL or relation.tuples is None:
            return scan
        if relation.name not in self._divided and self._room > 0 and (divided := self._chosen(relation)):
            self._divided[relation.name] = divided
        return replace(scan, divided=self._divided.get(relation.name))

    @property
    def _room(self) -> int:
        return MOST - sum(each.division.parts for each in self._divided.values())

    def _known(self) -> Mapping[str, Columns]:
        if self._columns is None:
            try:
                self._columns = self._view.ask(lambda connection: columns(connection, self._found))
            except Inconclusive:  # who reads the rows will hear why
                self._columns = {}
        return self._columns

    def _chosen(self, relation: Relation) -> Divided | None:
        if (known := self._known().get(relation.name)) is None:
            return None
        try:
            return self._view.ask(lambda connection: choose(connection, relation, known), reads=[relation.source])
        except Inconclusive:  # the scan says why it cannot be read
            return None

    def told(self, read: Mapping[str, Content], scanned: Mapping[str, Sequence[Sums]]) -> dict[str, Detail]:
        """Return the details of tables, given what the parts of their scans told; each adds up to the table's fingerprint."""
        found = {name: (self._divided[name], together(sums)) for name, sums in scanned.items() if name in self._divided}
        found |= self._of_small({name: content for name, content in read.items() if name not in found})
        told = {}
        for name in sorted(found):
            with suppress(ValueError):  # a NULL in a column that has none
                detail = Detail.of(found[name][0].division, found[name][1])
                if name in read and detail.adds_up_to(read[name].rows, read[name].total):
                    told[name] = detail
        return told

    def _of_small(self, read: Mapping[str, Content]) -> dict[str, tuple[Divided, Sums]]:
        wanted = [
            self._found[name] for name in sorted(read, key=lambda name: -read[name].rows) if read[name].rows >= LEAST
        ]
        wanted = [each for each in wanted if self._is_small(each)][: max(self._room, 0) // LEAST]
        groups = [tuple(wanted[start : start + TOGETHER]) for start in range(0, len(wanted), TOGETHER)]
        known = self._known() if groups else {}
        asked = in_turn(
            self._view,
            [(Scan(group, 0), lambda part: lambda connection: _small(connection, part, known)) for group in groups],
        )
        found: dict[str, tuple[Divided, Sums]] = {}
        for future in asked:
            with suppress(Inconclusive):
                for _, some in future.result():
                    found |= some
        return found

    def _is_small(self, relation: Relation) -> bool:
        return relation.name not in self._divided and relation.pages < SMALL


def _small(connection: Connection, scan: Scan, known: Mapping[str, Columns]) -> dict[str, tuple[Divided, Sums]]:
    found = {}
    for relation in scan.relations:
        divided = (
            choose(connection, replace(relation, pages=0), known[relation.name]) if relation.name in known else None
        )
        if divided:
            part = read(connection, Scan((relation,), 0, divided=divided))[relation.name]
            found[relation.name] = (divided, part.sums)
    require_same_relations(connection)
    return found
