"""Rows that differ between two tables: both are read once and grouped by the hash of their keys, inside PostgreSQL.

Tables of one database are grouped in one query. For tables of two servers each server first adds up its rows in buckets of
keys; then only the rows of buckets that differ are fetched, as hashes and ctids, a bounded number at a time.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from rollproof.model.errors import Inconclusive
from rollproof.model.row_words import CHANGED, RESPELLED
from rollproof.rows.paced_scan import Ask, whole
from rollproof.rows.paired_tables import Pair
from rollproof.rows.row_lookup import InOneDatabase, InTwo, Lookup
from rollproof.rows.row_order import sortable
from rollproof.rows.scan import Scan
from rollproof.rows.tables import ScannableTable
from rollproof.server.reader import Connection

AT_ONCE = 1000  # rows fetched from the server at a time
ON_OUR_SIDE = 25_000  # rows of each of two servers that we hold at once
BUCKETS = 16_384
COUNTED = 1_000_000  # rows that are counted beyond what is needed, where one query finds them all …
COUNTED_BETWEEN_TWO = 50_000  # … and where each further part costs a scan

_Sums = dict[int, tuple[int, int]]  # of a bucket of keys: how many rows, and the sum of their hashes

MISSING, EXTRA, REPEATED = "missing", "extra", "repeated"


@dataclass(frozen=True)
class RowChange:
    """A row that differs: its ctid (or None) and its number of occurrences on each side.

    Occurrences have one key (in a table without a key: all columns are equal). `key spelling` are two keys that differ in
    case, hyphens, braces and outer blanks only.
    """

    kind: str
    was: str | None
    now: str | None
    rows: tuple[int, int] = (1, 1)


def both_sides(changes: Iterable[RowChange]) -> list[tuple[str, str]]:
    """Return the places, before and now, of rows that are on both sides once and changed."""
    wanted = (CHANGED, RESPELLED)
    return [(each.was, each.now) for each in changes if each.kind in wanted and each.was and each.now]


Consumer = Callable[[Sequence[RowChange], Lookup], bool]
"""Takes what is found, a part at a time, with what looks rows up; it answers whether more is needed."""


def find_changes(pair: Pair, rows: int, take: Consumer) -> bool:
    """Pass the rows that differ to `take`, until it needs no more and many were counted; tell whether these were all.

    They come in the order of their keys; of tables on two servers those that are held at once do (`ON_OUR_SIDE`).
    `rows` is the approximate number of rows of the larger table. Raises `Inconclusive` if a server refuses.
    """
    if not (pair.was.relation.heap and pair.now.relation.heap):
        raise Inconclusive("rows of a table whose access method is not heap have no places to name them by")
    if pair.was.view is pair.now.view and not pair.now.view.pace:  # gently nothing is asked that cannot be divided
        sources = [held.relation.source for held in (pair.was, pair.now)]
        return pair.now.view.ask(lambda connection: _in_one_database(connection, pair, take), reads=sources)
    return _between_two(pair, rows, take)


# A key that is on both sides stays for itself; those on one side only are paired by what does not depend on the spelling.
_UNLIKE = """
WITH each (k, c, r, t, was{orders}) AS (
    SELECT {was}, x.ctid, true{keys} FROM {was_rows}
    UNION ALL SELECT {now}, x.ctid, false{keys} FROM {now_rows}
), unlike AS (
    SELECT k, min(c) AS c, count(*) FILTER (WHERE was) AS a, count(*) FILTER (WHERE NOT was) AS b,
           min(t) FILTER (WHERE was) AS ta, min(t) FILTER (WHERE NOT was) AS tb{least}
    FROM each GROUP BY k
    HAVING count(*) FILTER (WHERE was) <> count(*) FILTER (WHERE NOT was)
        OR sum(r) FILTER (WHERE was) IS DISTINCT FROM sum(r) FILTER (WHERE NOT was)
)
SELECT array_agg(a), array_agg(b), array_agg(ta::text), array_agg(tb::text)
FROM unlike GROUP BY c, a > 0 AND b > 0
ORDER BY {by}min(tb), min(ta)
"""

Group = tuple[Sequence[int], Sequence[int], Sequence[str | None], Sequence[str | None]]


def _unlike(pair: Pair) -> str:
    was, now = (", ".join(pair.hashes(held)) for held in (pair.was, pair.now))
    names = [f"o{number}" for number, _ in enumerate(pair.key)]
    return _UNLIKE.format(
        was=was,
        now=now,
        was_rows=pair.was.rows,
        now_rows=pair.now.rows,
        keys="".join(f", {order}" for order in pair.orders()),
        orders="".join(f", {name}" for name in names),
        least="".join(f", min({name}) AS {name}" for name in names),
        by="".join(f"min({name}), " for name in names),
    )


def _in_one_database(connection: Connection, pair: Pair, take: Consumer) -> bool:
    connection.execute(b"SELECT set_config('cursor_tuple_fraction', '1', true)")  # all of it will be fetched
    connection.execute(f"DECLARE unlike NO SCROLL CURSOR FOR {_unlike(pair)}".encode())
    look, counted = InOneDatabase(connection, pair), 0
    while groups := connection.execute(f"FETCH {AT_ONCE} FROM unlike".encode()).fetchall():
        counted += len(groups)
        needed = take([found for group in groups for found in kinds(group)], look)  # type: ignore[arg-type] # four arrays
        if not needed and counted >= COUNTED:
            return False
    return True


def kinds(group: Group) -> Iterator[RowChange]:
    """Classify the rows of one key, or of keys that differ in spelling only."""
    before, after, was, now = group
    if len(before) == 2 and sorted(before) == sorted(after) == [0, 1]:  # noqa: PLR2004 (one row gone, one come)
        yield RowChange(RESPELLED, next(filter(None, was)), next(filter(None, now)))
        return
    for a, b, gone, come in zip(before, after, was, now, strict=True):
        kind = MISSING if not b else EXTRA if not a else CHANGED if a == b == 1 else REPEATED
        yield RowChange(kind, gone, come, (a, b))


def _between_two(pair: Pair, rows: int, take: Consumer) -> bool:
    """Compare the rows of differing buckets in our memory, `ON_OUR_SIDE` at a time."""
    look, counted, needed = InTwo(pair), 0, True
    for part in _parts(pair, rows):
        if not needed and counted >= COUNTED_BETWEEN_TWO:
            return False
        groups: dict[tuple[int, bool], list[_Tally]] = {}
        for tally in _tallied(pair, part):
            if len(set(tally.rows)) > 1 or len(set(tally.sums)) > 1:
                groups.setdefault((tally.loose, all(tally.rows)), []).append(tally)
        in_order = sorted(groups.values(), key=lambda group: min(sortable(each.key, pair.key_types) for each in group))
        every = [found for group in in_order for found in kinds(_arrays(group))]
        counted += len(every)
        for start in range(0, len(every), AT_ONCE):
            needed = take(every[start : start + AT_ONCE], look)
    return True


@dataclass(slots=True)
class _Tally:
    """The rows of one key, in text, on two servers."""

    key: Sequence[str]
    loose: int
    rows: list[int]
    sums: list[int]
    places: list[str | None]


def _arrays(group: Sequence[_Tally]) -> Group:
    rows, places = (
        zip(*(tally.rows for tally in group), strict=True),
        zip(*(tally.places for tally in group), strict=True),
    )
    return (*rows, *places)  # type: ignore[return-value] # two and two


def _tallied(pair: Pair, buckets: Sequence[int] | None) -> Iterable[_Tally]:
    found: dict[int, _Tally] = {}
    for side, held in enumerate((pair.was, pair.now)):
        for hashed, loose, row, place, key in chain.from_iterable(
            whole(held.view, held.relation, _rows_of(pair, held, buckets))
        ):
            tally = found.setdefault(hashed, _Tally(key, loose, [0, 0], [0, 0], [None, None]))
            tally.rows[side] += 1
            tally.sums[side] += row
            tally.places[side] = tally.places[side] or place
    return found.values()


_Row = tuple[int, int, int, str, Sequence[str]]


def _rows_of(pair: Pair, held: ScannableTable, buckets: Sequence[int] | None) -> Ask[list[_Row]]:
    wanted, parameters = "", None
    if buckets is not None:
        wanted, parameters = f" WHERE c & {BUCKETS - 1} = ANY ($1)", (list(buckets),)

    def ask(scan: Scan) -> Callable[[Connection], list[_Row]]:
        query = f"SELECT k, c, r, t::text, texts FROM ({_each(pair, held, scan)}) AS each{wanted}"
        return lambda connection: connection.execute(query.encode(), parameters).fetchall()  # type: ignore[return-value]

    return ask


def _each(pair: Pair, held: ScannableTable, scan: Scan) -> str:
    key, loose, row = pair.hashes(held)
    own = f"{scan.where} AND {held.own}" if scan.where else f" WHERE {held.own}"
    texts = f"ARRAY[{', '.join(f'concat(x.{column})' for column in pair.key)}]::text[]"
    return f"SELECT {key} AS k, {loose} AS c, {row} AS r, x.ctid AS t, {texts} AS texts FROM {held.relation.source} AS x{own}"


def _parts(pair: Pair, rows: int) -> Iterator[Sequence[int] | None]:
    """Yield differing buckets, with at most about `ON_OUR_SIDE` rows at a time; None: the whole table."""
    if rows <= ON_OUR_SIDE:
        yield None
        return
    was, now = (_added(whole(held.view, held.relation, _sums_of(pair, held))) for held in (pair.was, pair.now))
    part: list[int] = []
    held_rows = 0
    for bucket in sorted(bucket for bucket in was.keys() | now.keys() if was.get(bucket) != now.get(bucket)):
        part.append(bucket)
        held_rows += max(side.get(bucket, (0, 0))[0] for side in (was, now))
        if held_rows > ON_OUR_SIDE:
            yield part
            part, held_rows = [], 0
    if part:
        yield part


def _sums_of(pair: Pair, held: ScannableTable) -> Ask[_Sums]:
    def asked(scan: Scan) -> Callable[[Connection], _Sums]:
        each = _each(pair, held, scan)
        query = f"SELECT c & {BUCKETS - 1}, count(*), sum(r)::text FROM ({each}) AS each GROUP BY 1"

        def ask(connection: Connection) -> _Sums:
            found = connection.execute(query.encode()).fetchall()
            return {int(str(bucket)): (int(str(rows)), int(str(hashes))) for bucket, rows, hashes in found}

        return ask

    return asked


def _added(parts: Iterable[_Sums]) -> _Sums:
    """Add up the buckets of all parts of a table."""
    found: _Sums = {}
    for part in parts:
        for bucket, (rows, hashes) in part.items():
            known = found.get(bucket, (0, 0))
            found[bucket] = (known[0] + rows, known[1] + hashes)
    return found
