"""What may be refused among the values that a statement gives and takes: parameters, results, columns. Pure.

`home` is what the application's own schema says, `other` what the schema says that is asked about.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rollproof.model.names import sql_name
from rollproof.rehearsal.doors.before import unless_set
from rollproof.rehearsal.doors.facts import Column, Relation
from rollproof.rehearsal.doors.look import Look
from rollproof.rehearsal.doors.reason import Reason, doubt, refused
from rollproof.rehearsal.doors.statement import Statement
from rollproof.rehearsal.doors.wider import holds
from rollproof.rehearsal.doors.written import Value, Write


def of_parameters(home: Look, other: Look) -> Iterator[Reason]:
    """Yield what a parameter's type does not hold any more."""
    for number, (was, now) in enumerate(zip(home.parameters, other.parameters, strict=False), 1):
        if number in other.unfit - home.unfit:
            yield refused(f"${number} is {now.name}, which refuses a value that it was called with")
        elif was.name != now.name and not holds(now.name, was.name):
            yield doubt(f"${number} is {now.name}, not {was.name}: a value that is none would be refused")
        elif gone := [label for label in was.labels if label not in now.labels]:
            yield doubt(f"${number} would be refused as {_either(gone)}, which {now.name} has not")


def of_results(home: Look, other: Look) -> Iterator[Reason]:
    """Yield which columns it returns otherwise."""
    was, now = dict(home.results), dict(other.results)
    if gone := [name for name in was if name not in now]:
        yield doubt(f"it does not return {', '.join(gone)}")
    if more := [name for name in now if name not in was]:
        yield doubt(f"it also returns {', '.join(more)}")
    for name in was.keys() & now.keys():
        if was[name] != now[name] and not {was[name], now[name]} <= {
            "text",
            "character varying",
        }:  # the same to who reads
            yield doubt(f"it returns {name} as {now[name]}, not {was[name]}")
    if not (gone or more) and [*was] != [*now]:
        yield doubt(f"it returns its columns in another order: {', '.join(now)}")


def retyped(home: Look, other: Look) -> frozenset[str]:
    """Return the numbers of the parameters that have another type."""
    pairs = enumerate(zip(home.parameters, other.parameters, strict=False), 1)
    return frozenset(str(number) for number, (was, now) in pairs if was != now)


@dataclass(frozen=True)
class Parameters:
    """What is known of parameters: those whose type is judged already (`told`), and those that were NULL in a known call."""

    told: frozenset[str]
    nulls: frozenset[str]


def of_columns(
    write: Write, home: Relation | None, other: Relation, parameters: Parameters, look: Look
) -> Iterator[Reason]:
    """Yield which columns take less than before of what is written."""
    for column in other.columns:
        was = home.column(column.name) if home else None
        path = f"{other.name}.{sql_name(column.name)}"
        given = [row.get(column.name) for row in write.rows]
        for reason in _of_null(write, path, _with_nulls(given, parameters.nulls), column, was):
            yield unless_set(reason, write.kind, other, look.functions, (column.name,))
        open_values = [each for each in given if each and each.kind in ("parameter", "other")]
        if was and any(each.kind == "other" or each.text not in parameters.told for each in open_values):
            yield from _of_type(path, column, was)


def nulls_of(statement: Statement) -> frozenset[str]:
    """Return the numbers of the parameters that were NULL in a call that is known."""
    return frozenset(str(n) for call in statement.values for n, each in enumerate(call, 1) if each is None)


def _with_nulls(given: list[Value | None], nulls: frozenset[str]) -> list[Value | None]:
    return [Value("null") if each and each.kind == "parameter" and each.text in nulls else each for each in given]


def _of_null(
    write: Write, path: str, given: list[Value | None], column: Column, was: Column | None
) -> Iterator[Reason]:
    """Yield why NULL, or a value that is left out, is not taken."""
    kinds = {each.kind if each else "absent" for each in given}
    left_out = "default" in kinds or (write.kind == "insert" and "absent" in kinds)
    if column.required and not column.filled and left_out and not (was and was.required and not was.filled):
        what = "it gives no value for" if "absent" in kinds else "it leaves to its default"
        yield refused(f"{what} {path}, which is NOT NULL and has no default")
    if not column.required or (was and was.required):
        return
    if "null" in kinds:
        yield refused(f"it writes NULL into {path}, which is NOT NULL")
    elif kinds & {"parameter", "other"}:
        yield doubt(f"a NULL for {path} would be refused")


def _of_type(path: str, column: Column, was: Column) -> Iterator[Reason]:
    """Yield why a value is not taken."""
    if not holds(column.type, was.type):
        yield doubt(f"a value that {column.type} does not hold would be refused for {path}, elsewhere {was.type}")
    elif gone := [label for label in was.labels if label not in column.labels]:
        yield doubt(f"{_either(gone)} would be refused for {path}")


def of_places(home: Look, other: Look) -> Iterator[Reason]:
    """Yield which values go to other columns, where the statement names none."""
    if len(home.columns) != len(other.columns):
        yield refused(f"its data has {len(home.columns)} columns, and the table has {len(other.columns)}")
        return
    for was, now in zip(home.writes, other.writes, strict=False):
        numbers = [_numbers(look, write) for look, write in ((home, was), (other, now))]
        if was.kind == "insert" and numbers[0] != numbers[1] and was.columns != now.columns:
            yield doubt(f"its values go into {', '.join(now.columns)}, not {', '.join(was.columns)}")


def _numbers(look: Look, write: Write) -> list[int]:
    """Return the places of the columns that are written: a column that was renamed keeps its place."""
    table = next((each for each in look.relations if each.name == write.table), None)
    return [column.number for name in write.columns if table and (column := table.column(name))]


def _either(labels: list[str]) -> str:
    return " or ".join(f"'{label}'" for label in labels)
