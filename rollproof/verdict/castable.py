"""Whether the values of a column can have the type that it had: asked of the rows before the statement is printed."""

import re
from collections.abc import Iterable

from rollproof.model.errors import Inconclusive
from rollproof.model.names import NAME, PATH
from rollproof.repair.sides import Sides
from rollproof.repair.step import Step
from rollproof.sources.source import Source

# A type of PostgreSQL's own by its bare name, which the empty search_path finds in pg_catalog alone.
_OWN_TYPE = r"[a-z][a-z0-9 ]*?(?:\(\d+(?:,\d+)?\))?(?: with(?:out)? time zone)?(?:\[\])*"
_RETYPED = re.compile(
    rf"ALTER TABLE (?P<table>{PATH}) ALTER COLUMN (?P<column>{NAME}) TYPE (?P<type>{_OWN_TYPE})(?: COLLATE \S+)?"
    rf"(?: USING (?P<cast>{NAME}(?: <> 0|(?:::pg_catalog\.(?:text|int4))?::{_OWN_TYPE})))?;"
)
_SHORT = re.compile(r"character(?: varying)?\((?P<most>\d+)\)")
_OF_DATA = "22"  # the class of PostgreSQL's errors that a value makes


def uncastable(unit: Iterable[Step], sides: Sides, after: Source) -> str:
    """Return which values PostgreSQL would refuse to cast in a transaction; "" if none, or if nobody can say."""
    told = (_RETYPED.fullmatch(text) for step in unit if step.verb == "alter" for text in step.statements)
    return next((reason for found in told if found and (reason := _refused(found, sides, after))), "")


def _refused(found: re.Match[str], sides: Sides, after: Source) -> str:
    table, column, type_ = found["table"], found["column"], found["type"]
    now = sides.after.facts("columns").get(f"{table}.{column}", "")
    if after.view is None or not re.match(rf"{_OWN_TYPE}(?= |$)", now):
        return ""
    is_whole = sides.after.facts("tables").get(table, "").startswith("partitioned table")
    rows = table if is_whole else f"ONLY {table}"
    if short := _SHORT.fullmatch(type_):  # an assignment refuses what a cast would cut
        length = f"pg_catalog.char_length(pg_catalog.rtrim({column}::pg_catalog.text, ' '))"
        told = f"pg_catalog.bool_or({length} > {short['most']})"
    else:
        told = f"pg_catalog.count({found['cast'] or f'{column}::{type_}'}) < 0"
    query = f"SELECT {told} FROM {rows}"
    try:
        row = after.view.ask(lambda it: it.execute(query.encode()).fetchone(), reads=[rows])
    except Inconclusive as error:
        refused = str(getattr(error.__cause__, "sqlstate", None) or "").startswith(_OF_DATA)
    else:
        refused = bool(row and row[0])
    return (
        f"not all values of {table}.{column} can be {type_}: it is left to you, when they are mended" if refused else ""
    )
