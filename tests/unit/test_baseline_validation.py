"""A sealed baseline is believed only if rollproof can have written it."""

import hashlib
import json
import os
import re
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.every import every
from rollproof.commands.verification import recorded
from rollproof.model.detail import Detail, Division
from rollproof.model.errors import Misuse
from rollproof.model.names import WORD
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.probes.foreign_keys import key_of
from rollproof.probes.sequences import sequence_column_of
from rollproof.settings.reference import Reference

ORIGIN = Origin("shop", "7", 180000, "2026-11-28 10:00:00.123+00", None, "0.3.0")
FACETS = {
    "tables": {"public.t": "table"},
    "rows": {"public.t": "3"},
    "content": {"public.t": "i3:-5"},
    "sequence_positions": {"public.s": "7"},
    "foreign_keys": {
        "public.t.k": '{"table":"public.t","columns":["a"],"references":"public.u","referenced_columns":["b"]}'
    },
    "sequence_columns": {"public.t.a": '{"table":"public.t","column":"a","sequence":"public.s","increment":1}'},
}
RANGES = Division(("a",), ("int8",), ("7",), 3)
DETAIL = Detail.of(RANGES, {1: (1, 2), 2: (2, -7)})
SNAPSHOT = Snapshot(ORIGIN, FACETS, hashes={"public.t": b"x" * 24}, details={"public.t": DETAIL})


def sealed(path, body):
    """Write what a forger writes: a file whose seal is right, whatever is in it."""
    body = body if isinstance(body, bytes) else msgspec.json.encode(body)
    digest = hashlib.sha256(body).hexdigest().encode()
    path.write_bytes(b'{"format":1,"sha256":"' + digest + b'","snapshot":' + body + b"}")


def wrong(**changes):
    return msgspec.structs.replace(SNAPSHOT, **changes)


def divided(**changes):
    """Return sums that are right, but for how the table is divided."""
    division = msgspec.structs.replace(RANGES, **changes)
    return Detail.of(division, {0: (3, -5)})


def fact(facet, identity, text):
    return wrong(facets={**FACETS, facet: {identity: text}})


UNSOUND = {
    "a name that is none": fact("tables", "public.t; DROP", "table"),
    "a name that ends nowhere": fact("columns", 'public."t.a', "integer"),
    "a zero byte in a name": fact("views", 'public."a\0b"', "view"),
    "a zero byte in a text": fact("comments", "public.t (table)", "a\0b"),
    "a key that is no JSON": fact("foreign_keys", "public.t.k", "it is no JSON"),
    "a key of brackets": fact("foreign_keys", "public.t.k", "[" * 200_000),
    "a key that lacks its table": fact("foreign_keys", "public.t.k", '{"columns":["a"]}'),
    "a key with a program": fact(
        "foreign_keys", "public.t.k", FACETS["foreign_keys"]["public.t.k"].replace("public.u", "u;x.y")
    ),
    "a key of no columns": fact(
        "foreign_keys", "public.t.k", FACETS["foreign_keys"]["public.t.k"].replace('["a"]', "[]").replace('["b"]', "[]")
    ),
    "an operator that is none": fact(
        "foreign_keys", "public.t.k", FACETS["foreign_keys"]["public.t.k"][:-1] + ',"equality":["OPERATOR(a.=) OR --"]}'
    ),
    "a json list": fact("sequence_columns", "public.t.json", "[1]"),
    "no number of rows": fact("rows", "public.t", "three"),
    "a number without end": fact("rows", "public.t", "9" * 5000),
    "no fingerprint": fact("content", "public.t", "i3:x"),
    "no position": fact("sequence_positions", "public.s", "7 boats"),
    "half a hash": wrong(hashes={"public.t": b"x" * 23}),
    "hashes of no table": wrong(hashes={"public": b""}),
    "sums of no table": wrong(details={"public": DETAIL}),
    "sums of other rows": wrong(details={"public.t": Detail.of(RANGES, {1: (3, -4)})}),
    "too few sums": wrong(details={"public.t": Detail(RANGES, b"x" * 32)}),
    "sums by a program": wrong(details={"public.t": divided(columns=("a) FROM secret --",))}),
    "a bound that is a program": wrong(details={"public.t": divided(bounds=("1}'; DROP TABLE t --",))}),
    "a bound of another type": wrong(details={"public.t": divided(types=("date",))}),
    "ranges of a type that has none": wrong(details={"public.t": divided(types=("text",))}),
    "ranges of no column": wrong(details={"public.t": divided(columns=(), types=())}),
    "more ranges than bounds": wrong(details={"public.t": divided(parts=4)}),
    "a hash of nothing": wrong(details={"public.t": divided(columns=(), types=(), bounds=(), parts=4)}),
    "a hash in three parts": wrong(details={"public.t": divided(bounds=())}),
    "parts without end": wrong(details={"public.t": Detail(Division(("a",), ("int4",), (), 2**40), b"")}),
    "a server of the future": wrong(origin=msgspec.structs.replace(ORIGIN, server_version=2**80)),
    "a server of the past": wrong(origin=msgspec.structs.replace(ORIGIN, server_version=-1)),
    "no date": wrong(origin=msgspec.structs.replace(ORIGIN, taken="yesterday")),
    "a schema with a zero byte": wrong(origin=msgspec.structs.replace(ORIGIN, schemas=("a\0",))),
    "twice": msgspec.json.encode(SNAPSHOT).replace(b'"public.t":"table"', b'"public.t":"view","public.t":"table"'),
    "a lone surrogate": msgspec.json.encode(SNAPSHOT).replace(b'"table"', b'"\\ud800"'),
    "bytes": msgspec.json.encode(SNAPSHOT).replace(b'"table"', b'"\xff"'),
    "a number for a text": msgspec.json.encode(SNAPSHOT).replace(b'"table"', b"12345678901234567890"),
    "blanks": msgspec.json.encode(SNAPSHOT).replace(b'"table"', b' "table"'),
}


