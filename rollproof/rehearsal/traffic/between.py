"""A rollback after writes in the migrated database: what became of them, and are all other rows as they were?

It is told once the rollback has proved honest without them: then every difference comes from the writes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rollproof.model.amounts import counted
from rollproof.model.finding import Finding
from rollproof.model.phase import PHASES
from rollproof.rehearsal.record import Stage, Word
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.state import State
from rollproof.rehearsal.tools.step import Step
from rollproof.rehearsal.traffic.fates import Fate, fate, kept_keys
from rollproof.rehearsal.traffic.row_changes import NONE, altered, compared, taken_away
from rollproof.rehearsal.traffic.writes import NAME, Writes
from rollproof.sources.source import CONTENT

_BEFORE = next(phase for phase in PHASES.values() if "stop" in phase.steps)
AFTER = "rollback after the writes"
_NOT_TRIED = "not tried: without any writes, the rollback does not put the database back"
_NOTHING = "they changed no row of the migrated database, so nobody knows what the rollback makes of such writes"
_UNKNOWN = (
    "nobody can say whether the rows of {} are right: the writes went to {}, which is in the migrated database only"
)


@dataclass(frozen=True)
class Between:
    """A migration (`step`) on the database `kept` as before it, with `writes` before the rollback; `first` it went without."""

    make: Stages
    step: Step
    kept: str
    first: tuple[Stage, ...]
    writes: Writes

    def told(self) -> Iterator[Stage]:
        """Tell it, stage by stage."""
        back = [stage.word for stage in self.first if stage.compared]
        if not back or any(word != "good" for word in back):
            yield Stage(NAME, "undecided", _NOT_TRIED)
            return
        make, world = self.make, self.make.world
        world.bring_back(self.kept)
        before = self._now()
        yield (up := replace(make.up(self.step, measure=False), name="migrate before the writes"))
        if up.word != "good":
            return
        kept, migrated = world.keep(), self._now()
        try:
            wrote = self.writes.made(make)
            written = self._now()
            tables = sorted(_unlike(migrated, written))
            yield _of(wrote, tables)
            if tables:
                yield from self._rolled_back(_Moments(before, migrated, written), kept, tables)
        finally:
            world.forget(kept)

    def _rolled_back(self, moments: "_Moments", kept: str, tables: list[str]) -> Iterator[Stage]:
        make, world = self.make, self.make.world
        if make.states.settings.backup:  # then the checks before a rollback say what it would lose
            ready = make.checked(_BEFORE, world.server.dsn(self.kept))
            yield replace(ready, name=f"{ready.name} after the writes")
        filled = world.keep()
        try:
            yield (down := replace(make.back("rollback", self.step, measure=False), name=AFTER))
            if down.word == "good":
                yield self._judged(moments, (kept, filled), tables)
            else:
                told = "it left the database as it was, with what was written"
                stage = Stage("after the failed rollback", "good", told)
                yield make.compared(stage, moments.written, self._now(), "before the failed rollback")
        finally:
            world.forget(filled)

    def _judged(self, moments: "_Moments", kept: tuple[str, str], tables: list[str]) -> Stage:
        """Say what became of the rows, and whether anything else is not as it was."""
        make, now = self.make, self._now()
        differ = make.states.findings(moments.before, now)
        moved = {(each.check, each.subject) for each in make.states.findings(moments.migrated, moments.written)}
        moved -= {each for each in moved if each[0] == "sequence_positions"}  # further ahead is no difference
        fates, behind = self._fates(kept, tables)
        told = moments.before.recorded.snapshot.facets["content"].keys() & set(tables)
        new = [each for each in tables if each not in moments.before.tables]
        strange = [each for each in differ if each.check in CONTENT and each.subject not in told]
        bad = [each for each in differ if each.check not in CONTENT and (each.check, each.subject) not in moved]
        bad += behind
        bad += [finding for each in fates if (finding := each.finding)]
        word: Word = "warning" if any(each.is_lost for each in fates) else "good"
        stage = Stage("what became of the writes", word, "; ".join(map(str, fates)))
        if strange and new and not bad:
            subjects = ", ".join(sorted({each.subject for each in strange}))
            return replace(stage, word="undecided", sentence=_UNKNOWN.format(subjects, ", ".join(new)))
        return _with(stage, (*bad, *strange))

    def _fates(self, kept: tuple[str, str], tables: list[str]) -> tuple[list[Fate], tuple[Finding, ...]]:
        world, settings, fates = self.make.world, self.make.states.settings, []
        migrated, filled = (world.server.dsn(each) for each in kept)
        written = compared(migrated, filled, tables, settings).tables
        left = compared(world.server.dsn(self.kept), world.url, tables, settings)
        for table in tables:
            both = written[table], left.tables.get(table, NONE)
            keys = kept_keys(*both)
            told = fate(table, *both)
            if keys:
                gone = taken_away((migrated, filled, world.url), table, keys)
                told = replace(told, altered=altered(filled, world.url, table, keys), columns=gone)
            fates.append(told)
        return fates, left.behind

    def _now(self) -> State:
        return self.make.states.taken(self.make.world.url)


def _of(wrote: Stage, tables: list[str]) -> Stage:
    if not tables:
        return replace(wrote, word="undecided", sentence=wrote.sentence or _NOTHING)
    told = f"they changed rows of {', '.join(tables)}"
    return replace(wrote, sentence=f"{told}; {wrote.sentence}" if wrote.sentence else told)


@dataclass(frozen=True)
class _Moments:
    before: State
    migrated: State
    written: State


def _unlike(was: State, now: State) -> set[str]:
    """Return the tables in both whose rows differ."""
    before, after = (each.recorded.snapshot.facets["content"] for each in (was, now))
    return {table for table in before.keys() & after.keys() if before[table] != after[table]}


def _with(stage: Stage, findings: tuple[Finding, ...]) -> Stage:
    if not findings:
        return stage
    told = f"{counted(len(findings), 'difference')} that the writes do not explain; {stage.sentence}"
    return replace(stage, word="bad", sentence=told, findings=findings)
