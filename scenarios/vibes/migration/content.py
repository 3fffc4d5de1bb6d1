"""Questions about rows: fingerprints, orphans, and what was written since the backup."""

from typing import NamedTuple

from .database import Database, name
from .plan import KEYS, MIGRATED_TYPE, REFERENCES, Reference, copy, live
from .states import state


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


def stored_columns(database: Database, table: str) -> list[str]:
    """Return the names of the columns that hold what was put into them: all but generated ones, in order."""
    return [
        column
        for (column,) in database.rows(
            "SELECT attname::text FROM pg_catalog.pg_attribute"
            " WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
            table,
        )
    ]


def as_migrated(table: str, columns: list[str]) -> str:
    """Return the columns as a list of expressions, keys cast to uuid."""
    return ", ".join(name(c) + (f"::{MIGRATED_TYPE}" if c in KEYS[table] else "") for c in columns)


def orphans(database: Database) -> list[str]:
    """Say which rows point to a parent that is not there; tables that are missing are somebody else's news."""
    found = []
    for reference in REFERENCES:
        there = {state(database, reference.child), state(database, reference.parent)}
        if "missing" in there:
            continue
        number = database.value(_orphans(reference, as_uuid=len(there) > 1))
        if number:
            columns = ", ".join(reference.columns)
            found.append(f"{number:,} rows of {reference.child} have a {columns} that {reference.parent} does not have")
    return found


def _orphans(reference: Reference, *, as_uuid: bool) -> str:
    cast = f"::{MIGRATED_TYPE}" if as_uuid else ""
    pairs = zip(reference.columns, reference.parent_columns, strict=True)
    return (
        f"SELECT count(*) FROM {live(reference.child)} AS c WHERE "
        + " AND ".join(f"c.{column} IS NOT NULL" for column in reference.columns)
        + f" AND NOT EXISTS (SELECT FROM {live(reference.parent)} AS p WHERE "
        + " AND ".join(f"p.{parent}{cast} = c.{column}{cast}" for column, parent in pairs)
        + ")"
    )


def written_since(database: Database, table: str) -> str:
    """Return a query for the live rows that the backup does not have, or has otherwise.

    Keys are compared as what the live ones are now: after the migration a spelling cannot differ any more. Rows are
    compared by image (*=): 1.0 and 1.00 are not the same.
    """
    live_columns, copied = stored_columns(database, live(table)), stored_columns(database, copy(table))
    cast = f"::{MIGRATED_TYPE}" if state(database, table) == "migrated" else ""
    common = [column for column in copied if column in live_columns]
    there = ", ".join(f"b.{name(c)}{cast if c in KEYS[table] else ''}" for c in common)
    here = ", ".join(f"l.{name(c)}" for c in common)
    return (
        f"SELECT l.* FROM {live(table)} AS l WHERE NOT EXISTS (SELECT FROM {copy(table)} AS b"
        f" WHERE b.id{cast} = l.id AND ROW({there})::record OPERATOR(pg_catalog.*=) ROW({here})::record)"
    )


def deleted_since(database: Database, table: str) -> int:
    """Return how many rows of the backup are no longer in the live table: they come back with it."""
    cast = f"::{MIGRATED_TYPE}" if state(database, table) == "migrated" else ""
    return int(
        database.value(
            f"SELECT count(*) FROM {copy(table)} AS b WHERE NOT EXISTS (SELECT FROM {live(table)} AS l WHERE l.id = b.id{cast})"
        )
    )
