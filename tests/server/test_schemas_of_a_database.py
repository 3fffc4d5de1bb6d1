"""A database verified schema by schema: what is wrong in one of them makes its own target red, and no other."""

import msgspec
import pytest

from fixtures.every import every
from fixtures.readers import SCOPE, complete, execute, subject
from rollproof.catalog.capture import Scope, capture
from rollproof.fleet.job import Job, answer_of, encoded
from rollproof.fleet.work import done
from rollproof.model.schema_parts import REST, divided, schema_in
from rollproof.settings.options import Settings
from rollproof.sources.baseline import sealed
from rollproof.sources.live_part import parts_of

TENANT = """
CREATE SCHEMA {0};
CREATE TYPE {0}.mood AS ENUM ('glad', 'sad');
CREATE FUNCTION {0}.one() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION {0}.fires() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE {0}.users (id serial PRIMARY KEY, name text NOT NULL, mood {0}.mood DEFAULT 'glad');
ALTER TABLE {0}.users ADD country int REFERENCES shared.countries;
CREATE TABLE {0}.orders (id int PRIMARY KEY, by int REFERENCES {0}.users, total numeric CHECK (total >= 0));
CREATE INDEX orders_total ON {0}.orders (total);
CREATE VIEW {0}.glad AS SELECT name FROM {0}.users WHERE mood = 'glad';
CREATE TRIGGER touched BEFORE UPDATE ON {0}.users FOR EACH ROW EXECUTE FUNCTION {0}.fires();
INSERT INTO {0}.users (name, country) SELECT 'user ' || n, 1 FROM generate_series(1, 9) AS n;
INSERT INTO {0}.orders SELECT n, n, n FROM generate_series(1, 9) AS n;
COMMENT ON SCHEMA {0} IS 'a tenant';
ALTER DEFAULT PRIVILEGES IN SCHEMA {0} GRANT SELECT ON TABLES TO PUBLIC;
"""
WRONG = {
    "content": "UPDATE {0}.orders SET total = 5 WHERE id = 4",
    "rows": "DELETE FROM {0}.orders WHERE id = 4",
    "columns": "ALTER TABLE {0}.users ALTER name DROP NOT NULL",
    "indexes": "DROP INDEX {0}.orders_total",
    "constraints": "ALTER TABLE {0}.orders DROP CONSTRAINT orders_by_fkey",
    "types": "ALTER TYPE {0}.mood ADD VALUE 'angry'",
    "functions": "CREATE OR REPLACE FUNCTION {0}.one() RETURNS int LANGUAGE sql AS 'SELECT 2'",
    "triggers": "ALTER TABLE {0}.users DISABLE TRIGGER touched",
    "views": "DROP VIEW {0}.glad",
    "tables": "CREATE TABLE {0}.fresh (id int)",
    "comments": "COMMENT ON SCHEMA {0} IS 'another'",
    "privileges": "GRANT USAGE ON SCHEMA {0} TO PUBLIC",
    "default_privileges": "ALTER DEFAULT PRIVILEGES IN SCHEMA {0} REVOKE SELECT ON TABLES FROM PUBLIC",
    "sequence_positions": "SELECT setval('{0}.users_id_seq', 2)",
    "schemas": "DROP SCHEMA {0} CASCADE",
}
"""What goes wrong in one schema, by a check that must fail."""
OUTSIDE = {
    "content": "UPDATE shared.countries SET name = 'there'",
    "casts": "CREATE CAST (point AS int8) WITH INOUT",
    "settings": "ALTER DATABASE {database} SET work_mem = '5MB'",
    "comments": "COMMENT ON EXTENSION plpgsql IS 'mine'",
    "schemas": "CREATE SCHEMA stray",
}
TENANTS = {f"tenant_{number}": check for number, check in enumerate(WRONG)}


@pytest.fixture
def tenants(database):
    execute(database, "CREATE SCHEMA shared; CREATE TABLE shared.countries (id int PRIMARY KEY, name text)")
    execute(database, "INSERT INTO shared.countries VALUES (1, 'here')")
    execute(database, *(TENANT.format(name) for name in (*TENANTS, "tenant_good")))
    return database


