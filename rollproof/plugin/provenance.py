"""What the heads of the reports tell: learnt once both sides are open, and told again whenever a report is made."""

from contextlib import suppress
from dataclasses import replace

import pytest

from rollproof.commands.provenance import instants, of_baseline, of_view, seen
from rollproof.migration.baseline_age import CHECK, doubts
from rollproof.model.errors import Inconclusive
from rollproof.model.provenance import Reference, Source
from rollproof.probes.role_privileges import advice, together

THROW_AWAY = "a throw-away server of rollproof's own"


def pytest_configure(config):
    if run := config.pluginmanager.get_plugin("rollproof-run"):
        config.pluginmanager.register(Origins(config, run), "rollproof-origins")


class Origins:
    """Fills in what the run knows of both sides; what cannot be had leaves a gap in the heads, and no trouble."""

    def __init__(self, config, run) -> None:
        self.config = config
        self.run = run

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self):
        try:
            return (yield)
        finally:
            sides = self.config.pluginmanager.get_plugin("rollproof-sides")
            now = self._subject(sides.opened)
            self.run.held = self._held(sides, now)
            self._advise(sides.opened)
            self._warn_of_age(sides.checks_run)

    def _warn_of_age(self, checks) -> None:
        """Say that the baseline is beyond its limit where the check that would say so was left out."""
        most = self.run.settings.max_baseline_age
        if most is None or self.run.held.kind != "baseline" or CHECK in checks or self.run.dry_run:
            return
        try:
            list(doubts(self.run.held, None, most))
        except Inconclusive as error:
            self.run.notes.append(f"WARNING: the check {CHECK} was left out, and {str(error).splitlines()[0]}")

    def _advise(self, opened) -> None:
        """Say once what is better than the role; of our own throw-away server there is nothing to say."""
        if opened is None or self.run.rehearse:
            return
        after, told = opened.after, []
        for view in opened.views[: 1 if self.run.settings.backup_file else None]:
            with suppress(Inconclusive):
                schemas = [*view.ask(after.scope.names), after.scope.backup_schema]
                told.append(advice(view, schemas))
        self.run.notes += together(told)

    def _subject(self, opened) -> Source:
        if opened is None:
            return Source()
        view = opened.after.view
        known = _asked(view, THROW_AWAY if self.run.rehearse else "")
        self.run.source = lambda: replace(
            known, instants=instants(view)
        )  # another may follow while the checks are asked
        return known

    def _held(self, sides, now) -> Reference:
        settings = self.run.settings
        if sides.output:
            return Reference("nothing", f"nothing yet: this run writes the baseline {sides.output}")
        if sides.baseline:
            return of_baseline(self.run.reference, sides.baseline.snapshot.origin, sides.baseline.seal, now)
        if sides.opened is None:
            return self.run.held
        if len(sides.opened.views) > 1:
            kind, note = ("dump", f"restored on {THROW_AWAY}") if settings.backup_file else ("database", "")
            return Reference(kind, self.run.reference, source=_asked(sides.opened.views[1], note))
        return Reference(
            "copies", f"the migration's own copies, in schema {sides.opened.copies.schema} of this database"
        )


def _asked(view, note) -> Source:
    with suppress(Inconclusive):
        return seen(view, note)
    return of_view(view, note)
