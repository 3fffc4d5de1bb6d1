"""An index is told as the server prints it, also where its definition is put together from the catalogue."""

import re

import psycopg
import pytest

from fixtures.catalogue import facts

KINDS = """
CREATE SCHEMA "Odd ""s"; CREATE DOMAIN public.code AS text; CREATE TYPE public.mood AS ENUM ('sad', 'ok');
CREATE TABLE "Odd ""s"."select" (id bigint PRIMARY KEY, "Big" text, "a,b" varchar(9), c char(3), n name, d public.code,
    m public.mood, at timestamptz, day date, tags text[], doc jsonb, span int4range, flag boolean, price numeric,
    e text COLLATE "C", ip inet, v tsvector);
"""
TABLE = '"Odd ""s"."select"'
INDEXES = """
(id) | ("Big") | ("a,b") | (c) | (n) | (d) | (m) | (at, day) | (day, at, flag, price) | (tags) | (ip) | (e) | (span) | (doc)
("Big" COLLATE "C") | (e COLLATE "POSIX") | ("Big" text_pattern_ops) | ("a,b" varchar_ops)
USING gist (v) | USING gist (v tsvector_ops (siglen = 100)) | (id, "a,b" varchar_ops) | ("Big" text_pattern_ops, id)
("a,b" text_ops) | ("a,b" varchar_pattern_ops)
(id DESC) | (id NULLS FIRST) | (id, at DESC NULLS LAST) | (at DESC, id) | (id) INCLUDE ("Big") | (id, day) INCLUDE ("a,b", e)
(id) WHERE flag | (lower("Big")) | (id, lower(e)) | (id) WITH (fillfactor = 50) | (day) TABLESPACE pg_default
USING hash ("Big") | USING hash ("a,b") | USING hash (id) | USING hash (d) | USING hash (tags) | USING gin (tags) | USING gin (doc)
USING gin (doc jsonb_path_ops) | USING gist (span) | USING gist (ip inet_ops) | USING brin (at)
USING brin (at, id) | USING spgist ("Big")
"""
NOT_DISTINCT = 150000  # the first server with such indexes
OWN_DEFAULT = """
CREATE OPERATOR CLASS public.varchars DEFAULT FOR TYPE varchar USING btree AS
    OPERATOR 1 < (text, text), OPERATOR 2 <= (text, text), OPERATOR 3 = (text, text), OPERATOR 4 >= (text, text),
    OPERATOR 5 > (text, text), FUNCTION 1 bttextcmp(text, text)
"""


def every_kind(url):
    """Fill a database with every kind of index."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(KINDS)
        for index in re.split(r" \| |\n", INDEXES.strip()):
            connection.execute(f"CREATE INDEX ON {TABLE} {index}")
        for unique in ("(id, at)", '("Big")', "(flag)"):
            connection.execute(f"CREATE UNIQUE INDEX ON {TABLE} {unique}")
        connection.execute("CREATE TABLE parted (id integer, at date) PARTITION BY RANGE (at)")
        connection.execute("CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')")
        connection.execute("CREATE INDEX ON parted (id); CREATE INDEX ON ONLY parted (at)")
        if connection.info.server_version >= NOT_DISTINCT:
            connection.execute(f"CREATE UNIQUE INDEX ON {TABLE} (day) NULLS NOT DISTINCT")


@pytest.fixture
def connection(database_from):
    """A session on a database with every kind of index."""
    with psycopg.connect(database_from(every_kind), autocommit=True) as connection:
        yield connection


def printed(connection):
    """Return what the server prints of each index, by its fact's identity."""
    connection.execute("SET search_path = ''")
    return dict(
        connection.execute(
            "SELECT format('%I.%I.%I', n.nspname, c.relname, ic.relname), pg_catalog.pg_get_indexdef(i.indexrelid)"
            " FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid"
            " JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
        ).fetchall()
    )


def told(connection):
    """Return the definitions among the facts, without what follows them."""
    found = {identity: text for (facet, identity), text in facts(connection).items() if facet == "indexes"}
    after = re.compile(r" (?:TABLESPACE|STATISTICS|PARTITION OF|INVALID|NOT READY|CLUSTER ON|REPLICA IDENTITY)\b.*")
    return {identity: after.sub("", text) for identity, text in found.items()}


def test_every_kind_of_index_is_told_as_the_server_prints_it(connection):
    assert len(told(connection)) > 45
    assert told(connection) == printed(connection)


def test_so_it_is_where_varchar_has_an_operator_class_of_its_own(connection):
    connection.execute(OWN_DEFAULT)

    assert "text_ops" in str(printed(connection))
    assert told(connection) == printed(connection)


def test_so_it_is_in_the_museum(visitor):
    assert told(visitor) == printed(visitor)
