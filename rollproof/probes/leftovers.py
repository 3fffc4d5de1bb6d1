"""Objects that the migration left behind, and the statements that drop them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rollproof.model.compare import Difference, compare
from rollproof.model.drops import drop_statement, kind_of, named
from rollproof.model.errors import Inconclusive
from rollproof.model.facets import facets, traits
from rollproof.model.failure import Undecided
from rollproof.model.finding import Finding, Statement, Unknown
from rollproof.model.names import PATH, names, respelled, sql_name, table_of, unquoted
from rollproof.model.printable_sql import pasteable
from rollproof.sources.cross_version import facet_pair
from rollproof.sources.live import Live
from rollproof.sources.shared_objects import of_other_databases
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING, MANY

CHECK = "leftovers"

_PART = re.compile(r"^\(inherited\)|\(inherited\)$|/\* it comes with its range type \*/$")
# How people, and REINDEX CONCURRENTLY that failed, name what shall not stay.
_LOOKS = r"(?i)(?:^|_)(?:new|old|tmp|temp|temporary|bak|backup|copy|orig|ccnew\d*|ccold\d*)$|^(?:new|old|tmp|temp|bak)_|^migration_"


@dataclass(frozen=True)
class Leftover:
    """An object that was not there before; `name` is quoted and qualified, `statement` drops it."""

    facet: str
    name: str
    kind: str
    statement: str
    description: str

    @property
    def identity(self) -> str:
        """As findings and waivers name it."""
        return f"{self.name} ({self.kind})"

    @property
    def difference(self) -> Difference:
        """The finding."""
        return Difference(CHECK, self.identity, None, self.description)


def leftovers(before: Source, after: Live) -> Iterator[Leftover]:
    """Yield what was left behind, in an order in which it can be dropped.

    A column, an index or a sequence that goes with its table is not told beside it. A reference that knows no catalogue (the
    backup) cannot say what is new; then what looks temporary by its name is told. Raises `Inconclusive` at the end if
    something could not be read.
    """
    untold: list[Unknown] = []
    found = list(_in_order(_found(before, after, untold), after))
    gone = frozenset(leftover.name for leftover in found if leftover.facet in {"tables", "views", "columns"})
    constraints = frozenset(leftover.name for leftover in found if leftover.facet == "constraints")
    for leftover in found:
        if not _goes_with(leftover, gone, constraints):
            yield leftover
    if untold:
        raise Undecided((), unknown=tuple(untold))


def removal(before: Source, after: Live) -> Iterator[Finding | Statement]:
    """Yield each leftover as a finding, and the statement that would drop it."""
    for leftover in leftovers(before, after):
        yield Finding.of(leftover.difference)
        yield Statement(pasteable(leftover.statement), leftover.identity)


def _found(before: Source, after: Live, untold: list[Unknown]) -> Iterator[Leftover]:
    schemas = "schemas" if after.scope.schemas is None else "all_schemas"
    ours = sql_name(after.scope.backup_schema)
    for facet, row in facets().items():
        if not row.kinds or facet in {"schemas", "all_schemas"} - {schemas}:
            continue
        if before.unavailable(facet) and not before.unavailable("tables"):
            continue  # a restored dump holds no roles: that is "not checked" under the facet's own name
        try:
            new = _looking_temporary(facet, after) if before.unavailable("tables") else _new(facet, before, after)
        except Inconclusive as error:
            untold.append(Unknown(facet, str(error)))
            continue
        for identity, description in new.items():
            leftover = _leftover(facet, identity, description)
            if leftover and leftover.name != ours and (facet != "columns" or table_of(identity) in after.tables):
                yield leftover


def _new(facet: str, before: Source, after: Live) -> Mapping[str, str]:
    told = facet_pair(facet, before, after)
    was, now = (side.known(facet, EVERYTHING) for side in (told.before, told.after))
    known = {identity: text for identity, text in now.facts.items() if identity not in was.unknown}
    certain, _ = told.sort_out(compare(facet, was.facts, known))  # what is doubtful, the facet's own check says
    ours = [found for found in certain if not of_other_databases(facet, before, after)(found)]
    return {found.identity: found.after for found in ours if found.before is None and found.after is not None}


def _looking_temporary(facet: str, after: Live) -> Mapping[str, str]:
    if not traits(facet).temporary_names:
        return {}
    facts = after.known(facet, EVERYTHING).facts
    why = "its name looks temporary, and the reference, which holds rows alone, does not know it"
    return {
        identity: f"{text.splitlines()[0]}: {why}"
        for identity, text in facts.items()
        if re.search(_LOOKS, unquoted(names(identity.partition("(")[0])[-1]))
    }


def _leftover(facet: str, identity: str, description: str) -> Leftover | None:
    """Return the object; None if the fact is no object of its own: a membership, or what a parent hands down."""
    kind = kind_of(facet, identity, description)
    if kind is None or _PART.search(description):
        return None
    name = named(kind, identity)
    return Leftover(facet, name, kind.kind, drop_statement(kind, name), description)


def _goes_with(leftover: Leftover, gone: frozenset[str], constraints: frozenset[str]) -> bool:
    """Tell whether dropping another leftover takes this one along."""
    if traits(leftover.facet).part_of == "table" and table_of(leftover.name) in gone:
        return True
    if leftover.facet == "indexes":
        parent = re.search(rf"PARTITION OF {PATH}", leftover.description)
        return leftover.name in constraints or bool(parent)
    owner = owners_of_sequences({leftover.name: leftover.description}).get(leftover.name, "")
    return leftover.facet == "sequences" and bool({owner, table_of(owner)} & gone)


def owners_of_sequences(sequences: Mapping[str, str]) -> dict[str, str]:
    """Return the column that each of these sequences belongs to, as their facts tell it."""
    owned = {name: re.search(r"(?:OWNED BY|IDENTITY OF) (.*)$", text, re.DOTALL) for name, text in sequences.items()}
    return {name: respelled(owner[1]) for name, owner in owned.items() if owner}


def _in_order(found: Iterable[Leftover], after: Source) -> list[Leftover]:
    """Return them in the order of `catalog/facets.toml`; of one kind first what mentions others, such as a view of a view."""
    kinds = [(facet, kind.kind) for facet, row in facets().items() for kind in row.kinds]
    ranks = {kind: rank for rank, kind in enumerate(kinds)}
    groups: dict[int, list[Leftover]] = {}
    for leftover in found:
        groups.setdefault(ranks[leftover.facet, leftover.kind], []).append(leftover)
    keys: dict[str, str] = {}
    for identity, text in after.known("foreign_keys", EVERYTHING).facts.items():
        table = table_of(identity) or ""
        keys[table] = keys.get(table, "") + text.replace('\\"', '"')  # a quoted name inside JSON
    return [leftover for rank in sorted(groups) for leftover in _users_first(groups[rank], keys)]


def _users_first(group: list[Leftover], keys: Mapping[str, str]) -> list[Leftover]:
    rest = sorted(group, key=lambda leftover: leftover.name)
    if len(rest) > MANY:  # nobody drops these one by one, and each would be looked for in all others
        return rest
    texts = {leftover.name: leftover.description + keys.get(leftover.name, "") for leftover in rest}
    ordered: list[Leftover] = []
    while rest:
        present = [leftover.name for leftover in rest]
        free = [
            one for one in rest if not any(one.name in texts[other] for other in present if other != one.name)
        ] or rest
        ordered += free
        rest = [leftover for leftover in rest if leftover not in free]
    return ordered
