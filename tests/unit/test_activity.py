"""Sessions that are in the way, as they are told."""

import pytest

from rollproof.model.errors import Inconclusive
from rollproof.probes.activity import Session, blocking, other_sessions

WRITER = Session(1, "app", "shop", "active", 0.5, ())
IDLER = Session(2, "Odd User", "", "idle in transaction", 90, ())


def told(*found, longest=60.0):
    return [(difference.identity, difference.after) for difference in blocking(found, longest, "verifier")]


def test_a_short_transaction_is_not_in_the_way_and_a_long_one_is():
    assert told(WRITER) == []
    assert told(WRITER, IDLER) == [
        (
            'user "Odd User", application without a name',
            "process 2 idle in transaction, its transaction has lasted 90 s",
        )
    ]


def test_what_is_hidden_is_asked_for_after_what_is_seen():
    found = blocking([IDLER, Session(3, "app", "", "", 0, ())], 60, "verifier")

    assert next(found).after.startswith("process 2")
    with pytest.raises(Inconclusive, match="GRANT pg_read_all_stats TO verifier"):
        next(found)


def test_sessions_of_one_application_are_told_together():
    several = [Session(pid, "app", "shop", "idle", 0, ()) for pid in (5, 6)]

    assert [difference.after for difference in other_sessions([*several, IDLER])] == [
        "1 session, process 2",
        "2 sessions, processes 5, 6",
    ]
