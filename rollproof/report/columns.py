"""Text in the columns of a terminal: how wide it is there, and lines that fit. Pure."""

import re
import unicodedata
from collections.abc import Iterator

from rollproof.model.printable import one_line, unbidden

WIDTH = 80
"""Columns of a line, of which every terminal and log has as many."""
_NO_COLUMN = frozenset(("Mn", "Me", "Cf"))  # categories of letters that are drawn over the one before, or not at all
_WORD = re.compile(r'(?:"(?:[^"]|"")*"|\S)+')  # a quoted name may hold spaces, and is one word


def width_of(text: str) -> int:
    """Return how many columns a terminal takes for a text of one line: wide letters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_width(letter) for letter in text)


def _width(letter: str) -> int:
    if unicodedata.category(letter) in _NO_COLUMN:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def wrapped(text: str, first: str = "", further: str = "", width: int = WIDTH) -> Iterator[str]:
    """Yield a text as lines that fit `width`, the first of which begins with `first`, the others with `further`.

    It is made safe to be shown. A name that is longer than a line is kept whole.
    """
    line, is_empty = first, True
    for word in _WORD.findall(one_line(text)):
        gap = "" if is_empty else " "
        if width_of(line) + len(gap) + width_of(word) > width and not (is_empty and line == further):
            yield unbidden(line.rstrip())
            line, gap = further, ""
        line, is_empty = f"{line}{gap}{word}", False
    yield unbidden(line.rstrip())


def beside(label: str, text: str, column: int, width: int = WIDTH) -> Iterator[str]:
    """Yield a label and a text that begins at a column, behind a label that reaches into it, or else on the next line."""
    name, indent = one_line(label), " " * column
    word = next(iter(_WORD.findall(one_line(text))), "")
    gap = " " * (column - width_of(name)) or "  "
    if width_of(name) < column or width_of(name + gap + word) <= width:
        yield from wrapped(text, name + gap, indent, width)
        return
    yield unbidden(name)
    yield from wrapped(text, indent, indent, width)
