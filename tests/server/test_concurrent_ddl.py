"""Definitions that others change while a database is read: each fact is the one of the instant, or INCONCLUSIVE."""

import itertools
import os
from contextlib import suppress
from dataclasses import dataclass

import psycopg
import pytest

from fixtures.facts import told as facts_of
from fixtures.readers import SCOPE, reader
from rollproof.catalog.concurrent_ddl import Unsteady
from rollproof.sources.live import Live
from rollproof.sources.source import CONTENT

# One table or more for each command, so that all of them can happen at one moment and none hides another.
FILL = """
CREATE TYPE mood AS ENUM ('low', 'high'); CREATE DOMAIN short AS text CHECK (length(VALUE) < 99);
CREATE FUNCTION double(integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 2 * $1';
DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY '{vacuumed,clustered,emptied,gone,retyped,widened,narrowed,renamed,column_renamed,moved,unlogged,
                         indexed,unindexed,rebuilt,checked,unchecked,granted,owned,commented,defaulted,triggered,ruled,
                         viewed,sequenced,secured,compressed,refilled,exchanged,one,two,anew}'::text[] LOOP
        EXECUTE format('CREATE TABLE %I (id integer PRIMARY KEY, word text DEFAULT ''x'' CHECK (word <> ''''), number integer)', t);
        EXECUTE format('INSERT INTO %I SELECT i, ''w'' || i, i FROM generate_series(1, 20) AS i', t);
        EXECUTE format('CREATE INDEX %I ON %I (number)', t || '_number', t);
    END LOOP; END $$;
ALTER TABLE one RENAME CONSTRAINT one_pkey TO o; UPDATE one SET number = 1;
CREATE SCHEMA other; CREATE SCHEMA doomed; CREATE TABLE doomed.t AS SELECT 1 AS i; CREATE VIEW doomed.v AS TABLE doomed.t;
CREATE TABLE moody (id integer PRIMARY KEY, m mood DEFAULT 'low', s short); INSERT INTO moody VALUES (1, 'low', 'a');
CREATE TABLE parent (i integer) PARTITION BY RANGE (i); CREATE TABLE part PARTITION OF parent FOR VALUES FROM (0) TO (9);
CREATE TABLE joining (i integer); CREATE TABLE leaving PARTITION OF parent FOR VALUES FROM (20) TO (30);
INSERT INTO parent VALUES (1), (21); INSERT INTO joining VALUES (11);
CREATE TABLE child (id integer PRIMARY KEY, renamed integer REFERENCES renamed, gone integer); INSERT INTO child VALUES (1, 1, 1);
CREATE MATERIALIZED VIEW fresh AS SELECT id, word FROM refilled; CREATE MATERIALIZED VIEW lost AS SELECT id FROM viewed;
CREATE VIEW seen AS SELECT r.id, c.word FROM renamed AS r JOIN column_renamed AS c USING (id);
CREATE VIEW shown AS SELECT id FROM viewed;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touched BEFORE UPDATE ON triggered FOR EACH ROW EXECUTE FUNCTION touch();
CREATE SEQUENCE numbers OWNED BY sequenced.id; CREATE POLICY mine ON secured USING (id > 0);
CREATE STATISTICS both_of_them ON number, word FROM widened;
"""
COMMANDS = {
    "columns exchanged": "ALTER TABLE exchanged DROP CONSTRAINT exchanged_word_check, ADD w text;"
    " UPDATE exchanged SET w = id::text;"
    "ALTER TABLE exchanged RENAME word TO old; ALTER TABLE exchanged RENAME w TO word",
    "tables exchanged": "DELETE FROM two; ALTER TABLE one RENAME TO three;"
    " ALTER TABLE two RENAME TO one; ALTER TABLE three RENAME TO two",
    "column dropped and added": "ALTER TABLE anew DROP word, ADD word text",
    "vacuum full": "VACUUM FULL vacuumed",
    "cluster": "CLUSTER clustered USING clustered_pkey",
    "truncate": "TRUNCATE emptied",
    "truncate and fill again": "BEGIN; CREATE TEMP TABLE kept AS TABLE refilled; TRUNCATE refilled;"
    " INSERT INTO refilled SELECT * FROM kept; COMMIT",
    "drop table": "DROP TABLE gone",
    "rewriting alter": "ALTER TABLE retyped ALTER number TYPE bigint",
    "add column": "ALTER TABLE widened ADD extra integer",
    "add column with default": "ALTER TABLE compressed ADD extra integer DEFAULT 7",
    "drop column": "ALTER TABLE narrowed DROP number",
    "rename": "ALTER TABLE renamed RENAME TO named_anew",
    "rename column": "ALTER TABLE column_renamed RENAME word TO term",
    "set schema": "ALTER TABLE moved SET SCHEMA other",
    "unlogged": "ALTER TABLE unlogged SET UNLOGGED",
    "attach": "ALTER TABLE parent ATTACH PARTITION joining FOR VALUES FROM (10) TO (20)",
    "detach": "ALTER TABLE parent DETACH PARTITION leaving",
    "reindex": "REINDEX TABLE rebuilt",
    "create index": "CREATE INDEX late ON indexed (word)",
    "drop index": "DROP INDEX unindexed_number",
    "rename index": "ALTER INDEX vacuumed_number RENAME TO vacuumed_anew",
    "refresh": "REFRESH MATERIALIZED VIEW fresh",
    "drop view": "DROP MATERIALIZED VIEW lost",
    "drop schema": "DROP SCHEMA doomed CASCADE",
    "alter type": "ALTER TYPE mood ADD VALUE 'middle'; ALTER TYPE mood RENAME VALUE 'low' TO 'down'",
    "rename type": "ALTER DOMAIN short RENAME TO brief",
    "add check": "ALTER TABLE checked ADD CHECK (number < 1000)",
    "drop check": "ALTER TABLE unchecked DROP CONSTRAINT unchecked_word_check",
    "grant": "GRANT SELECT ON granted TO PUBLIC",
    "comment": "COMMENT ON TABLE commented IS 'new'",
    "default": "ALTER TABLE defaulted ALTER word SET DEFAULT 'y'",
    "trigger": "ALTER TABLE triggered DISABLE TRIGGER touched",
    "drop function": "DROP FUNCTION touch CASCADE",
    "replace function": "CREATE OR REPLACE FUNCTION double(integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 3 * $1'",
    "replace view": "CREATE OR REPLACE VIEW shown AS SELECT id FROM viewed WHERE id > 5",
    "sequence": "ALTER SEQUENCE numbers INCREMENT 5 RESTART 77",
    "policy": "ALTER POLICY mine ON secured USING (id > 1)",
    "security": "ALTER TABLE secured ENABLE ROW LEVEL SECURITY",
    "rename schema": "ALTER SCHEMA other RENAME TO another",
    "drop statistics": "DROP STATISTICS both_of_them",
}


