"""Why a self-test does not see a fault: each way to cripple a configuration is named, and without it the fault is seen.

By day those that do not meet are tried together; ROLLPROOF_SELFTEST=each tries every one alone, too, and looks without it.
"""

import os
from dataclasses import replace

import psycopg
import pytest

from fixtures.crippled import CRIPPLED, EMAIL, EVENTS, HARMLESS, NOTES, ORDERS, SAFE, SCHEMA, TOTAL, fault, waived
from rollproof.commands.taken import take
from rollproof.model.errors import Misuse
from rollproof.rehearsal.selftest.ground import Ground
from rollproof.rehearsal.selftest.reasons import reasons
from rollproof.rehearsal.selftest.sight import Sight
from rollproof.rehearsal.selftest.trial import tried
from rollproof.rehearsal.selftest.verifier import Verifier
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.sources.baseline import save

EACH = os.environ.get("ROLLPROOF_SELFTEST") == "each"
BY_NIGHT = pytest.mark.skipif(not EACH, reason="by night: ROLLPROOF_SELFTEST=each")
TOGETHER = ("an exact waiver", "may_grow", *(("column_order of a table", "the log") if EACH else ()))


@pytest.fixture(scope="module")
def grounds(server):
    """A database on the tests' own server, on which faults are planted: for a superuser, and for a role that may read a part."""
    world = World(server)
    server.create(world.database)
    with psycopg.connect(world.url, autocommit=True) as admin:
        admin.execute(SCHEMA)
    url = Verifier("selftest_reader", "selftest_reader").url(world)
    made = Ground(world, world.keep(), "postgres", world.url, ())
    yield made, replace(made, role="selftest_reader", role_url=url, is_superuser=False)
    server.drop(world.database)
    for name in world.kept:
        world.forget(name)
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute("DROP ROLE selftest_reader, selftest_group, selftest_idle")


@pytest.fixture
def made(grounds):
    """The ground for a superuser."""
    return grounds[0]


@pytest.fixture
def reader(grounds):
    """The ground for the poor role."""
    return grounds[1]


def asked(**settings):
    return Configured(Settings(**settings), None)


def told(made, configured, *faults):
    sight = Sight.of(configured, made)
    return {each.fault: (each.word, each.reason) for each in reasons(made, sight, faults)}


def seen(made, configured, planted):
    return tried(made, Sight.of(configured, made), [planted]).told(planted)


def merged(*names):
    settings = {}
    for name in names:
        for key, value in CRIPPLED[name][1].items():
            settings[key] = (
                {**settings.get(key, {}), **value}
                if isinstance(value, dict)
                else settings.get(key, ()) + value
                if isinstance(value, tuple)
                else value
            )
    return asked(**settings)


def test_what_cripples_a_configuration_is_named(made):
    """Of several at once each fault is given its own."""
    found = told(made, merged(*TOGETHER), *(CRIPPLED[name][0] for name in TOGETHER))

    for name in TOGETHER:
        hidden, _, word, said = CRIPPLED[name]
        assert found[hidden] == (word, found[hidden][1]), name
        assert said in found[hidden][1]
        assert "together" not in found[hidden][1]


@BY_NIGHT
def test_what_changes_nothing_was_not_planted(made):
    found = told(made, asked(), HARMLESS)

    assert found == {HARMLESS: ("not planted", "it changes nothing that pg_dump, pg_dumpall or the catalogue show")}


@BY_NIGHT
def test_two_at_once_are_both_named(made):
    waiver = waived("columns", "public.users.email")
    word, said = told(made, asked(waiver=waiver, schemas=("app",)), EMAIL)[EMAIL]

    assert word == "not configured"
    assert said == f'together: schemas = ["app"] leaves public out; and {waiver[0]}'


def test_what_the_role_may_not_read_is_named(reader):
    """A table without SELECT, a schema without USAGE, rows that a policy hides; what it may read is seen."""
    found = told(reader, asked(), ORDERS, SAFE, NOTES, EVENTS)

    assert found == {
        ORDERS: ("not readable", "role selftest_reader has no SELECT on app.orders"),
        SAFE: ("not readable", "role selftest_reader has no USAGE on schema closed"),
        NOTES: ("not readable", "role selftest_reader is subject to the row security of public.notes"),
        EVENTS: ("seen", ""),
    }


@pytest.fixture
def partial(reader, tmp_path):
    """A baseline that the poor role took: `capture --partial`."""
    reader.renew()
    snapshot = take(Settings(database_url=reader.role_url), {}).snapshot
    save(snapshot, tmp_path / "partial.json")
    return str(tmp_path / "partial.json")


