"""The schemas of one database, each a target of its own (`--each-schema`)."""

from fnmatch import fnmatchcase

from rollproof.commands.verification import limits, scope_of
from rollproof.server.connection import Target, connect
from rollproof.server.reader import pinned
from rollproof.settings.options import Settings

_SCHEMAS = rb"""
SELECT n.nspname::text FROM pg_catalog.pg_namespace AS n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""


def schemas_like(pattern: str, settings: Settings) -> frozenset[str]:
    """Return the schemas that are like the pattern (`tenant_*`), as they are now, but for that of the migration's own copies.

    Raises `Inconclusive` if nobody can ask.
    """
    backup = scope_of(settings).backup_schema
    with connect(Target.parse(settings.database_url or "")) as connection, pinned(connection, limits(settings)):
        rows = connection.execute(_SCHEMAS).fetchall()
    return frozenset(str(name) for (name,) in rows if fnmatchcase(str(name), pattern) and name != backup)
