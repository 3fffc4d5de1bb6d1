"""PostgreSQL's errors by SQLSTATE: what the user can do."""

import psycopg
import pytest

from rollproof.server.sqlstates import reason


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (psycopg.errors.OutOfMemory("out of shared memory"), "raise max_locks_per_transaction"),
        (psycopg.errors.OutOfMemory("out of memory"), "raise its memory"),
        (psycopg.errors.DiskFull('could not write to file "base/pgsql_tmp/x": No space left on device'), "make room"),
    ],
    ids=["locks", "memory", "disk"],
)
def test_what_a_server_lacks_is_said_with_the_way_out(state, says):
    assert says in reason(state, "reader")
