"""Why a statement that its own schema refuses says nothing of the migration: the kinds of it told apart. Pure."""

from rollproof.rehearsal.doors.door import Side
from rollproof.rehearsal.doors.look import Refusal
from rollproof.rehearsal.doors.statement import Statement

_NO_SQL = frozenset(("42601", "22025", "22P06", "42622", "42602"))
_MISSING_TABLE = frozenset(("42P01", "3F000"))
NO_ROLE = "no role"


def why_not_asked(statement: Statement, refusal: Refusal, own: Side, *, taken: bool) -> str:
    """Return the sentence; `own` is the side of the schema that refuses it, `taken` says that the other one takes it."""
    said = refusal.message
    plain = {
        refusal.state == NO_ROLE: f"{said}: name another with --application-role, or make it in the source",
        refusal.state in _NO_SQL: f"it is no SQL that PostgreSQL reads: {said}",
        _is_untyped(statement, refusal): f"the type of a parameter cannot be told ({said}): cast it, as $1::integer",
        refusal.state == "42501": f"its role may not, on the {own} schema either: {said}",
        refusal.state == "0A000": f"it cannot be prepared: {said}",
    }
    ours = f"the {own} schema refuses it, so it says nothing of the migration: {said}"
    if taken:
        ours += "; the other schema takes it: is it the other application's?"
    elif refusal.state in _MISSING_TABLE:
        ours += "; is it a temporary table? then put its CREATE TEMP TABLE before the statement"
    return plain.get(True, ours)


def is_meant(statement: Statement, refusal: Refusal, *, taken: bool) -> bool:
    """Tell whether a refusal is the schema's own, of a statement that could be asked about: then the new application is broken."""
    if refusal.state in _MISSING_TABLE and not taken:
        return False  # a temporary table, perhaps
    return refusal.state not in {NO_ROLE, "0A000", *_NO_SQL} and not _is_untyped(statement, refusal)


def _is_untyped(statement: Statement, refusal: Refusal) -> bool:
    ambiguous = refusal.state in ("42725", "42883") and "unknown" in refusal.message and "$" in statement.text
    return refusal.state == "42P18" or ambiguous
