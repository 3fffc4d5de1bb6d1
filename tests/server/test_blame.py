"""Which statement made a difference: every statement of tests/data/blame that leaves one is marked with it."""

import shutil
import sys
from pathlib import Path

import psycopg
import pytest

from rollproof.model.finding import FindingId
from rollproof.rehearsal.blame import row_looks
from rollproof.rehearsal.blame.second_run import Run, SecondRun
from rollproof.rehearsal.process import run
from rollproof.rehearsal.state import States
from rollproof.rehearsal.world import World, variables
from rollproof.settings.options import Settings
from rollproof.settings.rehearsal import Rehearsal

DATA = Path(__file__).parents[1] / "data" / "blame"
SETTINGS = Settings(allow_empty=True)


def marked(file):
    """Return the line where the statement before each mark begins, by the difference that the mark names."""
    found, begun = {}, 0
    for number, line in enumerate(file.read_text().splitlines(), 1):
        statement, _, marks = line.partition("-->")
        goes_on = file.suffix == ".sql" and line.startswith((" ", "END", "-->"))
        begun = begun if goes_on or not statement else number
        found |= {FindingId(*mark.split(" ", 1)): (file.name, begun) for mark in marks.strip().split("; ") if mark}
    return found


@pytest.fixture
def world(server):
    """A database as `source.sql` makes it."""
    made = World(server)
    server.create(made.database)
    with psycopg.connect(made.url, autocommit=True) as connection:
        connection.execute((DATA / "source.sql").read_text())
    yield made
    server.drop(made.database)


def traced(world, folder, up, down):
    """Return the differences that the commands leave, each with where it comes from."""
    states = States(SETTINGS)
    before, kept = states.taken(world.url), world.keep()
    ended = [run(command, variables(world.url, {}), folder, 60) for command in (up, down)]
    assert all(each.is_good for each in ended), ended
    findings = states.findings(before, states.taken(world.url))
    runs = (Run("migration", (up,)), Run("rollback", (down,)))
    found = SecondRun(world, folder, Rehearsal(), SETTINGS).origins(kept, runs, findings)
    assert states.findings(before, states.taken(world.url)) == findings, (
        "the database is as it was before it was traced"
    )
    states.let_go()
    world.forget(kept)
    return found


def lines(found, wanted):
    """Return the file and line of the statement to look at first, of the differences that are wanted."""
    origins = {each: found.get(each) for each in wanted}
    places = {each: origin and next(iter(origin.places), None) for each, origin in origins.items()}
    return {
        each: (place.file.name, place.line) if place and place.file else str(origins[each])
        for each, place in places.items()
    }


@pytest.mark.promise
@pytest.mark.skipif(not shutil.which("psql"), reason="psql runs these files")
def test_each_difference_leads_to_the_statement_that_made_it(world):
    found = traced(world, DATA, "psql -qX -v ON_ERROR_STOP=1 -f up.sql", "psql -qX -v ON_ERROR_STOP=1 -f down.sql")
    wanted = marked(DATA / "up.sql") | marked(DATA / "down.sql")

    assert lines(found, wanted) == wanted
    assert {each: str(origin) for each, origin in found.items() if origin.untraced} == {}


@pytest.mark.promise
def test_a_program_of_ones_own_leads_to_its_lines(world, tmp_path, monkeypatch):
    """Two sessions, parameters, rows to COPY, several statements in one call; what happens once only cannot be traced."""
    monkeypatch.setattr(row_looks, "LARGE", 0)  # every table is one that is not read again unless it was touched
    program = f"{sys.executable} migrate.py {{}} {tmp_path / 'once'}"
    found = traced(world, DATA, program.format("up"), program.format("down"))
    wanted = marked(DATA / "migrate.py")

    assert lines(found, wanted) == wanted
    assert FindingId("comments", "public.orders (table)") not in found
    assert found[FindingId("schemas", "once")].untraced == (
        "it could not be traced: run once more, the same commands left it as it was"
    )
