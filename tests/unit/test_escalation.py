"""Who is called next: since when a phase is red by the timeline, and which level that reaches."""

from datetime import UTC, datetime, timedelta

import pytest

from rollproof.model.errors import Misuse
from rollproof.model.event import Entry, Event
from rollproof.settings.configuration import resolve
from rollproof.settings.people import Escalation
from rollproof.verdict.escalation import levels_told, next_call, red_since

BEGAN = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
LEVELS = (Escalation("DBA", "database", 15), Escalation("CTO", "board", 60))
CONTACTS = {"database": "Ann, +49 30", "board": "Cem"}
# Each is a run, ten minutes apart: phase, exit code, and what else is to be known.
RED = {
    "nothing": ([], None),
    "good": ([("post_rollback", 0)], None),
    "red": ([("post_rollback", 1)], ("post_rollback", 0)),
    "still red": ([("post_rollback", 1), ("post_rollback", 1)], ("post_rollback", 0)),
    "red again": ([("post_rollback", 1), ("post_rollback", 0), ("post_rollback", 1)], ("post_rollback", 20)),
    "good since": ([("post_rollback", 1), ("post_rollback", 0)], None),
    "undecided since": ([("post_rollback", 1), ("post_rollback", 7)], ("post_rollback", 0)),
    "interrupted since": ([("post_rollback", 1), ("post_rollback", 130)], ("post_rollback", 0)),
    "good of a part": ([("post_rollback", 1), ("post_rollback", 0, "PARTLY VERIFIED")], ("post_rollback", 0)),
    "good elsewhere": ([("post_rollback", 1), ("post_rollback", 0, "VERIFIED", "other")], ("post_rollback", 0)),
    "a later phase": ([("post_migration", 1), ("pre_rollback", 0)], None),
    "a later phase is red": ([("post_migration", 1), ("post_rollback", 1)], ("post_rollback", 10)),
    "an earlier phase": ([("post_rollback", 1), ("pre_rollback", 0)], ("post_rollback", 0)),
    "a watch": ([("post_rollback", 0), ("watch", 1)], ("watch", 10)),
    "a good watch": ([("post_rollback", 1), ("watch", 0)], ("post_rollback", 0)),
    "a rehearsal": ([("rehearsal of post_rollback", 1)], None),
}


def entry(number, what, code, verdict="", database="shop"):
    at = (BEGAN + timedelta(minutes=10 * number)).isoformat()
    facts = {"database": database} | ({"rehearsal": "yes"} if "rehearsal" in what else {})
    event = Event("watch" if what == "watch" else "phase", what, verdict, code, facts=facts)
    return Entry(number + 1, at, "ann@db", event, "")


@pytest.mark.parametrize("case", RED)
def test_red_is_what_no_good_run_ended(case):
    runs, expected = RED[case]

    found = red_since([entry(number, *run) for number, run in enumerate(runs)])

    assert (found and (found.what, (found.since - BEGAN).total_seconds() / 60)) == expected


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (1, "60 seconds: first at 02:15Z DBA (database: Ann, +49 30)"),
        (15, "15 minutes: call DBA (database: Ann, +49 30), level 1 of 2; then at 03:00Z CTO (board: Cem)"),
        (90, "90 minutes: call CTO (board: Cem), level 2 of 2"),
        (-30, "which is later than now by this machine's clock: first at 02:15Z DBA (database: Ann, +49 30)"),
    ],
)
def test_who_is_next_depends_on_how_long_it_is_red(minutes, said):
    red = red_since([entry(0, "post_rollback", 1)])

    assert (
        next_call(red, LEVELS, CONTACTS, BEGAN + timedelta(minutes=minutes))
        == f"post_rollback is red since 02:00Z, {said}"
    )


def test_without_levels_it_says_so_and_without_red_nothing():
    red = red_since([entry(0, "post_rollback", 1)])

    assert next_call(red, (), {}, BEGAN).endswith("; nobody is named under [[escalation]]")
    assert next_call(None, LEVELS, CONTACTS, BEGAN) == ""
    assert next(levels_told(LEVELS, CONTACTS)) == "after 15 minutes: DBA (database: Ann, +49 30)"


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        (
            [("DBA", "databse", 0)],
            "[[escalation]] 'DBA' calls 'databse', which is not under [contacts]; did you mean `database`?",
        ),
        (
            [("DBA", "database", 30), ("CTO", "board", 30)],
            "later than the one before: 'DBA' after 30 min, then 'CTO' after 30",
        ),
    ],
)
def test_levels_that_nobody_could_follow_are_refused(levels, said, tmp_path):
    file = tmp_path / "rollproof.toml"
    told = [
        f'[[escalation]]\nlevel = "{name}"\ncontact = "{who}"\nafter_minutes = {minutes}\n'
        for name, who, minutes in levels
    ]
    file.write_text('[contacts]\ndatabase = "Ann"\nboard = "Cem"\n' + "".join(told))

    with pytest.raises(Misuse) as caught:
        resolve({}, {}, file)

    assert said in str(caught.value)
