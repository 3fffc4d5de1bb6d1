"""What changed between two definitions, word by word, so that a page can mark it. Pure."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

_WORD = re.compile(r"""[eEuU]?&?"(?:[^"]|"")*"|'(?:[^']|'')*'|[\w$]+|\s+|.""", re.DOTALL)
_PAIRS = 250_000  # of words that are held against each other: the time grows with them
_AROUND = 2  # lines that stay before and after a change
_JOINT = 3  # letters without a word in them between two changes: one change reads better than two

Mark = Literal["same", "changed", "left out"]


class Piece(NamedTuple):
    """A piece of a definition: the same on both sides, changed, or so many lines that are the same and were left out."""

    mark: Mark
    text: str


Pieces = tuple[Piece, ...]
_Change = tuple[str, str, str]  # what both have, then what only before has, then what only after has


def word_diff(before: str, after: str) -> tuple[Pieces, Pieces]:
    """Return both texts in pieces. Long stretches that are the same are left out, but for two lines around each change."""
    changes = _joined(list(_changes(_WORD.findall(before), _WORD.findall(after))))
    last = len(changes) - 1
    was, now = list[Piece](), list[Piece]()
    for place, (same, less, more) in enumerate(changes):
        between = _shortened(same, first=place == 0, last=place == last and not less + more)
        was += [*between, Piece("changed", less)]
        now += [*between, Piece("changed", more)]
    return tuple(each for each in was if each.text), tuple(each for each in now if each.text)


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[_Change]:
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    was, now = before[head : len(before) - tail], after[head : len(after) - tail]
    if len(was) * len(now) > _PAIRS:
        yield "".join(before[:head]), "".join(was), "".join(now)
    else:
        same = "".join(before[:head])
        for word, start, stop, begin, end in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
            if word == "equal":
                same += "".join(was[start:stop])
            else:
                yield same, "".join(was[start:stop]), "".join(now[begin:end])
                same = ""
        if same:
            yield same, "", ""
    if tail:
        yield "".join(before[-tail:]), "", ""


def _alike(some: Sequence[str], others: Sequence[str]) -> int:
    """Return with how many equal words both begin."""
    pairs = enumerate(zip(some, others, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(some), len(others)))


def _joined(changes: list[_Change]) -> list[_Change]:
    """Return the changes; those that only a comma or a bracket divides are one."""
    found = changes[:1]
    for same, less, more in changes[1:]:
        above = found[-1]
        if not less + more and not above[1] + above[2]:
            found[-1] = (above[0] + same, "", "")
        elif less + more and len(same) <= _JOINT and not re.search(r"\w", same):
            found[-1] = (above[0], above[1] + same + less, above[2] + same + more)
        else:
            found.append((same, less, more))
    return found


def _shortened(same: str, *, first: bool, last: bool) -> list[Piece]:
    lines = same.splitlines(keepends=True)
    head, tail = (0 if first else _AROUND + 1), (0 if last else _AROUND + 1)
    left_out = len(lines) - head - tail
    if left_out <= _AROUND + 1 or (first and last):
        return [Piece("same", same)]
    number = Piece("left out", f"{left_out:,} lines as they were")
    return [Piece("same", "".join(lines[:head])), number, Piece("same", "".join(lines[len(lines) - tail :]))]
