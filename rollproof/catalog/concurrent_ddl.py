"""DDL of other sessions while definitions are read.

Catalogue tables are read by our snapshot, but the functions that print definitions (`pg_get_indexdef`, `format_type`,
`regclass`) use the newest catalogue. For an index dropped after our snapshot they return NULL, for a renamed table the new
name: facts that were never true together.
"""

from collections.abc import Callable
from typing import TypeVar

from rollproof.model.errors import Inconclusive
from rollproof.server.reader import Connection, SnapshotReader, one

T = TypeVar("T")

TRIES = 3
FEW = 5  # objects that are named

# What of a table's own row is no bookkeeping: a table that was only rewritten is defined as it was. A sequence's file is
# another when it was restarted.
_ROW = (
    "c.relname, c.relnamespace, c.reltype, c.relowner, c.relam, c.reltablespace, c.relkind, c.relpersistence, c.relispopulated,"
    " c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.relispartition, c.relacl, c.reloptions, c.relpartbound,"
    " CASE WHEN c.relkind = 'S' THEN c.relfilenode END"
)
_VERSION = (
    "pg_catalog.hashtidextended(x.ctid, x.xmin::pg_catalog.text::pg_catalog.int8)"  # where a row lies, and who wrote it
)

# The catalogues that those functions read. First those whose rows belong to a table, view, index or sequence, by the column
# that says to which; then the others: what they hold, which row is about which thing, and its name.
_PARTS = {
    "pg_attribute": "attrelid",
    "pg_attrdef": "adrelid",
    "pg_constraint": "conrelid",
    "pg_index": "indrelid",
    "pg_trigger": "tgrelid",
    "pg_rewrite": "ev_class",
    "pg_policy": "polrelid",
    "pg_statistic_ext": "stxrelid",
    "pg_inherits": "inhrelid",
    "pg_sequence": "seqrelid",
    "pg_partitioned_table": "partrelid",
    "pg_publication_rel": "prrelid",
}
_THINGS = {
    "pg_namespace": ("schema", "oid", "nspname"),
    "pg_enum": ("enum value", "oid", "enumlabel"),
    "pg_proc": ("function", "oid", "proname"),
    "pg_operator": ("operator", "oid", "oprname"),
    "pg_opclass": ("operator class", "oid", "opcname"),
    "pg_collation": ("collation", "oid", "collname"),
    "pg_language": ("language", "oid", "lanname"),
    "pg_ts_config": ("text search configuration", "oid", "cfgname"),
    "pg_ts_dict": ("text search dictionary", "oid", "dictname"),
}
# Each temporary table brings types along, too, which are nobody's business.
_TYPES = (
    f"SELECT 'type', x.oid, x.typname, {_VERSION} FROM pg_catalog.pg_type AS x"
    " JOIN pg_catalog.pg_namespace AS n ON n.oid = x.typnamespace AND n.nspname !~ '^pg_(toast_)?temp'"
)
_ROLES = "SELECT 'role', x.oid, x.rolname, pg_catalog.hashtextextended(x.rolname::pg_catalog.text, 0) FROM pg_catalog.pg_roles AS x"
_SELECTS = [
    "SELECT 'table', m.oid, m.name, m.version FROM mine AS m",
    *(
        f"SELECT 'table', x.{column}, m.name, {_VERSION} FROM pg_catalog.{catalogue} AS x JOIN mine AS m ON m.oid = x.{column}"
        for catalogue, column in _PARTS.items()
    ),
    *(
        f"SELECT '{kind}', x.{column}, x.{name}, {_VERSION} FROM pg_catalog.{catalogue} AS x"
        for catalogue, (kind, column, name) in _THINGS.items()
    ),
    _TYPES,
    _ROLES,
]
_ALL = f"""
WITH mine AS (
    SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
           pg_catalog.hashtextextended(ROW({_ROW})::pg_catalog.text, 0) AS version
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY ($1)
), versions (kind, number, name, version) AS ({" UNION ALL ".join(_SELECTS)})
"""
_SUM = f"{_ALL} SELECT COALESCE(pg_catalog.sum(v.version), 0)::pg_catalog.text FROM versions AS v"
_EACH = f"""
{_ALL}
SELECT v.kind, v.number::pg_catalog.int8, min(v.name::pg_catalog.text), pg_catalog.sum(v.version)::pg_catalog.text
FROM versions AS v
GROUP BY v.kind, v.number
"""


class Unsteady(Inconclusive):
    """Another session changed definitions while they were read."""

    def __init__(self, names: tuple[str, ...]) -> None:
        more = f" and {len(names) - FEW:,} more" if len(names) > FEW else ""
        super().__init__(
            f"definitions were changed by another session while they were read: {', '.join(names[:FEW])}{more}\n"
            "run again when nobody does that"
        )


def steadily(make: Callable[[], T]) -> T:
    """Call `make` again, with a new snapshot, when it raises `Unsteady`; at most three times."""
    for _ in range(TRIES - 1):
        try:
            return make()
        except Unsteady:
            continue
    return make()


def require_steady(view: SnapshotReader, schemas: list[str]) -> None:
    """Raise `Unsteady` if a definition that the snapshot sees has been changed or dropped since.

    `schemas` are raw names; other schemas' tables, and what was created since, are not looked at.
    """
    if view.is_alone or view.ask(_transactions) == view.now(_transactions):  # nothing that wrote has ended meanwhile
        return
    was, now = (ask(lambda connection: one(connection, _SUM, (schemas,))) for ask in (view.ask, view.now))
    if was == now:
        return
    known, there = (ask(lambda connection: _each(connection, schemas)) for ask in (view.ask, view.now))
    names = {
        f"{kind} {name}"
        for (kind, number), (name, version) in known.items()
        if there.get((kind, number), ("", ""))[1] != version
    }
    if names:
        raise Unsteady(tuple(sorted(names)))


def _transactions(connection: Connection) -> object:
    return one(connection, "SELECT pg_catalog.pg_current_snapshot()::pg_catalog.text")


def _each(connection: Connection, schemas: list[str]) -> dict[tuple[str, int], tuple[str, str]]:
    """Return name and version of each object, by its kind and oid."""
    rows = connection.execute(_EACH.encode(), (schemas,)).fetchall()
    return {(str(kind), int(str(number))): (str(name), str(version)) for kind, number, name, version in rows}
