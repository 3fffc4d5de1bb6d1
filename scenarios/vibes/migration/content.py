"""Questions about rows: fingerprints, orphans, and what was written since the backup."""

from collections.abc import Collection
from typing import NamedTuple

from .database import Database, name
from .plan import MIGRATED_TYPE, ORIGINAL_TYPE, Column, Plan, Reference, copy, live


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


def as_migrated(plan: Plan, table: str, columns: list[str]) -> str:
    """Return the columns as a list of expressions, keys cast to uuid."""
    migrating = plan.tables[table].migrating
    return ", ".join(name(c) + (f"::{MIGRATED_TYPE}" if c in migrating else "") for c in columns)


def orphans(database: Database, plan: Plan) -> list[str]:
    """Say which rows point to a parent that is not there; tables that are missing are somebody else's news."""
    found = []
    types = {table: column_types(database, live(table)) for table in plan.tables}
    for reference in plan.references:
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
        + " AND ".join(f"c.{name(column)} IS NOT NULL" for column in reference.columns)
        + f" AND NOT EXISTS (SELECT FROM {live(reference.parent)} AS p WHERE "
        + " AND ".join(_equal(name("p", p), parent[p], name("c", c), child[c]) for c, p in pairs)
        + ")"
    )


def untold(database: Database, plan: Plan, kinds: Collection[str]) -> list[str]:
    """Say which columns of some types hold ids of the tables, although no foreign key and no plan file says so."""
    found = []
    for column in plan.loose:
        if column_types(database, live(column.table)).get(column.name) in kinds:
            found += [_untold(column, number, table) for table, number in _ids_in(database, plan, column).items()]
    return found


def _untold(column: Column, number: int, table: str) -> str:
    return (
        f"{number:,} values of {column} are ids of {table}, and no foreign key says so: make one, or say in a plan file"
        " (--plan) that it refers to them (references) or stays as it is (keep)"
    )


def _ids_in(database: Database, plan: Plan, column: Column) -> dict[str, int]:
    """Return how many values of a column are ids, by table: one UUID, however it is spelled."""
    found: dict[str, int] = {}
    for table, (key, migrating) in plan.tables.items():
        if len(key) == 1 and key[0] in migrating:
            number = database.value(
                f"SELECT count(*) FROM {live(column.table)} AS c WHERE EXISTS (SELECT FROM {live(table)} AS p"
                f" WHERE {one_spelling(name('p', key[0]))} = {one_spelling(name('c', column.name))})"
            )
            found |= {table: number} if number else {}
    return found


def one_spelling(expression: str) -> str:
    """Return the expression with what a UUID's text can have otherwise taken away."""
    return f"lower(replace({expression}::text, '-', '') COLLATE \"C\")"


def _equal(one: str, one_type: str, other: str, other_type: str) -> str:
    if {one_type, other_type} == {ORIGINAL_TYPE, MIGRATED_TYPE}:
        return f"{one_spelling(one)} = {one_spelling(other)}"  # the text may be no UUID: then it is like none, and no error
    return "{} = {}".format(*comparable(one, one_type, other, other_type))


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


def written_since(database: Database, plan: Plan, table: str) -> str:
    """Return a query for the live rows that the backup does not have, or has otherwise; all, if there are new columns.

    Keys are compared as what the live ones are now: after the migration a spelling cannot differ any more. Rows are
    compared by image (*=): 1.0 and 1.00 are not the same.
    """
    live_types, copied = column_types(database, live(table)), column_types(database, copy(table))
    key = plan.tables[table].key
    if not _has(live_types, key) or columns_since(database, table):
        return f"SELECT l.* FROM {live(table)} AS l"
    pairs = [comparable(f"l.{name(c)}", live_types[c], f"b.{name(c)}", copied[c]) for c in copied if c in live_types]
    here, there = (", ".join(expressions) for expressions in zip(*pairs, strict=True))
    return (
        f"SELECT l.* FROM {live(table)} AS l WHERE NOT EXISTS (SELECT FROM {copy(table)} AS b WHERE"
        f" {_same_row(key, live_types, copied)} AND ROW({there})::record OPERATOR(pg_catalog.*=) ROW({here})::record)"
    )


def deleted_since(database: Database, plan: Plan, table: str) -> int:
    """Return how many rows of the backup are no longer in the live table: they come back with it."""
    live_types, copied = column_types(database, live(table)), column_types(database, copy(table))
    key, gone = plan.tables[table].key, ""
    if _has(live_types, key):
        same = _same_row(key, live_types, copied)
        gone = f" AS b WHERE NOT EXISTS (SELECT FROM {live(table)} AS l WHERE {same})"
    return int(database.value(f"SELECT count(*) FROM {copy(table)}{gone}"))


def _has(columns: dict[str, str], key: tuple[str, ...]) -> bool:
    return bool(key) and {*key} <= columns.keys()


def _same_row(key: tuple[str, ...], live_types: dict[str, str], copied: dict[str, str]) -> str:
    return " AND ".join(_equal(name("l", c), live_types[c], name("b", c), copied[c]) for c in key)
