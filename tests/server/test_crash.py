"""A migration cut anywhere: what the rollback makes of it is judged by what is then in the database, not by what it says."""

import re
import shlex

import psycopg
import pytest

from rollproof.rehearsal.command import Commands
from rollproof.rehearsal.crash.crashes import HANGS, IDLE, Crashes
from rollproof.rehearsal.crash.journal import Journal, place_of, seal
from rollproof.rehearsal.crash.places import places, sample
from rollproof.rehearsal.crash.undoing import HARMS, HERE_TOO, TOO_FAR, TWICE, Undoing, Undone
from rollproof.rehearsal.crash_point import CrashPoint
from rollproof.rehearsal.proxy.sent import Cut, Sent
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.tools.step import Step
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.settings.rehearsal import Rehearsal

GROUND = "CREATE TABLE t (id integer PRIMARY KEY, name text); INSERT INTO t SELECT n, 'n' || n FROM generate_series(1, 9) AS n"
UP = "ALTER TABLE t ADD a int; CREATE INDEX CONCURRENTLY ia ON t (a)"


def psql(script: str) -> str:
    """Return the shell command that runs the statements of a script, each in a transaction of its own."""
    parts = " ".join(f"-c {shlex.quote(part)}" for part in re.split(r";\s", script))
    return f"psql -X -q -v ON_ERROR_STOP=1 {parts}"


@pytest.fixture
def make(server, tmp_path, monkeypatch):
    """What makes the stages of a rehearsal on a database with a table of nine rows."""
    monkeypatch.setenv("PATH", f"{server.bindir}:/usr/bin:/bin")
    world = World(server)
    server.create(world.database)
    with psycopg.connect(world.url, autocommit=True) as connection:
        connection.execute(GROUND)
    yield Stages(world, Commands(world, tmp_path, Rehearsal()), Configured(Settings(), None), lambda _: None)
    for name in (*world.kept, world.database):
        server.drop(name)


def crashed(make, up, down, most=None):
    """Cut a migration and its rollback; return the stage of an idle rollback, the crash points, and what was left out."""
    found = []
    reports = make.commands.folder / "reports"
    crashes = Crashes(make, Step("", (psql(up),), (psql(down),)), make.world.keep(), most, reports, found)
    [stage] = crashes.told()
    return stage, found, crashes.left_out


def bad(points):
    return {(point.of, point.cut.number, point.cut.how) for point in points if not point.is_good}


def test_a_rollback_that_can_begin_anywhere_is_good_from_everywhere(make):
    """Also from an index that was half built when the server's process was killed, and one that was half dropped."""
    stage, points, _ = crashed(make, UP, "DROP INDEX CONCURRENTLY IF EXISTS ia; ALTER TABLE t DROP COLUMN IF EXISTS a")

    assert (stage.name, stage.word, bad(points)) == (IDLE, "good", set())
    everywhere = [("before", 1), ("after", 1), ("kill", 1), ("before", 2), ("after", 2), ("kill", 2)]
    for of in ("migration", "rollback"):
        assert [(point.cut.how, point.cut.number) for point in points if point.of == of] == everywhere
    left = {(point.of, point.cut.how, point.cut.number): point.left for point in points}
    assert (
        left["migration", "before", 1] == left["rollback", "after", 2] == "the database as it was before the migration"
    )
    assert left["migration", "after", 2] == left["rollback", "before", 1] == "the database as it is after the migration"
    assert "difference" in left["migration", "kill", 2]
    assert left["rollback", "kill", 1] != left["rollback", "after", 1]  # it is not valid, and not gone


@pytest.mark.promise
def test_the_statements_are_named_that_leave_what_the_rollback_cannot_undo(make):
    """The rollback is honest as long as nothing happens: a look at the way there and back shows nothing."""
    stage, points, left_out = crashed(make, UP, "DROP INDEX ia; ALTER TABLE t DROP COLUMN a", most=3)

    assert stage.word == "good"  # it refuses, and leaves the database as it is
    assert bad(points) >= {("migration", 1, "after"), ("rollback", 1, "after")}
    assert not {("migration", 1, "before"), ("migration", 2, "kill"), ("rollback", 1, "before")} & bad(points)
    first = next(point for point in points if not point.is_good)
    assert "public.t.a was left behind" in {finding.sentence.split(" (")[0] for finding in first.findings}
    assert 'index "ia" does not exist' in first.trouble
    assert (first.text, first.codes) == ("ALTER TABLE t ADD a int", (1, 1))
    assert left_out[0] == "the migration was cut at 3 of 6 places (--crash-sample)"


TIMID = """DO $$ BEGIN IF to_regclass('mark') IS NULL THEN TRUNCATE t;END IF;END $$; DROP TABLE mark"""
# As golang-migrate's: what it takes back is whatever was the last.
OF_A_TOOL = """DO $$ BEGIN IF (SELECT version FROM schema_migrations) = 1 THEN DROP TABLE t;END IF;END $$;
UPDATE schema_migrations SET version = version - 1"""
HASTY = """DO $$ BEGIN IF to_regclass('mark') IS NULL THEN DROP TABLE IF EXISTS more;END IF;END $$; DROP TABLE IF EXISTS mark;
SELECT 1 / (to_regclass('more') IS NULL)::int"""


