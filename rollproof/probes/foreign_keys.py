"""Orphans: rows whose foreign key has no parent row, for every key that is, was, or should be there."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

import msgspec
import psycopg

from rollproof.model.errors import Inconclusive
from rollproof.model.finding import Finding
from rollproof.model.names import WORD, requoted, respelled
from rollproof.probes.column_equality import USUAL, ColumnPair, equal
from rollproof.rows.paced_scan import Answers, Ask, in_turn
from rollproof.rows.scan import PAGE, SMALL, Scan
from rollproof.rows.tables import Relation
from rollproof.server.reader import Connection, SnapshotReader, reason
from rollproof.server.sqlstates import server_message
from rollproof.settings.sections import ForeignKey
from rollproof.sources.table_groups import TableGroup

TOGETHER = 25  # foreign keys between small tables that one transaction asks about; each locks two of them
EVIDENCE = 5  # keys shown of the rows without a parent row

_Counted = tuple[int, tuple[str, ...]]

# Whose rows have places in pages, and the first columns of indexes by which a row of them is found.
_KNOWN = """
SELECT wanted.name, c.oid::int8, c.relkind IN ('r', 'm') AND am.amname = 'heap',
       ARRAY(SELECT quote_ident(a.attname) FROM pg_catalog.pg_index AS i
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
             WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL)
FROM unnest($1::text[]) AS wanted (name)
JOIN pg_catalog.pg_class AS c ON c.oid = to_regclass(wanted.name)
LEFT JOIN pg_catalog.pg_am AS am ON am.oid = c.relam
"""


_SMALL = b"""
SELECT wanted.name
FROM unnest($1::text[]) AS wanted (name)
JOIN pg_catalog.pg_class AS c ON c.oid = to_regclass(wanted.name)
WHERE c.relkind = 'r' AND pg_relation_size(c.oid) <= $2::int8
"""

_OPERATOR = re.compile(rf"OPERATOR\({WORD}\.[-+*/<>=~!@#%^&|`?]+\)")


class Relationship(msgspec.Struct, frozen=True):
    """One foreign key as `sql/foreign_keys.sql` describes it; all names are quoted."""

    table: str
    columns: tuple[str, ...]
    references: str
    referenced_columns: tuple[str, ...]
    match: str = "simple"
    child_only: bool = True
    parent_only: bool = True
    period: bool = False
    equality: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in ("table", "references"):
            msgspec.structs.force_setattr(self, field, requoted(getattr(self, field), 2))
        for field in ("columns", "referenced_columns"):
            msgspec.structs.force_setattr(self, field, tuple(requoted(name, 1) for name in getattr(self, field)))
        if not len(self.columns) == len(self.referenced_columns) == len(self.equality or self.columns) > 0:
            raise ValueError("a foreign key has as many columns as it refers to, and at least one")
        if strange := [each for each in self.equality if not _OPERATOR.fullmatch(each) or re.search(r"--|/\*", each)]:
            raise ValueError(f"{strange[0]!r} is not an operator with its schema")

    def __str__(self) -> str:
        return f"({', '.join(self.columns)}) references {self.references} ({', '.join(self.referenced_columns)})"


def relationships(
    recorded: Iterable[Mapping[str, str]], configured: Iterable[ForeignKey] = ()
) -> dict[str, Relationship]:
    """Return every key by identity: from `foreign_keys` facts (the later ones win) and from the configuration."""
    found: dict[str, Relationship] = {}
    for facts in recorded:
        found |= {identity: key_of(text) for identity, text in facts.items()}
    for key in configured:
        identity = f"{key.table} ({', '.join(key.columns)})"
        # A table that is not inherited from gives the same rows without ONLY; a partitioned one gives them only so.
        found[identity] = Relationship(
            key.table, key.columns, key.references, key.referenced_columns, child_only=False, parent_only=False
        )
    return found


def key_of(text: str) -> Relationship:
    """Return a fact's key. Raises `msgspec.DecodeError`, or `Misuse` if it names something that is no name."""
    return msgspec.json.decode(text, type=Relationship)


