"""Statements about row security, the enforcement of keys, positions of sequences, the planner's statistics. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from rollproof.model.compare import Difference
from rollproof.model.names import table_of, unquoted
from rollproof.repair.clauses.pieces import last_name
from rollproof.repair.clauses.relations import Counting, counting
from rollproof.repair.clauses.routines import before_closing
from rollproof.repair.clauses.wording import literal
from rollproof.repair.firing import USUAL, enabled, fires
from rollproof.repair.makers import Alter, Attach
from rollproof.repair.objects import Object
from rollproof.repair.partitioning import partition
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Altered, Refused


class _Draws(msgspec.Struct, frozen=True):
    """A fact of `sequence_columns`: the column draws its numbers from the sequence."""

    table: str
    column: str
    sequence: str
    direct: bool
    only: bool


_draws = msgspec.json.Decoder(_Draws)
_CHANGED_BY_HAND = re.compile(r" (missing|altered)(?:, |\Z)")
_TOLD = re.compile(r"(\w+) on (.+?) (disabled|on replicas only|always)(?:, |\Z)", re.DOTALL)
_WORDS = {"disabled": "DISABLE", "on replicas only": "ENABLE REPLICA", "always": "ENABLE ALWAYS"}
# The triggers of this constraint only: others may be disabled on purpose.
_ENABLE = """DO $rollproof$
DECLARE kept record;
BEGIN
    FOR kept IN
        WITH RECURSIVE keys AS (
            SELECT oid FROM pg_catalog.pg_constraint WHERE conrelid = {table}::pg_catalog.regclass AND conname = {name}
            UNION ALL
            SELECT part.oid FROM pg_catalog.pg_constraint AS part JOIN keys ON part.conparentid = keys.oid
        )
        SELECT tgrelid::pg_catalog.regclass AS of, tgname
        FROM pg_catalog.pg_trigger
        WHERE tgconstraint IN (SELECT oid FROM keys){only}
    LOOP
        EXECUTE pg_catalog.format('ALTER TABLE ONLY %s {words} TRIGGER %I', kept.of, kept.tgname);
    END LOOP;
END $rollproof$;"""
_ONLY = """
            AND tgrelid = {relation}::pg_catalog.regclass
            AND tgfoid = (
                SELECT oid FROM pg_catalog.pg_proc
                WHERE pronamespace = 'pg_catalog'::pg_catalog.regnamespace AND proname IN ({function}, 'RI_FKey_' || {function})
            )"""


def _row_security(difference: Difference, sides: Sides) -> Altered | Refused | None:  # noqa: ARG001
    was, now = difference.before or "", difference.after or ""
    return Altered(tuple(_secured(difference.identity, was, now)))


def _secured(table: str, was: str, now: str) -> Iterator[str]:
    for said, yes, no in (("enabled(,|$)", "ENABLE", "DISABLE"), ("owner too|forced", "FORCE", "NO FORCE")):
        if bool(re.search(said, was)) != bool(re.search(said, now)):
            yield f"ALTER TABLE {table} {yes if re.search(said, was) else no} ROW LEVEL SECURITY;"


def _secure(of: Object, side: Side) -> tuple[str, ...]:
    if of.facet != "tables":
        return ()
    return tuple(_secured(of.identity, side.facts("row_security").get(of.identity, ""), ""))


def _enforce(difference: Difference, sides: Sides) -> Altered | Refused | None:  # noqa: ARG001
    """Switch the triggers of one constraint; where the server's own are damaged, the constraint is made again."""
    if difference.before is None or difference.after is None or "NOT ENFORCED" in (difference.before, difference.after):
        return Altered(())  # the news of the constraint
    of = Object("constraints", difference.identity)
    if _CHANGED_BY_HAND.search(difference.before):
        return Refused("its triggers were damaged before the migration as well, and nobody wants them so")
    if "missing" in (found := _CHANGED_BY_HAND.findall(difference.after)):
        return Refused(
            "one of the server's own triggers is gone from its catalogue, and PostgreSQL then drops no such constraint"
        )
    if found:
        return Altered((), in_the_way=frozenset([of]))
    return Altered((_switched(of, USUAL), *_unusual(of, difference.before)))


def _unusual(of: Object, told: str) -> Iterator[str]:
    for function, relation, state in _TOLD.findall(told.removeprefix("not enforced as usual: ")):
        yield _switched(of, _WORDS[state], function, relation)


def _switched(of: Object, words: str, function: str = "", relation: str = "") -> str:
    only = _ONLY.format(relation=literal(relation), function=literal(function)) if function else ""
    name = literal(unquoted(last_name(of.identity)))
    return _ENABLE.format(table=literal(table_of(of.identity) or ""), name=name, words=words, only=only)


def _as_enforced(of: Object, side: Side) -> tuple[str, ...]:
    told = side.facts("foreign_key_triggers").get(of.identity, "") if of.facet == "constraints" else ""
    return tuple(_unusual(of, told))


def _firing(of: Object, side: Side) -> tuple[str, ...]:
    """Give a new trigger its state; that of a partition may have got that of the partitioned table's."""
    if of.facet != "triggers":
        return ()
    words, inherited, _ = fires(side.description(of) or "")
    given = [words, *(_words_of_wholes(of, side) if inherited else ())]
    return (enabled(of, words),) if any(each != USUAL for each in given) else ()


