"""The pytest plugin: the only part of the engine that knows pytest.

It is loaded in every run of pytest where rollproof is installed, so this file is all that such a run imports: it has no part
in it, unless a phase is asked for, one of our marks is met, or the fixture is used.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    words -             our options among pytest's arguments, before pytest knows them
    stash -             the keys under which the modules find one another
    signals -           a signal ends pytest in order, with reports written
    terminal_output -   what pytest prints, without secrets and control characters
    configured -        the configuration of a run, from what pytest read
    own_checks -        checks of the user's own: which files, and which tests were named
    bundled -           the bundled checks, collected the same way wherever pytest was started
    markers -           families of checks, and what else marks them
    case -              a pytest item as a case: its check, what it is about, its severity
    options             pytest's options and the phase that -m names
    run -               both sides prepared before collection, scans begun, sessions let go of
    not_configured -    features that are not configured, whose checks have no cases
    parametrize -       cases of a check: one per table or group of tables, in which order
    nouns -             fixtures of the checks: both sides
    nouns_of_preflight - fixtures about surroundings: sessions, room, endpoints, baseline
    nouns_of_migration - fixtures about a migration: log, types, states, fate of rows
    own_nouns -         fixtures for checks of the user's own
    own_waivers -       a waiver of a check of the user's own that does not exist
    resume -            --resume: fingerprints kept in the report folder
    selection -         how many of a phase's cases were selected
    own_outcomes -      what came of a check of the user's own
    judge -             what came of one case, and how pytest tells it
    outcomes -          what each case came to
    progress -          how far the scans are
    files -             reports written, the verdict printed
    github -            in GitHub Actions: annotations, and the step's summary
    verify              the command `rollproof verify`
    within              a verification within a running program
    parts -             the modules of a run in a phase, registered with pytest
"""

import copy
import shlex
from collections.abc import Generator
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from rollproof.model.phase import PHASES
from rollproof.plugin.words import (
    given,
    joined,
    lengthened,
    mention_us,
    mislead,
    phases_in,
    typed_for_us,
    without_a_phase,
)
from rollproof.settings.option_table import OF_A_RUN, OPTIONS

_ANSWER = pytest.StashKey[int]()
"""The exit code of the run inside, where pytest had to be begun anew."""


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the options. What was typed for us may hold a password, so from here on pytest prints through our door."""
    _not_rewritten(pluginmanager)
    group = parser.getgroup("rollproof", "rollproof: did the rollback really put the PostgreSQL database back?")
    for known in (*OPTIONS, *OF_A_RUN):
        kind: dict[str, Any] = {"metavar": known.metavar} if known.metavar else {"action": "store_true"}
        variable = f" [{known.variable}]" if known in OPTIONS or known.field == "config" else ""
        group.addoption(known.long, dest=known.dest, default=None, help=f"{known.help}{variable}", **kind)
    config: Any = pluginmanager.get_plugin("pytestconfig")
    if mention_us(given(config.invocation_params.args)):
        import_module("rollproof.plugin.parts").guard(pluginmanager)


def _not_rewritten(pluginmanager: Any) -> None:
    """Have pytest import our modules as they are: to rewrite each for `assert`, as it does with plugins, takes a second."""
    with suppress(AttributeError):  # of the next pytest; then it is only slower
        pluginmanager.rewrite_hook._must_rewrite.discard("rollproof")  # noqa: SLF001
        pluginmanager.rewrite_hook._marked_for_rewrite_cache.clear()  # noqa: SLF001


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None, Any, Any]:
    """Take what was typed for us out of pytest's sight, before it looks for conftest files where the words point to.

    pytest chose its root folder, and with it the user's configuration, by all words that are paths, our values among them,
    before it knew our options. Then it is begun once more, with each value in one word with its option.
    """
    typed = [*args]
    if not mention_us(typed):
        return (yield from _for_others(early_config, parser, args))
    config: Any = early_config
    if mislead(given(config.invocation_params.args)):
        return (yield from _inside(config, args))
    _read(config, parser, args, typed)
    if _asks_for_a_phase(config):
        import_module("rollproof.plugin.parts").begin(config)
    result = yield
    args[:] = lengthened(typed, _taken(parser))
    if not _asks_for_a_phase(config) and (ours := typed_for_us(typed, _taken(parser))):
        raise pytest.UsageError(f"{ours[0]}: {without_a_phase(typed)}")
    return result


def _asks_for_a_phase(config: Any) -> bool:
    """Tell whether `-m` names a phase."""
    return bool(phases_in(config.known_args_namespace.markexpr))


def _for_others(config: Any, parser: Any, args: list[str]) -> Generator[None, Any, Any]:
    """Have pytest do what it does; of a mistyped option it would repeat the value, and with an address its password."""
    result = yield
    if any(word.startswith("--") and "://" in word for word in args):
        unknown = parser.parse_known_and_unknown_args(args, copy.copy(config.option))[1]
        if addressed := [word.partition("=")[0] for word in unknown if "://" in word]:
            raise pytest.UsageError(f"unrecognized arguments: {' '.join(addressed)}")
    return result


def _inside(config: Any, args: list[str]) -> Generator[None, Any, Any]:
    """Run pytest with values that nobody takes for tests, and have this run, whose root folder is wrong, do nothing more."""
    of_environment = given(())
    with pytest.MonkeyPatch.context() as patched:
        if of_environment:
            patched.setenv("PYTEST_ADDOPTS", shlex.join(joined(of_environment)))
        asked = config.invocation_params
        config.stash[_ANSWER] = int(pytest.main(joined(asked.args), asked.plugins))
    args.clear()
    config.known_args_namespace.noconftest = True
    return (yield)


def _read(config: Any, parser: Any, args: list[str], typed: list[str]) -> None:
    """Have pytest read the arguments again, our options under their long names."""
    args[:] = lengthened(typed, _taken(parser))
    confcutdir = config.known_args_namespace.confcutdir
    config.known_args_namespace = parser.parse_known_args(args, namespace=copy.copy(config.option))
    config.known_args_namespace.confcutdir = config.known_args_namespace.confcutdir or confcutdir


def _taken(parser: Any) -> set[str]:
    """Return the names of the options of pytest and of all others that were loaded until now."""
    groups = (parser._anonymous, *parser._groups)  # noqa: SLF001 (pytest has no public way to ask)
    return {name for group in groups for option in group.options for name in option.names()} - _OURS


_OURS = {known.long for known in (*OPTIONS, *OF_A_RUN)}


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Return what the run inside came to, if there was one."""
    return config.stash.get(_ANSWER, None)


SEVERITY = "severity(level): critical, high, medium or low"
"""The marker of ours that a user's own check may carry beside its phase, so pytest knows it in every run."""


def pytest_configure(config: pytest.Config) -> None:
    for phase in PHASES.values():
        config.addinivalue_line("markers", f"{phase}: {phase.when}")
    config.addinivalue_line("markers", SEVERITY)
    if "://" in config.option.markexpr:
        raise pytest.UsageError("-m takes a phase, such as post_rollback, and no address (it may hold a password)")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is marked with a phase, where no phase is asked for: it needs a database to verify."""
    if _asks_for_a_phase(config):
        return
    for item in items:
        if phase := next((mark.name for mark in item.iter_markers() if mark.name in PHASES), None):
            reason = f"it is a check of {phase}: pytest -m {phase} --database-url URL --reference baseline.json"
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def rollproof() -> ModuleType:
    """The functions of `import rollproof`: `with rollproof.unchanged(target): …` fails if the block leaves the database changed."""
    return import_module("rollproof")
