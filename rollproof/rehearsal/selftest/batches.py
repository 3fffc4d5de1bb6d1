"""Faults that do not touch each other, together: they are planted at once, and verified by one run.

What a fault touches is a path, `public.users.name`: it collides with the same, with what is above it and what is below it.
"""

from collections.abc import Iterable, Iterator

from rollproof.rehearsal.faults.fault import Fault

MOST = 200
"""Faults of one batch: more would make one refusal cost too much."""


def batches(faults: Iterable[Fault]) -> Iterator[tuple[Fault, ...]]:
    """Yield the faults in groups in which no two touch the same object; what wants to be alone, is."""
    groups: list[tuple[list[Fault], set[str], set[str]]] = []
    for fault in faults:
        if fault.alone or fault.is_shared:
            yield (fault,)
            continue
        above = {path for touched in fault.touches for path in _above(touched)}
        fitting = (
            each
            for each in groups
            if len(each[0]) < MOST
            and not fault.touches & each[1]
            and not fault.touches & each[2]
            and not above & each[1]
        )
        group = next(fitting, None)
        if group is None:
            groups.append(group := ([], set(), set()))
        group[0].append(fault)
        group[1].update(fault.touches)
        group[2].update(above)
    yield from (tuple(each[0]) for each in groups)


def _above(path: str) -> Iterator[str]:
    """Yield the paths that a path lies in."""
    end = path.rfind(".")
    while end > 0:
        yield path[:end]
        end = path.rfind(".", 0, end)
