"""Schemas that lack the same are one group, whatever they are called; one script puts all of them right."""

import msgspec
import psycopg
import pytest

from fixtures.readers import complete, execute
from rollproof.fleet.job import Job, answer_of, encoded
from rollproof.fleet.results import Results
from rollproof.fleet.target import FleetTarget
from rollproof.fleet.work import done
from rollproof.model.names import sql_name
from rollproof.model.schema_parts import divided
from rollproof.settings.options import Settings
from rollproof.sources.baseline import sealed
from rollproof.verdict.fleet.fleet_report import FleetReport

SCHEMAS = ("a", "Te nant", "tenant_10", "orders")
TENANT = """
CREATE SCHEMA {0};
CREATE FUNCTION {0}.one() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE {0}.users (id serial PRIMARY KEY, a text NOT NULL);
CREATE TABLE {0}.orders (id int PRIMARY KEY, by int REFERENCES {0}.users, total numeric DEFAULT {0}.one() CHECK (total >= 0));
CREATE INDEX orders_total ON {0}.orders (total);
CREATE VIEW {0}.data AS SELECT a FROM {0}.users WHERE id > {0}.one();
INSERT INTO {0}.users (a) VALUES ('x'), ('y');
"""
LOST = """
DROP VIEW {0}.data; DROP INDEX {0}.orders_total; ALTER TABLE {0}.users ALTER id DROP DEFAULT, ALTER a DROP NOT NULL;
ALTER TABLE {0}.orders DROP CONSTRAINT orders_by_fkey, ALTER total DROP DEFAULT;
CREATE OR REPLACE FUNCTION {0}.one() RETURNS int LANGUAGE sql AS 'SELECT 2';
COMMENT ON SCHEMA {0} IS 'new'; GRANT SELECT ON {0}.users TO PUBLIC; CREATE TABLE {0}.fresh (id int)
"""


@pytest.fixture
def tenants(database):
    execute(database, *(TENANT.format(sql_name(name)) for name in SCHEMAS))
    return database


def verified(url, was, folder):
    """Verify the schemas, and write what a fleet writes; returns its report."""
    settings = msgspec.structs.replace(Settings(database_url=url), schemas=SCHEMAS)
    content = sealed(divided(was, [SCHEMAS])[SCHEMAS])[0]
    job = Job(
        name="these", server="h", action="verify", settings=settings, schemas=SCHEMAS, baseline=content, formats="html"
    )
    results = Results(folder, "html,json", 3)
    parts = answer_of(done(encoded(job))).parts
    outcomes = [
        results.keep(part, FleetTarget(part.outcome.name, url, name)) for part, name in zip(parts, SCHEMAS, strict=True)
    ]
    report = FleetReport(
        tuple(outcomes), (), "post_rollback", "each schema", "threads:1", "2026-11-30T02:28:11Z", 1.0, "0.3"
    )
    assert results.publish(report) == ()
    return report


def test_schemas_that_lack_the_same_are_one_group_and_its_script_puts_them_right(tenants, tmp_path):
    was = complete(tenants)
    execute(tenants, *(LOST.format(sql_name(name)) for name in SCHEMAS))

    bad = verified(tenants, was, tmp_path)
    (script,) = (tmp_path / "repairs").glob("*.sql")
    with psycopg.connect(tenants, autocommit=True) as connection:
        connection.execute(script.read_bytes())
    execute(tenants, *(f"DROP TABLE {sql_name(name)}.fresh" for name in SCHEMAS))  # what is left behind no script drops
    good = verified(tenants, was, tmp_path)

    assert (bad.verdict, [len(group.targets) for group in bad.groups]) == ("NOT RESTORED", [len(SCHEMAS)]), bad.groups
    assert len(bad.groups[0].roots) > 7
    assert {root.place for root in bad.groups[0].roots} == {
        "{schema}.users",
        "{schema}.orders",
        "{schema}.data",
        "{schema}.fresh",
        "{schema}.one()",
        "{schema}",
    }
    assert (good.verdict, good.exit_code) == ("VERIFIED", 0), good.groups[0].roots
    assert not [*(tmp_path / "repairs").iterdir()]
