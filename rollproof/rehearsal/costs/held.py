"""Which locks were held on which table when, out of samples of pg_locks."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rollproof.rehearsal.costs.figures import Span, TableLock
from rollproof.rehearsal.costs.lock_modes import stops_readers, stops_writers, strength
from rollproof.rehearsal.costs.tables import Tables

SPANS = 100
"""How many locks of a table are told one by one, the longest; a migration in batches takes thousands."""
_GAP = 0.05  # seconds

STOPS: Mapping[str, Callable[[str], bool]] = {"reader": stops_readers, "writer": stops_writers}


class Lock(NamedTuple):
    """A lock on a table, or on one of its indexes (`of_index`), that a session has, or waits for unless `granted`."""

    table: int
    mode: str
    granted: bool
    of_index: bool


@dataclass
class Held:
    """Gathers samples. A lock began, and ended, in the middle between the samples that tell it apart: less than one pause off."""

    tables: Tables
    _since: dict[Lock, float] = field(default_factory=dict)
    _spans: dict[int, list[tuple[Lock, Span]]] = field(default_factory=lambda: defaultdict(list))
    _waits: dict[tuple[int, str], float] = field(default_factory=dict)
    _last: float = 0.0
    _last_of: dict[Lock, int] = field(default_factory=dict)

    def seen(self, locks: Iterable[Lock], now: float) -> None:
        """Take a sample."""
        present, middle = set(locks), (self._last + now) / 2
        for lock in self._since.keys() - present:
            self._end(lock, middle)
        for lock in present - self._since.keys():
            self._since[lock] = middle
        self._last = now

    def stopped(self, stops: Callable[[str], bool]) -> dict[int, float]:
        """Return each table for which whoever comes has to wait, and since when without a break."""
        found: dict[int, float] = {}
        for lock, began in self._since.items():
            if stops(lock.mode) and not lock.of_index:
                found[lock.table] = min(began, found.get(lock.table, began))
        return found

    def waited(self, table: int, who: str, seconds: float) -> None:
        """A real session, "reader" or "writer", waited so long for a table."""
        self._waits[table, who] = max(seconds, self._waits.get((table, who), 0.0))

    def locks(self, now: float) -> tuple[TableLock, ...]:
        """Return what came of it."""
        self.seen((), now)
        return tuple(map(self._lock, self._spans))

    def _end(self, lock: Lock, now: float) -> None:
        """A lock has gone. Those of many small transactions in a row, for which nobody waits, count as one."""
        began, spans = self._since.pop(lock), self._spans[lock.table]
        last = self._last_of.get(lock)
        if last is not None and not stops_writers(lock.mode) and began - _end_of(spans[last][1]) < _GAP:
            before = spans[last][1].began
            spans[last] = (lock, Span(lock.mode, before, now - before))
        else:
            self._last_of[lock] = len(spans)
            spans.append((lock, Span(lock.mode, began, now - began)))

    def _lock(self, table: int) -> TableLock:
        known, seen = self.tables.known[table], self._spans[table]
        granted = list(_united(span for lock, span in seen if lock.granted))
        mode = max((span.mode for span in granted or [span for _, span in seen]), key=strength)
        held = sum(span.seconds for span in granted if span.mode == mode)
        reader, writer = (self._wait(table, *each) for each in STOPS.items())
        longest = sorted(granted, key=lambda span: -span.seconds)[:SPANS]
        shown = tuple(sorted(longest, key=lambda span: span.began))
        return TableLock(known.name, mode, held, reader, writer, known.size, shown)

    def _wait(self, table: int, who: str, stops: Callable[[str], bool]) -> float:
        """How long one waited, or would have: nobody is sent to wait for an index, or for a short lock."""
        stopped = (Span(who, span.began, span.seconds) for _, span in self._spans[table] if stops(span.mode))
        return max(self._waits.get((table, who), 0.0), *(span.seconds for span in _united(stopped)), 0.0)


def _end_of(span: Span) -> float:
    return span.began + span.seconds


def _united(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans so that none of one mode touches another of it, by when they began."""
    open_: dict[str, Span] = {}
    for span in sorted(spans, key=lambda span: span.began):
        known = open_.get(span.mode)
        if known and span.began <= _end_of(known):
            ends = max(_end_of(known), _end_of(span))
            open_[span.mode] = Span(span.mode, known.began, ends - known.began)
        else:
            yield from filter(None, (known,))
            open_[span.mode] = span
    yield from open_.values()
