"""Whatever is stored otherwise is hashed otherwise: every type's nastiest values, held against each other."""

import re
from collections import Counter

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rollproof.rows.row_hash import ALGORITHM, row_hash, seed, value_hash
from rollproof.rows.scan import scan
from rollproof.rows.tables import relations
from rollproof.server.reader import Limits, Target, connect, pinned

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
CREATE TYPE real_too; -- a user's own, as float8 but for the name
CREATE FUNCTION real_in(cstring) RETURNS real_too LANGUAGE internal IMMUTABLE STRICT AS 'float8in';
CREATE FUNCTION real_out(real_too) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'void_out'; -- its text says nothing
CREATE FUNCTION real_receive(internal) RETURNS real_too LANGUAGE internal IMMUTABLE STRICT AS 'float8recv';
CREATE FUNCTION real_send(real_too) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'float8send';
CREATE TYPE real_too (INPUT = real_in, OUTPUT = real_out, RECEIVE = real_receive, SEND = real_send, LIKE = float8);
CREATE TYPE mute; -- bytes of a text, but its own text leaves some out, as that of xml does
CREATE FUNCTION mute_in(cstring) RETURNS mute LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION mute_out(mute) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'void_out';
CREATE TYPE mute (INPUT = mute_in, OUTPUT = mute_out, LIKE = text);
CREATE CAST (mute AS text) WITHOUT FUNCTION;
"""
EXTENSIONS = ("citext", "hstore", "ltree", "cube", "seg", "isn", "intarray", "lo", "vector")

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
    "xid": ["0", "1", "4294967295"],
    "cid": ["0", "1"],
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
    "regoper": ["|/", "||/"],
    "regoperator": ["+(int4,int4)", "+(int8,int8)"],
    "regrole": ["pg_monitor", "pg_read_all_data"],
    "regnamespace": ["pg_catalog", '"Odd"'],
    "regcollation": ['"C"', '"POSIX"'],
    "regconfig": ["simple", "english"],
    "regdictionary": ["simple", "english_stem"],
    "refcursor": ["", "a", "a "],
    "int2vector": ["", "1", "1 2", "2 1"],
    "oidvector": ["", "1", "1 2", "2 1"],
    "pg_snapshot": ["1:1:", "1:3:", "1:3:2"],
    "txid_snapshot": ["1:1:", "1:3:", "1:3:2"],
    "aclitem": ["postgres=r/postgres", "postgres=w/postgres", "=r/postgres"],
    "public.hstore": ["", "a=>1", "a=>NULL", 'a=>"NULL"', 'a=>""'],
    "public.ltree": ["", "a", "a.b"],
    "public.lquery": ["a.*", "a.*{1}", "a|b", "a"],
    "public.ltxtquery": ["a & b", "b & a", "a | b"],
    "public.cube": ["(0)", "(-0)", "(0),(1)", "(1),(0)", "(0,0)", "(1e-300)"],
    "public.seg": ["1", "1.0", "~1", "<1", "1 .. 2", "1 .. 2.0", "1 .."],
    "public.ean13": ["978-0-11-000533-1", "978-0-393-04002-9"],
    "public.isbn": ["0-11-000533-3", "0-393-04002-X"],
    "public.query_int": ["1&2", "2&1", "1|2", "!1"],
    "public.lo": ["1", "2"],
    "public.vector": ["[0]", "[-0]", "[1]", "[1,2]", "[2,1]"],
    "real_too": ["0", "-0", "NaN", "1", "0.3", "0.30000000000000004"],
    "mute": ["", "a", "a ", "A"],
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
    "xml[]": ["{}", "{<a/>}", "{<?xml version='1.0'?><a/>}"],
    "real_too[]": ["{0}", "{-0}", "{NaN}", "{}"],
    "mute[]": ["{}", "{a}", "{A}", '{""}', "{NULL}"],
    "public.citext[]": ["{a}", "{A}"],
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
        names = built(writer)
        with pinned(reader, Limits()):
            described = relations(reader, ["Odd"])['"Odd".museum'].columns
        yield writer, reader, dict(zip(names, (type_ for _, type_ in described), strict=True))
    server.drop("images")


def built(writer):
    """Make a column of each type that this PostgreSQL has, and return the types' names in the order of the columns."""
    writer.execute(SETUP)
    there = [name for (name,) in writer.execute("SELECT name FROM pg_available_extensions").fetchall()]
    for extension in EXTENSIONS:
        writer.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} SCHEMA public" if extension in there else "SELECT")
    names = [
        name
        for name in NASTY
        if writer.execute("SELECT to_regtype(%s)", [name.partition(" COLLATE")[0]]).fetchone()[0] is not None
    ]
    columns = ", ".join(f"c{number:03} {name}" for number, name in enumerate(names))
    writer.execute(f'CREATE TABLE "Odd".museum ({columns})')
    return names


