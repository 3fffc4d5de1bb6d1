"""In which order tables are filled: first those that others refer to, and those that refer to each other together."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter


def together(needs: Mapping[int, frozenset[int]]) -> Iterator[tuple[int, ...]]:
    """Yield groups of tables, after those that they need; each group is of tables that need each other, directly or not."""
    group = {table: table for table in needs}
    while True:
        merged: dict[int, set[int]] = {each: set() for each in group.values()}
        for table, others in needs.items():
            merged[group[table]] |= {group[each] for each in others} - {group[table]}
        try:
            order = list(TopologicalSorter(merged).static_order())
        except CycleError as error:
            circle = set(error.args[1])
            group = {table: min(circle) if each in circle else each for table, each in group.items()}
        else:
            break
    for each in order:
        yield tuple(table for table, its in group.items() if its == each)