def compared(key: Relationship) -> list[ColumnPair]:
    """Return the pairs of columns that a foreign key compares: of `p`, the referenced table, and of `c`, the referring one."""
    equality = key.equality or (USUAL,) * len(key.columns)
    return [
        ColumnPair((key.references, parent), (key.table, child), (f"p.{parent}", f"c.{child}"), equals)
        for child, parent, equals in zip(key.columns, key.referenced_columns, equality, strict=True)
    ]


def query(key: Relationship, places: str = "", conditions: Iterable[str] = ()) -> str:
    """Return the anti-join that finds the rows of `table` without a parent row, by PostgreSQL's own rules.

    `places` is a condition on where the rows of the table, as c, are; `conditions` say when the columns are equal, where it is
    not by the key's own operators.

    MATCH SIMPLE: a row with any NULL in the key refers to nothing and is fine. MATCH FULL: all NULL is fine, some is not.
    """
    same = " AND ".join(conditions or map(str, compared(key)))
    child, parent = sources(key)
    filled = [f"c.{column} IS NOT NULL" for column in key.columns]
    broken = f"{' AND '.join(filled)} AND NOT EXISTS (SELECT FROM {parent} AS p WHERE {same})"
    if key.match == "full":
        broken = f"({broken}) OR (({' OR '.join(filled)}) AND NOT ({' AND '.join(filled)}))"
    return f"FROM {child} AS c WHERE {f'{places} AND ({broken})' if places else broken}"


def sources(key: Relationship) -> tuple[str, str]:
    """Return the tables that a key is about, as they stand in FROM."""
    return f"{_only(key.child_only)}{key.table}", f"{_only(key.parent_only)}{key.references}"


def _only(wanted: bool) -> str:  # noqa: FBT001 (a word of SQL or none)
    return "ONLY " if wanted else ""


def count(connection: Connection, key: Relationship, places: str = "") -> tuple[int, tuple[str, ...]]:
    """Return how many rows have no parent row, and the referring values of up to `EVIDENCE` of them."""
    text = f"pg_catalog.concat_ws(', ', {', '.join(f'c.{column}' for column in key.columns)})"
    same = equal(connection, compared(key))
    sql = f"SELECT pg_catalog.count(*), (pg_catalog.array_agg({text}))[1:{EVIDENCE}] {query(key, places, same)}"
    found, keys = connection.execute(sql.encode()).fetchone() or (0, None)
    return int(str(found)), tuple(keys or ())  # type: ignore[arg-type] # an array of text


class Orphans:
    """The anti-joins of many foreign keys, run in the background; `of` waits only for those of its tables."""

    def __init__(self, view: SnapshotReader, keys: Mapping[str, Relationship]) -> None:
        self.keys = keys
        self._view = view
        self._asked: dict[str, Future[Answers[dict[str, _Counted]]]] = {}
        self._together: frozenset[str] = frozenset()  # those that share a question

    def begin(self) -> None:
        """Begin all anti-joins. The second time does nothing."""
        if not self._asked:
            known = self._view.ask(partial(_known, keys=self.keys.values())) if self._view.pace else {}
            groups = [*self._groups()]
            wanted = [(_scan([self.keys[name] for name in group], known), self._ask(group)) for group in groups]
            for group, answer in zip(groups, in_turn(self._view, wanted), strict=True):
                self._asked |= dict.fromkeys(group, answer)

    def _groups(self) -> Iterator[list[str]]:
        """Yield the identities of keys that one question is about: several of small tables, for each costs a dozen round trips."""
        few = [] if self._view.pace else self._of_small_tables()
        self._together = frozenset(few)
        yield from (few[start : start + TOGETHER] for start in range(0, len(few), TOGETHER))
        yield from ([name] for name in self.keys.keys() - {*few})

    def _of_small_tables(self) -> list[str]:
        named = {name: {key.table, key.references} for name, key in self.keys.items() if not key.period}
        try:
            small = (
                self._view.ask(partial(_small, names=sorted(set().union(*named.values())))) if named else frozenset()
            )
        except Inconclusive:  # one of them is locked; each is asked about alone
            return []
        return sorted(name for name, tables in named.items() if tables <= small)

    def _ask(self, group: Sequence[str]) -> Ask[dict[str, _Counted]]:
        def ask(connection: Connection, places: str) -> dict[str, _Counted]:
            try:
                return {name: _count(connection, self.keys[name], self._view.role, places) for name in group}
            except Inconclusive:
                if len(group) > 1 and not connection.closed:
                    return {}  # one of them cannot be asked about: each will be, alone
                raise

        return lambda part: partial(ask, places=part.places("c"))

    def _parts(self, name: str) -> list[_Counted]:
        """Return what each part of the question about a key came to. Raises `Inconclusive` if it could not be asked."""
        try:
            told = [part[name] for _, part in self._asked[name].result() if name in part]
        except Inconclusive:
            if name not in self._together:
                raise
            told = []  # it may be a table of another key that is not to be read
        if told or name not in self._together:
            return told
        (alone,) = in_turn(self._view, [(_scan([self.keys[name]], {}), self._ask([name]))])
        return [part[name] for _, part in alone.result()]

    def of(self, group: TableGroup) -> Iterator[Finding]:
        """Yield a finding for each foreign key of these tables that some rows violate.

        Raises `Inconclusive` at the end if a key could not be asked about.
        """
        self.begin()
        wanted = set(group.of({key.table for key in self.keys.values()}))
        untold = []
        for identity in sorted(identity for identity, key in self.keys.items() if key.table in wanted):
            try:
                parts = self._parts(identity)
            except Inconclusive as error:
                untold.append(str(error))
                continue
            found, keys = sum(part for part, _ in parts), [key for _, some in parts for key in some][:EVIDENCE]
            if found:
                yield _orphans(identity, self.keys[identity], found, keys)
        if untold:
            raise Inconclusive("\n".join(untold))


