"""`status --json` of the vibes script says what a monitor needs, also while another run is at work; its fields are documented."""

import os
import re
import signal
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "vibes-migration.md"


@contextmanager
def stopped(script, url, operation, words):
    """A run that stands still after a statement with these words, in the middle of its work; it goes on to its end afterwards."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        said = script(url, operation, "--batch-size=7", kill_after=words, by=signal.SIGSTOP)
        os._exit(said.code)
    try:
        wait_until(lambda: standing_still(child))
        yield
    finally:
        os.killpg(child, signal.SIGCONT)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code == 0


def standing_still(group):
    """Tell whether a process of a group is stopped."""
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of = file.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if (state, of) == ("T", str(group)):
            return True
    return False


def wait_until(true):
    for _ in range(1000):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("it never came to pass")


def documented():
    """The fields that the page names."""
    table = PAGE.read_text("utf-8").partition("### What a monitor reads")[2].partition("\n## ")[0]
    first = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    return {field for cell in first for field in re.findall(r"`(\w+)`", cell)}


@pytest.fixture
def proc():
    """Skip where there is no /proc: nobody can tell then when the other run stands still."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("no /proc")


@pytest.mark.usefixtures("proc")
@pytest.mark.parametrize("tables", ["procedure", "bundled"])
def test_while_a_migration_runs_it_says_how_far_it_is_and_waits_for_nobody(tables, world, script):
    url = world(tables)

    with stopped(script, url, "migrate", "INSERT INTO migration_work.journal_entries"):
        seen = script(url, "status")
    after = script(url, "status").facts

    facts, running = seen.facts, seen.facts["running"]
    assert seen.code == 0, seen.text
    assert (running["operation"], running["step"]) == ("migrate", "copy")
    assert running["table"] == "journal_entries"
    assert 0 < running["progress"]["rows"] < running["progress"]["of"]
    assert f"progress: {running['progress']['rows']} of {running['progress']['of']} rows" in "\n".join(facts["lines"])
    assert running["since"] <= running["step_since"] <= facts["at"]
    assert (facts["integrity"], facts["sound"], facts["died"]) == (None, None, None)
    assert facts["not_looked_at"].endswith(f"another run is at work here (server process {running['process']})")
    assert running["actor"] == after["operations"][0]["actor"]
    assert (after["state"], after["sound"], after["running"]) == ("migrated", True, None)
    assert facts.keys() == after.keys() == documented()


@pytest.mark.usefixtures("proc")
def test_while_a_rollback_holds_every_table_it_answers_all_the_same(migrated_world, script):
    url = migrated_world("procedure")

    with stopped(script, url, "rollback", "INSERT INTO public.tags"):
        began = time.monotonic()
        seen = script(url, "status")
        took = time.monotonic() - began

    running = seen.facts["running"]
    assert (seen.code, running["operation"], running["step"]) == (0, "rollback", "fill"), seen.text
    assert running["table"] == "tags"
    assert 0 < running["progress"]["rows"] < running["progress"]["of"]
    assert ["set aside", None] in running["steps"]
    assert {about["state"] for about in seen.facts["tables"].values()} == {"migrated"}  # nothing is committed yet
    assert took < 4
    assert script(url, "status").facts["state"] == "original"


def test_what_died_and_what_failed_is_said_with_its_step(world, script, sql):
    url = world("procedure")
    script(url, "migrate", kill_after="INSERT INTO migration_work.tags")
    died = script(url, "status").facts
    script(url, "migrate")
    sql(url, "CREATE VIEW made_since AS SELECT * FROM tags")
    script(url, "rollback")
    failed = script(url, "status").facts

    assert (died["died"]["operation"], died["died"]["step"], died["state"]) == ("migrate", "copy", "half migrated")
    assert (died["sound"], died["running"], died["counts"]) == (
        False,
        None,
        {"completed": 0, "failed": 0, "started": 1},
    )
    error = failed["last_error"]
    assert (error["operation"], error["step"]) == ("rollback", "drop")
    assert "made_since" in error["detail"]
    assert failed["counts"] == {"completed": 1, "failed": 2, "started": 0}
    assert (failed["died"], failed["state"]) == (None, "migrated")


def test_what_is_amiss_is_not_sound(world, script, sql):
    url = world("procedure")
    first = script(url, "status").facts
    script(url, "backup")
    sql(url, "ALTER TABLE tags DROP CONSTRAINT fk_tags_user_id", "DELETE FROM migration_backup.tags_backup")

    found = script(url, "status").facts

    assert (first["sound"], first["state"], first["last_error"]) == (True, "original", None)
    assert found["sound"] is False
