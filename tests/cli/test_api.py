"""`import rollproof` in a user's own pytest and in their own program, each in a process of its own."""

import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import psycopg
import pytest

import rollproof
from fixtures.readers import execute
from rollproof.server.connection import Target

ROOT = Path(__file__).parents[2]
SUITE = """
import os, sys
import psycopg, pytest

assert "rollproof.api" not in sys.modules

@pytest.fixture
def connection():
    with psycopg.connect(os.environ["SHOP"]) as connection:
        yield connection
        connection.rollback()

def test_honest(rollproof, connection):
    print("printed by the test")
    with rollproof.unchanged(connection):
        connection.execute("CREATE TABLE thing (id int)")
        connection.execute("DROP TABLE thing")
        connection.commit()

def test_dishonest(rollproof, connection):
    with rollproof.unchanged(connection):
        connection.execute("CREATE TABLE left_thing (id int)")
        connection.commit()

def test_not_committed(rollproof, connection):
    with rollproof.unchanged(connection):
        connection.execute("CREATE TABLE thing (id int)")
"""
STRICT = """
import datetime
from collections.abc import Mapping

import rollproof
from rollproof import NotRestored, unchanged

def migrate(url: str) -> str:
    before: rollproof.Baseline = rollproof.capture(url)
    before.save("baseline.json")
    facts: Mapping[str, str] = rollproof.load("baseline.json").facts("columns")
    taken: datetime.datetime = before.taken
    tables: tuple[str, ...] = before.tables
    report: rollproof.Report = rollproof.verify(url, before)
    try:
        rollproof.assert_restored(url, before)
        with unchanged(url) as was:
            was.database.upper()
    except NotRestored as error:
        assert error.report
        return error.report.findings[0].sentence
    except (rollproof.Inconclusive, rollproof.Misuse):
        return f"{report.verdict} {report.exit_code} {facts} {taken} {tables} {report.statements}"
    reveal_type(rollproof.verify)
    rollproof.no_such_thing
    return ""
"""
SCRIPT = """
import json, logging, os, signal, sys, warnings
import rollproof

def state():
    return {
        "hook": sys.excepthook is sys.__excepthook__,
        "door": "rollproof.plugin.terminal_output" in sys.modules, "folder": os.getcwd(), "environment": dict(os.environ),
        "filters": warnings.filters[:],
        "handlers": logging.getLogger().handlers[:], "signals": [str(signal.getsignal(each)) for each in (2, 15, 1)],
        "finders": len(sys.meta_path), "path": sys.path[:], "last": hasattr(sys, "last_value"),
        "raw": [type(sys.stdout).__name__, type(sys.stderr).__name__],
    }

def run():
    try:
        with rollproof.unchanged(os.environ["SHOP"]):
            import psycopg
            with psycopg.connect(os.environ["SHOP"], autocommit=True) as connection:
                connection.execute("CREATE TABLE left_behind (id int)")
    except rollproof.NotRestored as error:
        return error

before = state()
error = run()
after = state()
print(json.dumps({
    "changed": [name for name in before if before[name] != after[name]],
    "text": str(error), "verdict": error.report.verdict, "code": error.report.exit_code,
    "findings": [[each.check, each.subject] for each in error.report.findings], "statements": error.report.statements,
    "good": bool(error.report), "frames": error.__traceback__.tb_next and error.__traceback__.tb_next.tb_next is None,
}))
"""


@pytest.fixture
def url(database):
    """The address of a database with a table."""
    execute(database, "CREATE TABLE kept (id int PRIMARY KEY)", "INSERT INTO kept VALUES (1)")
    return database


@pytest.fixture
def run(tmp_path, url):
    """Call it with Python's arguments; they run in an empty folder that knows the database as SHOP."""

    def run(*words, **environment):
        own = {"PYTHONPATH": str(ROOT), "SHOP": url, "PYTHONDONTWRITEBYTECODE": "1"}
        known = {**os.environ, **own, **environment}
        return subprocess.run(
            [sys.executable, *words], cwd=tmp_path, env=known, capture_output=True, text=True, check=False
        )

    return run


