"""Locks out of samples of pg_locks: from when to when, and how long others would have waited."""

from collections.abc import Iterable

import pytest

from rollproof.rehearsal.costs.figures import TableLock
from rollproof.rehearsal.costs.held import Held, Lock
from rollproof.rehearsal.costs.tables import Table, Tables

EXCLUSIVE, SHARE, WRITES = "ACCESS EXCLUSIVE", "SHARE", "ROW EXCLUSIVE"


def _lock(mode: str, *, granted: bool = True, of_index: bool = False) -> Lock:
    return Lock(1, mode, granted, of_index)


def _told(samples: Iterable[tuple[Lock, ...]], waits: dict[str, float] | None = None) -> TableLock:
    """Take samples, one a second, and an empty one before; return what came of the one table."""
    held = Held(Tables({1: Table("t", is_lockable=True, file=1, size=7)}, {}))
    for second, locks in enumerate([(), *samples]):
        held.seen(locks, float(second))
    for who, seconds in (waits or {}).items():
        held.waited(1, who, seconds)
    (found,) = held.locks(float(second + 1))
    return found


@pytest.mark.parametrize(
    ("samples", "mode", "held", "reader", "writer"),
    [
        ([(_lock(EXCLUSIVE),), (_lock(EXCLUSIVE),), ()], EXCLUSIVE, 2, 2, 2),
        ([(_lock(EXCLUSIVE),), (), (_lock(EXCLUSIVE),), ()], EXCLUSIVE, 2, 1, 1),
        ([(_lock(SHARE),), (_lock(SHARE), _lock(EXCLUSIVE)), ()], EXCLUSIVE, 1, 1, 2),
        ([(_lock(WRITES),), (_lock(WRITES),), ()], WRITES, 2, 0, 0),
        ([(_lock(EXCLUSIVE, granted=False),), (_lock(EXCLUSIVE),), ()], EXCLUSIVE, 1, 2, 2),
        ([(_lock(EXCLUSIVE, granted=False),), ()], EXCLUSIVE, 0, 1, 1),
        ([(_lock(SHARE), _lock(EXCLUSIVE, of_index=True)), ()], EXCLUSIVE, 1, 1, 1),
        ([(_lock(EXCLUSIVE),)], EXCLUSIVE, 1, 1, 1),
    ],
    ids=["once", "twice", "stronger", "writes", "waited for", "never got", "an index", "to the end"],
)
def test_a_lock_lasts_from_sample_to_sample(
    samples: list[tuple[Lock, ...]], mode: str, held: float, reader: float, writer: float
):
    """Who waits for the lock keeps others waiting, too; a lock on an index is one on its table."""
    found = _told(samples)

    assert (found.mode, found.held, found.reader_waited, found.writer_waited, found.size) == (
        mode,
        held,
        reader,
        writer,
        7,
    )


def test_what_a_real_session_waited_counts_where_it_is_longer():
    """It may have waited behind somebody else as well."""
    assert _told([(_lock(EXCLUSIVE),), ()], {"reader": 3.0, "writer": 0.5}).reader_waited == 3.0
    assert _told([(_lock(EXCLUSIVE),), ()], {"reader": 3.0, "writer": 0.5}).writer_waited == 1.0
