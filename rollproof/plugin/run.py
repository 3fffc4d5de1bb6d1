"""Both sides prepared before collection, the scans begun before the first case, and all let go of at the end."""

import os
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import wait
from contextlib import ExitStack, nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rollproof.commands.measurements import measured, unread_of
from rollproof.commands.prepare import Plan, Prepared, planned
from rollproof.commands.provenance import client
from rollproof.commands.request import Request
from rollproof.commands.verification import Verification
from rollproof.migration.required_copies import RequiredCopies
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.provenance import NOTHING, DatabaseFacts, Provenance, ReferenceFacts
from rollproof.plugin.bundled import import_checks, is_bundled
from rollproof.plugin.case import check_named
from rollproof.plugin.options import Run
from rollproof.plugin.stash import NAMED, RUN, SIDES, WATCHER
from rollproof.probes.commands import require_readers
from rollproof.probes.endpoints.recording import CHECKS as OF_AN_APPLICATION
from rollproof.probes.state_backup import CHECK as BACKUP
from rollproof.probes.state_backup import require_folder
from rollproof.settings.options import Settings
from rollproof.system.background import background
from rollproof.system.extras import require
from rollproof.verdict.measured import Stage

if TYPE_CHECKING:
    from rollproof.model.command_run import CommandRun
    from rollproof.model.event import LoggedStep
    from rollproof.model.finding import Finding
    from rollproof.model.traffic import TableTraffic
    from rollproof.probes.state_backup import StateDump
    from rollproof.verdict.measured import Agreement, PlanRead
    from rollproof.verdict.row_evidence import RowEvidence
    from rollproof.verdict.state_before import RollbackChanges, StateKept


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SIDES] = sides = Sides(config, config.stash[RUN])
    config.pluginmanager.register(sides)


