"""Statements that change a column into what it was. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from rollproof.model.compare import Difference
from rollproof.model.names import names, unquoted
from rollproof.repair.alteration.casts import cast, may_lose_nothing
from rollproof.repair.alteration.column_order import generated_in_place, reordered_by
from rollproof.repair.alteration.options import changed_foreign_options, changed_options
from rollproof.repair.clauses.pieces import last_name
from rollproof.repair.clauses.tables import ColumnClauses, column_clauses, sequence_clauses
from rollproof.repair.creation.columns import identity_options, is_given, sequence_of, set_not_null
from rollproof.repair.objects import Object
from rollproof.repair.sides import Sides
from rollproof.repair.step import Altered, Refused

_STORAGE = {  # the habits of types; from PostgreSQL 16, DEFAULT says it
    **dict.fromkeys(
        ("text", "character varying", "character", "bytea", "json", "jsonb", "xml", "tsvector"), "EXTENDED"
    ),
    **dict.fromkeys(("numeric", "inet", "cidr"), "MAIN"),
}
_SAYS_DEFAULT = 160000


def alter_column(difference: Difference, sides: Sides) -> Altered | Refused | None:
    """Return the statements that undo a change of a column of a table."""
    if difference.before is None or difference.after is None:
        return None
    of = Object("columns", difference.identity)
    was, now = column_clauses(difference.before), column_clauses(difference.after)
    if was is None or now is None:
        return Refused("its description was not understood")
    return _Change(of, was, now, sides).answer()


@dataclass(frozen=True, eq=False)
class _Change:
    """A column of a table, as it was and as it is."""

    of: Object
    was: ColumnClauses
    now: ColumnClauses
    sides: Sides

    @property
    def table(self) -> str:
        return self.of.relation

    @property
    def name(self) -> str:
        return self.of.identity.removeprefix(f"{self.table}.")

    @property
    def alter(self) -> str:
        return f"ALTER TABLE ONLY {self.table} ALTER COLUMN {self.name}"

    @cached_property
    def retyped(self) -> bool:
        """Whether its type is changed here, and not with that of its parent's column."""
        return self.was.type != self.now.type and not self._follows_its_parent()

    def _follows_its_parent(self) -> bool:
        if not is_given(self.of, self.sides.before) and not self.now.inherited:
            return False
        for parent in self.sides.after.parents(self.table):
            told = (
                side.description(Object("columns", f"{parent}.{self.name}"))
                for side in (self.sides.before, self.sides.after)
            )
            types = [known.type for known in map(column_clauses, filter(None, told)) if known]
            if types == [self.was.type, self.now.type]:
                return True
        return False

    def answer(self) -> Altered | Refused:
        """Return what changes it."""
        made = (self.was.generated, self.was.kept) != (self.now.generated, self.now.kept)
        if made and not (alone := generated_in_place(self.table, self.name, self.sides)):
            return reordered_by(self.name, self.table, self.sides)
        using = cast(self.of, self.now, self.was, self.sides) if self.retyped else ""
        if isinstance(using, Refused):
            return using
        statements = (*(alone if made else ()), *self._statements(using))
        last = (f"ANALYZE {self.table};",) if self.retyped else ()
        brings = frozenset(Object("sequences", each) for each in [self._replaced_sequence()] if each)
        return Altered(statements, self._in_the_way(), last=last, left=self._left(), note=self._note(), brings=brings)

    def _in_the_way(self) -> frozenset[Object]:
        if self.was.type == self.now.type:
            return self._primary_key() if self.now.not_null and self._must() != self._must(self.now) else frozenset()
        heirs = self.sides.after.descendants(self.table)
        columns = [self.of, *(Object("columns", f"{heir}.{self.name}") for heir in heirs)]
        changed = columns if self.retyped else [self.of]  # else with its parent's, whose alteration asks for the heirs
        return frozenset(
            one for each in changed for one in self.sides.after.graph.dependents(each) if one not in columns
        )

    def _primary_key(self) -> frozenset[Object]:
        """Return the primary key that keeps a column from being NULL."""
        told = self.sides.after.facts("constraints")
        standing = (each for each in self.sides.after.graph.dependents(self.of) if each.facet == "constraints")
        return frozenset(each for each in standing if told.get(each.identity, "").startswith("PRIMARY KEY"))

    def _note(self) -> str:
        if not self.retyped or may_lose_nothing(self.now, self.was):
            return ""
        return (
            f"its values are cast from {self.now.type} to {self.was.type}: what that cannot hold (capitals, hyphens, zeros, "
            "further digits, a time zone) only a copy can restore"
        )

    def _statements(self, using: str) -> Iterator[str]:
        yield from self._loosened()
        if self.retyped:
            yield f"ALTER TABLE {self.table} ALTER COLUMN {self.name} TYPE {self.was.type}{using};"
        yield from self._default()
        yield from self._tightened()
        yield from self._settings()

    @property
    def _default_goes(self) -> bool:
        return bool(self.now.default) and (self.was.type != self.now.type or not self.was.default)

    def _loosened(self) -> Iterator[str]:
        """Yield what must be gone before a type or a way to make values can come back."""
        if self.now.identity and not self.was.identity:
            yield from self._identity_goes()
        if self._default_goes:
            yield f"{self.alter} DROP DEFAULT;"
        if self.now.not_null and (self._must() != self._must(self.now)):
            yield f"ALTER TABLE {self.table} ALTER COLUMN {self.name} DROP NOT NULL;"

    def _must(self, column: ColumnClauses | None = None) -> tuple[str, ...]:
        each = column or self.was
        return (each.not_null, each.named, each.not_valid, each.no_inherit)

    def _default(self) -> Iterator[str]:
        if self.was.default and (self._default_goes or self.was.default != self.now.default):
            yield f"{self.alter} SET DEFAULT {self.was.default};"

    def _tightened(self) -> Iterator[str]:
        if self.was.not_null and self._must() != self._must(self.now):
            yield set_not_null(self.table, self.name, self.was)
        if self.was.identity and not self.now.identity:
            yield from self._identity_comes()
        elif self.was.identity != self.now.identity and self.was.identity:
            yield f"{self.alter} SET GENERATED {self.was.identity};"

    def _identity_comes(self) -> Iterator[str]:
        """Yield what makes it an identity; a sequence of its name gives it its place, and goes."""
        options = identity_options(self.of.identity, self.sides.before)
        added = (
            f"ALTER TABLE {self.table} ALTER COLUMN {self.name} ADD GENERATED {self.was.identity} AS IDENTITY{options};"
        )
        if sequence := self._replaced_sequence():
            aside = _aside(sequence)
            yield f"ALTER SEQUENCE {sequence} RENAME TO {last_name(aside)};"
            yield added
            yield _same_position(sequence, aside)
            yield f"DROP SEQUENCE {aside};"
        else:
            yield added

    def _identity_goes(self) -> Iterator[str]:
        """Yield what takes identity away; its sequence goes with it, so one that must stay is made before, at its place."""
        gone = f"ALTER TABLE {self.table} ALTER COLUMN {self.name} DROP IDENTITY;"
        sequence = self._replaced_sequence()
        known = sequence_clauses(self.sides.before.facts("sequences")[sequence]) if sequence else None
        if known is None:
            yield gone
            return
        aside = _aside(sequence)
        yield f"CREATE SEQUENCE {aside} AS {known.type}{f' {known.options}' if known.options else ''};"
        yield _same_position(aside, sequence)
        yield gone
        yield f"ALTER SEQUENCE {aside} RENAME TO {last_name(sequence)};"
        if known.tie == "OWNED BY":
            yield f"ALTER SEQUENCE {sequence} OWNED BY {known.column};"

    def _replaced_sequence(self) -> str:
        """Return the sequence that is an identity's on one side alone, and is there on both; "" if there is none."""
        sides = (self.sides.before, self.sides.after)
        found = next(filter(None, (sequence_of(self.of.identity, side) for side in sides)), "")
        is_replaced = bool(self.was.identity) != bool(self.now.identity) and all(
            side.has(Object("sequences", found)) for side in sides
        )
        return found if is_replaced else ""

    def _settings(self) -> Iterator[str]:
        if self.was.storage != self.now.storage and (storage := self.was.storage or self._usual_storage()):
            yield f"{self.alter} SET STORAGE {storage};"
        if self.was.compression != self.now.compression:
            yield f"{self.alter} SET COMPRESSION {self.was.compression or 'DEFAULT'};"
        if self.was.statistics != self.now.statistics:
            yield f"{self.alter} SET STATISTICS {self.was.statistics or -1};"
        yield from (f"{self.alter} {each};" for each in changed_options(self.was.options, self.now.options))
        if self.was.foreign != self.now.foreign:
            changes = changed_foreign_options(self.was.foreign, self.now.foreign)
            yield f"ALTER FOREIGN TABLE {self.table} ALTER COLUMN {self.name} OPTIONS ({changes});"

    def _usual_storage(self) -> str:
        if self.sides.after.version >= _SAYS_DEFAULT:
            return "DEFAULT"
        plain = self.was.plain_type.partition("(")[0]
        return "EXTENDED" if plain.endswith("[]") else _STORAGE.get(plain, "")

    def _inherited_then(self) -> str:
        """Return how it comes from parents once these are put back: what the table ever had without one stays its own."""
        return "inherited and own" if self.now.inherited != "inherited" else self.now.inherited

    def _left(self) -> str:
        if self.was.storage != self.now.storage and not (self.was.storage or self._usual_storage()):
            return "how it is stored is left as it is: rollproof does not know the habit of its type"
        if "and own" in self._inherited_then() and self.was.inherited == "inherited":
            return "it was its parent's alone, and is the table's own as well, which no ALTER can change: it takes a new table"
        return ""


def _aside(sequence: str) -> str:
    schema, name = names(sequence)
    return f'{schema}."{unquoted(name).replace(chr(34), "")[:50]}_rollproof"'


def _same_position(to: str, of: str) -> str:
    text = to.replace("'", "''")
    return f"SELECT pg_catalog.setval('{text}', last_value, is_called) FROM {of};"
