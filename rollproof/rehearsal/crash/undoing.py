"""What the rollback makes of a database in which a run was cut: run once, and once more."""

import hashlib
from dataclasses import dataclass, field, replace

import msgspec

from rollproof.migration.bookkeeping import bookkeeping
from rollproof.model.finding import Finding
from rollproof.rehearsal.command import Commands, Done
from rollproof.rehearsal.state import State, States
from rollproof.sources.source import CONTENT

TOO_FAR = (
    "where nothing is left to undo, the rollback takes back the migration before this one: look at the database first, "
    "or give the rollback the revision to go back to"
)
HARMS = "where nothing is left to undo, the rollback does not leave the database as it is"
HERE_TOO = "the rollback must not be run once more: it would harm the database"
TWICE = "the rollback failed the first time, and brought the database back when it was run once more"


@dataclass(frozen=True)
class Undone:
    """What the rollback made of it, as in `CrashPoint`."""

    findings: tuple[Finding, ...] = ()
    trouble: str = ""
    warning: str = ""
    codes: tuple[int, ...] = ()


NOT_TRIED = Undone()


@dataclass
class Undoing:
    """Rolls back with the commands `down`, and holds the database against what it was `before` the migration.

    The same state is tried once: what the rollback makes of it is remembered. `idle` is what it made of a database in which there
    was nothing to undo.
    """

    commands: Commands
    states: States
    down: tuple[str, ...]
    before: State
    idle: Undone = NOT_TRIED
    seconds: float = 0.0
    """How long the rollback's commands have run, all together."""
    _known: dict[bytes, Undone] = field(default_factory=dict)

    def idly(self, now: State) -> Undone:
        """Roll back where there is nothing to undo, for that is what happens when somebody does not know; to be called first."""
        self.idle = self._known[fingerprint(now)] = self._idly(now)
        return self.idle

    def undone(self, cut_off: State) -> Undone:
        """Roll back, twice, from where a cut has left the database, which is as it is in this state."""
        mark = fingerprint(cut_off)
        if mark not in self._known:
            is_back = not self.states.findings(self.before, cut_off)
            self._known[mark] = self._idly(cut_off) if is_back else self._twice()
        known = self._known[mark]
        return Undone(warning=HERE_TOO, codes=known.codes) if self.idle.findings and known.trouble == HARMS else known

    def _twice(self) -> Undone:
        """Roll back; then once more: to finish what failed, or because nobody knows that it was done."""
        first, now = self._rolled_back()
        left = self.states.findings(self.before, now)
        if not left:
            again = self.undone(now)
            return replace(again, codes=(_code(first), *again.codes))
        second, now = self._rolled_back()
        codes = _code(first), _code(second)
        if not self.states.findings(self.before, now) and first.trouble:
            return Undone(warning=TWICE, codes=codes)
        return Undone(left, first.trouble, codes=codes)

    def _idly(self, now: State) -> Undone:
        done, then = self._rolled_back()
        codes = (_code(done),)
        if not (left := self.states.findings(self.before, then)):
            return Undone(codes=codes)
        if _books(now) != _books(then):
            return Undone(warning=TOO_FAR, codes=codes)
        return Undone(left, HARMS, codes=codes)

    def _rolled_back(self) -> tuple[Done, State]:
        done = self.commands.run(self.down, measure=False)
        self.seconds += sum(each.seconds for each in done.ran)
        return done, self.states.taken(self.commands.world.url)


def fingerprint(state: State) -> bytes:
    """Return what two states have in common only if all facts and rows are equal, also those that no verdict needs."""
    return hashlib.sha256(msgspec.json.encode(state.recorded.snapshot.facets, order="deterministic")).digest()


def _books(state: State) -> dict[str, tuple[str, ...]]:
    """Return what stands in the tools' own tables."""
    facets = state.recorded.snapshot.facets
    return {table: tuple(facets[facet].get(table, "") for facet in CONTENT) for table in bookkeeping(state.recorded)}


def _code(done: Done) -> int:
    return done.ran[-1].code if done.ran else 0
