"""The throw-away database of a self-test: who verifies there, as at home, and which servers and sources it is not made of."""

import os
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rollproof.model.errors import Misuse
from rollproof.rehearsal.selftest.ground import ground
from rollproof.rehearsal.selftest.verifier import Verifier, _rename
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.throwaway.servers.provide import provide

BY_NIGHT = pytest.mark.skipif(
    os.environ.get("ROLLPROOF_SELFTEST") != "each", reason="by night: ROLLPROOF_SELFTEST=each"
)
ROLES = "CREATE ROLE selftest_login; CREATE ROLE selftest_set; GRANT selftest_set TO selftest_login"


def asked(**settings):
    return Configured(Settings(**settings), None)


@pytest.fixture
def world(server):
    """An empty database, and two roles."""
    made = World(server)
    server.create(made.database)
    with psycopg.connect(made.url, autocommit=True) as admin:
        admin.execute(ROLES)
    yield made
    server.drop(made.database)
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute("DROP ROLE selftest_login, selftest_set")


def test_a_role_that_the_copy_lacks_is_told(world):
    with pytest.raises(Misuse, match=r"the role nobody of --database-url is not in the copy"):
        Verifier("nobody", "nobody").url(world)


def test_a_role_keeps_what_its_address_sets(world):
    """SET ROLE by the options of the address, and no word of another server's."""
    url = Verifier("selftest_login", "selftest_set", "-c role=selftest_set").url(world)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT session_user, current_user").fetchone() == (
            "selftest_login",
            "selftest_set",
        )


def test_a_server_that_others_use_is_refused(server):
    known = asked(database_url=server.url, server=server.url)
    with pytest.raises(Misuse, match="works on no server that others use"), ground(known, server.url, 1, print):
        pass


def test_a_source_is_needed():
    with pytest.raises(Misuse, match="--database-url names the database"), ground(asked(), "", 1, print):
        pass


@contextmanager
def managed():
    """A server as a provider runs it: its first superuser is the provider's, and postgres is none."""
    server = provide("auto")
    try:
        _rename(server, "postgres", "cloudadmin")
        with psycopg.connect(server.url, autocommit=True) as admin:
            admin.execute(
                "CREATE ROLE postgres CREATEROLE CREATEDB LOGIN PASSWORD 'x'; GRANT pg_read_all_data TO postgres"
            )
            admin.execute("CREATE DATABASE shop OWNER postgres")
        with psycopg.connect(server.dsn("shop"), autocommit=True) as admin:
            admin.execute("SET ROLE postgres; CREATE TABLE public.t (id int)") if server.version < 150000 else None
            admin.execute(
                "RESET ROLE; CREATE SCHEMA own AUTHORIZATION postgres; SET ROLE postgres; CREATE TABLE own.t (id int)"
            )
        parts = conninfo_to_dict(server.dsn("shop"))
        yield server, make_conninfo(**{**parts, "user": "postgres", "password": "x"})
    finally:
        server.stop()


@BY_NIGHT
def test_a_managed_service_keeps_its_postgres_who_is_no_superuser():
    with managed() as (_, url), ground(asked(database_url=url), url, 5, print) as made:
        assert (made.role, made.is_superuser) == ("postgres", False)
        with psycopg.connect(made.role_url) as connection:
            assert connection.execute(
                "SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone() == (
                "postgres",
                False,
            )
        with psycopg.connect(made.world.url) as connection:
            assert connection.execute("SELECT current_user::text").fetchone() == ("cloudadmin",)
            assert connection.execute("SELECT tableowner FROM pg_tables WHERE schemaname = 'own'").fetchone() == (
                "postgres",
            )
        made.renew()
        psycopg.connect(made.role_url).close()
