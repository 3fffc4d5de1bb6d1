"""Whatever is stored otherwise is hashed otherwise: every type's nastiest values, held against each other."""

import re
from collections import Counter

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rollproof.images import ALGORITHM, row_hash
from rollproof.relations import relations
from rollproof.scans import scan
from rollproof.session import Limits, Target, connect, pinned

SETUP = """
CREATE SCHEMA "Odd";
SET search_path = "Odd", public;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'O''K\\');
CREATE FUNCTION nothing(mood) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT ''$$;
CREATE CAST (mood AS text) WITH FUNCTION nothing(mood); -- a cast may lose everything
CREATE DOMAIN word AS text;
CREATE DOMAIN half AS float8;
CREATE DOMAIN halves AS float8[];
CREATE TYPE pair AS (a text, b text);
CREATE TYPE deep AS (p pair, m mood, n numeric, f half, "the rest" word[]);
CREATE TYPE blank AS ();
CREATE DOMAIN strict_pair AS pair;
CREATE TYPE floats AS RANGE (subtype = float8, multirange_type_name = floats_multi);
CREATE TYPE deeps AS RANGE (subtype = deep);
CREATE TYPE moods AS RANGE (subtype = mood);
CREATE COLLATION IF NOT EXISTS public.plain FROM "C";
CREATE EXTENSION IF NOT EXISTS citext SCHEMA public;
CREATE EXTENSION IF NOT EXISTS hstore SCHEMA public;
CREATE EXTENSION IF NOT EXISTS ltree SCHEMA public;
"""

