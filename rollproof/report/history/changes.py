"""What changed between two runs, as lines of text. Pure."""

from collections.abc import Iterator, Sequence

from rollproof.model.amounts import counted
from rollproof.model.plain_text import more
from rollproof.model.printable import one_line
from rollproof.model.timestamps import in_words, read
from rollproof.report.columns import beside
from rollproof.report.history.comparison import Comparison, Side, TableRows, Told
from rollproof.report.history.listing import STAMP, duration

SHOWN = 20
"""How many causes of each kind are shown; `--json` has all."""
_PLACES = 3
_COLUMN, _NOTE = 22, 9  # where a text begins beside its place, and a note


def change_lines(found: Comparison) -> Iterator[str]:
    """Yield what changed: what is bad first, then what is good, then what stayed."""
    yield _side("earlier", found.earlier)
    yield _side("later", found.later) + _later(found)
    if found.earlier.subject == found.later.subject:
        yield one_line(" of ".join(found.later.subject))
    yield from (line for each in found.reservations for line in beside("note:", each, _NOTE))
    yield from _section("new", found.new)
    yield from _section("found, and not looked for or not decided in the earlier run", found.first_asked)
    yield from _section("changed", found.otherwise)
    yield from _section("not looked for, or not decided, in the later run", found.undecided)
    yield from _section("gone", found.gone)
    yield from _section("still the same", found.same)
    yield from _tables(found.tables)
    if found.is_nothing:
        known = found.earlier.decided and found.later.decided
        yield "nothing changed between them" if known else "nothing changed in what both of them know"


def _side(word: str, side: Side) -> str:
    return f"{word:7}  {one_line(side.name)[:STAMP]:{STAMP}}  {one_line(side.verdict)}, took {duration(side.seconds)}"


def _later(found: Comparison) -> str:
    before, after = read(found.earlier.started), read(found.later.started)
    if before is None or after is None:
        return ""
    seconds = (after - before).total_seconds()
    return f", {in_words(seconds)} {'later' if seconds >= 0 else 'EARLIER'}"


def _section(word: str, some: Sequence[Told]) -> Iterator[str]:
    if some:
        yield f"\n{word}: {counted(len(some), 'cause')}"
        yield from (line for each in some[:SHOWN] for line in _lines(each))
        yield from more(len(some), "  and {} more: --json has all", SHOWN)


def _lines(each: Told) -> Iterator[str]:
    places = ", ".join(map(one_line, each.places[:_PLACES]))
    if len(each.places) > _PLACES:
        places += f" and {len(each.places) - _PLACES:,} more"
    was = f" (before: {each.was})" if each.was and each.was != each.words else ""
    warning = "warning: " if each.heals else ""
    return beside(f"  {places or one_line(each.check)}", f"{warning}{each.words}{was}", _COLUMN)


def _tables(some: Sequence[TableRows]) -> Iterator[str]:
    if some:
        yield f"\nrows: {counted(len(some), 'table')} with another number"
        yield from (f"  {one_line(each.name)}  {_rows(each.earlier)} → {_rows(each.later)}" for each in some[:SHOWN])
        yield from more(len(some), "  and {} more: --json has all", SHOWN)


def _rows(number: int | None) -> str:
    return "none" if number is None else f"{number:,}"
