"""PostgreSQL's errors by SQLSTATE: what the user can do, and what is not repeated of their words."""

import psycopg
from psycopg import errors

from fixtures.every import every
from rollproof.model.errors import Inconclusive
from rollproof.server import sqlstates
from rollproof.server.sqlstates import reason

TABLE = 'public."Orders"'


class RaisedInFunction(psycopg.Error):
    """As PL/pgSQL raises it."""

    sqlstate = "P0001"


@every(
    ("error", "says"),
    [
        (errors.OutOfMemory("out of shared memory"), "raise max_locks_per_transaction"),
        (errors.OutOfMemory("out of memory"), "raise its memory"),
        (errors.DiskFull('could not write to file "base/pgsql_tmp/x": No space left on device'), "make room"),
        (errors.TooManyConnections("sorry, too many clients already"), "lower --jobs"),
        (errors.ConfigurationLimitExceeded("temporary file size exceeds temp_file_limit"), "raise it for this role"),
        (errors.LockNotAvailable("canceling statement due to lock timeout"), "raise --lock-timeout"),
        (errors.QueryCanceled("canceling statement due to statement timeout"), "raise --statement-timeout"),
        (errors.SerializationFailure("conflict with recovery"), "hot_standby_feedback"),
        (errors.UndefinedFunction("function f() does not exist"), "SET search_path"),
        (errors.AdminShutdown("terminating connection"), "run again when the server is steady"),
        (psycopg.OperationalError("server closed the connection unexpectedly"), "run again when the server is steady"),
        (errors.InternalError_("cache lookup failed"), "the server failed: cache lookup failed"),
        (errors.ObjectInUse("it is in use"), "the server failed: it is in use"),
        (psycopg.InterfaceError("the cursor is closed"), "the server failed: the cursor is closed"),
    ],
)
def test_what_a_server_refuses_is_said_with_the_way_out(error, says):
    assert says in reason(error, "reader")


@every(
    ("message", "table", "grant"),
    [
        (
            "permission denied for table Orders",
            TABLE,
            f'GRANT USAGE ON SCHEMA public TO "the reader"; GRANT SELECT ON {TABLE} TO "the reader"',
        ),
        ("permission denied for table Orders", None, 'GRANT pg_read_all_data TO "the reader"'),
        (
            "permission denied for table pg_statistic",
            TABLE,
            'GRANT SELECT ON pg_catalog.pg_statistic TO "the reader"',
        ),
        (
            "permission denied for view pg_stats_ext",
            None,
            'GRANT SELECT ON pg_catalog.pg_stats_ext TO "the reader"',
        ),
        (
            'query would be affected by row-level security policy for table "Orders"',
            TABLE,
            'its rows are hidden from "the reader": ALTER ROLE "the reader" BYPASSRLS, or use a superuser',
        ),
    ],
)
def test_what_a_role_may_not_read_is_said_with_the_one_grant_that_it_lacks(message, table, grant):
    assert reason(errors.InsufficientPrivilege(message), "the reader", table) == f"{message}\n{grant}"


@every(
    "message",
    [
        'invalid input syntax for type integer: "hunter2"',
        "value 4711 is out of range",
        'character with byte sequence 0xe4 0xFF in encoding "LATIN1"',
    ],
)
def test_the_values_that_an_error_about_data_quotes_are_not_repeated(message):
    told = reason(errors.InvalidTextRepresentation(message), "reader")

    assert "…" in told
    assert not [value for value in ("hunter2", "4711", "e4", "FF") if value in told]


def test_the_words_of_a_users_own_function_are_not_repeated():
    told = reason(RaisedInFunction("hunter2 is taken"), "reader")

    assert "hunter2" not in told
    assert "a function of a user's raised an error of its own (P0001)" in told


def test_several_lines_become_one():
    assert "lost \n" not in (told := reason(psycopg.OperationalError("lost  \n  it\n"), "reader"))
    assert "(lost it)" in told


def test_the_refusal_behind_an_error_of_ours_is_its_cause():
    refusal, ours = errors.DiskFull("full"), Inconclusive("not read")
    ours.__cause__ = refusal

    assert sqlstates.cause(refusal) is refusal
    assert sqlstates.cause(ours) is refusal
    assert sqlstates.cause(Inconclusive("not read")) is None


def test_only_a_lacking_right_closes_something_to_a_role():
    denied = errors.InsufficientPrivilege("permission denied for table pg_authid")

    assert sqlstates.not_open_to_role(denied, "reader") == (
        "permission denied for table pg_authid: GRANT SELECT ON pg_catalog.pg_authid TO reader"
    )
    assert sqlstates.not_open_to_role(errors.DiskFull("full"), "reader") is None
    assert sqlstates.not_open_to_role(Inconclusive("not read"), "reader") is None
