"""How tables lie in storage, as the catalogue tells it: the visibility map, bloat, the age of transactions. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import msgspec

from rollproof.model.amounts import size
from rollproof.model.finding import Finding, Statement
from rollproof.model.names import sql_name
from rollproof.model.printable_sql import pasteable
from rollproof.model.snapshot import Facts

FACET = "storage"
DATABASE = "this (database)"
BIG = 1_000
"""Pages, 8 MB of them: a smaller table is read in no time, however it lies."""
_VISIBLE, _LOST = 0.5, 0.1  # parts of a table that were all-visible, and that are no more
_TIMES, _MORE = 2, 100 * 10**6  # a table that takes twice the room for its rows, and so many bytes more
_URGENT, _LAST = 1_200, 2_100  # million transactions; at 1,600 PostgreSQL hurries, at the last it takes no writes
_AGES = (("age", "freezes_at", "transactions"), ("multixact_age", "multixact_freezes_at", "multixacts"))


class TableStorage(msgspec.Struct, frozen=True):
    """A table as `sql/storage.sql` describes it: ages in millions, `rows` -1 where nobody has counted them since it was filled."""

    pages: int
    toast: int
    visible: int
    rows: int
    age: int
    multixact_age: int


class DatabaseStorage(msgspec.Struct, frozen=True):
    """The database: the age of its oldest table, from which on the server freezes by itself (millions), and the bytes of a page."""

    age: int
    multixact_age: int
    freezes_at: int
    multixact_freezes_at: int
    page: int


def described(text: str) -> TableStorage | DatabaseStorage:
    """Return what a description tells. Raises `ValueError` if it tells nothing."""
    try:
        return msgspec.json.decode(text, type=TableStorage)
    except msgspec.ValidationError:
        return msgspec.json.decode(text, type=DatabaseStorage)


@dataclass(frozen=True)
class Storage:
    """The facts of one side."""

    facts: Facts

    @cached_property
    def tables(self) -> Mapping[str, TableStorage]:
        """Each table with rows of its own."""
        told = {name: described(text) for name, text in self.facts.items() if name != DATABASE}
        return {name: each for name, each in told.items() if isinstance(each, TableStorage)}

    @cached_property
    def database(self) -> DatabaseStorage | None:
        """The database; None in the facts of nothing."""
        told = described(self.facts[DATABASE]) if DATABASE in self.facts else None
        return told if isinstance(told, DatabaseStorage) else None


def invisible(was: Storage, now: Storage) -> Iterator[Finding | Statement]:
    """Yield each big table whose pages were known to be all-visible, and are not any more."""
    for table, before in sorted(was.tables.items()):
        after = now.tables.get(table)
        if after is None or after.rows == 0 or before.pages < BIG or before.visible < _VISIBLE * before.pages:
            continue
        if after.visible < _LOST * max(after.pages, BIG):
            told = f"{after.visible:,} of {after.pages:,} pages" if after.pages else "none"
            known = f"{before.visible:,} of {before.pages:,} pages"
            sentence = (
                f"the visibility map of {table} is empty: {told} all-visible, where it was {known}; "
                "index-only scans read the table as well"
            )
            yield Finding("visibility_map", table, f"{known} all-visible", f"{told} all-visible", sentence, heals=True)
            yield Statement(pasteable(f"VACUUM (ANALYZE) {table};"), table)


def bloated(was: Storage, now: Storage) -> Iterator[Finding | Statement]:
    """Yield each table that takes at least twice the room for its rows, and 100 MB more; only counted pages are believed."""
    page = now.database.page if now.database else 8192
    for table, before in sorted(was.tables.items()):
        after = now.tables.get(table)
        if after is None or min(before.rows, after.rows) < 0 or not before.pages:
            continue
        least = (before.pages + before.toast) * max(1.0, after.rows / max(before.rows, 1))
        takes = after.pages + after.toast
        if takes >= _TIMES * least and (takes - least) * page >= _MORE:
            took, room = size(round(least) * page), size(takes * page)
            sentence = f"{table} takes {room} for {after.rows:,} rows, which took {took} before"
            yield Finding("bloat", table, took, room, sentence, heals=True)
            yield from (Statement(pasteable(line), table) for line in _smaller(table, room))


def _smaller(table: str, room: str) -> Iterator[str]:
    yield f"VACUUM (ANALYZE) {table};"
    yield (
        f"-- VACUUM FULL {table};  -- gives {room} back, but nobody reads or writes the table meanwhile (ACCESS EXCLUSIVE), "
        "and it needs the room for a copy; pg_repack does it without such a lock"
    )


def old(was: Storage, now: Storage, name: str) -> Iterator[Finding | Statement]:
    """Yield each table whose oldest transactions are due to be frozen, unless it was so before and is not urgent.

    The database, of this raw `name`, is told where no table that is looked at explains its age.
    """
    if now.database is None:
        return
    limits = now.database
    before: Mapping[str, TableStorage | DatabaseStorage] = was.tables
    told = [
        each for table, after in sorted(now.tables.items()) if (each := _aged(table, before.get(table), after, limits))
    ]
    for table, sentence, due in told:
        yield Finding("wraparound", table, f"less than {due}", sentence.partition(" is ")[2], sentence, heals=True)
        yield Statement(pasteable(f"VACUUM (FREEZE, ANALYZE) {table};"), table)
    if not told and (found := _aged(DATABASE, was.database, limits, limits)):
        _, sentence, due = found
        yield Finding("wraparound", DATABASE, f"less than {due}", sentence.partition(" is ")[2], sentence, heals=True)
        yield Statement(
            pasteable(
                f"-- in {sql_name(name)}, as its owner or a superuser: VACUUM (FREEZE);  -- all tables, the system's too"
            ),
            DATABASE,
        )


def _aged(
    name: str,
    before: TableStorage | DatabaseStorage | None,
    after: TableStorage | DatabaseStorage,
    limits: DatabaseStorage,
) -> tuple[str, str, str] | None:
    """Return the name, a sentence on its age, and from which age on it is due; None if there is nothing to say."""
    for age, due, noun in _AGES:
        now, most = getattr(after, age), getattr(limits, due)
        level = _level(now, most)
        if level and (level > 1 or before is None or not _level(getattr(before, age), most)):
            left = f"; PostgreSQL takes no writes after {max(0, _LAST - now):,} million more" if level > 1 else ""
            sentence = f"{name} is {now:,} million {noun} old, and is due to be frozen from {most:,} million on{left}"
            return name, sentence, f"{most:,} million {noun}"
    return None


def _level(age: int, due: int) -> int:
    """Return how bad an age is: 0 for nothing, 1 for due, 2 for urgent."""
    return 2 if age >= _URGENT else int(age > due)