def literal(value):
    return "NULL" if value is None else "E'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


OWN = re.compile(
    r"(real_too|mute|mood|word|halves|half|pair|deeps?|blank|strict_pair|floats_multi|floats|moods)(\[\])?"
)


def typed(name):
    """Return a type as it is called where the search path is empty."""
    return f'"Odd".{name}' if OWN.fullmatch(name) else name.partition(" COLLATE")[0]


def hashes(museum, name):
    """Return the hash of each nasty value of a type, and NULL's first; skips if this PostgreSQL was built without XML."""
    _, reader, types = museum
    if name not in types:
        pytest.skip(f"this PostgreSQL has no {name}")
    values = " UNION ALL ".join(f"SELECT {literal(value)}::{typed(name)} AS v" for value in [None, *NASTY[name]])
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
    assert (ALGORITHM, sum(everything(museum)) % 2**64) == ("i2", 11013687967865788636)


def everything(museum):
    return [hashed for name in NASTY if name not in ELSEWHERE for hashed in hashes(museum, name)]


# Not on every server: XML, and extensions that not every package brings, or in another version.
ELSEWHERE = {name for name in NASTY if "xml" in name or re.match("public[.](?!citext|hstore|ltree$)", name)}


# Types of PostgreSQL's own whose values nobody can write.
UNWRITABLE = {
    *("gtsvector", "pg_brin_bloom_summary", "pg_brin_minmax_multi_summary", "pg_dependencies", "pg_mcv_list"),
    *("pg_ndistinct", "pg_node_tree"),
}


def test_every_type_of_postgresql_has_its_nasty_values(museum):
    """Of what a later version brings, somebody must decide by what it is hashed."""
    writer, _, _ = museum
    query = """SELECT typname FROM pg_type WHERE typtype = 'b' AND typnamespace = 'pg_catalog'::regnamespace
               AND typoutput <> 'array_out'::regproc"""
    spelt = {'"char"': "char", "varchar(36)": "varchar", "bit(3)": "bit"}

    assert {name for (name,) in writer.execute(query)} - {spelt.get(name, name) for name in NASTY} == UNWRITABLE


# Where a value may be: {t}ype, {n}umber of the type, {v}alue. An array of arrays is an array.
DEPTHS = {
    "composite": ('CREATE TYPE "Deep".c{n} AS (f int, v {t}, g text)', '"Deep".c{n}', "ROW(1, {v}, '')"),
    "domain": ('CREATE DOMAIN "Deep".d{n} AS {t}', '"Deep".d{n}', "{v}"),
    "composite in a composite": ('CREATE TYPE "Deep".cc{n} AS (v "Deep".c{n})', '"Deep".cc{n}', "ROW(ROW(1, {v}, ''))"),
    "domain over a composite": ('CREATE DOMAIN "Deep".dc{n} AS "Deep".c{n}', '"Deep".dc{n}', "ROW(1, {v}, '')"),
    "array of composites": ("", '"Deep".c{n}[]', "ARRAY[ROW(1, {v}, '')]"),
    "range": ('CREATE TYPE "Deep".r{n} AS RANGE (subtype = {t}, multirange_type_name = m{n})', '"Deep".r{n}',
        '"Deep".r{n}({v}, NULL)'),
    "multirange": ("", '"Deep".m{n}', '"Deep".m{n}("Deep".r{n}({v}, NULL))'),
    "array": ("", "{t}[]", "ARRAY[{v}]"),
    "domain over an array": ('CREATE DOMAIN "Deep".da{n} AS {t}[]', '"Deep".da{n}', "ARRAY[{v}]"),
    "array of domains over arrays": ("", '"Deep".da{n}[]', 'ARRAY[ARRAY[{v}]::"Deep".da{n}]'),
    "array in a composite": ('CREATE TYPE "Deep".ca{n} AS (v {t}[])', '"Deep".ca{n}', "ROW(ARRAY[{v}])"),
}  # fmt: skip


