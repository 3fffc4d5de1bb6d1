"""The bundled checks: collected the same way wherever pytest was started, whatever the user's pytest settings are.

Their node ids are `checks/test_NAME.py::test_NAME[…]` everywhere. They see fixtures of ours and of pytest alone: a fixture of the
user's conftest that has one of our names, or that is used by every test, is about the user's tests.
"""

import importlib.util
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest

from rollproof.plugin.stash import NAMED, RUN

_MODULES = "rollproof.checks."
_VISIBLE = ("rollproof.", "_pytest.")
"""The modules whose fixtures a bundled check sees."""
_NOUNS, _OWN_NOUNS = "rollproof.plugin.nouns", "rollproof.plugin.own_nouns"
"""The modules with fixtures for bundled checks alone, and the one with those for the user's own."""


def is_bundled(node: pytest.Item | pytest.Collector) -> bool:
    """Tell whether a node is one of our checks, or a case of one."""
    return isinstance(node, Check) or isinstance(node.parent, Check)  # which holds no classes


def in_phase(file: Path, phase: str) -> bool:
    """Tell whether a check's file assigns the mark of the phase."""
    return phase in _marks(file, file.stat().st_mtime_ns)


@cache
def _marks(file: Path, _changed: int) -> frozenset[str]:
    """Return the marks that a check's file assigns; it is read again when it has changed."""
    return frozenset(re.findall(r"\bmark\.(\w+)", file.read_text("utf-8")))


class Checks(pytest.Collector):
    """The bundled checks, as far as they are of this phase and were not left out by name.

    It is no `pytest.Directory`, for which pytest would look for conftest files.
    """

    def collect(self) -> Iterator["Check"]:
        """Yield the checks of the phase, in the order of their names."""
        for file in _files(self.config):
            if not self.ihook.pytest_ignore_collect(collection_path=file, config=self.config):
                yield check(self, file)


class Check(pytest.Module):
    """A check's file; the user's `python_functions` and `python_classes` are not about it."""

    def funcnamefilter(self, name: str) -> bool:
        """Tell whether this is the name of a case."""
        return name.startswith("test_")

    def classnamefilter(self, name: str) -> bool:  # noqa: ARG002 (pytest's signature)
        """Tell that no class holds cases."""
        return False

    @cached_property
    def cases(self) -> list[Any]:
        """All cases, also those that were not named."""
        return [*super().collect()]

    def collect(self) -> list[Any]:
        """Return the cases that were named."""
        named = self.config.stash[NAMED]
        return [case for case in self.cases if named.has_case(self.path, case.nodeid)]

    def _getobj(self) -> Any:
        """Import it without rewriting it for `assert`: a check raises errors of its own."""
        return _module(self.path)


def import_checks(config: pytest.Config) -> None:
    """Import the checks of a run; what is wrong with one is said when it is collected."""
    for file in _files(config):
        with suppress(Exception):
            _module(file)


def _files(config: pytest.Config) -> Iterator[Path]:
    run, named = config.stash[RUN], config.stash[NAMED]
    yield from (
        file for file in sorted(named.checks.glob("test_*.py")) if named.has(file) and in_phase(file, run.phase.name)
    )


def check(parent: Any, file: Path) -> Check:
    """Return the node of a check's file."""
    made: Check = Check.from_parent(parent, path=file, nodeid=f"checks/{file.name}")
    return made


def _module(file: Path) -> Any:
    name = _MODULES + file.stem
    module = sys.modules.get(name)
    if module is None or module.__file__ != str(file):
        module = _imported(name, file)
    return module


def _imported(name: str, file: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec, "a file ends with .py"
    assert spec.loader, "the same"
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, SyntaxError | ImportError):
            raise pytest.Collector.CollectError(f"{file.name} cannot be imported: {error}") from error
        raise
    return module


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    """Put our checks before what else was named."""
    report = yield
    named = collector.config.stash[NAMED]
    if isinstance(collector, pytest.Session) and report.passed and named.any_bundled:
        folder = Checks.from_parent(collector, name="checks", path=named.checks, nodeid="checks")
        report.result = [folder, *report.result]
    return report


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Nothing else finds our checks where a folder of the user's holds them."""
    return True if collection_path == config.stash[NAMED].checks else None


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: Any) -> None:
    """Let bundled checks see our fixtures and pytest's alone, and the user's own tests none that are for bundled checks."""
    manager = session._fixturemanager  # noqa: SLF001 (pytest has no public way to say so)
    definitions, automatic, used = manager.getfixturedefs, manager._getautousenames, manager._getusefixturesnames  # noqa: SLF001

    def visible(argname: str, node: Any) -> Any:
        found: Sequence[Any] = definitions(argname, node) or ()
        seen = _is_for_ours if is_bundled(node) else _is_for_theirs
        return tuple(filter(seen, found)) or None

    def visible_by_itself(node: Any) -> Any:
        names = automatic(node)
        return (name for name in names if visible(name, node)) if is_bundled(node) else names

    manager.getfixturedefs, manager._getautousenames = visible, visible_by_itself  # noqa: SLF001
    manager._getusefixturesnames = lambda node: iter(()) if is_bundled(node) else used(node)  # noqa: SLF001


def _is_for_ours(definition: Any) -> bool:
    module = _home(definition)
    return module.startswith(_VISIBLE) and module != _OWN_NOUNS


def _is_for_theirs(definition: Any) -> bool:
    return not _home(definition).startswith(_NOUNS)


def _home(definition: Any) -> str:
    return str(getattr(definition.func, "__module__", ""))
