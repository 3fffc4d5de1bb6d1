"""A verification within a running program, most often a test: the same checks by the same pytest, of which nobody notices anything.

Pytest is run once more, without the program's plugins, conftest files and variables. Nothing is printed or written, and
what pytest sets in its process is as it was when this ends.
"""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rollproof.commands.prepare import Plan, Prepared, planned
from rollproof.commands.request import Request
from rollproof.model.errors import Inconclusive
from rollproof.model.markers import MARKERS
from rollproof.model.phase import PHASES
from rollproof.plugin.bundled import in_phase
from rollproof.plugin.case import check_of
from rollproof.plugin.options import Run
from rollproof.plugin.own_checks import CHECKS, Named
from rollproof.plugin.parts import PARTS
from rollproof.plugin.run import Sides
from rollproof.plugin.stash import NAMED, OUTCOMES, RUN, SIDES
from rollproof.report.folder import Runs
from rollproof.settings.configuration import secrets_of
from rollproof.system.garbage import look_seldom
from rollproof.verdict.outcome import Report

_ALSO = ("bundled", "not_configured", "parametrize", "outcomes")
_PARTS = tuple(part for part in PARTS if part in _ALSO or part.startswith("nouns"))
# Of pytest's own plugins: what would print, write, catch or take over something that is the program's.
_NOT_LOADED = (
    *("assertion", "cacheprovider", "capture", "debugging", "doctest", "faulthandler", "junitxml", "legacypath"),
    *("logging", "monkeypatch", "pastebin", "python_path", "recwarn", "setuponly", "setupplan", "stepwise", "subtests"),
    *("threadexception", "tmpdir", "unittest", "unraisableexception", "warnings"),
)
_ARGUMENTS = (
    *("-c", os.devnull, "--rootdir", str(CHECKS.parent), "--noconftest", "--disable-plugin-autoload"),
    *chain.from_iterable(("-p", f"no:{name}") for name in _NOT_LOADED),
)
_ONE_AT_A_TIME = threading.RLock()
"""What pytest sets in its process, and puts back, is no two threads'; a test of a phase may verify within that."""
_LEFT_BY_PYTEST = ("last_exc", "last_type", "last_value", "last_traceback")
"""Where pytest, as an interactive Python does, keeps the last exception that nobody caught."""


def verified(request: Request) -> Report:
    """Return what a verification of what was asked for comes to.

    Raises `Misuse` and `Inconclusive` where there is nothing that could be checked, and `KeyboardInterrupt` if it was interrupted.
    """
    with ExitStack() as keep:
        plan = planned(request, keep)
        plan.require_endpoints()
        prepared = plan.opened(dumped=plan.request.phase.asks_pg_dump)
        keep.callback(prepared.sides.close)
        return checked(plan, prepared)


def checked(plan: Plan, prepared: Prepared, *selected: str) -> Report:
    """Return what the checks of the phase come to, of sides that are open; `selected` are pytest's words for some of them.

    Where others are verified beside, in this process, what takes a server's time is waited for before their turn ends. Raises as
    `verified` does.
    """
    if plan.request.together and not selected:
        prepared.ahead(_checks_of(plan.request.phase.name))
    inside = _Inside(plan, prepared)
    with _ONE_AT_A_TIME, _as_it_was():
        pytest.main([*_ARGUMENTS, *selected], [inside, *_parts()])
    if inside.interrupted:
        raise inside.interrupted
    if inside.report is None:
        raise Inconclusive(f"no verification was made: {inside.crashed or 'pytest ended before it began'}")
    return inside.report


def _checks_of(phase: str) -> frozenset[str]:
    return frozenset(check_of(file) for file in CHECKS.glob("test_*.py") if in_phase(file, phase))


def _parts() -> Iterator[ModuleType]:
    """Yield the modules that the others import, too: a test that runs pytest by pytester forgets modules, but no package does."""
    return (import_module(f"rollproof.plugin.{part}") for part in _PARTS)


@contextmanager
def _as_it_was() -> Iterator[None]:
    """Keep what pytest reads from its process out of its sight, and put back what it sets."""
    last = {name: vars(sys)[name] for name in _LEFT_BY_PYTEST if name in vars(sys)}
    often = look_seldom()
    with pytest.MonkeyPatch.context() as patched:
        for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
            patched.delenv(name, raising=False)
        if test := os.environ.get("PYTEST_CURRENT_TEST"):
            patched.setenv("PYTEST_CURRENT_TEST", test)
        try:
            yield
        finally:
            for name in _LEFT_BY_PYTEST:
                vars(sys).pop(name, None)
            vars(sys).update(last)
            often()


class _Inside:
    """What the pytest inside is told, and what is heard of it: its `report`, who interrupted it, or how it `crashed`."""

    def __init__(self, plan: Plan, prepared: Prepared) -> None:
        self.plan = plan
        self.prepared = prepared
        self.report: Report | None = None
        self.interrupted: BaseException | None = None
        self.crashed = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        for marker in (*PHASES, *MARKERS):
            config.addinivalue_line("markers", marker)
        config.pluginmanager.set_blocked(
            "terminalreporter"
        )  # its plugin gives options that others ask for; it prints nothing
        config.args = []
        config.stash[NAMED] = Named(whole=True)
        config.stash[RUN] = run = _run(self.plan)
        config.stash[SIDES] = sides = _Opened(config, run)
        sides.plan, sides.prepared = self.plan, self.prepared
        config.pluginmanager.register(sides)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        self.report = session.config.stash[OUTCOMES].report(int(exitstatus))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        if not isinstance(excinfo.value, pytest.exit.Exception):
            self.interrupted = excinfo.value

    def pytest_internalerror(self, excrepr: Any) -> bool:
        self.crashed = self.plan.request.hide(str(excrepr))
        return True


class _Opened(Sides):
    """Both sides, opened before pytest was run, so that what stands in the way is raised where the program asked."""

    def _prepare(self) -> None:
        assert self.prepared, "they are"


def _run(plan: Plan) -> Run:
    settings, request = plan.settings, plan.request
    return Run(
        configured=request.configured,
        phase=request.phase,
        rehearse=False,
        dry_run=False,
        look=False,
        secrets=secrets_of(settings, request.environment),
        typed=(),
        runs=Runs(Path(settings.report_dir), settings.keep_runs),
        deadline=request.deadline,
    )
