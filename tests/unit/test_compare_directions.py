"""Facets judged in one direction are judged by an order: over all pairs and triples of states."""

import itertools

from fixtures.every import every
from rollproof.model.compare import Difference
from rollproof.model.no_loss import ahead, analysed_as_well

COLUMNS = ("a", '"b, c"', "statistics s")
LACKING = [set(some) for size in range(1, 4) for some in itertools.combinations(COLUMNS, size)]
# State → what the planner knows, as a set; of a table that nobody analysed it is nothing, whether there are rows or not.
STATISTICS = {
    "analysed": {*COLUMNS, "more"},
    "empty": set(),
    "never analysed": set(),
    **{f"not analysed: {', '.join(sorted(some))}": {*COLUMNS, "more"} - some for some in LACKING},
}
POSITIONS = [f"{value}{kind}" for value in (-3, 0, 4, 11) for kind in ("", " descending", " cycles")]
ORDERS = {"sequence_positions": (ahead, POSITIONS), "planner_statistics": (analysed_as_well, list(STATISTICS))}


@every("facet", ORDERS)
def test_a_direction_is_an_order(facet):
    well, states = ORDERS[facet]

    def fine(was, now):
        return well(Difference(facet, "public.x", was, now))

    assert [state for state in states if not fine(state, state)] == []
    assert [
        (first, then, last)
        for first, then, last in itertools.product(states, repeat=3)
        if fine(first, then) and fine(then, last) and not fine(first, last)
    ] == []


def test_two_positions_are_as_good_as_each_other_only_where_they_are_equal_or_both_cycle():
    both = [
        (was, now)
        for was, now in itertools.permutations(POSITIONS, 2)
        if ahead(Difference("", "", was, now)) and ahead(Difference("", "", now, was))
    ]

    assert {word.split()[-1] for pair in both for word in pair} == {"cycles"}


def test_the_planner_may_know_more_and_never_less():
    for was, now in itertools.product(STATISTICS, repeat=2):
        assert analysed_as_well(Difference("", "", was, now)) == (STATISTICS[was] <= STATISTICS[now]), (was, now)
