"""Projects as other people have them use the three lines of the README, each in its own way."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

PROJECTS = Path(__file__).parent / "projects"
UNCOMMITTED = "Misuse: the connection that was handed over holds changes that are not committed"
WIDE = {"COLUMNS": "400"}  # or pytest cuts off the sentences
by_night = pytest.mark.skipif(
    os.environ.get("ROLLPROOF_PLACES") != "all",
    reason="what it hands over, tests/server/test_handed_over.py tries by day; with ROLLPROOF_PLACES=all",
)


@pytest.fixture
def project(tmp_path):
    """Call it with a name for the folder of a copy of that project."""
    return lambda name: shutil.copytree(PROJECTS / name, tmp_path / name)


def outcomes(ended):
    """Return what each of their tests came to, as pytest's `-rA` tells it: name → word, and the sentence after it."""
    told = re.findall(r"^(PASSED|FAILED|ERROR) \S+?::(\w+)\S*(?: - (.*))?$", ended.output, re.MULTILINE)
    return {(name, word) for word, name, _ in told}, {name: sentence for _, name, sentence in told}


def expect(ended, passed, failed):
    """Expect that these passed and those failed, whatever their parameters; `failed` are names, each with its sentence."""
    came_to, sentences = outcomes(ended)

    assert came_to == {(name, "PASSED") for name in passed} | {(name, "FAILED") for name in failed}, ended.output
    assert {name: failed[name] for name in failed if failed[name] not in sentences[name]} == {}, ended.output
    assert ended.returncode == 1


def test_pytest_postgresql(installed, project, server):
    at = conninfo_to_dict(server.dsn("x"))
    where = [f"--postgresql-{name}={at[name]}" for name in ("host", "port", "user", "password")]
    ended = installed(project("postgresql"), "-rA", *where, **WIDE)

    expect(
        ended,
        {"test_honest"},
        {
            "test_column_comes_back_empty": "NotRestored: NOT RESTORED: content: public.invoices changed",
            "test_index_is_lost": "NotRestored: NOT RESTORED: indexes: public.invoices.invoices_total is missing",
            "test_uncommitted": UNCOMMITTED,
            "test_the_projects_own_error_stays_itself": "LookupError: of the project's own",
        },
    )


@by_night
def test_sqlalchemy_and_alembic(installed, project, database):
    ended = installed(project("alembic"), "-rA", DATABASE_URL=database, **WIDE)

    expect(
        ended,
        {
            "test_the_very_first_migration_is_honest",
            "test_honest",
            "test_honest_by_a_connection",
            "test_honest_by_a_session",
        },
        {
            "test_dishonest": "NotRestored: NOT RESTORED: ",
            "test_uncommitted_by_a_connection": UNCOMMITTED,
            "test_uncommitted_by_a_session": UNCOMMITTED,
        },
    )


def test_django(installed, project, database):
    ended = installed(project("django"), "-rA", DATABASE_URL=database, **WIDE)

    expect(ended, {"test_honest"}, {"test_dishonest": "NotRestored: NOT RESTORED: ", "test_uncommitted": UNCOMMITTED})


@by_night
def test_other_drivers(installed, project, database):
    ended = installed(project("drivers"), "-rA", "-p", "no:randomly", DATABASE_URL=database, **WIDE)

    expect(
        ended,
        {
            "test_honest_by_psycopg2",
            "test_honest_by_coroutines",
            "test_a_session_cannot_be_asked",
            "test_a_connection_cannot_be_asked",
        },
        {
            "test_uncommitted_by_psycopg2": UNCOMMITTED,
            "test_dishonest_by_coroutines": "NotRestored: NOT RESTORED: tables: public.invoices was left behind",
        },
    )


def _fails(*words):
    """Return what a program says when it fails; empty if it does not."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=90)
    except subprocess.TimeoutExpired:
        return "it takes too long"
    return done.returncode and (done.stderr.strip() or "it failed")


@pytest.fixture
def image():
    """An image of PostgreSQL, where there is an engine and the image can be had."""
    image = os.environ.get("ROLLPROOF_POSTGRES_IMAGE", "postgres:17-alpine")
    docker = shutil.which("docker")
    if not docker or _fails(docker, "info"):
        pytest.skip("no container engine runs here")
    if _fails(docker, "image", "inspect", image) and (problem := _fails(docker, "pull", "--quiet", image)):
        pytest.skip(f"{image} cannot be pulled: {problem}")
    return image


def test_testcontainers(installed, project, image):
    # Its reaper would be one more image; the test itself ends the container.
    ended = installed(project("containers"), "-rA", IMAGE=image, TESTCONTAINERS_RYUK_DISABLED="true", **WIDE)

    expect(ended, {"test_honest"}, {"test_dishonest": "NotRestored: NOT RESTORED: "})
