"""How much a table is used, by the server's own counters, as a value."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TableTraffic:
    """A table that is used: rows `written` (inserted, updated, deleted) and `scans` of it since the server began to count, `since`.

    `since` is empty where the server has counted from its beginning.
    """

    table: str
    written: int
    scans: int
    since: str = ""
