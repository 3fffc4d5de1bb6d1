"""Where rows differ, in words and as conditions, from the sums that a baseline keeps of parts of a table. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rollproof.model.detail import Detail, Division, Sums
from rollproof.model.finding import RowRange
from rollproof.model.row_words import counted_rows

_NULL, _BELOW = 0, 1  # the parts before the first bound


@dataclass(frozen=True)
class Whereabouts:
    """What the sums of the parts came to: a sentence, the ranges that differ, and whether rows are only there where none were."""

    words: str
    ranges: tuple[RowRange, ...] = ()
    only_new: bool = False


def whereabouts(detail: Detail, now: Sums) -> Whereabouts:
    """Return where a table's rows differ from what they were."""
    found = list(detail.differing(now))
    told = tuple(_ranges(detail.division, found)) if detail.division.by_range else ()
    before, there = (sum(each[place] for each in found) for place in (1, 2))
    return Whereabouts(
        f"{_parts(detail, found)}, which {_had(before)} in the baseline and {_has(there)} now",
        told,
        bool(found) and not any(rows for _, rows, _ in found),
    )


def _parts(detail: Detail, found: Sequence[tuple[int, int, int]]) -> str:
    division, columns = detail.division, ", ".join(detail.division.columns)
    filled = sum(1 for rows, _ in detail.sums if rows)
    old = sum(1 for _, rows, _ in found if rows)
    new = len(found) - old
    kind = f"ranges of {columns}" if division.by_range else f"parts of the table, by a hash of {columns}"
    words = f"in {'all' if old == filled else f'{old:,} of'} {filled:,} {kind}"
    return words + (f", and in {new:,} where no row was" if new else "")


def _had(rows: int) -> str:
    return f"had {counted_rows(rows)}"


def _has(rows: int) -> str:
    return f"have {counted_rows(rows)}"


def _ranges(division: Division, found: Sequence[tuple[int, int, int]]) -> Iterator[RowRange]:
    """Yield the differing ranges, neighbours as one."""
    in_a_row = groupby(enumerate(found), key=lambda each: (each[1][0] - each[0], each[1][0] == _NULL))
    for _, neighbours in in_a_row:
        parts = [part for _, part in neighbours]
        rows = (sum(before for _, before, _ in parts), sum(now for _, _, now in parts))
        yield RowRange(_condition(division, parts[0][0], parts[-1][0]), rows)


def _condition(division: Division, first: int, last: int) -> str:
    (column,) = division.columns
    if first == _NULL:
        return f"{column} IS NULL"
    lower = [f"{column} >= {_literal(division.bounds[first - 2])}"] if first > _BELOW else []
    upper = [f"{column} < {_literal(division.bounds[last - 1])}"] if last - 1 < len(division.bounds) else []
    return " AND ".join([*lower, *upper]) or f"{column} IS NOT NULL"


def _literal(text: str) -> str:
    return text if text.lstrip("-").isdecimal() else "'" + text.replace("'", "''") + "'"
