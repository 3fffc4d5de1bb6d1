"""What each table is now, as the catalogue says."""

from .content import column_types
from .database import Database
from .plan import MIGRATED_TYPE, ORIGINAL_TYPE, Plan, live

ORIGINAL, MIGRATED, MIXED, MISSING = "original", "migrated", "mixed", "missing"


def state(database: Database, plan: Plan, table: str) -> str:
    """Return original, migrated, mixed (some keys of the one kind, some of the other, or of neither) or missing."""
    if not database.exists(live(table)):
        return MISSING
    found = column_types(database, live(table))
    types = {found.get(column) for column in plan.tables[table].migrating}
    return ORIGINAL if types == {ORIGINAL_TYPE} else MIGRATED if types == {MIGRATED_TYPE} else MIXED


def states(database: Database, plan: Plan) -> dict[str, str]:
    """Return the state of every table."""
    return {table: state(database, plan, table) for table in plan.tables}


def in_words(found: dict[str, str]) -> str:
    """Say it in one line."""
    return ", ".join(f"{table} {state}" for table, state in found.items())
