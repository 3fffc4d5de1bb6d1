"""A repair script proven: run on a clone of the database, which is then verified again."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cached_property

from rollproof.commands.prepare import Prepared
from rollproof.commands.repair_script import RepairScript
from rollproof.commands.verification import Verification
from rollproof.model.amounts import counted
from rollproof.model.compare import Difference, compare
from rollproof.model.definitions import UncleanError, qualified
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.names import sql_name
from rollproof.rehearsal.clone import QUIET, Clone
from rollproof.rehearsal.cloned_rows import ClonedRows
from rollproof.rehearsal.psql import Ran
from rollproof.rehearsal.servers.provide import of_major, provide
from rollproof.rehearsal.servers.server import Server, shown
from rollproof.repair.step import Step
from rollproof.sources.source import CONTENT
from rollproof.sources.table_groups import EVERYTHING, TableGroup
from rollproof.verdict.repairs import Repairs

_SHOWN = 10  # differences that are named one by one
Fact = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a script did to a clone.

    `found` are the differences of the database: `claimed` those that a statement mends, `left` those that a comment would mend,
    `unmended` those of which the script says why it does not mend them. `before` and `after` are those of the clone, before and
    after the script was run there. `refused` is what PostgreSQL said, and the statement that it said it of; `lacks` is what the
    clone has not.
    """

    where: str
    found: tuple[Difference, ...]
    claimed: frozenset[Fact]
    before: frozenset[Fact]
    after: tuple[Difference, ...]
    left: tuple[Difference, ...] = ()
    unmended: frozenset[Fact] = frozenset()
    refused: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    @property
    def worse(self) -> tuple[Difference, ...]:
        """The differences that are there only since the script was run."""
        known = self.before | {_fact(each) for each in self.found}
        return tuple(each for each in self.after if _fact(each) not in known)

    @property
    def healed(self) -> tuple[Difference, ...]:
        """Those that were on the clone, and are gone."""
        left = {_fact(each) for each in self.after}
        return tuple(each for each in self.found if _fact(each) in self.before - left)

    @property
    def stays(self) -> tuple[Difference, ...]:
        """Those that a statement was to mend, and that are there as before, or otherwise."""
        claimed = {_fact(each) for each in self.found} & self.before & self.claimed
        return tuple(each for each in self.after if _fact(each) in claimed)

    @property
    def unknown(self) -> tuple[Difference, ...]:
        """Those that a statement mends, and that the clone did not have in the first place."""
        return tuple(each for each in self.found if _fact(each) in self.claimed - self.before)

    @property
    def exit_code(self) -> int:
        """0: it heals all that it says it mends; 1: it does not, or does harm; 7: that cannot be told."""
        if self.worse or self.stays or (self.refused and not self.lacks):
            return 1
        return 7 if self.refused or self.unknown else 0

    def lines(self) -> Iterator[str]:
        """Yield what is said of it, one remark each."""
        healed, counting = len(self.healed), len(self._told)
        rest = counting - healed
        others = f"; the other {'one needs' if rest == 1 else f'{rest} need'} you, see below" if rest else ""
        yield f"Proven on a clone ({self.where}): heals {healed} of {counted(counting, 'difference')}{others}."
        yield from self.refused
        yield from _named("still there after the statement that was to mend it", self.stays)
        yield from _named("not proven, for the clone did not show it", self.unknown)
        yield from (f"the clone lacks: {each}" for each in self.lacks)
        yield from _named("left behind, and its DROP below is a comment", self.left)
        explained = {*map(_fact, (*self.healed, *self.stays, *self.unknown, *self.left)), *self.unmended}
        yield from _named("not mended", [each for each in self._told if _fact(each) not in explained])

    @property
    def _told(self) -> tuple[Difference, ...]:
        """The differences, without those of parts of what was left behind: they go with it."""
        known = {*map(_fact, (*self.healed, *self.left)), *self.claimed, *self.unmended}
        return tuple(each for each in self.found if each.before is not None or _fact(each) in known)

    def harm(self) -> str:
        """Return why the script is not printed; "" if it did no harm."""
        if not self.worse:
            return ""
        named = "\n".join(_named("new", self.worse))
        return (
            f"the script was run on a clone ({self.where}), and made it worse; it is not printed\n{named}\n"
            "without --prove it is printed; please report this"
        )


