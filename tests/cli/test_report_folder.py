"""The report folder: every run is kept, looks and mistakes change nothing, and two runs at once do not meet."""

import json
import os
import re
from pathlib import Path

import psycopg
import pytest

from rollproof.report.folder import Runs, file_names
from rollproof.throwaway.servers.server import fresh_name

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")  # the children touch no thread
SHOP = Path(__file__).parents[2] / "scenarios" / "cases" / "shop.sql"
WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z-")


def kept(folder):
    """Return the names of the runs, the oldest first."""
    return sorted(each.name for each in (folder / "runs").iterdir() if not each.name.startswith("."))


def tree(folder):
    """Return everything in a folder: names, contents and times."""
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
        if ".pytest_cache" not in path.parts
    }


@pytest.fixture(scope="module")
def night(server, command, tmp_path_factory):
    """A folder with a baseline and the report of a run, and the options that made it."""
    name = fresh_name()
    server.create(name)
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute(SHOP.read_text())
    folder = tmp_path_factory.mktemp("night")
    options = ("--database-url", server.dsn(name))
    for typed in (["capture"], ["verify", "-m", "post_rollback and rows"]):
        ended = command(folder, *typed, *options)
        assert ended.returncode == 0, ended.output
    (folder / "rows.jsonl").write_text("of a run that found something\n")
    (folder / "rollproof-report" / "fingerprints.jsonl").write_text("of a run that was interrupted\n")
    yield folder, options
    server.drop(name)


LOOKS = {
    "--co --evidence-file=rows.jsonl": 5,
    "--dry-run --junitxml=night.xml": 5,
    "--databse=x": 4,
    "-m post_rolback": 4,
    "--report=htlm": 4,
    "--reference=nowhere.json --junitxml=night.xml": 4,
    "--reference=nowhere.json --report-dir=other": 4,
    "checks/test_nothing.py --evidence-file=rows.jsonl": 4,
}
if os.environ.get("ROLLPROOF_SIGNALS"):
    LOOKS |= {
        "--setup-plan -k triggers": 5,
        "--fixtures": 5,
        "--markers": 5,
        "--help": 0,
        "--version": 0,
        "--keep-runs=-1": 4,
    }


@pytest.mark.promise
@pytest.mark.parametrize("typed", LOOKS)
def test_looks_and_mistakes_write_nothing(typed, night, command):
    folder, options = night
    before = tree(folder)
    ended = command(folder, "verify", *options, *typed.split())

    assert (ended.returncode, tree(folder) == before) == (LOOKS[typed], True), ended.output
    assert "\nreport: " not in ended.output


@pytest.mark.promise
def test_a_verification_beside_another_says_so_and_takes_nothing_from_it(night, command, tmp_path):
    folder, options = night
    other = Runs(tmp_path, 100)
    other.enter()
    (tmp_path / "fingerprints.jsonl").write_text("the other's\n")
    typed = ("-m", "post_rollback and rows", "--resume", f"--report-dir={tmp_path}", "--junitxml=mine.xml", "-v")
    ended = command(folder, "verify", *options, *typed)
    list(other.publish("VERIFIED", dict.fromkeys(file_names(), b"the other's")))
    notes = other.met()
    other.leave()

    assert ended.returncode == 0, ended.output
    assert f"another run (process {os.getpid()}, since " in ended.said
    assert "--resume: nothing was taken over" in ended.said
    assert len(notes) == 1
    assert [WHEN.sub("", name) for name in kept(tmp_path)] == ["partly-verified", "verified"]
    assert {(tmp_path / name).read_text() for name in file_names()} == {"the other's"}
    assert (tmp_path / "fingerprints.jsonl").read_text() == "the other's\n"
    whole = tmp_path / "runs" / kept(tmp_path)[0]
    assert (folder / "mine.xml").read_bytes() == (whole / "junit.xml").read_bytes()
    found = json.loads((whole / "result.json").read_bytes())
    assert [note for note in found["notes"] if note.startswith("another run")]
