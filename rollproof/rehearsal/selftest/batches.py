"""Faults that do not touch each other, together, in the order of what tells most: one fault of each rule, then the rest.

What a fault touches is a path, `public.users.name`: it collides with the same, with what is above it and what is below it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rollproof.rehearsal.faults.fault import Fault

MOST = 500
"""Faults of one batch."""


@dataclass(frozen=True)
class Batch:
    """Faults that can be planted together; `is_first` says that one of them is the first of its rule."""

    faults: tuple[Fault, ...]
    is_first: bool


def batches(faults: Iterable[Fault], *, most: int = MOST) -> tuple[Batch, ...]:
    """Return the faults in few groups in which no two touch the same object; what wants to be alone, is.

    What changes what all databases share is with its like: after it more must be looked at.
    """
    groups: dict[tuple[bool, int], list[tuple[Fault, int]]] = defaultdict(list)
    places = {shared: _Places(most) for shared in (False, True)}
    for fault, rank in in_order(faults):
        place = places[fault.is_shared].taken(fault.touches, alone=fault.alone)
        groups[fault.is_shared, place].append((fault, rank))
    made = (Batch(tuple(fault for fault, _ in group), group[0][1] == 0) for group in groups.values())
    return tuple(sorted(made, key=lambda each: not each.is_first))


def in_order(faults: Iterable[Fault]) -> tuple[tuple[Fault, int], ...]:
    """Return the faults with their ranks, lowest first: of each rule one has rank 0, the next 1, ….

    Each rule begins at another object, so that the first of all rules are not those of one table.
    """
    rules: dict[tuple[str, str], list[Fault]] = defaultdict(list)
    for fault in faults:
        rules[fault.kind, fault.name].append(fault)
    ranked: list[tuple[Fault, int]] = []
    for number, of_rule in enumerate(rules.values()):
        begin = number % len(of_rule)
        ranked += [(fault, rank) for rank, fault in enumerate(of_rule[begin:] + of_rule[:begin])]
    return tuple(sorted(ranked, key=lambda each: each[1]))


@dataclass
class _Places:
    """Which groups are closed to a fault: a number whose bits are groups, for each path of a fault in them, and those above it."""

    most: int
    _full: int = 0
    _many: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    _touched: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _above: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def taken(self, touches: frozenset[str], *, alone: bool) -> int:
        """Return the first group that takes a fault that touches these, and count it there."""
        closed = self._full
        for path in touches:
            closed |= self._touched[path] | self._above[path]
            for each in _above(path):
                closed |= self._touched[each]
        place = len(self._many) if alone else (~closed & (closed + 1)).bit_length() - 1
        self._many[place] += 1
        if alone or self._many[place] >= self.most:
            self._full |= 1 << place
        for path in touches:
            self._touched[path] |= 1 << place
            for each in _above(path):
                self._above[each] |= 1 << place
        return place


def _above(path: str) -> Iterator[str]:
    """Yield the paths that a path lies in."""
    end = path.rfind(".")
    while end > 0:
        yield path[:end]
        end = path.rfind(".", 0, end)
