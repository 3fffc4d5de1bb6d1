"""Descriptions of functions, aggregates, operators and operator families, taken apart. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from rollproof.model.names import WORD
from rollproof.repair.clauses.pieces import PIECE, arguments_of, before_word, listed

CONSTRUCTOR = "/* it comes with its range type */"
"""Stands at the end of the description of a function that came with a range type."""
_BUILT_IN = re.compile(r"AS \$function\$((?:multi)?range_constructor[0-3])\$function\$")
_FUNCTION = re.compile(
    rf"CREATE OR REPLACE (?P<kind>FUNCTION|PROCEDURE) (?P<head>{PIECE}*?)(?P<returns>\n RETURNS {PIECE}*?)?\n LANGUAGE ",
    re.DOTALL,
)
_KEYS = (  # of an aggregate's description, in this order
    *("SFUNC", "STYPE", "SSPACE", "FINALFUNC", "FINALFUNC_EXTRA", "FINALFUNC_MODIFY", "COMBINEFUNC", "SERIALFUNC"),
    *("DESERIALFUNC", "INITCOND", "MSFUNC", "MINVFUNC", "MSTYPE", "MSSPACE", "MFINALFUNC", "MFINALFUNC_EXTRA"),
    *("MFINALFUNC_MODIFY", "MINITCOND", "SORTOP", "PARALLEL"),
)
_OPERATOR_KEYS = ("FUNCTION", "RETURNS", "COMMUTATOR", "NEGATOR", "RESTRICT", "JOIN", "HASHES", "MERGES")
_FLAGS = {"FINALFUNC_EXTRA", "MFINALFUNC_EXTRA", "HASHES", "MERGES"}


def _clauses(keys: Iterable[str]) -> str:
    return "".join(rf"(?:(?:\A| ){key}(?P<{key}>{'' if key in _FLAGS else f' {PIECE}*?'}))?" for key in keys)


_AGGREGATE = re.compile(
    rf"(?:(?P<kind>ORDERED-SET|HYPOTHETICAL-SET) )?AGGREGATE \((?P<arguments>{PIECE}*?)\) RETURNS (?P<returns>{PIECE}*?)"
    + _clauses(_KEYS),
    re.DOTALL,
)
_OPERATOR = re.compile(_clauses(_OPERATOR_KEYS), re.DOTALL)


_WINDOW = re.compile(rf"{WORD}\n WINDOW\b")


@dataclass(frozen=True)
class Signature:
    """What CREATE OR REPLACE cannot change of a function: its kind, its arguments without defaults, its result."""

    kind: str
    arguments: tuple[str, ...]
    returns: str
    with_default: frozenset[int]


@cache
def signature_of(definition: str) -> Signature | None:
    """Return the signature of a function or procedure; None if its definition is not understood."""
    found = _FUNCTION.match(definition)
    if found is None:
        return None
    opened = re.match(r"(?:\"(?:[^\"]|\"\")*\"|[^\"(])*\(", found["head"])
    if opened is None or not found["head"].endswith(")"):
        return None
    parts = [before_word(each, "DEFAULT") for each in listed(found["head"][opened.end() : -1])]
    with_default = frozenset(place for place, (_, default) in enumerate(parts) if default)
    kind = "WINDOW" if _WINDOW.match(definition, found.end()) else found["kind"]
    return Signature(kind, tuple(head for head, _ in parts), found["returns"] or "", with_default)


@cache
def aggregate_clauses(description: str) -> Mapping[str, str | None] | None:
    """Return the clauses of an aggregate by name, None for those that it has not; None if it is not understood."""
    found = _AGGREGATE.fullmatch(description)
    return {name: text if text is None else text.strip() for name, text in found.groupdict().items()} if found else None


@cache
def operator_clauses(description: str) -> Mapping[str, str | None] | None:
    """Return the clauses of an operator by name, None for those that it has not; None if it is not understood."""
    found = _OPERATOR.fullmatch(description)
    return {name: text if text is None else text.strip() for name, text in found.groupdict().items()} if found else None


def members_of(description: str) -> tuple[str, ...]:
    """Return the operators and functions of an operator family, as its description lists them."""
    return () if description == "empty" else listed(description)


def place_of(member: str) -> str:
    """Return how ALTER OPERATOR FAMILY … DROP names a member: its kind, its number and its types."""
    kind, number, _ = member.split(" ", 2)
    return f"{kind} {number} ({', '.join(operands_of(member))})"


def operands_of(member: str) -> tuple[str, ...]:
    """Return the types that an operator or function of an operator family is about, left and right."""
    kind, _, rest = member.split(" ", 2)
    told = rest.partition(" FOR ORDER BY ")[0] if kind == "OPERATOR" else f"f{before_closing(rest)}"
    return arguments_of(told)


def before_closing(text: str) -> str:
    """Return a text that begins with a bracket until that closes."""
    found = re.match(r"\((?:\"(?:[^\"]|\"\")*\"|[^\")(]|\([^()]*\))*\)", text)
    return found.group() if found else text


def usual_constructor(definition: str) -> str:
    """Return the definition that PostgreSQL gives to a function that comes with a range type; "" if it has another body."""
    built_in = _BUILT_IN.search(definition)
    strict = " STRICT" if built_in and built_in[1].startswith("multirange_") else ""
    return f"\n LANGUAGE internal\n IMMUTABLE PARALLEL SAFE{strict}\n{built_in.group()}" if built_in else ""
