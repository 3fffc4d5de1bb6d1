"""Look-ups by keys, without a server: how many are planned together, and what a baseline may hold of them."""

import msgspec
import pytest

from fixtures.every import every
from rollproof.model.errors import Misuse
from rollproof.probes.queries.keys import Key, Lookup
from rollproof.probes.queries.lookups import batches, lookup_of


def lookup(table, locks, column="id", *, partitioned=False):
    source = table if partitioned else f"ONLY {table}"
    return Lookup(
        Key(table, (column,)), source, ("OPERATOR(pg_catalog.=)",), is_plain=True, has_index=True, locks=locks
    )


def test_as_many_are_planned_together_as_take_few_locks():
    asked = [lookup(f"public.t{number:02}", 6, column) for number in range(25) for column in ("id", "code")]
    found = batches([*asked, lookup("public.wide", 200), lookup("public.parts", 3, partitioned=True)])

    assert [len(batch) for batch in found] == [20, 20, 10, 1]
    assert [each for batch in found for each in batch][:50] == asked
    assert found[-1][0].key.table == "public.wide"


@every("fact", [
    '{"table": "public.t; DROP TABLE t", "columns": ["id"], "unknown": "x"}',
    '{"table": "t", "columns": ["id"], "unknown": "x"}',
    '{"table": "public.t", "columns": ["id) OR (1"], "unknown": "x"}',
    '{"table": "public.t", "columns": [], "unknown": "x"}',
    '{"table": "public.t", "columns": ["id"]}',
    '{"table": "public.t", "columns": ["id"], "plan": {"shape": 7}}',
    "7",
])  # fmt: skip
def test_what_is_no_look_up_is_refused_before_it_becomes_a_query(fact):
    with pytest.raises((Misuse, msgspec.DecodeError)):
        lookup_of(fact)
