"""How tables lie in storage: what is told of them, and what is not worth a word."""

import json

import pytest

from fixtures.every import every
from rollproof.model.finding import Finding, Statement
from rollproof.probes.storage import DATABASE, Storage, bloated, described, invisible, old

USUAL = {"pages": 20_000, "toast": 0, "visible": 20_000, "rows": 1_000, "age": 10, "multixact_age": 1}
LIMITS = {"age": 10, "multixact_age": 1, "freezes_at": 200, "multixact_freezes_at": 400, "page": 8192}


def side(of_database=None, **changed):
    """Return what the catalogue tells of a database with one table."""
    told = {"public.t": {**USUAL, **changed}, DATABASE: {**LIMITS, **(of_database or {})}}
    return Storage({name: json.dumps(each) for name, each in told.items()})


def findings(found):
    return [each for each in found if isinstance(each, Finding)]


def statements(found):
    return [each.sql for each in found if isinstance(each, Statement)]


def test_a_rewritten_table_that_nobody_looked_at_has_no_visibility_map():
    """ALTER TABLE leaves no pages and no rows in the catalogue."""
    (found,) = findings(invisible(side(), side(pages=0, visible=0, rows=-1)))

    assert "none all-visible, where it was 20,000 of 20,000 pages" in found.sentence
    assert found.heals


@every(
    ("was", "now"),
    [
        ({}, {"visible": 19_000}),
        ({"visible": 9_000}, {"visible": 0}),  # it was not so before
        ({"pages": 999, "visible": 999}, {"pages": 999, "visible": 0}),  # it is small
        ({}, {"pages": 0, "visible": 0, "rows": 0}),  # it is known to be empty
        ({}, {"visible": 2_000}),
    ],
)
def test_a_visibility_map_that_is_worth_no_word(was, now):
    assert list(invisible(side(**was), side(**now))) == []


@every(
    ("was", "now", "told"),
    [
        ({}, {"pages": 40_000}, 1),
        ({}, {"pages": 39_999}, 0),
        ({}, {"toast": 20_000}, 1),  # what is long lies there
        ({}, {"pages": 40_000, "rows": 1_500}, 0),  # more rows take more room
        ({}, {"pages": 40_000, "rows": 500}, 1),
        ({}, {"pages": 40_000, "rows": -1}, 0),  # nobody counted them
        ({"rows": -1}, {"pages": 40_000}, 0),
        ({"pages": 0}, {"pages": 40_000}, 0),
        ({"pages": 12_000}, {"pages": 24_207}, 0),  # a little less than 100 MB more
        ({"pages": 12_000}, {"pages": 24_208}, 1),
    ],
)
def test_bloat_is_twice_the_room_for_the_same_rows_and_much(was, now, told):
    assert len(findings(bloated(side(**was), side(**now)))) == told


def test_what_stops_everybody_is_only_offered():
    first, second = statements(bloated(side(), side(pages=40_000)))

    assert first == "VACUUM (ANALYZE) public.t;"
    assert second.startswith("-- VACUUM FULL public.t;")
    assert "ACCESS EXCLUSIVE" in second


@every(
    ("was", "now", "told"),
    [
        ({}, {"age": 200}, 0),
        ({}, {"age": 201}, 1),
        ({"age": 201}, {"age": 1_199}, 0),  # it was so before
        ({"age": 201}, {"age": 1_200}, 1),
        ({}, {"multixact_age": 401}, 1),
    ],
)
def test_an_age_is_told_when_it_is_due_and_again_when_it_is_urgent(was, now, told):
    assert len(findings(old(side(**was), side(**now), "shop"))) == told


def test_what_is_urgent_says_how_much_is_left():
    (found,) = findings(old(side(), side(age=1_500), "shop"))

    assert found.sentence.endswith("; PostgreSQL takes no writes after 600 million more")


def test_a_reference_that_tells_no_age_hides_none():
    assert len(findings(old(Storage({}), side(age=300), "shop"))) == 1


def test_tables_that_nobody_looks_at_make_the_database_old():
    found = list(old(side(), side({"age": 300}), "the shop"))

    assert [each.subject for each in findings(found)] == [DATABASE]
    assert statements(found)[0].startswith('-- in "the shop", ')
    assert len(findings(old(side(), side({"age": 300}, age=300), "shop"))) == 1


@every("text", ['{"pages": 1}', "[]", '{"pages": "many"}', "none"])
def test_a_forged_description_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 (whichever it is)
        described(text)