def test_what_the_reference_does_not_know_is_named(made, partial):
    """A superuser verifies, and the baseline was taken by a poor role: capture --partial."""
    found = told(made, asked(reference=partial), ORDERS, EVENTS)

    assert found[ORDERS][0] == "not readable"
    assert "the reference does not know it: app.orders could not be read: permission denied" in found[ORDERS][1]
    assert found[EVENTS] == ("seen", "")


@BY_NIGHT
def test_a_baseline_of_fewer_schemas_is_named(made, tmp_path):
    made.renew()
    save(take(Settings(database_url=made.world.url, schemas=("public",)), {}).snapshot, tmp_path / "narrow.json")
    found = told(made, asked(reference=str(tmp_path / "narrow.json")), TOTAL)

    assert found == {TOTAL: ("not configured", "the reference knows the schemas public alone, not app")}


@BY_NIGHT
def test_what_neither_the_role_nor_the_reference_knows_is_one_reason(reader, partial):
    [orders] = reasons(reader, Sight.of(asked(reference=partial), reader), [ORDERS])

    assert (orders.word, orders.reason) == (
        "not readable",
        "role selftest_reader has no SELECT on app.orders, and the reference does not know it either",
    )
    assert orders.mend == "GRANT SELECT ON app.orders TO selftest_reader; take the baseline again: rollproof capture"


def test_the_reference_must_be_one(made, tmp_path):
    (tmp_path / "broken.json").write_text("{}")
    with pytest.raises(Misuse):
        Sight.of(asked(reference=str(tmp_path / "broken.json")), made)
    with pytest.raises(Misuse, match="no baseline at"):
        Sight.of(asked(reference=str(tmp_path / "missing.json")), made)


@BY_NIGHT
@pytest.mark.parametrize("name", CRIPPLED)
def test_each_is_the_reason_and_without_it_the_fault_is_seen(made, name):
    hidden, settings, word, said = CRIPPLED[name]
    found = told(made, asked(**settings), hidden)[hidden]

    assert found[0] == word
    assert said in found[1]
    assert "together" not in found[1]
    if name not in {"the log", "the backup"}:
        made.renew()
    assert seen(made, asked(), hidden) == (hidden.facet,)


@BY_NIGHT
def test_what_a_role_gets_to_read_it_sees(made, reader):
    """Each grant that is told ends the blindness."""
    for hidden, word, mend in (
        (ORDERS, "not readable", "GRANT SELECT ON app.orders TO selftest_reader;"),
        (SAFE, "not readable", "GRANT USAGE ON SCHEMA closed TO selftest_reader;"),
        (NOTES, "not readable", "ALTER ROLE selftest_reader BYPASSRLS;"),
    ):
        made.renew()
        [found] = reasons(reader, Sight.of(asked(), reader), [hidden])
        assert (found.word, found.mend) == (word, mend)
        with psycopg.connect(made.world.url, autocommit=True) as admin:
            admin.execute(found.mend)
        granted = replace(reader, kept=made.world.keep())
        assert tried(granted, Sight.of(asked(), granted), [hidden]).told(hidden) == ("content",)


@BY_NIGHT
def test_what_nothing_explains_is_missed(made):
    """A change of PostgreSQL's own function, which no check looks at: another witness tells that it is one."""
    planted = fault(
        "functions", "pg_catalog.int4pl", "UPDATE pg_proc SET procost = procost + 1 WHERE proname = 'int4pl'"
    )
    word, said = told(made, asked(), planted)[planted]

    assert word == "missed"
    assert said.startswith("nothing of the configuration explains it: pg_proc sees it")


@BY_NIGHT
@pytest.mark.parametrize(
    ("statement", "facet", "identity", "said"),
    [
        ("SELECT setval('public.numbers', 500)", "sequence_positions", "public.numbers", "in place of 1 loses nothing"),
        (
            "ALTER ROLE selftest_idle VALID UNTIL '2040-01-01'",
            "roles",
            "selftest_idle",
            "it holds nothing in this database, and concerns others alone",
        ),
        (
            "INSERT INTO public.flyway_schema_history (installed_rank) VALUES (2)",
            "rows",
            "public.flyway_schema_history",
            "Flyway keeps its own books there",
        ),
    ],
)
def test_what_rollproof_accepts_by_design_is_not_missed(made, statement, facet, identity, said):
    planted = fault(facet, identity, statement)
    word, reason = told(made, asked(), planted)[planted]

    assert word == "waived"
    assert reason.startswith(f"rollproof itself accepts it: {facet} {identity}: ")
    assert reason.endswith(said)
