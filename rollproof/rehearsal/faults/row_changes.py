"""Statements that change the rows of one table: rows lost, doubled and left behind, and values that are others."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, islice

from rollproof.rehearsal.faults.stored_tables import StoredColumn, StoredTable

_NEAR = 100
"""Rows of a table that are held against each other, to find two that differ."""
_PAIRS = 5
_PLACE = '"place of the row"'


@dataclass(frozen=True)
class RowChange:
    """A change of rows by the first of these `statements` that is possible; `part` is the column, `also` are other tables."""

    name: str
    facet: str
    statements: tuple[str, ...]
    part: str = ""
    also: tuple[str, ...] = ()


def of_rows(table: StoredTable, others: Mapping[str, str]) -> Iterator[RowChange]:
    """Yield changes of whole rows. `others` are expressions that make another value of a column's, by the columns' names."""
    first = f"DELETE FROM ONLY {table.name} AS x WHERE x.ctid = ({_first(table)})"
    yield RowChange("a row lost", "rows", _in(table, [first]))
    yield RowChange("all rows lost", "rows", _in(table, [f"DELETE FROM ONLY {table.name}"]))
    yield RowChange("a row twice", "rows", _in(table, [_copied(table, {})]))
    unlike = [_copied(table, each) for each in _unlike(table, others)]
    yield RowChange("a row left behind", "rows", _in(table, unlike))
    exchanged = [_exchanged(table, each) for each in ({}, *_unlike(table, others))]
    yield RowChange("a row lost, and another one more", "content", _in(table, exchanged))
    swapped = (_swapped(table, column) for column in table.writable if len(table.columns) > 1)
    yield RowChange("values of two rows exchanged", "content", _in(table, swapped))
    yield RowChange("two columns exchanged", "content", _in(table, islice(_two_columns(table), _PAIRS)))
    for parent, columns in table.parents:
        moved = _in(table, [_moved(table, parent, columns)])
        yield RowChange("a row moved to the parent", "rows", moved, part=parent, also=(parent,))


def of_value(table: StoredTable, column: StoredColumn, name: str, values: Iterable[str]) -> RowChange:
    """Return the change of one value in a column, to the first of these expressions that makes another one."""
    return RowChange(name, "content", _in(table, (_changed(table, column, each) for each in values)), column.name)


def of_constants(table: StoredTable, values: Mapping[str, str], read: Iterable[str]) -> RowChange:
    """Return a row more, of these values or, where a column can be without, of NULLs; `read` are tables that the values are of."""
    needed = {each.name: values[each.name] if each.is_not_null else "NULL" for each in table.writable}
    rows = [_inserted(table, [each[column.name] for column in table.writable]) for each in (needed, values)]
    return RowChange("a row left behind", "rows", _in(table, rows), also=tuple(read))


def filled(column: StoredColumn, value: str) -> str:
    """Return an expression that is a value where the column's is NULL."""
    is_value = _unequal(column.value, f"CAST(NULL AS {column.declared})")
    return f"CASE WHEN {is_value} THEN {column.value} ELSE CAST({value} AS {column.declared}) END"


def beside(table: StoredTable, column: StoredColumn) -> str:
    """Return an expression for another row's value, where it is another one than the row's own and not NULL."""
    return (
        f"(SELECT y.{column.name} FROM ONLY {table.name} AS y WHERE {_unequal(f'y.{column.name}', f'x.{column.name}')}"
        f" AND {_unequal(f'y.{column.name}', f'CAST(NULL AS {column.declared})')} LIMIT 1)"
    )


def some_null(table: StoredTable, columns: Iterable[StoredColumn]) -> str:
    """Return the question in which of these columns some row has NULL, as a list; a composite of NULLs is none."""
    each = ", ".join(f"pg_catalog.count(*) > pg_catalog.count({column.value})" for column in columns)
    return f"SELECT ARRAY[{each}] FROM ONLY {table.name} AS x"


def value_of(table: StoredTable, column: StoredColumn) -> str:
    """Return an expression for a value that some row has."""
    return f"(SELECT y.{column.name} FROM ONLY {table.name} AS y LIMIT 1)"


def _in(table: StoredTable, statements: Iterable[str]) -> tuple[str, ...]:
    before, after = table.around if table.interferes else ("", "")
    return tuple(f"{before}{each}{after}" for each in statements)


