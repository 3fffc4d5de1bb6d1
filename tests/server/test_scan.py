"""Two tables have the same fingerprint exactly when they hold the same rows, stored alike; PostgreSQL itself is the witness."""

import struct

import psycopg
import pytest

from rollproof.model.errors import Inconclusive
from rollproof.rows.scan import scan
from rollproof.rows.tables import relations
from rollproof.server.reader import Limits, Target, connect, pinned
from rollproof.throwaway.servers.server import fresh_name

EMPTY = """
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
CREATE TYPE pair AS (a text, b float8);
"""


@pytest.fixture(scope="module")
def base(server):
    """A writer and a reader of one database."""
    name = fresh_name()
    server.create(name)
    url = server.dsn(name)
    with psycopg.connect(url, autocommit=True) as writer, connect(Target.parse(url)) as reader:
        yield writer, reader
    server.drop(name)


@pytest.fixture
def table(base):
    """Call it with the SQL that makes `t`, and nothing else stays, for what a scan says of it."""
    writer, reader = base

    def content(sql):
        writer.execute(EMPTY + sql)
        with pinned(reader, Limits()):
            return scan(reader, relations(reader, ["public"])["public.t"])

    return content


# Each pair of tables differs, although counts, sets, sums or single columns may agree.
DIFFERENT = {
    "a column's separator in a value": ("SELECT 'a|b' a, 'c' b", "SELECT 'a' a, 'b|c' b"),
    "values that run together": ("SELECT 'ab' a, 'c' b", "SELECT 'a' a, 'bc' b"),
    "NULL in another column": ("SELECT 'a' a, NULL::text b", "SELECT NULL::text a, 'a' b"),
    "columns exchanged": ("SELECT 'a' a, 'b' b", "SELECT 'b' a, 'a' b"),
    "integers exchanged": ("SELECT 1 a, 2 b", "SELECT 2 a, 1 b"),
    "bigints exchanged": ("SELECT 1::int8 a, 2::int8 b", "SELECT 2::int8 a, 1::int8 b"),
    "flags exchanged": ("SELECT true a, false b", "SELECT false a, true b"),
    "two rows exchanged a value": ("VALUES ('a', 'x'), ('b', 'y')", "VALUES ('a', 'y'), ('b', 'x')"),
    "two rows exchanged a number": ("VALUES (1, 10), (2, 20)", "VALUES (1, 20), (2, 10)"),
    "one row lost": ("VALUES (1), (2)", "VALUES (1)"),
    "one row lost, another doubled": ("VALUES (1), (1), (2)", "VALUES (1), (2), (2)"),
    "a row doubled": ("VALUES (1)", "VALUES (1), (1)"),
    "two rows doubled": ("SELECT 1 a FROM generate_series(1, 2)", "SELECT 1 a FROM generate_series(1, 3)"),
    "a row of NULLs": ("SELECT NULL::int a WHERE false", "SELECT NULL::int a"),
    "no columns, another row": ("SELECT", "SELECT FROM generate_series(1, 2)"),
}


def test_tables_that_differ_have_different_fingerprints(table):
    prints = {name: [table(f"CREATE TABLE t AS {sql}").fingerprint for sql in pair] for name, pair in DIFFERENT.items()}

    assert [name for name, (one, other) in prints.items() if one == other] == []


def test_neither_the_order_of_rows_nor_that_of_columns_matters(table):
    rows = table("CREATE TABLE t AS SELECT i a, i::text b FROM generate_series(1, 50) i")

    assert rows == table("CREATE TABLE t AS SELECT i::text b, i a FROM generate_series(50, 1, -1) i")


def test_a_column_is_known_by_its_name(table):
    was = table("CREATE TABLE t AS SELECT true a, true b, 1 json")

    assert was == table("CREATE TABLE t AS SELECT 1 json, true b, true a")
    assert was != table("CREATE TABLE t AS SELECT true a, true c, 1 json")


def test_dead_rows_and_dropped_columns_do_not_matter(table):
    clean = table("CREATE TABLE t AS SELECT i a FROM generate_series(1, 9) i")

    assert clean == table(
        "CREATE TABLE t AS SELECT i a, i b FROM generate_series(1, 30) i;"
        "DELETE FROM t WHERE a > 9; UPDATE t SET a = a; ALTER TABLE t DROP COLUMN b"
    )


def test_the_label_of_an_enum_counts_and_not_its_number(table):
    was = table("CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t AS SELECT 'a'::e x, ARRAY['b'::e] y")
    again = table("CREATE TYPE e AS ENUM ('b', 'a'); CREATE TABLE t AS SELECT 'a'::e x, ARRAY['b'::e] y")
    renamed = table("CREATE TYPE e AS ENUM ('A', 'b'); CREATE TABLE t AS SELECT 'A'::e x, ARRAY['b'::e] y")

    assert was == again != renamed


