"""Faults of rows: there are some for every type that is stored, and each is told as what it is.

By day a fault is planted in a transaction, and the table is scanned there; a few are verified as a user verifies, and all with
ROLLPROOF_SELFTEST=each.
"""

import os
from collections import Counter
from dataclasses import replace

import psycopg
import pytest
from psycopg import RawCursor

from fixtures.stored_values import NASTY, built, literal
from rollproof.rehearsal.faults.rows import MOST, row_faults
from rollproof.rehearsal.faults.values import value_rules
from rollproof.rehearsal.selftest.batches import batches
from rollproof.rehearsal.selftest.ground import Ground
from rollproof.rehearsal.selftest.sight import Sight
from rollproof.rehearsal.selftest.trial import tried
from rollproof.rehearsal.world import World
from rollproof.rows import row_hash
from rollproof.rows.scan import scan
from rollproof.rows.tables import relations
from rollproof.server.reader import Limits
from rollproof.server.transactions import pins
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.throwaway.servers.server import fresh_name

ALONE = os.environ.get("ROLLPROOF_SELFTEST") == "each"
BY_DAY = ("a row left behind", "a row lost, and another one more", "another value")
TABLE = '"Odd".museum'
MORE = r"""
INSERT INTO "Odd".museum ({text}, {bytea}) VALUES (E'a\nb', decode(repeat('ab', 3000), 'hex'));
"""


@pytest.fixture(scope="module")
def types(server):
    """A session on a table with a column of each type, full of values; and the faults that it can have, by column."""
    name = fresh_name()
    server.create(name)
    with psycopg.connect(server.dsn(name), autocommit=True) as writer:
        columns = {f"c{number:03}": name for number, name in enumerate(built(writer))}
        for column, type_ in columns.items():
            values = ", ".join(f"({literal(value)})" for value in NASTY[type_])
            writer.execute(f"INSERT INTO {TABLE} ({column}) VALUES {values}")
        of = {type_: column for column, type_ in columns.items()}
        writer.execute(MORE.format_map(of))
        writer.execute("RESET search_path")
        yield writer, columns, tuple(row_faults(writer))
    server.drop(name)


def content(writer, table, column=""):
    """Return what a scan says of a table, or of one column of it, in the transaction that is open."""
    return scan(writer, replace(table, columns=tuple(each for each in table.columns if column in ("", each[0]))))


def planted(writer, table, fault):
    """Return what a scan says before and after a fault is planted."""
    with writer.transaction(force_rollback=True):
        writer.execute(pins(writer, Limits()))
        was = content(writer, table, fault.part)
        writer.execute(fault.statement)
        return was, content(writer, table, fault.part)


def unseen(writer, faults):
    """Return the faults that a scan does not tell, or tells as another fact."""
    plain, writer.cursor_factory = writer.cursor_factory, RawCursor
    with writer.transaction():
        writer.execute(pins(writer, Limits()))
        table = relations(writer, ["Odd"])[TABLE]
    told = {fault: planted(writer, table, fault) for fault in faults}
    writer.cursor_factory = plain
    return [
        f"{fault.name} {fault.part}"
        for fault, (was, now) in told.items()
        if (was.rows == now.rows, was.fingerprint == now.fingerprint) != (fault.facet == "content", False)
    ]


def test_there_is_a_fault_for_a_value_of_each_type(types):
    _, columns, faults = types

    assert {type_ for column, type_ in columns.items() if column not in {fault.part for fault in faults}} == set()


def test_each_way_to_change_a_value_is_possible(types):
    """But where this server has no such type."""
    _, _, faults = types
    had = {fault.name.partition(": ")[2] for fault in faults}
    here = {rule for rule in value_rules() if not {*rule.types} <= {"xml", "regdatabase"}}

    assert {rule.name for rule in here} - had == set()


def test_each_is_seen_by_a_scan_as_what_it_is(types):
    writer, _, faults = types

    assert unseen(writer, faults) == []


def test_a_scan_that_is_blind_is_noticed(types, monkeypatch):
    """One that reads texts as many a person would."""
    writer, _, faults = types
    careless = 'hashtextextended(lower(trim({0})) COLLATE "C", {1})'
    monkeypatch.setattr(row_hash, "_text", careless.format)

    assert unseen(writer, [fault for fault in faults if fault.name.startswith("text: a")]) == [
        "text: a blank at its end c016",
        "text: another letter case c016",
    ]


