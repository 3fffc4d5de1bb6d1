"""The script that recreates a schema makes that schema: run on an empty database, every definition is as it was."""

from contextlib import ExitStack, contextmanager
from dataclasses import replace

import psycopg
import pytest

from fixtures.museum import ROOT, filled, furnished
from fixtures.readers import subject
from rollproof.model.compare import compare
from rollproof.model.dump_facts import FACET as DUMP
from rollproof.model.facets import facets, traits
from rollproof.rehearsal.psql import Psql
from rollproof.repair.recreate import ELSEWHERE, recreate
from rollproof.repair.script import script
from rollproof.system.deadline import NEVER
from rollproof.verdict.repairs import side_of

FILES = {
    "everything that can be planted": "tests/data/mutations/base.sql",
    "circles": "tests/data/recreate/circles.sql",
    "shop": "scenarios/cases/shop.sql",
    "vibes": "scenarios/vibes/schema.sql",
}
NOT_MADE = ("(large object)", "(subscription)", "SUBSCRIPTION ", "LARGE OBJECT ")


@contextmanager
def database_of(name, server, new_database):
    """Make a database of one of the files, or the museum."""
    if name == "museum":
        with furnished(server) as made:
            yield made
        return
    made = new_database()
    with psycopg.connect(server.dsn(made), autocommit=True) as connection:
        connection.execute(filled(ROOT / FILES[name], connection))
    yield made


def known(url):
    with subject(url) as live:
        return side_of(live)


def differing(was, now):
    """Return what differs of what a script makes; pg_dump is the witness that knows nothing of our questions."""
    made = [
        facet
        for facet in facets()
        if facet == DUMP or (traits(facet).holds == "definitions" and facet not in ELSEWHERE)
    ]
    found = [each for facet in made for each in compare(facet, was.facts(facet), now.facts(facet))]
    return [each for each in found if not any(part in each.identity for part in NOT_MADE)]


@pytest.mark.parametrize("told", ["by pg_dump", "by facts"])
@pytest.mark.parametrize("name", [*FILES, "museum"])
def test_a_schema_comes_back(name, told, server, new_database):
    with ExitStack() as keep:
        was = known(server.dsn(keep.enter_context(database_of(name, server, new_database))))
        before = was if told == "by pg_dump" else replace(was, all_facts={**was.all_facts, DUMP: {}})
        empty = new_database()

        plan, remarks = recreate(before)
        ran = Psql(server, empty, NEVER).run("\n".join([*script(plan, remarks), ""]), is_strict=True)

        assert ran.complaints == ()
        assert differing(was, known(server.dsn(empty))) == []
        assert plan.unmended == ()
