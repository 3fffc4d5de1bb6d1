"""A role that could do more than read is told why, whoever it becomes at its login."""

import psycopg
import pytest

from fixtures.readers import execute
from rollproof.commands.provenance import seen
from rollproof.model.provenance import NOTHING, Client, Provenance
from rollproof.probes.role_privileges import advice
from rollproof.server.reader import Limits, SnapshotReader, Target

ROLES = {  # how a role is made, and what is told of it
    "": "",
    "CREATEROLE": "has CREATEROLE",
    "REPLICATION": "has REPLICATION",
    "IN ROLE pg_write_all_data": "is a member of pg_write_all_data",
    "IN ROLE pg_execute_server_program": "is a member of pg_execute_server_program",
    "IN ROLE owns_it": "may take the rights of the owner of 1 tables",
    "IN ROLE pg_read_all_data": "",
    "NOINHERIT IN ROLE owns_it": "may take the rights of the owner of 1 tables",
}


def notes_of(url, role):
    """Return what is told to a role that logs in."""
    target = Target({**Target.parse(url).parameters, "user": role, "password": "some-body"})
    with SnapshotReader(target, Limits(jobs=1)) as view:
        return advice(view, ["public"]).notes


def test_who_could_do_more_than_read_is_told_why(database):
    execute(database, "CREATE ROLE owns_it", "CREATE TABLE thing ()", "ALTER TABLE thing OWNER TO owns_it")
    roles = {made: f"somebody_{number}" for number, made in enumerate(ROLES)}
    try:
        for made, role in roles.items():
            execute(database, f"CREATE ROLE {role} LOGIN PASSWORD 'some-body' {made}")
        told = {made: notes_of(database, role) for made, role in roles.items()}
    finally:
        execute(database, "DROP TABLE thing", *(f"DROP ROLE IF EXISTS {role}" for role in (*roles.values(), "owns_it")))

    assert {made: len(notes) for made, notes in told.items()} == {made: bool(says) for made, says in ROLES.items()}
    assert {made: notes for made, notes in told.items() if ROLES[made] not in "".join(notes)} == {}


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
