"""Row counts and fingerprints of many tables, computed inside PostgreSQL in the background."""

import time
from collections.abc import Callable, Container, Iterable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from functools import partial

import psycopg

from rollproof.model.detail import Detail
from rollproof.model.errors import Inconclusive
from rollproof.model.footprint import Footprint
from rollproof.rows.detail_capture import Details
from rollproof.rows.footprints import Counted
from rollproof.rows.paced_scan import Answers, in_turn
from rollproof.rows.per_row_hashes import chosen, hashes, joined, numbers
from rollproof.rows.progress import Progress
from rollproof.rows.row_hash import ALGORITHM
from rollproof.rows.scan import (
    PAGE,
    PART,
    TOGETHER,
    Content,
    Part,
    Scan,
    TableScan,
    added_up,
    belong_together,
    complete,
    fingerprint,
    plan,
    read,
    timed,
    weighed,
)
from rollproof.rows.scan_cache import ScanCache
from rollproof.rows.suspects import NOBODY, Suspect
from rollproof.rows.tables import Relation, ScannableTable
from rollproof.rows.unchanged import Anchor, ScannedTable, anchors, unchanged
from rollproof.rows.untouched import Untouched
from rollproof.server.planning_guard import NotRead
from rollproof.server.reader import Connection, SnapshotReader, reason
from rollproof.server.relation_identity import require_same_relations


def outdated(recorded: str) -> str | None:
    """Return why a recorded fingerprint cannot be compared with ours; None if it can."""
    if recorded.startswith(f"{ALGORITHM}:"):
        return None
    return (
        "its fingerprint was taken by another version of rollproof, which reads rows otherwise: take the baseline again"
    )


