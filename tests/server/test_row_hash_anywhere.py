"""The same of values inside of values, and of all columns of a row at once."""

import psycopg
import pytest

from fixtures.stored_values import NASTY, literal, typed
from rollproof.rows.row_hash import row_hash, seed, value_hash
from rollproof.rows.tables import relations
from rollproof.server.reader import Limits, pinned

# Where a value may be: {t}ype, {n}umber of the type, {v}alue. An array of arrays is an array.
DEPTHS = {
    "composite": ('CREATE TYPE "Deep".c{n} AS (f int, v {t}, g text)', '"Deep".c{n}', "ROW(1, {v}, '')"),
    "domain": ('CREATE DOMAIN "Deep".d{n} AS {t}', '"Deep".d{n}', "{v}"),
    "composite in a composite": ('CREATE TYPE "Deep".cc{n} AS (v "Deep".c{n})', '"Deep".cc{n}', "ROW(ROW(1, {v}, ''))"),
    "domain over a composite": ('CREATE DOMAIN "Deep".dc{n} AS "Deep".c{n}', '"Deep".dc{n}', "ROW(1, {v}, '')"),
    "array of composites": ("", '"Deep".c{n}[]', "ARRAY[ROW(1, {v}, '')]"),
    "range": ('CREATE TYPE "Deep".r{n} AS RANGE (subtype = {t}, multirange_type_name = "Deep".m{n})', '"Deep".r{n}',
        '"Deep".r{n}({v}, NULL)'),
    "multirange": ("", '"Deep".m{n}', '"Deep".m{n}("Deep".r{n}({v}, NULL))'),
    "array": ("", "{t}[]", "ARRAY[{v}]"),
    "domain over an array": ('CREATE DOMAIN "Deep".da{n} AS {t}[]', '"Deep".da{n}', "ARRAY[{v}]"),
    "array of domains over arrays": ("", '"Deep".da{n}[]', 'ARRAY[ARRAY[{v}]::"Deep".da{n}]'),
    "array in a composite": ('CREATE TYPE "Deep".ca{n} AS (v {t}[])', '"Deep".ca{n}', "ROW(ARRAY[{v}])"),
}  # fmt: skip


def places_of(writer, number, name):
    """Make the types in which values of one may be; yield its name, the depth, the type there and how a value is put there."""
    words = {"t": typed(name), "n": number, "v": "{v}"}
    for depth, formats in DEPTHS.items():
        made, there, put = (text.format_map(words) for text in formats)
        try:
            writer.execute(made)
            writer.execute(f"SELECT NULL::{there}")
        except psycopg.errors.UndefinedObject:  # values without an order have no ranges, others no arrays
            assert depth in {"range", "multirange"}
            continue
        if not (name.endswith("[]") and "array" in depth and depth != "array of composites"):
            yield name, depth, there, f"({put})::{there}"


@pytest.fixture(scope="module")
def deep(stored):
    """For each type, where its values may be: the type there, how a value is put there, and how that type is described."""
    writer, reader, types = stored
    writer.execute('CREATE SCHEMA "Deep"')
    found = [place for number, name in enumerate(types) for place in places_of(writer, number, name)]
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


UNLIKE = "(h.v{0} = k.v{0}) <> record_image_eq(ROW(a.v{0}), ROW(b.v{0}))"


def wrong_anywhere(reader, name, places):
    """Return, for each depth, the pairs of a type's values for which the hashes and the function behind `*=` disagree."""
    values = ", ".join(
        f"({place}, {literal(value)}::{typed(name)})" for place, value in enumerate([None, *NASTY[name]])
    )
    put = ", ".join(f"{put.format(v='x.v')} AS v{place}" for place, (_, put, _) in enumerate(places))
    version = reader.info.server_version
    hashed = ", ".join(
        f"{row_hash('x', [(f'v{p}', type_)], version)} AS v{p}" for p, (_, _, type_) in enumerate(places)
    )
    pairs = ", ".join(f"array_agg(a.i || '/' || b.i) FILTER (WHERE {UNLIKE.format(p)})" for p in range(len(places)))
    query = f"""
        WITH put AS MATERIALIZED (SELECT x.i, {put} FROM (VALUES {values}) AS x (i, v)),
             hashed AS MATERIALIZED (SELECT x.i, {hashed} FROM put AS x)
        SELECT {pairs}
        FROM put AS a JOIN hashed AS h USING (i) CROSS JOIN put AS b JOIN hashed AS k ON k.i = b.i WHERE a.i < b.i"""
    with pinned(reader, Limits()):
        (wrong,) = reader.execute(query.encode()).fetchall()
    return {depth: pair for (depth, _, _), pair in zip(places, wrong, strict=True) if pair}


def test_at_every_depth_whatever_is_stored_otherwise_is_hashed_otherwise(stored, deep):
    """And what is stored alike is hashed alike."""
    assert {name: wrong for name, places in deep.items() if (wrong := wrong_anywhere(stored[1], name, places))} == {}
    assert {depth for places in deep.values() for depth, _, _ in places} == {*DEPTHS}


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


def cancelling(reader, name, type_):
    """Return the sets of columns whose changes from a type's first value to its second leave the row's hash as it was."""
    was, now = (f"{literal(value)}::{typed(name)}" for value in NASTY[name][:2])
    columns = [f"c{number}" for number in range(COLUMNS)]
    version = reader.info.server_version
    each = ", ".join(value_hash("p.v", type_, seed(column), version) for column in columns)
    drawn = ", ".join(f"CASE get_bit(m.mask, {n}) WHEN 0 THEN p.was ELSE p.now END AS c{n}" for n in range(COLUMNS))
    row = row_hash("x", [(column, type_) for column in columns], version)
    rows = f"""SELECT {row} FROM (SELECT {drawn} FROM (SELECT {was}, {now} OFFSET 0) AS p (was, now),
                                  unnest($1::text[]::bit({COLUMNS})[]) AS m (mask) OFFSET 0) AS x"""
    with pinned(reader, Limits()):
        hashed = reader.execute(f"SELECT {each} FROM (VALUES ({was}), ({now})) AS p (v)".encode()).fetchall()
        differences = [one ^ other for one, other in zip(*hashed, strict=True)]
        sets = dependent(differences)
        assert (dependent(differences[:50]), len(sets) >= COLUMNS - 64) == ([], True), name
        masks = ["".join("01"[place in changed] for place in range(COLUMNS)) for changed in [set(), *sets]]
        base, *changed = [found for (found,) in reader.execute(rows.encode(), (masks,)).fetchall()]
    return [members for members, found in zip(sets, changed, strict=True) if found == base]


def test_no_set_of_columns_can_be_changed_without_a_change_of_the_hash(stored):
    """By linear algebra: every set of columns whose own changes cancel out when they are added without carrying."""
    _, reader, types = stored
    two_values = {name: type_ for name, type_ in types.items() if len(NASTY[name]) > 1}

    assert {name: sets for name, type_ in two_values.items() if (sets := cancelling(reader, name, type_))} == {}
