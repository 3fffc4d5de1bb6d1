"""What the server counts of a table beside its rows: that somebody wrote to it shows there first, and proves nothing by itself."""

import msgspec


class Footprint(msgspec.Struct, frozen=True, array_like=True):
    """One table at one instant: its relfilenode (0: none), its size in pages, and the rows that were inserted, updated and deleted.

    The numbers of rows are the cumulative statistics system's (`pg_stat_get_tuples_inserted` …), which may be reset, lag behind, or
    be switched off by a session.
    """

    file: int
    pages: int
    inserted: int
    updated: int
    deleted: int


class Epoch(msgspec.Struct, frozen=True):
    """What must be the same for two footprints to be of the same count: anything that throws the counters away changes it.

    `system` is the cluster's identifier, `started` when its postmaster was, `resets` when the database's, the archiver's and all
    other statistics were reset, `timeline` the WAL's, `standby` whether it is one. `snapshot` is `pg_current_snapshot()`.
    """

    system: str
    started: str
    resets: str
    timeline: int
    standby: bool
    snapshot: str
