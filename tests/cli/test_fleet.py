"""Many databases: a verdict for each, whatever becomes of the others; resumed, interrupted, refused in one sentence."""

import fcntl
import json
import shutil
import signal
import subprocess
import sys

import pytest

from fixtures.every import every
from fixtures.fleet import NAMES, outcomes
from rollproof.fleet import target_query
from rollproof.model.errors import Misuse
from rollproof.settings.options import Settings

CANARY = "c4nary-pa55"
NOBODY = "postgresql://nobody@127.0.0.1:1/away away"


@pytest.fixture
def fleet(tenants, baselines, command, tmp_path):
    """Call it with arguments to verify the tenants in an empty folder; `more` are lines of the list, and baselines to be."""

    def run(*arguments, more=(), reference=baselines, name="verify", **when):
        listed = tenants.list_in(tmp_path, *more)
        words = ("--targets", listed, *(("--reference", reference) if name == "verify" else ()))
        return command(tmp_path, name, *words, *arguments, environment=tenants.environment, **when)

    return run


@pytest.fixture
def damaged(tenants):
    """One of them has lost its index."""
    tenants.run("two", "DROP INDEX orders_total")
    yield "two"
    tenants.run("two", "CREATE INDEX orders_total ON orders (total)")


@pytest.fixture
def copied(baselines, tmp_path):
    """The baselines, once more: they may be changed."""
    return shutil.copytree(baselines, tmp_path / "copied")


@pytest.mark.usefixtures("damaged")
def test_each_has_its_verdict_whatever_becomes_of_the_others(fleet, copied, tmp_path):
    shutil.copy(copied / "one.json", copied / "away.json")

    done = fleet("--retries", "1", more=[NOBODY], reference=copied)

    assert done.returncode == 1, done.output
    found = outcomes(tmp_path / "rollproof-report")
    assert {name: each["verdict"] for name, each in found.items()} == {
        "one": "VERIFIED",
        "two": "NOT RESTORED",
        "three": "VERIFIED",
        "away": "INCONCLUSIVE",
    }
    assert "Connection refused" in found["away"]["sentence"]
    assert [found[name]["attempts"] for name in (*NAMES, "away")] == [1, 1, 1, 2]
    assert "two: NOT RESTORED" in done.stderr


def test_what_was_decided_is_not_done_again_unless_it_is_another_question(fleet, copied):
    shutil.copy(copied / "one.json", copied / "away.json")
    fleet("--retries", "0", "-k", "indexes", more=[NOBODY], reference=copied)

    again = fleet("--retries", "0", "-k", "indexes", "--resume", "--jobs", "2", more=[NOBODY], reference=copied)

    assert again.returncode == 7
    assert "away: INCONCLUSIVE" in again.stderr
    assert "one:" not in again.stderr
    assert "3 targets by an earlier run, the oldest of 20" in again.said

    anew = fleet("--retries", "0", "-k", "indexes", "--resume", "--strict", more=[NOBODY], reference=copied)

    assert "one: PARTLY VERIFIED" in anew.stderr


def test_a_baseline_of_another_target_is_that_targets_misuse(fleet, copied, tmp_path):
    shutil.copy(copied / "one.json", copied / "three.json")
    (copied / "two.json").write_text("{}")

    done = fleet(reference=copied)

    assert done.returncode == 4
    found = outcomes(tmp_path / "rollproof-report")
    assert [found[name]["verdict"] for name in NAMES] == ["VERIFIED", "MISUSE", "MISUSE"]
    assert "is not a whole rollproof baseline" in found["two"]["sentence"]
    assert "the baseline is of database" in found["three"]["sentence"]


def test_one_baseline_is_for_all_only_if_all_are_meant_to_be_like_it(fleet, baselines):
    one = baselines / "one.json"

    refused, done = fleet(reference=one), fleet("--other-database", reference=one)

    assert refused.returncode == 4
    assert "pass --other-database" in refused.said
    assert done.returncode == 0, done.output


def test_a_signature_is_made_and_checked_here_and_its_key_stays_here(fleet, baselines, tmp_path):
    key = tmp_path / "key"
    key.write_bytes(b"k" * 32)
    key.chmod(0o600)
    taken = fleet("--output", "signed", "--sign", key, name="capture")
    assert "3 of 3 baselines, signed" in taken.stdout, taken.output

    done = fleet("--require-signature", key, "-k", "indexes", reference=tmp_path / "signed")

    assert done.returncode == 0, done.output
    kept = json.loads((tmp_path / "rollproof-report" / "targets" / "one" / "result.json").read_text())
    assert kept["verdict"] == "PARTLY VERIFIED"
    assert '"signed": "yes"' in json.dumps(kept)
    assert b"k" * 32 not in b"".join(each.read_bytes() for each in (tmp_path / "signed").iterdir())

    unsigned = fleet("--require-signature", key, reference=baselines)

    assert unsigned.returncode == 4
    assert (
        "is not signed, and --require-signature accepts only"
        in outcomes(tmp_path / "rollproof-report")["one"]["sentence"]
    )


@every("number", [signal.SIGINT, signal.SIGTERM])
def test_ended_by_a_signal_it_reports_what_is_done_and_goes_on_later(number, fleet, tmp_path):
    ended = fleet("--executor", "threads:1", number=number, at="rollproof.fleet.journal:Journal.keep", nth=2)

    assert ended.returncode == 128 + number, ended.output
    report = json.loads((tmp_path / "rollproof-report" / "fleet.json").read_text())
    assert report["verdict"] == "INTERRUPTED"
    assert 1 <= len(outcomes(tmp_path / "rollproof-report")) <= 2
    assert "INTERRUPTED" in ended.stdout

    done = fleet("--resume")

    assert done.returncode == 0, done.output
    assert "by an earlier run" in done.stdout


