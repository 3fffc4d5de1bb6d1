"""How many rows a table has and a fingerprint of all of them, computed inside PostgreSQL in one scan.

The fingerprint is the sum over all rows of a 64-bit hash of the row's stored image (`images`), so neither the physical
order nor the order of scanning matters, and a row that is lost, doubled or changed does. Two tables that differ have the
same sum by chance once in 2^64 times; nobody is kept from making such a pair on purpose. Columns are taken in the order
of their names: that a column moved is the `columns` facet's news, not this one's.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass

import psycopg

from rollproof.errors import CannotTell
from rollproof.images import ALGORITHM, row_hash
from rollproof.relations import Relation
from rollproof.rowdiff import Held
from rollproof.session import Connection, View, reason


@dataclass(frozen=True)
class Content:
    """What one scan says: the exact number of rows, and the fingerprint, `ALGORITHM:` and a whole number."""

    rows: int
    fingerprint: str


def outdated(fingerprint: str) -> str | None:
    """Return why a recorded fingerprint cannot be compared with ours; None if it can."""
    if fingerprint.startswith(f"{ALGORITHM}:"):
        return None
    return (
        "its fingerprint was taken by another version of rollproof, which reads rows otherwise: take the baseline again"
    )


def scan(connection: Connection, relation: Relation) -> Content:
    """Count and fingerprint one table's own rows, exactly. Raises what the server raises."""
    # The alias cannot be mistaken for a column: each column is named with it.
    row = row_hash("x", relation.columns, connection.info.server_version)
    query = f"SELECT count(*), COALESCE(sum({row}), 0)::text FROM ONLY {relation.name} AS x"
    rows, fingerprint = connection.execute(query.encode()).fetchone() or (None, None)
    return Content(int(str(rows)), f"{ALGORITHM}:{fingerprint}")


class Contents:
    """The contents of many tables, scanned behind the scenes, the largest first; ask for one and wait only for it.

    Nothing is scanned before `begin` or the first question, so that what is cheap need not wait behind a scan. `tables` are
    the names of those that are scanned.
    """

    def __init__(self, view: View, found: Mapping[str, Relation]) -> None:
        self.tables = frozenset(found)
        self._view = view
        self._found = found
        self._scans: dict[str, Future[Content]] = {}

    def begin(self) -> None:
        """Begin all scans. The second time does nothing."""
        if not self._scans:
            largest_first = sorted(self._found.values(), key=lambda relation: (-relation.pages, relation.name))
            self._scans = {found.name: self._view.submit(_scan_of(found, self._view)) for found in largest_first}

    def held(self, table: str) -> Held | None:
        """Return the table as something to read rows of; None if it is not scanned."""
        return Held(self._view, self._found[table]) if table in self._found else None

    def of(self, table: str) -> Content:
        """Return one table's content. Raises `CannotTell` if the server refused it; the table must be among `tables`."""
        self.begin()
        return self._scans[table].result()


def _scan_of(relation: Relation, view: View) -> Callable[[Connection], Content]:
    def ask(connection: Connection) -> Content:
        try:
            return scan(connection, relation)
        except psycopg.Error as error:
            raise CannotTell(f"{relation.name} could not be read: {reason(error, view.role, relation.name)}") from error

    return ask
