"""The phase that was asked for, and the run that the options make."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rollproof.commands.provenance import in_force
from rollproof.model.errors import Misuse, did_you_mean
from rollproof.model.markers import MARKERS
from rollproof.model.phase import ONE_PROCESS, PHASES, Phase
from rollproof.model.redaction import Secrets
from rollproof.plugin.configured import configured
from rollproof.plugin.stash import NAMED, RUN
from rollproof.plugin.words import NO_ADDRESS, given, markers_in, phases_in
from rollproof.report.folder import Runs
from rollproof.report.formats import asked as formats
from rollproof.settings.configuration import Configured, require_path, secrets_of
from rollproof.settings.options import Settings
from rollproof.system.bundle import suite_root
from rollproof.system.deadline import NEVER, Deadline
from rollproof.system.output import at_hand

SUITE = suite_root()
LOOKS = ("rollproof_dry_run", "collectonly", "setupplan", "showfixtures", "show_fixtures_per_test", "cacheshow")


@dataclass(eq=False)
class Run:
    """What was asked for. What becomes known later stands in `Sides`; `notes` collects things to know, in their order.

    Nothing else changes, but that there may be more `secrets`: a token that the application gave.
    """

    configured: Configured
    phase: Phase
    rehearse: bool
    dry_run: bool
    look: bool  # whether no case will be run, so that nothing is written anywhere
    secrets: Secrets
    typed: tuple[str, ...]  # the options in force, without secrets
    runs: Runs  # the report folder
    deadline: Deadline = NEVER  # when --max-duration ends it
    notes: list[str] = field(default_factory=list)

    def keep_secret(self, word: str) -> None:
        """Hide this word as well from now on."""
        self.secrets = self.secrets.and_of(Secrets(frozenset({word})))


def is_look(option: Any) -> bool:
    """Tell whether pytest was only asked to show something."""
    return any(getattr(option, name, False) for name in LOOKS)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    for family in MARKERS:
        config.addinivalue_line("markers", family)
    if config.inipath == Path(os.devnull):  # as `rollproof verify` has it; pytest's header would speak of it
        config._inipath = None  # noqa: SLF001
    config.addinivalue_line("filterwarnings", "default::pytest.PytestCacheWarning")  # nobody needs a cache at 2 a.m.
    try:
        config.stash[RUN] = _run(config, _phase(config))
        config.args = [*config.stash[NAMED].own]  # the bundled checks are no folder that pytest has to find
    except Misuse as error:
        raise pytest.UsageError(at_hand(given(config.invocation_params.args), os.environ).hide(str(error))) from None


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Refuse `-f` of pytest-xdist, whose loop begins before anything is configured, and never ends."""
    if getattr(config.option, "looponfail", False):
        raise pytest.UsageError(ONE_PROCESS)


def _phase(config: pytest.Config) -> Phase:
    """Return the phase that `-m` names. Raises `Misuse` for a name that is no marker, and for two phases at once."""
    option = config.option
    if "://" in option.markexpr:
        raise Misuse(NO_ADDRESS)
    names = markers_in(option.markexpr)
    known = {*PHASES} | {re.split(r"[:(]", line)[0].strip() for line in config.getini("markers")}
    for name in sorted(names - known):
        raise Misuse(f"-m {option.markexpr}: there is no marker {name}{did_you_mean(name, known)}")
    phases = [PHASES[name] for name in phases_in(option.markexpr)]
    if len(phases) > 1:
        raise Misuse(f"{' and '.join(map(str, phases))} cannot both be true of one database: name one phase at a time")
    if getattr(option, "tx", None):
        raise Misuse(ONE_PROCESS)
    return phases[0]


def _run(config: pytest.Config, phase: Phase) -> Run:
    option = config.option
    asked = configured(config, option)
    settings = asked.settings
    _require_one_subject(option, settings, phase)
    require_path("--junit-xml", getattr(option, "xmlpath", None))  # without pytest's plugin of that name there is none
    formats(settings.report)  # before the first case: who mistyped one learns it now
    secrets = _secrets(config, settings)
    return Run(
        asked,
        phase,
        option.rollproof_rehearse,
        option.rollproof_dry_run,
        is_look(option),
        secrets,
        (*(["--rehearse"] if option.rollproof_rehearse else []), *in_force(settings, secrets.hide)),
        Runs(Path(settings.report_dir), settings.keep_runs),
        Deadline(settings.max_duration),
    )


def _require_one_subject(option: Any, settings: Settings, phase: Phase) -> None:
    """Raise `Misuse` unless it is clear which database is verified, against what."""
    if not (settings.database_url or option.rollproof_rehearse):
        raise Misuse(
            f"-m {phase} needs a database to verify: a green light about the wrong one is the worst this suite could give\n"
            f"either pytest -m {phase} --database-url postgresql://user@host/database --reference baseline.json\n"
            f"or, to see it work on a throw-away PostgreSQL, pytest -m {phase} --rehearse"
        )
    if settings.backup_file and option.rollproof_rehearse:
        raise Misuse("--backup-file is the reference already; leave out --rehearse")
    if option.rollproof_rehearse and option.rollproof_database_url:
        raise Misuse("--rehearse makes its own database; leave out --database-url, or leave out --rehearse")


def _secrets(config: pytest.Config, settings: Settings) -> Secrets:
    """Return what is secret in the command line, in the settings, and in the environment that they name."""
    return at_hand(given(config.invocation_params.args), os.environ).and_of(secrets_of(settings, os.environ))


def pytest_ignore_collect(collection_path: Path) -> Any:
    """The suite's own tests and scenarios are for a run without a phase."""
    inside = collection_path.relative_to(SUITE).parts[:1] if collection_path.is_relative_to(SUITE) else ()
    return True if inside and inside[0] in {"tests", "scenarios", "benchmarks"} else None


def pytest_report_header(config: pytest.Config) -> Any:
    run = config.stash[RUN]
    return run.secrets.hide(
        f"rollproof: {run.phase}; configuration {run.configured.file or 'none'}; reports in {run.configured.settings.report_dir}"
    )
