"""Keys in the order in which their types sort: 10 after 9, 2 March after 10 February. Pure.

Only comparisons that are built into PostgreSQL are used, whatever operators a type of somebody's own has. Texts, and all types
that are not named here, sort by the bytes of their text (COLLATE "C"): that is the same on every server.
"""

import re
from collections.abc import Sequence
from decimal import Decimal

from rollproof.rows.row_hash import Type

_KINDS = (
    frozenset({"int2", "int4", "int8", "numeric", "float4", "float8"}),
    frozenset({"date", "timestamp", "timestamptz"}),
    frozenset({"time"}),
    frozenset({"interval"}),
    frozenset({"inet"}),
)
"""Types that compare with one another, and have `min`."""
_NUMBERS, _MOMENTS = _KINDS[:2]
_DATE = re.compile(r"(\d+)-(.*?)( BC)?")
Sortable = tuple[object, ...]


def order(value: str, was: Type | None, now: Type | None) -> str:
    """Return SQL that sorts as the key column `value` does, on whichever side; it has `min`, and may stand in a UNION."""
    return value if _sorts_itself(was, now) else f'concat({value}) COLLATE "C"'


def _sorts_itself(was: Type | None, now: Type | None) -> bool:
    if was is None or now is None:
        return False
    if was.kind == now.kind == "enum":
        return was.name == now.name
    return any({was.builtin, now.builtin} <= kind for kind in _KINDS)


def sortable(texts: Sequence[str], types: Sequence[tuple[Type | None, Type | None]]) -> Sortable:
    """Return what sorts as the key with these texts does; numbers and dates by what they are, all else by its text."""
    return tuple(_sortable(text, *both) for text, both in zip(texts, types, strict=True))


def _sortable(text: str, was: Type | None, now: Type | None) -> Sortable:
    builtin = {each.builtin if each else "" for each in (was, now)}
    if builtin <= _NUMBERS:
        number = Decimal(text or "NaN")  # NULL, which a key has where it is none any more, comes last as well
        return (number.is_nan(), Decimal(0) if number.is_nan() else number)
    if builtin <= _MOMENTS:
        return _moment(text)
    return (text.encode("utf-8", "surrogateescape"),)


def _moment(text: str) -> Sortable:
    """Return what sorts as a date does; a year may have more than four digits, or lie before Christ."""
    if not (found := _DATE.fullmatch(text)):  # infinity and -infinity
        return (-2 if text.startswith("-") else 2, 0, "")
    era = -1 if found[3] else 1
    return (era, era * int(found[1]), found[2])
