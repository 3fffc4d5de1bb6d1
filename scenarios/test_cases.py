"""Every case under `cases/`: set up, capture, migrate and break, verify; the exact set of checks that must say so.

A case is a folder: `change.sql` (what the rollback left wrong), `expect.toml`, and `cleanup.sql` where the change reaches beyond
its database. In expect.toml `setup` names the ground it stands on, `migrate` how that was migrated, `phase` when it is
looked at, `recorded` that the baseline is taken with its `config`, `session` what somebody else has begun meanwhile. They go
through the front door: the command line.
By day as few are played as say everything once: each check in each word, each ground, phase and option; ROLLPROOF_CASES=all
plays all.
"""

import json
import os
import re
import time
import tomllib
import xml.etree.ElementTree as ET
from contextlib import contextmanager
from pathlib import Path

import jsonschema
import psycopg
import pytest
from werkzeug import Response

CASES = Path(__file__).parent / "cases"
CHECKS = Path(__file__).parent.parent / "checks"
UNSEEN = {"security_labels": "no PostgreSQL package brings a label provider"}
SCHEMA = json.loads((CASES.parents[1] / "reports" / "result.schema.json").read_text("utf-8"))
FOLDERS = sorted(path.parent for path in CASES.glob("*/expect.toml"))
EXPECTED = {folder.name: tomllib.loads((folder / "expect.toml").read_text("utf-8")) for folder in FOLDERS}
WORDS = ("fails", "inconclusive", "warns")


def told(expected):
    """Return all that a case shows: which check says what of it, and what is special about it."""
    words = {(word, check) for word in WORDS for check in expected.get(word, ())}
    special = {(key, str(expected[key])) for key in ("setup", "migrate", "phase", "exit") if key in expected}
    special |= {(key, "") for key in expected.keys() & {"session", "answers", "config"}}
    return special | (words or {("nothing", str(sorted(special)))})  # where nothing is wrong, nothing may be said


def of_the_day():
    """Return the names of the cases to play: again and again the one that shows most of what none has shown."""
    if os.environ.get("ROLLPROOF_CASES") == "all":
        return [*EXPECTED]
    left, chosen = set().union(*map(told, EXPECTED.values())), []
    while left:
        chosen.append(max(EXPECTED, key=lambda name: len(told(EXPECTED[name]) & left)))
        left -= told(EXPECTED[chosen[-1]])
    return sorted(chosen)


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
    every = ET.parse(folder / "rollproof-report" / "junit.xml").iter("testcase")  # noqa: S314 (we wrote it)
    cases = [case for case in every if case.get("classname") != "rollproof"]  # which says that there was no verdict
    return tuple(
        {case.get("classname").removeprefix("checks.test_") for case in cases if case.find(tag) is not None}
        for tag in tags
    )


def written(folder):
    """Yield the texts of the reports: those of JUnit's cases, whose lines are those of the findings, and those of the result."""
    yield from ET.parse(folder / "junit.xml").getroot().itertext()  # noqa: S314 (we wrote it)
    result = json.loads((folder / "result.json").read_bytes())
    yield from result["notes"]
    yield from (f"{word}: {each}" for word, some in (result["recommendation"] or {}).items() for each in some)


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
def captured(tmp_path_factory, command):
    """Call it for the baseline of a ground, which is captured once."""
    baselines = tmp_path_factory.mktemp("baselines")

    def capture(ground, url):
        baseline = baselines / f"{ground.stem}.json"
        if not baseline.exists():
            taken = command(baselines, "capture", "--database-url", url, "--output", str(baseline))
            assert taken.returncode == 0, taken.output
        return baseline

    return capture


@pytest.fixture
def application(request, monkeypatch):
    """Call it with a body, and an application answers with that at SHOP_URL, after so many seconds; asked for by few."""

    def answer(body, seconds=0.0):
        def slowly(_):
            time.sleep(seconds)
            return Response(body, content_type="application/json")

        server = request.getfixturevalue("httpserver")
        server.clear()
        server.expect_request("/me").respond_with_handler(slowly)
        monkeypatch.setenv("SHOP_URL", server.url_for("/me"))

    return answer


@pytest.fixture
def answered(command, application, tmp_path):
    """Call it with two answers: the phase before the migration records the first, then the application gives the other, slowly."""

    def record(answers, seconds, url):
        application(answers[0])
        taken = command(tmp_path, "verify", "pre_migration", "--database-url", url)
        application(answers[1], seconds)
        assert taken.returncode == 0, taken.output
        return tmp_path / "baseline.json"

    return record


@pytest.fixture
def captured_here(command, tmp_path):
    """Call it with a URL for a baseline with all that the case's own rollproof.toml names."""

    def capture(url):
        taken = command(tmp_path, "capture", "--database-url", url)
        assert taken.returncode == 0, taken.output
        return tmp_path / "baseline.json"

    return capture


@pytest.fixture
def configure(request, tmp_path):
    """Call it with a configuration, to be used by the case; where that says SUPERVISORCTL, there is one with its supervisord."""

    def write(config):
        if (name := "SUPERVISORCTL") in config:
            config = config.replace(name, request.getfixturevalue("supervised").control)
        (tmp_path / "rollproof.toml").write_text(config)

    return write


@pytest.fixture
def baseline(request, configure):
    """Call it with a case's words, its ground and the URL of that for the baseline to compare with, by its configuration."""

    def take(expected, ground, url):
        if config := expected.get("config"):
            configure(config)
        if answers := expected.get("answers"):
            return request.getfixturevalue("answered")(answers, expected.get("seconds", 0.0), url)
        if expected.get("recorded"):  # what the case's own rollproof.toml names
            return request.getfixturevalue("captured_here")(url)
        return request.getfixturevalue("captured")(ground, url)

    return take


@pytest.mark.parametrize("case", of_the_day())
def test_a_case_fails_exactly_the_checks_it_names(case, command, database_from, baseline, tmp_path):
    expected = EXPECTED[case]
    ground = CASES / expected.get("setup", "shop.sql")
    url = database_from(ground)
    reference = baseline(expected, ground, url)
    play(url, CASES / expected.get("migrate", "nothing"))
    play(url, CASES / case / "change.sql")

    # Each clone has a name of its own.
    options = ("--reference", reference, "--other-database", *expected.get("options", ()))
    with kept_open(url, expected.get("session")):
        verified = command(tmp_path, "verify", expected.get("phase", "post_rollback"), "--database-url", url, *options)
    play(url, CASES / case / "cleanup.sql")

    output = verified.output
    assert said(tmp_path, "failure", "error", WARNING) == tuple(set(expected.get(key, ())) for key in WORDS), output
    assert verified.returncode == expected["exit"], output
    jsonschema.validate(json.loads((tmp_path / "rollproof-report" / "result.json").read_bytes()), SCHEMA)
    told = [verified.said, *written(tmp_path / "rollproof-report")]
    assert [text for text in expected.get("says", ()) if not any(text in each for each in told)] == []


def test_every_check_is_seen_failing():
    checks = {path.stem.removeprefix("test_") for path in CHECKS.glob("test_*.py")}
    named = {check for expected in EXPECTED.values() for key in WORDS for check in expected.get(key, ())}

    assert checks - named - UNSEEN.keys() == set()
