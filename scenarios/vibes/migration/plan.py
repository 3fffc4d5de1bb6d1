"""What is migrated: the tables, their keys, how they refer to each other, and the names of everything the migration makes.

A plan is made from the catalogue before the migration (`planning`), and recorded in the backup: afterwards the types that it
was made from are gone. The only thing that is written here is where to begin.
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

MIGRATION = "uuid_keys"
SCHEMA = "public"
BACKUP = "migration_backup"  # copies and definitions; they stay until somebody drops them
WORK = "migration_work"  # half-filled new tables; gone when the migration or the rollback is done
LOG = "public.migration_log"
TABLES = ("users", "journal_entries", "tags", "reminders")  # if no plan file says otherwise

ORIGINAL_TYPE = "character varying(36)"
MIGRATED_TYPE = "uuid"
UUID_PATTERN = "^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$"


class Column(NamedTuple):
    """A column of one of the tables."""

    table: str
    name: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


class Reference(NamedTuple):
    """A foreign key, by what it means: it can be looked after when the constraint itself is lost."""

    child: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]


class Table(NamedTuple):
    """What the migration must know of a table's columns."""

    key: tuple[str, ...]  # the primary key's columns, in its order: rows are told apart by them
    migrating: tuple[str, ...]  # the columns that become uuid


@dataclass(frozen=True)
class Asked:
    """What the operator says of it, in a plan file: what the catalogue cannot know."""

    tables: tuple[str, ...] = TABLES
    keep: tuple[Column, ...] = ()  # they stay varchar(36)
    references: tuple[tuple[Column, Column], ...] = ()  # relations that only the application knows


@dataclass(frozen=True)
class Plan:
    """What is migrated, and, while it is only planned, what is in the way."""

    tables: dict[str, Table]
    references: tuple[Reference, ...]
    asked: Asked = field(default_factory=Asked)
    loose: tuple[Column, ...] = ()  # varchar(36) or uuid, no key, and no foreign key says what they are
    problems: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The tables."""
        return tuple(self.tables)

    @property
    def columns(self) -> list[Column]:
        """Every column that becomes uuid."""
        return [Column(name, column) for name, table in self.tables.items() for column in table.migrating]

    @property
    def staying(self) -> list[Column]:
        """The columns that look like keys and stay as they are: somebody may have to know."""
        return [*self.asked.keep, *self.loose]

    def only(self, tables: Collection[str]) -> "Plan":
        """Return the plan of some of the tables."""
        return replace(self, tables={name: table for name, table in self.tables.items() if name in tables})

    def as_json(self) -> str:
        """Return what is recorded; problems are not, because no backup is taken while there are some."""
        return json.dumps(
            {
                "tables": {name: table._asdict() for name, table in self.tables.items()},
                "references": [reference._asdict() for reference in self.references],
                "asked": vars(self.asked),
                "loose": self.loose,
            }
        )


def recorded(value: dict[str, Any]) -> Plan:
    """Return the plan that `as_json` was made from."""
    asked = value["asked"]
    return Plan(
        {name: Table(tuple(t["key"]), tuple(t["migrating"])) for name, t in value["tables"].items()},
        tuple(
            Reference(r["child"], tuple(r["columns"]), r["parent"], tuple(r["parent_columns"]))
            for r in value["references"]
        ),
        Asked(
            tuple(asked["tables"]),
            tuple(Column(*column) for column in asked["keep"]),
            tuple((Column(*child), Column(*parent)) for child, parent in asked["references"]),
        ),
        tuple(Column(*column) for column in value["loose"]),
    )


def live(table: str) -> str:
    """Return the name of the table itself."""
    return f"{SCHEMA}.{_quoted(table)}"


def copy(table: str) -> str:
    """Return the name of its copy."""
    return f"{BACKUP}.{_quoted(table + '_backup')}"


def new(table: str) -> str:
    """Return the name of the new table while it is filled."""
    return f"{WORK}.{_quoted(table)}"


def aside(table: str, run: str) -> str:
    """Return the name of the table for rows that a rollback takes away."""
    return f"{BACKUP}.{_quoted(f'{table}_since_{run}')}"


def _quoted(name: str) -> str:
    # Behind a dot no word is a keyword, and what needs no quotes reads better without.
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'