def test_a_table_that_was_made_again_is_still_what_a_regclass_names(table):
    made = "CREATE TABLE other (); CREATE TABLE t AS SELECT 'other'::regclass r"

    assert table(made) == table(f"CREATE TABLE first (); {made}")


NAMES = ("x", "t", "e0", "v", 'quo"te', "10%", "{v}", "SELECT", "ctid ", "\u202eevil")


def test_a_column_of_any_name_is_read_as_that_column(table):
    quoted = {name: '"' + name.replace('"', '""') + '"' for name in NAMES}
    values = ("1", "2", "ARRAY[regproc 'now']")
    read = {name: [table(f"CREATE TABLE t AS SELECT {value} {quoted[name]}") for value in values] for name in NAMES}

    assert [name for name, (one, other, array) in read.items() if one == other or array.rows != 1] == []


def test_rows_of_children_and_partitions_count_where_they_live(table):
    parent = "CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE TABLE child () INHERITS (t);"

    assert table(parent) == table(f"{parent} INSERT INTO child VALUES (2)")
    assert (
        table(
            "CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE p PARTITION OF t DEFAULT; INSERT INTO t VALUES (1)"
        ).rows
        == 0
    )


def test_a_materialised_view_is_a_table_too(table):
    assert table("CREATE MATERIALIZED VIEW t AS SELECT 1 a") == table("CREATE TABLE t AS SELECT 1 a")


def test_stored_generated_columns_are_read_and_virtual_ones_are_not(table, server):
    stored = "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + {}) STORED); INSERT INTO t VALUES (1)"
    assert table(stored.format(1)) != table(stored.format(2))
    if server.version >= 180000:
        virtual = "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (1 / (a - 1)) VIRTUAL); INSERT INTO t VALUES (1)"
        assert table(virtual) == table("CREATE TABLE t AS SELECT 1 a")


def test_a_table_may_have_as_many_columns_as_postgresql_allows(table):
    columns = ", ".join(f"c{number} {('int', 'text', 'bool', 'numeric')[number % 4]}" for number in range(1600))
    empty = table(f"CREATE TABLE t ({columns}); INSERT INTO t DEFAULT VALUES")

    assert empty != table(f"CREATE TABLE t ({columns}); INSERT INTO t (c1599) VALUES (0)")


def test_collations_that_call_letters_equal_do_not_hide_them(table):
    column = "CREATE TABLE t (a text COLLATE loose); INSERT INTO t VALUES "
    loose = "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false);"
    try:
        assert table(f"{loose}{column} ('a')") != table(f"{loose}{column} ('A')")
    except psycopg.errors.FeatureNotSupported as error:
        pytest.skip(str(error))  # a PostgreSQL built without ICU


QUIET, LOUD = (struct.unpack("!d", bits.to_bytes(8))[0] for bits in (0x7FF8000000000000, 0x7FF8000020000000))


def test_one_nan_is_not_like_another(base, table):
    """No SQL writes the other one, but a binary COPY does."""
    writer, _ = base
    writer.execute("CREATE SCHEMA IF NOT EXISTS kept")
    for name, nan in (("quiet", QUIET), ("loud", LOUD)):
        writer.execute(f"DROP TABLE IF EXISTS kept.{name}; CREATE TABLE kept.{name} (v float8)")
        with writer.cursor() as cursor, cursor.copy(f"COPY kept.{name} FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["float8"])
            copy.write_row([nan])

    values = ("v", "ARRAY[v]", "point(v, 0)", "('', v)::pair", "ARRAY[('', v)::pair]", "v::float4")
    made = {
        value: [f"CREATE TABLE t AS SELECT {value} FROM kept.{name}" for name in ("quiet", "loud")] for value in values
    }
    assert [value for value, (quiet, loud) in made.items() if table(quiet) == table(loud)] == []


def test_a_transaction_that_read_another_table_is_not_believed(base, table):
    """A table's name may be another's for just as long as it takes to find it: then that one is what was locked."""
    _, reader = base
    table("CREATE TABLE t AS SELECT 1 AS a; CREATE TABLE u AS TABLE t; CREATE INDEX ON t (a)")
    with pinned(reader, Limits()):
        found = relations(reader, ["public"])
        known = scan(reader, found["public.t"])
        assert scan(reader, found["public.t"]) == known
        reader.execute(b"SELECT FROM public.u")
        with pytest.raises(Inconclusive, match=r"public\.t was rewritten, replaced or renamed"):
            scan(reader, found["public.t"])
