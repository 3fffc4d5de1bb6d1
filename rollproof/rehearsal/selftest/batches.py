"""Faults that do not touch each other, together: they are planted at once, and verified by one run."""

from collections.abc import Iterable, Iterator

from rollproof.rehearsal.faults.fault import Fault

MOST = 200
"""Faults of one batch: more would make one refusal cost too much."""


def batches(faults: Iterable[Fault]) -> Iterator[tuple[Fault, ...]]:
    """Yield the faults in groups in which no two touch the same object; what wants to be alone, is."""
    groups: list[tuple[list[Fault], set[str]]] = []
    for fault in faults:
        if fault.alone or fault.is_shared:
            yield (fault,)
            continue
        fitting = (each for each in groups if len(each[0]) < MOST and not fault.touches & each[1])
        group = next(fitting, None)
        if group is None:
            groups.append(([fault], set(fault.touches)))
        else:
            group[0].append(fault)
            group[1].update(fault.touches)
    yield from (tuple(group) for group, _ in groups)
