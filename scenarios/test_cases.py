"""Every case under `cases/`: set up, capture, migrate and break, verify; the exact set of checks that must say so.

A case is a folder: `change.sql` (what the rollback left wrong), `expect.toml`, and `cleanup.sql` where the change reaches beyond
its database. In expect.toml `setup` names the ground it stands on, `migrate` how that was migrated, `phase` when it is
looked at, `session` what somebody else has begun meanwhile. They go through the front door: the command line.
"""

import os
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

CASES = Path(__file__).parent / "cases"
CHECKS = Path(__file__).parent.parent / "checks"
UNSEEN = {"security_labels": "no PostgreSQL package brings a label provider"}
FOLDERS = sorted(path.parent for path in CASES.glob("*/expect.toml"))
EXPECTED = {folder.name: tomllib.loads((folder / "expect.toml").read_text("utf-8")) for folder in FOLDERS}


def rollproof(folder, *arguments):
    """Run the command line in an empty folder; nothing of ours lies there."""
    command = [sys.executable, "-m", "rollproof", *arguments]
    quick = {
        **os.environ,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }  # plugins of our tests; a user's are none of our business
    return subprocess.run(command, cwd=folder, env=quick, capture_output=True, text=True, check=False)


def play(url, script):
    """Run an SQL script, statement by statement as psql would, if there is one."""
    if script.exists():
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements(script.read_text("utf-8")):
                connection.execute(statement)


def statements(script):
    """Return the statements of a script; a dollar-quoted block is one."""
    code = re.sub("--.*", "", script)
    return [part for part in re.findall(r"(?:\$\$.*?\$\$|[^;$])+;", code, re.DOTALL) if part.strip()]


WARNING = "properties/property[@name='rollproof.warning']"


def said(folder, *tags):
    """Return, for each tag, the checks whose JUnit cases hold it: a `failure`, an `error`, a warning."""
    cases = [*ET.parse(folder / "rollproof-report" / "junit.xml").iter("testcase")]  # noqa: S314 (we wrote it)
    return tuple(
        {case.get("classname").removeprefix("checks.test_") for case in cases if case.find(tag) is not None}
        for tag in tags
    )


@contextmanager
def kept_open(url, script):
    """Keep a session of somebody else's open, which has run the script."""
    if script is None:
        yield
        return
    with psycopg.connect(url, autocommit=True, application_name="people") as connection:
        connection.execute(script)
        yield
        connection.execute("ROLLBACK")


@pytest.fixture(scope="session")
def baselines(tmp_path_factory):
    """Where the baseline of each ground is, once it was captured."""
    return tmp_path_factory.mktemp("baselines")


@pytest.fixture
def application(request, monkeypatch):
    """Call it with a body, and an application answers with that at SHOP_URL; asked for by few."""

    def answer(body):
        server = request.getfixturevalue("httpserver")
        server.clear()
        server.expect_request("/me").respond_with_data(body, content_type="application/json")
        monkeypatch.setenv("SHOP_URL", server.url_for("/me"))

    return answer


def _baseline(url, expected, baseline, tmp_path, application):
    """Return the ground's baseline, captured once; for answers a case's own, as the phase before the migration records them."""
    if "answers" not in expected:
        taken = (
            None
            if baseline.exists()
            else rollproof(tmp_path, "capture", "--database-url", url, "--output", str(baseline))
        )
    else:
        application(expected["answers"][0])
        baseline = tmp_path / "baseline.json"
        taken = rollproof(tmp_path, "verify", "pre_migration", "--database-url", url)
        application(expected["answers"][1])
    assert taken is None or taken.returncode == 0, taken.stdout + taken.stderr
    return baseline


@pytest.mark.parametrize("case", EXPECTED)
def test_a_case_fails_exactly_the_checks_it_names(case, database_from, baselines, tmp_path, application):
    expected = EXPECTED[case]
    ground = CASES / expected.get("setup", "shop.sql")
    url = database_from(ground)
    if config := expected.get("config"):
        (tmp_path / "rollproof.toml").write_text(config)
    baseline = _baseline(url, expected, baselines / f"{ground.stem}.json", tmp_path, application)
    play(url, CASES / expected.get("migrate", "nothing"))
    play(url, CASES / case / "change.sql")

    options = (
        "--reference",
        str(baseline),
        "--other-database",
        *expected.get("options", ()),
    )  # each clone has a name of its own
    with kept_open(url, expected.get("session")):
        verified = rollproof(
            tmp_path, "verify", expected.get("phase", "post_rollback"), "--database-url", url, *options
        )
    play(url, CASES / case / "cleanup.sql")

    output = verified.stdout + verified.stderr
    assert said(tmp_path, "failure", "error", WARNING) == tuple(
        set(expected.get(key, ())) for key in ("fails", "cannot_tell", "warns")
    ), output
    assert verified.returncode == expected["exit"], output
    assert [text for text in expected.get("says", ()) if text not in output] == []


def test_every_check_is_seen_failing():
    checks = {path.stem.removeprefix("test_") for path in CHECKS.glob("test_*.py")}
    named = {
        check
        for expected in EXPECTED.values()
        for key in ("fails", "cannot_tell", "warns")
        for check in expected.get(key, ())
    }

    assert checks - named - UNSEEN.keys() == set()