@pytest.mark.promise
@every("kind", UNSOUND)
def test_a_sealed_baseline_that_nobody_took_is_refused(tmp_path, kind):
    sealed(tmp_path / "baseline.json", UNSOUND[kind])

    with pytest.raises(Misuse, match=r"sealed but not a snapshot|sealed, but no rollproof wrote it so|not a whole"):
        recorded(Reference.parse(str(tmp_path / "baseline.json")))


PIECES = st.sampled_from(
    [
        b"",
        b"\xff",
        b"\x00",
        b"\\u0000",
        b"\\ud800",
        b'"',
        b"{",
        b"[",
        b"9" * 400,
        b"null",
        b"-1",
        b"true",
        b"{}",
        b",",
        b":",
        b"a;b",
    ]
)


@settings(max_examples=int(os.environ.get("ROLLPROOF_FORGERIES", "40")) * 5, deadline=None)
@given(edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), PIECES), min_size=1, max_size=3))
def test_whatever_is_changed_and_sealed_again_is_refused_or_is_a_baseline(edits, tmp_path_factory):
    body = msgspec.json.encode(SNAPSHOT)
    for place, length, piece in edits:
        at = int(place * len(body))
        body = body[:at] + piece + body[at + length :]
    path = tmp_path_factory.getbasetemp() / "edited.json"
    sealed(path, body)

    with suppress(Misuse):
        baseline = recorded(Reference.parse(str(path)))
        assert msgspec.json.decode(body, type=Snapshot).facets.keys() == baseline.snapshot.facets.keys()


def test_what_is_sound_is_taken(tmp_path):
    sealed(tmp_path / "baseline.json", wrong(facets={**FACETS, "auguries": {"public.t": "favourable"}}))

    baseline = recorded(Reference.parse(str(tmp_path / "baseline.json")))

    assert baseline.tables == ("public.t",)
    assert "holds auguries, which this version of rollproof does not know: not checked" in baseline.notes[0]


WIDE = int(os.environ.get("ROLLPROOF_FORGERIES", "40"))  # random forgeries; many more on demand
hostile = st.text(st.sampled_from("abz._ ;'\"()[]{}:,-*/\\$%\n\0\u202eé1"), max_size=12)


@settings(max_examples=WIDE * 3, deadline=None)
@given(
    table=hostile | st.sampled_from(["public.t", '"a;b"."c""d"']),
    column=hostile | st.just("id"),
    more=st.dictionaries(
        st.sampled_from(["increment", "direct", "only", "match", "equality", "sequence"]), hostile | st.integers()
    ),
)
def test_what_a_fact_asks_is_always_one_question_of_ours(table, column, more):
    """Whatever the JSON says: refused, or a question in which nothing but names is not ours."""
    key = {"table": table, "columns": [column], "references": "public.u", "referenced_columns": ["b"]} | more
    draw = {"table": table, "column": column, "sequence": "public.s", "increment": 1} | more
    with suppress(ValueError, Misuse):
        found = key_of(json.dumps(key))
        assert re.fullmatch(rf"{WORD}\.{WORD}", found.table)
        assert all(re.fullmatch(WORD, name) for name in (*found.columns, *found.referenced_columns))
        assert all(re.fullmatch(rf"OPERATOR\({WORD}\.[-+*/<>=~!@#%^&|`?]+\)", sign) for sign in found.equality)
    with suppress(ValueError, Misuse):
        found = sequence_column_of(json.dumps(draw))
        assert re.fullmatch(rf"SELECT (max|min)\({WORD}\)::numeric FROM (ONLY )?{WORD}\.{WORD}", found.query)
