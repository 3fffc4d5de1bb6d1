"""After the rollback of vibes its backend is started again, and `rollproof watch` sees what breaks then."""

import re
import sys

import psycopg
import pytest

from rollproof.commands.bundled_story import Service, Story, free_port
from rollproof.system.bundle import suite_root

VIBES = suite_root() / "scenarios" / "vibes"
WATCH = '\n[watch]\nlasts = "0.6s"\nevery = "0.3s"\nrounds = 2\n'
ROUND = re.compile(r"round \d, \d+\.\d s: \d+ cases of definitions as they were; 3 of 3 endpoints good in \d+\.\d+ s; ")


@pytest.fixture
def named(vibes):
    """The variables of the endpoints of a backend that runs on this vibes."""
    story, port = Story.read(VIBES / "rehearsal.toml"), str(free_port())
    variables = {"VIBES_URL": f"http://127.0.0.1:{port}", "VIBES_TOKEN": "vibes-demo-token"}
    own = {**variables, "DATABASE_URL": vibes, "PORT": port, "PYTHON": sys.executable}
    backend = Service(story.serve, story.ready, VIBES, own)
    yield variables
    backend.stop()


@pytest.fixture
def watch(vibes, named, script, command, tmp_path):
    """Call it with words to type, to watch a vibes that was migrated and rolled back."""
    settings = (VIBES / "rollproof.toml").read_text("utf-8").replace("max_seconds = 2.0", "max_seconds = 20.0")
    (tmp_path / "rollproof.toml").write_text(settings + WATCH)
    taken = command(tmp_path, "capture", "--database-url", vibes, environment=named)
    assert taken.returncode == 0, taken.output
    for operation in ("migrate", "rollback"):
        said = script(vibes, operation)
        assert said.code == 0, said.text
    return lambda *typed: command(tmp_path, "watch", "--database-url", vibes, *typed, environment=named)


def test_a_foreign_key_that_is_switched_off_ends_the_watch(vibes, watch):
    """Nothing else shows it: the constraint is there, valid, and refuses no row."""
    steady = watch()
    with psycopg.connect(vibes, autocommit=True) as connection:
        connection.execute("ALTER TABLE journal_entries DISABLE TRIGGER ALL")
    ended = watch("--for", "1h")

    assert (steady.returncode, len(ROUND.findall(steady.stdout))) == (0, 2), steady.output
    assert "logins: 100.0% of 2 successful" in steady.stdout
    assert ended.returncode == 1, ended.output
    assert re.search(r"RED: foreign_key_triggers: public\.journal_entries\.\w+ changed", ended.said)
