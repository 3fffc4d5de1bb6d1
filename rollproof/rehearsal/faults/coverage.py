"""Which objects of a database have no fault in a listing: the witness of the grammar's completeness.

The objects are those that PostgreSQL's own `pg_identify_object` names, from whatever catalogue of the server: what a newer major
brings is among them, though no file of the grammar has heard of it.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg

from rollproof.rehearsal.faults.fault import Fault
from rollproof.rehearsal.faults.grammar import FOLDER
from rollproof.rehearsal.faults.uncovered import Uncovered

EVERYTHING = Path(__file__).with_name("everything.sql")
ABOUT_ANYTHING = frozenset(("comments", "owners", "privileges", "security_labels", "extension_members"))
"""Facets that tell of any object the same: it takes more to say that a fault of an object is known."""
_CATALOGUES = """
SELECT
    c.relname::text,
    CASE c.relname WHEN 'pg_largeobject_metadata' THEN 'pg_largeobject' ELSE c.relname END::regclass::oid
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'oid' AND a.atttypid = 'oid'::regtype
WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND NOT c.relisshared
ORDER BY c.relname
"""
_FIRST_OF_USERS = 16_384
"""From here on, oids are given to what is made after initdb."""
_OTHERS = """
SELECT 'pg_class'::regclass::oid, a.attrelid, a.attnum::integer
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'pg_namespace'::regclass, n.oid, 0 FROM pg_namespace AS n WHERE n.nspname = 'public' AND n.oid < 16384
UNION ALL
SELECT 'pg_database'::regclass, d.oid, 0 FROM pg_database AS d WHERE d.datname = current_database()
UNION ALL
SELECT DISTINCT 'pg_authid'::regclass::oid, s.refobjid, 0
FROM pg_shdepend AS s
JOIN pg_database AS d ON d.oid = s.dbid AND d.datname = current_database()
WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid >= 16384 AND s.refobjid <> current_user::regrole
"""


def uncovered(connection: psycopg.Connection, faults: Iterable[Fault]) -> tuple[Uncovered, ...]:
    """Return what kinds of objects of the database that is connected to, as PostgreSQL calls them, have none of these faults."""
    known = {name for each in faults if each.facet not in ABOUT_ANYTHING for name in _names(each)}
    bare: dict[str, list[str]] = {}
    for kind, identity, names in _objects(connection):
        if known.isdisjoint(names):
            bare.setdefault(kind, []).append(identity)
    return tuple(Uncovered(kind, len(found), min(found)) for kind, found in sorted(bare.items()))


def _names(fault: Fault) -> Iterator[str]:
    """Yield what a fault's fact is called, and what it is part of: a list of default privileges is one object."""
    yield fault.identity
    yield fault.identity.partition(" granted ")[0]
    yield fault.identity.rpartition(" TO ")[0]


def _objects(connection: psycopg.Connection) -> Iterator[tuple[str, str, list[str]]]:
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL search_path = ''; SET LOCAL jit = off")
        connection.execute((FOLDER / "words.sql").read_bytes())
        listed = " UNION ALL ".join((*_of_catalogues(connection), _OTHERS))
        query = f"WITH listed (class, oid, part) AS ({listed}) {EVERYTHING.read_text('utf-8')}"
        yield from connection.execute(query.encode()).fetchall()


def _of_catalogues(connection: psycopg.Connection) -> Iterator[str]:
    for name, address in connection.execute(_CATALOGUES.encode()).fetchall():
        try:
            with connection.transaction():
                connection.execute("SELECT pg_identify_object(%s, 0, 0)", [address])
        except psycopg.Error:
            continue  # its rows are parts of other objects
        first = 0 if name == "pg_largeobject_metadata" else _FIRST_OF_USERS
        yield f"SELECT {address}::oid, oid, 0 FROM pg_catalog.{name} WHERE oid >= {first}"
