"""Whether relations may be queried: they are tables, and planning a query over them calls no user-defined function.

To plan a query over a table, PostgreSQL works out the constants in its index expressions, in their conditions and in its extended
statistics, also where the query needs none of these: a function that is called there with constants alone is run, as whoever asks.
So this is asked before a query, of the catalogue as it is now and not of an earlier instant: an index may be younger than that.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass

from rollproof.model.definitions import UncleanError, qualified
from rollproof.model.errors import Inconclusive
from rollproof.model.node_tree import stay_calls
from rollproof.server.connection import Connection
from rollproof.server.user_code import Things, parts, planning_obstacle, users_functions

TRUST = "--trust-functions"

# What a relation is planned with, if any part of it is not PostgreSQL's own: indexes, statistics, the key of its partitions.
_MET = """
WITH RECURSIVE named AS (
    -- to_regclass would raise for a schema that is closed to the role, and say nothing of the other names
    SELECT u.name, u.alone, c.oid
    FROM unnest($1::text[], $2::bool[]) AS u (name, alone)
    CROSS JOIN LATERAL pg_catalog.parse_ident(u.name) AS path
    JOIN pg_catalog.pg_namespace AS n ON n.nspname = path[1]
    JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = path[2]
),
whole AS (
    SELECT named.name, named.alone, named.oid FROM named
    UNION
    SELECT whole.name, whole.alone, i.inhrelid
    FROM whole
    JOIN pg_catalog.pg_inherits AS i ON i.inhparent = whole.oid
    WHERE NOT whole.alone
)
SELECT whole.name, whole.alone, whole.oid::regclass::text, met.kind::text, met.classid, met.objid
FROM whole
CROSS JOIN LATERAL (
    SELECT c.relkind AS kind, NULL::oid AS classid, NULL::oid AS objid
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = whole.oid AND c.relkind NOT IN ('r', 'm', 'p')
    UNION ALL
    SELECT 'i', thing.classid, thing.objid
    FROM (
        SELECT 'pg_catalog.pg_class'::regclass, i.indexrelid FROM pg_catalog.pg_index AS i WHERE i.indrelid = whole.oid
        UNION ALL
        SELECT 'pg_catalog.pg_class'::regclass, p.partrelid FROM pg_catalog.pg_partitioned_table AS p
        WHERE p.partrelid = whole.oid AND NOT whole.alone
        UNION ALL
        SELECT 'pg_catalog.pg_statistic_ext'::regclass, s.oid FROM pg_catalog.pg_statistic_ext AS s
        WHERE s.stxrelid = whole.oid AND s.stxexprs IS NOT NULL
    ) AS thing (classid, objid)
    WHERE EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = thing.classid
            AND d.objid = thing.objid
            AND d.objsubid = 0
            AND d.refobjid >= 16384
            AND d.refclassid IN (
                'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass,
                'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_opclass'::regclass
            )
    )
    UNION ALL
    -- PostgreSQL's own, IMMUTABLE, and given a table's name: it runs the functions by which that table is partitioned.
    SELECT 'h', NULL, NULL
    FROM (
        SELECT concat(i.indexprs::text, ' ', i.indpred::text) FROM pg_catalog.pg_index AS i WHERE i.indrelid = whole.oid
        UNION ALL
        SELECT s.stxexprs::text FROM pg_catalog.pg_statistic_ext AS s WHERE s.stxrelid = whole.oid
        UNION ALL
        SELECT p.partexprs::text FROM pg_catalog.pg_partitioned_table AS p WHERE p.partrelid = whole.oid AND NOT whole.alone
    ) AS trees (text)
    WHERE strpos(trees.text, format(':funcid %s ', 'pg_catalog.satisfies_hash_partition'::regproc::oid)) > 0
    OFFSET 0 -- each is looked up by its key, whatever the planner believes of these tables
) AS met
"""

_STARTS = """
SELECT d.refclassid, d.refobjid
FROM unnest($1::oid[], $2::oid[]) AS thing (classid, objid)
JOIN pg_catalog.pg_depend AS d ON d.classid = thing.classid AND d.objid = thing.objid
WHERE d.refobjid >= 16384
    AND d.objsubid = 0
    AND d.refclassid IN (
        'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass,
        'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_opclass'::regclass
    )
