"""--unread-if-untouched: tables that nobody wrote to since the baseline, by all that the server tells of them.

Rows that the baseline's snapshot B does not see and the run's snapshot R sees were written by transactions that ended between the
two. Before B the baseline kept (`rows/footprints`): what the server counted of each table, its file and size, who held a lock
for writing, the WAL's end; after R all that is asked again. A table is untouched if

- its file, its size, its columns and their types are the same: it was not emptied, written anew, or given other values by a
  definition; enum labels and fields of composite types count, and types whose text depends on anything else than the stored bytes
  rule the table out, as do unlogged tables and other access methods than heap;
- no transaction that may have written to it was under way before B (`held`), so each of those transactions wrote after that;
- the same rows were inserted, updated and deleted. These are counted by the server itself wherever a heap is written to, for
  transactions that are rolled back, too, and told when a transaction ends, so after B; and they count since the same time: the
  server was not restarted, did not crash (a crash resets the archiver's statistics with all others), is no standby and did not
  become the primary, statistics were not reset, its configuration was not loaded anew (it might have said `track_counts = off`
  for a while), and no role, database or function sets that;
- all sessions have told what they counted (`rows/unreported`), or no page of the table was written after the WAL's end that the
  baseline names (`rows/page_headers`): that needs no counters, and is asked where the role may.

What is left without pageinspect: while a superuser has switched `track_counts` off for a session or a role, or works on pages by
pg_surgery, nothing is counted, and no trace is left; and with it: whoever changes the files themselves. So a verdict says by
whose word tables were not read. PostgreSQL 14 sends its counters by UDP, which may lose them: there only page headers count.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from rollproof.model.amounts import counted
from rollproof.model.errors import Inconclusive
from rollproof.model.footprint import Epoch, Footprint
from rollproof.model.names import sql_name
from rollproof.rows.footprints import epoch, footprints
from rollproof.rows.page_headers import schema, written_since
from rollproof.rows.scan import PAGE, Content
from rollproof.rows.tables import Relation
from rollproof.rows.unreported import HIDDEN, Session, Unreported, sessions, waited_for
from rollproof.server.reader import Connection, SnapshotReader, one

T = TypeVar("T")

OPTION = "--unread-if-untouched"
NO_BASELINE = f"{OPTION}: all tables are read: only a baseline says what the server had counted"
_REMEMBERED = 2**30  # transactions; beyond it their numbers could be those of others
_RELIABLE = 150000  # the first server whose counters are not sent by UDP
_MOST = 90.0  # seconds that sessions are waited for, if reading would take longer
_SPEED = 50 * 2**20  # bytes that are read in a second, about
_STARTED = "SELECT pg_postmaster_start_time()::text"
_NEVER_TOLD = "the baseline does not say what the server had counted: take a new one before the next migration"


@dataclass(frozen=True)
class Counts:
    """What a baseline keeps: the epoch (None: an older one), the footprints of its tables, and what was in them."""

    epoch: Epoch | None
    footprints: Mapping[str, Footprint]
    contents: Mapping[str, Content]


def distrust(was: Epoch, now: Epoch) -> str:
    """Return why nothing that was counted before can be held against what is counted now, as half a sentence; "" if it can."""
    compared = (
        (was.system != now.system or not was.system, "nobody can say whether the baseline is of this server"),
        (was.standby or now.standby, "a standby does not count what is written"),
        (was.timeline != now.timeline, "another server took over since the baseline"),
        (was.started != now.started, "the server was started anew since the baseline"),
        (was.database != now.database, "the database was made or changed since the baseline"),
        (was.resets != now.resets, "the server's statistics were reset since the baseline, or it crashed"),
        (was.loaded != now.loaded, "the server's configuration was loaded again since the baseline"),
        (bool(was.uncounted or now.uncounted), f"not all that is written is counted: {was.uncounted or now.uncounted}"),
        (_ids(now)[1] - _ids(was)[0] > _REMEMBERED, "too many transactions took place since the baseline"),
    )
    return next((why for differs, why in compared if differs), "")


def _ids(told: Epoch) -> tuple[int, int]:
    oldest, following, _ = told.snapshot.split(":")
    return int(oldest), int(following)


def unwritten(was: Mapping[str, Footprint], now: Mapping[str, Footprint]) -> set[str]:
    """Return the tables whose footprints are the same, and would not be if somebody had written to them."""
    return {name for name, each in now.items() if each == was.get(name) and each.file and each.shape and not each.held}


@dataclass(frozen=True)
class Untouched:
    """Finds the tables that need not be read, and has it `told` how many there are, or why there is none.

    `moment` is the server's time when the snapshot was there already, in seconds since 1970.
    """

    view: SnapshotReader
    was: Counts
    moment: float
    told: Callable[[str], None]

    def of(self, found: Mapping[str, Relation]) -> dict[str, Content]:
        """Return the contents of those of these tables that nobody wrote to. Raises nothing: in doubt all are read."""
        try:
            names, said = self._names(found)
        except Inconclusive as error:
            names, said = set(), str(error).splitlines()[0]
        if names:
            unread = f"{len(names):,} of {counted(len(found), 'table')} {'was' if len(names) == 1 else 'were'} not read"
            self.told(f"{OPTION}: {unread}: by the server's own counters nobody wrote to them since the baseline{said}")
        else:
            self.told(f"{OPTION}: all tables are read: {said}")
        return {name: self.was.contents[name] for name in names}

    def _names(self, found: Mapping[str, Relation]) -> tuple[set[str], str]:
        if self.was.epoch is None:
            return set(), _NEVER_TOLD
        known = {name: each for name, each in found.items() if name in self.was.contents}
        names, why, pages = self._counted(known, self.was.epoch)
        if why or not names:
            return (
                set(),
                why or "each was written to since the baseline, or has a file, columns or types that prove nothing",
            )
        if not (headers := self._asked(schema)):
            if why := self._unheard(sum(pages.values()) * PAGE, self.was.epoch):
                return set(), why
            names, why, _ = self._counted(known, self.was.epoch)
            return (
                set() if why else names
            ), why or "; what is written while a superuser has switched track_counts off is not counted"
        true = [replace(found[name], pages=pages[name]) for name in sorted(names)]
        names -= written_since(self.view, true, self.was.epoch.lsn, headers)
        return (
            names,
            ", and none of their pages was written" if names else "their pages were written since the baseline",
        )

    def _counted(self, found: Mapping[str, Relation], was: Epoch) -> tuple[set[str], str, dict[str, int]]:
        """Return which tables have the same footprint, why that says nothing, and their pages; the epoch is asked for last."""
        now, since = self._asked(lambda connection: (footprints(connection, found), epoch(connection)))
        names = unwritten(self.was.footprints, now)
        return names, distrust(was, since), {name: now[name].pages for name in names}

    def _unheard(self, size: int, was: Epoch) -> str:
        """Return why the counters may lack something, "" if they are complete. Waits, if reading these bytes takes longer."""
        if self.view.version < _RELIABLE:
            return "PostgreSQL 14 may lose what it counts, and page headers are not to be had (pageinspect, for a superuser)"
        end = time.monotonic() + min(_MOST, size / _SPEED)
        who = Unreported(self.moment, was.at)
        left = waited_for(who, self._sessions, lambda: _paused(end))
        if any(each.state == HIDDEN for each in left):
            grant = f"GRANT pg_read_all_stats TO {sql_name(self.view.role)};"
            return f"the role may not see whether other sessions have told what they wrote: {grant}"
        return _waiting(left) if left else ""

    def _sessions(self) -> list[Session]:
        return self._asked(lambda connection: sessions(connection, self.view.processes))

    def _asked(self, ask: Callable[[Connection], T]) -> T:
        """Ask the server that has the snapshot; of several hosts in an address another one may answer."""
        answer, started = self.view.now(lambda connection: (ask(connection), one(connection, _STARTED)))
        if started != self.view.place.started:
            raise Inconclusive("several servers answer at the database's address")
        return answer


def _paused(end: float) -> bool:
    if time.monotonic() >= end:
        return False
    time.sleep(1.0)
    return True


def _waiting(left: list[Session]) -> str:
    first, more = left[0], len(left) - 1
    others = f" and {counted(more, 'other')}" if more else ""
    return f"process {first.process} ({first.name or 'unnamed'}){others} may not have told the server yet what it wrote"
