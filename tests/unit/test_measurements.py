"""What a run measured beside its cases."""

import datetime
from types import SimpleNamespace

import pytest

from rollproof.commands.measurements import measured
from rollproof.commands.stopwatch import Stopwatch
from rollproof.model.compare import Difference
from rollproof.rows.scan import Part, Scan, TableScan, timed
from rollproof.rows.tables import Relation
from rollproof.settings.waiver import Waiver
from rollproof.verdict.measured import AnswerTime, Stage, TableRead, Waived
from rollproof.verdict.waivers import Waivers

UNTIL = datetime.date(2027, 3, 31)
KEPT = Waiver("columns", "public.t.a", "kept", UNTIL)
SOME = Waiver("indexes", reason="many", until=UNTIL, identity_pattern="public.t.*", at_most=5)
IDLE = Waiver("columns", "public.t.b", "never met", UNTIL)


def side(tables, known, recorded=(), **seconds):
    return SimpleNamespace(
        tables=tables, read_by_now=lambda: known, recorded=dict(recorded), seconds=lambda: seconds, name="it"
    )


def test_a_report_says_what_is_known_of_each_table_and_answer_of_both_sides():
    before = side(["a", "gone"], {"a": TableScan(3), "gone": TableScan(1)}, {"endpoint_seconds": {"me": "0.250"}})
    after = side(["a", "new"], {"a": TableScan(2, 8192, 0.5), "new": TableScan(None, 16384)}, rows=2.0)
    sides = SimpleNamespace(before=before, after=after, copies=side([], {}), accepted=Waivers((), UNTIL))

    told = measured(sides, {"me": 0.5, "other": 0.25}, (Stage("connecting", 1.0),))

    assert told["tables"] == (
        TableRead("a", 3, 2, 8192, 0.5),
        TableRead("gone", 1),
        TableRead("new", None, None, 16384),
    )
    assert told["answers"] == (AnswerTime("me", 0.25, 0.5), AnswerTime("other", None, 0.25))
    assert told["stages"] == (
        Stage("connecting", 1.0),
        Stage("reading rows of the database", 2.0),
        Stage("asking endpoints", 0.75),
    )
    alone = SimpleNamespace(before=after, after=after, copies=side([], {}), accepted=Waivers((), UNTIL))
    assert measured(alone, {}, ())["tables"][0] == TableRead("a", None, 2, 8192, 0.5)


def test_a_waiver_that_was_used_is_told_with_how_much_it_took():
    """The same difference met twice counts once; what was expected of any migration was waived by nobody."""
    expected = Waiver("tables", "public.alembic_version", "a book of the tool", UNTIL)
    waivers = Waivers((KEPT, SOME, IDLE), UNTIL, expected=(expected,))
    found = [Difference("indexes", f"public.t.i{number}", "x", None) for number in range(3)]
    for _ in range(2):
        waivers.accept([Difference("columns", "public.t.a", "text", "uuid"), *found])
    waivers.accept([Difference("tables", "public.alembic_version", None, "table")])
    sides = SimpleNamespace(before=side([], {}), after=side([], {}), copies=side([], {}), accepted=waivers)

    assert measured(sides, {}, ())["waived"] == (
        Waived("columns", "public.t.a", "kept", UNTIL, 1),
        Waived("indexes", "public.t.*", "many", UNTIL, 3),
    )


def test_tables_that_are_read_together_share_the_seconds_by_their_sizes():
    small, large, unknown = (Relation(name, (), pages, 1, heap=True) for name, pages in (("s", 0), ("l", 2), ("u", -1)))
    parts = {each: Part(1, 1, "f", "i") for each in "slu"}

    took = {name: part.seconds for name, part in timed(parts, Scan((small, large, unknown), 2), 5.0).items()}

    assert took == {"s": 1.0, "l": 3.0, "u": 1.0}


def test_parts_of_one_name_are_added_up_also_where_one_fails():
    watch = Stopwatch()
    watch.add("reading", 1.5)
    watch.add("reading", 0.5)
    with pytest.raises(ZeroDivisionError), watch.time("opening"):
        1 / 0  # noqa: B018 (it fails)

    assert [stage.name for stage in watch.stages] == ["reading", "opening"]
    assert watch.stages[0].seconds == 2.0
