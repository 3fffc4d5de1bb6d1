"""Faults of a self-test in batches: what is planted together, and in which order."""

from itertools import combinations

import pytest

from rollproof.rehearsal.faults.fault import Fault
from rollproof.rehearsal.selftest.batches import batches, in_order


def fault(name, *touches, kind="columns", **more):
    return Fault(kind, name, "columns", f"{name} of {'.'.join(touches)}", "SELECT 1", frozenset(touches), **more)


def names(faults):
    return [[each.name for each in batch.faults] for batch in batches(faults)]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("public.t", "public.u", True),
        ("public.t", "public.t", False),
        ("public.t", "public.t.c", False),
        ("public.t.c", "public.t", False),
        ("public.t.c", "public.t.d", True),
        ("public.t", "public.tt", True),
        ("public", "public.t.c", False),
        ("public.t.c", "public", False),
    ],
)
def test_what_meets_on_one_path_is_not_planted_together(one, other, together):
    assert len(batches([fault("a", one), fault("b", other)])) == (1 if together else 2)


def test_what_wants_to_be_alone_is():
    found = names([fault("a", "x"), fault("b", alone=True), fault("c", "y"), fault("d", alone=True)])

    assert sorted(found) == [["a", "c"], ["b"], ["d"]]


def test_what_all_databases_share_is_changed_with_its_like():
    found = names([fault("a", "x"), fault("b", "y", is_shared=True), fault("c", "z", is_shared=True)])

    assert sorted(found) == [["a"], ["b", "c"]]


def test_a_batch_has_an_end():
    faults = [fault("a", f"t{number}") for number in range(7)]

    assert sorted(len(batch.faults) for batch in batches(faults, most=3)) == [1, 3, 3]


def test_one_fault_of_each_rule_comes_before_the_second_of_any():
    faults = [fault(name, f"t{number}") for name in ("a", "b", "c") for number in range(4)]
    first, *rest = (each for each, _ in in_order(faults))

    assert {first.name, rest[0].name, rest[1].name} == {"a", "b", "c"}
    assert len({each.touches for each in (first, *rest[:2])}) == 3, "they are of three tables"


def test_batches_with_the_first_of_a_rule_come_first():
    faults = [fault("a", "t", kind=f"kind {number}") for number in range(3)]
    faults += [fault("b", "t", kind="kind 3"), *(fault("b", "t", kind="kind 3") for _ in range(4))]

    assert [batch.is_first for batch in batches(faults)] == [True] * 4 + [False] * 4


def test_each_fault_is_in_one_batch_and_none_meets_another_there():
    faults = [fault(f"rule {n % 7}", f"s.t{n % 5}" + (f".c{n % 11}" if n % 3 else "")) for n in range(300)]
    found = batches(faults)

    assert sorted(map(id, (each for batch in found for each in batch.faults))) == sorted(map(id, faults))
    for batch in found:
        for one, other in combinations((path for each in batch.faults for path in each.touches), 2):
            assert not f"{one}.".startswith(f"{other}.")
            assert not f"{other}.".startswith(f"{one}.")
