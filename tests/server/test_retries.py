"""Connections that are lost while a database is read: the verdict is the undisturbed one, or INCONCLUSIVE."""

import os
import time

import psycopg
import pytest

from fixtures.facts import told as facts_of
from rollproof.catalog.capture import Scope
from rollproof.catalog.queries import queries
from rollproof.model.errors import Inconclusive
from rollproof.probes.recorded import take_baseline
from rollproof.server.reader import Limits, SnapshotReader, Target
from rollproof.settings.options import Settings
from rollproof.sources.live import Live
from rollproof.sources.source import CONTENT
from rollproof.sources.table_groups import EVERYTHING

ONE = Limits(jobs=1, heartbeat=600)  # a sign of life is a statement, too, and these are counted
FACETS = ("tables",)
SCOPE = Scope(("public",), "migration_backup", "public.migration_log")
FILL = "CREATE TABLE a AS SELECT i, i::text AS t FROM generate_series(1, 200) AS i"


def filled(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(FILL)


@pytest.fixture
def few_questions(monkeypatch):
    """Few facets, so that every boundary between two statements can be tried."""
    monkeypatch.setattr(
        "rollproof.catalog.capture.queries",
        lambda version: {facet: sql for facet, sql in queries(version).items() if facet in FACETS},
    )


def looking(url, limits=ONE):
    return SnapshotReader(Target.parse(url), limits)


def told(url, limits=ONE):
    """Return every fact, the reasons where there is none (`*`: for the whole facet), and the view's notes."""
    with looking(url, limits) as view:
        return *facts_of(Live(view, SCOPE, "subject"), (*FACETS, *CONTENT)), view.notes


def honest(facts, unknown, undisturbed):
    """Whether each fact is the undisturbed one, or is said to be unknown."""
    return all(
        "*" in unknown[facet]
        or (
            all(facts[facet].get(name) == text or name in unknown[facet] for name, text in known.items())
            and facts[facet].keys() <= known.keys()
        )
        for facet, known in undisturbed.items()
    )


OURS = "FROM pg_stat_activity WHERE application_name = 'rollproof' AND datname = current_database()"
VICTIMS = {
    "the one that asks": "SELECT pg_terminate_backend(%s, 5000)",
    "the one that holds the snapshot": f"SELECT pg_terminate_backend(pid, 5000), %s::int {OURS} ORDER BY backend_start LIMIT 1",
    "all": f"SELECT pg_terminate_backend(pid, 5000), %s::int {OURS}",
}


class Killer:
    """Counts our statements, and ends sessions of ours just before some of them."""

    def __init__(self, admin, monkeypatch):
        self.statements = 0
        self.deadly = {}
        self.admin = admin
        original = psycopg.Connection.execute

        def execute(connection, *arguments, **options):
            if connection.info.parameter_status("application_name") == "rollproof":
                self.statements += 1
                if victim := self.deadly.pop(self.statements, None):
                    original(admin, VICTIMS[victim], (connection.info.backend_pid,))
            return original(connection, *arguments, **options)

        monkeypatch.setattr(psycopg.Connection, "execute", execute)

    def alone(self):
        """Wait until the server has ended the sessions of the run before, which might be met instead."""
        while self.admin.execute(f"SELECT count(*) {OURS}").fetchone() != (0,):
            time.sleep(0.01)

    def plan(self, *boundaries, victim):
        self.statements, self.deadly = 0, dict.fromkeys(boundaries, victim)


@pytest.fixture
def killer(database_from, monkeypatch):
    url = database_from(filled)
    with psycopg.connect(url, autocommit=True) as admin:
        yield url, Killer(admin, monkeypatch)


@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.usefixtures("few_questions")
def test_a_session_killed_before_any_statement_changes_no_fact(victim, killer):
    url, killer = killer
    undisturbed, nothing, no_notes = told(url)
    opening, last = 7, killer.statements
    begun = last - 1  # the last question has its snapshot: it reads, and looks whether what it read was that snapshot's
    assert (no_notes, [*filter(None, nothing.values())]) == ((), [])
    assert last > 15

    step = int(os.environ.get("ROLLPROOF_LOSS_EVERY", "4"))
    # Each victim at other boundaries; those at which a session is opened, and the last, for all.
    for boundary in sorted({*range(opening + [*VICTIMS].index(victim), last, step), 1, opening - 1, last}):
        killer.alone()
        killer.plan(boundary, victim=victim)
        try:
            facts, unknown, notes = told(url)
        except Inconclusive:
            assert boundary < opening, "once it is open, one session may be lost"
            continue
        assert (facts, [*filter(None, unknown.values())]) == (undisturbed, []), boundary
        assert bool(notes) == (victim == "all" or (victim != "the one that asks" and boundary < begun)), boundary


@pytest.mark.usefixtures("few_questions")
def test_the_second_loss_of_the_snapshot_is_inconclusive_and_never_a_fact(killer):
    url, killer = killer
    undisturbed, *_ = told(url)
    for first in range(8, killer.statements, 5):
        killer.alone()
        killer.plan(first, first + 6, victim="all")
        try:
            facts, unknown, _ = told(url)
        except Inconclusive:
            continue
        assert honest(facts, unknown, undisturbed)
        assert "was lost" in str(unknown)

    killer.alone()
    killer.plan(9, 21, victim="all")
    facts, _, notes = told(url, Limits(jobs=1, heartbeat=600, several_snapshots=True))
    assert facts == undisturbed
    assert "3 instants" in notes[-1]


def test_no_baseline_is_of_several_instants(killer):
    url, killer = killer
    with looking(url) as view:
        side = Live(view, SCOPE, "subject")
        killer.plan(1, victim="all")
        assert side.known("rows", EVERYTHING).facts == {"public.a": "200"}
        with pytest.raises(Inconclusive, match="several instants"):
            take_baseline(side, Settings(), {})


def test_another_database_behind_the_same_address_is_never_read_for_the_first(database_from, new_database):
    """As after a failover to a server that is no copy, or a pooler that was pointed elsewhere."""
    url = database_from(filled)
    with looking(url) as view, psycopg.connect(url, autocommit=True) as admin:
        view.ask(lambda connection: connection.execute(b"SELECT count(*) FROM public.a").fetchone())
        view.target.parameters["dbname"] = new_database()
        admin.execute(VICTIMS["all"] % 0)

        with pytest.raises(Inconclusive, match="another database than a moment ago"):
            view.ask(lambda connection: connection.execute(b"SELECT count(*) FROM pg_class").fetchone())
