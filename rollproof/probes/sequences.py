"""Whether the next value of each sequence lies beyond the values of the columns that take theirs from it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial

import msgspec
import psycopg

from rollproof.catalog.capture import UNKNOWN
from rollproof.catalog.queries import queries
from rollproof.model.errors import Inconclusive
from rollproof.model.failure import Undecided
from rollproof.model.finding import Finding, Statement, Unknown
from rollproof.model.names import requoted, schema_of, unquoted
from rollproof.model.printable_sql import pasteable
from rollproof.server.planning_guard import NotRead
from rollproof.server.reader import Connection, SnapshotReader, one, reason
from rollproof.server.relation_identity import replaced
from rollproof.sources.live import Live
from rollproof.sources.source import CONTENT, Source
from rollproof.sources.table_groups import EVERYTHING, TableGroup

AT_ONCE = 100  # tables that one transaction reads
# A column that has a type of a user's by now draws no numbers, and its greatest value may be for a user's function to say.
_OTHER = """
WITH RECURSIVE typed AS (
    SELECT asked.relation, asked.attribute, a.atttypid AS oid
    FROM unnest($1::text[], $2::text[]) AS asked (relation, attribute)
    JOIN pg_catalog.pg_attribute AS a
      ON a.attrelid = to_regclass(asked.relation)::oid AND a.attname = asked.attribute AND NOT a.attisdropped
    UNION ALL
    SELECT typed.relation, typed.attribute, t.typbasetype
    FROM typed
    JOIN pg_catalog.pg_type AS t ON t.oid = typed.oid AND t.typtype = 'd'
)
SELECT typed.relation, typed.attribute
FROM typed
JOIN pg_catalog.pg_type AS t ON t.oid = typed.oid AND t.typtype <> 'd' AND t.oid >= 16384
"""
_GONE = (  # the table, the column or its type is not what it was: the news of other checks
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.CannotCoerce,
    psycopg.errors.InvalidTextRepresentation,
)


class SequenceColumn(msgspec.Struct, frozen=True):
    """A column that draws from a sequence, as `sql/sequence_columns.sql` describes it; all names are quoted."""

    table: str
    column: str
    sequence: str
    increment: int
    direct: bool = False  # a baseline that does not say so is no witness; the subject says it of what it still has
    only: bool = True

    def __post_init__(self) -> None:
        for field, parts in (("table", 2), ("column", 1), ("sequence", 2)):
            msgspec.structs.force_setattr(self, field, requoted(getattr(self, field), parts))

    @property
    def query(self) -> str:
        """Asks for the value in use that lies furthest on; an index of the column answers it at once."""
        furthest = "max" if self.increment > 0 else "min"
        return f"SELECT {furthest}({self.column})::numeric FROM {self.source}"

    @property
    def source(self) -> str:
        """Its table, as it stands in FROM."""
        return f"{'ONLY ' * self.only}{self.table}"


def sequence_columns(sides: Iterable[Source], group: TableGroup) -> dict[str, SequenceColumn]:
    """Return the columns that draw directly, by identity: those of the reference and those of the subject, which wins."""
    found: dict[str, str] = {}
    for side in sides:
        if not side.unavailable("sequence_columns"):
            found |= side.known("sequence_columns", group).facts
    columns = {identity: sequence_column_of(text) for identity, text in sorted(found.items())}
    return {identity: draw for identity, draw in columns.items() if draw.direct}


Furthest = Mapping[SequenceColumn, int | Inconclusive | None]


def sequence_column_of(text: str) -> SequenceColumn:
    """Return a fact's column. Raises `msgspec.DecodeError`, or `Misuse` if it names something that is no name."""
    return msgspec.json.decode(text, type=SequenceColumn)


def values_in_use(before: Source, after: Live) -> Furthest:
    """Return the furthest value of each column that draws from a sequence: None where there is none, else why it cannot be read."""
    return _furthest(after, after.view, list(sequence_columns((before, after), EVERYTHING).values()))


def behind(
    before: Source, after: Live, group: TableGroup = EVERYTHING, values: Furthest | None = None
) -> Iterator[Finding | Statement]:
    """Yield each column whose sequence will give a value that is in use, or that lies before one, and what sets it further on.

    What the reference shows as well is no difference, if the column drew from that sequence there: a live one is asked the
    same, and a baseline is a witness where both the rows and the sequence are as they were. `values` are those in use, if they
    are known. Raises `Inconclusive` at the end if something could not be read.
    """
    mine = sequence_columns((before, after), group)
    furthest = _furthest(after, after.view, list(mine.values())) if values is None else values
    untold = []
    for identity, draw in mine.items():
        try:
            yield from _told(before, after, identity, draw, furthest)
        except Inconclusive as error:
            untold.append(Unknown(identity, str(error)))
    if untold:
        raise Undecided((), unknown=tuple(untold))


def _told(
    before: Source, after: Live, identity: str, draw: SequenceColumn, furthest: Furthest
) -> Iterator[Finding | Statement]:
    found = _behind(after, after.view, draw, furthest[draw])
    if not found or (_drew_before(before, identity, draw) and _so_before(before, after, draw)):
        return
    wanted = f"{draw.sequence} beyond every value in use"
    yield Finding("sequence_values", identity, wanted, found, f"{draw.sequence} is behind {identity}: {found}")
    yield from _set_beyond(identity, draw, furthest)


