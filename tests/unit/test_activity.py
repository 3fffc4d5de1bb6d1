"""Sessions that are in the way, as they are told."""

import pytest

from rollproof.model.errors import Inconclusive
from rollproof.probes.activity import Backend, blocking, other_sessions

WRITER = Backend(1, "app", "shop", "active", 0.5, ())
IDLER = Backend(2, "Odd User", "", "idle in transaction", 90, ())


def told(*found, longest=60.0):
    return [(each.subject, each.sentence) for each in blocking(found, longest, "verifier")]


ODD = 'user "Odd User", application without a name'


def test_a_short_transaction_is_not_in_the_way_and_a_long_one_is():
    assert told(WRITER) == []
    assert told(WRITER, IDLER) == [
        (ODD, f"process 2 has had a transaction open for 90 s (state: idle in transaction) ({ODD})"),
    ]


def test_what_is_hidden_is_asked_for_after_what_is_seen():
    found = blocking([IDLER, Backend(3, "app", "", "", 0, ())], 60, "verifier")

    assert next(found).sentence.startswith("process 2")
    with pytest.raises(Inconclusive, match="GRANT pg_read_all_stats TO verifier"):
        next(found)


def test_sessions_of_one_application_are_told_together():
    several = [Backend(pid, "app", "shop", "idle", 0, ()) for pid in (5, 6)]

    assert [each.sentence for each in other_sessions([*several, IDLER])] == [
        f"{ODD}, is still connected: 1 session, process 2",
        "user app, application shop, is still connected: 2 sessions, processes 5, 6",
    ]
