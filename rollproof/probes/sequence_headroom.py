"""How many of its numbers a sequence has left: until its own end, or that of the columns that draw from it."""

import re
from collections.abc import Mapping
from contextlib import suppress

import msgspec

from rollproof.catalog.capture import UNKNOWN
from rollproof.model.errors import Inconclusive
from rollproof.model.snapshot import Facts
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING

_LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
_KIND = re.compile(r"(?:unlogged |temporary )?(smallint|integer|bigint)\b")
_FACETS = ("sequences", "sequence_positions", "sequence_columns")


class _Draws(msgspec.Struct):
    sequence: str
    type: str = ""


def headroom_of(side: Source) -> dict[str, float]:
    """Return the share of its numbers that each sequence has left, from 0 to 1; nothing of those whose position is not known.

    A sequence that cycles has no end. A column of a smaller type than its sequence ends before it.
    """
    facts: dict[str, Facts] = {}
    for facet in _FACETS:
        with suppress(Inconclusive):
            facts[facet] = {} if side.unavailable(facet) else side.known(facet, EVERYTHING).facts
    return headroom(*(facts.get(facet, {}) for facet in _FACETS))


def headroom(sequences: Facts, positions: Facts, draws: Facts) -> dict[str, float]:
    """Return the same, of these facts."""
    narrow = _narrowest(draws)
    found = {}
    for name, text in positions.items():
        kind = _KIND.match(sequences.get(name, ""))
        if kind and not text.startswith(UNKNOWN) and not text.endswith("cycles"):
            found[name] = _left(int(text.split()[0]), sequences[name], kind[1], narrow.get(name, kind[1]))
    return found


def _narrowest(draws: Facts) -> Mapping[str, str]:
    """Return the smallest type among the columns that draw from each sequence."""
    found: dict[str, str] = {}
    for text in draws.values():
        draw = msgspec.json.decode(text, type=_Draws)
        if draw.type in _LARGEST:
            found[draw.sequence] = min(found.get(draw.sequence, draw.type), draw.type, key=_LARGEST.__getitem__)
    return found


def _left(following: int, description: str, kind: str, narrow: str) -> float:
    step = _number("INCREMENT BY", description)
    least, most = _number("MINVALUE", description), _number("MAXVALUE", description)
    if step is not None and step < 0:  # counted from the other end
        following, least, most = -following, _negative(most), _negative(least)
    first = 1 if least is None else least
    # A type reaches one further below zero than above it: of so many numbers that is nothing.
    last = min(_LARGEST[kind] if most is None else most, _LARGEST[narrow])
    return min(1.0, max(0.0, (last - following + 1) / (last - first + 1))) if last >= first else 0.0


def _negative(number: int | None) -> int | None:
    return None if number is None else -number


def _number(word: str, description: str) -> int | None:
    found = re.search(rf"\b{word} (-?\d+)", description)
    return int(found[1]) if found else None
