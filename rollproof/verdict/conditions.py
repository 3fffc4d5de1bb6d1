"""Whether a condition that stands in a file may be asked of a database. Pure."""

from itertools import pairwise

from rollproof.model.definitions import UncleanError, qualified, tokens
from rollproof.repair.clauses.pieces import is_bracketed

# What may stand before a bracket: of PostgreSQL's own functions some write files or end sessions, in a read-only transaction too.
_HARMLESS = {
    *("ABS", "ALL", "AND", "ANY", "ARRAY", "ARRAY_LENGTH", "BETWEEN", "BTRIM", "CARDINALITY", "CEIL", "CHAR_LENGTH"),
    *(
        "CHARACTER_LENGTH",
        "COALESCE",
        "DATE_PART",
        "DATE_TRUNC",
        "ELSE",
        "EXTRACT",
        "FLOOR",
        "GREATEST",
        "IN",
        "ISEMPTY",
    ),
    *("ISFINITE", "JSON_TYPEOF", "JSONB_TYPEOF", "LEAST", "LEFT", "LENGTH", "LOWER", "LTRIM", "MOD", "NOT", "NULLIF"),
    *("NUM_NONNULLS", "NUM_NULLS", "OCTET_LENGTH", "OR", "POSITION", "REPLACE", "RIGHT", "ROUND", "ROW", "RTRIM"),
    *("STARTS_WITH", "SUBSTR", "SUBSTRING", "THEN", "TRIM", "UPPER", "WHEN"),
}


def is_harmless(condition: str) -> bool:
    """Tell whether a condition is one expression, which does nothing but look at a row; under an empty search_path."""
    try:
        found = tokens(condition)
        calls = {token.word for token, after in pairwise(found) if token.kind == "name" and after.text == "("}
        is_query = any(token.word in {"SELECT", "TABLE", "VALUES"} for token in found)
        return is_bracketed(f"({condition})") and calls <= _HARMLESS and not is_query and not set(qualified(condition))
    except UncleanError:
        return False
