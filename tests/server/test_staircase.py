"""A staircase names the revisions whose way down is dishonest, and goes on above each of them."""

import os
import shlex

import psycopg
import pytest

from rollproof.rehearsal.command import Commands
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.staircase import Staircase
from rollproof.rehearsal.tools.step import Step
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.settings.rehearsal import Rehearsal

BY_NIGHT = pytest.mark.skipif(not os.environ.get("ROLLPROOF_NIGHT"), reason="by night, or with ROLLPROOF_NIGHT=1")

GROUND = "CREATE TABLE t (id integer PRIMARY KEY, name text); INSERT INTO t SELECT n, 'n' || n FROM generate_series(1, 9) AS n"
RENAMED = "ALTER DATABASE {0} RENAME TO {0}_; ALTER DATABASE {0}_ RENAME TO {0}"
# What each revision does, and what its way down does → the words of its stages.
STEPS = {
    "honest": (
        "ALTER TABLE t ADD a int; CREATE TABLE now AS SELECT clock_timestamp() AS it",
        "ALTER TABLE t DROP a; DROP TABLE now",
        "good good good",
    ),
    "does nothing": ("ALTER TABLE t ADD b int", "SELECT 1", "good bad"),
    "loses a row": ("ALTER TABLE t ADD c int", "ALTER TABLE t DROP c; DELETE FROM t WHERE id = 5", "good bad"),
    "refuses": ("ALTER TABLE t ADD d int", "SELECT 1 / 0", "good bad good"),
    "refuses half way": ("ALTER TABLE t ADD e int", "DROP TABLE t; COMMIT; SELECT 1 / 0", "good bad bad"),
    "says that there is no way": ("ALTER TABLE t ADD f int", "SELECT no_way_back", "good irreversible good"),
    "leaves something": (
        "ALTER TABLE t ADD g int; CREATE TABLE IF NOT EXISTS left_behind (id int); INSERT INTO left_behind VALUES (1)",
        "ALTER TABLE t DROP g",
        "good bad",
    ),
    "is not what it was the first time": (
        "ALTER TABLE t ADD h int; ALTER TABLE t ALTER h SET DEFAULT (SELECT count(*) FROM t)",
        "ALTER TABLE t DROP h",
        "undecided",
    ),
    "is above it": ("SELECT 1", "SELECT 1", ""),
}


def command(sql: str) -> tuple[str]:
    """Return the shell command that runs a script; a COMMIT in it ends a transaction."""
    parts = " ".join(f"-c {shlex.quote(part)}" for part in sql.split("; COMMIT; "))
    return (f"psql -X -q -v ON_ERROR_STOP=1 {parts}",)


@pytest.fixture
def stages(server, tmp_path):
    world = World(server)
    server.create(world.database)
    with psycopg.connect(world.url, autocommit=True) as connection:
        connection.execute(GROUND)
    made = Stages(
        world, Commands(world, tmp_path, Rehearsal()), Configured(Settings(), None), lambda _: None, keeps_session=True
    )
    yield made
    made.states.let_go()
    server.drop(world.database)


def test_each_dishonest_way_down_is_named(stages):
    steps = [Step(name, command(up), command(down), refusal="no_way_back") for name, (up, down, _) in STEPS.items()]
    told = list(Staircase(stages, steps).told())

    words = {name: [stage.word for stage in told if stage.revision == name and not stage.report] for name in STEPS}
    assert {name: " ".join(each) for name, each in words.items()} == {name: each[2] for name, each in STEPS.items()}
    (whole,) = (stage for stage in told if stage.report)
    assert whole.revision == "does nothing"
    assert "columns" in {each.check for outcome in whole.report.outcomes for each in outcome.findings}
    assert not [each for outcome in whole.report.outcomes for each in outcome.findings if "now" in each.subject]
    lost = next(stage for stage in told if stage.revision == "loses a row" and stage.word == "bad")
    assert {each.check for each in lost.findings} == {"rows", "content"}
    assert stages.left_out == ["is above it: is not what it was the first time, below it, did not go up"]
    with psycopg.connect(stages.world.url) as connection:  # the last one went up on all of the others
        columns = connection.execute("SELECT * FROM t").description
        assert [column.name for column in columns or ()] == ["id", "name", *"abcdefg"]
        assert connection.execute("SELECT count(*) FROM left_behind").fetchone() == (1,)


@BY_NIGHT
def test_our_session_is_in_nobodys_way(stages):
    renamed = RENAMED.format(stages.world.database).replace("; ", "; COMMIT; ")
    (elsewhere,) = command(renamed)
    elsewhere = f"PGDATABASE=postgres {elsewhere}"
    up, down, _ = STEPS["honest"]
    told = list(Staircase(stages, [Step("a", (elsewhere, *command(up)), command(down))]).told())

    assert [stage.word for stage in told] == ["good", "good", "good"]