class Scanner:
    """Scans many tables in the background, suspects first, then largest first; who asks for one waits only for that one.

    Nothing is scanned before `begin` or the first request, so that cheap queries do not wait behind a scan. `tables` are the
    names of those that are scanned, `found` what is known of each before that.
    """

    def __init__(self, view: SnapshotReader, found: Mapping[str, Relation]) -> None:
        self.tables = frozenset(found)
        self.found = found
        self._view = view
        self._scans: dict[str, list[Future[Answers[dict[str, Part]]]]] = {}
        self._planned: list[tuple[Scan, Future[Answers[dict[str, Part]]]]] = []
        self._kept: ScanCache | None = None
        self._untouched: Untouched | None = None
        self._unread: frozenset[str] = frozenset()
        self._recalled: dict[str, Content] = {}
        self._anchors: dict[str, Anchor] = {}
        self._refused: dict[str, str] = {}
        self._begun = False
        self._ended: dict[str, TableScan] = {}
        self._unended: dict[str, TableScan] = {}
        self._details: Details | None = None
        self._seconds = (0.0, 0.0)  # when the scans began, and how long it was until one of them ended
        self._hears: Callable[[str], object] = lambda _: None

    def of_these(self, wanted: Callable[[str], bool]) -> "Scanner":
        """Return one that scans only the tables of these names, and by itself."""
        return Scanner(self._view, {name: found for name, found in self.found.items() if wanted(name)})

    def keep_in(self, kept: ScanCache) -> None:
        """Write fingerprints to the cache, and do not scan again what it has; to be called before anything is scanned."""
        self._kept = kept

    def spare(self, untouched: Untouched) -> None:
        """Do not read what is untouched; to be called before anything is scanned."""
        self._untouched = untouched

    def keep_details(self) -> None:
        """Add up parts of tables as well, for `details`; to be called before anything is scanned."""
        self._details = Details(self._view, self.found)

    def heard_by(self, hears: Callable[[str], object]) -> None:
        """Call this with each table once it is read, from any thread, perhaps twice; to be called before anything is scanned."""
        self._hears = hears

    def begin(self, first: Mapping[str, Suspect] = NOBODY) -> None:
        """Start all scans, those of suspects `first`; a second call does nothing."""
        if self._begun:
            return
        self._begun = True
        self._seconds = (time.monotonic(), 0.0)
        self._recall()
        self._spare()
        for table in self._recalled.keys() - self._unread:
            self._hears(table)
        self._refused = self._unreadable()
        scans = plan(self._measured(), self._view.limits.jobs, first)
        scans = self._details.divide(scans) if self._details else scans
        for one, future in zip(scans, self._asked(scans), strict=True):
            for relation in one.relations:
                self._scans.setdefault(relation.name, []).append(future)
            self._planned.append((one, future))  # last: `progress` may look from another thread
            future.add_done_callback(partial(self._note_end, one))
        for name, futures in self._scans.items() if self._kept else ():
            for future in futures:
                future.add_done_callback(partial(self._keep, name))

    def _asked(self, scans: Iterable[Scan]) -> "list[Future[Answers[dict[str, Part]]]]":
        return in_turn(self._view, [(one, lambda part: _reader(part, self._view)) for one in scans])

    def _unreadable(self) -> dict[str, str]:
        """Return why tables must not be read, so that others in the same scan can be; each is checked again when it is read."""
        try:
            refused = self._view.refused(found.source for found in self.found.values())
        except Inconclusive:  # who reads them will hear why
            return {}
        return {name: refused[found.source] for name, found in self.found.items() if found.source in refused}

    def _recall(self) -> None:
        if self._kept is None:
            return
        try:
            self._anchors = self._view.ask(lambda connection: anchors(connection, self.found))
        except Inconclusive:  # then nothing is kept; who asks for the rows will hear why
            return
        lines = {name: line for name, anchor in self._anchors.items() if (line := self._kept.line(anchor.identity))}
        for name in unchanged(self._view, self.found, self._anchors, lines):
            self._recalled[name] = self._kept.recall(lines[name])

    def _spare(self) -> None:
        if self._untouched:
            known = self._untouched.of({name: each for name, each in self.found.items() if name not in self._recalled})
            self._recalled |= known
            self._unread = frozenset(known)

    def _note_end(self, one: Scan, _: object) -> None:
        self._seconds = (self._seconds[0], time.monotonic() - self._seconds[0])
        for relation in one.relations:
            if self.has_read(relation.name):
                self._hears(relation.name)

    def has_read(self, table: str) -> bool:
        """Whether `of` would return a table's content without waiting for anything."""
        return table in self._recalled or bool(self._ended_parts(table))

    @property
    def seconds(self) -> float:
        """How long it was from the first scan's begin to the last one's end, until now; 0.0 if none ended."""
        return self._seconds[1]

    def read_by_now(self) -> dict[str, TableScan]:
        """Return what is known of each table, waiting for nothing."""
        pages = {relation.name: relation.pages for one, _ in list(self._planned) for relation in one.relations}
        for name, found in self.found.items():
            if name not in self._ended:
                known = self._known(name, pages.get(name, found.pages))
                (self._ended if known.rows is not None else self._unended)[name] = known
        return {**self._unended, **self._ended}

    def _known(self, name: str, pages: int) -> TableScan:
        size = pages * PAGE if pages >= 0 else None
        if name in self._recalled:
            return TableScan(self._recalled[name].rows, size, unread=name in self._unread)
        if parts := self._ended_parts(name):
            return TableScan(added_up(parts).rows, size, sum(part.seconds for part in parts))
        return TableScan(None, size)

    def _ended_parts(self, name: str) -> list[Part]:
        """Return all parts of a table; [] unless each was read."""
        futures = self._scans.get(name, [])
        ended = all(each.done() and not each.cancelled() and not each.exception() for each in futures)
        return _parts(name, futures) if ended else []

    def _keep(self, name: str, _: "Future[dict[str, Part]]") -> None:
        anchor = self._anchors.get(name)
        parts = self._ended_parts(name) if self._kept and anchor else []
        if self._kept and anchor and parts and parts[0].instant == anchor.snapshot:
            content = added_up(parts)
            self._kept.keep(ScannedTable(anchor, content.rows, content.fingerprint))

    def _measured(self) -> list[Relation]:
        """Return the tables with their true sizes, where these are unknown or large."""
        left_out = {*self._recalled, *self._refused}
        wanted = {name: found for name, found in self.found.items() if name not in left_out}
        unsure = [each for each in wanted.values() if min(each.pages, each.toast) < 0 or each.weight > PART[0] // 2]
        try:
            sizes = self._view.ask(lambda connection: weighed(connection, unsure)) if unsure else {}
        except Inconclusive:  # one of them is locked; the others are not worse read for a wrong size
            sizes = {}
        known = {oid: (pages, size // PAGE - pages) for oid, (pages, size) in sizes.items()}
        remembered = ((each, known.get(each.oid, (max(each.pages, 0), max(each.toast, 0)))) for each in wanted.values())
        return [replace(each, pages=pages, toast=toast) for each, (pages, toast) in remembered]

    def progress(self) -> Progress:
        """Return the progress; a part counts when it is done."""
        planned = list(self._planned)
        done, total = (
            sum(one.pages for one, future in planned if future.done() or every) * PAGE for every in (False, True)
        )
        sizes = {relation.name: relation.pages * PAGE for one, _ in planned for relation in one.relations}
        read = {name: size for name, size in sizes.items() if all(future.done() for future in self._scans[name])}
        return Progress(done, total, read, self._view.pace.resting if self._view.pace else 0.0)

    def named(self, before: Counted) -> dict[str, Footprint]:
        """Return the footprints of these tables, as they were counted before the snapshot."""
        return before.named(self.found)

    def scannable(self, table: str) -> ScannableTable | None:
        """Return the table for reading its rows; None if it is not among `tables`."""
        return ScannableTable(self._view, self.found[table]) if table in self.found else None

    def estimate(self, table: str) -> int | None:
        """Return the planner's row estimate (`reltuples`): -1 if never vacuumed or analysed, None for a partitioned table."""
        return self.found[table].tuples if table in self.found else None

    def of(self, table: str) -> Content:
        """Wait for one table's content, which must be among `tables`. Raises `Inconclusive` if it cannot be read."""
        self.begin()
        if table in self._recalled:
            return self._recalled[table]
        if table in self._refused:
            raise NotRead(self._refused[table])
        if parts := _parts(table, self._scans[table]):
            return added_up(parts)
        whole = Scan((self.found[table],), 0)
        if self._view.pace and (parts := _parts(table, self._asked([whole]))):
            return added_up(parts)
        return added_up(self._view.ask(_reader(whole, self._view), reads=whole.sources).values())

    def hashes(self, known: Mapping[str, Content], growing: Container[str]) -> dict[str, bytes]:
        """Return a hash of each row of small tables, first of those in `growing`; without those that cannot be read."""
        tables = chosen({table: content.rows for table, content in known.items()}, growing)
        filled = [self.found[table] for table in tables if known[table].rows]
        groups = [filled[start : start + TOGETHER] for start in range(0, len(filled), TOGETHER)]
        asked = in_turn(
            self._view, [(Scan(tuple(group), 0), lambda part: partial(hashes, wanted=part)) for group in groups]
        )
        found = {table: b"" for table in tables if not known[table].rows}
        for future in asked:
            with suppress(Inconclusive):
                found |= joined(each for _, each in future.result())
        # Each must add up to what the scan said: a table that was rewritten meanwhile does not.
        return {
            name: found[name] for name in sorted(found) if fingerprint(numbers(found[name])) == known[name].fingerprint
        }

    def details(self, known: Mapping[str, Content]) -> dict[str, Detail]:
        """Return the sums of parts of tables, if they were to be kept; without those of tables that cannot be parted or read."""
        parts = {name: [part.sums for part in _parts(name, self._scans[name])] for name in known if name in self._scans}
        return self._details.told(known, parts) if self._details else {}


def _parts(table: str, futures: "Iterable[Future[Answers[dict[str, Part]]]]") -> list[Part]:
    """Return all parts of a table, if they are complete, of one relfilenode and one snapshot; else []."""
    found = [(piece, parts[table]) for future in futures for piece, parts in _told(future) if table in parts]
    parts = [part for _, part in found]
    return parts if complete(piece for piece, _ in found) and belong_together(parts) else []


def _told(future: "Future[Answers[dict[str, Part]]]") -> Answers[dict[str, Part]]:
    """Return a scan's parts; [] if one of its tables must not be read by now: then each is scanned alone."""
    try:
        return future.result()
    except NotRead:
        return []


def _reader(wanted: Scan, view: SnapshotReader) -> Callable[[Connection], dict[str, Part]]:
    def ask(connection: Connection) -> dict[str, Part]:
        try:
            began = time.monotonic()
            parts = timed(read(connection, wanted), wanted, time.monotonic() - began)
            require_same_relations(connection)
        except (psycopg.Error, Inconclusive) as error:
            if wanted.together and not connection.closed:
                return {}  # one of them cannot be read, and each will be asked about alone
            if isinstance(error, Inconclusive):
                raise
            name = wanted.relations[0].name
            raise Inconclusive(f"{name} could not be read: {reason(error, view.role, name)}") from error
        return parts

    return ask
