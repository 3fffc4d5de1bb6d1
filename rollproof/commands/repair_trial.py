"""A repair script tried: run on a clone of the database, which is then verified again."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import cached_property

from rollproof.commands.prepare import Prepared
from rollproof.commands.repair_proof import Fact, Proof, fact
from rollproof.commands.repair_script import RepairScript
from rollproof.commands.script_run import run
from rollproof.commands.verification import Verification
from rollproof.model.compare import Difference, compare
from rollproof.model.definitions import UncleanError, qualified
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.names import sql_name
from rollproof.repair.step import Step
from rollproof.settings.options import Settings
from rollproof.sources.source import CONTENT
from rollproof.sources.table_groups import EVERYTHING, TableGroup
from rollproof.throwaway.clone import QUIET, Clone
from rollproof.throwaway.cloned_rows import ClonedRows
from rollproof.throwaway.servers.provide import of_major, provide
from rollproof.throwaway.servers.server import Server, shown
from rollproof.throwaway.tamed import Tamed
from rollproof.verdict.repairs import Repairs


def prove(prepared: Prepared, made: RepairScript) -> Proof:
    """Run the script on a clone and verify that; the clone is gone afterwards.

    Raises `Inconclusive` if there is no server for it, or it cannot be cloned.
    """
    began, tell = time.monotonic(), prepared.plan.request.tell
    with ExitStack() as keep:
        server = started(prepared.plan.settings, prepared.sides.after.version)
        keep.callback(server.stop)
        tell(f"cloning to {server.name}")
        trial = _Trial(prepared, made, ClonedRows(_tables(made.plan.steps)))
        clone = trial.clone(server)
        before = (*trial.definitions(clone), *trial.rows_of(clone))
        tell(f"the clone was ready after {time.monotonic() - began:.1f} s")
        ran = run(clone.psql, clone.tamed, made.lines())
        after = trial.after(clone)
    tell(f"the script was run on it, and verified, after {time.monotonic() - began:.1f} s")
    said = trial.proof(f"a clone ({server.name}, with {trial.rows})", before, after)
    return replace(said, refused=ran.told, lacks=clone.lacking or ran.lacks)


def started(settings: Settings, version: int) -> Server:
    """Start a server of our own for what is of this version. Raises `Misuse` or `Inconclusive` if it cannot be proven there."""
    if "://" in settings.server:
        raise Misuse(
            "--prove wants a server of its own: roles and tablespaces belong to a whole server, and a script may change them\n"
            "--server embedded, local, or local:BINDIR"
        )
    server = provide(of_major(settings.server, version // 10_000), QUIET)
    if server.version // 10_000 < version // 10_000:
        server.stop()
        raise Inconclusive(
            f"{server.name} is older than the database, which is PostgreSQL {shown(version)}: nothing can be proven on it\n"
            "--server local:BINDIR names one of the same major version, or a newer one"
        )
    return server


@dataclass(frozen=True, eq=False)
class _Trial:
    """A script that is tried on a clone with these rows."""

    prepared: Prepared
    made: RepairScript
    rows: ClonedRows

    @property
    def trusted(self) -> bool:
        """Whether code of users may do whatever a superuser may."""
        return self.prepared.plan.settings.trust_functions

    def clone(self, server: Server) -> Clone:
        """Clone the database. Raises `Inconclusive` if it cannot be cloned."""
        subject = self.prepared.sides.after
        clone = Clone(subject.view, Tamed.on(server, trusted=self.trusted), self.prepared.plan.request.deadline)
        try:
            clone.make(subject.dumped, subject.known("sequence_positions", EVERYTHING).facts, self.rows.fill)
        except Inconclusive as error:
            self.prepared.plan.request.deadline.require()
            raise Inconclusive(
                f"the database cannot be cloned: {error}\nwithout --prove the script is printed, unproven"
            ) from error
        return clone

    @cached_property
    def claimed(self) -> Mapping[Fact, Difference]:
        """The differences that a statement mends."""
        steps = (step for step in self.made.plan.steps if not step.optional)
        return {fact(each): each for step in steps for each in step.mends}

    @cached_property
    def found(self) -> Mapping[Fact, Difference]:
        """The differences of definitions, and those of rows that a statement mends."""
        known = {fact(each): each for each in self.made.repairs.differences}
        return {**{of: each for of, each in self.claimed.items() if of[0] in CONTENT}, **known}

    def definitions(self, clone: Clone) -> tuple[Difference, ...]:
        """Verify the clone's definitions."""
        with closing(self.prepared.plan.of_clone(clone.url)) as sides:
            found = Repairs(sides.before, sides.after, sides.accepted).differences
            return tuple(each for each in found if not clone.tamed.is_ours((each.identity, each.after)))

    def rows_of(self, clone: Clone) -> tuple[Difference, ...]:
        """Verify the rows of the tables of which the clone has all, as far as the script is about them."""
        names = frozenset(table for facet, table in self.claimed if facet in CONTENT) & self.rows.whole
        if not names:
            return ()
        with closing(self.prepared.plan.of_clone(clone.url)) as sides:
            return tuple(each for facet in CONTENT for each in _of_rows(sides, facet, TableGroup("rows", names)))

    def after(self, clone: Clone) -> tuple[Difference, ...]:
        """Verify the clone once more; of rows, after those are gone that the script leaves there: it says so of them."""
        definitions = self.definitions(clone)
        gone = [step for step in self.made.plan.steps if step.optional and step.verb == "rows"]
        if gone:
            run(clone.psql, clone.tamed, ["BEGIN;", *(line for step in gone for line in step.statements), "COMMIT;"])
        return (*definitions, *self.rows_of(clone))

    def _is_alike(self, each: Difference) -> bool:
        """Tell whether what differs on the clone is missing, changed or left behind as it is in the database itself."""
        known = self.found.get(fact(each), each)
        return (known.before is None, known.after is None) == (each.before is None, each.after is None)

    def proof(self, where: str, before: Iterable[Difference], after: tuple[Difference, ...]) -> Proof:
        """Return what is known once the script was run on the clone, which differed so before and after it."""
        plan = self.made.plan
        return Proof(
            where=where,
            found=tuple(self.found.values()),
            claimed=frozenset(self.claimed),
            before=frozenset(fact(each) for each in before if self._is_alike(each)),
            after=after,
            left=tuple(each for step in plan.steps if step.optional for each in step.mends),
            unmended=frozenset(fact(each.difference) for each in plan.unmended),
        )


def _of_rows(sides: Verification, facet: str, tables: TableGroup) -> Iterator[Difference]:
    was, now = (side.known(facet, tables) for side in (sides.before, sides.after))
    unknown = was.unknown.keys() | now.unknown.keys()
    yield from (each for each in compare(facet, was.facts, now.facts) if each.identity not in unknown)


def _tables(steps: Iterable[Step]) -> frozenset[str]:
    """Return the tables that statements may be about: those of the steps' objects, and those that are named with their schema."""
    run = [step for step in steps if not step.optional]
    found = {step.of.relation for step in run if step.verb != "attributes"}
    for statement in (statement for step in run for statement in step.statements if _reads_rows(step, statement)):
        try:
            found |= {f"{sql_name(schema)}.{sql_name(name)}" for schema, name in qualified(statement)}
        except UncleanError:
            continue
    return frozenset(found - {""})


def _reads_rows(step: Step, statement: str) -> bool:
    return step.verb != "attributes" or statement.startswith("ANALYZE")