"""

_STORED = """
SELECT pg_describe_object($1::oid, $2::oid, 0), trees.text
FROM (
    SELECT concat(i.indexprs::text, ' ', i.indpred::text) FROM pg_catalog.pg_index AS i
    WHERE i.indexrelid = $2::oid AND $1::oid = 'pg_catalog.pg_class'::regclass
    UNION ALL
    SELECT p.partexprs::text FROM pg_catalog.pg_partitioned_table AS p
    WHERE p.partrelid = $2::oid AND $1::oid = 'pg_catalog.pg_class'::regclass
    UNION ALL
    SELECT s.stxexprs::text FROM pg_catalog.pg_statistic_ext AS s
    WHERE s.oid = $2::oid AND $1::oid = 'pg_catalog.pg_statistic_ext'::regclass
) AS trees (text)
"""

# Of what a thing is made of, the functions, also of operators: whether one is plain, and its text where the planner may put it in
# place of the call. A text that is stored as a tree has its parts in pg_depend.
_CALLED = """
SELECT start.classid, start.objid, p.oid::int8,
       p.prokind = 'f' AND NOT p.proretset AND p.pronargdefaults = 0 AND p.provariadic = 0,
       CASE WHEN l.lanname = 'sql' AND NOT p.prosecdef AND p.proconfig IS NULL AND p.prosqlbody IS NULL THEN p.prosrc END,
       start.classid = 'pg_catalog.pg_operator'::regclass, p.tableoid
FROM unnest($1::oid[], $2::oid[]) AS start (classid, objid)
LEFT JOIN pg_catalog.pg_operator AS o ON start.classid = 'pg_catalog.pg_operator'::regclass AND o.oid = start.objid
JOIN pg_catalog.pg_proc AS p
  ON p.oid = CASE start.classid WHEN 'pg_catalog.pg_proc'::regclass THEN start.objid ELSE o.oprcode END
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE start.classid IN ('pg_catalog.pg_operator'::regclass, 'pg_catalog.pg_proc'::regclass)
"""

_KINDS = {
    "v": "a view",
    "f": "a foreign table",
    "S": "a sequence",
    "c": "a type",
    "i": "an index",
    "I": "an index",
    "h": "a table one of whose indexes or statistics calls satisfies_hash_partition",
}


class NotRead(Inconclusive):
    """A relation that this role must not read by a query, whatever it holds."""


Transaction = Callable[[], AbstractContextManager[Connection]]


class PlanningGuard:
    """Checks relations before they are queried. With `trust` user-defined functions may run, and the report names them."""

    def __init__(self, *, trust: bool) -> None:
        self._trust = trust
        self._ran: set[str] = set()

    def require(self, transaction: Transaction, wanted: Iterable[str]) -> None:
        """Raise `NotRead` if one of the relations must not be read; named as `refusals` says. `transaction` gives a fresh one."""
        names = tuple(wanted)
        if not names:
            return
        with transaction() as connection:
            reasons = self.refused(connection, names)
        if reasons:
            raise NotRead("\n".join(dict.fromkeys(reasons.values())))

    def refused(self, connection: Connection, wanted: Iterable[str]) -> dict[str, str]:
        """Return why relations must not be read, of those that must not; in a transaction that sees what is there now."""
        found = refusals(connection, sorted(set(wanted)))
        if self._trust:
            self._ran |= {each.text for each in found.values() if each.functions}
        return {
            name: f"{each.text}; {TRUST} reads it all the same" if each.functions else each.text
            for name, each in found.items()
            if not (self._trust and each.functions)
        }

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the report must know: which functions of users may have run."""
        return tuple(f"{TRUST}: it was read, and what this says may have run: {text}" for text in sorted(self._ran))


@dataclass(frozen=True)
class Refusal:
    """Why a relation must not be read; whether it is for `functions` that somebody may trust."""

    text: str
    functions: bool


@dataclass(frozen=True)
class _Met:
    """What stands in the way of one name: a relation that is no table, or a thing that is planned with one."""

    relation: str
    kind: str
    thing: tuple[object, ...]


