"""A migration beside a session that writes, and figures held against limits: what the user is told."""

import shlex
import sys
from pathlib import Path

import psycopg
import pytest

from rollproof.rehearsal.command import Commands
from rollproof.rehearsal.contention import Contention
from rollproof.rehearsal.costs import contender
from rollproof.rehearsal.costs.figures import EVERYTHING, Figures, Missing, TableLock
from rollproof.rehearsal.costs.forecast import Forecast, forecasts
from rollproof.rehearsal.costs.impatience import lock_timeout
from rollproof.rehearsal.costs.traffic import Rates, Traffic
from rollproof.rehearsal.limits import held_to
from rollproof.rehearsal.process import Ran
from rollproof.rehearsal.record import Rehearsed, Stage
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.tools.step import Step
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.settings.rehearsal import Rehearsal
from rollproof.throwaway.servers.server import Server

TABLES = """
CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1);
CREATE TABLE alembic_version AS SELECT 'a' AS version_num
"""
BACK = "UPDATE alembic_version SET version_num = 'a'; ALTER TABLE orders ALTER id TYPE int; DROP TABLE IF EXISTS half"
BOOKS = "UPDATE alembic_version SET version_num = 'x'"  # nobody else writes there
WIDER = "ALTER TABLE orders ALTER id TYPE bigint"
SHORT = "SET lock_timeout = '150ms'"
SAYS = "import os, psycopg, sys, time; c = psycopg.connect(os.environ['DATABASE_URL'], autocommit=True)\n"


def _sql(*statements: str) -> str:
    return _python("".join(f"c.execute({statement!r})\n" for statement in statements))


def _python(text: str) -> str:
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(SAYS + text)}"


RETRY = _python(
    f"c.execute({SHORT!r})\nc.execute({BOOKS!r})\nfor _ in range(20):\n  try: c.execute({WIDER!r}); break\n"
    "  except psycopg.errors.LockNotAvailable: time.sleep(0.15)\nelse: sys.exit('never got it')"
)


@pytest.fixture
def stages(server: Server, new_database, tmp_path: Path) -> Stages:
    world = World(server, new_database())
    with psycopg.connect(world.url, autocommit=True) as connection:
        connection.execute(TABLES)
    return Stages(world, Commands(world, tmp_path, Rehearsal()), Configured(Settings(), None), lambda _: None)


def _told(stages: Stages, up: str, down: str = _sql(BACK)) -> list[Stage]:
    kept = stages.world.keep()
    alone = (Stage("migrate", "good", ""), Stage("rollback", "good", ""))
    try:
        return list(Contention(stages, Step("", (up,), (down,)), kept, alone).told())
    finally:
        stages.world.forget(kept)


def test_a_migration_that_tries_again_and_a_rollback_that_waits(stages: Stages, monkeypatch: pytest.MonkeyPatch):
    """Both get to their end; who waits without a limit keeps readers waiting behind it, and is told so."""
    monkeypatch.setattr(contender, "LONG", 0.6)
    monkeypatch.setattr(contender, "_LONGER", 0.4)
    up, down, after = _told(stages, RETRY)

    assert [stage.word for stage in (up, down, after)] == ["good", "warning", "good"]
    assert "tried again, and got them" in up.sentence
    assert "whoever reads public.orders waited" in down.sentence
    assert down.figures
    assert [str(each) for each in down.figures.rewrites] == ["public.orders by statement 1"]
    assert {lock.table: lock.reader_waited for lock in down.figures.locks}["public.orders"] == pytest.approx(
        0.8, abs=0.3
    )


@pytest.mark.promise
def test_a_migration_that_gives_up_half_way(stages: Stages):
    """What it left is what counts: a rollback that does not put that back is bad, though giving up is not."""
    failed, back, left = _told(stages, _sql("CREATE TABLE half ()", SHORT, WIDER), _sql("SELECT 1"))

    assert [stage.word for stage in (failed, back, left)] == ["good", "good", "bad"]
    assert "gave up waiting" in failed.sentence
    assert left.sentence == "4 differences from before it, after the rollback"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("SET lock_timeout = '5s'", 5),
        ("set local LOCK_TIMEOUT to 1500", 1.5),
        ("SELECT set_config('lock_timeout', '2min', true)", 120),
        ("SET statement_timeout = '5s'", 9),
    ],
)
def test_the_first_lock_timeout_is_read_from_what_was_sent(text: str, seconds: float):
    """As PostgreSQL reads it: milliseconds where there is no unit."""
    assert lock_timeout(["SELECT 1", text, "SET lock_timeout = '9s'"]) == seconds


def test_figures_are_held_against_limits():
    """Each limit is a stage: bad where a figure is above it, undecided where nobody measured it."""
    ran = (Ran("down", 0, 12.0, ""),)
    locked = Figures(locks=(TableLock("public.orders", "SHARE", 3.0, 0.0, 3.0, 90_000_000),), wal_bytes=1_000)
    back = Stage("rollback", "good", "", ran=ran, figures=locked, compared=True)
    unseen = Stage("migrate", "good", "", ran=ran, figures=Figures(missing=(Missing(EVERYTHING, "no rights"),)))
    asked = Rehearsal(max_rollback_seconds=10, max_lock_seconds=5, max_wal_bytes=999)
    slow, waited, wrote = held_to(asked, (unseen, back))

    assert [slow.word, waited.word, wrote.word] == ["bad", "undecided", "bad"]
    assert slow.sentence == "the rollback took 12.0 s; --max-rollback-seconds allows 10"
    assert "no rights" in waited.sentence
    _, kept, _ = held_to(asked, (back,))
    assert kept.sentence == "the rollback kept writers of public.orders waiting for 3.0 s; --max-lock-seconds allows 5"
    (foreseen,) = forecasts("it rolls back", locked, Traffic(1, {"public.orders": Rates(1, 1, 900_000_000)}))
    outage = Stage("outage forecast", "good", "", forecasts=(foreseen,))
    _, longer, _ = held_to(asked, (back, outage))
    assert (longer.word, longer.sentence) == ("bad", f"{foreseen.sentence}; --max-lock-seconds allows 5")
    rehearsed = Rehearsed("", "", "", 150000, "", 1.0, (back, slow))
    assert (rehearsed.verdict, rehearsed.exit_code) == ("ABOVE THE LIMIT", 1)


def test_a_limit_is_undecided_where_nothing_could_be_foreseen():
    back = Stage("rollback", "good", "", ran=(Ran("down", 0, 12.0, ""),), figures=Figures(), compared=True)
    unknown = Forecast("it migrates", "public.orders", 0.0, 0.0, 1, 1, 0.0, "nobody knows")
    for outage in (
        Stage("outage forecast", "good", "", forecasts=(unknown,)),
        Stage("outage forecast", "warning", "cannot connect to production"),
    ):
        (waited,) = held_to(Rehearsal(max_lock_seconds=5), (back, outage))
        assert waited.word == "undecided"