def _orphans(identity: str, key: Relationship, found: int, keys: Sequence[str]) -> Finding:
    rows, have = ("1 row", "has") if found == 1 else (f"{found:,} rows", "have")
    values = ", ".join(dict.fromkeys(keys)) + (", …" if found > len(keys) else "")
    sentence = f"{rows} of {key.table} {have} no parent row: {key}; values: {values}"
    return Finding("orphans", identity, str(key), f"{rows} without a parent row: {values}", sentence)


def _count(connection: Connection, key: Relationship, role: str, places: str) -> _Counted:
    if key.period:
        raise Inconclusive(f"{key.table} {key}: keys with PERIOD are not read by this version")
    try:
        return count(connection, key, places)
    except psycopg.errors.UndefinedFunction as error:  # varchar = uuid: half of the key was restored
        raise Inconclusive(f"{key.table} {key}: the two sides have types that cannot be compared") from error
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        raise Inconclusive(f"{key.table} {key}: {server_message(error)}") from error
    except psycopg.Error as error:
        raise Inconclusive(f"{key.table} {key}: {reason(error, role, key.table)}") from error


@dataclass(frozen=True)
class _Table:
    """What decides whether an anti-join may be asked in parts."""

    oid: int
    heap: bool
    indexed: frozenset[str]


def _known(connection: Connection, keys: Iterable[Relationship]) -> dict[str, _Table]:
    names = sorted({name for key in keys for name in (key.table, key.references)})
    found = connection.execute(_KNOWN.encode(), (names,)).fetchall()
    return {
        str(name): _Table(int(str(oid)), bool(heap), frozenset(map(respelled, columns)))  # type: ignore[call-overload] # texts
        for name, oid, heap, columns in found
    }


def _small(connection: Connection, names: list[str]) -> frozenset[str]:
    """Return those of the tables that are small. Raises what the server raises, as for a locked one."""
    return frozenset(str(name) for (name,) in connection.execute(_SMALL, (names, SMALL * PAGE)).fetchall())


def _scan(keys: Sequence[Relationship], known: Mapping[str, _Table]) -> Scan:
    """Return the rows that refer. In parts only where each finds its own by an index: else it would read the other table whole."""
    key, reads = keys[0], tuple(dict.fromkeys(name for key in keys for name in sources(key)))
    child, parent = known.get(key.table), known.get(key.references)
    in_parts = child and parent and child.heap and key.child_only and parent.indexed & {*key.referenced_columns}
    return Scan((Relation(key.table, (), 0, child.oid if child else 0, heap=bool(in_parts)),), 0, reads=reads)
