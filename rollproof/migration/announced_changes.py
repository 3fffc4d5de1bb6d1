"""Whether the migration did what [migration] announces: adds and drops."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from rollproof.migration.table_states import Types
from rollproof.model.compare import Difference
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.facets import facets_where
from rollproof.model.finding import Finding
from rollproof.model.names import table_of
from rollproof.probes.foreign_keys import Relationship
from rollproof.probes.leftovers import Leftover, leftovers
from rollproof.settings.sections import Migration
from rollproof.sources.live import Live
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING

CHECK = "announced"
SHOWN = 20  # names in a note

# What goes with a column or a table that it is made of or refers to.
_GO_ALONG = facets_where(lambda row: row.part_of == "table" and row.holds == "definitions") - {"columns"}
_WORD = re.compile(r'"(?:[^"]|"")*"|[\w$]+')


def belongs(identity: str, names: Collection[str]) -> bool:
    """Tell whether a fact is about one of these objects, or about a part of one."""
    return identity in names or any(identity.startswith((f"{name}.", f"{name} ", f"{name}(")) for name in names)


@dataclass(frozen=True)
class Announced:
    """The section [migration], and `gone`: the objects that it drops, with all that is dropped together with them."""

    migration: Migration
    gone: frozenset[str]

    def covers(self, facet: str, found: Difference) -> bool:
        """Tell whether a difference is one that the migration was to make."""
        if found.after is None:
            return belongs(found.identity, self.gone)
        table = table_of(found.identity) or ""
        column = found.identity.removeprefix(f"{table}.")
        return self.migration.announces(table) or (facet == "columns" and self.migration.may_write(table, column))


def announced(before: Source, migration: Migration) -> Announced:
    """Return what the configuration announces. Raises `Misuse` if it drops what the reference does not know."""
    known = [
        (facet, before.known(facet, EVERYTHING).facts)
        for facet in _GO_ALONG
        if migration.drops and not before.unavailable(facet)
    ]
    gone = {*migration.drops}
    for _, facts in known:
        gone |= {identity for identity, text in facts.items() if _goes_along(identity, text, migration.drops)}
    return Announced(migration, frozenset(gone))


def _goes_along(identity: str, text: str, drops: Iterable[str]) -> bool:
    own, words = table_of(identity), {*_WORD.findall(text)}
    for name in drops:
        table = table_of(name) or name
        mentioned = re.search(rf'(?<![\w$."]){re.escape(table)}(?![\w$"])', text)
        if name == table and mentioned:
            return True
        if name != table and name.removeprefix(f"{table}.") in words and (own == table or mentioned):
            return True
    return False


def still_meant(keys: Mapping[str, Relationship], after: Source, drops: Collection[str]) -> dict[str, Relationship]:
    """Return the foreign keys without those whose table or column was dropped on purpose, and is gone."""
    if not drops:
        return dict(keys)
    there = {*after.tables, *after.known("columns", EVERYTHING).facts}
    gone = {name for name in drops if name not in there}
    return {name: key for name, key in keys.items() if not gone & _parts(key)}


def _parts(key: Relationship) -> set[str]:
    columns = {f"{key.table}.{column}" for column in key.columns}
    return columns | {f"{key.references}.{column}" for column in key.referenced_columns} | {key.table, key.references}


def additions(before: Source, after: Live) -> tuple[list[Leftover], str | None]:
    """Return the objects that are new, and why some may be missing here."""
    found = leftovers(before, after)
    new: list[Leftover] = []
    try:
        new.extend(found)
    except Inconclusive as error:
        return new, str(error)
    return new, None


def notes(new: Iterable[Leftover], was: Types, now: Types) -> Iterator[str]:
    """Yield a sentence about what is new, and one about the columns whose type changed."""
    turned = [
        f"{table}.{column} ({type_} to {is_now})"
        for table, columns in sorted(was.items())
        for column, type_ in sorted(columns.items())
        if (is_now := now.get(table, {}).get(column, type_)) != type_
    ]
    told = (
        ("new since the reference, which is no loss", [leftover.identity for leftover in new]),
        ("of another type than in the reference", turned),
    )
    for what, names in told:
        if names:
            more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
            yield f"{what}: {', '.join(names[:SHOWN])}{more}"


def flaws(before: Source, after: Live, migration: Migration) -> Iterator[Finding]:
    """Yield what is announced and did not happen. Raises `Misuse` if what is dropped was never there."""
    was, now = _identities(before), _identities(after)
    if strangers := [name for name in migration.drops if not any(belongs(identity, [name]) for identity in was)]:
        raise Misuse(f"[migration] drops: the reference knows no {' and no '.join(strangers)}")
    for name in migration.adds:
        if not any(belongs(identity, [name]) for identity in now):
            yield Finding(
                CHECK, name, "added", "not there", f"{name} is not there, and [migration] announces that it is added"
            )
    for name in migration.drops:
        if name in now:
            yield Finding(
                CHECK, name, "dropped", "there", f"{name} is still there, and [migration] announces that it is dropped"
            )


def unannounced(new: Iterable[Leftover], migration: Migration) -> Iterator[Finding]:
    """Yield what is new and not announced, where the configuration announces what is new at all."""
    for leftover in new:
        if migration.adds and not belongs(leftover.name, migration.adds):
            sentence = f"{leftover.identity} is new, and [migration] does not announce it"
            yield Finding(CHECK, leftover.identity, "announced", "new", sentence, heals=True)


def _identities(side: Source) -> set[str]:
    facets = side.recorded
    return {identity for facts in facets.values() for identity in facts}
