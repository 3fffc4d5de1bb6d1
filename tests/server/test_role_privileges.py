"""A role that could do more than read is told why, whoever it becomes at its login."""

import psycopg
import pytest

from rollproof.commands.provenance import seen
from rollproof.model.provenance import NOTHING, Client, Provenance
from rollproof.probes.role_privileges import advice
from rollproof.server.reader import Limits, SnapshotReader, Target


@pytest.mark.parametrize(
    ("made", "says"),
    [
        ("", None),
        ("CREATEROLE", "has CREATEROLE"),
        ("REPLICATION", "has REPLICATION"),
        ("IN ROLE pg_write_all_data", "is a member of pg_write_all_data"),
        ("IN ROLE pg_execute_server_program", "is a member of pg_execute_server_program"),
        ("IN ROLE owns_it", "may take the rights of the owner of 1 tables"),
        ("IN ROLE pg_read_all_data", None),
        ("NOINHERIT IN ROLE owns_it", "may take the rights of the owner of 1 tables"),
    ],
)
def test_who_could_do_more_than_read_is_told_why(made, says, database):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE ROLE owns_it; CREATE TABLE thing (); ALTER TABLE thing OWNER TO owns_it")
        connection.execute(f"CREATE ROLE somebody LOGIN PASSWORD 'some-body' {made}")
    try:
        target = Target({**Target.parse(database).parameters, "user": "somebody", "password": "some-body"})
        with SnapshotReader(target, Limits(jobs=1)) as view:
            notes = advice(view, ["public"]).notes
    finally:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("DROP TABLE thing; DROP ROLE somebody; DROP ROLE owns_it")

    assert len(notes) == bool(says)
    assert says is None or says in notes[0]


@pytest.mark.promise
def test_settings_that_decide_at_login_who_we_are_are_named(database):
    """The verifier logs in as one role and is made another; the head names both, and the advice judges the one that logged in."""
    name = Target.parse(database).parameters["dbname"]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE ROLE meek; CREATE ROLE proud LOGIN SUPERUSER PASSWORD 'proud-one'")
        connection.execute(f"ALTER ROLE proud IN DATABASE {name} SET role = 'meek'")
    try:
        target = Target({**Target.parse(database).parameters, "user": "proud", "password": "proud-one"})
        with SnapshotReader(target, Limits(jobs=1)) as view:
            notes = advice(view, ["public"]).notes
            source, role = seen(view), view.role
    finally:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("DROP ROLE proud; DROP ROLE meek")

    assert (source.session_role, source.role) == ("proud", "meek")
    assert role == "meek"  # whom a missing grant has to be given to
    told = Provenance("it", source, NOTHING, Client("anna", "laptop")).head
    assert "anna@laptop as role meek (logged in as proud)" in dict(told)["Run by"]
    assert "role proud is a superuser" in notes[0]
    assert f"role=meek FOR ROLE proud IN DATABASE {name}" in notes[1]