SHOP = """
CREATE DOMAIN email AS text CHECK (VALUE ~ '@');
CREATE TABLE users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email email NOT NULL UNIQUE, "full name" text,
    upper text GENERATED ALWAYS AS (upper("full name")) STORED, since date);
CREATE TABLE orders (id uuid PRIMARY KEY, user_id int NOT NULL REFERENCES users, total numeric(12, 2) CHECK (total > 0), paid bool);
CREATE TABLE lines (order_id uuid, place int, EXCLUDE USING btree (place WITH =));
CREATE TABLE empty (id int PRIMARY KEY, mail email NOT NULL, at timestamptz DEFAULT now());
CREATE TABLE nothing ();
CREATE TABLE parts (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE parts_2024 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE heirs (more text) INHERITS (lines);
CREATE TABLE audited (id int PRIMARY KEY, place text);
CREATE FUNCTION deny() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
CREATE TRIGGER deny BEFORE UPDATE OR DELETE ON audited FOR EACH ROW EXECUTE FUNCTION deny();
ALTER TABLE audited ENABLE ALWAYS TRIGGER deny;
CREATE RULE keep AS ON DELETE TO lines DO INSTEAD NOTHING;
ALTER TABLE lines ENABLE ALWAYS RULE keep;
CREATE PUBLICATION everything FOR ALL TABLES;
INSERT INTO users (email, "full name", since) SELECT 'u' || i || '@x', 'U ' || i, '2024-01-01' FROM generate_series(1, 5) AS i;
INSERT INTO orders SELECT uuid_in(md5(i::text)::cstring), i, i, i % 2 = 0 FROM generate_series(1, 5) AS i;
INSERT INTO lines SELECT id, user_id FROM orders;
INSERT INTO heirs SELECT id, user_id + 100, 'more' FROM orders;
INSERT INTO parts SELECT i, '2024-05-05' FROM generate_series(1, 5) AS i;
INSERT INTO audited SELECT i, 'p' || i FROM generate_series(1, 5) AS i;
INSERT INTO nothing DEFAULT VALUES;
CREATE MATERIALIZED VIEW sums AS SELECT user_id, sum(total) AS total FROM orders GROUP BY 1;
"""
KINDS = {
    "a row lost": {"users", "orders", "lines", "heirs", "parts_2024", "audited", "sums", "nothing"},
    "a row left behind": {"users", "orders", "lines", "heirs", "parts_2024", "audited", "sums", "empty", "nothing"},
    "a row twice": {"heirs", "sums", "nothing"},
    "a row moved to the parent": {"heirs"},
    "a row lost, and another one more": {"users", "orders", "lines", "heirs", "parts_2024", "audited", "sums"},
}


@pytest.fixture(scope="module")
def shop(server):
    """A database in which much stands in the way of a change of rows, and the faults of these."""
    world = World(server)
    server.create(world.database)
    with psycopg.connect(world.url, autocommit=True) as admin:
        admin.execute(SHOP)
    ground = Ground(world, world.keep(), "", world.url, ())
    with psycopg.connect(world.url, autocommit=True) as admin:
        yield ground, tuple(row_faults(admin))
    for name in (world.database, *world.kept):
        server.drop(name)


def test_whatever_stands_in_the_way_rows_have_faults(shop):
    """Keys, checks, domains, triggers and rules that always fire, a publication without keys, a view."""
    _, faults = shop
    found = {name: {each.identity.partition(".")[2] for each in faults if each.name == name} for name in KINDS}
    per_table = Counter(fault.identity for fault in faults)

    assert found == KINDS
    assert {fault.part for fault in faults if fault.identity == "public.users"} >= {
        "id",
        "email",
        '"full name"',
        "since",
    }
    assert max(per_table.values()) <= MOST + len(value_rules())
    assert len({fault.key for fault in faults}) == len(faults)


def test_each_is_verified_as_what_it_is(shop):
    """By day a few of each table, one of each table at a time; by night all of them."""
    ground, faults = shop
    sight = Sight.of(Configured(Settings(database_url=ground.world.url), None), ground)
    wanted = [fault for fault in faults if ALONE or (fault.name in BY_DAY and fault.part in ("", "id", "total"))]
    unseen = []
    for batch in batches(wanted):
        trial = tried(ground, sight, batch.faults)
        unseen += [f"{fault.key} {trial.refused.get(fault, '')}" for fault in batch.faults if not trial.told(fault)]

    assert unseen == []
