"""A database in any encoding, and sessions with any settings: the same facts, and a planted change is seen."""

import psycopg
import pytest

from fixtures.readers import SCOPE, reader
from rollproof.probes.queries.lookups import chosen, plans_of
from rollproof.settings.sections import Lookups
from rollproof.sources.live import Live

# Bytes of each encoding, as `convert_from` would refuse some of them in another.
WORDS = {"SQL_ASCII": b"\xff\xfe\xc3\x28", "LATIN1": b"\xe9\xdf\xff", "EUC_JP": b"\xc6\xfc\xcb\xdc"}
HOSTILE = {
    "DateStyle": "German, DMY",
    "IntervalStyle": "sql_standard",
    "TimeZone": "Asia/Kathmandu",
    "extra_float_digits": "-15",
    "bytea_output": "escape",
    "lc_monetary": "C",
    "search_path": "elsewhere, pg_catalog, public",
    "quote_all_identifiers": "on",
    "xmloption": "document",
    "xmlbinary": "hex",
    "array_nulls": "off",
    "row_security": "on",
    "default_transaction_isolation": "serializable",
    "default_transaction_deferrable": "on",
    "statement_timeout": "1min",
    "idle_in_transaction_session_timeout": "1min",
    "client_encoding": "LATIN1",
    "standard_conforming_strings": "off",
    "backslash_quote": "on",
    "escape_string_warning": "off",
    "enable_seqscan": "off",
    "plan_cache_mode": "force_generic_plan",
}
GROUND = """
CREATE SCHEMA elsewhere;
CREATE FUNCTION elsewhere.quote_ident(text) RETURNS text LANGUAGE sql AS 'SELECT ''fooled''';
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TABLE "Odd t" (
    id int PRIMARY KEY, "when" timestamptz DEFAULT '2024-03-01 12:00+00', span interval DEFAULT '1 mon 2 days 03:04',
    f float8 DEFAULT 0.1, b bytea DEFAULT '\\xdeadbeef', m money DEFAULT 12.34, mood mood DEFAULT 'glad',
    days daterange DEFAULT '[2024-01-02,2024-03-04)', names text[] DEFAULT '{a,NULL}',
    CHECK ("when" > '2000-01-01 00:00+00'), CHECK (span < '1 year'), CHECK (f < 0.30000000000000004)
);
CREATE INDEX ON "Odd t" (("when" AT TIME ZONE 'UTC')) WHERE span > '1 day';
CREATE VIEW seen AS SELECT id, "when"::text AS "when", date '2024-01-02' AS day, interval '1 day 2 hours' AS span FROM "Odd t";
INSERT INTO "Odd t" (id) SELECT generate_series(1, 3);
"""


def filled(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(GROUND)


def told(url):
    view = reader(url)
    try:
        whole = Live(view, SCOPE, "subject").complete()
    finally:
        view.close()
    return whole.facets, whole.unknown


@pytest.mark.parametrize("encoding", WORDS)
def test_every_encoding_is_read_and_one_changed_byte_is_seen(encoding, server, new_database):
    name, word = new_database(), WORDS[encoding]
    server.drop(name)
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'")
    with psycopg.connect(server.dsn(name), autocommit=True, client_encoding="SQL_ASCII") as connection:
        connection.execute(b"CREATE TABLE t (w text DEFAULT '" + word + b"'); INSERT INTO t DEFAULT VALUES")
        connection.execute(b"COMMENT ON TABLE t IS '" + word + b"'")
        connection.execute(b'CREATE TABLE "n' + word + b'" (i int)')
        was, again = told(server.dsn(name)), told(server.dsn(name))
        connection.execute(b"UPDATE t SET w = w || 'x'")
        now = told(server.dsn(name))

    assert was == again
    assert {facet for facet in was[0] if was[0][facet] != now[0][facet]} == {"content"}
    assert not any(was[1].values())


@pytest.mark.parametrize("encoding", WORDS)
def test_a_key_of_any_encoding_is_looked_up(encoding, server, new_database):
    name, word = new_database(), b"n" + WORDS[encoding]
    server.drop(name)
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'")
    with psycopg.connect(server.dsn(name), autocommit=True, client_encoding="SQL_ASCII") as connection:
        connection.execute(b'CREATE TABLE "' + word + b'" ("' + word + b'" int PRIMARY KEY)')
        connection.execute(b'INSERT INTO "' + word + b'" SELECT generate_series(1, 500)')
        connection.execute(b'ANALYZE "' + word + b'"')
    with reader(server.dsn(name)) as view:
        asked, left = chosen(view, ["public"], Lookups(rows=1))
        found, unknown = plans_of(view, asked)

    assert ({**left, **unknown}, len(found)) == ({}, 1)


def test_no_setting_of_the_role_or_the_database_changes_a_fact(database_from):
    url = database_from(filled)
    was = told(url)
    with psycopg.connect(url, autocommit=True) as connection:
        (name,) = connection.execute("SELECT current_database()").fetchone()
        for setting, value in HOSTILE.items():
            connection.execute(f"ALTER DATABASE {name} SET {setting} = {value if ',' in value else repr(value)}")
    now = told(url)

    # pg_dump obeys the settings of the database: its facts say which, and are compared with others of the same style only.
    assert {facet for facet in was[0] if was[0][facet] != now[0][facet]} - {"pg_dump"} == {"settings"}
    assert now[1] == was[1]
