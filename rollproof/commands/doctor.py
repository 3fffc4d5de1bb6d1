"""`rollproof doctor`: what a verification of this database would meet, by the same code, beforehand."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import click

from rollproof.backup.copies import Copies
from rollproof.catalog.capture import capture
from rollproof.commands.baseline_validation import require_sound
from rollproof.commands.command_options import Command, configured, interruptible, settings_options
from rollproof.commands.command_options import tell as say
from rollproof.commands.missing_privileges import unreadable
from rollproof.commands.provenance import of_baseline, seen
from rollproof.commands.verification import key_of, limits, scope_of
from rollproof.migration.baseline_age import doubts
from rollproof.model.amounts import counted
from rollproof.model.errors import Inconclusive
from rollproof.model.provenance import DatabaseFacts, ReferenceFacts
from rollproof.probes.role_privileges import notes_about
from rollproof.rows.tables import Relation, relations
from rollproof.server.encryption import WARNING, is_unencrypted
from rollproof.server.reader import Connection, SnapshotReader, Target, one
from rollproof.server.sqlstates import unknown_cluster
from rollproof.settings.configuration import Configured
from rollproof.settings.dump_format import dump_at
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.settings.sections import Backup
from rollproof.sources.baseline import unsealed
from rollproof.system.deadline import NEVER, Deadline
from rollproof.system.extras import lacking

_SECONDS_PER_PAGE = 8192 / 200e6  # a scan reads about 200 MB a second where it was measured; an order of magnitude

_ABOUT = """
SELECT pg_catalog.current_setting('server_version'), pg_catalog.pg_is_in_recovery(),
       (SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()),
       (SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user)