def _set_beyond(identity: str, draw: SequenceColumn, furthest: Furthest) -> Iterator[Statement]:
    """Yield what sets a sequence beyond the values of all columns that use it; nothing if one of them is not known."""
    values = [value for other, value in furthest.items() if other.sequence == draw.sequence and value is not None]
    known = [value for value in values if isinstance(value, int)]
    if known == values:
        last = max(known) if draw.increment > 0 else min(known)
        name = draw.sequence.replace("'", "''")
        yield Statement(pasteable(f"SELECT pg_catalog.setval('{name}', {last});"), identity)


def _behind(
    side: Source, view: SnapshotReader, draw: SequenceColumn, furthest: int | Inconclusive | None
) -> str | None:
    """Return what is wrong, None if nothing is: no value in use, no such column or sequence any more, or one that cycles."""
    if isinstance(furthest, Inconclusive):
        raise furthest
    position = _position(side, draw.sequence) if furthest is not None else None
    if furthest is None or position is None or position.endswith("cycles"):
        return None
    following = int(position.split()[0])
    if following > furthest if draw.increment > 0 else following < furthest:
        return None
    if view.instants > 1:
        raise Inconclusive(
            "its position and the values in use may be of two instants, for a connection was lost: run again"
        )
    return f"its next value is {following}, and values up to {furthest} are in use"


def _position(side: Source, sequence: str) -> str | None:
    known = side.known("sequence_positions", TableGroup(sequence, frozenset([sequence])))
    if sequence in known.unknown:
        raise Inconclusive(known.unknown[sequence])
    return known.facts.get(sequence) or (_asked_for(side.view, sequence) if side.view else None)


def _asked_for(view: SnapshotReader, sequence: str) -> str | None:
    """Ask a database for a sequence that is not among its facts, wherever it lies; None if there is no such sequence."""
    query, schema = queries(view.version)["sequence_positions"].encode(), unquoted(schema_of(sequence))

    def ask(connection: Connection) -> str | None:
        oid = one(connection, "SELECT pg_catalog.to_regclass($1)::pg_catalog.oid::pg_catalog.int8", (sequence,))
        row = oid and connection.execute(query, ([schema], int(str(oid)) - 1, 1)).fetchone()
        return str(row[1]) if row else None  # type: ignore[index] # a row, or nothing

    position = view.ask(ask)
    if position and position.startswith(UNKNOWN):
        raise Inconclusive(f"{sequence}: {position.removeprefix(UNKNOWN)}")
    return position


def _drew_before(before: Source, identity: str, draw: SequenceColumn) -> bool:
    """Tell whether the column drew from the same sequence in the same way: of another pair the reference knows nothing."""
    if before.unavailable("sequence_columns"):
        return False
    told = before.known("sequence_columns", EVERYTHING).facts.get(identity)
    return told is not None and sequence_column_of(told) == draw


def _so_before(before: Source, after: Live, draw: SequenceColumn) -> bool:
    if before.view:
        return bool(_behind(before, before.view, draw, _furthest(before, before.view, [draw])[draw]))
    if before.unavailable("sequence_positions"):
        return False
    table = TableGroup(draw.table, frozenset([draw.table]))
    if not (draw.only and all(before.known(facet, table) == after.known(facet, table) for facet in CONTENT)):
        return False
    was = _position(before, draw.sequence)
    if was is None:
        schema = schema_of(draw.sequence)
        raise Inconclusive(
            f"{draw.sequence} is not beyond the values in use; where it stood before is not known, because the baseline did not "
            f"look at its schema: add {schema} to schemas before the next baseline is taken"
        )
    return was == _position(after, draw.sequence)


def _furthest(side: Source, view: SnapshotReader, columns: Sequence[SequenceColumn]) -> Furthest:
    """Return the furthest value of each column: None where there is none, the reason where it cannot be read."""
    batches = [columns[start : start + AT_ONCE] for start in range(0, len(columns), AT_ONCE)]
    found: dict[SequenceColumn, int | Inconclusive | None] = {}
    for batch, answers in zip(batches, [_submitted(view, batch) for batch in batches], strict=True):
        try:
            found |= dict(zip(batch, answers.result(), strict=True))
        except Inconclusive:  # one of them; which one, each tells by itself
            found |= {draw: _alone(side, view, draw) for draw in batch}
    return found


def _submitted(view: SnapshotReader, batch: Sequence[SequenceColumn]) -> "Future[list[int | None]]":
    return view.submit(partial(_ask, batch), reads=[draw.source for draw in batch])


def _ask(batch: Sequence[SequenceColumn], connection: Connection) -> list[int | None]:
    asked = [draw.table for draw in batch], [unquoted(draw.column) for draw in batch]
    other = {(str(table), str(column)) for table, column in connection.execute(_OTHER.encode(), asked).fetchall()}
    drawn = [draw for draw in batch if (draw.table, unquoted(draw.column)) not in other]
    values = {draw: one(connection, draw.query) for draw in drawn}
    found = [values.get(draw) for draw in batch]
    return [None if value is None else int(str(value)) for value in found]


def _alone(side: Source, view: SnapshotReader, draw: SequenceColumn) -> int | Inconclusive | None:
    def ask(connection: Connection) -> int | Inconclusive | None:
        try:
            return _ask([draw], connection)[0]
        except _GONE as error:
            known = side.known("columns", TableGroup(draw.table, frozenset([draw.table]))).facts
            gone = isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn)
            return replaced(draw.table) if gone and f"{draw.table}.{draw.column}" in known else None
        except psycopg.Error as error:
            return Inconclusive(reason(error, view.role, draw.table))

    try:
        return view.ask(ask, reads=[draw.source])
    except NotRead as error:
        return error
