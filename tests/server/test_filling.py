"""Tables without rows get rows: in every type, under every constraint, with values that show what migrations lose."""

from pathlib import Path

import psycopg
import pytest

from rollproof.throwaway.filling.fill import emptied, filled
from rollproof.throwaway.servers.server import fresh_name

HARD = Path(__file__).parents[1] / "data" / "filling" / "everything.sql"
ROWS = 20
# Fewer rows than were asked for, by what the table is like, and the two that get more by a trigger.
FEWER = {"public.few": 2, "public.audit": 2 * ROWS}
STRICT = ("public.checked", "public.formats")  # some rows are given up
REFUSED = {
    "public.impossible": "n must have a value: no value was found that obeys n > 5 AND n < 5",
    "public.impossible_key": "id must have a value: no value was found that obeys id <> id",
    "public.orphan": "its rows must refer to rows of public.impossible_key, and none fits",
    "public.refused": "rows come from the import only",
    "public.swallowed": "the rows that were put in are not there: a rule or a trigger took them away",
    "public.without_partitions": "it has no partitions",
}
SHOWING = (
    "t_text LIKE '% '",
    "t_text ~ '[A-Z]' AND lower(t_text) <> t_text AND t_text ~ '-'",
    "t_text ~ 'ß'",
    "t_text = ''",
    "length(t_text) > 300",
    "length(t_varchar) = 10",
    "t_numeric::text LIKE '%.%0'",
    "t_price = 99999999.99",
    "t_price < 0",
    "t_int2 IN (32767, -32768)",
    "t_int8 = 9007199254740993",
    "extract(microseconds FROM t_timestamp)::int % 1000 <> 0",
    "t_timestamptz < '1970-01-01'",
    "t_json::text LIKE '%  %'",
    "masklen(t_inet) = 24 AND host(t_inet) <> host(network(t_inet))",
    "t_list = '{}'",
    "isempty(t_int4range)",
    "t_address IS NOT NULL AND (t_address).street ~ '[A-Z]'",
)
# What a table's text shows of each row, but for what a trigger writes by the clock.
_DIGEST = "SELECT pg_catalog.md5(pg_catalog.string_agg(x::text, '|' ORDER BY x::text)) FROM {} AS x"


@pytest.fixture(scope="module")
def hard(server):
    """Two databases alike, filled, with what was said of each."""
    names, said = [], []
    for _ in range(2):
        names.append(fresh_name())
        server.create(names[-1])
        with psycopg.connect(server.dsn(names[-1]), autocommit=True) as connection:
            connection.execute(HARD.read_bytes())
        said.append(filled(server.dsn(names[-1]), ROWS, leave={"public.left_alone", "books"}))
    one, other = (psycopg.connect(server.dsn(name), autocommit=True) for name in names)
    with one, other:
        yield one, other, said
    for name in names:
        server.drop(name)


@pytest.mark.promise
def test_every_table_that_can_have_rows_has_them(hard):
    """The others are named with PostgreSQL's reason; tables of migration tools, and those with rows, are left alone."""
    connection, _, (said, _) = hard
    tables = {
        name
        for (name,) in connection.execute(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)'"
        )
    }

    assert dict(said.not_filled) == REFUSED
    assert tables - said.tables.keys() - REFUSED.keys() == {"public.alembic_version", "public.has_rows"}
    strict = {table: said.tables[table] for table in STRICT}
    assert {table: rows for table, rows in said.tables.items() if rows != ROWS and table not in STRICT} == FEWER
    assert all(rows > ROWS / 2 for rows in strict.values()), strict


def test_every_type_has_values_and_nulls(hard):
    connection, _, _ = hard
    columns = [row[0] for row in connection.execute("SELECT * FROM types LIMIT 0").description]
    counts = connection.execute(f"SELECT {', '.join(f'count({name})' for name in columns)} FROM types").fetchone()
    found = dict(zip(columns, counts, strict=True))

    with_xml = connection.execute("SELECT count(*) FROM pg_config WHERE setting ~ '--with-libxml'").fetchone() > (0,)
    assert {name for name, count in found.items() if not count} == ({"t_xml"} if not with_xml else set())
    free = set(columns) - {"id", "t_postcode"}  # a key, and a domain that is NOT NULL
    assert {name for name in free if found[name] == ROWS} == set()


@pytest.mark.promise
def test_values_show_what_migrations_lose(hard):
    """Each of these conditions is true of some value, and would not be if a migration had lost it on its way."""
    connection, _, _ = hard
    for condition in SHOWING:
        assert connection.execute(f"SELECT count(*) FROM types WHERE {condition}").fetchone() > (0,), condition
    upper = "SELECT count(*) FROM tenants WHERE name <> lower(name)"
    assert connection.execute(upper).fetchone() > (0,)


def test_the_next_rows_collide_with_none(hard):
    """Sequences go on behind the rows that were made, and materialized views show them."""
    connection, _, _ = hard

    connection.execute("INSERT INTO types (t_postcode) VALUES ('AB-1234')")
    connection.execute("INSERT INTO users (tenant, email) SELECT id, 'new' FROM tenants LIMIT 1")
    assert connection.execute("SELECT n FROM counted").fetchone() == (ROWS,)


@pytest.mark.promise
def test_the_same_rows_are_made_each_time(hard):
    one, other, (said, again) = hard

    for table in sorted(said.tables.keys() - {"public.audit", "public.types", "public.users"}):
        digests = [each.execute(_DIGEST.format(table)).fetchone() for each in (one, other)]
        assert digests[0] == digests[1], table
    assert said == again


def test_rows_are_taken_away_with_those_that_refer_to_them(server, hard):
    """Also through the table that a partition is a part of; triggers that refuse it are not asked."""
    _, other, (said, _) = hard

    gone = emptied(server.dsn(other.info.dbname), ["public.tenants"], said.tables)

    assert gone >= {f"public.{name}" for name in ("users", "teams", "members", "profiles", "events_old", "event_notes")}
    assert not gone & {"public.types", "public.audit", "public.hen"}
    for table in gone:
        assert other.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
