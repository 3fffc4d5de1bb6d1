"""What the server counts of a table beside its rows: that somebody wrote to it shows there first, and proves nothing by itself."""

import msgspec


class Footprint(msgspec.Struct, frozen=True, array_like=True):
    """One table at one instant: its relfilenode (0: none), its size in pages, and the rows that were inserted, updated and deleted.

    The numbers of rows are the cumulative statistics system's (`pg_stat_get_tuples_inserted` …), which may be reset, lag behind, or
    be switched off by a session. `shape` is a digest of what turns stored bytes into values, its columns and their types; "" where
    more than its own rows decides that, or where its rows are not kept as a heap's are. `held`: a transaction that may have written
    to it was under way.
    """

    file: int
    pages: int
    inserted: int
    updated: int
    deleted: int
    shape: str = ""
    held: bool = True


class Epoch(msgspec.Struct, frozen=True):
    """What must be the same for two footprints to be of the same count: anything that throws the counters away changes it.

    `system` is the cluster's identifier, `database` this database's oid and when its row was last written, `started` when its
    postmaster was, `loaded` when that read its configuration, `resets` when the database's and the archiver's statistics were
    reset; `timeline` is the WAL's, `standby` whether it is one. `snapshot` is `pg_current_snapshot()`, `lsn` the WAL's end and
    `at` the server's time (seconds since 1970) when the footprints were about to be read. `uncounted` says why rows may have
    been written that nobody counts, "" if there is no reason.
    """

    system: str
    started: str
    resets: str
    timeline: int
    standby: bool
    snapshot: str
    database: str = ""
    loaded: str = ""
    lsn: int = 0
    at: float = 0.0
    uncounted: str = ""
