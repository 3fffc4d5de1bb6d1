"""Which tables are read first, and in which order; each is read all the same."""

import pytest

from rollproof.model.footprint import Footprint
from rollproof.rows.scan import SMALL, plan
from rollproof.rows.suspects import TOUCHED, WRITTEN, Suspect, suspects
from rollproof.rows.tables import Relation

WAS = Footprint(file=7, pages=10, inserted=100, updated=5, deleted=1)


def after(**changed):
    """Return what the server counts of a table that was counted as `WAS`."""
    return Footprint(
        **{name: getattr(WAS, name) for name in ("file", "pages", "inserted", "updated", "deleted")} | changed
    )


def found(now, named=(), defined_otherwise=(), was=WAS):
    known = suspects(["t"], dict(named), defined_otherwise, {"t": was} if was else {}, {"t": now} if now else {})
    return known.get("t")


@pytest.mark.parametrize("count", ["inserted", "updated", "deleted"])
def test_what_was_written_to_is_a_suspect(count):
    assert found(after(**{count: 200})) == Suspect("written to since the baseline", WRITTEN)


def test_what_is_as_it_was_is_none():
    assert found(after()) is None
    assert found(after(), was=None) is None
    assert found(None) is None


def test_what_lies_in_another_file_was_touched():
    assert found(after(file=8)) == Suspect("rewritten since the baseline", TOUCHED)


@pytest.mark.parametrize("count", ["inserted", "updated", "deleted"])
def test_counters_that_were_thrown_away_say_nothing_and_the_size_still_does(count):
    others = {"inserted": 200, "updated": 200, "deleted": 200}

    assert found(after(**{**others, count: 0})) is None
    assert found(after(**{count: 0, "pages": 11})) == Suspect("written to since the baseline", WRITTEN)


def test_who_names_it_is_told_before_what_shows_in_it():
    assert found(after(file=8), named={"t": "[backup] names it"}) == Suspect("[backup] names it", TOUCHED)
    assert found(after(), defined_otherwise={"t"}) == Suspect("its definition differs", TOUCHED)


def table(name, pages):
    return Relation(name, (), pages, 1, heap=True)


TABLES = [table("huge", 100_000), table("big", 20_000), table("middle", 9_000), table("some", SMALL), table("few", 3)]


def planned(first, jobs=2):
    """Return the tables of the plan in the order in which each is begun."""
    scans = plan(TABLES, jobs, first)
    return list(dict.fromkeys(relation.name for scan in scans for relation in scan.relations))


def test_small_suspects_come_first_and_then_the_largest_tables():
    written = Suspect("", WRITTEN)

    assert planned({}) == ["huge", "big", "middle", "some", "few"]
    assert planned({"huge": written, "few": written, "big": written}) == ["few", "big", "huge", "middle", "some"]
    assert planned(dict.fromkeys(["gone", "middle"], written)) == ["middle", "huge", "big", "some", "few"]


def test_what_the_migration_touched_does_not_wait_for_all_that_somebody_wrote_to():
    known = {
        "middle": Suspect("", WRITTEN),
        "big": Suspect("", TOUCHED),
        "huge": Suspect("", TOUCHED),
        "few": Suspect("", WRITTEN),
    }

    assert planned(known) == ["few", "big", "huge", "middle", "some"]


@pytest.mark.parametrize("first", [[], ["huge"], ["few", "middle"], [each.name for each in TABLES]])
def test_each_page_is_read_once_whatever_the_order(first):
    scans = plan(TABLES, 2, dict.fromkeys(first, Suspect("", WRITTEN)))

    pages = {each.name: 0 for each in TABLES}
    for scan in scans:
        for relation in scan.relations:
            pages[relation.name] += relation.pages if len(scan.relations) > 1 else scan.pages
    assert pages == {each.name: each.pages for each in TABLES}


def test_where_all_are_suspects_no_part_is_so_large_that_a_session_reads_it_alone_at_the_end():
    scans = plan(TABLES, 2, dict.fromkeys((each.name for each in TABLES), Suspect("", WRITTEN)))

    assert max(scan.pages for scan in scans) * 2 * 10 < sum(each.pages for each in TABLES)
