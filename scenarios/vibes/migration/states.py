"""What each table is now, as the catalogue says."""

from .database import Database
from .plan import KEYS, MIGRATED_TYPE, ORIGINAL_TYPE, TABLES, live

ORIGINAL, MIGRATED, MIXED, MISSING = "original", "migrated", "mixed", "missing"


def state(database: Database, table: str) -> str:
    """Return original, migrated, mixed (some keys of the one kind, some of the other, or of neither) or missing."""
    if not database.exists(live(table)):
        return MISSING
    found = dict(
        database.rows(
            "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute"
            " WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
            live(table),
        )
    )
    types = {found.get(column) for column in KEYS[table]}
    return {frozenset([ORIGINAL_TYPE]): ORIGINAL, frozenset([MIGRATED_TYPE]): MIGRATED}.get(frozenset(types), MIXED)


def states(database: Database) -> dict[str, str]:
    """Return the state of every table."""
    return {table: state(database, table) for table in TABLES}


def in_words(found: dict[str, str]) -> str:
    """Say it in one line."""
    return ", ".join(f"{table} {state}" for table, state in found.items())
