"""A migration and its rollback cut at each place where it may matter, and rolled back from there (`--crash`)."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from msgspec import structs

from rollproof.model.amounts import counted
from rollproof.rehearsal.command import Done
from rollproof.rehearsal.crash.journal import NAME, Journal, place_of, seal
from rollproof.rehearsal.crash.places import beginnings, is_several, places, sample
from rollproof.rehearsal.crash.undoing import Undoing, fingerprint
from rollproof.rehearsal.crash_point import CrashPoint
from rollproof.rehearsal.proxy.sent import Cut, Sent
from rollproof.rehearsal.record import Stage, Word
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.state import State
from rollproof.rehearsal.tools.step import Step

IDLE = "rollback with nothing to undo"
FAILS = "no crash was tried, because the migration or its rollback fails without one"
HANGS = "it did not end by itself when its connection was lost, and was ended"
_PATIENCE = 30.0  # seconds that a run which was cut may take, at least; else ten times as long as one that was not
_TEXT = 2000  # characters of a statement that are kept with a crash point


@dataclass(frozen=True)
class _Run:
    """The migration or the rollback: its `commands`, the state `kept` that it begins in, and what it sent when it was not cut."""

    of: Literal["migration", "rollback"]
    commands: tuple[str, ...]
    kept: str
    sent: tuple[Sent, ...]
    seconds: float


@dataclass
class Crashes:
    """Cuts a migration (`step`) of a database, which is `kept` as it was before; with `most`, at so many places of each run.

    What is known is written down in `reports`, so that a rehearsal that was interrupted can go on, and added to `points`.
    """

    make: Stages
    step: Step
    kept: str
    most: int | None
    reports: Path
    points: list[CrashPoint]
    left_out: list[str] = field(default_factory=list)

    def told(self) -> Iterator[Stage]:
        """Tell what the rollback does where there is nothing to undo, and try all places."""
        make = self.make = replace(self.make, keeps_session=True)  # within one point it asks several times
        self._begin(self.kept)
        self._before = self._now()
        self._undoing = Undoing(make.commands, make.states, self.step.down, self._before)
        began = time.monotonic()
        if not (runs := self._counted()):
            yield Stage("crashes", "undecided", FAILS, began - make.began, time.monotonic() - began)
            return
        make.tell(IDLE)
        idle = self._undoing.idly(self._now())
        word: Word = "bad" if idle.findings else "warning" if idle.warning else "good"
        stage = Stage(IDLE, word, idle.trouble or idle.warning, findings=idle.findings)
        yield replace(stage, began=began - make.began, seconds=time.monotonic() - began)
        try:
            self._try_all([(run, cut) for run in runs for cut in self._chosen(run)], self._seal(runs))
        finally:
            make.states.let_go()

    def _try_all(self, chosen: Sequence[tuple[_Run, Cut]], seal_: str) -> None:
        journal = Journal(self.reports / NAME, seal_)
        if journal.known:
            self.make.tell(
                f"of {len(chosen)} crashes, {len(journal.known)} are known from a rehearsal that was interrupted"
            )
        began, tried = time.monotonic(), 0
        for place, (run, cut) in enumerate(chosen):
            if (point := journal.known.get(place_of(run.of, cut))) is None:
                self._tell(place, len(chosen), run, cut, (time.monotonic() - began) / tried if tried else None)
                point = self._tried(run, cut)
                journal.keep(point)
                tried += 1
            self.points.append(point)
        journal.done()

    def _counted(self) -> tuple[_Run, ...]:
        """Run the migration and the rollback, uncut, to see what they send; nothing if they fail."""
        make = self.make
        up = self._ran(self.step.up)
        if up.trouble:
            return ()
        self._migrated = self._now()
        kept = make.world.keep()
        down = self._ran(self.step.down)
        if down.trouble or make.states.findings(self._before, self._now()):
            return ()
        return _Run("migration", self.step.up, self.kept, up.sent, up.seconds), _Run(
            "rollback", self.step.down, kept, down.sent, down.seconds
        )

    def _chosen(self, run: _Run) -> tuple[Cut, ...]:
        found = places(run.sent)
        if whole := [each.number for each in run.sent if is_several(each) and not beginnings(each)]:
            self.left_out.append(
                f"the {run.of} was not cut inside of statement {whole[0]}, a long text of several transactions"
            )
        if self.most is None or self.most >= len(found):
            return found
        self.left_out.append(f"the {run.of} was cut at {self.most} of {counted(len(found), 'place')} (--crash-sample)")
        return sample(found, run.sent, self.most)

    def _seal(self, runs: tuple[_Run, ...]) -> str:
        sent = [f"{each.text}\0{each.tag}" for run in runs for each in run.sent]
        settings = self.make.states.settings
        rules = [repr(each) for each in (settings.waiver, settings.tables, self.make.commands.asked.env)]
        server = [self.make.world.server.name, str(self.most), version("rollproof"), *rules]
        return seal(
            self.make.commands.folder,
            self.reports,
            self.step.up,
            self.step.down,
            sent,
            server,
            fingerprint(self._before),
        )

    def _tried(self, run: _Run, cut: Cut) -> CrashPoint:
        began, theirs = time.monotonic(), self._undoing.seconds
        self._begin(run.kept)
        limit = min(self.make.commands.asked.step_timeout, max(_PATIENCE, 10 * run.seconds))
        done = self._cut(run, cut, limit)
        now = self._now()
        undone = self._undoing.undone(now)
        text = (cut.instead.rpartition("\n")[0] or run.sent[cut.number - 1].text)[:_TEXT]
        left = self._left(now)
        point = CrashPoint(run.of, cut, text, undone.findings, undone.trouble, undone.warning, left, undone.codes)
        if len(done.sent) < cut.number:
            point = replace(point, left=f"it ended before that statement this time: {left}")
        if done.ran[-1].seconds >= limit and not point.warning:
            point = replace(point, warning=HANGS)
        theirs = self._undoing.seconds - theirs + sum(each.seconds for each in done.ran)
        return replace(point, seconds=time.monotonic() - began, theirs=theirs)

    def _begin(self, kept: str) -> None:
        self.make.states.let_go()
        self.make.world.bring_back(kept)

    def _left(self, now: State) -> str:
        if not (differ := self.make.states.findings(self._before, now)):
            return "the database as it was before the migration"
        if not self.make.states.findings(self._migrated, now):
            return "the database as it is after the migration"
        return f"{counted(len(differ), 'difference')} from before the migration"

    def _cut(self, run: _Run, cut: Cut, limit: float) -> Done:
        """Run it with the cut; a tool that tries again without end is not waited for as long as one that is at work."""
        commands = self.make.commands
        asked = structs.replace(commands.asked, step_timeout=limit)
        return replace(commands, asked=asked).run(run.commands, cut, measure=False)

    def _ran(self, commands: tuple[str, ...], cut: Cut | None = None) -> Done:
        return self.make.commands.run(commands, cut, measure=False)

    def _now(self) -> State:
        return self.make.states.taken(self.make.world.url)

    def _tell(self, place: int, of: int, run: _Run, cut: Cut, each: float | None) -> None:
        soon = f", about {max(1, round(each * (of - place) / 60))} min left" if each else ""
        self.make.tell(f"crash {place + 1} of {of}: the {run.of} {shown(cut)}{soon}")


def shown(cut: Cut) -> str:
    """Return where a run was cut, for people."""
    how = {"before": "cut before", "after": "cut after", "kill": "with its process killed at"}[cut.how]
    return f"{how} statement {cut.number}"
