"""A check that expects a facet as it was: whose words its findings bear, what is offered with them, and what is doubt."""

import datetime

import pytest

from rollproof.model.compare import Difference
from rollproof.model.dump_facts import STYLE
from rollproof.model.errors import Inconclusive, Misuse, NotChecked
from rollproof.model.failure import NotRestored, Undecided, Warned
from rollproof.model.finding import Finding, RowReport, Statement, Unknown
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.settings.waiver import Waiver
from rollproof.sources.recorded import Recorded
from rollproof.verdict.expect import Expect
from rollproof.verdict.repairs import Repairs
from rollproof.verdict.waivers import Waivers

TODAY = datetime.date(2026, 11, 28)
NO_WAIVERS = Waivers((), TODAY)
ORIGIN = Origin(database="shop", system="1", server_version=180006, taken="then", schemas=None, tool="0.3.0")
TABLES = {"public.a": "table", "public.gone": "table"}
INDEX = "CREATE INDEX i ON public.{} USING btree (c)"


def side(unknown=(), name="the baseline", **facets):
    return Recorded(Snapshot(ORIGIN, {"tables": TABLES, **facets}, dict(unknown)), name)


def failure(check, before, after, facet, *group, kind=NotRestored, waivers=NO_WAIVERS, **more):  # noqa: PLR0913 (a check, asked)
    with pytest.raises(kind) as raised:
        Expect(check, before, after, waivers).restored(facet, *group, **more)
    return raised.value


def test_a_finding_bears_the_name_of_its_check():
    found = failure("mine", side(comments={"a": "x"}), side(comments={"a": "y"}), "comments").findings

    assert found == (Finding("mine", "a", "x", "y", compared=True),)


def test_the_statements_of_the_repair_plan_are_offered_each_with_its_place():
    was, now = side(columns={"public.a.c": "text"}), side(columns={"public.a.c": "text NOT NULL"})

    offered = failure("columns", was, now, "columns").statements

    assert offered == (Statement("ALTER TABLE public.a ALTER COLUMN c DROP NOT NULL;", "public.a.c", 1),)


def test_what_goes_wrong_with_the_statements_hides_no_finding(monkeypatch):
    def broken(*_):
        raise Misuse("there is no such name")

    monkeypatch.setattr(Repairs, "statements", broken)
    failed = failure(
        "columns", side(columns={"public.a.c": "text"}), side(columns={"public.a.c": "text NOT NULL"}), "columns"
    )

    assert [each.subject for each in failed.findings] == ["public.a.c"]
    assert failed.statements == ()
    assert failed.advice == ("no statement can be shown that mends this: there is no such name",)


def test_what_must_be_mended_before_is_named():
    was = side(indexes={"public.a.i": INDEX.format("a"), "public.gone.i": INDEX.format("gone")})
    now = Recorded(Snapshot(ORIGIN, {"tables": {"public.a": "table"}, "indexes": {}}), "the database")

    offered = failure("indexes", was, now, "indexes").statements

    told = {
        subject: [each.sql for each in offered if each.mends == subject] for subject in ("public.a.i", "public.gone.i")
    }
    assert told["public.a.i"] == [f"{INDEX.format('a')};"]
    assert told["public.gone.i"][0] == "-- first: tables public.gone, of which another finding tells"
    assert told["public.gone.i"][1:] == [f"{INDEX.format('gone')};"]


def test_where_nobody_knows_which_tables_there_are_no_finding_is_hidden():
    was = side(indexes={"public.a.i": INDEX.format("a")})
    now = Recorded(Snapshot(ORIGIN, {"indexes": {}}, {"tables": {"*": "locked"}}), "the database")

    assert [each.mends for each in failure("indexes", was, now, "indexes").statements] == ["public.a.i"]


def test_what_is_no_loss_is_not_told():
    was, now = side(sequence_positions={"s": "5"}), side(sequence_positions={"s": "6"})

    Expect("sequence_positions", was, now, NO_WAIVERS).restored("sequence_positions")
    assert failure("sequence_positions", now, was, "sequence_positions").findings[0].subject == "s"


def test_a_check_may_say_of_more_that_it_is_no_loss():
    was, now = side(comments={"a": "x", "b": "x"}), side(comments={"a": "y", "b": "y"})
    asked = []

    def harmless(difference):
        asked.append(difference)
        return difference.identity == "a"

    assert [each.subject for each in failure("comments", was, now, "comments", harmless=harmless).findings] == ["b"]
    assert asked == [Difference("comments", "a", "x", "y"), Difference("comments", "b", "x", "y")]


def test_whether_it_is_no_loss_may_be_doubtful():
    def harmless(difference):
        raise Inconclusive(f"{difference.identity} is locked")

    doubt = failure(
        "comments", side(comments={"a": "x"}), side(comments={}), "comments", kind=Undecided, harmless=harmless
    )

    assert doubt.unknown == (Unknown("a", "a is locked"),)


