"""The command line: every option, the phase that was asked for, and the run they make."""

import os
import re
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from rollproof.commands.provenance import in_force
from rollproof.model.errors import Misuse
from rollproof.model.phase import ONE_PROCESS, PHASES, Phase
from rollproof.model.redaction import Secrets, of_endpoint, secrets_in
from rollproof.plugin.stash import RUN
from rollproof.report.folder import Runs
from rollproof.settings.configuration import Configured, configuration_file, did_you_mean, require_path, resolve
from rollproof.settings.options import Settings, options
from rollproof.system.bundle import suite_root
from rollproof.system.deadline import NEVER, Deadline
from rollproof.system.output import at_hand

SUITE = suite_root()
CHECKS = (SUITE / "checks").resolve()
LOOKS = ("dry_run", "collectonly", "setupplan", "showfixtures", "show_fixtures_per_test", "cacheshow")


@dataclass(frozen=True, eq=False)
class Run:
    """What was asked for. What becomes known later stands in `Sides`; `notes` collects things to know, in their order."""

    configured: Configured
    phase: Phase
    rehearse: bool
    dry_run: bool
    look: bool  # whether no case will be run, so that nothing is written anywhere
    secrets: Secrets
    typed: tuple[str, ...]  # the options in force, without secrets
    runs: Runs  # the report folder
    deadline: Deadline = NEVER  # when --max-duration ends it
    checks: Path = CHECKS  # where the cases of every phase are
    notes: list[str] = field(default_factory=list)


def is_look(option: Any) -> bool:
    """Tell whether pytest was only asked to show something."""
    return any(getattr(option, name, False) for name in LOOKS)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("rollproof", "rollproof: did the rollback really put the database back?")
    for known in options():
        if known.field == "strict":
            continue  # pytest has a --strict of its own, and whoever types it means ours as well
        kind = {"metavar": known.metavar} if known.metavar else {"action": "store_true", "default": None}
        group.addoption(known.flag, help=f"{known.help} [{known.variable}]", **kind)
    group.addoption(
        "--rollproof-config", metavar="PATH", help="default ./rollproof.toml, if there is one [ROLLPROOF_CONFIG]"
    )
    group.addoption(
        "--rehearse",
        action="store_true",
        help="no database of your own: rehearse the bundled vibes migration on a throw-away PostgreSQL",
    )
    group.addoption("--dry-run", action="store_true", help="say what would be checked, and touch nothing")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    for phase in PHASES.values():
        config.addinivalue_line("markers", f"{phase}: {phase.when}")
    try:
        if run := _run(config, _phase(config)):
            config.stash[RUN] = run
    except Misuse as error:
        raise pytest.UsageError(at_hand(config.invocation_params.args, os.environ).hide(str(error))) from None


def _phase(config: pytest.Config) -> Phase | None:
    """Return the phase that `-m` names. Raises `Misuse` for a name that is no marker, and for two phases at once."""
    option = config.option
    if "://" in option.markexpr:
        raise Misuse(
            "-m takes a phase, such as post_rollback, and no address (it is not shown: it may hold a password)"
        )
    names = _markers_named(option.markexpr)
    known = {re.split(r"[:(]", line)[0].strip() for line in config.getini("markers")}
    for name in sorted(names - known):
        raise Misuse(f"-m {option.markexpr}: there is no marker {name}{did_you_mean(name, known)}")
    phases = [phase for name, phase in PHASES.items() if name in names]
    if len(phases) > 1:
        raise Misuse(f"{' and '.join(map(str, phases))} cannot both be true of one database: name one phase at a time")
    if phases and (getattr(option, "tx", None) or getattr(option, "looponfail", False)):
        raise Misuse(ONE_PROCESS)
    return phases[0] if phases else None


def _markers_named(expression: str) -> set[str]:
    """Return the markers in an expression of `-m`, without what stands in brackets behind one: severity("critical")."""
    without_arguments = re.sub(r"\([^()]*=[^()]*\)", "", expression)
    return set(re.findall(r"[^\W\d]\w*", without_arguments)) - {"and", "or", "not", "True", "False"}


def _run(config: pytest.Config, phase: Phase | None) -> Run | None:
    option = config.option
    if phase is None:
        if option.database_url or option.rehearse or option.reference or option.dry_run:
            raise Misuse(f"which phase? add for example -m post_rollback (the phases are {', '.join(PHASES)})")
        return None
    configured = _configured(config)
    settings = configured.settings
    _require_one_subject(option, settings, phase)
    require_path("--junit-xml", option.xmlpath)
    secrets = _secrets(config, settings)
    return Run(
        configured,
        phase,
        option.rehearse,
        option.dry_run,
        is_look(option),
        secrets,
        (*(["--rehearse"] if option.rehearse else []), *in_force(settings, secrets.hide)),
        Runs(Path(settings.report_dir), settings.keep_runs),
        Deadline(settings.max_duration),
    )


def _configured(config: pytest.Config) -> Configured:
    """Return what was asked for; a rehearsal is of the bundled migration, by the configuration that belongs to it."""
    option = config.option
    file = configuration_file(option.rollproof_config, os.environ)
    if option.rehearse and not option.rollproof_config:
        file = SUITE / "scenarios/vibes/rollproof.toml"
    typed = {known.field: getattr(option, known.field, None) for known in options()}
    return Configured(resolve({**typed, "strict": config.getini("strict") or None}, os.environ, file), file)


def _require_one_subject(option: Any, settings: Settings, phase: Phase) -> None:
    """Raise `Misuse` unless it is clear which database is verified, against what."""
    if not (settings.database_url or option.rehearse):
        raise Misuse(
            f"-m {phase} needs a database to verify: a green light about the wrong one is the worst this suite could give\n"
            f"either pytest -m {phase} --database-url postgresql://user@host/database --reference baseline.json\n"
            f"or, to see it work on a throw-away PostgreSQL, pytest -m {phase} --rehearse"
        )
    if settings.backup_file and (settings.reference or option.rehearse):
        raise Misuse("--backup-file is the reference already; leave out --reference (and --rehearse)")
    if option.rehearse and option.database_url:
        raise Misuse("--rehearse makes its own database; leave out --database-url, or leave out --rehearse")


def _secrets(config: pytest.Config, settings: Settings) -> Secrets:
    """Return what is secret in the command line, in the settings, and in the environment that they name."""
    urls = [url for url in (settings.database_url, settings.reference, settings.server) if url]
    asked = [of_endpoint(each.url, each.headers.values(), os.environ) for each in settings.endpoints]
    typed = at_hand(config.invocation_params.args, os.environ)
    return typed.and_of(secrets_in(urls, os.environ, chain.from_iterable(asked)))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> Any:
    """The checks are for a phase; the suite's own tests and scenarios are for a run without one."""
    inside = collection_path.relative_to(SUITE).parts[:1] if collection_path.is_relative_to(SUITE) else ()
    own = ("tests", "scenarios", "benchmarks") if RUN in config.stash else ("checks",)
    return True if inside and inside[0] in own else None


def pytest_report_header(config: pytest.Config) -> Any:
    run = config.stash.get(RUN, None)
    if run is None:
        return (
            "rollproof: its own scenarios and tests (to verify a database: pytest -m post_rollback --database-url URL)"
        )
    return run.secrets.hide(
        f"rollproof: {run.phase}; configuration {run.configured.file or 'none'}; reports in {run.configured.settings.report_dir}"
    )
