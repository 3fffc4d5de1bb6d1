"""Migration tools as people have them: an honest way down is told from each kind of dishonest one, whoever runs it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.tool_projects import DISHONEST, MIGRATIONS, PROJECTS
from rollproof.rehearsal.command import Commands
from rollproof.rehearsal.one_server import OneServer
from rollproof.rehearsal.state import States
from rollproof.rehearsal.tools.recognised import tool
from rollproof.rehearsal.world import World, variables
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.settings.rehearsal import Rehearsal

BY_DAY = {"sql-files": tuple(MIGRATIONS), "alembic": ("base", "loses_an_action", "no_way")}
EVERY = os.environ.get("ROLLPROOF_TOOLS") == "all"
WANTED = dict.fromkeys(PROJECTS, tuple(MIGRATIONS)) if EVERY else BY_DAY
NEEDS = {"alembic": "", "flask-migrate": "", "django": "", "dbmate": "npm", "knex": "npm", "sqitch": "sqitch"}


@pytest.fixture(scope="session")
def of_npm(together):
    """The folder of the programs of dbmate and Knex."""
    folder = together / "npm"
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "dbmate", "knex", "pg"],  # noqa: S607 (wherever it is)
        cwd=folder,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"npm cannot install dbmate and knex here: {done.stderr[-200:]!r}")
    return folder / "node_modules"


@pytest.fixture
def project(request, tmp_path, monkeypatch):
    """Call it with a tool and names of migrations for the folder of a project in which the tool's program is found."""

    def write(tool, names):
        needs = NEEDS.get(tool)
        if needs and not shutil.which(needs):
            pytest.skip(f"{needs} is not installed here")
        if needs == "":
            programs = request.getfixturevalue("installed").programs
            monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
        if needs == "npm":
            (tmp_path / "node_modules").symlink_to(request.getfixturevalue("of_npm"))
        PROJECTS[tool](tmp_path, {name: MIGRATIONS[name] for name in names})
        return tmp_path

    return write


@pytest.fixture
def each_way(server, tmp_path):
    """Call it with a tool for what came of each of its migrations: whether it went down, and all that is not as it was then."""
    world = World(server)
    server.create(world.database)
    commands, states = Commands(world, tmp_path, Rehearsal()), States(Settings(allow_empty=True), keeps_session=True)

    def went(step):
        before = states.taken(world.url)
        assert commands.run(step.up, measure=False).trouble == ""
        after, above = states.taken(world.url), world.keep()
        down = commands.run(step.down, measure=False)
        wanted = after if down.trouble else before  # a way down that fails must leave all as it was
        found = {f"{each.check}: {each.subject}" for each in states.findings(wanted, states.taken(world.url))}
        world.bring_back(above)  # where the next one begins
        world.forget(above)
        says_so = step.irreversible or (down.trouble and step.refused(down.ran[-1].said))
        return ("irreversible" if says_so else "failed" if down.trouble else "down"), found

    def every(name):
        return [went(step) for step in tool(name, tmp_path).steps(variables(world.url, {}))]

    yield every
    states.let_go()
    server.drop(world.database)


@pytest.mark.promise
@pytest.mark.parametrize("name", WANTED)
def test_each_dishonest_way_down_is_told_from_an_honest_one(project, each_way, name):
    project(name, WANTED[name])
    came_to = dict(
        zip(reversed(WANTED[name]), reversed(each_way(name)), strict=False)
    )  # Django's own migrations come first

    assert came_to.pop("base") == ("down", set())
    assert came_to.pop("honest", ("down", set())) == ("down", set())
    assert came_to.pop("no_way")[0] == "irreversible"
    assert came_to.pop("crashes", ("failed", set())) == ("failed", set())
    assert {kind: found for kind, (_, found) in came_to.items() if DISHONEST[kind][2] not in found} == {}


@pytest.mark.parametrize("names", [("base",), ("base", "honest")][: 2 if EVERY else 1])
@pytest.mark.parametrize("name", WANTED if EVERY else ["goose-files"])
def test_a_tools_own_books_are_no_difference(server, project, name, names):
    on = OneServer(Rehearsal(fill=0, tool=name), Configured(Settings(), None), project(name, names), lambda _: None)
    done = on.rehearsed(server.dsn("postgres"))

    assert [(stage.name, stage.word, stage.sentence) for stage in done.stages if stage.word != "good"] == []
    assert done.exit_code == 0


@pytest.mark.skipif(not EVERY, reason="its rollback is verified by day in other ways; with ROLLPROOF_TOOLS=all")
def test_vibes_is_a_tool_like_others(tmp_path):
    folder = shutil.copytree(Path(__file__).parents[2] / "scenarios" / "vibes", tmp_path / "vibes")
    python = Path(sys.executable)
    words = [
        "rehearse",
        "--server",
        os.environ.get("ROLLPROOF_SERVER", "auto"),
        "--source",
        f"command:{python} data.py --create",
    ]
    known = {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([python, "-m", "rollproof", *words], cwd=folder, env=known, capture_output=True, check=False)

    assert done.returncode == 0, done.stdout.decode()
