"""Rows of a table are judged the moment they are known, and never told to be bad where the check may say otherwise."""

import datetime

import pytest

from rollproof.model.failure import NotRestored
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.rows.row_hash import ALGORITHM
from rollproof.settings.waiver import Waiver
from rollproof.sources.recorded import Recorded
from rollproof.sources.table_groups import TableGroup
from rollproof.verdict.expect import Expect
from rollproof.verdict.so_far import SoFar
from rollproof.verdict.waivers import Waivers

TODAY = datetime.date(2026, 11, 30)
ORIGIN = Origin(database="shop", system="1", server_version=180006, taken="then", schemas=None, tool="0.2.0")
TABLES = ("public.orders", "public.log")
VIEW = "public.totals"
EVERY = (*TABLES, VIEW)


def side(rows, content, column="integer"):
    facets = {
        "tables": dict.fromkeys(TABLES, "table"),
        "columns": {f"{table}.id": column for table in TABLES},
        "rows": dict.fromkeys(EVERY, str(rows)),
        "content": dict.fromkeys(EVERY, f"{ALGORITHM}:{content}"),
    }
    return Recorded(Snapshot(ORIGIN, facets), "a side")


def judge(now, waivers=(), growing=(), asked=EVERY):
    accepted = Waivers(waivers, TODAY)
    expects = lambda check: Expect(check, side(2, 10), now, accepted)  # noqa: E731
    return SoFar.about(dict.fromkeys(("rows", "content"), asked), expects, growing), accepted


def told(now, table="public.orders", **more):
    return [each.check for each in judge(now, **more)[0].of(table)]


def test_what_is_as_it_was_is_no_news_and_what_is_not_is():
    assert told(side(2, 10)) == []
    assert told(side(2, 11)) == ["content"]
    assert told(side(1, 11)) == ["rows", "content"]


def test_a_table_that_no_case_is_about_is_not_told():
    assert told(side(1, 11), asked=["public.log"]) == []


def test_what_is_accepted_is_not_told_and_no_waiver_counts_it():
    waiver = Waiver("content", reason="it may", until=TODAY, identity="public.orders")
    judged, accepted = judge(side(2, 11), [waiver])

    assert judged.of("public.orders") == ()
    assert [each.subject for each in judged.of("public.log")] == ["public.log"]
    assert accepted.used == ()
    assert accepted.unused(["content"]) == (waiver,)


def test_what_may_grow_and_a_materialized_view_are_left_to_the_checks():
    assert told(side(1, 11), growing=["public.orders"]) == []
    assert told(side(1, 11), table=VIEW) == []


def test_rows_with_other_columns_read_otherwise_and_their_number_is_news():
    assert told(side(2, 11, column="bigint")) == []
    assert told(side(1, 11, column="bigint")) == ["rows"]


def test_a_fingerprint_that_cannot_be_compared_is_no_news():
    old = side(2, 10)
    old.snapshot.facets["content"] = dict.fromkeys(EVERY, "i1:11")

    assert told(old) == []


def test_where_nobody_knows_the_tables_there_is_no_news():
    unknown = Recorded(Snapshot(ORIGIN, {"rows": {"public.orders": "1"}}), "a side")

    assert told(unknown) == []


class Reading(Recorded):
    """A side that reads."""

    done = False

    def has_read(self, table):
        return self.done and table in TABLES


@pytest.mark.parametrize("which", ["before", "after"])
def test_nothing_is_asked_of_a_side_that_still_reads(which):
    sides = {"before": side(2, 10), "after": side(2, 11)}
    sides[which] = reading = Reading(sides[which].snapshot, "a side")
    expects = lambda check: Expect(check, sides["before"], sides["after"], Waivers((), TODAY))  # noqa: E731
    judged = SoFar.about({"content": TABLES}, expects, ())

    assert judged.of("public.orders") == ()
    reading.done = True
    assert len(judged.of("public.orders")) == 1


def test_a_check_tells_what_is_bad_before_it_looks_for_evidence():
    heard = []
    expect = Expect("rows", side(2, 10), side(1, 11), Waivers((), TODAY), hears=heard.append)
    one = TableGroup("orders", frozenset(["public.orders"]))

    with pytest.raises(NotRestored) as failed:
        expect.restored("rows", one, rows=lambda _: heard.append("evidence"))
    assert heard == [failed.value.findings, "evidence"]
    with pytest.raises(Exception, match="to know about"):
        expect.restored("rows", one, heals=lambda _: True)
    assert len(heard) == 2