def verified(url, was, schemas, some=None):
    """Return which checks failed in each of the schemas, or in `some`, and, under "", in the rest; and the verdicts."""
    some = some or schemas
    left = tuple(each for each in schemas if each not in some)
    parts = divided(was, [some, left] if left else [some])
    base = Settings(database_url=url, allow_empty=True)
    jobs = [
        Job(name="", server="", action="verify", settings=base, but=schemas, baseline=sealed(parts[REST])[0]),
        Job(
            name="these",
            server="",
            action="verify",
            settings=msgspec.structs.replace(base, schemas=some),
            schemas=some,
            baseline=sealed(parts[some])[0],
        ),
    ]
    rest, these = (answer_of(done(encoded(job))) for job in jobs)
    answers = [rest, *these.parts]
    assert len(these.parts) == len(some), these
    return (
        {each.outcome.name: {root.check for root in each.outcome.roots} for each in answers},
        {each.outcome.name: each.outcome.verdict for each in answers},
    )


def test_what_is_wrong_in_one_schema_is_told_of_it_alone_and_what_is_outside_of_none(tenants):
    was, schemas = complete(tenants), (*TENANTS, "tenant_good")
    for name, check in TENANTS.items():
        execute(tenants, WRONG[check].format(name))

    failed, verdicts = verified(tenants, was, schemas)

    assert {name for name, word in verdicts.items() if word == "VERIFIED"} == {"tenant_good", ""}, failed
    assert {name: check for name, check in TENANTS.items() if check not in failed[name]} == {}
    assert {verdicts[name] for name in TENANTS} == {"NOT RESTORED"}

    database = tenants.rpartition("/")[2].partition("?")[0]
    for statements in OUTSIDE.values():
        execute(tenants, *statements.format(database=f'"{database}"').split(";"))
    after, words = verified(tenants, was, schemas, ("tenant_0", "tenant_good"))

    assert words == {"": "NOT RESTORED", "tenant_0": "NOT RESTORED", "tenant_good": "VERIFIED"}
    assert after[""] >= set(OUTSIDE), after[""]
    assert after["tenant_0"] == failed["tenant_0"]


def test_a_schema_that_nobody_knows_any_more_and_one_that_is_new_are_told(tenants):
    was = complete(tenants)
    execute(tenants, "CREATE SCHEMA tenant_new; CREATE TABLE tenant_new.t (id int)")

    failed, verdicts = verified(tenants, was, ("tenant_good", "tenant_new", "tenant_never"))

    assert verdicts["tenant_never"] == "INCONCLUSIVE", "nothing was compared"
    assert verdicts["tenant_new"] == "NOT RESTORED"
    assert failed["tenant_new"] == {"schemas"}
    assert verdicts["tenant_good"] == verdicts[""] == "VERIFIED"


def test_each_fact_is_in_one_part_and_a_part_is_what_the_schema_alone_has(server, museum):
    url = server.dsn(museum)
    with subject(url) as live:
        whole = live.snapshot
        schemas = sorted(set(whole.facets["schemas"]))
        groups = [(name.strip('"').replace('""', '"'),) for name in schemas]
        parts, sources = divided(whole, groups), parts_of(live, groups)
        late = {part: sources[part].late("storage")[0] for part in (*groups, REST)}
        assert sum(map(len, late.values())) == len(live.late("storage")[0])
        assert all(late[group] for group in groups if parts[group].facets["tables"])
        for facet, facts in whole.facets.items():
            told = [identity for part in parts.values() for identity in part.facets.get(facet, {})]
            assert sorted(told) == sorted(facts), facet

        for group in groups:
            alone = capture(live.view, Scope(group, SCOPE.backup_schema, SCOPE.log_table))
            mine = divided(alone, [group])[group]
            assert mine.facets == parts[group].facets, group
            assert mine.unknown == parts[group].unknown
    assert len(groups) > 2


FOUND = (
    ("tables", "a.b", "a"),
    ("tables", '"A.b".c', "A.b"),
    ("functions", "a.f(b.c)", "a"),
    ("privileges", "a (schema) TO c", "a"),
    ("privileges", "a (language) TO b.c", None),
    ("roles", "a.b", None),
    ("publications", "a IN PUBLICATION p", "a"),
    ("publications", "a.b IN PUBLICATION p", "a"),
    ("publications", "a", None),
    ("default_privileges", 'TABLES MADE BY "r IN SCHEMA s" IN SCHEMA a TO x', "a"),
    ("default_privileges", 'TABLES MADE BY "r IN SCHEMA s" TO x', None),
    ("extension_members", "a: b.c (table)", None),
    ("comments", "c on a.d (domain constraint)", None),
    ("no such facet", "a.b", None),
)


@every(("facet", "identity", "schema"), FOUND)
def test_the_schema_of_a_fact_stands_in_its_identity(facet, identity, schema):
    assert schema_in(facet, identity) == schema