def prove(prepared: Prepared, made: RepairScript) -> Proof:
    """Run the script on a clone and verify that; the clone is gone afterwards.

    Raises `Inconclusive` if there is no server for it, or it cannot be cloned.
    """
    began, tell = time.monotonic(), prepared.plan.request.tell
    with ExitStack() as keep:
        server = _server(prepared)
        keep.callback(server.stop)
        tell(f"cloning to {server.name}")
        rows = ClonedRows(_tables(made.plan.steps))
        clone = _cloned(prepared, server, rows)
        wanted = _Wanted(made, rows)
        before = wanted.differences(prepared, clone)
        tell(f"the clone was ready after {time.monotonic() - began:.1f} s")
        lines = made.lines()
        ran = clone.psql.run(
            "\n".join([*lines, ""]), is_strict=True, may_command=any(line.startswith("\\") for line in lines)
        )
        after = wanted.differences(prepared, clone)
    tell(f"the script was run on it, and verified, after {time.monotonic() - began:.1f} s")
    return Proof(
        where=f"{server.name}, with {rows}",
        found=wanted.found,
        claimed=frozenset(wanted.claimed),
        before=frozenset(map(_fact, before)),
        after=after,
        left=tuple(each for step in made.plan.steps if step.optional for each in step.mends),
        unmended=frozenset(_fact(each.difference) for each in made.plan.unmended),
        refused=_refused(ran, lines),
        lacks=clone.lacking,
    )


def _server(prepared: Prepared) -> Server:
    settings, version = prepared.plan.settings, prepared.sides.after.version
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


def _cloned(prepared: Prepared, server: Server, rows: ClonedRows) -> Clone:
    subject, request = prepared.sides.after, prepared.plan.request
    clone = Clone(subject.view, server, request.deadline)
    positions = subject.known("sequence_positions", EVERYTHING).facts
    clone.make(subject.dumped, positions, rows.fill)
    return clone


@dataclass(frozen=True, eq=False)
class _Wanted:
    """What a script is to mend, and how far that can be seen on a clone with these rows."""

    made: RepairScript
    rows: ClonedRows

    @cached_property
    def claimed(self) -> Mapping[Fact, Difference]:
        """The differences that a statement mends."""
        steps = (step for step in self.made.plan.steps if not step.optional)
        return {_fact(each): each for step in steps for each in step.mends}

    @property
    def found(self) -> tuple[Difference, ...]:
        """The differences of definitions, and those of rows that a statement mends."""
        known = {_fact(each): each for each in self.made.repairs.differences}
        return tuple({**{fact: each for fact, each in self.claimed.items() if fact[0] in CONTENT}, **known}.values())

    def differences(self, prepared: Prepared, clone: Clone) -> tuple[Difference, ...]:
        """Verify the clone: its definitions, and the rows of the tables of which it has all."""
        names = frozenset(table for facet, table in self.claimed if facet in CONTENT)
        tables = TableGroup("rows", names & self.rows.whole)
        with closing(prepared.plan.of_clone(clone.url)) as sides:
            found = Repairs(sides.before, sides.after, sides.accepted).differences
            return (*found, *(each for facet in CONTENT if tables.names for each in _of_rows(sides, facet, tables)))


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


def _refused(ran: Ran, lines: tuple[str, ...]) -> tuple[str, ...]:
    if not ran.code:
        return ()
    if not ran.complaints:
        return (f"psql ended with {ran.code}: {ran.said.strip()}",)
    complaint = ran.complaints[-1]
    statement = lines[complaint.line - 1] if 0 < complaint.line <= len(lines) else ""
    return (
        f"PostgreSQL refused a statement of it, and what follows was not tried: {complaint.sentence}",
        f"the statement: {statement}",
    )


def _named(what: str, differences: Iterable[Difference]) -> Iterator[str]:
    told = list(differences)
    yield from (f"{what}: {each.facet} {each.identity}" for each in told[:_SHOWN])
    if len(told) > _SHOWN:
        yield f"{what}: {len(told) - _SHOWN} more"


def _fact(difference: Difference) -> Fact:
    return difference.facet, difference.identity
