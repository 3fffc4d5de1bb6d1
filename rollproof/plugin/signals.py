"""SIGINT, SIGTERM and SIGHUP end the run in order: sessions closed, servers stopped, reports written, exit code 128 + number.

A signal interrupts the collection, the cases and the printing of failures. It waits while sessions are closed and reports are
written, which is short. What it meets when the reports are whole makes them say so, too.
"""

import inspect
from collections.abc import Generator
from typing import Any

import pytest

from rollproof.plugin.stash import FILES, INCIDENT, RUN, SUMMARY
from rollproof.system.signals import SIGNALS, Terminated

_PYTESTS_OWN = {("_pytest.config", name) for name in ("console_main", "_console_main")}  # from 9.1 on the second


def pytest_addoption() -> None:
    """Take the signals first of all; a program that runs pytest inside itself keeps its own until there is a run."""
    if _alone():
        SIGNALS.install(stays=True)


def _alone() -> bool:
    """Tell whether this process is pytest, and nothing else."""
    frame = inspect.currentframe()
    while frame and (frame.f_globals.get("__name__"), frame.f_code.co_name) not in _PYTESTS_OWN:
        frame = frame.f_back
    return frame is not None


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if SIGNALS.install(stays=False):
        config.add_cleanup(SIGNALS.over)
    config.pluginmanager.register(Signals(config))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, Any, Any]:
    """After this there is nothing left to interrupt."""
    try:
        code = yield
    except Terminated:
        code = SIGNALS.code
    if SIGNALS.number:
        _settle(config)
        _tell(config)
    if _alone():
        SIGNALS.over()
    return SIGNALS.code or code


def _settle(config: pytest.Config) -> None:
    """Have the reports say that the run was ended, and the timeline of an incident as well."""
    if files := config.stash.get(FILES, None):
        files.settle(int(pytest.ExitCode.INTERRUPTED))
    if entered := config.stash.get(INCIDENT, None):
        entered.enter()


def _tell(config: pytest.Config) -> None:
    """Print the verdict again, if it became another since it was printed."""
    files, summary = config.stash.get(FILES, None), config.stash.get(SUMMARY, None)
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if files and summary and reporter and summary.told is not files.report:
        reporter.ensure_newline()
        summary.tell(reporter)


class Signals:
    """Says when a signal may interrupt what is done."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        if run := self.config.stash.get(RUN, None):
            SIGNALS.insists = True
            SIGNALS.heard = lambda: run.deadline.cut_short("the run was ended by a signal")
            SIGNALS.last_words = lambda: _settle(self.config)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Generator[None, Any, Any]:
        with SIGNALS.interrupting():
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, Any, Any]:
        with SIGNALS.interrupting():
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self) -> Generator[None, Any, Any]:
        """The reports are written; of what is printed now, the verdict is enough."""
        begun = False
        try:
            with SIGNALS.interrupting():
                begun = True
                return (yield)
        except Terminated:
            _settle(self.config)
            if not begun:
                return (yield)  # it came before; and pytest demands one
            _tell(self.config)
