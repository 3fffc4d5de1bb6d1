"""Which tables are read first: by definitions, by what the server counts, and by what is known of the migration."""

from collections.abc import Iterator, Mapping

from rollproof.commands.verification import Verification
from rollproof.model.facets import facets_where
from rollproof.model.names import table_of
from rollproof.model.snapshot import Facts
from rollproof.rows.suspects import Suspect, suspects
from rollproof.settings.options import Settings
from rollproof.sources.source import Source

_MAJOR = 10_000  # of a server's version
_DEFINITIONS = facets_where(lambda row: row.holds == "definitions" and not row.late) - {
    "planner_statistics"  # autovacuum analyses a table at any time
}


def suspected(sides: Verification, settings: Settings) -> dict[str, Suspect]:
    """Return the tables of the subject to be read first, and why."""
    before, after = sides.before, sides.after
    tables = after.scanned
    was = before.footprints if _is_one_database(before, after) else {}
    now = after.footprints if was else {}
    named = {**dict.fromkeys(sides.copies.tables, "the migration kept a copy of it"), **_named(settings)}
    return suspects(tables, named, frozenset(_defined_otherwise(before, after.recorded, after.version)), was, now)


def _is_one_database(before: Source, after: Source) -> bool:
    """Tell whether both sides count the same things: each cluster has counters and files of its own, as each database has."""
    was, now = before.origin, after.origin
    return bool(was and now and was.system and (was.system, was.database) == (now.system, now.database))


def _named(settings: Settings) -> dict[str, str]:
    """Return the tables that the configuration says the migration changes."""
    migration, backup = settings.migration, settings.backup
    told = [*migration.tables, *migration.columns, *migration.adds, *migration.drops]
    named = {table_of(name) or name: "[migration] names it" for name in told}
    for key in settings.foreign_key:
        named |= dict.fromkeys((key.table, key.references), "[[foreign_key]] names it")
    return {**dict.fromkeys(backup.tables if backup else (), "[backup] names it"), **named}


def _defined_otherwise(before: Source, now: Mapping[str, Facts], version: int) -> Iterator[str]:
    """Yield the tables of which a definition differs; of another major most do, which says nothing."""
    if before.version // _MAJOR != version // _MAJOR:
        return
    for facet in _DEFINITIONS & before.recorded.keys() & now.keys():
        differ = before.recorded[facet].items() ^ now[facet].items()
        yield from filter(None, (table_of(identity) for identity, _ in differ))
