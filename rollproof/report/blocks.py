"""Lines of a terminal in blocks that are shown whole, and sections of them that share what room there is. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rollproof.report.columns import WIDTH, width_of, wrapped

_LEAST = 3  # lines that a section is given before those above it are shown whole


Tone = Literal["", "good", "part", "bad", "open"]


class Line(NamedTuple):
    """A line to print; `bold` if nobody should miss it, `lead` letters of it if only its beginning is meant, `tone` its colour."""

    text: str
    bold: bool = False
    lead: int = 0
    tone: Tone = ""


class Block(NamedTuple):
    """Lines about one thing, or about `stands_for` so many."""

    lines: tuple[Line, ...]
    stands_for: int = 1


@dataclass(frozen=True)
class Section:
    """Blocks of one kind, the most important first; `noun` is what one of their things is called where some are left out.

    `brief` is what is said of all of them where there is room for one line; else they are counted.
    """

    noun: str
    blocks: tuple[Block, ...] = ()
    brief: str = ""

    def __len__(self) -> int:
        """Return how many lines it has."""
        return sum(len(block.lines) for block in self.blocks)


def fitted(sections: Sequence[Section], room: int, page: str, width: int = WIDTH) -> Iterator[Line]:
    """Yield the sections in so many lines; what is left out is counted, and stands in `page`."""
    there = [section for section in sections if section.blocks]
    if not there:
        return
    if room < len(there):
        told = "; ".join(_brief(section) for section in there)
        yield from _on_one_line(f"{told} ({page} says more)", width)
        return
    least = [min(len(section), _LEAST if room > len(there) * _LEAST else 1) for section in there]
    for place, section in enumerate(there):
        shown = [*_cut(section, room - sum(least[place + 1 :]), page, width)]
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
    if room and (len(left) == len(section.blocks) or room >= _LEAST):
        yield from _begun(left.pop(0).lines[:room], width)
    yield from _on_one_line(_told(section, left, page), width)


def _on_one_line(text: str, width: int) -> Iterator[Line]:
    first, *more = map(Line, wrapped(text, width=width))
    yield from _begun([first], width) if more else [first]


def _begun(lines: Sequence[Line], width: int) -> Iterator[Line]:
    """Yield the beginning of a block, with a sign that it goes on."""
    yield from lines[:-1]
    text = lines[-1].text
    short = text if width_of(text) + 2 <= width or " " not in text.strip() else text.rpartition(" ")[0]
    yield lines[-1]._replace(text=f"{short.rstrip()} …")


def _told(section: Section, left: Sequence[Block], page: str) -> str:
    """Return how much is left out, and where it stands."""
    number = sum(block.stands_for for block in left)
    if not number:
        return f"… the rest is in {page}"
    if len(left) < len(section.blocks):
        return f"… and {number:,} more {_things(section, number)} in {page}"
    return f"{_brief(section)} ({page} says more)"


def _brief(section: Section) -> str:
    number = sum(block.stands_for for block in section.blocks)
    return section.brief or f"{number:,} {_things(section, number)}"


def _things(section: Section, number: int) -> str:
    return section.noun if number == 1 else f"{section.noun}s"
