"""An SQL script that restores definitions, in an order in which it can be run; nothing is executed.

What no statement repairs with certainty is named in a comment.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from rollproof.commands.verification import Verification
from rollproof.model.compare import Difference, compare
from rollproof.model.errors import Inconclusive
from rollproof.model.facets import facets_where, traits
from rollproof.model.names import is_word, mentions, table_of
from rollproof.model.no_loss import no_loss
from rollproof.model.printable_sql import commented, escaped, pasteable
from rollproof.model.provenance import Age
from rollproof.model.timestamps import shown
from rollproof.probes.shared_objects import of_other_databases
from rollproof.sources.cross_version import facet_pair
from rollproof.sources.equivalence import sort_out
from rollproof.sources.table_groups import EVERYTHING
from rollproof.verdict.repair_statements import is_of_constraint, statements

_DEFINITIONS = facets_where(lambda row: row.holds == "definitions")
_LAST = 1000  # the place of what no statement repairs
_IN_WORDS = {"foreign_key_triggers": "foreign_key_triggers (the enforcement of its foreign keys)"}
_SHORT = 200  # letters of a definition in a comment
_DROPS = re.compile(r"DROP |ALTER TABLE .* DROP CONSTRAINT ")
_UNIQUE = re.compile(r"PRIMARY KEY|UNIQUE|CREATE UNIQUE INDEX")


@dataclass(frozen=True)
class _Step:
    """One difference, with the statements that repair it or the reason why there are none."""

    difference: Difference
    statements: tuple[str, ...]
    reason: str = ""

    @property
    def rank(self) -> int:
        """Its place in the script."""
        text = self.difference.before or self.difference.after or ""
        if self.difference.facet == "constraints" and text.startswith("FOREIGN KEY"):
            return traits("statistics").repair + 1  # what it refers to must be unique by then
        return _place(self.difference.facet)


def _place(facet: str) -> int:
    return traits(facet).repair or _LAST


def script(opened: Verification) -> tuple[str, ...]:
    """Return the lines of an SQL script, one transaction, with comments about what it cannot repair; () if nothing differs."""
    remarks: list[str] = []
    found = [each for facet in _facets(opened) for each in _differences(opened, facet, remarks)]
    steps = _feasible([_step(opened, difference) for difference in found])
    remarks += _remarks(step for step in steps if not _follows(step, steps))
    mending = [pasteable(line) for step in _in_order(steps) if not step.reason for line in step.statements]
    if not mending and not remarks:
        return ()
    if escaped(mending) and (encoding := _encoding(opened)) != "UTF8":
        remarks.append(
            f"the database's encoding is {encoding}: a character that is written as a code below may not exist in it"
        )
    return (
        *(f"-- {commented(line)}" for line in _whose(opened)),
        "-- Review before running. Rows are not compared here: the checks do that.",
        *dict.fromkeys(f"-- {commented(remark)}" for remark in remarks),
        *(["BEGIN;", *dict.fromkeys(mending), "COMMIT;"] if mending else []),
    )


def _whose(opened: Verification) -> Iterator[str]:
    """Yield where the statements come from: whoever could write the reference could write them."""
    before, origin, now = opened.before, opened.before.origin, opened.after.origin
    if before.seal is None or origin is None:
        yield f"Made of {before.name}: whoever can change that could change these statements."
        return
    yield f"Made of the file {before.name}, SHA-256 {before.seal.sha256}, {before.seal};"
    age = Age.between(origin.taken, now.taken, one_clock=origin.system == now.system != "")
    yield f"taken {shown(origin.taken)}, {age}, from the database {origin.database}."
    yield "Whoever can change that file could change these statements."


def _encoding(opened: Verification) -> str:
    return opened.after.view.ask(lambda connection: str(connection.info.parameter_status("server_encoding")))


def _facets(opened: Verification) -> list[str]:
    """Return the facets of definitions, first those that statements can repair, in their order."""
    known = _DEFINITIONS & {*opened.after.snapshot.facets, *opened.after.snapshot.absent}
    return sorted(known, key=lambda facet: (_place(facet), facet))


def _differences(opened: Verification, facet: str, remarks: list[str]) -> list[Difference]:
    """Return a facet's differences; what is unknown goes to `remarks`."""
    if reason := opened.before.unavailable(facet) or opened.after.unavailable(facet):
        remarks.append(f"{facet}: not compared: {reason}")
        return []
    try:
        found, unknown = _compared(opened, facet)
    except Inconclusive as error:
        remarks.append(f"{facet}: unknown: {error}")
        return []
    remarks += [f"{facet} {identity}: unknown: {why}" for identity, why in sorted(unknown.items())]
    return found


def _compared(opened: Verification, facet: str) -> tuple[list[Difference], dict[str, str]]:
    """Return the differences that are neither accepted, harmless, nor implied by others; and the unknown facts, with reasons."""
    told = facet_pair(facet, opened.before, opened.after)
    was, now = told.before.known(facet, EVERYTHING), told.after.known(facet, EVERYTHING)
    unknown = {**was.unknown, **now.unknown}
    differ = [each for each in compare(facet, was.facts, now.facts) if each.identity not in unknown]
    certain, doubtful = told.sort_out(opened.accepted.accept(differ))
    foreign = of_other_databases(facet, opened.before, opened.after)
    is_no_loss = no_loss(facet, old=opened.before.old)
    bad = [each for each in certain if not foreign(each) and not is_no_loss(each)]
    meant = sort_out((each for each in bad if not _brought(opened, each)), opened.after)
    return list(meant.other), unknown | {each.identity: told.doubt(each) for each in doubtful} | dict(meant.unknown)


