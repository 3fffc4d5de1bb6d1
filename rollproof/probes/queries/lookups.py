"""The plans of look-ups by keys, which nobody has to name: how the server finds a row by its primary key, or by a foreign key."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

import msgspec

from rollproof.model.errors import Inconclusive
from rollproof.model.names import requoted
from rollproof.model.query_plan import QueryPlan
from rollproof.model.snapshot import Facts
from rollproof.probes.queries.keys import LEAVES, Key, Lookup, keys, leaves, lookups
from rollproof.probes.queries.plans import explain
from rollproof.server.reader import Connection, SnapshotReader
from rollproof.settings.sections import Lookups

LOOKUPS = "lookups"
_LOCKS = 60  # of tables and indexes that one transaction takes by planning look-ups: they are kept until it ends


class _Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """A look-up as a baseline keeps it; `unknown` is why it could not be planned."""

    table: str
    columns: tuple[str, ...]
    plan: QueryPlan | None = None
    unknown: str = ""

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "table", requoted(self.table, 2))
        msgspec.structs.force_setattr(self, "columns", tuple(requoted(name, 1) for name in self.columns))
        if not self.columns or not (self.plan or self.unknown):
            raise ValueError("a look-up has columns, and a plan or the reason why there is none")

    @property
    def key(self) -> Key:
        return Key(self.table, self.columns)


@dataclass(frozen=True)
class Planned:
    """The `plan` of a look-up; `has_index`: there is an index that can find a row by it."""

    plan: QueryPlan
    has_index: bool = True


def chosen(
    view: SnapshotReader, schemas: Sequence[str], wanted: Lookups, rows: Mapping[str, int] | None = None
) -> tuple[tuple[Key, ...], dict[Key, str]]:
    """Return the keys of the largest tables of these schemas, and why others of large tables are left out.

    `rows` are known numbers of rows; where there are none the planner's hold, or the size on disk where it has none.
    """
    if not wanted.tables:
        return (), {}
    measured = rows is None
    named = None if rows is None else [table for table, number in rows.items() if number >= wanted.rows]
    found = view.ask(partial(keys, schemas=schemas, least=wanted.rows, tables=named))
    whole = sorted({key.table for key, (partitioned, _) in found.items() if partitioned})
    parts = view.ask(partial(leaves, tables=whole, measured=measured))
    large = _largest(found, parts, wanted, rows or {})
    too_many = {table for table in large if len(parts.get(table, ())) > LEAVES}
    return (
        tuple(sorted((key for key in found if key.table in large - too_many), key=str)),
        {key: f"it has more than {LEAVES} partitions" for key in found if key.table in too_many},
    )


def _largest(
    found: Mapping[Key, tuple[bool, int]],
    parts: Mapping[str, Mapping[str, int]],
    wanted: Lookups,
    rows: Mapping[str, int],
) -> set[str]:
    """Return the tables that are large enough, the largest ones of these."""
    sizes = {
        key.table: sum(rows.get(leaf, guess) for leaf, guess in parts[key.table].items())
        if key.table in parts
        else rows.get(key.table, guess)
        for key, (_, guess) in found.items()
    }
    large = [table for table in sorted(sizes, key=lambda table: (-sizes[table], table)) if sizes[table] >= wanted.rows]
    return {*large[: wanted.tables]}


def plans_of(
    view: SnapshotReader, wanted: Iterable[Key], *, analyze: bool = False
) -> tuple[dict[Key, Planned], dict[Key, str]]:
    """Return the plan of the look-up by each key whose table and columns are there, and why there is none of others.

    With `analyze` they are run, too, but for those that would call a function of a user's that nobody trusts.
    """
    known = view.ask(partial(lookups, wanted=sorted(set(wanted), key=str)))
    unknown = {key: each for key, each in known.items() if isinstance(each, str)}
    asked = [each for each in known.values() if isinstance(each, Lookup)]
    refused = view.refused(each.source for each in asked)
    unknown |= {each.key: refused[each.source] for each in asked if each.source in refused}
    found: dict[Key, Planned] = {}
    left = sorted((each for each in asked if each.source not in refused), key=lambda each: str(each.key))
    submitted = partial(_submitted, view, analyze=analyze)
    for batch, answer in [(batch, submitted(batch)) for batch in batches(left)]:
        _take(view, batch, answer, (found, unknown), analyze=analyze)
    for each in (one for one in left if one.partitioned):  # one after the other: each locks all partitions
        _take(view, [each], submitted([each]), (found, unknown), analyze=analyze)
    return found, unknown


def batches(asked: Iterable[Lookup]) -> list[list[Lookup]]:
    """Return the look-ups of plain tables, those of a few tables together: planning them takes few locks."""
    found: list[list[Lookup]] = []
    locks: dict[str, int] = {}
    for each in (one for one in asked if not one.partitioned):
        if not found or sum({**locks, each.source: each.locks}.values()) > _LOCKS:
            found, locks = [*found, []], {}
        found[-1].append(each)
        locks[each.source] = each.locks
    return found


def _submitted(view: SnapshotReader, batch: Sequence[Lookup], *, analyze: bool) -> "Future[dict[Key, Planned]]":
    run = frozenset(each.key for each in batch if analyze and (each.is_plain or view.limits.trust_functions))
    return view.submit(partial(_asked, batch=batch, run=run), reads=sorted({each.source for each in batch}))


def _asked(connection: Connection, batch: Sequence[Lookup], run: frozenset[Key]) -> dict[Key, Planned]:
    return {
        each.key: Planned(explain(connection, each.sql, analyze=each.key in run, apart=True), each.has_index)
        for each in batch
    }


def _take(
    view: SnapshotReader,
    batch: Sequence[Lookup],
    answer: "Future[dict[Key, Planned]]",
    into: tuple[dict[Key, Planned], dict[Key, str]],
    *,
    analyze: bool,
) -> None:
    """Add what was answered to the plans, or the reason to the unknown; of several look-ups each is asked again by itself."""
    found, unknown = into
    try:
        found |= answer.result()
    except Inconclusive as error:
        if len(batch) == 1:
            unknown[batch[0].key] = str(error)
            return
        view.limits.deadline.require()
        for each in batch:
            _take(view, [each], _submitted(view, [each], analyze=analyze), into, analyze=analyze)


def recorded(found: Mapping[Key, Planned], unknown: Mapping[Key, str]) -> dict[str, str]:
    """Return the plans as a baseline keeps them."""
    told = [_Kept(key.table, key.columns, each.plan) for key, each in found.items()]
    told += [_Kept(key.table, key.columns, unknown=why) for key, why in unknown.items()]
    return {str(each.key): msgspec.json.encode(each).decode() for each in told}


def lookup_of(text: str) -> _Kept:
    """Return a fact's look-up. Raises `msgspec.DecodeError`, or `Misuse` if it names something that is no name."""
    return msgspec.json.decode(text, type=_Kept)


def kept(facts: Facts) -> tuple[dict[Key, Planned], dict[Key, str]]:
    """Return the plans that a baseline keeps, and why it keeps none of others."""
    told = [lookup_of(fact) for fact in facts.values()]
    found = {each.key: Planned(each.plan) for each in told if each.plan}
    return found, {each.key: each.unknown for each in told if not each.plan}
