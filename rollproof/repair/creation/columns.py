"""A column as CREATE TABLE and ADD COLUMN write it, and the statements for what only ALTER can say. Pure."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from rollproof.repair.clauses.pieces import before_word
from rollproof.repair.clauses.tables import ColumnClauses, listed_options, options_of, sequence_clauses
from rollproof.repair.clauses.wording import literal
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side


def definition(name: str, column: ColumnClauses, identity: str = "", *, not_null: bool = True) -> str:
    """Return the definition of a column; `identity` are the options of its sequence, if it has one."""
    kind, collation = before_word(column.type, "COLLATE")
    parts = [name, kind]
    if column.compression:
        parts.append(f"COMPRESSION {column.compression}")
    if column.foreign:
        parts.append(f"OPTIONS ({listed_options(options_of(column.foreign), ' ')})")
    if collation:
        parts.append(f"COLLATE {collation}")
    return " ".join([*parts, *_constraints(column, identity, not_null=not_null)])


def typed_definition(name: str, column: ColumnClauses, identity: str = "") -> str:
    """Return what a column of a table of a type adds to its type; "" if it adds nothing."""
    added = " ".join(_constraints(column, identity, not_null=True))
    return f"{name} WITH OPTIONS {added}" if added else ""


def _constraints(column: ColumnClauses, identity: str, *, not_null: bool) -> Iterator[str]:
    if column.default:
        yield f"DEFAULT {column.default}"
    if column.generated:
        yield f"GENERATED ALWAYS AS ({column.generated}) {column.kept}"
    if column.identity:
        yield f"GENERATED {column.identity} AS IDENTITY{identity}"
    if column.not_null and not_null and not column.not_valid:
        named = f"CONSTRAINT {column.named} " if column.named else ""
        yield f"{named}NOT NULL{' NO INHERIT' if column.no_inherit else ''}"


def settings(table: str, name: str, column: ColumnClauses) -> Iterator[str]:
    """Yield the statements for what a definition cannot say on every major."""
    alter = f"ALTER TABLE ONLY {table} ALTER COLUMN {name}"
    if column.storage:
        yield f"{alter} SET STORAGE {column.storage};"
    if column.statistics:
        yield f"{alter} SET STATISTICS {column.statistics};"
    if column.options:
        yield f"{alter} SET ({listed_options(options_of(column.options))});"
    if column.not_valid:
        yield set_not_null(table, name, column)


def set_not_null(table: str, name: str, column: ColumnClauses) -> str:
    """Return the statement that makes a column NOT NULL as it was."""
    if not (column.named or column.not_valid or column.no_inherit):
        return f"ALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL;"
    how = f"{' NO INHERIT' if column.no_inherit else ''}{' NOT VALID' if column.not_valid else ''}"
    named = f"CONSTRAINT {column.named} " if column.named else ""
    return f"ALTER TABLE {table} ADD {named}NOT NULL {name}{how};"


def sequence_of(column: str, side: Side) -> str | None:
    """Return the sequence of an identity column; None if there is none."""
    return _identities(side).get(column)


@lru_cache(maxsize=8)
def _identities(side: Side) -> Mapping[str, str]:
    told = {name: text.partition(" IDENTITY OF ")[2] for name, text in side.facts("sequences").items()}
    return {column: name for name, column in told.items() if column}


def identity_options(column: str, side: Side) -> str:
    """Return the options of an identity column's sequence, in brackets, its name among them."""
    sequence = sequence_of(column, side)
    known = sequence_clauses(side.facts("sequences")[sequence]) if sequence else None
    return f" (SEQUENCE NAME {sequence}{f' {known.options}' if known and known.options else ''})" if sequence else ""


def is_given(column: Object, side: Side) -> bool:
    """Tell whether a column comes from its table's parent: by inheritance alone, or because the table is a partition."""
    table, name = column.relation, column.identity.removeprefix(f"{column.relation}.")
    if table in side.facts("partitions"):
        return any(side.has(Object("columns", f"{parent}.{name}")) for parent in side.parents(table))
    return (side.description(column) or "").endswith(" (inherited)")


def foreign_options(text: str) -> str:
    """Return the options of a foreign table as CREATE writes them; `text` is as its description lists them."""
    return ", ".join(f"{name} {literal(value)}" for name, value in options_of(text).items())
