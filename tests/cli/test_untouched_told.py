"""--unread-if-untouched: VERIFIED is said nowhere without the number of tables that were not read, and by whose word."""

import json
import re

import pytest
from msgspec.structs import replace

import rollproof
from fixtures.readers import execute
from rollproof.sources.baseline import load, save
from rollproof.throwaway.servers.provide import provide

SHOP = (
    "CREATE TABLE customers AS SELECT i, 'customer ' || i AS name FROM generate_series(1, 50) AS i",
    "CREATE TABLE orders AS SELECT i FROM generate_series(1, 50) AS i",
    "CREATE TABLE parcels AS SELECT i FROM generate_series(1, 50) AS i",
    "CREATE EXTENSION IF NOT EXISTS pageinspect",
    "VACUUM ANALYZE",
)
WORDS = "2 tables not read, by the server's own counters"


@pytest.fixture(scope="module")
def own_server():
    """Other tests may reset what all databases share."""
    server = provide("embedded")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def night(own_server, command, tmp_path_factory):
    """A folder in which a baseline was taken, a table was written to and put back, and all was verified; and what was typed."""
    folder = tmp_path_factory.mktemp("night")
    own_server.create("shop")
    url = own_server.dsn("shop")
    execute(url, *SHOP)
    typed = ("--database-url", url)
    assert command(folder, "capture", *typed).returncode == 0
    assert command(folder, "incident", "open", "a slow page").returncode == 0
    execute(url, "UPDATE parcels SET i = 0 WHERE i = 1", "UPDATE parcels SET i = 1 WHERE i = 0")
    asked = (
        *typed,
        "--unread-if-untouched",
        "--metrics-file",
        "shop.prom",
        "--report",
        "html,junit,markdown,json,ctrf",
    )
    variables = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "step.md")}
    ended = command(folder, "verify", *asked, environment=variables)
    assert ended.returncode == 0, ended.output
    return folder, typed, ended


def plain(text):
    """Return text without line ends, and entities as what they stand for."""
    return re.sub(
        r"\s+", " ", text.replace("&#39;", "'").replace("&#x27;", "'").replace("&apos;", "'").replace("\\'", "'")
    )


@pytest.mark.promise
@pytest.mark.parametrize(
    "file",
    ["report.html", "junit.xml", "summary.md", "result.json", "ctrf.json", "record.md", "timeline.jsonl"],
)
def test_every_report_says_it(night, file):
    assert WORDS in plain((night[0] / "rollproof-report" / file).read_text("utf-8"))


def test_the_terminal_and_github_say_it(night):
    folder, _, ended = night
    annotation = next(line for line in ended.stdout.splitlines() if line.startswith("::notice title=VERIFIED"))

    assert f"VERIFIED: all that was checked is as it was; {WORDS}" in plain(ended.stdout)
    assert "2 of 3 tables were not read: by the server's own counters nobody wrote to them" in plain(ended.stdout)
    assert WORDS in annotation
    assert WORDS in plain((folder / "step.md").read_text("utf-8"))


def test_programs_are_told_the_number(night):
    folder = night[0]
    told = json.loads((folder / "rollproof-report" / "result.json").read_bytes())

    assert told["unread"] == 2
    assert {each["name"]: each["unread"] for each in told["tables"]} == {
        "public.customers": True,
        "public.orders": True,
        "public.parcels": False,
    }
    assert re.search(r"^rollproof_tables_unread{.*} 2\.0$", (folder / "shop.prom").read_text(), re.MULTILINE)


def test_the_runs_of_the_past_say_it(night, command):
    folder, typed, _ = night
    assert command(folder, "verify", *typed).returncode == 0
    listed = command(folder, "report", "list").stdout
    compared = command(folder, "report", "compare").stdout

    assert re.search(r"VERIFIED +0 ?~", listed)
    assert "~ a run that did not read all tables" in listed
    assert f"the earlier run: {WORDS}" in plain(compared)


def test_a_programs_report_says_it(night, tmp_path):
    folder, typed, _ = night
    (tmp_path / "rollproof.toml").write_text("unread_if_untouched = true\n")
    report = rollproof.verify(typed[1], rollproof.load(folder / "baseline.json"), config=tmp_path / "rollproof.toml")

    assert report
    assert WORDS in report.sentence
    assert WORDS in str(report)


def test_damage_is_found_all_the_same(night, command):
    folder, typed, _ = night
    execute(typed[1], "DELETE FROM orders WHERE i = 4")
    try:
        ended = command(folder, "verify", *typed, "--unread-if-untouched")
    finally:
        execute(typed[1], "INSERT INTO orders VALUES (4)")

    assert ended.returncode == 1
    assert "public.orders    1 row missing" in ended.stdout
    assert "1 of 3 tables was not read" in plain(ended.stdout)


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("old.json", "the baseline does not say what the server had counted"),
        ("database", "only a baseline says what the server had counted"),
    ],
)
def test_where_nothing_can_be_told_all_is_read_and_why_is_said_once(night, own_server, command, reference, why):
    folder, typed, _ = night
    if reference == "old.json":
        snapshot = load(folder / "baseline.json")
        save(replace(snapshot, footprints={}, epoch=None), folder / reference)
        where = str(folder / reference)
    else:
        own_server.create("other", "shop")
        where = own_server.dsn("other")
    ended = command(folder, "verify", *typed, "--reference", where, "--unread-if-untouched")

    notes = json.loads((folder / "rollproof-report" / "result.json").read_bytes())["notes"]
    assert ended.returncode == 0
    assert sum(note.startswith(f"--unread-if-untouched: all tables are read: {why}") for note in notes) == 1
    assert "not read" not in plain(ended.stdout)
