"""A self-test from its beginning to its end."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from rollproof import __version__
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.rehearsal.faults.coverage import uncovered
from rollproof.rehearsal.faults.fault import Fault
from rollproof.rehearsal.faults.listing import faults_of
from rollproof.rehearsal.faults.uncovered import Uncovered
from rollproof.rehearsal.selftest.asked import Asked
from rollproof.rehearsal.selftest.batches import Batch, batches
from rollproof.rehearsal.selftest.course import Course
from rollproof.rehearsal.selftest.ground import Ground, ground
from rollproof.rehearsal.selftest.harmless import harmless
from rollproof.rehearsal.selftest.journal import Journal, digest_of
from rollproof.rehearsal.selftest.outcome import HarmlessTried, SelfTested, Tried
from rollproof.rehearsal.selftest.sight import Sight
from rollproof.rehearsal.selftest.superuser import superuser
from rollproof.server.connection import Target
from rollproof.server.sqlstates import server_message
from rollproof.settings.configuration import Configured
from rollproof.system.deadline import Deadline
from rollproof.system.files import is_there

_TURN = 10.0
"""Seconds between two lines about how far it is."""


def self_tested(known: Configured, asked: Asked, tell: Callable[[str], None]) -> SelfTested:
    """Plant the faults that the source's objects can have, and say of each whether it is seen.

    Raises `Misuse` if no fault is what was asked for, and with `Inconclusive` if the throw-away database cannot be made.
    """
    deadline, started = Deadline(asked.seconds), datetime.now(tz=UTC).isoformat(timespec="seconds")
    with ground(known, asked.source, asked.sample, tell) as made:
        (faults, bare), server = _wanted(made, asked), made.world.server
        run = _Run(known, Course(made, Sight.of(known, made), deadline), faults, tell, both=not asked.only)
        run.go()
        return SelfTested(
            database=str(Target.parse(known.settings.database_url or asked.source)),
            role=made.role,
            reference=run.course.sight.held.shown,
            server=server.name,
            version=server.version,
            started=started,
            seconds=time.monotonic() - deadline.began,
            listed=len(faults),
            left_out=made.left_out,
            uncovered=bare,
            only=asked.only,
            strict=known.settings.strict,
            **run.results,
        )


def listed(known: Configured, asked: Asked, tell: Callable[[str], None]) -> tuple[Fault, ...]:
    """Return the faults that would be planted; raises as `self_tested` does."""
    with ground(known, asked.source, asked.sample, tell) as made:
        return _wanted(made, asked)[0]


def _wanted(made: Ground, asked: Asked) -> tuple[tuple[Fault, ...], tuple[Uncovered, ...]]:
    """List the faults, and the objects that have none, on the database as it will be: a template does not bring all of it.

    The listing leaves traces, too.
    """
    made.renew()
    with superuser(made.world) as admin:
        known = faults_of(admin)
        faults, bare = asked.chosen(known), uncovered(admin, known)
    made.renew()
    return faults, bare


@dataclass
class _Run:
    """The faults of a database on their course, and what became of them; `both` says that harmless changes are made, too."""

    known: Configured
    course: Course
    faults: Sequence[Fault]
    tell: Callable[[str], None]
    both: bool = True
    tried: list[Tried] = field(default_factory=list)
    harmless: list[HarmlessTried] = field(default_factory=list)
    resumed: int = 0
    trouble: str = ""

    def go(self) -> None:
        """Try all of them, or as many as there is time for."""
        journal = Journal(Path(self.known.settings.report_dir), _digest(self.known, self.course, self.faults))
        with closing(journal):
            self.tried += journal.open(self.faults, resume=self.known.settings.resume)
            self.resumed = len(self.tried)
            if self.known.settings.resume:
                self.tell(journal.note or f"going on where {self.resumed:,} of {len(self.faults):,} faults were tried")
            try:
                self._all(journal)
            except (psycopg.Error, Inconclusive, Misuse) as error:  # what was tried is told all the same
                why = server_message(error) if isinstance(error, psycopg.Error) else error
                self.trouble = f"the throw-away database could not be worked with any more: {why}"
            if len(self.tried) == len(self.faults):
                journal.done()
            if journal.note:
                self.course.notes.append(journal.note)

    def _all(self, journal: Journal) -> None:
        seconds = self._proved()
        if self.trouble:
            return
        known = {each.fault.key for each in self.tried}
        rest = [fault for fault in self.faults if fault.key not in known]
        groups = batches(rest)
        self.tell(_forecast(rest, len(groups) * seconds, len(groups), self.course.deadline.seconds))
        self._along([each for each in groups if each.is_first], journal)
        if self.both:
            course, left = self.course, self.course.deadline
            self.harmless += harmless(course.ground, course.sight, self.tell, lambda: left.left)
        self._along([each for each in groups if not each.is_first], journal)

    def _along(self, groups: Sequence[Batch], journal: Journal) -> None:
        told = time.monotonic()
        for each in self.course.along(groups):
            journal.keep(each)
            self.tried.append(each)
            if time.monotonic() - told > _TURN:
                told = time.monotonic()
                self.tell(f"{len(self.tried):,} of {len(self.faults):,} faults tried")

    def _proved(self) -> float:
        """Verify the copy before anything is planted, and return the seconds that one turn takes; `trouble` is what differs."""
        began, sight = time.monotonic(), self.course.sight
        sight.unharmed  # noqa: B018 (now, while nothing is planted)
        self.trouble = sight.trouble
        self.course.notes += [*self.course.ground.notes, *sight.notes, *([sight.standing] if sight.standing else [])]
        return time.monotonic() - began

    @property
    def results(self) -> dict[str, Any]:
        """What a `SelfTested` tells of it."""
        notes = tuple(self.course.notes)
        kept = {"tried": tuple(self.tried), "harmless": tuple(self.harmless)}
        return {**kept, "resumed": self.resumed, "trouble": self.trouble, "notes": notes}


def _forecast(faults: Sequence[Fault], seconds: float, turns: int, limit: float | None) -> str:
    """Say how many faults there are, and about how long they take if each is seen at once."""
    rules = len({(each.kind, each.name) for each in faults})
    bounded = f"; --seconds {limit:g} ends it before" if limit is not None and limit < seconds else ""
    return f"{len(faults):,} faults of {rules:,} sorts, planted in {turns:,} turns: about {seconds:.0f} s{bounded}"


def _digest(known: Configured, course: Course, faults: Sequence[Fault]) -> str:
    """Return what tells whether an earlier run's results hold: what verifies, with which settings, and every fault."""
    apart = {"resume": False, "report_dir": "", "database_url": course.ground.role, "server": ""}
    settings = repr(msgspec.structs.asdict(msgspec.structs.replace(known.settings, **apart)))
    reference = Path(known.settings.reference or "")
    sealed = sha256(reference.read_bytes()).hexdigest() if is_there(reference) and reference.is_file() else ""
    world = course.ground.world
    listed = [
        f"{each.key}\n{each.statement}".replace(world.database, "") for each in faults if each.kind != "rows"
    ]  # its name is made up anew, and a sample may be of other rows
    return digest_of(__version__, world.server.version, settings, sealed, listed)
