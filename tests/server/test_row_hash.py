"""Whatever is stored otherwise is hashed otherwise: every type's nastiest values, held against each other."""

from collections import Counter

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.every import every
from fixtures.stored_values import ELSEWHERE, NASTY, built, described, literal, typed
from rollproof.rows.row_hash import ALGORITHM, row_hash
from rollproof.rows.scan import scan
from rollproof.rows.tables import relations
from rollproof.server.reader import Limits, Target, connect, pinned
from rollproof.throwaway.servers.server import fresh_name


def hashes(stored, name):
    """Return the hash of each nasty value of a type, and NULL's first."""
    _, reader, types = stored
    values = " UNION ALL ".join(f"SELECT {literal(value)}::{typed(name)} AS v" for value in [None, *NASTY[name]])
    row = row_hash("x", [("v", types[name])], reader.info.server_version)
    with pinned(reader, Limits()):
        return [found for (found,) in reader.execute(f"SELECT {row} FROM ({values}) AS x".encode())]


def alike(stored, name):
    """Return the values of a type that share their hash with another."""
    found = hashes(stored, name)
    return [value for value, hashed in zip([None, *NASTY[name]], found, strict=True) if found.count(hashed) > 1]


def test_no_two_values_that_are_stored_otherwise_are_hashed_alike(stored):
    assert {name: values for name in stored[2] if (values := alike(stored, name))} == {}


def test_every_type_is_tried_but_for_what_a_server_may_be_built_without(stored):
    """The embedded server has pgvector and no libxml, those of the matrix the other way round: so each is tried somewhere."""
    assert NASTY.keys() - stored[2].keys() <= {"xml", "xml[]", "public.vector"}


def everything(stored):
    return [hashed for name in NASTY if name not in ELSEWHERE for hashed in hashes(stored, name)]


def test_the_same_values_are_hashed_alike_on_every_version(stored):
    """A baseline outlives an upgrade of the server; change this number only together with ALGORITHM."""
    assert (ALGORITHM, sum(everything(stored)) % 2**64) == ("i3", 7743088874705826156)


# Types of eight bytes: the bits of some values, and which bits are a value at all.
def any_bits(_):
    return True


def a_time_since_4714_bc(bits):
    return -211813488000000000 <= signed(bits) < 9223371331200000000


def a_time_of_day(bits):
    return 0 <= signed(bits) <= 86_400_000_000


EIGHT_BYTES = {
    "int8": ([0, 2**64 - 1, 0x5DEECE66D], any_bits),
    "money": ([0, 0x5DEECE66D], any_bits),
    "pg_lsn": ([0, 0x5DEECE66D], any_bits),
    "xid8": ([0, 0x5DEECE66D], any_bits),
    "float8": ([0, 0x3FF0000000000000, 0x7FF8000000000000], any_bits),  # zero, one, NaN
    "timestamp": ([0, -(2**33) % 2**64, 0x3_0000_0003, 757382400000000], a_time_since_4714_bc),
    "timestamptz": ([0, -(2**33) % 2**64, 0x3_0000_0003, 757382400000000], a_time_since_4714_bc),
    "time": ([0, 0x3_0000_0003, 86_399_999_999], a_time_of_day),
}


def signed(bits):
    return int.from_bytes(bits.to_bytes(8), signed=True)


def flipped(bits):
    """Return these bits, and all that differ from them in one or two places, or in all of a half."""
    masks = {1 << one | 1 << other for one in range(64) for other in range(64)} | {2**32 - 1, 2**64 - 2**32, 2**64 - 1}
    return {bits} | {bits ^ mask for mask in masks}


@every("name", EIGHT_BYTES)
def test_no_change_of_one_or_two_bits_is_overlooked(stored, name):
    writer, reader, types = stored
    starts, possible = EIGHT_BYTES[name]
    values = {bits for start in starts for bits in flipped(start) if possible(bits)}
    writer.execute(f'DROP TABLE IF EXISTS "Odd".bits; CREATE TABLE "Odd".bits (v {name})')
    with writer.cursor() as cursor, cursor.copy('COPY "Odd".bits FROM STDIN (FORMAT binary)') as copy:
        rows = b"".join(b"\0\1\0\0\0\x08" + bits.to_bytes(8) for bits in values)
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows + b"\xff\xff")
    row = row_hash("x", [("v", types[name])], reader.info.server_version)
    with pinned(reader, Limits()):
        found = reader.execute(f'SELECT count(*), count(DISTINCT {row}) FROM "Odd".bits AS x'.encode()).fetchone()

    assert found == (len(values), len(values))
    assert len(values) > 1_000


# Types of PostgreSQL's own whose values nobody can write.
UNWRITABLE = {
    *("gtsvector", "pg_brin_bloom_summary", "pg_brin_minmax_multi_summary", "pg_dependencies", "pg_mcv_list"),
    *("pg_ndistinct", "pg_node_tree"),
}


def test_every_type_of_postgresql_has_its_nasty_values(stored):
    """Of what a later version brings, somebody must decide by what it is hashed."""
    writer, _, _ = stored
    query = """SELECT typname FROM pg_type WHERE typtype = 'b' AND typnamespace = 'pg_catalog'::regnamespace
               AND typoutput <> 'array_out'::regproc"""
    spelt = {'"char"': "char", "varchar(36)": "varchar", "bit(3)": "bit"}

    assert {name for (name,) in writer.execute(query)} - {spelt.get(name, name) for name in NASTY} == UNWRITABLE


HOSTILE = {
    "DateStyle": "SQL, DMY", "IntervalStyle": "sql_standard", "TimeZone": "Asia/Kathmandu", "extra_float_digits": "-15",
    "bytea_output": "escape", "xmloption": "document", "xmlbinary": "hex", "quote_all_identifiers": "on", "lc_monetary": "C",
    "search_path": '"Odd", public',
}  # fmt: skip


def test_neither_settings_nor_numbers_of_objects_change_a_hash(stored, server):
    """The same types made in another database, whose settings would write every text otherwise."""
    database = fresh_name()
    server.create(database)
    with psycopg.connect(server.dsn(database), autocommit=True) as writer:
        for name, value in HOSTILE.items():
            writer.execute(f"ALTER DATABASE {database} SET {name} = {literal(value)}")
        names = built(writer)
    with connect(Target.parse(server.dsn(database))) as reader:
        assert reader.execute("SHOW quote_all_identifiers").fetchone() == ("on",)
        again = (None, reader, described(reader, names))

        assert everything(again) == everything(stored)
    server.drop(database)


def copied(writer, table):
    """Return what COPY (FORMAT binary) says of each row, counted: 19 bytes of heading come with the first, two with the last."""
    with writer.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
        rows = [bytes(row) for row in copy]
    rows[0] = rows[0][19:]
    return Counter(row for row in rows if row not in (b"", b"\xff\xff"))


def scanned(reader, relation):
    with pinned(reader, Limits()):
        return scan(reader, relation)


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
def sessions(stored):
    return stored[:2]


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
    one, other = (scanned(reader, found[f'"Odd".{table}']) for table in ("one", "other"))
    same = one == other

    assert same == writer.execute(SAME_IMAGES).fetchone()[0]
    assert same == (copied(writer, '"Odd".one') == copied(writer, '"Odd".other'))
