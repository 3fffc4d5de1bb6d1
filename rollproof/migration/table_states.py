"""The state of each table by the types of its columns: original, migrated, mixed, or missing."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from rollproof.backup.copies import Copies
from rollproof.catalog.queries import queries
from rollproof.model.descriptions import type_of
from rollproof.model.errors import Misuse
from rollproof.model.finding import Finding
from rollproof.model.names import table_of
from rollproof.model.phase import TableState
from rollproof.probes.foreign_keys import Relationship
from rollproof.settings.sections import Migration
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING

CHECK = "table_states"
ORIGINAL, MIGRATED, MIXED, MISSING = "original", "migrated", "mixed", "missing"

Types = Mapping[str, Mapping[str, str]]  # table → column → type, the names quoted


@dataclass(frozen=True)
class State:
    """One table's state; `wanted` says that the migration is to change it, `odd` that some type is neither old nor new."""

    word: str
    wanted: bool
    detail: str = ""
    odd: bool = False

    def __str__(self) -> str:
        return f"{self.word}: {self.detail}" if self.detail else self.word


def types_of(side: Source) -> dict[str, dict[str, str]]:
    """Return the types of the columns of the side's tables. Raises `Inconclusive` if it does not know its columns."""
    return _sorted_in({table: table for table in side.tables}, side.known("columns", EVERYTHING).facts)


def types_of_copies(copies: Copies) -> dict[str, dict[str, str]]:
    """Return the same for the tables that have a copy, as the copies have them."""
    query = queries(copies.view.version)["columns"]
    rows = copies.view.ask(lambda connection: connection.execute(query.encode(), ([copies.schema],)).fetchall())
    names = {copy.name: table for table in copies.tables if (copy := copies.copy_of(table))}
    return _sorted_in(names, {str(identity): str(text) for identity, text in rows})


def types_on_both(before: Source, after: Source, copies: Copies) -> tuple[Types, Types]:
    """Return the types before and now, by table and column; a backup that is the reference knows types too."""
    return types_of_copies(copies) if before.unavailable("columns") else types_of(before), types_of(after)


