"""How much each table of a database is read and written: two looks at its counters, which read nothing else."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rollproof.model.errors import Inconclusive
from rollproof.server.connection import Connection, Target, connect
from rollproof.server.transactions import Limits, pinned

# A scan is what comes nearest to a statement that reads; of writes the rows are counted.
_COUNTERS = b"""
SELECT pg_catalog.quote_ident(schemaname) || '.' || pg_catalog.quote_ident(relname),
  coalesce(seq_scan, 0) + coalesce(idx_scan, 0), n_tup_ins + n_tup_upd + n_tup_del,
  coalesce(pg_catalog.pg_total_relation_size(relid), 0)
FROM pg_catalog.pg_stat_user_tables
"""


@dataclass(frozen=True)
class Rates:
    """What is done to a table in a second (`reads`: scans; `writes`: rows), and its size with its indexes in bytes."""

    reads: float
    writes: float
    size: int


@dataclass(frozen=True)
class Traffic:
    """The rates of tables, by quoted name, over so many `seconds`."""

    seconds: float
    tables: Mapping[str, Rates]


def looked(target: Target, seconds: float, limits: Limits) -> Traffic:
    """Look twice, so many seconds apart. Raises `Inconclusive` if that is not possible, or says nothing."""
    with connect(target) as connection:
        began, first = time.monotonic(), _counters(connection, limits)
        time.sleep(seconds)
        second, passed = _counters(connection, limits), time.monotonic() - began
    both = {table: (first[table], now) for table, now in second.items() if table in first}
    if any(was > now for before, after in both.values() for was, now in zip(before[:2], after[:2], strict=True)):
        raise Inconclusive(f"the counters of {target} were reset between our two looks: try again")
    tables = {
        table: Rates((now[0] - was[0]) / passed, (now[1] - was[1]) / passed, now[2])
        for table, (was, now) in both.items()
    }
    if not any(rates.reads or rates.writes for rates in tables.values()):
        raise Inconclusive(
            f"nothing was read or written in {target} within {passed:.0f} s: look longer (--traffic-seconds)"
        )
    return Traffic(passed, tables)


def _counters(connection: Connection, limits: Limits) -> dict[str, tuple[int, int, int]]:
    with pinned(connection, limits):
        found: list[Any] = connection.execute(_COUNTERS).fetchall()
    return {table: (int(reads), int(writes), int(size)) for table, reads, writes, size in found}