class Sides:
    """Prepares both sides before the collection, because the checks are parametrised by the reference's tables.

    It is the one place for what becomes known of a run while it goes on: `plan` and `prepared` once they are made, `trouble` if
    nothing can be checked at all, the checks that were collected, and which rows differ.
    """

    def __init__(self, config: pytest.Config, run: Run) -> None:
        self.config = config
        self.run = run
        self.plan: Plan | None = None
        self.prepared: Prepared | None = None
        self.trouble = ""
        self.checks_run: frozenset[str] = frozenset()
        self.evidence: RowEvidence | None = None  # which rows differ
        self.hears: Callable[[tuple[Finding, ...]], object] = lambda _: None  # what is bad, as soon as it is known
        self.answered: dict[str, float] = {}  # endpoints, and how many seconds each took to answer
        self.commands: list[CommandRun] = []  # those of the user's own that were run
        self.traffic: tuple[TableTraffic, ...] = ()
        self.planned: dict[str, PlanRead] = {}  # queries whose plans were compared
        self.agreed: dict[str, Agreement] = {}  # tables with a copy
        self.logged: tuple[LoggedStep, ...] = ()  # of the migration's log
        self.state_dump: StateDump | None = None
        self.state_kept: StateKept | None = None
        self.rollback_changes: RollbackChanges | None = None
        self._began: float | None = None  # when the first check was
        self._written: ReferenceFacts | None = None  # the baseline, where this run wrote one
        self._keep = ExitStack()  # the throw-away servers that are to be stopped

    @property
    def settings(self) -> Settings:
        """The settings that hold, with what stands in for a database or a reference of one's own."""
        return self.plan.settings if self.plan else self.run.configured.settings

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables of the endpoints."""
        return self.plan.environment if self.plan else os.environ

    @property
    def opened(self) -> Verification | None:
        """Both sides, as soon as they are open."""
        return self.prepared.sides if self.prepared else None

    @property
    def subject(self) -> str:
        """The subject's address, without a password."""
        return self.plan.subject if self.plan else "not opened"

    @property
    def reference(self) -> str:
        """What reports call the reference, without a password."""
        return self.plan.reference if self.plan else "not opened"

    @property
    def any_table(self) -> bool:
        """Whether the reference has a table at all, as far as it is known."""
        return self.prepared is None or self.prepared.any_table

    @property
    def not_compared(self) -> tuple[str, ...]:
        """What no check ever looks at, with the reason."""
        return self.prepared.not_compared if self.prepared else ()

    @property
    def copied(self) -> RequiredCopies | None:
        """Whose copies are looked at, as far as a backup is known or promised."""
        return self.prepared.copied if self.prepared else None

    @property
    def unread(self) -> int:
        """How many tables are not read, for nobody wrote to them, as far as that is known."""
        return unread_of(self.opened) if self.opened else 0

    @property
    def now(self) -> DatabaseFacts:
        """What the subject said of itself, as far as it was asked."""
        return self.prepared.subject if self.prepared else DatabaseFacts()

    @property
    def held(self) -> ReferenceFacts:
        """What is known of the reference, or of the baseline that this run wrote."""
        if self._written or not self.plan:
            return self._written or NOTHING
        return self.prepared.held if self.prepared else self.plan.held

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, Any, Any]:
        """Prepare both sides; the notes come when it is known which checks there are.

        The checks are imported beside, which takes as long as the first answers of a database.
        """
        imported = background(partial(import_checks, self.config))
        self._prepare()
        wait([imported])
        collected = yield
        if self.prepared:
            self.run.notes.extend(self.prepared.notes(self.checks_run))
        return collected

    def _prepare(self) -> None:
        hide = self.run.secrets.hide
        try:
            self.plan = planned(self._request(), self._keep, look=self.run.dry_run)
            self.run.notes.extend(self.plan.effective.notes)
            hide = self.run.secrets.hide_credentials
            if not self.run.dry_run:
                self.prepared = self.plan.opened(dumped=self._asks_pg_dump())
        except Misuse as error:
            raise pytest.UsageError(self.run.secrets.hide(str(error))) from None
        except Inconclusive as error:
            self.trouble = hide(str(error))
            pytest.exit(self.trouble)

    def _request(self) -> Request:
        run = self.run
        return Request(
            run.configured,
            run.phase,
            os.environ,
            run.deadline,
            tell=self.tell,
            show=watcher.show if (watcher := self.config.stash.get(WATCHER, None)) else nullcontext,
            hide=run.secrets.hide_credentials,
            rehearse=run.rehearse,
            place=run.runs.own,
        )

    def _asks_pg_dump(self) -> bool:
        """Tell, before the checks are collected, whether it is certain that pg_dump is needed."""
        return self.run.phase.asks_pg_dump and self.all_was_asked

    @property
    def all_was_asked(self) -> bool:
        """Whether nothing that was typed leaves out a part of the phase."""
        option, named = self.config.option, self.config.stash[NAMED]
        chosen = option.keyword or option.deselect or option.ignore or option.ignore_glob or option.collectonly
        return bool(option.markexpr.strip() == self.run.phase.name and named.whole and not chosen)

    def tell(self, text: str) -> None:
        """Say something to whoever waits."""
        if watcher := self.config.stash.get(WATCHER, None):
            watcher.say(text)

    @property
    def told(self) -> dict[str, Any]:
        """What reports say of both sides, and what was measured by now: fields of a report."""
        names = ("subject", "reference", "trouble", "not_compared", "state_kept", "rollback_changes", "logged")
        return {name: getattr(self, name) for name in names} | self._measured

    @property
    def _measured(self) -> dict[str, Any]:
        stages = self.plan.watch.stages if self.plan else ()
        if not self.opened:
            return {"stages": stages}
        if self._began:
            stages = (*stages, Stage("running the checks, waits included", time.monotonic() - self._began))
        if self.evidence and self.evidence.seconds:
            stages = (*stages, Stage("finding out which rows differ", self.evidence.seconds))
        told = measured(self.opened, self.answered, stages)
        kept = {"agreement": tuple(self.agreed.values()), "plans": tuple(self.planned.values())}
        return told | kept | {"traffic": self.traffic, "commands": tuple(self.commands)}

    def collected(self, items: list[pytest.Item]) -> None:
        """Take note of which checks this run is about, and refuse what cannot be asked, or has no place to be written to."""
        self.checks_run = frozenset(check_named(item) for item in items)
        if self.run.dry_run:
            return
        try:
            if self.plan and not self.checks_run.isdisjoint(OF_AN_APPLICATION):
                self.plan.require_endpoints()
            if "services" in self.checks_run:
                require("services", "[[services]]")
            if "commands" in self.checks_run:
                require_readers(each for each in self.settings.commands if self.run.phase.name in each.phases)
            if BACKUP in self.checks_run and self.settings.state_backup and not self.run.look:
                require_folder(Path(self.settings.state_backup))
        except Misuse as error:
            raise pytest.UsageError(str(error)) from None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Any:
        """Begin the scans. A dry run prints what a run would ask, and asks nothing."""
        if not self.run.dry_run:
            if self.opened and not (self.run.look or getattr(session.config.option, "setuponly", False)):
                self._begin()
            return None
        reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
        for item in session.items:
            ours = item.name.removeprefix("test_") if is_bundled(item) else ""
            reporter.write_line(f"would check {ours or item.nodeid}")
        return True

    def _begin(self) -> None:
        assert self.prepared, "scans begin once both sides are open"
        self._began = time.monotonic()
        try:
            self.evidence = self.prepared.begin(self.checks_run)
        except Misuse as error:
            raise pytest.UsageError(self.run.secrets.hide(str(error))) from None

    def write_baseline(self) -> None:
        """Take the baseline and write it. Raises as `Prepared.write_baseline` does."""
        assert self.prepared, "a baseline is of a database that was opened"
        self._written = self.prepared.write_baseline(self.run.notes.append)

    def provenance(self, started: datetime, ended: datetime) -> Provenance:
        """Return what was held against what and by whom, as far as it is known."""
        file = str(self.run.configured.file or "")
        who = client(started, ended, pytest.__version__, file, self.run.typed)
        return Provenance(self.subject, self.now, self.held, who)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Let go of the sessions; what they and the sides know of the run goes into the reports."""
        if self.opened:
            self.opened.close()
            self.run.notes.extend(self.opened.notes)

    def pytest_unconfigure(self) -> None:
        """Stop the throw-away servers, when all reports are written."""
        self._keep.close()
