"""Roles come and go for other databases of the server: what is no concern of this one is no difference, and the rest is."""

import re

import psycopg
import pytest
from psycopg import RawCursor

from rollproof.catalog.queries import queries
from rollproof.model.compare import compare
from rollproof.model.facets import facets_where
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.sources.recorded import Recorded
from rollproof.sources.shared_objects import note_of_changes, of_other_databases
from rollproof.sources.table_groups import EVERYTHING
from rollproof.throwaway.servers.server import fresh_name

SHARED = sorted(facets_where(lambda row: row.shared))

BEFORE = """
CREATE TABLE t (id integer);
CREATE ROLE r_owner; ALTER TABLE t OWNER TO r_owner; CREATE ROLE r_group; GRANT SELECT ON t TO r_group;
CREATE ROLE r_app LOGIN IN ROLE r_group; CREATE ROLE r_watch LOGIN IN ROLE pg_monitor; ALTER ROLE r_app SET work_mem = '1MB';
CREATE ROLE r_other LOGIN; CREATE ROLE r_others IN ROLE r_other; ALTER ROLE r_other SET work_mem = '1MB';
CREATE ROLE "r IN b" IN ROLE "r_group"
"""

OF_OTHERS = (
    "CREATE ROLE r_new",
    "CREATE ROLE r_new LOGIN CREATEDB VALID UNTIL '2030-01-01' IN ROLE r_group, pg_monitor; ALTER ROLE r_new SET role = r_group",
    'CREATE ROLE "R FOR x IN DATABASE" LOGIN IN ROLE r_group; ALTER ROLE "R FOR x IN DATABASE" SET work_mem = \'2MB\'',
    "DROP ROLE r_app",
    "DROP ROLE r_watch",
    'DROP ROLE "r IN b"',
    "DROP ROLE r_others; DROP ROLE r_other",
    "ALTER ROLE r_other NOLOGIN CREATEDB; ALTER ROLE r_other SET work_mem = '3MB'; REVOKE r_other FROM r_others",
    "ALTER ROLE r_other RENAME TO r_another",
)
OURS = {
    "ALTER ROLE r_app NOLOGIN": {"roles: r_app"},
    "REVOKE r_group FROM r_app": {"roles: r_app IN r_group"},
    'REVOKE r_group FROM "r IN b"': {'roles: "r IN b" IN r_group'},
    "ALTER ROLE r_app RESET work_mem": {"settings: work_mem FOR ROLE r_app"},
    "ALTER ROLE r_owner LOGIN": {"roles: r_owner"},
    "REVOKE ALL ON t FROM r_group": {"privileges: public.t (table) TO r_group"},
    "GRANT SELECT ON t TO r_other": {"privileges: public.t (table) TO r_other"},
    "GRANT r_group TO r_other": {"roles: r_other IN r_group"},
    "CREATE ROLE r_new BYPASSRLS": {"roles: r_new"},
    "CREATE ROLE r_new SUPERUSER IN ROLE r_group": {"roles: r_new", "roles: r_new IN r_group"},
    "CREATE ROLE r_new; GRANT SELECT ON t TO r_new": {"roles: r_new", "privileges: public.t (table) TO r_new"},
    "CREATE ROLE r_new; GRANT CREATE ON DATABASE DATABASE_NAME TO r_new": {"roles: r_new", "privileges: this (database) TO r_new"},
    "CREATE ROLE r_new; CREATE POLICY p ON t TO r_new USING (true)": {"roles: r_new"},
    "CREATE ROLE r_new; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO r_new": {"roles: r_new"},
    "CREATE ROLE r_new; ALTER ROLE r_new IN DATABASE DATABASE_NAME SET work_mem = '9MB'": {
        "roles: r_new",
        "settings: work_mem FOR ROLE r_new IN DATABASE",
    },
    "ALTER TABLE t OWNER TO CURRENT_USER; DROP ROLE r_owner": {"roles: r_owner", "owners: public.t (table)"},
    "ALTER ROLE ALL SET work_mem = '3MB'": {"settings: work_mem FOR ROLE ALL"},
}  # fmt: skip


@pytest.fixture(scope="module")
def connection(server):
    """A session that made the roles, in a transaction."""
    name = fresh_name()
    server.create(name)
    with psycopg.connect(server.dsn(name)) as connection:
        connection.execute(BEFORE)
        yield connection
        connection.rollback()
    server.drop(name)


@pytest.fixture
def attempt(connection):
    """A part of the transaction that is taken back after the test."""
    with connection.transaction(force_rollback=True):
        yield connection


def side(connection):
    """Return what was, or is, in the facets that roles and tablespaces appear in."""
    facets = {}
    with connection.transaction():
        connection.execute("SET LOCAL search_path = ''")
        for facet in SHARED:
            sql = queries(connection.info.server_version)[facet]
            rows = (
                RawCursor(connection).execute(sql, [["public"]] if "$1" in re.sub("--.*", "", sql) else None).fetchall()
            )
            facets[facet] = dict(row[:2] for row in rows if row[0].partition(" ")[0] != "rollproof_")
        connection.execute("SET LOCAL search_path = public")
    origin = Origin("d", "1", connection.info.server_version, "now", None, "0")
    return Recorded(Snapshot(origin, facets), "it")


def left(before, after):
    """Return the differences that are this database's concern."""
    return {
        f"{facet}: {found.identity}"
        for facet in SHARED
        for found in compare(facet, before.known(facet, EVERYTHING).facts, after.known(facet, EVERYTHING).facts)
        if not of_other_databases(facet, before, after)(found)
    }


def there_and_back(connection, change):
    """Return what a change makes different, and what taking it back makes different."""
    before = side(connection)
    with connection.transaction(force_rollback=True):
        connection.execute(change.replace("DATABASE_NAME", connection.info.dbname))
        after = side(connection)
    return left(before, after), left(after, before)


def test_what_others_do_with_their_roles_is_no_difference_there_and_back(connection):
    found = {change: there_and_back(connection, change) for change in OF_OTHERS}

    assert {change: both for change, both in found.items() if both != (set(), set())} == {}


def test_what_is_done_to_a_role_that_counts_here_is_one_there_and_back(connection):
    found = {change: there_and_back(connection, change) for change in OURS}

    assert {change: both for change, both in found.items() if both != (OURS[change], OURS[change])} == {}


def test_what_came_and_went_is_told(attempt):
    before = side(attempt)
    attempt.execute(
        'CREATE ROLE r_new IN ROLE r_group; CREATE ROLE "r new"; DROP ROLE r_watch; CREATE ROLE r_lord SUPERUSER'
    )

    assert note_of_changes("roles", before, side(attempt)) == (
        'roles that hold nothing of their own in this database are not compared: came "r new", r_new; went r_watch'
    )
    assert note_of_changes("roles", before, before) is None