def test_what_is_unknown_is_told_with_its_side_and_compared_with_nothing():
    was = side({"comments": {"a": "no grant", "c": "locked"}}, "the baseline", comments={"b": "x"})
    now = side({"comments": {"b": "not now"}}, comments={"a": "y", "c": "y"})

    doubt = failure("comments", was, now, "comments", kind=Undecided)

    assert doubt.unknown == (
        Unknown("a", "in the baseline: no grant"),
        Unknown("b", "not now"),
        Unknown("c", "in the baseline: locked"),
    )


def test_more_findings_are_told_with_those_of_the_facet():
    more = [Finding("comments", "z", sentence="z is odd")]
    found = failure("comments", side(comments={"a": "x"}), side(comments={}), "comments", more=more).findings

    assert [each.subject for each in found] == ["a", "z"]


def without(facet, reason="no grant"):
    return Recorded(Snapshot(ORIGIN, {"tables": TABLES}, {}, {facet: reason}), "the baseline")


def test_why_a_facet_is_not_checked_is_told():
    told = without("comments").unavailable("comments")

    assert str(failure("x", without("comments"), side(comments={}), "comments", kind=NotChecked)) == told
    assert str(failure("x", side(comments={}), without("comments"), "comments", kind=Inconclusive)) == told
    with pytest.raises(Inconclusive) as cut_off:
        Expect("x", without("comments"), side(comments={}), NO_WAIVERS, told).restored("comments")
    assert str(cut_off.value) == told


def dumped(style, **facts):
    return side(pg_dump={STYLE: style, **facts})


def test_two_programs_that_write_otherwise_are_not_compared():
    was, now = dumped("written by pg_dump 15.1", x="a"), dumped("written by pg_dump 18.6", x="b")

    assert str(failure("pg_dump", was, now, "pg_dump", kind=NotChecked)) == (
        "the reference was written by pg_dump 15.1, the database written by pg_dump 18.6: PostgreSQL words a definition "
        "differently from one to the next\n"
        "put the pg_dump of the reference first on PATH, or take the baseline with the one at hand"
    )
    assert failure("pg_dump", dumped("one", x="a"), dumped("one", x="b"), "pg_dump").findings[0].subject == "x"
    side_without = without("pg_dump")
    assert failure("pg_dump", dumped("one"), side_without, "pg_dump", kind=NotChecked)


def test_a_pattern_that_matches_too_much_is_told_below_what_it_does_not_accept():
    star = Waiver("comments", reason="known", until=TODAY, identity_pattern="p.*", at_most=1)
    waivers = Waivers((star,), TODAY, differing=lambda check: ["p.a", "p.b"] if check == "comments" else [])
    was, now = side(comments={"p.a": "x", "p.b": "x"}), side(comments={"p.a": "y", "p.b": "y"})

    advice = failure("comments", was, now, "comments", waivers=waivers).advice

    assert len(advice) == 1
    assert "it matches 2 findings, more than its at_most = 1" in advice[0]


SMALL = Finding("other", "small", "a", "b", compared=True)


def test_what_heals_of_what_was_found_heals_by_the_checks_own_word():
    expect = Expect("mine", side(), side(), NO_WAIVERS)

    with pytest.raises(Warned) as warned:
        expect.none_of(
            ["x"], lambda x: [SMALL, Difference("facet", x, "a", "b")], heals=lambda found: found.before == "a"
        )
    with pytest.raises(NotRestored) as failed:
        expect.nothing([SMALL], heals=lambda found: found.identity != "small")

    told = [(each.check, each.subject, each.heals) for each in warned.value.findings]
    assert told == [("other", "small", True), ("mine", "x", True)]
    assert failed.value.findings == (SMALL,)


def test_rows_and_statements_are_asked_for_by_subject():
    looked = []

    def rows(subject):
        looked.append(subject)
        return RowReport(subject)

    expect = Expect("mine", side(), side(), NO_WAIVERS)
    with pytest.raises(NotRestored) as failed:
        expect.none_of(
            ["x"], lambda _: [SMALL], rows=rows, statements=lambda name: [Statement(f"VACUUM {name};", name)]
        )

    assert looked == [report.table for report in failed.value.rows] == ["small"]
    assert failed.value.statements == (Statement("VACUUM small;", "small"),)


def test_a_reason_alone_is_doubt():
    def found():
        yield from ()
        raise Inconclusive("the server is gone")

    with pytest.raises(Undecided) as doubt:
        Expect("mine", side(), side(), NO_WAIVERS).nothing(found())
    assert (doubt.value.reason, doubt.value.unknown, doubt.value.findings) == ("the server is gone", (), ())