@pytest.mark.promise
@pytest.mark.parametrize(
    ("down", "cut_off", "idle", "then"),
    [
        (TIMID, "CREATE TABLE mark ()", Undone(trouble=HARMS), Undone(warning=HERE_TOO)),
        (OF_A_TOOL, "UPDATE schema_migrations SET version = 2", Undone(warning=TOO_FAR), Undone(warning=TOO_FAR)),
        (HASTY, "CREATE TABLE mark (); CREATE TABLE more ()", Undone(), Undone(warning=TWICE)),
    ],
)
def test_what_happens_when_it_is_run_once_more_is_told(make, down, cut_off, idle, then):
    """Where nothing is left to undo, or where it failed: by a rollback that harms, one that goes too far, and one that is hasty."""
    url = make.world.url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty bool NOT NULL)")
        connection.execute("INSERT INTO schema_migrations VALUES (1, false)")
        kept, before = make.world.keep(), make.states.taken(url)
        undoing = Undoing(make.commands, make.states, (psql(down),), before)
        found = undoing.idly(before)
    make.world.bring_back(kept)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(cut_off)
    after = undoing.undone(make.states.taken(url))

    assert (found.trouble, found.warning, bool(found.findings)) == (idle.trouble, idle.warning, bool(idle.trouble))
    assert (after.trouble, after.warning, after.findings) == (then.trouble, then.warning, ())


def test_a_file_of_several_transactions_sent_in_one_go_is_cut_inside(make):
    """The server's process ends after the first of them: half of the file is done, though it is one statement of the tool's."""
    file = "BEGIN;ALTER TABLE t ADD a int;COMMIT;BEGIN;ALTER TABLE t ADD b int;COMMIT"
    _, points, left_out = crashed(make, file, "BEGIN;ALTER TABLE t DROP b;ALTER TABLE t DROP a;COMMIT", most=4)

    assert bad(points) == {("migration", 1, "kill")}
    [inside] = [point for point in points if point.cut.instead]
    assert (inside.text, left_out) == ("BEGIN;\nALTER TABLE t ADD a int;\nCOMMIT;", [])


def test_a_tool_that_tries_for_ever_is_ended_and_told(make, monkeypatch):
    """It is down as long as the network is."""
    monkeypatch.setattr("rollproof.rehearsal.crash.crashes._PATIENCE", 1.0)
    found = []
    stubborn = f"until {psql('CREATE TABLE IF NOT EXISTS made ()')}; do sleep 0.1; done"
    step = Step("", (stubborn,), (psql("DROP TABLE IF EXISTS made"),))
    list(Crashes(make, step, make.world.keep(), 1, make.commands.folder, found).told())

    assert [(point.of, point.warning) for point in found] == [("migration", HANGS), ("rollback", "")]


def sent(*tags, after="idle"):
    return [Sent(number, 1, "", seconds=1.0, tag=tag, after=after) for number, tag in enumerate(tags, 1)]


def test_places_are_left_out_only_where_nothing_can_have_changed():
    of = [*sent("SET", "SELECT 1"), *sent("BEGIN", "ALTER TABLE", "INSERT 0 1", after="open"), *sent("COMMIT")]
    found = places([Sent(n, 1, "SELECT 1", (), 0, 1.0, each.tag, after=each.after) for n, each in enumerate(of, 1)])

    made = places(
        [Sent(1, 1, "CREATE TABLE copy AS SELECT 1", seconds=1.0, tag="SELECT 1", after="idle"), *sent("SET")]
    )
    assert [(cut.number, cut.how) for cut in made[:3]] == [(1, "before"), (1, "after"), (1, "kill")]
    assert [(cut.number, cut.how) for cut in found] == [
        (1, "before"),
        (3, "before"),
        (4, "kill"),
        (5, "before"),
        (5, "kill"),
        (6, "before"),
        (6, "after"),
    ]


@pytest.mark.parametrize("wanted", [1, 2, 5, 20, 1000])
def test_a_sample_has_the_ends_and_the_commits(wanted):
    run = sent(*(["INSERT 0 1"] * 50 + ["COMMIT"] + ["INSERT 0 1"] * 50))
    found = places(run)
    chosen = sample(found, run, wanted)

    assert len(chosen) == min(wanted, len(found))
    assert list(chosen) == sorted(chosen, key=found.index)
    if wanted >= 4:
        assert {found[0], found[-1], Cut(51, "before"), Cut(51, "after")} <= set(chosen)


def test_an_interrupted_rehearsal_goes_on_unless_anything_was_changed(tmp_path):
    reports = tmp_path / "reports"
    file, point = (
        tmp_path / "reports" / "points",
        CrashPoint("migration", Cut(7, "kill", 0.25), "SELECT 1", left="nothing"),
    )
    script = tmp_path / "down.sql"
    script.write_text("SELECT 1")
    first = seal(tmp_path, reports, ["up"], b"before")
    Journal(file, first).keep(point)
    with file.open("ab") as cut_short:
        cut_short.write(b'{"of":"migr')

    assert first == seal(tmp_path, reports, ["up"], b"before")
    assert Journal(file, first).known[place_of("migration", Cut(7, "kill", 0.5))] == point
    script.write_text("SELECT 2; -- mended")
    assert first != seal(tmp_path, reports, ["up"], b"before")
    assert not Journal(file, seal(tmp_path, reports, ["up"], b"before")).known
