"""[[commands]]: each way in which a command of the user's can end, what is said of it, and that nothing is left of it."""

import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from fixtures.readers import execute

PYTEST = f'"{sys.executable}" -m pytest -q -p no:cacheprovider'
TESTS = """
import os, pytest
TOKEN = os.environ["SHOP_TOKEN"]
def test_log_in(): pass
def test_entries_of_a_user(): assert [TOKEN] == [], f"no entries for {TOKEN} \\x1b[31m<b>"
@pytest.mark.skip(reason="later")
def test_tags(): pass
def test_reminders(broken): pass
@pytest.fixture
def broken(): raise RuntimeError("the queue is down")
def test_of_whose_run(): assert not [name for name in os.environ if name in ("PYTEST_ADDOPTS", "ROLLPROOF_OPTION")]
"""
# Name → the rest of its section, the kind of its outcome, and all that must be said of it.
COMMANDS = {
    "good": ('command = "exit 7"\nstatus = 7', "verified", []),
    "where": ('command = "test -f rollproof.toml && test $ROLLPROOF_PHASE = post_rollback"', "verified", []),
    "nobody answers": ("command = 'test -z \"$(cat)\"'", "verified", []),
    "tests": (f"command = '{PYTEST} tests/test_shop.py --junitxml=results/shop.xml'\njunit = 'results/shop.xml'", "not restored", [
        "command 'tests': tests.test_shop::test_entries_of_a_user failed: AssertionError: no entries for ***",
        "command 'tests': tests.test_shop::test_reminders could not be run: failed on setup with", "the queue is down",
        "the end of its output:",
        "1 failed, 2 passed, 1 skipped, 1 error",
    ]),
    "some": (f"command = '{PYTEST} tests/test_shop.py -k log_in --junitxml=some.xml'\njunit = 'some.xml'", "verified", []),
    "none": (f"command = '{PYTEST} tests/test_shop.py -k nothing'", "not restored", [
        "command 'none': expected exit status 0, seen exit status 5 (of pytest: no test was run)",
    ]),
    "none, and so be it": (f"command = '{PYTEST} tests/test_shop.py -k nothing --junitxml=no.xml'\njunit = 'no.xml'\nstatus = 5",
        "not restored", ["expected test results of this run in no.xml, seen one without a test case: no test was run"]),
    "skipped": (f"command = '{PYTEST} tests/test_shop.py -k tags --junitxml=skipped.xml'\njunit = 'skipped.xml'", "not restored", [
        "expected test results of this run in skipped.xml, seen one whose 1 tests were all skipped",
    ]),
    "missing": ("command = 'true'\njunit = 'missing.xml'", "not restored", [
        "command 'missing': expected test results of this run in missing.xml, seen none was written"]),
    "stale": ("command = 'true'\njunit = 'stale.xml'", "not restored", [
        "expected test results of this run in stale.xml, seen one of an earlier run, which this run did not write"]),
    "no XML": ("command = 'echo hello > none.xml'\njunit = 'none.xml'", "not restored", [
        "expected test results of this run in none.xml, seen one that is no JUnit ("]),
    "slow": ("command = 'echo begun; sleep 77 & exec setsid sleep 78'\nmax_seconds = 0.5", "not restored", [
        "command 'slow': expected an end within 0.5 s, seen none, so it was ended with all that it had started", "begun"]),
    "killed": ("command = 'kill -9 $$'", "not restored", ["seen exit status 137 (SIGKILL)"]),
    "unknown": ("command = 'no-such-program --now'", "inconclusive", [
        "the command 'unknown' could not be run: exit status 127", "no-such-program", "name the program by its path"]),
    "of another phase": ("command = 'touch never.txt'\nphases = ['pre_rollback']", None, []),
}  # fmt: skip


@pytest.fixture
def shop(command, database, tmp_path):
    """Call it with arguments of `verify`; a folder with a baseline, a suite of tests, and every command of `COMMANDS`."""
    execute(database, "CREATE TABLE kept (id int PRIMARY KEY)")
    command(tmp_path, "capture", "--database-url", database)
    sections = [f"[[commands]]\nname = {json.dumps(name)}\n{rest}" for name, (rest, _, _) in COMMANDS.items()]
    (tmp_path / "rollproof.toml").write_text("\n".join(sections))
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_shop.py").write_text(TESTS)
    (tmp_path / "stale.xml").write_text('<testsuite><testcase name="x"/></testsuite>')
    variables = {"SHOP_TOKEN": "geheim-token", "PYTEST_ADDOPTS": "-p no:cacheprovider --color=no"}
    return lambda *arguments: command(tmp_path, "verify", *arguments, "--database-url", database, environment=variables)


@pytest.mark.promise
def test_each_ending_of_a_command_means_what_the_page_says_and_nothing_is_left_of_it(shop, tmp_path):
    verified = shop()
    folder = tmp_path / "rollproof-report"
    result = json.loads((folder / "result.json").read_bytes())
    junit = (folder / "junit.xml").read_text("utf-8")
    found = {each["parameter"]: each for each in result["outcomes"] if each["check"] == "commands"}
    cases = ET.fromstring(junit).iterfind("testsuite/testcase[@classname='checks.test_commands']")  # noqa: S314 (we wrote it)
    texts = {case.get("name")[10:-1]: "".join(case.itertext()) for case in cases}

    assert (verified.returncode, result["verdict"]) == (1, "NOT RESTORED"), verified.output
    assert {name: each["kind"] for name, each in found.items()} == {
        name: kind for name, (_, kind, _) in COMMANDS.items() if kind
    }
    assert [(name, word) for name, (_, _, words) in COMMANDS.items() for word in words if word not in texts[name]] == []
    assert not (tmp_path / "never.txt").exists()
    assert [text for text in (junit, json.dumps(result), verified.output) if "geheim" in text or "\x1b" in text] == []
    assert still_running("sleep\x0077", "sleep\x0078") == []
    assert "exit status 0, seen exit status 1" not in texts["tests"]  # its tests say more
    assert "command 'some': exit status 0 after" in " ".join(result["notes"])


def still_running(*words):
    """Return the processes of these command lines."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(file.read_text())
        except OSError:
            continue
    return [line for line in lines for word in words if word in line]


def test_inner_cases_are_a_suite_of_their_own_in_junit_xml(shop, tmp_path):
    shop("-k", "commands and (tests or some)")
    suites = ET.parse(tmp_path / "rollproof-report" / "junit.xml").getroot().findall("testsuite")  # noqa: S314 (we wrote it)
    tests = next(suite for suite in suites if suite.get("name") == "tests")

    assert [suite.get("name") for suite in suites][1:] == ["tests", "some"]
    assert [tests.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["5", "1", "1", "1"]
    failed = tests.find("testcase/failure")
    assert failed.get("message").startswith("AssertionError: no entries for ***")
    assert "<b>" in failed.text
    assert tests.find("testcase").get("classname") == "tests.test_shop"


def test_a_look_runs_no_command_and_a_run_without_one_of_its_phase_says_so(shop, tmp_path):
    looked = shop("--dry-run")
    before = shop("post_migration", "-k", "commands")

    assert looked.returncode == 5, looked.output
    assert "would check commands" in looked.output
    assert not (tmp_path / "results").exists()
    told = json.loads((tmp_path / "rollproof-report" / "result.json").read_bytes())["not_configured"]
    assert before.returncode == 5, before.output
    assert ("commands", "no [[commands]] of post_migration in rollproof.toml") in {
        (t["feature"], t["reason"]) for t in told
    }
