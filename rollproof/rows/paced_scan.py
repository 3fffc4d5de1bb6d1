"""`--gentle`: scans one after the other, in pieces of about a tenth of a second.

Each piece is a transaction of its own. Its size follows from how long the last one took (`server/pacing`); a table's size
includes its TOAST table, so wide rows make pieces of few rows.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from functools import partial
from typing import TypeVar

from rollproof.model.errors import Inconclusive
from rollproof.rows.scan import ROWS, Scan, weighed
from rollproof.rows.tables import Relation
from rollproof.server.pacing import Pace
from rollproof.server.reader import Connection, SnapshotReader
from rollproof.system.background import ENDED, background

T = TypeVar("T")

Ask = Callable[[Scan], Callable[[Connection], T]]
Answers = list[tuple[Scan, T]]

_OPENED = 2**16  # bytes that a table costs, however few rows it has


def in_turn(view: SnapshotReader, wanted: Iterable[tuple[Scan, Ask[T]]]) -> "list[Future[Answers[T]]]":
    """Start a query for each scan in the background; each future has one answer per piece, usually one.

    The futures raise `Inconclusive` if the server refuses, or the run ends first.
    """
    if view.pace is None:
        return [
            view.submit(_whole(scan, ask(scan)), patient=True, settled=not scan.reads, reads=scan.sources)
            for scan, ask in wanted
        ]
    begun: list[tuple[Future[Answers[T]], Scan, Ask[T]]] = [(Future(), scan, ask) for scan, ask in wanted]
    background(partial(_all, view, view.pace, begun))
    return [future for future, _, _ in begun]


def whole(view: SnapshotReader, relation: Relation, ask: Ask[T]) -> list[T]:
    """Query a whole table and wait: one answer, or with `--gentle` one for each piece. Raises as `in_turn` does."""
    scan = Scan((relation,), 0)
    if view.pace is None:
        return [view.ask(ask(scan), reads=scan.sources)]
    (asked,) = in_turn(view, [(scan, ask)])
    return [answer for _, answer in asked.result()]


def _all(view: SnapshotReader, pace: Pace, begun: "list[tuple[Future[Answers[T]], Scan, Ask[T]]]") -> None:
    for future, scan, ask in begun:
        try:
            future.set_result(_in_pieces(view, pace, scan, ask))
        except BaseException as error:  # noqa: BLE001 (it is raised where the answer is waited for)
            future.set_exception(error)


def _whole(scan: Scan, ask: Callable[[Connection], T]) -> Callable[[Connection], Answers[T]]:
    return lambda connection: [(scan, ask(connection))]


def _in_pieces(view: SnapshotReader, pace: Pace, scan: Scan, ask: Ask[T]) -> Answers[T]:
    found = []
    try:
        for piece, size in _pieces(view, pace, scan):
            asking = view.submit(_timed(ask(piece)), patient=True, settled=not piece.reads, reads=piece.sources)
            seconds, answer = asking.result()
            found.append((piece, answer))
            pace.learn(size, seconds)
    except CancelledError as error:  # what was not begun when the view was closed
        raise Inconclusive(ENDED) from error
    return found


def _timed(ask: Callable[[Connection], T]) -> Callable[[Connection], tuple[float, T]]:
    def timed(connection: Connection) -> tuple[float, T]:
        began = time.monotonic()
        answer = ask(connection)
        return time.monotonic() - began, answer

    return timed


def _pieces(view: SnapshotReader, pace: Pace, scan: Scan) -> Iterator[tuple[Scan, int]]:
    """Yield pieces of the size that is right at that moment, each with its size in bytes, as far as that is known."""
    try:
        known = view.submit(lambda connection: weighed(connection, scan.relations), patient=True).result()
    except Inconclusive:  # one of them is locked, or gone: who reads it will hear that
        known = {}
    group: list[Relation] = []
    size = 0
    for relation in scan.relations:
        pages, weight = known.get(relation.oid, (relation.pages, 0))
        if group and size + max(weight, _OPENED) > pace.size:
            yield replace(scan, relations=tuple(group)), size
            group, size = [], 0
        if weight > pace.size and relation.heap:
            yield from _by_place(pace, replace(scan, relations=(relation,)), pages, weight)
        else:
            group.append(relation)
            size += max(weight, _OPENED)
    if group:
        yield replace(scan, relations=tuple(group)), size


def _by_place(pace: Pace, scan: Scan, pages: int, weight: int) -> Iterator[tuple[Scan, int]]:
    each = weight / max(pages, 1) / ROWS  # bytes behind one place, on the average
    place, last = (page * ROWS + row for page, row in (scan.first, scan.end or (max(pages, 1), 0)))
    while place < last:
        until = min(place + max(int(pace.size / each), 1), last)
        end = divmod(until, ROWS) if until < last else scan.end
        yield replace(scan, first=divmod(place, ROWS), end=end), round((until - place) * each)
        place = until
