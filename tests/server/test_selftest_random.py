"""Random schemas: no fault is missed in any, no harmless change is red, and where a check is taken away, the self-test says so.

By day some faults of one schema; ROLLPROOF_SELFTESTS=20 tries every fault of so many.
"""

import os
from random import Random

import psycopg
import pytest

from fixtures.random_schemas import statements
from rollproof.plugin import within
from rollproof.rehearsal.faults.listing import faults_of
from rollproof.rehearsal.selftest import run
from rollproof.rehearsal.selftest.asked import Asked
from rollproof.rehearsal.selftest.run import self_tested
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.throwaway.servers.server import fresh_name

SEEDS = int(os.environ.get("ROLLPROOF_SELFTESTS", "0"))
BLIND = "not comments and not pg_dump"


@pytest.fixture
def tested(server, tmp_path):
    """Call it with a seed for the self-test of that schema."""
    names = []

    def tested(seed, *only):
        names.append(name := fresh_name())
        server.create(name)
        with psycopg.connect(server.dsn(name), autocommit=True) as connection:
            for statement in statements(seed, tables=5 if SEEDS else 2):
                connection.execute(statement)
        settings = Settings(database_url=server.dsn(name), report_dir=str(tmp_path))
        return self_tested(Configured(settings, None), Asked(server.dsn(name), only=only), lambda _: None)

    yield tested
    for name in names:
        server.drop(name)


def few(connection):
    """Return a fault of a comment, and one of a column."""
    known = faults_of(connection)
    return tuple(next(each for each in known if each.facet == facet) for facet in ("comments", "columns"))


def some(connection):
    """Return fifty faults, drawn by lot."""
    return tuple(Random(4).sample(faults_of(connection), 50))  # noqa: S311 (no secret)


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_nothing_is_missed_and_nothing_harmless_is_red(tested, seed):
    done = tested(seed)

    assert [f"{each.fault.key}: {each.fault.statement}" for each in done.missed] == []
    assert done.false_alarms == ()
    assert len(done.tried) == done.listed
    assert done.planted > 100
    assert (done.trouble, done.exit_code) == ("", 0)


@pytest.mark.skipif(bool(SEEDS), reason="every fault of many schemas is tried")
def test_some_faults_of_all_kinds_are_seen(tested, monkeypatch):
    monkeypatch.setattr(run, "harmless", lambda *_: ())
    monkeypatch.setattr(run, "faults_of", some)
    done = tested(4)

    assert [each.fault.key for each in done.tried if each.word not in ("seen", "not planted")] == []
    assert done.planted > 40
    assert done.exit_code == 0


def test_a_check_that_is_taken_away_is_missed(tested, monkeypatch):
    """Without the check of comments, and pg_dump, which sees all, comments are missed, and nothing else."""
    monkeypatch.setattr(within, "_ARGUMENTS", (*within._ARGUMENTS, "-k", BLIND))  # noqa: SLF001 (a mistake of ours, made on purpose)
    monkeypatch.setattr(run, "harmless", lambda *_: ())
    monkeypatch.setattr(run, "faults_of", few)
    done = tested(4)

    assert done.exit_code == 1
    assert {each.fault.facet for each in done.missed} == {"comments"}
    assert {each.word for each in done.tried if each.fault.facet != "comments"} == {"seen"}
