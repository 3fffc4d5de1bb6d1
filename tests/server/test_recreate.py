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
from rollproof.repair.recreate import ELSEWHERE, recreate
from rollproof.repair.script import script
from rollproof.system.deadline import NEVER
from rollproof.throwaway.psql import Psql
from rollproof.throwaway.servers.server import fresh_name
from rollproof.verdict.repairs import side_of

FILES = {
    "base": "tests/data/mutations/base.sql",
    "circles": "tests/data/recreate/circles.sql",
    "shop": "scenarios/cases/shop.sql",
    "vibes": "scenarios/vibes/schema.sql",
}
# Until 16 a multirange does not follow the range's owner, and no ALTER gives it one.
NOT_MADE = ("_multirange (type)", "(large object)", "(subscription)", "SUBSCRIPTION ", "LARGE OBJECT ")


@contextmanager
def database(server, file=None):
    """Make a database, empty or of a file, and drop it before the roles that own some of it."""
    name = fresh_name()
    server.create(name)
    try:
        if file:
            with psycopg.connect(server.dsn(name), autocommit=True) as connection:
                connection.execute(filled(ROOT / file, connection))
        yield name
    finally:
        server.drop(name)


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


CASES = [(name, told) for name in (*FILES, "museum") for told in ("pg_dump", "facts")]
OLD = [("museum", "0.2.0"), ("base", "0.2.0")]  # whose baselines knew nothing of dependencies


@pytest.mark.parametrize(("name", "told"), [*CASES, *OLD])
def test_a_schema_comes_back(name, told, server):
    with ExitStack() as keep:
        was = known(
            server.dsn(keep.enter_context(furnished(server) if name == "museum" else database(server, FILES[name])))
        )
        unknown = {"pg_dump": (), "facts": (DUMP,), "0.2.0": (DUMP, "dependencies")}[told]
        before = replace(
            was, all_facts={facet: facts for facet, facts in was.all_facts.items() if facet not in unknown}
        )
        empty = keep.enter_context(database(server))

        plan, remarks = recreate(before)
        ran = Psql(server, server.dsn(empty), NEVER).run("\n".join([*script(plan, remarks), ""]), is_strict=True)

        assert ran.complaints == ()
        assert differing(was, known(server.dsn(empty))) == []
        assert plan.unmended == ()
