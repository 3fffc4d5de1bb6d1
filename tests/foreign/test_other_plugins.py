"""With other plugins and other options of pytest's a phase comes to the same verdict, or refuses with one sentence.

ROLLPROOF_PLUGINS=each tries each by itself, of a database that is whole and of one that is not; by day they share runs.
"""

import os
import shutil
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from fixtures.environments import told

PROJECTS = Path(__file__).parent / "projects"
EACH = (
    ("-n", "0"),
    ("--randomly-seed=3",),
    ("--force-sugar",),
    ("--html=page.html", "--self-contained-html"),
    ("--timeout=100", "--timeout-method=thread"),
    ("--timeout=100", "--timeout-method=signal"),
    ("--reruns=2",),
    ("--cov=.", "--cov-report=term"),
    ("-o", "asyncio_mode=auto"),
    ("--hypothesis-show-statistics", "--hypothesis-seed=1"),
    ("-p", "no:cacheprovider"),
    ("-p", "no:terminal"),
    ("-p", "no:warnings"),
    ("-p", "no:junitxml"),
    ("--import-mode=prepend",),
    ("--import-mode=append",),
    ("--import-mode=importlib",),
    ("-q",),
    ("-qq", "--no-header", "--no-summary"),
    ("-vv",),
    ("--tb=long", "--showlocals"),
    ("-s",),
    ("--capture=tee-sys",),
    ("-W", "error"),
    ("--assert=plain",),
    ("--doctest-modules",),
    ("--ff",),
    ("--nf",),
    ("--lf",),
    ("-p", "no:randomly", "-p", "no:xdist", "-p", "no:django"),
    ("--disable-plugin-autoload", "-p", "rollproof.plugin"),
)
SHARED = (
    (0, 1, 3, 4, 6, 8, 14, 19, 20, 21, 23, 26),
    (2, 5, 7, 9, 10, 15, 18, 24, 25),
    (11, 12, 13, 16, 22, 29),
)
ALONE = os.environ.get("ROLLPROOF_PLUGINS") == "each"
STOPPING = (("-x",), ("--sw",)) if ALONE else (("-x",),)
REFUSED = (("-n", "auto"), ("-d", "--tx=popen"), ("-f",))


def runs():
    """Return the words of each run."""
    if ALONE:
        return EACH
    return tuple(tuple(word for place in shared for word in EACH[place]) for shared in SHARED)


@pytest.fixture
def verify(installed, ledger, tmp_path):
    """Call it with more words for what a run comes to in a project with settings of its own, or in an empty folder."""
    url, baseline = ledger

    def run(*words, own_check="", **variables):
        folder = tmp_path / "strict"
        if {"no:terminal", "--disable-plugin-autoload"} & {
            *words
        }:  # their own settings could not be read without these
            folder.mkdir()
        else:
            shutil.copytree(PROJECTS / "strict", folder)
            with (folder / "pytest.ini").open("a") as file:
                file.write("asyncio_default_fixture_loop_scope = function\n")  # or that plugin warns, an error here
        if own_check:
            (folder / "specs" / "check_own.py").write_text(own_check)
        asked = ("-m", "post_rollback", "--database-url", url, "--reference", baseline)
        ended = installed(folder, *asked, *words, **variables)
        return ended, told(ended, folder / "rollproof-report")

    return run


@pytest.mark.promise
@pytest.mark.parametrize("words", runs(), ids=" ".join)
def test_other_plugins_change_no_verdict(words, verify, came_to):
    ended, report = verify(*words)

    assert report == came_to("post_rollback"), ended.output


@pytest.mark.parametrize("words", STOPPING, ids=" ".join)
def test_who_stops_at_the_first_failure_knows_of_it(words, verify):
    ended, report = verify(*words)

    assert (report.code, report.verdict) == (1, "NOT RESTORED"), ended.output


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_several_processes_are_refused_in_one_sentence(words, verify):
    ended, report = verify(*words)

    assert report.verdict == "no report"
    assert ended.returncode == 4
    assert ended.output.startswith("ERROR: -n, -f: a phase is verified by one process"), ended.output
    assert len(ended.output.strip().splitlines()) == 1


TELLTALE = """
import os

import pytest

pytestmark = pytest.mark.post_rollback


@pytest.fixture
def broken():
    url = os.environ["THEIR_URL"]
    raise RuntimeError(url)


def it_has_a_password_in_a_local(before):
    url = os.environ["THEIR_URL"]
    print(url)
    assert url == "", url


def it_errs_with_it(broken):
    pass
"""


def test_a_check_of_their_own_shows_no_password(verify, ledger, tmp_path):
    """Neither on the screen nor in any report, that of another plugin among them."""
    password = conninfo_to_dict(ledger[0])["password"]
    words = (
        "-vv",
        "--showlocals",
        "--tb=long",
        "-rA",
        "--html=page.html",
        "--self-contained-html",
        "--junit-xml=junit.xml",
    )
    ended, report = verify(*words, own_check=TELLTALE, THEIR_URL=ledger[0])
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    own = {(check, kind) for check, _, kind in report.cases if "::" in check}

    assert report.code == 1
    assert own == {
        ("specs/check_own.py::it_has_a_password_in_a_local", "not restored"),
        ("specs/check_own.py::it_errs_with_it", "inconclusive"),
    }
    assert password not in ended.output
    assert [path for path in written if password in path.read_text("utf-8", "replace")] == []


CRASHING = """
from rollproof.plugin import own_checks

def find(config):
    raise OSError("of rollproof's own")

own_checks.find = find
"""


def test_an_error_of_ours_in_the_beginning_is_no_verdict(verify, tmp_path):
    """Python ends with 1 then, which would mean NOT RESTORED."""
    (tmp_path / "crashing.py").write_text(CRASHING)
    ended, _ = verify("-p", "crashing", PYTHONPATH=str(tmp_path))

    assert ended.returncode == 3
    assert "OSError: of rollproof's own" in ended.output


def test_what_a_phase_cannot_do_without_is_said(verify):
    ended, _ = verify("-p", "no:python")

    assert ended.returncode == 4
    assert "-p no:python: rollproof cannot do without" in ended.output


def test_several_processes_of_the_projects_own_settings_are_refused_too(verify):
    """They apply to every run of this project, so the sentence says how to do without."""
    ended, _ = verify(PYTEST_ADDOPTS="-n auto")

    assert ended.returncode == 4
    assert "-n 0" in ended.output
