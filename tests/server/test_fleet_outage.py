"""What may pass by itself is tried again; a wrong password or name is not: it will be wrong again, and may lock the account."""

import psycopg
import pytest

from fixtures.every import every
from rollproof.fleet.outage import may_pass, says_so
from rollproof.model.errors import Crowded, Inconclusive, Misuse
from rollproof.server.connection import Target, connect
from rollproof.server.sqlstates import reason


@every(
    "error",
    [
        psycopg.OperationalError("the connection is lost"),
        psycopg.errors.AdminShutdown("terminating connection due to administrator command"),
        psycopg.errors.CrashShutdown("terminating connection because of crash of another server process"),
        psycopg.errors.ConnectionFailure("gone"),
    ],
)
def test_a_connection_that_was_lost_may_pass_however_it_is_told(error):
    assert says_so(reason(error, "role"))


def test_a_server_that_is_away_or_full_may_pass():
    with pytest.raises(Inconclusive) as away:
        connect(Target.parse("postgresql://127.0.0.1:1/d"))

    assert may_pass(away.value)
    assert may_pass(Crowded("too many"))
    assert not may_pass(Misuse("Connection refused"))


def test_what_is_wrong_stays_wrong(server):
    wrong = server.dsn("there_is_no_such_database")
    with pytest.raises(Inconclusive) as refused:
        connect(Target.parse(wrong))

    assert not may_pass(refused.value)


@every(
    "text",
    [
        'password authentication failed for user "me"',
        "no password supplied",
        'role "me" does not exist',
        "certificate verify failed",
        "no pg_hba.conf entry for host",
        "PostgreSQL 13; 14 is the oldest we can read",
        "permission denied for table orders",
        "another session holds a lock on it (canceling statement due to lock timeout)",
    ],
)
def test_what_only_somebody_can_mend_is_not_tried_again(text):
    assert not says_so(text)
