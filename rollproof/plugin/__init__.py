"""The pytest plugin: the only part of the engine that knows pytest.

It is loaded in every run of pytest where rollproof is installed, so this file is all that such a run imports: it has no part
in it, unless a phase is asked for, one of our marks is met, or the fixture is used.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    words -             our options among pytest's arguments, before pytest knows them
    arguments -         what pytest reads of its arguments where one of them is ours
    stash -             the keys under which the modules find one another
    signals -           a signal ends pytest in order, with reports written
    terminal_output -   what pytest prints, without secrets and control characters
    configured -        the configuration of a run, from what pytest read
    own_checks -        checks of the user's own: which files, and which tests were named
    bundled -           the bundled checks, collected the same way wherever pytest was started
    case -              a pytest item as a case: its check, what it is about, its severity
    options             pytest's options and the phase that -m names
    run -               both sides prepared before collection, scans begun, sessions let go of
    not_configured -    features that are not configured, whose checks have no cases
    parametrize -       cases of a check: one per table or group of tables, in which order
    nouns -             fixtures of the checks: both sides
    nouns_of_preflight - fixtures about surroundings: sessions, room, baseline
    nouns_of_endpoints - fixtures about the application's endpoints
    nouns_of_queries -  fixtures about queries: plans, look-ups, results
    nouns_of_migration - fixtures about a migration: log, types, states, fate of rows
    nouns_of_state - fixtures about the state of storage, and what is kept of the database before the rollback
    nouns_of_application - fixtures about the application: its services
    nouns_of_commands - fixtures of the check that runs the user's own commands
    own_nouns -         fixtures for checks of the user's own
    own_waivers -       what is mistyped about checks of the user's own
    resume -            --resume: fingerprints kept in the report folder
    selection -         how many of a phase's cases were selected
    own_outcomes -      what came of a check of the user's own
    judge -             what came of one case, and how pytest tells it
    outcomes -          what each case came to
    state_before -      the state before a rollback kept, and what the rollback changed told
    progress -          how far the scans are
    so_far -            bad news told while the run goes on
    files -             reports written
    reporter -          what a phase prints in place of pytest's output
    summary -           the verdict printed
    incident -          a run is an entry of the incident that is open
    drill -             a restore that was verified leaves a record
    run_metrics -       what a run came to, as metrics
    metrics -           --metrics-file: who asks for it gets metrics
    github -            in GitHub Actions: annotations, and the step's summary
    parts -             the modules of a run in a phase, registered with pytest
    verify              the command `rollproof verify`
    within              a verification within a running program
    rounds -            one round of a watch
    watch               the command `rollproof watch`

Nor does pytest rewrite this file, or warn of one that was imported before: PYTEST_DONT_REWRITE
"""

from collections.abc import Generator
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from rollproof.model.phase import PHASES
from rollproof.plugin.arguments import ANSWER, arguments_read, asks_for_a_phase, of_others
from rollproof.plugin.words import NO_ADDRESS, given, mention_a_phase, mention_us
from rollproof.settings.option_table import OF_A_RUN, OPTIONS


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the options. What was typed for us may hold a password, so from here on pytest prints through our door."""
    _not_rewritten(pluginmanager)
    group = parser.getgroup("rollproof", "rollproof: did the rollback really put the PostgreSQL database back?")
    for known in (*OPTIONS, *OF_A_RUN):
        kind: dict[str, Any] = {"metavar": known.metavar} if known.metavar else {"action": "store_true"}
        variable = f" [{known.variable}]" if known in OPTIONS or known.field == "config" else ""
        group.addoption(known.long, dest=known.dest, default=None, help=f"{known.help}{variable}", **kind)
    config: Any = pluginmanager.get_plugin("pytestconfig")
    if mention_a_phase(given(config.invocation_params.args)):
        import_module("rollproof.plugin.parts").guard(pluginmanager)


def _not_rewritten(pluginmanager: Any) -> None:
    """Have pytest import our modules as they are: to rewrite each for `assert`, as it does with plugins, takes a second."""
    with suppress(AttributeError):  # of the next pytest; then it is only slower
        pluginmanager.rewrite_hook._must_rewrite -= {"rollproof", "rollproof.plugin"}  # noqa: SLF001
        pluginmanager.rewrite_hook._marked_for_rewrite_cache.clear()  # noqa: SLF001


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None, Any, Any]:
    """Take what was typed for us out of pytest's sight, before it looks for conftest files where the words point to."""
    if not mention_us(args):
        return (yield from of_others(early_config, parser, args))
    return (yield from arguments_read(early_config, parser, args))


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Return what the run inside came to, if there was one."""
    return config.stash.get(ANSWER, None)


SEVERITY = "severity(level): critical, high, medium or low"
"""The marker of ours that a user's own check may carry beside its phase, so pytest knows it in every run."""


def pytest_configure(config: pytest.Config) -> None:
    for phase in PHASES.values():
        config.addinivalue_line("markers", f"{phase}: {phase.when}")
    config.addinivalue_line("markers", SEVERITY)
    if "://" in config.option.markexpr:
        raise pytest.UsageError(NO_ADDRESS)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is marked with a phase, where no phase is asked for: it needs a database to verify."""
    if asks_for_a_phase(config):
        return
    for item in items:
        if phase := next((mark.name for mark in item.iter_markers() if mark.name in PHASES), None):
            reason = f"it is a check of {phase}: pytest -m {phase} --database-url URL --reference baseline.json"
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def rollproof() -> ModuleType:
    """The functions of `import rollproof`: `with rollproof.unchanged(target): …` fails if the block leaves the database changed."""
    return import_module("rollproof")