"""


# A pooler gives its clients process numbers of its own.
_POOLER = "pooler     yes: it needs one server connection for each of --jobs and one more, all at the same time"


@dataclass(frozen=True)
class Findings:
    """What to print, and what is missing for a whole verification (each with the statement that would mend it)."""

    lines: tuple[str, ...]
    missing: tuple[str, ...]


def examine(asked: Configured, deadline: Deadline = NEVER, tell: Callable[[str], None] = lambda _: None) -> Findings:
    """Look at the subject and the reference. Raises `Inconclusive` if a server cannot be reached."""
    settings = asked.settings
    scope = scope_of(settings)
    with SnapshotReader(Target.parse(settings.database_url or ""), limits(settings, deadline), tell) as view:
        schemas = view.ask(scope.names)
        found, copied = (view.ask(partial(relations, schemas=among)) for among in (schemas, [scope.backup_schema]))
        facts = capture(view, scope)
        missing = unreadable(facts, view, [*schemas, scope.backup_schema])
        refused = view.refused(each.source for each in found.values())
        missing += tuple(f"- rows: {why}" for why in dict.fromkeys(refused.values()))
        about, holes = _reference(asked, view, found, deadline)
        lines = [
            *_about(view, asked),
            *(f"closed     {facet}, which will not be checked: {why}" for facet, why in facts.absent.items()),
            *about,
            *_content(found, copied, settings),
            *(f"note       {note}" for note in notes_about(view, [*schemas, scope.backup_schema])),
        ]
        deadline.require()
    return Findings(tuple(lines), missing + holes)


def _content(found: Mapping[str, Relation], copied: Mapping[str, Relation], settings: Settings) -> Iterator[str]:
    """Yield how much there is to read, and how long that may take."""
    for what, among in (("content    {}", found), ("copies     {} in the backup", copied)):
        pages = sum(max(relation.pages, 0) for relation in among.values())
        gently = ", and a few times as long with --gentle" if settings.gentle else ""
        size, seconds = pages * 8 / 1024, max(1, pages * _SECONDS_PER_PAGE)
        if among or among is found:
            yield f"{what.format(counted(len(among), 'table'))}, about {size:,.0f} MB: some {seconds:,.0f} s to scan{gently}"


def _about(view: SnapshotReader, asked: Configured) -> list[str]:
    plain = f"NO: {WARNING}" if is_unencrypted(view) else "no"
    version, standby, tls, sees_all, pooled = view.ask(_of_session)
    unnamed = [] if view.place.system else [f"cluster    {unknown_cluster(view.role)}"]
    return [
        f"config     {asked.file or 'none: no rollproof.toml is here, and none is named'}",
        f"database   {view.target}",
        f"server     PostgreSQL {version}, {'a standby' if standby else 'a primary'}",
        f"role       {view.role}{', sees every row' if sees_all else ', sees what it is granted'}",
        f"TLS        {'yes' if tls else plain}",
        *unnamed,
        *([_POOLER] if pooled else []),
    ]


def _of_session(connection: Connection) -> tuple[object, ...]:
    told: tuple[object, ...] = connection.execute(_ABOUT.encode()).fetchone() or ("", False, False, False)
    return *told, one(connection, "SELECT pg_catalog.pg_backend_pid()") != connection.info.backend_pid


def _reference(
    asked: Configured, view: SnapshotReader, tables: Iterable[str], deadline: Deadline
) -> tuple[list[str], tuple[str, ...]]:
    """Return what is to be known of the reference, and what of it cannot be read. Raises as a verification does."""
    named = asked.reference
    match named.kind:
        case "baseline":
            return _baseline(asked, named, seen(view)), ()
        case "dump":
            told = lacking("rehearse", "- reference: a dump is restored on a throw-away PostgreSQL, which")
            return [f"reference  {named.where}, a dump in {dump_at(named.path).form} format"], (told,) if told else ()
        case "copies":
            copies = Copies(view, asked.settings.backup or Backup())
            copies.adopt(tables)
            there = f"{counted(len(copies.tables), 'table')} in schema {copies.schema}" if copies.tables else "NONE"
            return [f"reference  the migration's own copies: {there}"], ()
        case "database":
            return _other(asked, deadline)


def _other(asked: Configured, deadline: Deadline) -> tuple[list[str], tuple[str, ...]]:
    scope = scope_of(asked.settings)
    target = Target.parse(asked.reference.where)
    with SnapshotReader(target, limits(asked.settings, deadline)) as other:
        schemas = other.ask(scope.names)
        holes = unreadable(capture(other, scope), other, schemas)
        version = other.ask(lambda connection: one(connection, "SELECT pg_catalog.current_setting('server_version')"))
    told = [f"reference  {target}, PostgreSQL {version}"]
    return told, tuple(f"{hole} (in the reference)" for hole in holes)


def _baseline(asked: Configured, named: Reference, now: DatabaseFacts) -> list[str]:
    if named.by_default and not named.path.exists():
        return [f"reference  none yet: rollproof capture --database-url URL --output {named.where}"]
    snapshot, seal = unsealed(named.path, allow_empty=True, key=key_of(asked.settings))
    require_sound(snapshot, named.where)
    known = of_baseline(named.where, snapshot.origin, seal, now)
    system = known.source.system
    another = "this cluster" if system == now.system else f"ANOTHER cluster ({system})"
    same = another if system and now.system else "a cluster that cannot be compared with this one"
    took = " ".join(filter(None, [known.by and f"by {known.by}", f"with rollproof {known.tool}"]))
    return [
        f"reference  {known}",
        f"           database {known.source.database} of {same}, taken {took}",
        f"           SHA-256 {seal.sha256}, {seal}",
        *(f"           {doubt}" for doubt in _doubts(known, asked.settings)),
    ]


def _doubts(baseline: ReferenceFacts, settings: Settings) -> Iterator[str]:
    """Yield why the baseline may prove nothing, as the check of this name does; the migration's log is not asked."""
    try:
        yield from (f"WARNING: {found.sentence}" for found in doubts(baseline, None, settings.max_baseline_age))
    except Inconclusive as error:
        yield f"WARNING: {str(error).splitlines()[0]}"


@settings_options("doctor")
@click.command(
    cls=Command,
    example="rollproof doctor --database-url postgresql://verifier@db.example/shop --reference baseline.json",
)
@interruptible
def doctor(rollproof_config: str | None, **typed: Any) -> None:
    """Connect and say what a verification would meet: role, server, TLS, missing privileges, the baseline."""
    asked = configured(rollproof_config, typed)
    findings = examine(asked, Deadline(asked.settings.max_duration), say)
    for line in findings.lines:
        click.echo(line)
    if findings.missing:
        raise Inconclusive("\n".join(["a verification could not read everything:", *findings.missing]))