TYPED = {"-s": ("-s", "-q"), "-n": ("-n", "2", "--dist", "loadfile", "-q")}
if os.environ.get("ROLLPROOF_PLUGINS") == "each":
    TYPED["plain"] = ("-q",)


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_in_a_users_own_suite(run, url, tmp_path, typed):
    """Their settings are strict, other plugins are there, and PYTEST_ADDOPTS is about their own run."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\nstrict = true\npython_files = check_*.py\n")
    (tmp_path / "conftest.py").write_text(
        "import pytest\n\n@pytest.fixture(autouse=True)\ndef before():\n    return 'theirs'\n"
    )
    (tmp_path / "check_shop.py").write_text(SUITE)

    ended = run("-m", "pytest", *typed, PYTEST_ADDOPTS="--tb=long --showlocals -k 'honest or committed'")

    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "rollproof.NotRestored: NOT RESTORED: tables: public.left_thing was left behind" in ended.stdout
    assert "DROP TABLE public.left_thing;" in ended.stdout
    assert "rollproof.Misuse: the connection that was handed over holds changes that are not committed" in ended.stdout
    assert "rollproof/api/" not in ended.stdout, "no line of ours stands in their traceback"
    assert Target.parse(url).parameters["password"] not in ended.stdout
    assert (
        ended.stdout.partition("=")[0].split() in (["printed", "by", "the", "test", ".FF"], [".FF", "[100%]"])
        or "-n" in typed
    )


def test_in_a_program(run, tmp_path):
    (tmp_path / "program.py").write_text(SCRIPT)
    ended = run("program.py")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)

    assert told["changed"] == []
    assert told["text"].startswith("NOT RESTORED: tables: public.left_behind was left behind\n")
    assert (told["verdict"], told["code"], told["good"]) == ("NOT RESTORED", 1, False)
    assert told["findings"][0] == ["tables", "public.left_behind"]
    assert told["statements"] == ["DROP TABLE public.left_behind;"]
    assert told["frames"], "one frame of ours, no more"
    assert ended.stderr == ""
    assert [each.name for each in tmp_path.iterdir()] == ["program.py"]


def test_a_baseline_is_the_same_file_for_programs_and_for_the_command_line(command, url, tmp_path):
    rollproof.capture(url).save(tmp_path / "ours.json")
    theirs = command(tmp_path, "capture", "--database-url", url, "--output", "theirs.json")
    verified = command(tmp_path, "verify", "--database-url", url, "--reference", "ours.json")
    loaded = rollproof.load(tmp_path / "theirs.json")

    assert (theirs.returncode, verified.returncode) == (0, 0), verified.stdout
    assert (loaded.facts("rows"), loaded.row_count("public.kept")) == ({"public.kept": "1"}, 1)
    assert rollproof.verify(url, loaded).verdict == "VERIFIED"
    rollproof.assert_restored(url, loaded)


def test_the_page_shows_what_works(url, tmp_path, monkeypatch):
    """Each block of Python in docs/api.md is run as it stands."""
    monkeypatch.chdir(tmp_path)
    first, every = re.findall(r"```python\n(.*?)```", (ROOT / "docs/api.md").read_text("utf-8"), re.DOTALL)
    statements = {"upgrade head": "CREATE TABLE made (id int)", "downgrade -1": "DROP TABLE made"}
    known = {"url": url, "run": lambda words: execute(url, statements[words.removeprefix("alembic ")])}
    exec(compile(first, "docs/api.md", "exec"), known)  # noqa: S102 (our own page)
    with psycopg.connect(url) as connection:
        known["test_the_last_migration_rolls_back"](rollproof, connection)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rollproof.NothingWritten)  # autovacuum may write, or not
        exec(compile(every, "docs/api.md", "exec"), known)  # noqa: S102

    assert known["report"].verdict == "VERIFIED"
    assert (tmp_path / "baseline.json").exists()


def test_a_signature_is_made_and_asked_for(url, tmp_path, monkeypatch):
    """`require_signature` stands in rollproof.toml; a baseline in memory needs none."""
    monkeypatch.chdir(tmp_path)
    key = tmp_path / "key"
    key.write_bytes(b"k" * 64)
    key.chmod(0o600)
    before = rollproof.capture(url)
    before.save("signed.json", sign=key)
    before.save("plain.json")
    (tmp_path / "rollproof.toml").write_text('require_signature = "key"\n')

    assert rollproof.load("signed.json").database == before.database
    with pytest.raises(rollproof.Misuse, match="is not signed"):
        rollproof.load("plain.json")
    assert rollproof.verify(url, before)


def test_what_is_wrong_is_said_as_misuse(url, new_database, server, tmp_path):
    before = rollproof.capture(url)
    other = server.dsn(new_database())
    damaged = tmp_path / "damaged.json"
    before.save(damaged)
    damaged.write_text(damaged.read_text("utf-8").replace("public.kept", "public.lost"))
    for wrong, said in (
        (lambda: before.facts("colums"), "there is no facet colums; did you mean `columns`?"),
        (lambda: before.row_count("public.keep"), "there is no public.keep among the rows"),
        (lambda: rollproof.load(tmp_path / "none.json"), "no baseline at"),
        (lambda: rollproof.load(damaged), "was changed after it was sealed"),
        (lambda: rollproof.verify(other, before), "the baseline is of database"),
        (lambda: rollproof.verify(url, "baseline.json"), "the baseline is a str: pass what rollproof.capture"),
        (lambda: rollproof.capture(other), "has no tables to look at"),
        (lambda: before.save(tmp_path / "no" / "folder.json"), "the baseline cannot be written"),
    ):
        with pytest.raises(rollproof.Misuse) as raised:
            wrong()
        assert said in str(raised.value)


def test_type_checkers_know_it_all(tmp_path):
    (tmp_path / "program.py").write_text(STRICT)
    words = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(tmp_path), "program.py"]
    known = {**os.environ, "MYPYPATH": str(ROOT)}
    ended = subprocess.run(words, cwd=tmp_path, env=known, capture_output=True, text=True, check=False)
    lines = [line for line in ended.stdout.splitlines() if line.startswith("program.py")]

    assert [line.partition(": ")[2].partition(" ")[0] for line in lines] == ["note:", "error:"], ended.stdout
    assert "Revealed type" in lines[0]
    assert "rollproof.api.baseline.Baseline" in lines[0]
    assert 'no attribute "no_such_thing"' in lines[1]


def test_to_import_it_is_nothing(run):
    ended = run(
        "-c", "import sys, rollproof; print([each for each in sys.modules if 'rollproof' in each], dir(rollproof))"
    )

    assert ended.stdout.startswith("['rollproof'] [")
    assert all(f"'{name}'" in ended.stdout for name in rollproof.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'unchange'"):
        rollproof.unchange  # noqa: B018
