"""What comes with a range type, and is called otherwise: its multirange, and the functions that make values of both. Pure."""

import re

from rollproof.model.names import WORD
from rollproof.repair.clauses.wording import dollar_quoted, literal
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side

_RANGE = re.compile(
    rf"RANGE OF (?P<of>.+?) MULTIRANGE (?P<multirange>{WORD}(?:\.{WORD})?) SUBTYPE_OPCLASS .*", re.DOTALL
)


def multirange_of(name: str, side: Side) -> str:
    """Return the multirange of a type; "" if it is no range."""
    found = _RANGE.fullmatch(side.description(Object("types", name)) or "")
    return found["multirange"] if found else ""


def range_of(multirange: str, side: Side) -> str:
    """Return the range that a multirange is of; "" if there is none."""
    return next((name for name in side.facts("types") if multirange_of(name, side) == multirange), "")


def constructors(name: str, side: Side) -> tuple[str, ...]:
    """Return the functions that make values of a range type and of its multirange; () if it is no range."""
    found = _RANGE.fullmatch(side.description(Object("types", name)) or "")
    if found is None:
        return ()
    of, many = found["of"], found["multirange"]
    return (f"{name}({of},{of})", f"{name}({of},{of},text)", f"{many}()", f"{many}({name})", f"{many}({name}[])")


def own_multirange(name: str, owner: str) -> str:
    """Return the statement that gives the multirange of a range type an owner."""
    of = f"r.rngtypid = {literal(name)}::pg_catalog.regtype"
    found = f"(SELECT r.rngmultitypid::pg_catalog.regtype FROM pg_catalog.pg_range AS r WHERE {of})"
    return dollar_quoted(
        f"BEGIN EXECUTE pg_catalog.format('ALTER TYPE %s OWNER TO %s', {found}, {literal(owner)}); END"
    )