@dataclass
class Told:
    """What a reading said: facet → identity → fact, and what it does not know."""

    facts: dict
    unknown: dict
    opened: int  # statements until the instant was held …
    captured: int  # … and until the catalogue was read


def filled(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(FILL)
        connection.execute("VACUUM ANALYZE")


class Meanwhile:
    """Counts our statements, and has others' commands carried out just before one of them."""

    def __init__(self, monkeypatch):
        self.statements, self.moment, self.url, self.commands = 0, 0, "", ()
        original = psycopg.Connection.execute

        def execute(connection, *arguments, **options):
            if connection.info.parameter_status("application_name") == "rollproof":
                self.statements += 1
                if self.statements == self.moment:
                    self._carry_out()
            return original(connection, *arguments, **options)

        monkeypatch.setattr(psycopg.Connection, "execute", execute)

    def plan(self, url="", moment=0, commands=()):
        self.statements, self.moment, self.url, self.commands = 0, moment, url, commands

    def _carry_out(self):
        with psycopg.connect(self.url, autocommit=True) as other:
            other.execute("SET lock_timeout = '100ms'")
            for command in self.commands:
                with suppress(psycopg.errors.LockNotAvailable):  # of what we read at this moment
                    other.execute(command)

    def told(self, url):
        with reader(url, jobs=1, lock_timeout=1) as view:
            opened, side, captured = self.statements, Live(view, SCOPE, "subject"), self.statements
            facts, unknown = facts_of(side, (*side.snapshot.facets, *side.snapshot.unknown, *CONTENT))
            return Told(facts, unknown, opened, captured)


def wrong(told, undisturbed):
    """Return each fact that is neither the undisturbed one nor said to be unknown."""
    found = []
    for facet, facts in undisturbed.facts.items():
        now, unknown = told.facts.get(facet, {}), told.unknown.get(facet, {})
        found += [
            (facet, name, facts.get(name), now.get(name))
            for name in sorted({*facts, *now} - {*unknown})
            if facts.get(name) != now.get(name) and "*" not in unknown
        ]
    return found


APART = int(os.environ.get("ROLLPROOF_DDL_EVERY", "0"))  # one of so many moments, each command by itself; 1 takes hours


@pytest.mark.promise
def test_definitions_changed_at_any_moment_change_no_fact(database_from, monkeypatch):
    meanwhile = Meanwhile(monkeypatch)
    undisturbed = meanwhile.told(database_from(filled))
    assert not [*filter(None, undisturbed.unknown.values())]
    opened, captured, last = undisturbed.opened, undisturbed.captured, meanwhile.statements
    moments = [opened + 1, captured // 2, captured - 9, *range(captured + 1, last + 1, 3)]
    together = [tuple(COMMANDS.values())]
    if APART:
        moments, together = range(opened + 1, last + 1, APART), [(command,) for command in COMMANDS.values()]

    refused = 0
    for moment, commands in itertools.product(moments, together):
        url = database_from(filled)
        meanwhile.plan(url, moment, commands)
        try:
            told = meanwhile.told(url)
        except Unsteady:
            refused += 1
            assert moment <= captured
            continue
        assert wrong(told, undisturbed) == [], (moment, commands)
    assert refused >= 2