def _words_of_wholes(of: Object, side: Side) -> Iterator[str]:
    while known := partition(of.relation, side):
        of = Object(of.facet, f"{known.whole}.{last_name(of.identity)}")
        yield fires(side.description(of) or "")[0]


def _position(difference: Difference, sides: Sides) -> Altered | Refused | None:
    """Set a sequence forward, if it is still behind when the script is run: never back, even if it counts otherwise now."""
    told = sides.before.facts("sequences").get(difference.identity)
    if told is None or difference.before is None:
        return Altered(())  # the news of the sequence
    known, stood = counting(told), difference.before.split(" ")[0]
    if known is None or not re.fullmatch(r"-?\d+", stood):
        return Refused("how it counts, or where it stood, is told in words that rollproof does not know")
    is_there = sides.after.facts("sequence_columns")
    columns = [told for name, told in sides.before.facts("sequence_columns").items() if is_there.get(name) == told]
    used = [_used(each, known) for each in _drawing(difference.identity, columns)]
    return Altered((_forward(difference.identity, int(stood), known, used),))


def _positioned(of: Object, side: Side) -> tuple[str, ...]:
    known = counting(side.description(of) or "") if of.facet == "sequences" else None
    stood = side.facts("sequence_positions").get(of.identity, "").split(" ")[0]
    if known is None or not stood.lstrip("-").isdigit():
        return ()
    used = [_used_whatever(each, known) for each in _drawing(of.identity, side.facts("sequence_columns").values())]
    return (_forward(of.identity, int(stood), known, used),) if used or int(stood) != known.start else ()


def _drawing(sequence: str, columns: Iterable[str]) -> list[_Draws]:
    """Return the columns that take the numbers of a sequence as they are."""
    return [each for each in map(_draws.decode, columns) if each.direct and each.sequence == sequence]


def _forward(name: str, stood: int, known: Counting, used: Iterable[str]) -> str:
    """Return the statement that sets a sequence to where it stood, or beyond the numbers that rows have; forward only."""
    stands = f"CASE WHEN is_called THEN last_value::pg_catalog.numeric + {known.increment} ELSE last_value END"
    further, first = ("<", "GREATEST") if known.increment > 0 else (">", "LEAST")
    is_at_end = not known.least <= stood <= known.greatest
    if is_at_end or not used:
        to = f"{stood - known.increment}, true" if is_at_end else f"{stood}, false"
        return f"SELECT pg_catalog.setval({literal(name)}, {to}) FROM {name} WHERE {stands} {further} {stood};"
    return (
        f"SELECT pg_catalog.setval({literal(name)}, wanted.next::pg_catalog.int8, false)\n"
        f"FROM (SELECT {first}({', '.join([str(stood), *used])}) AS next) AS wanted, {name} AS stands\n"
        f"WHERE {stands} {further} wanted.next;"
    )


def _used(draws: _Draws, known: Counting, column: str = "", rows: str = "") -> str:
    """Return a query for the number after the last that rows have, as far as the sequence reaches."""
    step, last = known.increment, "max" if known.increment > 0 else "min"
    least, greatest = (known.least, known.greatest - step) if step > 0 else (known.least - step, known.greatest)
    column, rows = column or draws.column, rows or f"{'ONLY ' if draws.only else ''}{draws.table}"
    number = f"pg_catalog.{last}({column})::pg_catalog.numeric + {step}"
    return f"(SELECT {number} FROM {rows} WHERE {column} BETWEEN {least} AND {greatest})"


def _used_whatever(draws: _Draws, known: Counting) -> str:
    """Return the same of a column that may be of another type now; a value that is no number counts for nothing."""
    values = f"SELECT {draws.column}::pg_catalog.text AS value FROM {'ONLY ' if draws.only else ''}{draws.table}"
    numbers = f"SELECT value::pg_catalog.numeric AS number FROM ({values}) AS written WHERE value ~ '^-?[0-9]+$'"
    return _used(draws, known, "number", f"({numbers}) AS used")


def _analyse(difference: Difference, sides: Sides) -> Altered | Refused | None:
    if difference.before is None or difference.after is None:
        return Altered(())
    left = "" if sides.has_rows(difference.identity) else "where no row is, the planner learns nothing"
    return Altered((), last=(f"ANALYZE {difference.identity};",), left=left)


def _analysed(of: Object, side: Side) -> tuple[str, ...]:
    """Look at a new table, or at one that lost the statistics of a part of it, which was made again."""
    table = of.relation if of.facet in ("tables", "views", "columns", "indexes", "statistics") else ""
    told = side.facts("planner_statistics").get(table, "")
    if of.facet == "indexes" and not _has_expression(side.description(of) or ""):
        return ()
    return (f"ANALYZE {table};",) if told == "analysed" or told.startswith("not analysed: ") else ()


def _has_expression(index: str) -> bool:
    """Tell whether the planner learns something of an index that it does not know of the columns."""
    _, bracket, columns = index.partition(" USING ")[2].partition("(")
    return "(" in before_closing(bracket + columns)[1:]


CHANGES: Mapping[str, Alter] = {
    "row_security": _row_security,
    "sequence_positions": _position,
    "foreign_key_triggers": _enforce,
    "planner_statistics": _analyse,
}
"""Undoes one difference, by facet."""
ATTACHES: Mapping[str, Attach] = {
    "row_security": _secure,
    "triggers": _firing,
    "foreign_key_triggers": _as_enforced,
    "sequence_positions": _positioned,
    "planner_statistics": _analysed,
}
"""Gives an object that was just created all of a facet, by facet."""
