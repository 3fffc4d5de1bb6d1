"""The facet `dependencies` against PostgreSQL: what DROP ... CASCADE takes along is what the facet says, object by object."""

import os
import re
from pathlib import Path

import psycopg
import pytest
from psycopg import RawCursor

from fixtures.catalogue import parameters, schemas
from rollproof.catalog.queries import for_version, query
from rollproof.model.drops import drop_statement, kind_of, named
from rollproof.model.facets import facets_where
from rollproof.model.names import respelled_facts
from rollproof.repair.dependencies import FACET, Graph
from rollproof.repair.objects import Object

DATA = Path(__file__).parents[1] / "data"
OF_THE_SERVER = {
    "roles",
    "tablespaces",
    "replication",
    "prepared_transactions",
    "subscriptions",
    "all_schemas",
    "large_objects",
}
KINDS = sorted(facets_where(lambda row: row.kinds) - OF_THE_SERVER)
EVERY = int(os.environ.get("ROLLPROOF_DROP_EVERY", "18"))  # which of the objects are dropped; more.sql has the odd ones
BUILT_IN = "required by the database system"


@pytest.fixture(params=["museum", "base", "more"])
def connection(server, request):
    """A session in a database of many kinds of objects, whose work is taken back."""
    if request.param == "museum":
        url = server.dsn(request.getfixturevalue("museum"))
    else:
        url = server.dsn(request.getfixturevalue("new_database")())
    with psycopg.connect(url) as connection:
        if request.param != "museum":
            path = DATA / ("mutations/base.sql" if request.param == "base" else "dependencies/more.sql")
            connection.execute(for_version(path.read_text("utf-8"), connection.info.server_version).encode())
        connection.execute("SET LOCAL search_path = ''; SET LOCAL client_min_messages = error; SET LOCAL jit = off")
        yield connection
        connection.rollback()


def facts(connection, facets):
    """Return the facts of these facets."""
    known = {}
    for facet in facets:
        sql = for_version(query(facet), connection.info.server_version)
        rows = RawCursor(connection).execute(sql, parameters(schemas(connection), sql), prepare=True).fetchall()
        known[facet] = respelled_facts(facet, {row[0]: row[1] for row in rows})
    return known


def objects(known):
    return {Object(facet, name): text for facet, facts in known.items() for name, text in facts.items()}


def drop(of, description):
    """Return the statement that drops an object and all that needs it; None if it is none that can be dropped by itself."""
    kind = kind_of(of.facet, of.identity, description)
    if kind is None:
        return None
    statement = drop_statement(kind, named(kind, of.identity)).removesuffix(";")
    return statement if kind.kind == "user mapping" else f"{statement} CASCADE"


def reached(graph, root, gone):
    """Return what needs an object, directly or through what is gone: a column may stay without its default."""
    found, ahead = set(), [root]
    while ahead:
        for each in graph.dependents(ahead.pop()) - found - {root}:
            found.add(each)
            if each in gone:
                ahead.append(each)
    return found


def disagreement(graph, root, before, after):
    """Return what PostgreSQL took along and the graph does not know, and what the graph says and PostgreSQL left as it was."""
    gone = before.keys() - after.keys()
    changed = {each for each in before.keys() & after.keys() if before[each] != after[each]}
    expected = reached(graph, root, gone) & before.keys()
    unknown = {each for each in gone - expected - {root} if not owned_by(before, each, gone)}
    return sorted(map(str, unknown)), sorted(map(str, expected - gone - changed))


def owned_by(before, each, gone):
    """Tell whether it is a sequence of a column that is gone; the facet leaves that out."""
    owner = re.search(r"OWNED BY (.+)$", before[each])
    return each.facet == "sequences" and bool(owner) and Object("columns", owner[1]) in gone


def test_what_drop_cascade_takes_along_is_what_the_facet_says(connection):
    known = facts(connection, [*KINDS, FACET, "partitions", "inheritance"])
    graph = Graph(known)
    before = objects({facet: known[facet] for facet in KINDS})
    wrong, seen = {}, 0
    for root, description in list(before.items())[::EVERY]:
        if (statement := drop(root, description)) is None:
            continue
        connection.execute("SAVEPOINT s")
        try:
            connection.execute(statement.encode())
        except psycopg.Error as error:
            connection.execute("ROLLBACK TO s")
            wrong |= {} if BUILT_IN in str(error) or stays(graph, root) else {str(root): str(error).splitlines()[0]}
            continue
        seen += 1
        found = disagreement(graph, root, before, objects(facts(connection, KINDS)))
        connection.execute("ROLLBACK TO s")
        wrong |= {str(root): found} if any(found) else {}

    assert not wrong, "\n".join(f"{name}: {found}" for name, found in wrong.items())
    assert seen > 50 / EVERY


def stays(graph, of):
    """Tell whether an object cannot be dropped by itself: it comes with another, or is a column of a view or of a partition."""
    return bool(graph.within(of)) or of.facet in ("columns", "indexes", "event_triggers")
