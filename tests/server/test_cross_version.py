"""A reference of another major version: no false alarm about what PostgreSQL changed, no green light for what was lost."""

import datetime
from functools import cache
from pathlib import Path

import psycopg
import pytest

from fixtures.readers import subject
from rollproof.catalog.queries import SQL
from rollproof.model.errors import Inconclusive
from rollproof.model.facets import facets_where
from rollproof.model.failure import NotRestored
from rollproof.model.no_loss import ahead, analysed_as_well
from rollproof.sources.recorded import Recorded
from rollproof.verdict.expect import Expect
from rollproof.verdict.repairs import Repairs
from rollproof.verdict.waivers import Waivers

ROOT = Path(__file__).parents[2]
GROUNDS = {
    "shop": ROOT / "scenarios/cases/shop.sql",
    "museum": ROOT / "scenarios/cases/museum.sql",
    "base": ROOT / "tests/data/mutations/base.sql",
}
IN_BOTH_DIRECTIONS = pytest.mark.parametrize("place", [0, 1], ids=["on the suite's server", "on the other server"])
FOR_PROGRAMS = facets_where(lambda row: row.holds == "input")
OF_THE_WHOLE_SERVER = {"roles"}  # where other tests are at work
JUDGED = {"sequence_positions": ahead, "planner_statistics": analysed_as_well}
NO_WAIVERS = Waivers((), datetime.date(2000, 1, 1))
LOSSES = {
    "DROP TABLE parted_1": {"tables: public.parted_1", "rows: public.parted_1", "partitions: public.parted_1"},
    "REVOKE SELECT ON items FROM PUBLIC": {"privileges: public.items (table) TO PUBLIC"},
    "ALTER TABLE items DISABLE TRIGGER items_watch": {"triggers: public.items.items_watch"},
    "ALTER TABLE base DROP id": {"columns: public.base.id"},
    "ALTER TABLE items DISABLE RULE items_keep; DELETE FROM items WHERE id = 9": {
        "rows: public.items",
        "rules: public.items.items_keep",
    },
    "SELECT setval('items_id_seq', 7)": {"sequence_positions: public.items_id_seq"},
    "CREATE TABLE items_new (id int)": {"tables: public.items_new", "owners: public.items_new (table)"},
    "REFRESH MATERIALIZED VIEW counted WITH NO DATA": {"views: public.counted"},
}
"""What a person does after the capture, and what must be called a loss for it whatever the versions."""
WHERE_THE_REFERENCE_IS_OLDER = {
    "ALTER TABLE items ALTER colour TYPE varchar(9), ALTER id DROP DEFAULT": {
        "columns: public.items.colour",
        "columns: public.items.id",
    },
    "GRANT INSERT ON items TO PUBLIC; ALTER TABLE items DISABLE TRIGGER ALL": {
        "foreign_key_triggers: public.items.items_parent_id_fkey"
    },
}
"""A newer reference may mean by the same words what an older server has no words for: what changed there is doubtful."""


@pytest.fixture(scope="module")
def told(server, other_major):
    """Return each ground as a database of each server tells it: (server's place, ground) → its URL and its snapshot."""
    made = {}
    for place, running in enumerate((server, other_major)):
        for ground, script in GROUNDS.items():
            name = f"rollproof_{ground}_{place}"
            running.create(name)
            with psycopg.connect(running.dsn(name), autocommit=True) as connection:
                connection.execute(script.read_text("utf-8"))
            with subject(running.dsn(name)) as live:
                made[place, ground] = running.dsn(name), live.complete()
    yield made
    for place, running in enumerate((server, other_major)):
        for ground in GROUNDS:
            running.drop(f"rollproof_{ground}_{place}")


def verdicts(before, after):
    """Return what the checks of all facets would say: the losses as `facet: identity`, and what cannot be told, by facet."""
    lost, untold = set(), {}
    repairs = cache(lambda: Repairs(before, after, NO_WAIVERS))  # as the checks of a run share them
    for facet in sorted(
        {path.stem for path in SQL.glob("*.sql")} - FOR_PROGRAMS - OF_THE_WHOLE_SERVER | {"rows", "content"}
    ):
        try:
            expect = Expect(facet, before, after, NO_WAIVERS, repairs=repairs)
            expect.restored(facet, harmless=JUDGED.get(facet, lambda _: False))
        except NotRestored as error:
            lost |= {f"{facet}: {finding.subject}" for finding in error.findings}
        except Inconclusive as error:
            untold[facet] = str(error)
    return lost, untold


@IN_BOTH_DIRECTIONS
@pytest.mark.parametrize("ground", GROUNDS)
def test_the_same_on_another_major_is_no_loss(told, ground, place):
    """What PostgreSQL tells otherwise is not known; most is known, and equal."""
    reference = Recorded(told[1 - place, ground][1], "the baseline")

    with subject(told[place, ground][0]) as live:
        lost, untold = verdicts(reference, live)

    assert lost == set()
    assert len(untold) < 10, untold


@IN_BOTH_DIRECTIONS
def test_a_loss_is_a_loss_on_another_major_too(server, other_major, told, place):
    running = (server, other_major)[place]
    older = (server, other_major)[1 - place].version < running.version
    losses = LOSSES | (WHERE_THE_REFERENCE_IS_OLDER if older else {})
    running.create("rollproof_changed", f"rollproof_museum_{place}")
    try:
        with psycopg.connect(running.dsn("rollproof_changed"), autocommit=True) as connection:
            connection.execute("; ".join(losses))
        with subject(running.dsn("rollproof_changed")) as live:
            lost, _ = verdicts(Recorded(told[1 - place, "museum"][1], "the baseline"), live)
    finally:
        running.drop("rollproof_changed")

    assert set().union(*losses.values()) - lost == set()
