"""How much there is in a database, and how much of it was left out."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

from rollproof.model.amounts import counted
from rollproof.model.names import sql_name
from rollproof.server.connection import Connection
from rollproof.server.transactions import one

_TABLES = """
SELECT format('%I.%I', n.nspname, c.relname), c.reltuples::float8, pg_relation_size(c.oid),
    has_table_privilege(c.oid, 'SELECT') AND NOT c.relrowsecurity
    -- else planning might run a function of the owner's
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_index AS i
        WHERE i.indrelid = c.oid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
    )
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_statistic_ext AS x WHERE x.stxrelid = c.oid AND x.stxexprs IS NOT NULL)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS e
        WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
    )
ORDER BY 1
"""
_BESIDE = """
SELECT
    (SELECT count(*) FROM pg_catalog.pg_largeobject_metadata),
    (
        SELECT count(*)
        FROM pg_catalog.pg_largeobject_metadata AS o
        WHERE NOT EXISTS (
            SELECT FROM aclexplode(COALESCE(o.lomacl, acldefault('L', o.lomowner))) AS a
            WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE'))
        )
    ),
    (SELECT count(*) FROM pg_catalog.pg_subscription AS s
     JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = current_database()),
    (SELECT count(*) FROM pg_catalog.pg_user_mappings),
    CASE WHEN pg_is_in_recovery() THEN (
        SELECT count(*) FROM pg_catalog.pg_class AS u WHERE u.relkind = 'r' AND u.relpersistence = 'u'
    ) ELSE 0 END,
    pg_is_in_recovery()
"""
_SMALL = 16 * 1024**2  # bytes of a table whose rows are counted where nobody knows how many they are


@dataclass(frozen=True)
class Amounts:
    """Tables with rows of their own and about how many they have (less than 0: nobody knows).

    All names are quoted.
    """

    tables: Mapping[str, float]
    large_objects: int
    unreadable_objects: int
    subscriptions: int
    mappings: int
    unlogged: int
    is_standby: bool

    @classmethod
    def of(cls, connection: Connection) -> "Amounts":
        """Ask for them."""
        found = connection.execute(_TABLES.encode()).fetchall()
        tables = {
            str(name): _rows(connection, str(name), float(str(rows)), int(str(size)), countable)
            for name, rows, size, countable in found
        }
        (beside,) = connection.execute(_BESIDE.encode()).fetchall()
        objects, unreadable, subscriptions, mappings, unlogged = (int(str(each)) for each in beside[:-1])
        return cls(tables, objects, unreadable, subscriptions, mappings, unlogged, bool(beside[-1]))

    def missing(self, held: Mapping[str, int], whole: Container[str], count: Callable[[str], int]) -> list[str]:
        """Return a sentence for each table of which a copy lacks rows: it holds so many, and all of the `whole` ones.

        Where it holds as many as the source seems to have, `count` tells.
        """
        lacking = {name: rows for name, rows in self.tables.items() if rows and name not in whole}
        close = {name: count(name) for name, rows in lacking.items() if held.get(name, 0) >= rows > 0}
        told = [
            f"{name}: {_of(held.get(name, 0))} of {_about(close.get(name, rows))}"
            for name, rows in lacking.items()
            if close.get(name, -1) != held.get(name, 0)
        ]
        objects = [f"large objects: none of {self.large_objects:,}"] if self.large_objects else []
        return told + objects

    def closed(self, role: str) -> list[str]:
        """Return what to say of large objects where a role may not read all of them: then a copy has none."""
        if not self.unreadable_objects:
            return []
        many = f"{self.large_objects:,}, for {sql_name(role)} may not read {self.unreadable_objects:,} of them"
        return [f"large objects: none of {many} (their owner and a superuser may)"]

    @property
    def elsewhere(self) -> list[str]:
        """What a copy never has, so that nothing on it reaches another server; and what a standby has not."""
        both = ((self.subscriptions, "subscription"), (self.mappings, "user mapping"))
        never = [f"{counted(number, noun)}, so that nothing reaches another server" for number, noun in both if number]
        lacking = f"the rows of {counted(self.unlogged, 'unlogged table')}: the source is a standby, which has none"
        return [*never, *([lacking] if self.unlogged else [])]


def _rows(connection: Connection, name: str, estimate: float, size: int, countable: object) -> float:
    if estimate >= 0 or size > _SMALL or not countable:
        return estimate
    return float(str(one(connection, f"SELECT count(*) FROM ONLY {name}")))


def _of(rows: int) -> str:
    return f"only {rows:,}" if rows else "none"


def _about(rows: float) -> str:
    return "its rows, which nobody has counted" if rows < 0 else f"about {counted(int(rows), 'row')}"