def test_capture_goes_on_keeps_what_was_there_and_takes_what_can_be_taken(fleet, tmp_path):
    first = fleet("--output", "b", "--retries", "0", more=[NOBODY], name="capture")

    assert first.returncode == 7, first.output
    assert "b: 3 of 4 baselines" in first.stdout
    assert "1 target INCONCLUSIVE" in first.stdout
    written = (tmp_path / "b" / "one.json").read_bytes()

    again = fleet("--output", "b", "--retries", "0", "--resume", more=[NOBODY], name="capture")
    anew = fleet("--output", "b", name="capture")

    assert "3 baselines by an earlier run" in again.stdout
    assert anew.returncode == 0
    assert [each.read_bytes() for each in (tmp_path / "b").glob("one-20*.json")] == [written]
    assert fleet("-k", "indexes", reference=tmp_path / "b").returncode == 0


def test_two_fleets_do_not_write_into_one_folder(fleet, tmp_path):
    (tmp_path / "rollproof-report").mkdir()
    with (tmp_path / "rollproof-report" / ".fleet.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = fleet()

    assert done.returncode == 4
    assert "another fleet is at work in rollproof-report" in done.stderr


REFUSED = [
    (("--executor", "os:getcwd"), 4, "gave a str, and no concurrent.futures.Executor"),
    (("--database-url", f"postgresql://u:{CANARY}@h/d"), 4, "leave out --database-url"),
    (("--each-schema", "a*"), 4, "one of both"),
    (("--state-backup", "x"), 4, "is of no use with many databases: it dumps one database"),
    (("pre_migration",), 4, "rollproof capture --targets"),
    (("--reference", "backup"), 4, "a folder of baselines"),
    (("--reference", "nowhere"), 4, "there is no folder or file nowhere"),
    (("--reference", "."), 4, "has no baseline of 3 targets: one, two, three"),
]


@every(("arguments", "code", "told"), REFUSED)
def test_what_cannot_be_meant_is_one_sentence_and_nothing_is_written(arguments, code, told, fleet, tmp_path):
    done = fleet(*arguments)

    assert done.returncode == code, done.output
    assert told in done.said
    assert CANARY not in done.output
    assert not (tmp_path / "rollproof-report").exists()
    assert "Traceback" not in done.output


def test_a_password_in_the_list_shows_nowhere_and_goes_to_nobody(baselines, command, tmp_path):
    shutil.copy(baselines / "one.json", tmp_path / "far.json")
    (tmp_path / "t.txt").write_text(f"postgresql://u:{CANARY}@127.0.0.1:1/far\n")
    words = ("verify", "--targets", "t.txt", "--reference", tmp_path, "--retries", "0")

    done = command(tmp_path, *words)
    refused = command(tmp_path, *words, "--executor", "dask://127.0.0.1:1")

    assert done.returncode == 7
    assert refused.returncode == 4
    assert "1 target (the first is far) have a password" in refused.said
    assert CANARY not in done.output + refused.output
    written = [each for each in (tmp_path / "rollproof-report").rglob("*") if each.is_file()]
    assert written
    assert [each for each in written if CANARY.encode() in each.read_bytes()] == []


@every(
    ("query", "told"),
    [
        ("SELECT 1", "row 1 of the query: its URL is a int, and must be a text"),
        ("SELECT NULL::text", "its URL is NULL"),
        ("SELECT 'a', 'b', 'c'", "the query has 3 columns"),
        ("SELECT 'postgresql://h/d' WHERE false", "the query returned no row"),
        ("TABLE nowhere", "refuses the query"),
        ("WITH gone AS (DELETE FROM orders RETURNING id) SELECT id::text FROM gone", "read-only transaction"),
        ("SELECT 'postgresql://h/d'; SELECT 2", "refuses the query"),
        (f"SELECT 'postgresql://u:{CANARY}@h@h/d'", "row 1 of the query: the database URL cannot be read"),
    ],
)
def test_a_query_that_returns_something_else_is_told(query, told, tenants, command, tmp_path):
    url = tenants.server.dsn(tenants.databases["one"])

    done = command(tmp_path, "capture", "--targets", f"sql:{url}:{query}", "--output", "b")

    assert done.returncode == 4, done.output
    assert told in done.said
    assert CANARY not in done.output
    assert not (tmp_path / "b").exists()


def test_a_query_without_end_is_ended(tenants, monkeypatch):
    monkeypatch.setattr(target_query, "MOST", 3)
    query = "SELECT 'postgresql://h/d' || generate_series(1, 2000000000)"

    with pytest.raises(Misuse, match="the query returns more than 3 rows"):
        list(target_query.asked(f"{tenants.server.dsn(tenants.databases['one'])}:{query}", {}, Settings()))


def test_a_query_names_targets_and_reads_by_the_search_path_of_its_session(tenants, baselines, command, tmp_path):
    url = tenants.server.dsn(tenants.databases["one"])
    query = f"SELECT '{url}', 'one' FROM orders WHERE id = 1"

    done = command(tmp_path, "verify", "--targets", f"sql:{url}:{query}", "--reference", baselines, "-k", "indexes")

    assert done.returncode == 0, done.output
    assert "2 baselines in" in done.said
    assert outcomes(tmp_path / "rollproof-report").keys() == {"one"}


def test_pytest_says_who_verifies_many_databases(tmp_path):
    line = [sys.executable, "-m", "pytest", "-m", "post_rollback", "--targets", "t.txt"]

    said = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert said.returncode == 4
    assert "--targets is about many databases, and pytest verifies one: rollproof verify --targets" in said.stderr
