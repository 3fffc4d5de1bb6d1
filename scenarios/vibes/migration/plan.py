"""What is migrated: the tables, their keys, and the names of everything the migration makes."""

from typing import NamedTuple

MIGRATION = "uuid_keys"
SCHEMA = "public"
BACKUP = "migration_backup"  # copies and definitions; they stay until somebody drops them
WORK = "migration_work"  # half-filled new tables; gone when the migration or the rollback is done
LOG = "public.migration_log"


class Reference(NamedTuple):
    """A foreign key, by what it means: it can be looked after when the constraint itself is lost."""

    child: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...] = ("id",)


# The primary key first. Parents before children.
KEYS = {
    "users": ("id", "invited_by"),
    "journal_entries": ("id", "user_id", "follows"),
    "tags": ("id", "entry_id"),
    "reminders": ("id", "user_id", "entry_id"),
}
TABLES = tuple(KEYS)
KEY_COLUMNS = [f"{table}.{column}" for table, columns in KEYS.items() for column in columns]
REFERENCES = (
    Reference("users", ("invited_by",), "users"),
    Reference("journal_entries", ("user_id",), "users"),
    Reference("journal_entries", ("follows",), "journal_entries"),
    Reference("tags", ("entry_id",), "journal_entries"),
    Reference("reminders", ("user_id",), "users"),
    Reference("reminders", ("user_id", "entry_id"), "journal_entries", ("user_id", "id")),
)

ORIGINAL_TYPE = "character varying(36)"
MIGRATED_TYPE = "uuid"
UUID_PATTERN = "^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$"


def live(table: str) -> str:
    """Return the name of the table itself."""
    return f"{SCHEMA}.{table}"


def copy(table: str) -> str:
    """Return the name of its copy."""
    return f"{BACKUP}.{table}_backup"


def new(table: str) -> str:
    """Return the name of the new table while it is filled."""
    return f"{WORK}.{table}"
