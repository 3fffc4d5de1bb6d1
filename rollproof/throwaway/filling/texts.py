"""Texts that show what migrations lose: case, hyphens, letters beyond ASCII, blanks at the end, length."""

import random
import uuid

_SHOWING = (
    "Ünïcode Größe-Straße",
    "trailing blanks   ",
    "",
    "UPPER-lower_Mixed",
    'O\'Brien, "Ada"',
    "0042",
    "  two blanks around  ",
    "two\nlines, a\ttab",
    "100% \\ back",
    "日本語 ✓ é",
    "null",
)
_LONG = "Long-Text äöü with Capitals, ends where the column ends. "
_UUID = 36
"""The length of a text column that holds UUIDs."""


def uuids(chance: random.Random, count: int) -> list[str]:
    """Return UUIDs, one in three in capitals, as somebody's client wrote them."""
    found = [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(count)]
    return [each.upper() if number % 3 == 1 else each for number, each in enumerate(found)]


def texts(column: str, length: int | None, chance: random.Random, count: int) -> list[str]:
    """Return different texts of at most this length for a column of this name."""
    name = column.lower()
    if length == _UUID or "uuid" in name or "guid" in name:
        return uuids(chance, count)
    if "email" in name or "e_mail" in name:
        return [_cut(f"Ada.Lovelace-{number}@Example.com", length) for number in range(count)]
    long = [_LONG * 6] if length is None else [(_LONG * (length // len(_LONG) + 1))[:length]]
    plain = [f"Name-{number} ä" if number % 2 else f"name {number}" for number in range(count)]
    short = [f"{number:x}" for number in range(count)] if length is not None and length < len("Name-99 ä") else []
    fitting = [each for each in plain if length is None or len(each) <= length]
    found = [_cut(each, length) for each in (*_SHOWING[:3], *long, *_SHOWING[3:])]
    return list(dict.fromkeys([*fitting[:1], *found[:5], *fitting[1:2], *found[5:], *fitting, *short]))


def _cut(text: str, length: int | None) -> str:
    return text if length is None else text[:length]