def _unequal(one: str, other: str) -> str:
    """Say that two values are not stored alike."""
    return f"NOT pg_catalog.record_image_eq(ROW({one}), ROW({other}))"


def _first(table: StoredTable, condition: str = "true") -> str:
    return f"SELECT x.ctid FROM ONLY {table.name} AS x WHERE {condition} LIMIT 1"


def _names(columns: Iterable[StoredColumn]) -> str:
    return ", ".join(each.name for each in columns)


def _inserted(table: StoredTable, values: Iterable[str], source: str = "") -> str:
    if not table.writable:
        return f"INSERT INTO {table.name} DEFAULT VALUES"
    cast = (f"CAST({each} AS {column.declared})" for each, column in zip(values, table.writable, strict=True))
    into = f"INSERT INTO {table.name} ({_names(table.writable)}) OVERRIDING SYSTEM VALUE"
    return f"{into} SELECT {', '.join(cast)}{source}"


def _copied(table: StoredTable, others: Mapping[str, str]) -> str:
    values = (others.get(each.name, each.value) for each in table.writable)
    return _inserted(table, values, f" FROM ONLY {table.name} AS x LIMIT 1")


def _exchanged(table: StoredTable, others: Mapping[str, str]) -> str:
    values = (others.get(each.name, each.value) for each in table.writable)
    gone = f"WITH gone AS (DELETE FROM ONLY {table.name} AS x WHERE x.ctid = ({_first(table)}) RETURNING x.*) "
    other = _unequal(*(", ".join(f"{side}.{each.name}" for each in table.columns) for side in ("x", "gone")))
    return gone + _inserted(table, values, f" FROM ONLY {table.name} AS x, gone WHERE {other} LIMIT 1")


def _unlike(table: StoredTable, others: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield which columns must get other values in a row beside the one it is copied from: one of a key, or all of all keys."""
    keys = {place for key in table.unique_keys for place in key}
    possible = {each.name: others[each.name] for each in table.writable if each.name in others and each.place in keys}
    yield from ({name: value} for name, value in possible.items())
    yield possible
    yield from ({name: value} for name, value in others.items() if name not in possible)


def _changed(table: StoredTable, column: StoredColumn, value: str) -> str:
    new = f"CAST({value} AS {column.declared})"
    one = f"x.ctid = ({_first(table, _unequal(column.value, new))})"
    if not column.is_always_identity:
        return f"UPDATE ONLY {table.name} AS x SET {column.name} = {new} WHERE {one}"
    gone = f"WITH gone AS (DELETE FROM ONLY {table.name} AS x WHERE {one} RETURNING x.*) "
    values = (value if each is column else each.value for each in table.writable)
    return gone + _inserted(table, values, " FROM gone AS x")


def _swapped(table: StoredTable, column: StoredColumn) -> str:
    near = f"(SELECT x.ctid AS {_PLACE}, x.* FROM ONLY {table.name} AS x LIMIT {_NEAR})"
    rest = [each for each in table.columns if each is not column]
    differ = _unequal(*(", ".join(f"{side}.{each.name}" for each in rest) for side in ("a", "b")))
    two = (
        f"SELECT a.{_PLACE} AS one, b.{_PLACE} AS other, a.{column.name} AS v, b.{column.name} AS w FROM {near} AS a, {near} AS b"
        f" WHERE {_unequal(f'a.{column.name}', f'b.{column.name}')} AND {differ} LIMIT 1"
    )
    set_to = f"{column.name} = CASE WHEN x.ctid = two.one THEN two.w ELSE two.v END"
    return (
        f"WITH two AS ({two}) UPDATE ONLY {table.name} AS x SET {set_to} FROM two WHERE x.ctid IN (two.one, two.other)"
    )


def _two_columns(table: StoredTable) -> Iterator[str]:
    for one, other in combinations(table.writable, 2):
        if one.declared == other.declared:
            place = _first(table, _unequal(one.value, other.value))
            swap = f"{one.name} = {other.value}, {other.name} = {one.value}"
            yield f"UPDATE ONLY {table.name} AS x SET {swap} WHERE x.ctid = ({place})"


def _moved(table: StoredTable, parent: str, columns: str) -> str:
    gone = f"WITH gone AS (DELETE FROM ONLY {table.name} AS x WHERE x.ctid = ({_first(table)}) RETURNING x.*)"
    return f"{gone} INSERT INTO {parent} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM gone"