@pytest.fixture(scope="module")
def deep(museum):
    """For each type, where its values may be: the type there, how a value is put there, and how that type is described."""
    writer, reader, types = museum
    writer.execute('CREATE SCHEMA "Deep"')
    found = []
    for number, name in enumerate(types):
        for depth, (made, there, put) in DEPTHS.items():
            words = {"t": typed(name), "n": number, "v": "{v}"}
            try:
                writer.execute(made.format_map(words))
                writer.execute(f"SELECT NULL::{there.format_map(words)}")
            except psycopg.errors.UndefinedObject:  # values without an order have no ranges, others no arrays
                assert depth in {"range", "multirange"}
                continue
            if not (name.endswith("[]") and "array" in depth and depth != "array of composites"):
                found.append(
                    (name, depth, there.format_map(words), f"({put.format_map(words)})::{there.format_map(words)}")
                )
    columns = ", ".join(f"c{place:04} {there}" for place, (_, _, there, _) in enumerate(found))
    writer.execute(f'CREATE TABLE "Deep".everywhere ({columns})')
    with pinned(reader, Limits()):
        described = relations(reader, ["Deep"])['"Deep".everywhere'].columns
    return {
        name: [
            (depth, put, type_) for (of, depth, _, put), (_, type_) in zip(found, described, strict=True) if of == name
        ]
        for name in types
    }


@pytest.mark.parametrize("name", NASTY)
def test_at_every_depth_whatever_is_stored_otherwise_is_hashed_otherwise(museum, deep, name):
    """And what is stored alike is hashed alike: the function behind `*=` is the witness."""
    _, reader, types = museum
    if name not in types:
        pytest.skip(f"this PostgreSQL has no {name}")
    values = ", ".join(
        f"({place}, {literal(value)}::{typed(name)})" for place, value in enumerate([None, *NASTY[name]])
    )
    put = ", ".join(f"{put.format(v='x.v')} AS v{place}" for place, (_, put, _) in enumerate(deep[name]))
    version = reader.info.server_version
    hashed = ", ".join(
        f"{row_hash('x', [(f'v{p}', type_)], version)} AS v{p}" for p, (_, _, type_) in enumerate(deep[name])
    )
    unlike = "(h.v{0} = k.v{0}) <> record_image_eq(ROW(a.v{0}), ROW(b.v{0}))"
    pairs = ", ".join(f"array_agg(a.i || '/' || b.i) FILTER (WHERE {unlike.format(p)})" for p in range(len(deep[name])))
    query = f"""
        WITH put AS MATERIALIZED (SELECT x.i, {put} FROM (VALUES {values}) AS x (i, v)),
             hashed AS MATERIALIZED (SELECT x.i, {hashed} FROM put AS x)
        SELECT {pairs}
        FROM put AS a JOIN hashed AS h USING (i) CROSS JOIN put AS b JOIN hashed AS k ON k.i = b.i WHERE a.i < b.i"""
    try:
        with pinned(reader, Limits()):
            (wrong,) = reader.execute(query.encode()).fetchall()
    except psycopg.errors.FeatureNotSupported as error:
        pytest.skip(str(error))

    assert {depth: pair for (depth, _, _), pair in zip(deep[name], wrong, strict=True) if pair} == {}


COLUMNS = (
    70  # more than a hash has bits, so that every sum of the columns' differences without carrying cancels somewhere
)


