"""A self-test where the database hinders whoever connects: by its settings, its event triggers, its encoding."""

import psycopg
import pytest

from rollproof.rehearsal.faults.listing import faults_of
from rollproof.rehearsal.selftest.ground import ground
from rollproof.rehearsal.selftest.superuser import superuser
from rollproof.rehearsal.selftest.trial import plant, planted
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.throwaway.servers.server import fresh_name

NAMES = "CREATE TABLE tä (id integer PRIMARY KEY, nö text DEFAULT 'ß'); INSERT INTO tä VALUES (1, 'é')"
SHUT = """
CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''never''; END';
CREATE EVENT TRIGGER never ON ddl_command_start EXECUTE FUNCTION no(); ALTER EVENT TRIGGER never ENABLE ALWAYS
"""
SUBSCRIBED = "CREATE SUBSCRIPTION s CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE)"
HINDERING = {"default_transaction_read_only": "on", "statement_timeout": "'20ms'", "quote_all_identifiers": "on"}


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_faults_are_planted_whatever_the_database_sets(server, encoding):
    name = fresh_name()
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} ENCODING {encoding} LOCALE 'C' TEMPLATE template0")
        try:
            with psycopg.connect(server.dsn(name), autocommit=True, client_encoding="latin1") as connection:
                connection.execute(NAMES.encode("latin1"))
                if server.version >= 170_000:
                    connection.execute(SHUT)
            for setting, value in HINDERING.items():
                admin.execute(f"ALTER DATABASE {name} SET {setting} = {value}")
            known = Configured(Settings(database_url=server.dsn(name)), None)
            with ground(known, server.dsn(name), 5, str) as made:
                with superuser(made.world) as session:
                    (fault,) = (each for each in faults_of(session) if each.name == "default lost")
                assert made.is_superuser
                assert plant(made, [fault]) == {}
                with superuser(made.world) as session:
                    session.execute(SUBSCRIBED)
                made.renew()
                with planted(made, [fault]) as refused:
                    assert refused == {}
        finally:
            server.drop(name)
