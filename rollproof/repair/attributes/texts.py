"""Statements about comments and security labels. Pure."""

from collections.abc import Mapping

from rollproof.model.compare import Difference
from rollproof.model.names import names
from rollproof.repair.clauses.wording import DATABASE, literal, on_this_database, type_path
from rollproof.repair.makers import Alter, Attach
from rollproof.repair.objects import Object, on_another, told, transform
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Altered, Refused

_ALIKE = (
    *("table", "view", "materialized view", "foreign table", "sequence", "schema", "type", "function", "procedure"),
    *("operator", "operator class", "operator family", "conversion", "collation", "text search configuration", "cast"),
    *(
        "text search dictionary",
        "text search parser",
        "text search template",
        "extension",
        "publication",
        "subscription",
    ),
    *(
        "server",
        "event trigger",
        "language",
        "access method",
        "tablespace",
        "role",
        "large object",
        "transform",
        "database",
    ),
)
_KINDS = {
    **{kind: kind.upper() for kind in _ALIKE},
    "aggregate": "ROUTINE",  # which does without the * of one without arguments
    "foreign-data wrapper": "FOREIGN DATA WRAPPER",
    "statistics object": "STATISTICS",
    **{f"{of} column": "COLUMN" for of in ("table", "view", "materialized view", "foreign table", "composite type")},
}
_ON_TABLES = {"table constraint": "CONSTRAINT", "trigger": "TRIGGER", "rule": "RULE", "policy": "POLICY"}
_UNKNOWN = "no statement gives a {0} a comment or a label"


def _text(difference: Difference, sides: Sides) -> Altered | Refused | None:  # noqa: ARG001
    statement = _said(difference.facet, difference.identity, difference.before)
    kind = (told(difference.identity) or ("", "thing", ""))[1]
    return Altered((statement,)) if statement else Refused(_UNKNOWN.format(kind))


def _said(facet: str, identity: str, text: str | None) -> str:
    """Return the statement that gives an object its comment or label, or takes it away; "" if there is none."""
    found = told(identity)
    target = _target(*found[:2]) if found else ""
    if not found or not target:
        return ""
    head = f"SECURITY LABEL FOR {found[2]} ON" if facet == "security_labels" else "COMMENT ON"
    statement = f"{head} {target} IS {'NULL' if text is None else literal(text)};"
    return on_this_database(statement) if DATABASE in target else statement


def _target(name: str, kind: str) -> str:
    """Return an object as COMMENT and SECURITY LABEL name it; "" for a kind that they do not know."""
    path = names(name)
    if kind in _ON_TABLES:
        return f"{_ON_TABLES[kind]} {path[-1]} ON {'.'.join(path[:-1])}"
    if kind == "domain constraint":
        return "CONSTRAINT {} ON DOMAIN {}".format(*on_another(name))
    if kind == "index":
        return f"INDEX {path[0]}.{path[-1]}"
    own = {"type": type_path(name), "database": DATABASE, "transform": transform(name)}.get(kind, name)
    return f"{_KINDS[kind]} {own}" if kind in _KINDS else ""


def _given(facet: str) -> Attach:
    """Return a function that gives an object, which was just created, all of one of both facets."""

    def give(of: Object, side: Side) -> tuple[str, ...]:
        said = (_said(facet, identity, text) for identity, text in side.attached(facet, of).items())
        return tuple(filter(None, said))

    return give


CHANGES: Mapping[str, Alter] = {"comments": _text, "security_labels": _text}
"""Undoes one difference, by facet."""
ATTACHES: Mapping[str, Attach] = {facet: _given(facet) for facet in CHANGES}
"""Gives an object that was just created all of a facet, by facet."""
