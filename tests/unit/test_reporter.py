"""Who types for pytest's own output gets it; what a project's settings say of its own tests asks for nothing."""

from types import SimpleNamespace

import pytest

from fixtures.every import every
from rollproof.plugin.reporter import is_of_pytest, is_typed


@pytest.fixture(autouse=True)
def nothing_added(monkeypatch):
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)


def config(*typed, **option):
    given = {"verbose": 0, **option}
    return SimpleNamespace(option=SimpleNamespace(**given), invocation_params=SimpleNamespace(args=typed))


@every(
    "name, typed, asked",
    [
        ("verbose", "-v", True),
        ("verbose", "-vv", True),
        ("verbose", "-xvs", True),
        ("verbose", "--verbose", True),
        ("verbose", "--verbosity=2", True),
        ("verbose", "-kvertical", False),
        ("verbose", "-mpost_rollback", False),
        ("quiet", "-q", True),
        ("quiet", "-xq", True),
        ("tb", "--tb=short", True),
        ("tb", "--tb", True),
        ("report", "-rA", True),
        ("report", "--report-chars=s", True),
        ("report", "--report-dir=x", False),
        ("report", "--reference=r", False),
    ],
)
def test_what_was_typed_is_known_by_its_beginning(name, typed, asked):
    assert is_typed(config(typed), name) is asked


@every(
    "run, asked",
    [
        (config("-v", verbose=1), True),
        (config(verbose=1), False),
        (config("-v", "-q"), False),
        (config(collectonly=True), True),
        (config(setupshow=True), True),
        (config(usepdb=True), True),
        (config("--tb=short"), False),
    ],
)
def test_pytests_own_output_is_for_who_types_for_it(run, asked):
    assert is_of_pytest(run) is asked
