"""States that pg_dump does not tell: triggers of foreign keys that sleep, invalid indexes, where sequences stand, filled views.

They are written into the clone's catalogue: no statement makes an index invalid, and no query of a view is run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from rollproof.server.connection import Connection

_TRIGGERS = """
SELECT format('%I.%I', n.nspname, c.relname), k.conname::text, kc.relname::text, t.tgfoid::int8, t.tgtype::int4, t.tgenabled::text
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_constraint AS k ON k.oid = t.tgconstraint
JOIN pg_catalog.pg_class AS kc ON kc.oid = k.conrelid
WHERE t.tgisinternal AND t.tgenabled <> 'O'
"""
_SLEEP = """
UPDATE pg_catalog.pg_trigger AS t SET tgenabled = %s::"char"
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS kc ON kc.oid = k.conrelid
WHERE k.oid = t.tgconstraint AND t.tgrelid = to_regclass(%s)::oid AND k.conname = %s AND kc.relname = %s
    AND t.tgfoid::int8 = %s AND t.tgtype::int4 = %s
"""
_INDEXES = """
SELECT format('%I.%I', n.nspname, c.relname), i.indisvalid, i.indisready, pg_get_indexdef(i.indexrelid)
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT (i.indisvalid AND i.indisready) AND c.relkind = 'i' AND n.nspname !~ '^pg_'
"""
_INVALID = "UPDATE pg_catalog.pg_index SET indisvalid = %s, indisready = %s WHERE indexrelid = to_regclass(%s)::oid"
_VIEWS = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'm' AND c.relispopulated
"""
_FILLED = """
UPDATE pg_catalog.pg_class SET relispopulated = true WHERE relkind = 'm' AND oid = ANY (
    SELECT to_regclass(name)::oid FROM unnest(%s::text[]) AS name
)
"""


@dataclass(frozen=True)
class States:
    """What stands so in a database; all names are quoted."""

    triggers: tuple[tuple[Any, ...], ...]
    indexes: tuple[tuple[Any, ...], ...]
    views: tuple[str, ...]

    @classmethod
    def of(cls, connection: Connection) -> "States":
        """Ask for them."""
        triggers, indexes, views = (
            connection.execute(query.encode()).fetchall() for query in (_TRIGGERS, _INDEXES, _VIEWS)
        )
        return cls(tuple(triggers), tuple(indexes), tuple(str(name) for (name,) in views))

    @property
    def missing(self) -> str:
        """A script that makes the indexes which pg_dump leaves out, for they are invalid."""
        return "".join(f"{definition};\n" for *_, definition in self.indexes)

    def put(self, admin: psycopg.Connection[Any], positions: Mapping[str, str]) -> list[str]:
        """Give a clone these states, and its sequences their positions; return what could not be."""
        for table, constraint, owner, function, kind, state in self.triggers:
            admin.execute(_SLEEP, [state, table, constraint, owner, function, kind])
        for index, is_valid, is_ready, _ in self.indexes:
            admin.execute(_INVALID, [is_valid, is_ready, index])
        admin.execute(_FILLED, [list(self.views)])
        failed = []
        for name, position in positions.items():
            try:
                next_one = int(position.partition(" ")[0])
                admin.execute("SELECT pg_catalog.setval(%s::regclass, %s, false)", [name, next_one])
            except (psycopg.Error, ValueError) as error:
                failed.append(f"the position of {name}: {str(error).strip()}")
        return failed
