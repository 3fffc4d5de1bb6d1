"""The migration and its rollback run once more, with a look at the facts in question after each statement."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from rollproof.commands.verification import scope_of
from rollproof.model.errors import Inconclusive
from rollproof.model.finding import Finding, FindingId
from rollproof.rehearsal.blame.callers import Callers
from rollproof.rehearsal.blame.looks import Look, key_of
from rollproof.rehearsal.blame.origin import Origin
from rollproof.rehearsal.blame.recorder import Recorder
from rollproof.rehearsal.blame.row_looks import of_rows
from rollproof.rehearsal.blame.trail import Key, Seen
from rollproof.rehearsal.blame.watch import Watch
from rollproof.rehearsal.blame.written import Written
from rollproof.rehearsal.process import run
from rollproof.rehearsal.world import World
from rollproof.server.connection import Target, connect
from rollproof.settings.options import Settings
from rollproof.settings.rehearsal import Rehearsal
from rollproof.throwaway.servers.server import folder_of

LONGEST = 300.0
"""Seconds after which nothing is looked at any more: the commands run to their end, and what was not found stays unknown."""


@dataclass(frozen=True)
class Run:
    """Commands that were run one after the other: the `stage` is "migration" or "rollback"; `file` is where a tool keeps them."""

    stage: str
    commands: tuple[str, ...]
    file: Path | None = None


@dataclass(frozen=True)
class SecondRun:
    """Runs commands again on a `world`, in a `folder`, as the rehearsal is `asked`; the world is put back when it is done."""

    world: World
    folder: Path
    asked: Rehearsal
    settings: Settings

    def origins(
        self, kept: str, runs: tuple[Run, ...], findings: Iterable[Finding], since: int = 0
    ) -> Mapping[FindingId, Origin]:
        """Return where findings come from, of those about facts: what is not as it was when the run number `since` began.

        `kept` is the state that the runs begin with. A finding that is about no fact is left out. Raises `Inconclusive` if the
        database cannot be brought back to it, or not be read.
        """
        about = ((FindingId(each.check, each.subject), key_of(each.check, each.subject)) for each in findings)
        keys = {finding: key for finding, key in about if key}
        if not keys:
            return {}
        look = Look(scope_of(self.settings), frozenset(keys.values()))
        with Callers(self.folder, folder_of(self.world.server)) as callers, self._once_more(kept):
            self._unwatched(runs[:since])
            look, expected = self._seen(look)
            recorder = Recorder(look, callers.now, time.monotonic() + LONGEST)
            failed = self._watched(runs[since:], recorder, callers.environment)
            _, left = self._seen(look)
        told = _Told(look, expected, left, recorder, runs[since:], failed)
        written = {each.stage: Written.of(self.folder, each.commands, each.file) for each in runs}
        return {finding: _placed(told.origin(key), written) for finding, key in keys.items()}

    @contextmanager
    def _once_more(self, kept: str) -> Iterator[None]:
        now = self.world.keep()
        try:
            self.world.bring_back(kept)
            yield
        finally:
            self.world.bring_back(now)
            self.world.forget(now)

    def _unwatched(self, runs: Iterable[Run]) -> None:
        environment = self.world.environment(self.world.url, self.asked.env)
        for command in (command for each in runs for command in each.commands):
            run(command, environment, self.folder, self.asked.step_timeout)

    def _watched(self, runs: Iterable[Run], recorder: Recorder, more: Mapping[str, str]) -> str:
        """Run commands, watched; return what failed, "" if nothing did."""
        failed = ""
        for number, each in enumerate(runs):
            recorder.begins(number, each.stage)
            with Watch(self.world.url, recorder) as watch:
                environment = {**self.world.environment(watch.url, self.asked.env), **more}
                for command in each.commands:
                    ran = run(command, environment, self.folder, self.asked.step_timeout)
                    if not ran.is_good:
                        failed = (
                            f"{command} failed ({ran.said.splitlines()[-1] if ran.said else ran.trouble or ran.code})"
                        )
                        break
        return failed

    def _seen(self, look: Look) -> tuple[Look, Seen]:
        connection = connect(Target.parse(self.world.url))
        try:
            look = look if look.columns else look.first(connection)
            return look, look.at(connection, b"I")
        except psycopg.Error as error:
            raise Inconclusive(f"the throw-away database cannot be read: {error}") from error
        finally:
            connection.close()


def _placed(found: Origin, written: Mapping[str, Written]) -> Origin:
    made, undone = (place and written[place.stage].placed(place) for place in (found.made, found.undone))
    return replace(found, made=made, undone=undone)


@dataclass(frozen=True)
class _Told:
    """What is known after the second run."""

    look: Look
    expected: Seen
    left: Seen
    recorder: Recorder
    runs: tuple[Run, ...]
    failed: str

    def origin(self, key: Key) -> Origin:
        """Return where a fact comes from; of rows, first where their number does, then one of their columns."""
        if self.recorder.trouble:
            return Origin(untraced=self.recorder.trouble)
        facet, identity = key
        differ = [
            each
            for each in (of_rows(identity, self.look.columns) if facet == "content" else [key])
            if self._differs(each)
        ]
        found = (self.recorder.trail.origin(each, self.expected.get(each), len(self.runs) - 1) for each in differ)
        return next(filter(None, found), None) or Origin(untraced=self._untraced())

    def _differs(self, key: Key) -> bool:
        return self.expected.get(key) != self.left.get(key)

    def _untraced(self) -> str:
        if self.recorder.blind:
            return f"it could not be traced: {self.recorder.blind}"
        return f"it could not be traced: run once more, {self.failed or 'the same commands left it as it was'}"
