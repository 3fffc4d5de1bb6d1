"""A library that sorts otherwise than the one before it: seen for every kind of collation, with a way out that works."""

import psycopg
import pytest
from psycopg import RawCursor

from rollproof.catalog.queries import queries
from rollproof.model.compare import Difference
from rollproof.probes.collation_versions import repairs, sorted_as_before
from rollproof.throwaway.servers.server import fresh_name

OWN = """
SELECT format('%I.%I', 'pg_catalog', collname) FROM pg_collation, pg_database
WHERE datname = current_database() AND collencoding IN (-1, encoding) AND collversion IS NOT NULL AND collname <> 'ucs_basic'
ORDER BY collprovider DESC, collname LIMIT 1
"""
GROUND = """
CREATE COLLATION mine FROM COLLATION;
CREATE TABLE t (a text COLLATE mine PRIMARY KEY, b text COLLATE COLLATION, c text, "d, index x" text COLLATE mine);
CREATE INDEX "t, index b" ON t (b);
CREATE INDEX t_c ON t (c);
CREATE INDEX t_e ON t ((c || 'x') COLLATE COLLATION);
CREATE TABLE p (a text COLLATE mine) PARTITION BY RANGE (a);
CREATE TABLE h (a text COLLATE mine) PARTITION BY LIST (a);
CREATE TYPE words AS RANGE (SUBTYPE = text, COLLATION = mine);
"""
DATABASES = (  # how a database is made whose default collation has a version
    "LOCALE_PROVIDER icu ICU_LOCALE 'und' LOCALE 'C'",
    "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'",
)


@pytest.fixture
def connection(server):
    """A session on a database whose own collation has a version, where this server can make one."""
    name = fresh_name()
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        for locale in (*DATABASES, "LOCALE 'C'"):
            try:
                admin.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0 {locale}".encode())
                break
            except psycopg.Error:
                continue
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        yield connection
    server.drop(name)


@pytest.fixture
def its(connection):
    """The name of a collation of PostgreSQL's own that has a version; tables and indexes that use it are there."""
    found = connection.execute(OWN).fetchone()
    if found is None:
        pytest.skip("no collation of this server has a version")
    connection.execute(
        GROUND.replace("COLLATION;", f"{found[0]};", 1).replace("COLLATE COLLATION", f"COLLATE {found[0]}")
    )
    return found[0]


def told(connection):
    with connection.transaction():
        connection.execute("SET LOCAL search_path = ''")
        sql = queries(connection.info.server_version)["collation_versions"]
        return dict(RawCursor(connection).execute(sql, [["public"]]).fetchall())


def worse(before, after, **same):
    """Return the collations that are worse than they were."""
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    differences = [Difference("collation_versions", name, before.get(name), after.get(name)) for name in sorted(names)]
    return [found.identity for found in differences if not sorted_as_before(found, **same)]


def test_a_version_that_is_not_the_librarys_is_told_with_what_it_sorts_and_the_way_out_heals_it(connection, its):
    before = told(connection)
    assert {its, "public.mine"} <= before.keys()
    connection.execute("UPDATE pg_collation SET collversion = '0.1' WHERE collversion IS NOT NULL")
    if connection.info.server_version >= 150000:
        connection.execute("UPDATE pg_database SET datcollversion = '0.1' WHERE datname = current_database()")
    after = told(connection)

    assert worse(before, after, same_server=True) == worse(before, after, same_server=False) == sorted(before)
    assert worse(after, after, same_server=True) == worse(after, before, same_server=True) == []
    assert after[its].partition("\n")[2] == 'sorted by it: index public."t, index b", index public.t_e'
    assert after["public.mine"].partition("\n")[2] == (
        "sorted by it: index public.t_pkey, partitioned table public.p, range type public.words"
    )

    statements = [each.sql for name in after for each in repairs(name, after[name], connection.info.dbname)]
    for statement in statements:
        connection.execute(statement)
    assert told(connection) == before
    assert {line.split(";")[0].strip() for line in statements} >= {
        'REINDEX INDEX public."t, index b"',
        "REINDEX INDEX public.t_e",
        "REINDEX INDEX public.t_pkey",
        f"ALTER COLLATION {its} REFRESH VERSION",
    }


def test_what_nothing_uses_is_not_told(connection):
    connection.execute("UPDATE pg_collation SET collversion = '0.1' WHERE collversion IS NOT NULL")

    assert told(connection).keys() <= {"this (database)"}
