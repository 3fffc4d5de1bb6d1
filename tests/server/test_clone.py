"""A clone is as its database is: definitions, owners, grants, roles, states and rows; but for what it says itself."""

from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from fixtures.readers import SCOPE, reader
from rollproof.commands.verification import Opening
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.sources.live import Live
from rollproof.sources.source import CONTENT
from rollproof.sources.table_groups import EVERYTHING
from rollproof.system.deadline import NEVER
from rollproof.throwaway.clone import QUIET, Clone
from rollproof.throwaway.cloned_rows import ClonedRows
from rollproof.throwaway.servers.provide import of_major, provide
from rollproof.throwaway.tamed import Tamed
from rollproof.verdict.repairs import Repairs

SHOP = Path(__file__).parents[2] / "scenarios" / "cases" / "shop.sql"
# Roles belong to a whole server, so the original has one of its own.
ODDITIES = """
CREATE ROLE plain; CREATE ROLE maker CREATEROLE; GRANT plain TO maker; CREATE ROLE great SUPERUSER;
CREATE SCHEMA yard AUTHORIZATION maker; CREATE TABLE yard.t (a integer); ALTER TABLE yard.t OWNER TO plain;
CREATE TABLE granted (a integer); GRANT SELECT ON granted TO maker WITH GRANT OPTION; ALTER TABLE granted OWNER TO great;
ALTER DEFAULT PRIVILEGES FOR ROLE plain GRANT SELECT ON TABLES TO maker;
ALTER ROLE plain SET search_path = a, "b c"; ALTER DATABASE shop SET work_mem = '5MB'; COMMENT ON DATABASE shop IS 'ours';
REVOKE CONNECT ON DATABASE shop FROM PUBLIC; GRANT CONNECT ON DATABASE shop TO maker;
CREATE MATERIALIZED VIEW filled AS SELECT 1 AS a; CREATE MATERIALIZED VIEW empty AS SELECT 1 AS a WITH NO DATA;
ALTER TABLE scans DISABLE TRIGGER ALL; SELECT setval('orders_id_seq', 900);
CREATE INDEX broken ON parcels (weight); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass;
CREATE TABLE parted (k integer, v text) PARTITION BY LIST (k); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
INSERT INTO parted SELECT 1, E'tab\there' FROM generate_series(1, 5);
"""


@contextmanager
def cloned(where):
    """Make an original and its clone; yield the clone, its rows, and the differences between both."""
    original, other = provide(where), provide(where, QUIET)
    try:
        original.create("shop")
        url = original.dsn("shop")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(SHOP.read_text("utf-8") + ODDITIES)
        with reader(url) as view:
            side = Live(view, SCOPE, "original")
            clone, rows = Clone(view, Tamed.on(other, trusted=False), NEVER), ClonedRows(frozenset(side.scanned))
            clone.make(side.dumped, side.known("sequence_positions", EVERYTHING).facts, rows.fill)
        asked = Settings(database_url=clone.url, other_database=True)
        with closing(Opening(asked, Reference.parse(url), None).verification()) as sides:
            found = Repairs(sides.before, sides.after, sides.accepted).differences
            contents = [side.known(facet, EVERYTHING) for facet in CONTENT for side in (sides.before, sides.after)]
            yield (
                clone,
                rows,
                [each for each in found if not clone.tamed.is_ours((each.identity, each.after))],
                contents,
            )
    finally:
        original.stop()
        other.stop()


def test_a_clone_is_as_its_database_is(server):
    with cloned(of_major("auto", server.version // 10_000)) as (clone, rows, differences, contents):
        told = {(each.facet, each.identity) for each in differences if each.facet != "planner_statistics"}

        assert clone.lacking == ()
        assert told == {("roles", "postgres"), ("roles", "great")}  # no role of a clone is a superuser
        for was, now in (contents[:2], contents[2:]):
            assert {**was.facts, "public.filled": ""} == {**now.facts, "public.filled": ""}  # its query was not run
        assert "public.orders" in rows.whole
