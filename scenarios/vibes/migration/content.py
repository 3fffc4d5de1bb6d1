"""Questions about rows: fingerprints, orphans, and what was written since the backup."""

from typing import NamedTuple

from .database import Database, name
from .plan import KEYS, MIGRATED_TYPE, ORIGINAL_TYPE, REFERENCES, TABLES, Reference, copy, live


class Fingerprint(NamedTuple):
    """The number of rows, and the sum of their hashes, which does not depend on their order."""

    rows: int
    hashes: int


def fingerprint(database: Database, table: str, columns: str = "") -> Fingerprint:
    """Read a whole table once; `columns` (expressions) instead of all of its own."""
    row = f"ROW({columns})" if columns else "one_row_of_it"
    found = database.rows(
        f"SELECT count(*), coalesce(sum(hashtextextended({row}::text, 0)::numeric), 0) FROM {table} AS one_row_of_it"
    )
    return Fingerprint(int(found[0][0]), int(found[0][1]))


def column_types(database: Database, table: str) -> dict[str, str]:
    """Return name → type of the columns that hold what was put into them: all but generated ones, in order."""
    return dict(
        database.rows(
            "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute"
            " WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
            table,
        )
    )


def stored_columns(database: Database, table: str) -> list[str]:
    """Return the names of those columns."""
    return list(column_types(database, table))


def as_migrated(table: str, columns: list[str]) -> str:
    """Return the columns as a list of expressions, keys cast to uuid."""
    return ", ".join(name(c) + (f"::{MIGRATED_TYPE}" if c in KEYS[table] else "") for c in columns)


def orphans(database: Database) -> list[str]:
    """Say which rows point to a parent that is not there; tables that are missing are somebody else's news."""
    found = []
    types = {table: column_types(database, live(table)) for table in TABLES}
    for reference in REFERENCES:
        child, parent = types[reference.child], types[reference.parent]
        if not set(reference.columns) <= set(child) or not set(reference.parent_columns) <= set(parent):
            continue
        number = database.value(_orphans(reference, child, parent))
        if number:
            columns = ", ".join(reference.columns)
            found.append(f"{number:,} rows of {reference.child} have a {columns} that {reference.parent} does not have")
    return found


def _orphans(reference: Reference, child: dict[str, str], parent: dict[str, str]) -> str:
    pairs = zip(reference.columns, reference.parent_columns, strict=True)
    return (
        f"SELECT count(*) FROM {live(reference.child)} AS c WHERE "
        + " AND ".join(f"c.{column} IS NOT NULL" for column in reference.columns)
        + f" AND NOT EXISTS (SELECT FROM {live(reference.parent)} AS p WHERE "
        + " AND ".join("{} = {}".format(*comparable(f"p.{p}", parent[p], f"c.{c}", child[c])) for c, p in pairs)
        + ")"
    )


def comparable(one: str, one_type: str, other: str, other_type: str) -> tuple[str, str]:
    """Return two expressions of the same type: as they are, or without what a key's way through uuid takes away."""
    if one_type == other_type:
        return one, other
    if {one_type, other_type} == {ORIGINAL_TYPE, MIGRATED_TYPE}:
        return f"{one}::{MIGRATED_TYPE}", f"{other}::{MIGRATED_TYPE}"
    return f"{one}::text", f"{other}::text"


def columns_since(database: Database, table: str) -> list[str]:
    """Return the live columns that the backup does not have."""
    copied = stored_columns(database, copy(table))
    return [column for column in stored_columns(database, live(table)) if column not in copied]


def written_since(database: Database, table: str) -> str:
    """Return a query for the live rows that the backup does not have, or has otherwise; all, if there are new columns.

    Keys are compared as what the live ones are now: after the migration a spelling cannot differ any more. Rows are
    compared by image (*=): 1.0 and 1.00 are not the same.
    """
    live_types, copied = column_types(database, live(table)), column_types(database, copy(table))
    if "id" not in live_types or columns_since(database, table):
        return f"SELECT l.* FROM {live(table)} AS l"
    pairs = [comparable(f"l.{name(c)}", live_types[c], f"b.{name(c)}", copied[c]) for c in copied if c in live_types]
    here, there = (", ".join(expressions) for expressions in zip(*pairs, strict=True))
    return (
        f"SELECT l.* FROM {live(table)} AS l WHERE NOT EXISTS (SELECT FROM {copy(table)} AS b WHERE"
        f" {_same_id(live_types, copied)} AND ROW({there})::record OPERATOR(pg_catalog.*=) ROW({here})::record)"
    )


def deleted_since(database: Database, table: str) -> int:
    """Return how many rows of the backup are no longer in the live table: they come back with it."""
    live_types, copied = column_types(database, live(table)), column_types(database, copy(table))
    gone = f" AS b WHERE NOT EXISTS (SELECT FROM {live(table)} AS l WHERE {_same_id(live_types, copied)})"
    return int(database.value(f"SELECT count(*) FROM {copy(table)}{gone if 'id' in live_types else ''}"))


def _same_id(live_types: dict[str, str], copied: dict[str, str]) -> str:
    return "{} = {}".format(*comparable("l.id", live_types["id"], "b.id", copied["id"]))
