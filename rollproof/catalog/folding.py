"""Built-in functions that the planner must not evaluate, because their arguments name what would be read or run.

The planner evaluates constant expressions, and for estimates STABLE ones, too. Nearly all such functions only compute. These
read a table by its name (which may be a view that calls anybody's functions), make a value of a type by its name (whose checks
may be anybody's), load a library, or assign a transaction id.
"""

from collections.abc import Collection

from rollproof.model.errors import Inconclusive
from rollproof.server.reader import Connection

RUNS = frozenset(
    {
        *(
            f"{what}_to_xml{how}"
            for what in ("table", "schema", "database")
            for how in ("", "schema", "_and_xmlschema")
        ),
        *("query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema", "cursor_to_xml", "cursor_to_xmlschema"),
        *(
            "array_in",
            "domain_in",
            "range_in",
            "multirange_in",
            "record_in",
            "pg_input_is_valid",
            "pg_input_error_info",
        ),
        *("satisfies_hash_partition", "fmgr_c_validator", "fmgr_internal_validator", "fmgr_sql_validator"),
        *("pg_current_xact_id", "txid_current"),
    }
)
"""Those that are not VOLATILE: all other functions that do more than compute are, and the planner never evaluates them."""

_IN_VIEWS = """
WITH RECURSIVE reached AS (
    SELECT c.oid
    FROM unnest($1::text[], $2::text[]) AS u (schema, name)
    JOIN pg_catalog.pg_namespace AS n ON n.nspname = u.schema
    JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = u.name
    UNION
    SELECT d.refobjid
    FROM reached
    JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = reached.oid
    JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
        AND d.refclassid = 'pg_catalog.pg_class'::regclass
)
SELECT p.proname
FROM reached
JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = reached.oid
JOIN pg_catalog.pg_proc AS p ON p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = ANY ($3)
WHERE strpos(r.ev_action::text, format(':funcid %s ', p.oid)) > 0
LIMIT 1
"""


def require_quiet(connection: Connection, mentioned: Collection[str], named: Collection[tuple[str, str]]) -> None:
    """Raise `Inconclusive` if SQL with these words, about these objects (raw schema and name), must not be planned."""
    found = sorted(RUNS.intersection(mentioned))
    if not found and named:
        lists = [schema for schema, _ in named], [name for _, name in named], sorted(RUNS)
        found = [str(name) for (name,) in connection.execute(_IN_VIEWS.encode(), lists).fetchall()]
    if found:
        raise Inconclusive(f"it calls {found[0]}, which would read or run something while the text is merely planned")
