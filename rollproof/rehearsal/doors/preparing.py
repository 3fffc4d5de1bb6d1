"""A statement prepared by the protocol: what the server tells of its parameters and results."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import pq
from psycopg.errors import error_from_result

from rollproof.rehearsal.doors import catalogue
from rollproof.rehearsal.doors.look import Type

Connection = psycopg.Connection[tuple[object, ...]]
NAME = "rollproof_asked"


@dataclass(frozen=True)
class Prepared:
    """The types of its parameters, as names, by oid, and by oid below their domains; its results as name and type."""

    parameters: tuple[Type, ...]
    oids: tuple[int, ...]
    bases: tuple[int, ...]
    results: tuple[tuple[str, str], ...]


def prepared(connection: Connection, text: str, types: tuple[int, ...]) -> Prepared:
    """Prepare a statement as NAME. Raises `psycopg.Error` with what the server says of it."""
    pgconn, encoding = connection.pgconn, connection.info.encoding
    _require(pgconn.prepare(NAME.encode(), text.encode(encoding), types or None), encoding)
    told = _require(pgconn.describe_prepared(NAME.encode()), encoding)
    oids = tuple(told.param_type(number) for number in range(told.nparams))
    fields = [((told.fname(n) or b"").decode(encoding), told.ftype(n)) for n in range(told.nfields)]
    known = _names(connection, {*oids, *(oid for _, oid in fields)})
    results = tuple((name, known[oid][0].name) for name, oid in fields)
    return Prepared(tuple(known[oid][0] for oid in oids), oids, tuple(known[oid][1] for oid in oids), results)


def alone(connection: Connection, text: str) -> None:
    """Run one statement that is made of an application's words; a second one in it is refused, and then none is run."""
    encoding = connection.info.encoding
    _require(connection.pgconn.exec_params(text.encode(encoding), None), encoding)


def types(connection: Connection, names: tuple[str, ...]) -> tuple[int, ...]:
    """Return types by their names. Raises `psycopg.Error` if there is no such type."""
    asked = "SELECT %s::text::regtype::oid::int8"
    return tuple(int(str(oid)) for name in names for (oid,) in connection.execute(asked, [name]))


def _names(connection: psycopg.Connection[Any], oids: set[int]) -> dict[int, tuple[Type, int]]:
    path = connection.execute("SHOW search_path").fetchone()
    connection.execute("SELECT set_config('search_path', 'pg_catalog', true)")
    rows = connection.execute(catalogue.TYPES, [sorted(oids)]).fetchall()
    connection.execute("SELECT set_config('search_path', %s, true)", path)
    return {int(oid): (Type(str(name), tuple(labels)), int(base)) for oid, name, base, labels in rows}


def _require(result: pq.abc.PGresult, encoding: str) -> pq.abc.PGresult:
    if result.status != pq.ExecStatus.COMMAND_OK:
        raise error_from_result(result, encoding=encoding)
    return result
