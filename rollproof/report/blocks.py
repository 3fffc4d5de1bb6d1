"""Lines of a terminal in blocks that are shown whole, and sections of them that share what room there is. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rollproof.report.columns import WIDTH, wrapped

_LEAST = 3  # lines that a section is given before those above it are shown whole


class Line(NamedTuple):
    """A line to print; `bold` if nobody should miss it, `lead` letters of it if only its beginning is meant, `tone` its colour."""

    text: str
    bold: bool = False
    lead: int = 0
    tone: Literal["", "good", "part", "bad", "open"] = ""


class Block(NamedTuple):
    """Lines about one thing, or about `stands_for` so many."""

    lines: tuple[Line, ...]
    stands_for: int = 1


@dataclass(frozen=True)
class Section:
    """Blocks of one kind, the most important first; `noun` is what one of their things is called where some are left out."""

    noun: str
    blocks: tuple[Block, ...] = ()

    def __len__(self) -> int:
        """Return how many lines it has."""
        return sum(len(block.lines) for block in self.blocks)


def fitted(sections: Sequence[Section], room: int, page: str, width: int = WIDTH) -> Iterator[Line]:
    """Yield the sections in so many lines; what is left out is counted, and stands in `page`."""
    least = [min(len(section), _LEAST if room > len(sections) * _LEAST else 1) for section in sections]
    for place, section in enumerate(sections):
        shown = [*_cut(section, max(room - sum(least[place + 1 :]), 1), page, width)]
        room -= len(shown)
        yield from shown


def _cut(section: Section, room: int, page: str, width: int) -> Iterator[Line]:
    if len(section) <= room:
        yield from (line for block in section.blocks for line in block.lines)
        return
    left, room = list(section.blocks), room - 1
    while left and len(left[0].lines) <= room:
        block = left.pop(0)
        room -= len(block.lines)
        yield from block.lines
    begun = len(left) == len(section.blocks) and room > 0
    if begun:
        yield from left[0].lines[:room]
        number = sum(block.stands_for for block in left[1:])
        told = f"  … and {_number(number, 'more', section.noun)} in {page}" if number else f"  … the rest is in {page}"
    else:
        number = sum(block.stands_for for block in left)
        more = "more" if len(left) < len(section.blocks) else ""
        told = (
            f"  and {_number(number, more, section.noun)} in {page}"
            if more
            else f"{_number(number, '', section.noun)} in {page}"
        )
    yield Line(next(wrapped(told, told[: len(told) - len(told.lstrip())], width=width)))


def _number(number: int, more: str, noun: str) -> str:
    return " ".join(filter(None, [f"{number:,}", more, noun + ("" if number == 1 else "s")]))