# Type → values of which no two are stored alike. NULL is added to each.
NASTY = {
    "bool": ["true", "false"],
    '"char"': ["a", "b", ""],
    "int2": ["0", "1", "-1", "32767", "-32768"],
    "int4": ["0", "1", "-1", "2147483647", "-2147483648"],
    # Every second pair has the same exclusive or of its halves.
    "int8": ["0", "-1", "1", "4294967296", "4294967298", "8589934593", "9007199254740992", "9007199254740993", "-4294967297"],
    "oid": ["0", "1", "4294967295"],
    "xid8": ["0", "1", "4294967296"],
    "tid": ["(0,1)", "(1,0)", "(0,2)"],
    "pg_lsn": ["0/0", "0/1", "1/0"],
    "float4": ["0", "-0", "1", "1.0000001", "NaN", "Infinity", "-Infinity", "1e-45"],
    "float8": ["0", "-0", "0.3", "0.30000000000000004", "1e-15", "2e-15", "NaN", "Infinity", "-Infinity", "5e-324", "-5e-324"],
    "numeric": ["0", "0.0", "1", "1.0", "1.00", "-1", "-1.00", "10000", "1e8", "NaN", "Infinity",
        "-Infinity", "1e-20", "1e-16383"],
    "numeric(12,2)": ["1", "-1", "0.01", "100", "NaN"],
    "money": ["0", "0.01", "-0.01"],
    "text": ["", " ", "  ", "a", "a ", "A", "<null>", "NULL", "null", "\u00e9", "e\u0301", "\u212b",
        "\u00c5", "\t", "\\N", "x" * 3000],
    'text COLLATE "C"': ["a", "A"],
    "varchar(36)": ["", "a", "a ", "6F9619FF-8B86-D011-B42D-00CF4FC964FF", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"],
    "bpchar": ["", " ", "a", "a ", "a  ", "A"],
    "char(3)": ["", "a", " a", "A"],
    "name": ["", "a", "a ", "A"],
    "public.citext": ["", "a", "A", "a "],
    "bytea": ["", "\\x00", "\\x0000", "\\x01", "\\xff"],
    "bit(3)": ["000", "001", "100"],
    "varbit": ["", "0", "00", "1", "10"],
    "uuid": ["00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000001"],
    "date": ["2000-01-01", "2000-01-02", "infinity", "-infinity", "4713-01-01 BC", "5874897-12-31"],
    "time": ["00:00", "24:00", "00:00:00.000001", "01:11:34.967296"],
    "timetz": ["00:00+00", "01:00+01", "00:00:00.000001+00"],
    "timestamp": ["2000-01-01", "2000-01-01 00:00:00.000001", "2000-01-01 01:11:34.967298",
        "2000-01-01 02:23:09.934593", "infinity"],
    "timestamptz": ["2000-01-01 00:00+00", "2000-01-01 00:00:00.000001+00", "infinity", "-infinity",
        "4714-11-24 00:00:00+00 BC"],
    "interval": ["0", "1 day", "24:00", "1 mon", "30 days", "1 year", "-1 day", "1 day -24:00"],
    "inet": ["10.0.0.1", "10.0.0.1/8", "10.0.0.1/31", "::1", "::1/64", "::ffff:10.0.0.1"],
    "cidr": ["10.0.0.0/8", "10.0.0.0/9", "::/8"],
    "macaddr": ["00:00:00:00:00:00", "00:00:00:00:00:01"],
    "macaddr8": ["00:00:00:00:00:00:00:00", "00:00:00:00:00:00:00:01"],
    "point": ["(0,0)", "(0,-0)", "(0,1)", "(1,0)", "(NaN,0)"],
    "line": ["{1,2,3}", "{1,2,4}"],
    "lseg": ["[(0,0),(1,1)]", "[(1,1),(0,0)]"],
    "box": ["(1,1),(0,0)", "(1,1),(-0,0)"],
    "path": ["[(0,0),(1,1)]", "((0,0),(1,1))"],
    "polygon": ["((0,0),(1,1))", "((1,1),(0,0))"],
    "circle": ["<(0,0),1>", "<(0,0),2>"],
    "json": ["1", "1.0", '{"a":1,"b":2}', '{"b":2,"a":1}', '{"a": 1,"b":2}', '{"a":1,"a":1}', "null"],
    "jsonb": ["1", "1.0", "-1", "[1]", "[-1]", "[[1]]", "[1,[2]]", "[[1],2]", "[[1,2]]", "{}", "[]",
        '{"a":1}', '{"a":1.0}', '"1"', "null", '""'],
    "jsonpath": ["$.a", "strict $.a"],
    "xml": ["", "<a/>", "<a></a>", "<a />", "<?xml version='1.0'?><a/>"],
    "tsvector": ["", "a", "a:1", "a:1A", "a:1,2", "a b"],
    "tsquery": ["", "a", "a:A", "a & b", "b & a", "a & ( b & c )", "( a & b ) & c"],
    "regclass": ["pg_class", "pg_type", "0"],
    "regproc": ["now", "pg_typeof"],
    "regprocedure": ["abs(int4)", "abs(int8)"],
    "regtype": ["int4", '"Odd".mood', '"Odd".mood[]'],
    "aclitem": ["postgres=r/postgres", "postgres=w/postgres", "=r/postgres"],
    "public.hstore": ["", "a=>1", "a=>NULL", 'a=>"NULL"', 'a=>""'],
    "public.ltree": ["", "a", "a.b"],
    "mood": ["sad", "ok", "O'K\\"],
    "word": ["", "a", "a ", "A"],
    "half": ["0", "-0", "NaN"],
    "int4range": ["empty", "[1,2)", "[1,)", "(,1)", "(,)", "[1,3)"],
    "numrange": ["empty", "[1,2)", "[1.0,2)", "(1,2)", "[1,2]", "(,)"],
    "tstzrange": ["[infinity,infinity]", "[infinity,]", "empty", "[2000-01-01,2000-01-02)"],
    "floats": ["empty", "[0,1)", "[-0,1)", "(0,1)", "[0,1]", "(,)", "[0,)"],
    "moods": ["empty", "[sad,ok)", "[sad,ok]", "(,ok]"],
    "deeps": ["empty", '["(,sad,,0,)","(,sad,,1,)"]', '["(,sad,,-0,)","(,sad,,1,)"]', '["(,sad,,-0,)",)', "(,)"],
    "int4multirange": ["{}", "{[1,2)}", "{[1,2),[5,6)}"],
    "floats_multi": ["{}", "{[0,1)}", "{[-0,1)}"],
    "int4[]": ["{}", "{1}", "{1,2}", "{{1,2}}", "{{1},{2}}", "[0:1]={1,2}", "[2:3]={1,2}", "{NULL}", "{1,NULL}", "{NULL,1}"],
    "int8[]": ["{4294967298}", "{8589934593}"],
    "text[]": ["{}", '{""}', "{NULL}", '{"NULL"}', '{"a,b",c}', '{a,"b,c"}', "{a,b,c}", '{"a "}', "{ab,c}",
        "{a,bc}", "[0:0]={a}"],
    "float8[]": ["{0}", "{-0}", "{NaN}", "{}"],
    "numeric[]": ["{1}", "{1.0}", "{-1}", "{NaN}"],
    "interval[]": ["{1 day}", "{24:00}"],
    "bpchar[]": ["{a}", '{"a "}'],
    "jsonb[]": ["{1}", "{1.0}"],
    "regproc[]": ["{now}", "{pg_typeof}", "[0:0]={now}"],
    "mood[]": ["{}", "{sad}", "{ok}", "{sad,ok}", "{ok,sad}", "{NULL}"],
    "half[]": ["{0}", "{-0}", "{}", "[0:0]={0}"],
    "halves": ["{0}", "{-0}", "{}", "{{0}}"],
    "halves[]": ['{"{0}"}', '{"{-0}"}', '{"{0}","{0}"}', "{NULL}"],
    "pair": ["(,)", '("",)', '(,"")', "(a,)", "(,a)", '("a ",)', '("a,b",c)', '(a,"b,c")', "(ab,c)", "(a,bc)", "(NULL,)"],
    "strict_pair": ["(,)", "(a,b)", "(A,b)"],
    "pair[]": ["{}", '{"(,)"}', "{NULL}", '{"(a,b)"}', '{"(a,b)","(a,b)"}'],
    "deep": ["(,,,,)", '("(,)",,,,)', "(,sad,,,)", "(,,1,,)", "(,,1.0,,)", "(,,,0,)", "(,,,-0,)", "(,,,,{})",
        '(,,,,"{NULL}")', '(,,,,"{""""}")'],
    "deep[]": ["{}", "{NULL}", '{"(,,,,)"}', '{"(,,,0,)"}', '{"(,,,-0,)"}', '{"(,,,0,)","(,,,0,)"}',
        '[0:0]={"(,,,0,)"}', '{{"(,,,0,)"}}'],
    "blank": ["()"],
}  # fmt: skip


@pytest.fixture(scope="module")
def museum(server):
    """A writer and a reader of a database that has all these types, and how each is described."""
    server.create("images")
    with (
        psycopg.connect(server.dsn("images"), autocommit=True) as writer,
        connect(Target.parse(server.dsn("images"))) as reader,
    ):
        writer.execute(SETUP)
        columns = ", ".join(f"c{number:03} {name}" for number, name in enumerate(NASTY))
        writer.execute(f'CREATE TABLE "Odd".museum ({columns})')
        with pinned(reader, Limits()):
            described = relations(reader, ["Odd"])['"Odd".museum'].columns
        yield writer, reader, dict(zip(NASTY, (type_ for _, type_ in described), strict=True))
    server.drop("images")


def literal(value):
    return "NULL" if value is None else "E'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


OWN = re.compile(r"(mood|word|halves|half|pair|deeps?|blank|strict_pair|floats_multi|floats|moods)(\[\])?")


def hashes(museum, name):
    """Return the hash of each nasty value of a type, and NULL's first; skips if this PostgreSQL was built without XML."""
    _, reader, types = museum
    typed = f'"Odd".{name}' if OWN.fullmatch(name) else name.partition(" COLLATE")[0]
    values = " UNION ALL ".join(f"SELECT {literal(value)}::{typed} AS v" for value in [None, *NASTY[name]])
    row = row_hash("x", [("v", types[name])], reader.info.server_version)
    try:
        with pinned(reader, Limits()):
            return [found for (found,) in reader.execute(f"SELECT {row} FROM ({values}) AS x".encode())]
    except psycopg.errors.FeatureNotSupported as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", NASTY)
def test_no_two_values_that_are_stored_otherwise_are_hashed_alike(museum, name):
    found = dict(zip([None, *NASTY[name]], hashes(museum, name), strict=True))

    assert sorted(found, key=str) == sorted({hashed: value for value, hashed in found.items()}.values(), key=str)


def test_the_same_values_are_hashed_alike_on_every_version(museum):
    """A baseline outlives an upgrade of the server; change this number only together with ALGORITHM."""
    found = [hashed for name in NASTY if name != "xml" for hashed in hashes(museum, name)]

    assert (ALGORITHM, sum(found) % 2**64) == ("i1", 13643866991916128805)


def copied(writer, table):
    """Return what COPY (FORMAT binary) says of each row, counted: 19 bytes of heading come with the first, two with the last."""
    with writer.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
        rows = [bytes(row) for row in copy]
    rows[0] = rows[0][19:]
    return Counter(row for row in rows if row not in (b"", b"\xff\xff"))


# For every row of either, as many rows with the very same image here as there.
SAME_IMAGES = """
SELECT COALESCE(bool_and((SELECT count(*) FROM one AS o WHERE o *= u)
                         = (SELECT count(*) FROM other AS o WHERE o *= u)), true)
FROM (TABLE one UNION ALL TABLE other) AS u
"""
WITNESSED = sorted(set(NASTY) - {"xml", "aclitem"})  # the embedded PostgreSQL has no XML; aclitem has no binary form


@st.composite
def two_tables(draw):
    """Types of the columns, and two lists of rows: the same, shuffled, or with one thing done to the second."""
    names = draw(st.lists(st.sampled_from(WITNESSED), min_size=1, max_size=4))
    row = st.tuples(*(st.sampled_from([None, *NASTY[name]]) for name in names))
    one = draw(st.lists(row, max_size=6))
    other = draw(st.permutations(one)) if one else []
    change = draw(st.sampled_from(["nothing", "a row lost", "a row doubled", "a row replaced", "a value exchanged"]))
    if other and change == "a row lost":
        del other[0]
    elif other and change == "a row doubled":
        other[-1] = other[0]
    elif other and change == "a row replaced":
        other[0] = draw(row)
    elif change == "a value exchanged" and len(other) > 1:
        other[0], other[1] = (other[1][0], *other[0][1:]), (other[0][0], *other[1][1:])
    return names, one, other


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(two_tables())
def test_fingerprints_agree_exactly_when_postgresql_sees_the_same_images(museum, drawn):
    writer, reader, _ = museum
    names, *tables = drawn
    columns = ", ".join(f"c{number} {name}" for number, name in enumerate(names))
    for table, rows in zip(("one", "other"), tables, strict=True):
        values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
        writer.execute(f"DROP TABLE IF EXISTS {table}; CREATE TABLE {table} ({columns})")
        writer.execute(f"INSERT INTO {table} VALUES {values}" if rows else "")
    with pinned(reader, Limits()):
        found = relations(reader, ["Odd"])
        same = scan(reader, found['"Odd".one']) == scan(reader, found['"Odd".other'])

    assert same == writer.execute(SAME_IMAGES).fetchone()[0]
    assert same == (copied(writer, '"Odd".one') == copied(writer, '"Odd".other'))
