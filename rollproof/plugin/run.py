"""Both sides opened before collection, the scans begun before the first case, and all let go of at the end."""

import os
from pathlib import Path

import pytest

from rollproof.catalog.capture import not_checked
from rollproof.catalog.pg_dump import FACET as DUMP
from rollproof.commands.prepare import key_of, recorded, verification
from rollproof.migration.required_copies import Copied, copied
from rollproof.migration.table_states import types_on_both
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.plugin.case import check_of
from rollproof.probes.endpoints import expand
from rollproof.server.reader import Target
from rollproof.settings.reference import Reference
from rollproof.verdict.row_evidence import RowEvidence, Wanted


def pytest_configure(config):
    if run := config.pluginmanager.get_plugin("rollproof-run"):
        config.pluginmanager.register(Sides(config, run), "rollproof-sides")


class Sides:
    """Opens both sides before the collection, because the checks are parametrised by the reference's tables."""

    def __init__(self, config, run) -> None:
        self.config = config
        self.run = run
        self.baseline = None
        self.opened = None
        self.evidence = None
        self.copied: Copied | None = None  # whose copies are looked at, as far as a backup is known or promised
        self.output = None  # the baseline that is to be written
        self.key = None  # which a baseline is signed with, where that is required
        self.checks_run = frozenset()

    def pytest_collection(self):
        try:
            self._open()
        except Misuse as error:
            raise pytest.UsageError(self.run.secrets.hide(str(error))) from None
        except Inconclusive as error:
            self.run.trouble = self.run.secrets.hide_credentials(str(error))
            pytest.exit(self.run.trouble)

    def _open(self) -> None:
        run = self.run
        reference = Reference.of(run.settings.reference, run.folder)
        where = reference.where
        told = str(Target.parse(where)) if reference.kind == "database" else run.secrets.hide_credentials(where)
        run.reference = run.reference or told
        if run.phase.writes_baseline:
            self.output, reference = _output(reference), None
        self.key = key_of(run.settings)
        if reference:
            self.baseline = recorded(reference, allow_empty=run.settings.allow_empty, key=self.key)
        run.subject = str(Target.parse(run.settings.database_url or ""))
        if not run.dry_run:
            dumped = self._asks_pg_dump() and not (self.baseline and self.baseline.unavailable(DUMP))
            self.opened = verification(
                run.settings,
                reference,
                self.baseline,
                run.unavailable,
                dumped=dumped,
                deadline=run.deadline,
                tell=self._tell,
            )
            run.any_table = bool(self.opened.before.tables)
            run.not_compared = not_checked(self.opened.after.view)
            self._look_for_copies()

    def _asks_pg_dump(self) -> bool:
        """Tell, before the checks are collected, whether it is certain that pg_dump is needed: nothing typed leaves any out."""
        option, everything = self.config.option, self.run.checks.resolve()
        chosen = option.keyword or option.deselect or option.ignore or option.ignore_glob or option.collectonly
        named = [Path(self.config.invocation_params.dir, word).resolve() for word in self.config.args]
        whole = option.markexpr.strip() == self.run.phase.name and named == [everything] and not chosen
        return self.run.phase.asks_pg_dump and whole

    def _look_for_copies(self) -> None:
        opened, settings = self.opened, self.run.settings
        if self.output is None and (opened.copies.tables or settings.backup):
            self.copied = copied(
                opened.before, types_on_both(opened.before, opened.after, opened.copies), opened.copies, settings
            )
            self.run.notes += filter(None, [self.copied.note(opened.copies.schema)])

    def _tell(self, text):
        if watcher := self.config.pluginmanager.get_plugin("rollproof-progress"):
            watcher.say(text)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self):
        """Let go of the sessions; what they and the sides know of the run goes into the reports."""
        if self.opened:
            self.opened.close()
            told = [side.notes for side in (self.opened.before, self.opened.after)]
            told += [view.notes for view in self.opened.views]
            self.run.notes += dict.fromkeys(note for notes in told for note in notes)

    def collected(self, items):
        """Take note of which checks this run is about, and refuse an endpoint that cannot be asked."""
        self.checks_run = frozenset(check_of(item.path) for item in items)
        if "endpoints" in self.checks_run and not self.run.dry_run:
            try:
                for endpoint in self.run.settings.endpoints:
                    expand(endpoint, os.environ)
            except Misuse as error:
                raise pytest.UsageError(str(error)) from None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        """Begin the scans. A dry run prints what a run would ask, and asks nothing."""
        if not self.run.dry_run:
            if self.opened and not (self.run.look or getattr(session.config.option, "setuponly", False)):
                self._begin()
            return None
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        for item in session.items:
            reporter.write_line(f"would check {item.name.removeprefix('test_')}")
        return True

    def _begin(self) -> None:
        opened, settings = self.opened, self.run.settings
        try:
            self.evidence = RowEvidence(opened.before, opened.after, opened.copies, _wanted(settings))
        except Misuse as error:
            raise pytest.UsageError(self.run.secrets.hide(str(error))) from None
        opened.begin(self.checks_run)


def _wanted(settings) -> Wanted:
    file = Path(settings.evidence_file) if settings.evidence_file else None
    return Wanted(settings.evidence, file, settings.show_values, settings.growing)


def _output(reference: Reference) -> Path:
    if reference.kind != "baseline":
        raise Misuse(
            "before the migration there is nothing to compare with: --reference names the baseline that is written, not "
            f"{reference.where}"
        )
    return reference.path
