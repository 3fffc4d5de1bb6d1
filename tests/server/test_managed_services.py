"""What docs/managed-services.md says of a role that was granted SELECT and nothing else, where some catalogues are closed."""

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fixtures.readers import complete

CLOSED = """
REVOKE ALL ON pg_catalog.pg_subscription, pg_catalog.pg_user_mapping, pg_catalog.pg_largeobject FROM PUBLIC;
REVOKE ALL ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC;
"""
GRANTS = """
GRANT USAGE ON SCHEMA {0} TO poor;
GRANT SELECT ON ALL TABLES IN SCHEMA {0} TO poor;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA {0} TO poor;
"""
SCHEMAS = "SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'"


@pytest.fixture
def poor(server, museum):
    """The URL by which a role comes to the museum that may read its tables, and no more."""
    with psycopg.connect(server.dsn(museum), autocommit=True) as connection:
        connection.execute("CREATE ROLE poor LOGIN PASSWORD 'poor'")
        for (schema,) in connection.execute(SCHEMAS).fetchall():
            connection.execute(GRANTS.format(schema))
        connection.execute(CLOSED)
        yield make_conninfo(server.dsn(museum), **dict.fromkeys(("user", "password"), "poor"))
        connection.execute("DROP OWNED BY poor; DROP ROLE poor")


@pytest.mark.promise
def test_who_may_only_read_tables_is_told_the_same_as_a_superuser_or_that_it_is_hidden(server, museum, poor):
    """In a database with one of everything: nothing is silently less, and what is hidden is what the page names."""
    all_of_it, read = complete(server.dsn(museum)), complete(poor)
    hidden = {(facet, identity) for facet, among in read.unknown.items() for identity in among}
    told = {(facet, identity): text for facet, among in read.facets.items() for identity, text in among.items()}
    there = {(facet, identity): text for facet, among in all_of_it.facets.items() for identity, text in among.items()}

    assert read.absent.keys() - all_of_it.absent.keys() == {"subscriptions", "pg_dump"}
    assert {facet for facet, _ in hidden} == {"foreign_servers", "planner_statistics", "rows", "content"}
    assert {identity for facet, identity in hidden if facet != "foreign_servers"} == {
        "hall.main"
    }  # it has row security
    assert {fact: told.get(fact) for fact in there.keys() - hidden if fact[0] not in read.absent} == {
        fact: text for fact, text in there.items() if fact not in hidden and fact[0] not in read.absent
    }
    assert told.keys() <= there.keys()
