"""Statements that create views, materialized views and sequences, from facts. Pure."""

from collections.abc import Iterator, Mapping

from rollproof.repair.clauses.pieces import last_name
from rollproof.repair.clauses.relations import ViewClauses, counting, view_clauses
from rollproof.repair.clauses.tables import column_clauses, listed_options, options_of
from rollproof.repair.makers import Create
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side
from rollproof.repair.step import Made, Refused

_NOT_UNDERSTOOD = "its description was not understood"


def view_statement(identity: str, known: ViewClauses) -> str:
    """Return the statement that creates a view with its options."""
    prefixed = listed_options(options_of(known.toast), prefix="toast.")
    options = ", ".join(filter(None, (listed_options(options_of(known.options)), prefixed)))
    how = (
        f" USING {known.method}" if known.method else "",
        f" WITH ({options})" if options else "",
        f" TABLESPACE {known.space}" if known.space else "",
    )
    empty = " WITH NO DATA" if known.empty else ""
    return f"CREATE {known.kind.upper()} {identity}{''.join(how)} AS {known.query}{empty};"


def _view(of: Object, side: Side) -> Made | Refused:
    known = view_clauses(side.description(of) or "")
    if known is None:
        return Refused(_NOT_UNDERSTOOD)
    columns = side.parts(of.identity, "columns")
    more = [statement for name in columns for statement in view_column(known, name, columns[name], "")]
    if known.replica in {"FULL", "NOTHING"}:  # that by an index comes with the index
        more.append(f"ALTER MATERIALIZED VIEW {of.identity} REPLICA IDENTITY {known.replica};")
    brings = frozenset(Object("columns", name) for name in columns)
    return Made((view_statement(of.identity, known), *more), brings)


def view_column(view: ViewClauses, column: str, before: str, after: str) -> Iterator[str]:
    """Yield the statements that give a view's column its default, or its ways on the disk, where they differ."""
    was, now = column_clauses(before), column_clauses(after)
    if was is None:
        return
    alter = f"ALTER {view.kind.upper()} {column.removesuffix(f'.{last_name(column)}')} ALTER COLUMN {last_name(column)}"
    if was.default != (now.default if now else ""):
        yield f"{alter} SET DEFAULT {was.default};" if was.default else f"{alter} DROP DEFAULT;"
    if was.storage != (now.storage if now else ""):
        yield f"{alter} SET STORAGE {was.storage or 'DEFAULT'};"
    if was.compression != (now.compression if now else ""):
        yield f"{alter} SET COMPRESSION {was.compression or 'default'};"
    if was.statistics != (now.statistics if now else ""):
        yield f"{alter} SET STATISTICS {was.statistics or -1};"
    options, others = options_of(was.options), options_of(now.options) if now else {}
    if set_to := {name: value for name, value in options.items() if others.get(name) != value}:
        yield f"{alter} SET ({listed_options(set_to)});"
    if more := [name for name in others if name not in options]:
        yield f"{alter} RESET ({', '.join(more)});"


def _sequence(of: Object, side: Side) -> Made | Refused:
    """Create a sequence; whose it is, and where it stands, it is told later. An identity's comes with its column."""
    known = counting(side.description(of) or "")
    if known is None or known.persistence == "temporary":
        return Refused(_NOT_UNDERSTOOD)
    if known.identity:
        return Made(())
    unlogged = "UNLOGGED " if known.persistence else ""
    return Made((f"CREATE {unlogged}SEQUENCE {of.identity} AS {known.type} {known.options};",))


CREATES: Mapping[str, Create] = {"views": _view, "sequences": _sequence}
"""By facet."""
