"""The command line: every option, the phase that was asked for, and the run they make."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path

import pytest

from rollproof.commands.provenance import client, in_force
from rollproof.model.errors import Misuse
from rollproof.model.phase import PHASES, Phase
from rollproof.model.provenance import NOTHING, Provenance, Reference, Source
from rollproof.model.redaction import Secrets, of_endpoint, secrets_in
from rollproof.report.folder import Runs
from rollproof.settings.options import (
    Configured,
    Settings,
    configuration_file,
    did_you_mean,
    options,
    require_path,
    resolve,
)
from rollproof.system.bundle import suite_root
from rollproof.system.deadline import NEVER, Deadline
from rollproof.system.output import at_hand

SUITE = suite_root()
CHECKS = (SUITE / "checks").resolve()
LOOKS = ("dry_run", "collectonly", "setupplan", "showfixtures", "show_fixtures_per_test", "cacheshow")
RUN = "rollproof-run"  # under this name the run is registered as a plugin, so that reports can ask for it


@dataclass(eq=False)  # one run is no other; pytest keeps its plugins in sets
class Run:
    """One verification: what was asked for, and, as it becomes known, what it is about."""

    settings: Settings
    phase: Phase
    rehearse: bool
    dry_run: bool
    look: bool  # whether no case will be run, so that nothing is written anywhere
    config_file: Path | None
    secrets: Secrets
    typed: tuple[str, ...] = ()  # the options in force, without secrets
    subject: str = "not opened"
    reference: str = ""
    source: Callable[[], Source] = Source  # what the subject is, and at which instants it was read until now
    held: Reference = NOTHING  # what the subject is held against
    trouble: str = ""  # why nothing could be checked at all
    unavailable: Mapping[str, str] = field(default_factory=dict)  # facets that the reference cannot speak for, and why
    notes: list[str] = field(default_factory=list)  # things to know
    any_table: bool = True  # whether the reference has one at all
    checks: Path = CHECKS  # where the cases of every phase are
    deadline: Deadline = NEVER  # when --max-duration ends it
    not_compared: tuple[str, ...] = ()  # what no check of ours ever looks at, and why
    runs: Runs = field(init=False)  # the report folder

    def __post_init__(self) -> None:
        self.runs = Runs(Path(self.settings.report_dir), self.settings.keep_runs)

    @property
    def folder(self) -> Path:
        """The folder of the configuration."""
        return Configured(self.settings, self.config_file).folder

    def provenance(self, started: datetime, ended: datetime) -> Provenance:
        """Return what was held against what and by whom, as far as it is known."""
        who = client(started, ended, pytest.__version__, str(self.config_file or ""), self.typed)
        held = self.held if self.held.where else replace(self.held, where=self.reference)
        return Provenance(self.subject, self.source(), held, who)


def is_look(option) -> bool:
    """Tell whether pytest was only asked to show something."""
    return any(getattr(option, name, False) for name in LOOKS)


def pytest_addoption(parser):
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
        help="no subject of your own: rehearse the bundled vibes migration on a throw-away PostgreSQL",
    )
    group.addoption("--dry-run", action="store_true", help="say what would be checked, and touch nothing")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    for phase in PHASES.values():
        config.addinivalue_line("markers", f"{phase}: {phase.when}")
    try:
        phase = _phase(config)
        if run := _run(config, phase):
            config.pluginmanager.register(run, RUN)
    except Misuse as error:
        raise pytest.UsageError(at_hand(config.invocation_params.args, os.environ).hide(str(error))) from None


def _phase(config) -> Phase | None:
    """Return the phase that `-m` names. Raises `Misuse` for a name that is no marker, and for two phases at once."""
    if "://" in config.option.markexpr:
        raise Misuse(
            "-m takes a phase, such as post_rollback, and no address (it is not shown: it may hold a password)"
        )
    expression = re.sub(r"\([^()]*=[^()]*\)", "", config.option.markexpr)  # severity("critical") and the like
    names = set(re.findall(r"[^\W\d]\w*", expression)) - {"and", "or", "not", "True", "False"}
    known = {re.split(r"[:(]", line)[0].strip() for line in config.getini("markers")}
    for name in sorted(names - known):
        raise Misuse(f"-m {config.option.markexpr}: there is no marker {name}{did_you_mean(name, known)}")
    phases = [name for name in PHASES if name in names]
    if len(phases) > 1:
        raise Misuse(f"{' and '.join(phases)} cannot both be true of one database: name one phase at a time")
    if phases and (getattr(config.option, "tx", None) or getattr(config.option, "looponfail", False)):
        raise Misuse(
            "-n, -f: a phase is verified by one process, which sees one instant; --jobs says how many sessions read it"
        )
    return PHASES[phases[0]] if phases else None


def _run(config, phase: Phase | None) -> Run | None:
    option = config.option
    file = configuration_file(option.rollproof_config, os.environ)
    if phase is None:
        if option.database_url or option.rehearse or option.reference or option.dry_run:
            raise Misuse(f"which phase? add for example -m post_rollback (the phases are {', '.join(PHASES)})")
        return None
    if option.rehearse and not option.rollproof_config:
        file = SUITE / "scenarios/vibes/rollproof.toml"
    typed = {known.field: getattr(option, known.field, None) for known in options()}
    settings = resolve({**typed, "strict": config.getini("strict") or None}, os.environ, file)
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
    require_path("--junit-xml", option.xmlpath)
    urls = [url for url in (settings.database_url, settings.reference, settings.server) if url]
    asked = [of_endpoint(each.url, each.headers.values(), os.environ) for each in settings.endpoints]
    typed = at_hand(config.invocation_params.args, os.environ)
    secrets = typed.and_of(secrets_in(urls, os.environ, chain.from_iterable(asked)))
    options_in_force = (*(["--rehearse"] if option.rehearse else []), *in_force(settings, secrets.hide))
    deadline = Deadline(settings.max_duration)
    return Run(
        settings,
        phase,
        option.rehearse,
        option.dry_run,
        is_look(option),
        file,
        secrets,
        options_in_force,
        deadline=deadline,
    )


def pytest_ignore_collect(collection_path, config):
    """The checks are for a phase; the suite's own tests and scenarios are for a run without one."""
    inside = collection_path.relative_to(SUITE).parts[:1] if collection_path.is_relative_to(SUITE) else ()
    own = ("tests", "scenarios", "benchmarks") if config.pluginmanager.has_plugin(RUN) else ("checks",)
    return True if inside and inside[0] in own else None


def pytest_report_header(config):
    run = config.pluginmanager.get_plugin(RUN)
    if run is None:
        return (
            "rollproof: its own scenarios and tests (to verify a database: pytest -m post_rollback --database-url URL)"
        )
    return run.secrets.hide(
        f"rollproof: {run.phase}; configuration {run.config_file or 'none'}; reports in {run.settings.report_dir}"
    )
