"""Statements that create views, materialized views and sequences, from facts. Pure."""

import re
from collections.abc import Mapping

from rollproof.model.names import NAME
from rollproof.repair.makers import Create
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side
from rollproof.repair.step import Made, Refused

# A piece of SQL that no pattern may cut into: a string, a quoted name, or one letter of anything else.
_PIECE = r"""(?>'(?:[^']|'')*'|"(?:[^"]|"")*"|[^'"])"""
_VIEW = re.compile(
    rf"(?P<kind>materialized view|view)(?P<method> USING {NAME})?(?P<options> WITH \({_PIECE}*?\))?(?P<space> TABLESPACE {NAME})?"
    r"(?P<empty> NOT POPULATED)? AS (?P<query>.*?);?",
    re.DOTALL,
)


def _view(of: Object, side: Side) -> Made | Refused:
    known = _VIEW.fullmatch(side.description(of) or "")
    if known is None:
        return Refused("its description was not understood")
    how = "".join(known[part] or "" for part in ("method", "options", "space"))
    head = f"CREATE {known['kind'].upper()} {of.identity}{how}"
    statement = f"{head} AS {known['query']}{' WITH NO DATA' if known['empty'] else ''};"
    columns = (Object("columns", name) for name in side.parts(of.identity, "columns"))
    return Made((statement,), frozenset(columns))


CREATES: Mapping[str, Create] = {"views": _view}
"""By facet."""