def refusals(connection: Connection, names: Sequence[str]) -> dict[str, Refusal]:
    """Return why relations must not be read, of those that must not.

    They are named as they stand in FROM: `ONLY schema.table`, or `schema.table` with all that inherits from it; what is not there
    is no matter. To be asked in a transaction that sees the catalogue as it is now.
    """
    parameters = [name.removeprefix("ONLY ") for name in names], [name.startswith("ONLY ") for name in names]
    met: dict[str, list[_Met]] = {}
    for name, only, relation, kind, classid, objid in connection.execute(_MET.encode(), parameters).fetchall():
        met.setdefault(f"{'ONLY ' * bool(only)}{name}", []).append(_Met(str(relation), str(kind), (classid, objid)))
    if not met:
        return {}
    suspects = {each.thing for found in met.values() for each in found if each.thing[1] is not None}
    bad = dict(_bad(connection, suspects))
    told = {name: next(filter(None, (_told(each, bad) for each in found)), None) for name, found in met.items()}
    return {name: why for name, why in told.items() if why}


def _told(met: _Met, bad: Mapping[tuple[object, ...], str]) -> Refusal | None:
    if met.thing[1] is None:
        kind = _KINDS.get(met.kind, "no table")
        return Refusal(
            f"{met.relation} is {kind}, and is not read: that could run what somebody else wrote", functions=False
        )
    return Refusal(f"{met.relation} is not read: {bad[met.thing]}", functions=True) if met.thing in bad else None


def _bad(connection: Connection, things: Things) -> Iterator[tuple[tuple[object, ...], str]]:
    """Yield the things that cannot be proved harmless, each with the reason."""
    if not things or not users_functions(connection, parts(connection, _starts(connection, things))):
        return
    for thing in sorted(things, key=str):
        functions = users_functions(connection, parts(connection, _starts(connection, {thing})))
        if functions and not _all_stay(connection, thing, functions):
            about = connection.execute(_STORED.encode(), thing).fetchone() or ("an index",)
            named = ", ".join(functions.values())
            verb = "is" if len(functions) == 1 else "are"
            yield thing, f"to plan that, the server could run {named}, which {verb} not PostgreSQL's own ({about[0]})"


def _starts(connection: Connection, things: Things) -> Things:
    return set(connection.execute(_STARTS.encode(), _lists(things)).fetchall())


def _all_stay(connection: Connection, thing: tuple[object, ...], functions: Mapping[int, str]) -> bool:
    """Tell whether the functions are called by the thing's expressions alone, and none of these calls can be worked out."""
    starts = _starts(connection, {thing})
    rows = connection.execute(_CALLED.encode(), _lists(starts)).fetchall()
    called = [_Called(*row) for row in rows if row[2] in functions]  # type: ignore[arg-type] # as the query has them
    others = starts - {row[:2] for row in rows}
    return (
        {each.oid for each in called} == set(functions)
        and not users_functions(connection, parts(connection, others))
        and all(_stands_alone(connection, each) for each in called)
        and all(
            stay_calls(str(text), functions.keys(), {int(str(each.thing)) for each in called if each.operator})
            for _, text in connection.execute(_STORED.encode(), thing).fetchall()
        )
    )


@dataclass(frozen=True)
class _Called:
    """A user's function, by itself or as an operator: see `_CALLED`."""

    catalogue: object
    thing: object
    oid: int
    plain: bool
    body: str | None
    operator: bool
    functions: object  # the catalogue of functions


def _stands_alone(connection: Connection, called: _Called) -> bool:
    """Tell whether a function runs no other of a user's, as far as its text may be put in place of its call."""
    reached = users_functions(connection, parts(connection, {(called.functions, called.oid)}))
    if not called.plain or reached.keys() != {called.oid}:
        return False
    if called.body is None:
        return True
    with suppress(UncleanError):
        return planning_obstacle(connection, set(qualified(called.body)))[0] is None
    return False


def _lists(things: Things) -> tuple[list[object], list[object]]:
    return [thing[0] for thing in things], [thing[1] for thing in things]
