"""Who types for pytest's own output gets it; what a project's settings say of its own tests asks for nothing."""

from copy import copy
from types import SimpleNamespace

import pytest
from _pytest.terminal import TerminalReporter

from fixtures.every import every
from rollproof.plugin import reporter
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


@pytest.mark.parametrize("ours_first", [True, False])
def test_pytest_rich_does_not_take_the_verdict_away(ours_first, request):
    """It calls nobody's summary, so it gives the place back, whoever came first."""
    asked = copy(request.config)
    asked.option, asked.pluginmanager = copy(asked.option), pytest.PytestPluginManager()
    asked.option.verbose = 0
    asked.pluginmanager.register(TerminalReporter(asked), "terminalreporter")

    def rich():
        asked.pluginmanager.unregister(name="terminalreporter")
        asked.pluginmanager.register(SimpleNamespace(config=asked), "rich-terminal-reporter")

    def ours():
        asked.pluginmanager.register(reporter, "rollproof.plugin.reporter")
        reporter.pytest_configure(asked)

    for begin in (ours, rich) if ours_first else (rich, ours):
        begin()

    assert isinstance(asked.pluginmanager.get_plugin("terminalreporter"), reporter.PhaseReporter)
    assert not asked.pluginmanager.has_plugin("rich-terminal-reporter")
