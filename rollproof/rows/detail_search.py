"""Where rows differ from what a baseline's sums tell: the table is read once more, and the same parts are added up."""

from collections.abc import Callable
from dataclasses import replace

from rollproof.model.detail import Detail, Sums
from rollproof.rows.detail import Divided, divided_rows, sums_of, together
from rollproof.rows.paced_scan import in_turn
from rollproof.rows.scan import Scan, plan, sized
from rollproof.rows.tables import ScannableTable
from rollproof.server.reader import Connection
from rollproof.server.relation_identity import require_same_relations


def unlike(held: ScannableTable, detail: Detail) -> str:
    """Return why the table cannot be parted as the baseline parted it; "" if it can."""
    types = dict(held.relation.columns)
    for column, name in zip(detail.division.columns, detail.division.types, strict=True):
        if column not in types:
            return f"column {column}, by which the baseline parted the rows, is not there any more"
        if name not in (types[column].name, types[column].builtin):
            return f"column {column}, by which the baseline parted the rows, has another type now"
    return ""


def sums_now(held: ScannableTable, detail: Detail) -> Sums:
    """Return the sums of the same parts of a table as it is. Raises `Inconclusive` if the server refuses."""
    divided = Divided(detail.division)
    pages = held.ask(lambda connection: sized(connection, {"": held.relation}))
    scans = plan([replace(held.relation, pages=pages[held.relation.oid])], held.view.limits.jobs)
    asked = in_turn(held.view, [(scan, lambda piece: _asking(piece, divided)) for scan in scans])
    return together(sums for future in asked for _, sums in future.result())


def _asking(scan: Scan, divided: Divided) -> Callable[[Connection], Sums]:
    def ask(connection: Connection) -> Sums:
        version = connection.info.server_version
        query = divided_rows(scan.relations[0], divided, version, scan.first, scan.end)
        found = sums_of(connection.execute(query.encode(), divided.parameters).fetchall())
        require_same_relations(connection)
        return found

    return ask
