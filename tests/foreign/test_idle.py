"""Who plain rollproof and runs their own tests notices nothing of it."""

import os
import re
import shutil
from pathlib import Path

import pytest

PROJECTS = Path(__file__).parent / "projects"
WITHOUT = ("-p", "no:rollproof.plugin")
ASKED = (
    (),
    ("-v",),
    ("--collect-only", "-q"),
    ("-k", "counts", "--setup-show"),
    ("-m", "not slow"),
    ("-n", "2"),
    ("specs/check_totals.py::it_counts[1]", "--tb=long", "--showlocals"),
    ("--lf",),
    ("--no-such-option",),
    ("no_such_file.py",),
)

if os.environ.get("ROLLPROOF_PLUGINS") != "each":  # by day some of them
    ASKED = (ASKED[0], *ASKED[3:9:2], ASKED[6])

OWN_CHECK = """
import pytest

pytestmark = pytest.mark.post_rollback

def test_totals(before, after):
    assert before is after
"""


@pytest.fixture
def project(tmp_path):
    """Call it with a name for the folder of a copy of that project."""
    return lambda name, to="it": shutil.copytree(PROJECTS / name, tmp_path / to / name)


def lines(ended, asked=()):
    """Return what a run printed, without the list of plugins and what differs from run to run: times, workers."""
    told = re.sub(r"\d+\.\d+ ?s|0x[0-9a-f]+|\[gw\d\]|/with/|/without/", "", ended.output).splitlines()
    told = [line for line in told if not line.startswith("plugins: ")]
    return sorted("".join(sorted(line)) for line in told) if "-n" in asked else told


@pytest.mark.promise
@pytest.mark.parametrize("asked", ASKED, ids=lambda words: " ".join(words) or "nothing")
def test_an_ordinary_run_prints_what_it_printed_before(asked, plain, project):
    with_us = plain(project("strict", "with"), *asked)
    without = plain(project("strict", "without"), *WITHOUT, *asked)

    assert lines(with_us, asked) == lines(without, asked)
    assert with_us.returncode == without.returncode
    assert without.output


@pytest.mark.promise
def test_variables_of_ours_change_no_ordinary_run(plain, project):
    """A CI job may set them for all of its steps."""
    variables = {"ROLLPROOF_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "ROLLPROOF_STRICT": "1"}
    with_them = plain(project("strict", "with"), **variables)
    without = plain(project("strict", "without"))

    assert lines(with_them) == lines(without)


@pytest.mark.promise
@pytest.mark.parametrize("words", [("--database-url", "sqlite:///theirs.db"), ("--database-url=sqlite:///theirs.db",)])
def test_an_option_of_the_projects_own_means_what_it_meant(words, plain, project):
    ended = plain(project("options"), *words, "--server", "elsewhere")

    assert ended.returncode == 0, ended.output


@pytest.mark.promise
@pytest.mark.parametrize("words", [("--database-url", "x"), ("--database-url=x",)])
def test_a_phase_does_not_take_an_option_of_the_projects_own_for_ours(words, plain, project):
    """To go on without it would be to verify another database than was meant."""
    folder = project("options")
    (folder / "test_phase.py").write_text(OWN_CHECK)
    ended = plain(folder, "-m", "post_rollback", *words, "test_phase.py")

    assert ended.returncode == 4
    assert "rollproof's is --rollproof-database-url" in ended.output


def test_who_has_no_option_of_that_name_is_told_so_by_pytest(plain, project):
    ended = plain(project("strict"), "--datenbank", "x")

    assert ended.returncode == 4
    assert "unrecognized arguments: --datenbank" in ended.output


@pytest.mark.parametrize("asked", [("-m", "not post_rollback"), ("-n", "2"), ("--strict-markers",)])
def test_a_check_of_their_own_waits_for_its_phase(asked, plain, tmp_path):
    """Without one it is skipped, and the reason says what to type; its mark is known."""
    (tmp_path / "test_own.py").write_text(OWN_CHECK)
    (tmp_path / "test_usual.py").write_text("def test_usual():\n    pass\n")
    ended = plain(tmp_path, "-rs", "-W", "error::pytest.PytestUnknownMarkWarning", *asked)

    assert ended.returncode == 0, ended.output
    assert "1 passed" in ended.output
    assert "1 deselected" in ended.output if "-m" in asked else "pytest -m post_rollback" in ended.output
