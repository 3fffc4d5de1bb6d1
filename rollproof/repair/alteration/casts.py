"""How the values of a column become those of another type, loudly where they cannot. Pure."""

import re

from rollproof.model.descriptions import type_of
from rollproof.repair.clauses.tables import ColumnClauses
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Refused

_STRINGS = {"text", "character varying", "character", "name", '"char"'}
_FAMILIES = (
    {"smallint", "integer", "bigint", "numeric", "real", "double precision"},
    {"timestamp without time zone", "timestamp with time zone", "date"},
    {"json", "jsonb"},
    {"inet", "cidr"},
)
_WHOLE_NUMBERS = {"smallint", "integer", "bigint"}
_MODIFIER = re.compile(r"\((?:-?\d+)(?:,-?\d+)?\)")
_BYTES = "bytea"


def cast(column: Object, now: ColumnClauses, was: ColumnClauses, sides: Sides) -> str | Refused:
    """Return the USING of ALTER COLUMN TYPE; "" where an assignment does it, which complains of what does not fit.

    An explicit cast would cut a string that is too long without a word. Where only the text of a value leads from one type to
    the other, it goes by that; bytes have none that is theirs alone.
    """
    name = column.identity.removeprefix(f"{column.relation}.")
    here, there = _base(now.plain_type, sides.after), _base(was.plain_type, sides.before)
    if here != there and _BYTES in (here, there) and sides.has_rows(column.relation):
        return Refused(
            f"how its values become {was.type} from {now.type}, nobody can tell: write ALTER TABLE … TYPE … USING by hand"
        )
    if here == there or there in _STRINGS or any({here, there} <= family for family in _FAMILIES):
        return ""
    if (here, there) in {("boolean", each) for each in _WHOLE_NUMBERS}:
        return f" USING {name}::pg_catalog.int4::{was.plain_type}"
    if there == "boolean" and here in _WHOLE_NUMBERS:
        return f" USING {name} <> 0"
    return (
        f" USING {name}::{was.plain_type}" if here in _STRINGS else f" USING {name}::pg_catalog.text::{was.plain_type}"
    )


def may_lose_nothing(now: ColumnClauses, was: ColumnClauses) -> bool:
    """Tell whether only a collation differs, or how long a string may be, of which an assignment complains."""
    here, there = (_MODIFIER.sub("", each.plain_type) for each in (now, was))
    alike = here == there and here in _STRINGS
    return now.plain_type == was.plain_type or alike or {here, there} <= {"text", "character varying"}


def _base(told: str, side: Side) -> str:
    """Return a type without its modifier; of a domain, that which it is made of."""
    plain = _MODIFIER.sub("", told.partition(" COLLATE ")[0])
    domain = side.facts("types").get(plain, "")
    return _base(type_of(domain.removeprefix("DOMAIN ")), side) if domain.startswith("DOMAIN ") else plain
