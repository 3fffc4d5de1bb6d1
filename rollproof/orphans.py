"""Rows whose foreign key leads nowhere, for every key that is, was, or should be there."""

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future

import msgspec
import psycopg

from rollproof.compare import Difference
from rollproof.configuration import ForeignKey
from rollproof.errors import CannotTell
from rollproof.session import Connection, View, reason
from rollproof.sides import Owner
from rollproof.spelling import WORD, requoted

EVIDENCE = 5  # keys shown of the rows that lead nowhere


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


def query(key: Relationship) -> str:
    """Return the anti-join that finds the rows of `table` that refer to nothing, as PostgreSQL itself would judge them.

    MATCH SIMPLE: a row with any NULL in the key refers to nothing and is fine. MATCH FULL: all NULL is fine, some is not.
    """
    equality = key.equality or ("OPERATOR(pg_catalog.=)",) * len(key.columns)
    pairs = zip(key.columns, key.referenced_columns, equality, strict=True)
    same = " AND ".join(f"p.{parent} {equals} c.{child}" for child, parent, equals in pairs)
    filled = [f"c.{column} IS NOT NULL" for column in key.columns]
    broken = f"{' AND '.join(filled)} AND NOT EXISTS (SELECT FROM {_only(key.parent_only)}{key.references} AS p WHERE {same})"
    if key.match == "full":
        broken = f"({broken}) OR (({' OR '.join(filled)}) AND NOT ({' AND '.join(filled)}))"
    return f"FROM {_only(key.child_only)}{key.table} AS c WHERE {broken}"


def _only(wanted: bool) -> str:  # noqa: FBT001 (a word of SQL or none)
    return "ONLY " if wanted else ""


def count(connection: Connection, key: Relationship) -> tuple[int, tuple[str, ...]]:
    """Return how many rows refer to nothing, and the referring values of up to `EVIDENCE` of them."""
    text = f"pg_catalog.concat_ws(', ', {', '.join(f'c.{column}' for column in key.columns)})"
    sql = f"SELECT pg_catalog.count(*), (pg_catalog.array_agg({text}))[1:{EVIDENCE}] " + query(key)
    found, keys = connection.execute(sql.encode()).fetchone() or (0, None)
    return int(str(found)), tuple(keys or ())  # type: ignore[arg-type] # an array of text


class Orphans:
    """The anti-joins of many keys, asked behind the scenes; ask for one table's and wait only for them."""

    def __init__(self, view: View, keys: Mapping[str, Relationship]) -> None:
        self.keys = keys
        self._view = view
        self._asked: dict[str, Future[tuple[int, tuple[str, ...]]]] = {}

    def begin(self) -> None:
        """Begin all anti-joins. The second time does nothing."""
        if not self._asked:
            self._asked = {
                identity: self._view.submit(
                    lambda connection, key=key: _count(connection, key, self._view.role),  # type: ignore[misc]
                    patient=True,
                )
                for identity, key in self.keys.items()
            }

    def of(self, owner: Owner) -> Iterator[Difference]:
        """Yield one difference for each key of the owner's tables that some row breaks.

        Raises `CannotTell` at the end if a key could not be asked about.
        """
        self.begin()
        wanted = set(owner.of({key.table for key in self.keys.values()}))
        untold = []
        for identity in sorted(identity for identity, key in self.keys.items() if key.table in wanted):
            try:
                found, keys = self._asked[identity].result()
            except CannotTell as error:
                untold.append(str(error))
                continue
            if found:
                shown = ", ".join(keys) + (", …" if found > len(keys) else "")
                rows = "1 row leads" if found == 1 else f"{found:,} rows lead"
                yield Difference(
                    "orphans", identity, f"{self.keys[identity]}, in every row", f"{rows} nowhere: {shown}"
                )
        if untold:
            raise CannotTell("\n".join(untold))


def _count(connection: Connection, key: Relationship, role: str) -> tuple[int, tuple[str, ...]]:
    if key.period:
        raise CannotTell(f"{key.table} {key}: keys with PERIOD are not read by this version")
    try:
        return count(connection, key)
    except psycopg.errors.UndefinedFunction as error:  # varchar = uuid: half of the key was restored
        raise CannotTell(f"{key.table} {key}: the two sides have types that cannot be compared") from error
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        raise CannotTell(f"{key.table} {key}: {error.diag.message_primary}") from error
    except psycopg.Error as error:
        raise CannotTell(f"{key.table} {key}: {reason(error, role, key.table)}") from error
