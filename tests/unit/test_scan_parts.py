"""In which parts tables are read: all of each, by weight, and small ones towards the end."""

from hypothesis import given
from hypothesis import strategies as st

from rollproof.rows.scan import PART, complete, plan
from rollproof.rows.tables import Relation

SIZES = st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.booleans())


def table(name, pages, toast=0, *, heap=True):
    return Relation(name, (), pages, 1, heap, None, toast)


@given(st.lists(SIZES, max_size=5), st.integers(1, 8))
def test_every_table_is_covered_once_whatever_its_size(sizes, jobs):
    found = [table(str(number), pages, toast, heap=heap) for number, (pages, toast, heap) in enumerate(sizes)]
    scans = plan(found, jobs)

    for each in found:
        parts = [one for one in scans if each in one.relations]
        assert complete(parts)
        assert each.heap or len(parts) == 1
    assert sum(one.pages for one in scans) == sum(each.pages for each in found)


def test_the_last_parts_are_small_so_that_all_sessions_end_at_about_one_time():
    sizes = [one.pages for one in plan([table("a", 100_000), table("b", 60_000)], 2)]

    assert sizes[0] == 40_000
    assert max(sizes[-4:]) <= PART[0] * 5 // 4
    assert len(sizes) < 25


def test_a_petabyte_is_read_by_the_gibibyte():
    assert max(one.pages for one in plan([table("a", 10**9)], 2)) == PART[1]


def test_what_is_kept_out_of_line_weighs_too():
    """A table of 80 kB with 80 GB of TOAST: page by page."""
    scans = plan([table("heavy", 10, toast=10**7), table("light", 100)], 2)

    assert [one.pages for one in scans] == [1] * 10 + [100]
