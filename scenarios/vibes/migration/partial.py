"""The rollback of some of the tables: whether their keys allow it, and what the database then consists of.

A foreign key's two ends have one type. So a table can go back alone only where everything that is tied to it is, or becomes, the
original too.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from . import backup
from .database import Database
from .definitions import ACROSS, Definition, of
from .errors import Refused
from .plan import WORK, Plan, Reference, live
from .states import MIGRATED, ORIGINAL


@dataclass(frozen=True)
class Part:
    """The tables that a rollback makes again, and the others, which stay in the state that they are in."""

    tables: tuple[str, ...]
    others: dict[str, str]

    @property
    def is_all(self) -> bool:
        """Whether everything is the original afterwards."""
        return {*self.others.values()} <= {ORIGINAL}

    def wanted(self, database: Database) -> list[Definition]:
        """Return the definitions as they are to be afterwards, the positions of sequences among them."""
        original, migrated = (
            backup.definitions(database, form, with_positions=True) for form in ("original", "migrated")
        )
        still = [table for table, state in self.others.items() if state == MIGRATED]
        return [*(d for d in original if d.table not in still), *of(migrated, {d.kind for d in migrated}, still)]

    def ours(self, definitions: Iterable[Definition]) -> list[Definition]:
        """Choose what belongs to the tables, to no table alone, or ties another table to them; the rest stays untouched."""
        every = [*definitions]
        ties = [d for d in every if d.table in self.others and self._touches(d)]
        names = tuple(d.name for d in ties)  # a comment ends with the name of what it is about, and goes with it
        return [
            d
            for d in every
            if d.table not in self.others or d in ties or (d.kind == "comments" and d.name.endswith(names))
        ]

    def _touches(self, d: Definition) -> bool:
        # A migration that stopped half way has taken all ties away: where it ends, all come back.
        tied = d.kind == "foreign_keys" and (self.is_all or any(refers_to(d, table) for table in self.tables))
        return tied or d.kind in ACROSS


def refers_to(key: Definition, table: str, columns: Collection[str] | None = None) -> bool:
    """Tell whether a foreign key is to `table` (of `columns`, if given); which names need quotes only PostgreSQL knows."""
    text, wanted = key.statement.replace('"', ""), f" REFERENCES {live(table)}(".replace('"', "")
    if columns is None:
        return wanted in text
    return f" FOREIGN KEY ({', '.join(columns)}){wanted}".replace('"', "") in text


def chosen(database: Database, plan: Plan, found: dict[str, str], asked: Collection[str]) -> Part:
    """Return the part that was asked for. Raises `Refused` with what ties it to the rest, and what would work."""
    if strange := [table for table in asked if table not in plan.tables]:
        raise Refused(f"--tables names {', '.join(strange)}, and the tables are: {', '.join(plan.names)}")
    part = _part(plan, found, asked)
    whole, why = _grown(plan, found, part)
    if database.exists(WORK) and not part.is_all:
        whole = {*part.tables, *(table for table, state in part.others.items() if state != ORIGINAL)}
        why = ["the migration is half done, and would not know how to go on: all that it has changed must go back"]
    if why or whole != {*part.tables}:
        lines = [line if isinstance(line, str) else _tie(database, line) for line in why]
        together = ",".join(f'"{table}"' if "," in table else table for table in plan.tables if table in whole)
        way_out = "leave --tables away" if whole == {*plan.tables} else f"--tables={together}"
        raise Refused(
            f"{', '.join(part.tables)} cannot be rolled back alone:\n  " + "\n  ".join(lines) + f"\nwhat can: {way_out}"
        )
    return part


def _part(plan: Plan, found: dict[str, str], tables: Collection[str]) -> Part:
    return Part(
        tuple(table for table in plan.tables if table in tables),
        {table: state for table, state in found.items() if table not in tables},
    )


def _grown(plan: Plan, found: dict[str, str], part: Part) -> tuple[set[str], list[str | Reference]]:
    """Return the least tables that can go back together, those of the part among them, and what ties the others to it."""
    why: list[str | Reference] = [
        f"{table} is {state}, and must go back with it"
        for table, state in part.others.items()
        if state not in (ORIGINAL, MIGRATED)
    ]
    tables = {*part.tables, *(table for table, state in part.others.items() if state not in (ORIGINAL, MIGRATED))}
    while torn := [*_torn(plan, _part(plan, found, tables))]:
        why += torn
        tables |= {table for each in torn for table in (each.child, each.parent) if found[table] != ORIGINAL}
    return tables, why


def _torn(plan: Plan, part: Part) -> Iterator[Reference]:
    """Yield the relations of which one end would be varchar(36) and the other uuid."""
    for reference in plan.references:
        migrating = set(reference.columns) & set(plan.tables[reference.child].migrating)
        ends = {part.others.get(table, ORIGINAL) for table in (reference.child, reference.parent)}
        if migrating and len(ends) > 1:
            yield reference


def _tie(database: Database, reference: Reference) -> str:
    """Say which foreign key, or whose word, ties two tables together."""
    child, parent = (
        ", ".join(f"{table}.{column}" for column in columns)
        for table, columns in ((reference.child, reference.columns), (reference.parent, reference.parent_columns))
    )
    by = _constraint(database, reference) or "the plan file"
    return f"{by} ties {child} to {parent}: one would be character varying(36), the other uuid"


def _constraint(database: Database, reference: Reference) -> str | None:
    """Return the foreign key by its name, lost or not; None if there never was one."""
    for d in of(backup.definitions(database, "original"), ("foreign_keys",), [reference.child]):
        if refers_to(d, reference.parent, reference.columns):
            return d.name
    return None
