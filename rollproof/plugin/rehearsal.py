"""`--rehearse`: before the sides are opened, the bundled story is told up to the phase that was asked for."""

import os
import sys
import time
from pathlib import Path

import msgspec
import pytest

from rollproof.commands.prepare import key_of, limits, scope_of
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.probes.recorded import require_whole, take_baseline
from rollproof.rehearsal.servers.provide import provide
from rollproof.rehearsal.servers.server import fresh_name
from rollproof.rehearsal.story import Service, Story, free_port, run
from rollproof.server.reader import SnapshotReader, Target
from rollproof.sources.baseline import save
from rollproof.sources.live import Live
from rollproof.system.bundle import suite_root

VIBES = suite_root() / "scenarios" / "vibes"
TOKEN = "vibes-demo-token"  # noqa: S105 (of the demonstration user, known to everybody)


def pytest_configure(config):
    run = config.pluginmanager.get_plugin("rollproof-run")
    if run and run.rehearse and not run.dry_run:
        config.pluginmanager.register(Rehearsal(run, config), "rollproof-rehearsal")


class Rehearsal:
    """Makes the subject and the baseline, and takes the throw-away server away again."""

    def __init__(self, run, config) -> None:
        self.run = run
        self.config = config
        self.server = None
        self.service = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self):
        try:
            self._tell()
        except Misuse as error:
            raise pytest.UsageError(self.run.secrets.hide(str(error))) from None
        except Inconclusive as error:
            self.run.trouble = self.run.secrets.hide(str(error))
            pytest.exit(self.run.trouble)

    def _tell(self) -> None:
        began = time.monotonic()
        story = Story.read(VIBES / "rehearsal.toml")
        self.server = provide(self.run.settings.server)
        database = fresh_name()
        self.server.create(database)
        url = self.server.dsn(database)
        environment = self._environment(url)
        run(story.setup, VIBES, environment)
        if story.serve:
            self.service = Service(story.serve, story.ready, VIBES, environment)
        baseline = self.run.runs.own("baseline.json")
        if "migrate" in self.run.phase.steps:
            self._capture(url, baseline)
            run(story.migrate, VIBES, environment)
        if "stop" in self.run.phase.steps and self.service:
            self.service.stop()  # as an operator stops what writes
        if "rollback" in self.run.phase.steps:
            run(story.rollback, VIBES, environment)
        # A story may begin before the first migration.
        self.run.settings = msgspec.structs.replace(
            self.run.settings, database_url=url, reference=str(baseline), allow_empty=True
        )
        self._say(f"rehearsed vibes up to {self.run.phase} on {self.server.name} in {time.monotonic() - began:.1f} s")

    def _environment(self, url: str) -> dict[str, str]:
        port = str(free_port())
        own = {
            "DATABASE_URL": url,
            "PORT": port,
            "VIBES_URL": f"http://127.0.0.1:{port}",
            "VIBES_TOKEN": TOKEN,
            "PYTHON": sys.executable,
        }
        os.environ.update({name: own[name] for name in ("VIBES_URL", "VIBES_TOKEN")})  # the endpoints name them
        return own

    def _capture(self, url: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with SnapshotReader(Target.parse(url), limits(self.run.settings, self.run.deadline)) as view:
            taken = take_baseline(
                Live(view, scope_of(self.run.settings), "the rehearsal"), self.run.settings, os.environ
            )
            require_whole(taken)
            save(taken, path, key_of(self.run.settings))

    def _say(self, text: str) -> None:
        self.run.notes.append(text)
        if reporter := self.config.pluginmanager.get_plugin("terminalreporter"):
            reporter.write_line(f"rollproof: {text}")

    def pytest_unconfigure(self):
        if self.service:
            self.service.stop()
        if self.server:
            self.server.stop()
