"""Statements about row security, the enforcement of keys, positions of sequences, the planner's statistics. Pure."""

import re
from collections.abc import Iterator, Mapping

from rollproof.model.compare import Difference
from rollproof.model.names import table_of, unquoted
from rollproof.repair.firing import USUAL, enabled, fires, parts_of
from rollproof.repair.makers import Alter, Attach
from rollproof.repair.objects import Object
from rollproof.repair.pieces import last_name, text_of
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Altered, Refused

_ENFORCED = "enforced"
_CHANGED_BY_HAND = re.compile(r"\bmissing\b|\baltered\b")
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
    if _CHANGED_BY_HAND.search(difference.after):
        return Altered((), in_the_way=frozenset([of]))
    return Altered((_switched(of, USUAL), *_unusual(of, difference.before)))


def _unusual(of: Object, told: str) -> Iterator[str]:
    for function, relation, state in _TOLD.findall(told.removeprefix("not enforced as usual: ")):
        yield _switched(of, _WORDS[state], function, relation)


def _switched(of: Object, words: str, function: str = "", relation: str = "") -> str:
    only = _ONLY.format(relation=text_of(relation), function=text_of(function)) if function else ""
    name = text_of(unquoted(last_name(of.identity)))
    return _ENABLE.format(table=text_of(table_of(of.identity) or ""), name=name, words=words, only=only)


def _as_enforced(of: Object, side: Side) -> tuple[str, ...]:
    told = side.facts("foreign_key_triggers").get(of.identity, "") if of.facet == "constraints" else ""
    return tuple(_unusual(of, told))


def _firing(of: Object, side: Side) -> tuple[str, ...]:
    """Give a new trigger its state, and those of partitions theirs, which may follow it."""
    if of.facet != "triggers":
        return ()
    every = [of, *parts_of(of, side)]
    states = [(each, fires(side.description(each) or "")[0]) for each in every]
    return tuple(enabled(each, words) for each, words in states) if any(words != USUAL for _, words in states) else ()


def _analyse(difference: Difference, sides: Sides) -> Altered | Refused | None:
    if difference.before is None or difference.after is None:
        return Altered(())
    left = "" if sides.has_rows(difference.identity) else "no row is there that the planner could learn from"
    return Altered((), last=(f"ANALYZE {difference.identity};",), left=left)


def _analysed(of: Object, side: Side) -> tuple[str, ...]:
    """Look at a new table, or at one that lost the statistics of a part of it, which was made again."""
    table = of.relation if of.facet in ("tables", "views", "columns", "indexes", "statistics") else ""
    told = side.facts("planner_statistics").get(table, "")
    if of.facet == "indexes" and "(" not in (side.description(of) or "").partition(" USING ")[2].partition("(")[2]:
        return ()  # it has no expression
    return (f"ANALYZE {table};",) if told == "analysed" or told.startswith("not analysed: ") else ()


CHANGES: Mapping[str, Alter] = {
    "row_security": _row_security,
    "foreign_key_triggers": _enforce,
    "planner_statistics": _analyse,
}
"""Undoes one difference, by facet."""
ATTACHES: Mapping[str, Attach] = {
    "row_security": _secure,
    "triggers": _firing,
    "foreign_key_triggers": _as_enforced,
    "planner_statistics": _analysed,
}
"""Gives an object that was just created all of a facet, by facet."""
