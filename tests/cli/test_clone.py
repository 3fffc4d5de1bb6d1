"""What is typed in a clone without a phase: our own scenarios and tests, and never the bundled checks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BY_NIGHT = pytest.mark.skipif(not os.environ.get("ROLLPROOF_NIGHT"), reason="by night, or with ROLLPROOF_NIGHT=1")

ROOT = Path(__file__).parents[2]


def collected(*words):
    """Return how a collection by a pytest of its own ended, and what it said."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "ROLLPROOF_"))}
    asked = [sys.executable, "-m", "pytest", "--co", "-q", *words]
    ended = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout


@BY_NIGHT
def test_everything_can_be_collected_and_no_bundled_check_is_among_it():
    """Who plain `pytest` types in a clone runs what `testpaths` names."""
    code, told = collected()

    assert code == 0, told[-2000:]
    assert "tests/cli/test_clone.py::" in told
    assert not [line for line in told.splitlines() if line.startswith("checks/")]


def test_the_bundled_checks_are_no_tests_without_a_phase():
    assert collected("checks")[0] == pytest.ExitCode.NO_TESTS_COLLECTED