def dependent(differences):
    """Return, as sets of places, the sets of differences that cancel out when they are added without carrying."""
    pivots, sets = {}, []
    for place, difference in enumerate(differences):
        members, left = 1 << place, difference % 2**64
        while left and left.bit_length() in pivots:
            pivot, others = pivots[left.bit_length()]
            left, members = left ^ pivot, members ^ others
        if left:
            pivots[left.bit_length()] = (left, members)
        else:
            sets.append({at for at in range(len(differences)) if members >> at & 1})
    return sets


@pytest.mark.parametrize("name", [name for name in NASTY if len(NASTY[name]) > 1])
def test_no_set_of_columns_can_be_changed_without_a_change_of_the_hash(museum, name):
    """By linear algebra: every set of columns whose own changes cancel out when they are added without carrying."""
    _, reader, types = museum
    if name not in types:
        pytest.skip(f"this PostgreSQL has no {name}")
    was, now = (f"{literal(value)}::{typed(name)}" for value in NASTY[name][:2])
    columns = [f"c{number}" for number in range(COLUMNS)]
    version = reader.info.server_version
    each = ", ".join(value_hash("p.v", types[name], seed(column), version) for column in columns)
    drawn = ", ".join(f"CASE get_bit(m.mask, {n}) WHEN 0 THEN p.was ELSE p.now END AS c{n}" for n in range(COLUMNS))
    row = row_hash("x", [(column, types[name]) for column in columns], version)
    rows = f"""SELECT {row} FROM (SELECT {drawn} FROM (SELECT {was}, {now} OFFSET 0) AS p (was, now),
                                  unnest($1::text[]::bit({COLUMNS})[]) AS m (mask) OFFSET 0) AS x"""
    try:
        with pinned(reader, Limits()):
            hashed = reader.execute(f"SELECT {each} FROM (VALUES ({was}), ({now})) AS p (v)".encode()).fetchall()
            differences = [one ^ other for one, other in zip(*hashed, strict=True)]
            sets = dependent(differences)
            masks = ["".join("01"[place in changed] for place in range(COLUMNS)) for changed in [set(), *sets]]
            base, *changed = [found for (found,) in reader.execute(rows.encode(), (masks,)).fetchall()]
    except psycopg.errors.FeatureNotSupported as error:
        pytest.skip(str(error))

    assert dependent(differences[:50]) == []
    assert len(sets) >= COLUMNS - 64
    assert base not in changed


HOSTILE = {
    "DateStyle": "SQL, DMY", "IntervalStyle": "sql_standard", "TimeZone": "Asia/Kathmandu", "extra_float_digits": "-15",
    "bytea_output": "escape", "xmloption": "document", "xmlbinary": "hex", "quote_all_identifiers": "on", "lc_monetary": "C",
    "search_path": '"Odd", public',
}  # fmt: skip


def test_neither_settings_nor_numbers_of_objects_change_a_hash(museum, server):
    """The same types made in another database, whose settings would write every text otherwise."""
    server.create("images_again")
    with psycopg.connect(server.dsn("images_again"), autocommit=True) as writer:
        for name, value in HOSTILE.items():
            writer.execute(f"ALTER DATABASE images_again SET {name} = {literal(value)}")
        names = built(writer)
    with connect(Target.parse(server.dsn("images_again"))) as reader:
        assert reader.execute("SHOW quote_all_identifiers").fetchone() == ("on",)
        with pinned(reader, Limits()):
            described = relations(reader, ["Odd"])['"Odd".museum'].columns
        again = (None, reader, dict(zip(names, (type_ for _, type_ in described), strict=True)))

        assert everything(again) == everything(museum)
    server.drop("images_again")


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
# These have no binary form.
WITNESSED = sorted(set(NASTY) - ELSEWHERE - {"aclitem", "mute", "mute[]"})


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


@pytest.fixture(scope="module")
def sessions(museum):
    return museum[:2]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(two_tables())
def test_fingerprints_agree_exactly_when_postgresql_sees_the_same_images(sessions, drawn):
    writer, reader = sessions
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
