"""What a rehearsal is tried on is as its source is, whatever kind of source that is; and what is left out is said."""

import subprocess
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from fixtures.museum import furnished
from rollproof.commands.verification import Opening
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.server.pg_binaries import pg_dump
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.sources.source import CONTENT
from rollproof.sources.table_groups import EVERYTHING
from rollproof.throwaway.servers.provide import of_major, provide
from rollproof.throwaway.servers.server import fresh_name
from rollproof.throwaway.source.build import built
from rollproof.throwaway.source.built import How
from rollproof.throwaway.source.where import Source
from rollproof.verdict.repairs import Repairs

SHOP = Path(__file__).parents[2] / "scenarios" / "cases" / "shop.sql"
# Roles belong to a whole server, so the original has one of its own.
ODDITIES = """
CREATE ROLE plain; CREATE ROLE "we""ird \n role" CREATEROLE; GRANT plain TO "we""ird \n role"; CREATE ROLE great SUPERUSER;
CREATE SCHEMA yard AUTHORIZATION plain; CREATE TABLE yard.t (a integer); ALTER TABLE yard.t OWNER TO "we""ird \n role";
CREATE TABLE granted (a integer); GRANT SELECT ON granted TO plain WITH GRANT OPTION; ALTER TABLE granted OWNER TO great;
CREATE POLICY p ON granted TO plain, "we""ird \n role" USING (true); ALTER TABLE granted ENABLE ROW LEVEL SECURITY;
ALTER DEFAULT PRIVILEGES FOR ROLE plain GRANT SELECT ON TABLES TO great;
ALTER ROLE plain SET search_path = a, "b c"; ALTER DATABASE shop SET work_mem = '5MB'; COMMENT ON DATABASE shop IS 'it;
''s ours';
ALTER ROLE plain IN DATABASE shop SET work_mem = '6MB';
REVOKE CONNECT ON DATABASE shop FROM PUBLIC; GRANT CONNECT ON DATABASE shop TO plain;
CREATE MATERIALIZED VIEW filled AS SELECT 1 AS a; CREATE MATERIALIZED VIEW empty AS SELECT 1 AS a WITH NO DATA;
ALTER TABLE scans DISABLE TRIGGER ALL; SELECT setval('orders_id_seq', 900);
CREATE INDEX broken ON parcels (weight); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass;
CREATE TABLE parted (k integer, v text) PARTITION BY LIST (k); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
INSERT INTO parted SELECT 1, E'tab\there' FROM generate_series(1, 5);
SELECT lo_from_bytea(4711, 'abc'); COMMENT ON LARGE OBJECT 4711 IS 'kept';
ANALYZE;
"""


@pytest.fixture(scope="module")
def original(server):
    """A server of the major of the usual one, with the shop on it; its URL."""
    running = provide(of_major("auto", server.version // 10_000))
    running.create("shop")
    with psycopg.connect(running.dsn("shop"), autocommit=True) as connection:
        connection.execute(SHOP.read_text("utf-8") + ODDITIES)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def target(server):
    """A server of our own where sources are built; roles of one are there when the next comes."""
    running = provide(of_major("auto", server.version // 10_000))
    yield running
    running.stop()


def differences(url, reference):
    """Return what differs between two databases: facts, then rows."""
    asked = Settings(database_url=url, other_database=True)
    with closing(Opening(asked, Reference.parse(reference), None).verification()) as sides:
        found = Repairs(sides.before, sides.after, sides.accepted).differences
        contents = [[side.known(facet, EVERYTHING).facts for facet in CONTENT] for side in (sides.before, sides.after)]
        return {(each.facet, each.identity): str(each) for each in found}, contents[0] == contents[1]


def make(source, target, **how):
    name = fresh_name()
    return built(Source.parse(str(source)), target, name, How(**how)), target.dsn(name)


def dumped(url, form, to):
    program, _ = pg_dump(18, None)
    subprocess.run([program, f"--format={form}", f"--file={to}", url], check=True)
    return to


@pytest.mark.parametrize("form", ["database", "custom", "directory", "tar", "plain"])
def test_it_is_as_its_source_is(form, original, target, tmp_path):
    url = original.dsn("shop")

    made, copy = make(url if form == "database" else dumped(url, form, tmp_path / "dump"), target)
    found, same_rows = differences(copy, url)

    assert made.left_out == ()
    print(found)
    assert same_rows