def _sorted_in(names: Mapping[str, str], columns: Mapping[str, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {table: {} for table in names.values()}
    for identity, text in columns.items():
        table = table_of(identity) or ""
        if table in names:
            found[names[table]][identity.removeprefix(f"{table}.")] = type_of(text).partition(" COLLATE ")[0]
    return found


def without(was: Types, now: Types, drops: Collection[str]) -> dict[str, dict[str, str]]:
    """Return the types before without the tables and columns that were dropped on purpose."""
    return {
        table: {
            name: type_
            for name, type_ in columns.items()
            if name in now.get(table, {}) or f"{table}.{name}" not in drops
        }
        for table, columns in was.items()
        if table in now or table not in drops
    }


def wanted(was: Types, now: Types, keys: Iterable[Relationship], migration: Migration) -> frozenset[tuple[str, str]]:
    """Return the columns (table, column) whose types the migration is to change.

    They are those of the configured types; of columns that are named one by one also those that changed, and without
    configured types those of a type that changed somewhere: the others are only written to. Without any configuration they
    are those that changed, and what is tied to one of these by a foreign key. Raises `Misuse` if the configuration names
    what was not there.
    """
    every = {(table, column) for table, columns in was.items() for column in columns}
    changed = {
        (table, column)
        for table, column in every
        if was[table][column] != now.get(table, {}).get(column, was[table][column])
    }
    if migration.columns:
        turning = set(migration.turns) or {was[table][column] for table, column in changed}
        named = _named(every, now, migration) & every
        meant = {each for each in named if each in changed or was[each[0]][each[1]] in turning}
        return frozenset(meant | {(table, column) for table, column in changed if migration.announces(table)})
    if migration.turns:
        return frozenset().union(*(_of_type(was, kind, migration.tables or tuple(was)) for kind in migration.turns))
    return _tied(changed, keys, every)


def _named(every: set[tuple[str, str]], now: Types, migration: Migration) -> set[tuple[str, str]]:
    named = {(table_of(name) or "", name.removeprefix(f"{table_of(name)}.")) for name in migration.columns}
    known = every | {(table, column) for table, columns in now.items() for column in columns}
    told = {*migration.adds, *migration.drops}
    if strangers := {each for each in named - known if not {each[0], ".".join(each)} & told}:
        raise Misuse(f"[migration] columns: the reference knows no {' and no '.join(sorted(map('.'.join, strangers)))}")
    return named


def _of_type(was: Types, kind: str, tables: Iterable[str]) -> frozenset[tuple[str, str]]:
    found = frozenset(
        (table, column) for table in tables for column, type_ in was.get(table, {}).items() if type_ == kind
    )
    if not found:
        known = sorted({type_ for table in tables for type_ in was.get(table, {}).values()})
        raise Misuse(
            f"[migration] types: no column was {kind}; as PostgreSQL spells them, the types are {', '.join(known)}"
        )
    return found


def _tied(
    changed: set[tuple[str, str]], keys: Iterable[Relationship], every: set[tuple[str, str]]
) -> frozenset[tuple[str, str]]:
    pairs = [
        ((key.table, child), (key.references, parent))
        for key in keys
        for child, parent in zip(key.columns, key.referenced_columns, strict=True)
    ]
    found, before = set(changed), None
    while before != found:
        before = set(found)
        for child, parent in pairs:
            if child in found or parent in found:
                found |= {child, parent}
    return frozenset(found & every)


def states(was: Types, now: Types, columns: frozenset[tuple[str, str]], migration: Migration) -> dict[str, State]:
    """Return the state of every table of the reference; `columns` are those that the migration is to change."""
    named: dict[str, set[str]] = {}
    for table, column in columns:
        named.setdefault(table, set()).add(column)
    return {table: _state(was[table], now.get(table), named.get(table, set()), migration) for table in was}


def _state(was: Mapping[str, str], now: Mapping[str, str] | None, wanted: set[str], migration: Migration) -> State:
    if now is None:
        return State(MISSING, bool(wanted))
    old, new, odd = [], [], []
    for column, type_ in sorted(was.items()):
        is_now = now.get(column, "not there")
        if is_now == type_:
            old += [column] if column in wanted else []
        elif column in wanted and column in now and migration.turns.get(type_, is_now) == is_now:
            new.append(f"{column} is {is_now}, was {type_}")
        else:
            odd.append(f"{column} is {is_now}, was {type_}")
    if not new and not odd:
        return State(ORIGINAL, bool(wanted))
    still = [f"{column} is still {was[column]}" for column in old]
    return State(MIXED if old or odd else MIGRATED, bool(wanted), ", ".join([*odd, *new, *still]), bool(odd))


def flaws(found: Mapping[str, State], tables: Iterable[str], wanted: TableState) -> Iterator[Finding]:
    """Yield each table that is not in the state that is wanted.

    Before a rollback any mixture can be undone, but not a table that is gone, or that has a type of another origin.
    """
    for table in sorted(found.keys() & set(tables)):
        state = found[table]
        if wanted == "either":
            expected = f"{ORIGINAL}, {MIGRATED}, or between them"
            wrong = state.odd or state.word == MISSING
        else:
            expected = MIGRATED if wanted == "migrated" and state.wanted else ORIGINAL
            wrong = state.word != expected
        if wrong:
            yield Finding(CHECK, table, expected, str(state), f"{table} {_wrong(state, expected)}")


def _wrong(state: State, expected: str) -> str:
    if state.word == MISSING:
        return "is missing"
    if state.word == ORIGINAL:
        return "is not migrated: its columns have their original types"
    if state.odd:
        return f"has a column that is neither original nor migrated: {state.detail}"
    if state.word == MIXED:
        return f"is migrated in part: {state.detail}"
    return f"is migrated, and should be {expected}: {state.detail}"