def _brought(opened: Verification, difference: Difference) -> bool:
    """Tell whether a difference is implied: an index by the constraint of its name, a view's column by the view."""
    sides = (opened.before, opened.after)
    if difference.facet == "columns":
        table = table_of(difference.identity)
        return not any(table in side.tables for side in sides)
    return any(is_of_constraint(difference, side.known("constraints", EVERYTHING).facts) for side in sides)


def _step(opened: Verification, difference: Difference) -> _Step:
    answer = statements(difference, opened.before.tables)
    if not answer:
        left = "left behind: the check leftovers prints how to remove it"
        return _Step(difference, (), left if difference.before is None else "no statement is certain to repair it")
    made_again = difference.before is not None and any(_DROPS.match(line) for line in answer)
    if made_again and _stood_on(opened, difference):
        return _Step(difference, (), "it would have to be dropped and created again, and foreign keys depend on it")
    return _Step(difference, (*answer, *(_comments(opened, difference) if made_again else ())))


def _stood_on(opened: Verification, difference: Difference) -> bool:
    """Tell whether a foreign key depends on this unique constraint or index."""
    target = f"REFERENCES {table_of(difference.identity)}("
    constraints = opened.after.snapshot.facets.get("constraints", {})
    return bool(_UNIQUE.match(difference.after or "")) and any(target in text for text in constraints.values())


def _comments(opened: Verification, difference: Difference) -> Iterator[str]:
    """Yield the statements that restore comments on an object that is dropped and created again."""
    for identity, text in opened.before.known("comments", EVERYTHING).facts.items():
        if identity.startswith(f"{difference.identity} ("):
            yield from statements(Difference("comments", identity, text, None))


def _feasible(steps: list[_Step]) -> list[_Step]:
    """Return the steps, with a reason for each that depends on something missing which no other step creates."""
    while True:
        missing = {each.difference.identity for each in steps if _is_missing(each)}
        checked = [each if each.reason else _on_firm_ground(each, missing) for each in steps]
        if checked == steps:
            return steps
        steps = checked


def _is_missing(step: _Step) -> bool:
    return traits(step.difference.facet).depended_on and step.difference.after is None and bool(step.reason)


def _on_firm_ground(step: _Step, missing: Iterable[str]) -> _Step:
    text = "\n".join([step.difference.identity, *step.statements])
    for name in sorted(missing):
        if mentions(text, name):
            return _Step(step.difference, step.statements, f"it depends on {name}, which is missing")
    return step


def _follows(step: _Step, steps: Iterable[_Step]) -> bool:
    """Tell whether another step restores this, too: a foreign key's triggers, the owner's privileges on a view."""
    facet, identity = step.difference.facet, step.difference.identity
    brought = {(each.difference.facet, each.difference.identity) for each in steps if not each.reason}
    table_groups = facet == "privileges" and identity.endswith(" TO OWNER")
    return (facet == "foreign_key_triggers" and ("constraints", identity) in brought) or (
        table_groups and ("views", table_of(identity)) in brought
    )


def _remarks(steps: Iterable[_Step]) -> Iterator[str]:
    """Yield a comment for each step without statements; one for all facts of one missing or new table."""
    steps = list(steps)
    whole = {
        each.difference.identity: "missing" if each.difference.after is None else "left behind"
        for each in steps
        if traits(each.difference.facet).relation
        and each.reason
        and None in (each.difference.before, each.difference.after)
    }
    groups: dict[str, list[str]] = {}
    for step in steps:
        table = table_of(step.difference.identity) or ""
        if step.reason and table in whole:
            groups.setdefault(table, []).append(step.difference.facet)
        elif step.reason:
            was, now = (commented(text or "none")[:_SHORT] for text in (step.difference.before, step.difference.after))
            yield f"{step.difference.facet} {step.difference.identity}: {step.reason} (before: {was}; now: {now})"
    for table, facets in sorted(groups.items()):
        told = ", ".join(_IN_WORDS.get(facet, facet) for facet in dict.fromkeys(facets))
        yield f"{table} is {whole[table]}, with all that these checks compare of it: {told}"


def _in_order(steps: Iterable[_Step]) -> list[_Step]:
    """Sort the steps as `facets.toml` says (`repair`), and views after the views in their queries."""
    steps = list(steps)
    queries = {
        each.difference.identity: each.difference.before or "" for each in steps if each.difference.facet == "views"
    }
    graph = {
        name: [other for other in queries if other != name and is_word(other, text)] for name, text in queries.items()
    }
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError:  # a string that looks like a name
        order = sorted(queries)

    def place(step: _Step) -> tuple[int, int]:
        name, facet = step.difference.identity, step.difference.facet
        if facet == "indexes" and table_of(name) in queries:
            return traits("views").repair + 1, 0
        return step.rank, order.index(name) if facet == "views" else 0

    return sorted(steps, key=place)
