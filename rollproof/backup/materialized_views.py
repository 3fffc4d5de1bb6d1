"""Materialized views whose rows differ only because they were refreshed at another moment: all that they read is as it was."""

from dataclasses import dataclass
from functools import partial

from rollproof.backup.copies import fact_about
from rollproof.model.compare import Difference
from rollproof.model.errors import Inconclusive
from rollproof.model.finding import RowReport, Statement
from rollproof.model.names import respelled
from rollproof.model.printable_sql import pasteable
from rollproof.server.reader import Connection
from rollproof.sources.live import Live
from rollproof.sources.source import CONTENT, Source

# All that a materialized view reads, through views and down to partitions and children.
_READS = """
WITH RECURSIVE read (oid) AS (
    SELECT $1::oid
    UNION
    SELECT more.oid
    FROM read
    CROSS JOIN LATERAL (
        SELECT d.refobjid AS oid
        FROM pg_catalog.pg_rewrite AS r
        JOIN pg_catalog.pg_depend AS d
            ON d.classid = r.tableoid AND d.objid = r.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
        WHERE r.ev_class = read.oid AND r.ev_type = '1'
        UNION ALL
        SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = read.oid
    ) AS more
)
SELECT c.oid::int8, c.relkind::text, pg_catalog.format('%I.%I', n.nspname, c.relname)
FROM read
JOIN pg_catalog.pg_class AS c ON c.oid = read.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
ORDER BY 3
"""

# What else has a say in what these views show: objects of the user's own that are neither tables nor types nor collations, and,
# leaving no trace in pg_depend, PostgreSQL's own tables and those of its functions that read or answer otherwise each time.
_CALLS = """
WITH rules AS (
    SELECT r.oid, r.tableoid, r.ev_action::text AS tree
    FROM pg_catalog.pg_rewrite AS r
    WHERE r.ev_class = ANY ($1::oid[]) AND r.ev_type = '1'
)
SELECT pg_catalog.pg_describe_object(d.refclassid, d.refobjid, 0)
FROM rules
JOIN pg_catalog.pg_depend AS d ON d.classid = rules.tableoid AND d.objid = rules.oid
WHERE d.refclassid NOT IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_collation'::regclass)
UNION
SELECT 'table ' || c.oid::regclass
FROM rules
CROSS JOIN LATERAL pg_catalog.regexp_matches(rules.tree, ':relid (\\d+)', 'g') AS found
JOIN pg_catalog.pg_class AS c ON c.oid = found[1]::oid AND c.oid < 16384
UNION
SELECT 'function ' || p.oid::regprocedure
FROM rules
CROSS JOIN LATERAL pg_catalog.regexp_matches(rules.tree, ':(?:funcid|opfuncid|aggfnoid|winfnoid) (\\d+)', 'g') AS found
JOIN pg_catalog.pg_proc AS p ON p.oid = found[1]::oid AND (p.provolatile = 'v' OR p.proname ~ '_to_xml|_to_xmlschema')
ORDER BY 1 LIMIT 1
"""


_VIEWS, _TABLES = ("v", "m"), ("r", "p")


@dataclass(frozen=True)
class _WhatItReads:
    """The tables and views that a materialized view reads; `doubt` names what else decides its rows."""

    views: tuple[str, ...]
    tables: tuple[str, ...]
    doubt: str


class MaterializedViews:
    """The materialized views of two sources, and which of them differ only in the moment of their refresh."""

    def __init__(self, before: Source, after: Live) -> None:
        self._before = before
        self._after = after
        self._asked: dict[str, _WhatItReads | None] = {}

    def only_stale(self, difference: Difference) -> bool:
        """Tell whether a materialized view is defined as before and reads the same rows as before; in doubt, no."""
        basis = self._basis(difference.identity)
        return basis is not None and not self._other(basis)

    def note(self, name: str) -> str:
        """Return why the rows of a materialized view differ; empty for a table."""
        basis = self._basis(name)
        if basis is None:
            return ""
        if other := self._other(basis):
            return f"{name} is a materialized view: {other}"
        read = ", ".join(basis.tables) or "no table"
        return f"{name} is a materialized view, and what it reads ({read}) is as it was: only the moment of its refresh differs"

    def report(self, name: str) -> RowReport | None:
        """Return the same as a report on its rows; None for a table."""
        note = self.note(name)
        return RowReport(name, note=note) if note else None

    def refresh(self, name: str) -> tuple[Statement, ...]:
        """Return REFRESH MATERIALIZED VIEW for a view that is only out of date."""
        basis = self._basis(name)
        stale = basis is not None and not self._other(basis)
        return (Statement(pasteable(f"REFRESH MATERIALIZED VIEW {name};"), name),) if stale else ()

    def _basis(self, name: str) -> _WhatItReads | None:
        if name not in self._asked:
            held = self._after.scannable(name)
            self._asked[name] = self._after.view.ask(partial(_read, oid=held.relation.oid)) if held else None
        return self._asked[name]

    def _other(self, basis: _WhatItReads) -> str:
        """Return what else may have changed; empty if nothing."""
        if basis.doubt:
            return basis.doubt
        if reason := self._before.unavailable("views"):
            return reason
        try:
            for view in basis.views:
                if self._differs("views", view):
                    return f"the query of {view} is not what it was"
            for table in basis.tables:
                if any(self._differs(facet, table) for facet in CONTENT):
                    return f"{table}, which it reads, is not as it was either"
        except Inconclusive as error:
            return f"whether what it reads is as it was cannot be told: {error}"
        return ""

    def _differs(self, facet: str, name: str) -> bool:
        return fact_about(self._before, facet, name) != fact_about(self._after, facet, name)


def _read(connection: Connection, oid: int) -> _WhatItReads | None:
    """Return what a materialized view reads; None if it is none."""
    rows = connection.execute(_READS.encode(), (oid,)).fetchall()
    kinds = {int(str(oid)): (str(kind), respelled(str(name))) for oid, kind, name in rows}
    if kinds[oid][0] not in _VIEWS:
        return None
    views = [each for each, (kind, _) in kinds.items() if kind in _VIEWS]
    strange = [
        f"it reads {name}, which is no table" for kind, name in kinds.values() if kind not in (*_VIEWS, *_TABLES)
    ]
    calls = connection.execute(_CALLS.encode(), (views,)).fetchone()
    doubt = [*strange, *([f"it relies on {calls[0]}, and nobody can say what that answers"] if calls else [])]
    tables = tuple(name for kind, name in kinds.values() if kind in _TABLES)
    return _WhatItReads(tuple(kinds[view][1] for view in views), tables, doubt[0] if doubt else "")
