"""`rollproof doctor`: what a verification of this database would meet, by the same code, beforehand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import click

from rollproof.catalog.capture import capture
from rollproof.commands.baseline_validation import require_sound
from rollproof.commands.command_options import Command, configured, interruptible, settings_options
from rollproof.commands.command_options import tell as say
from rollproof.commands.missing_privileges import unreadable
from rollproof.commands.provenance import of_baseline, seen
from rollproof.commands.verification import key_of, limits, scope_of
from rollproof.migration.baseline_age import doubts
from rollproof.model.errors import Inconclusive
from rollproof.model.provenance import DatabaseFacts, ReferenceFacts
from rollproof.probes.role_privileges import notes_about
from rollproof.rows.tables import relations
from rollproof.server.encryption import WARNING, is_unencrypted
from rollproof.server.reader import Connection, SnapshotReader, Target, one
from rollproof.server.sqlstates import unknown_cluster
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.sources.baseline import unsealed
from rollproof.system.deadline import NEVER, Deadline

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
    """Look at the subject and the baseline. Raises `Inconclusive` if the server cannot be reached."""
    settings = asked.settings
    scope = scope_of(settings)
    with SnapshotReader(Target.parse(settings.database_url or ""), limits(settings, deadline), tell) as view:
        schemas = view.ask(scope.names)
        plain = f"NO: {WARNING}" if is_unencrypted(view) else "no"
        lines = view.ask(lambda connection: _about(connection, view, plain))
        found = view.ask(lambda connection: relations(connection, schemas))
        facts = capture(view, scope)
        missing = unreadable(facts, view, [*schemas, scope.backup_schema])
        refused = view.refused(each.source for each in found.values())
        missing += tuple(f"- rows: {why}" for why in dict.fromkeys(refused.values()))
        lines += [f"closed     {facet}, which will not be checked: {why}" for facet, why in facts.absent.items()]
        lines += _baseline(asked, seen(view))
        notes = notes_about(view, [*schemas, scope.backup_schema])
        deadline.require()
    pages = sum(max(relation.pages, 0) for relation in found.values())
    lines.append(
        f"content    {len(found)} tables, about {pages * 8 / 1024:,.0f} MB: some {max(1, pages * _SECONDS_PER_PAGE):.0f} s to scan"
    )
    return Findings((*lines, *(f"note       {note}" for note in notes)), missing)


def _about(connection: Connection, view: SnapshotReader, plain: str) -> list[str]:
    version, standby, tls, sees_all = connection.execute(_ABOUT.encode()).fetchone() or ("", False, False, False)
    unnamed = [] if view.place.system else [f"cluster    {unknown_cluster(view.role)}"]
    return [
        f"database   {view.target}",
        f"server     PostgreSQL {version}, {'a standby' if standby else 'a primary'}",
        f"role       {view.role}{', sees every row' if sees_all else ', sees what it is granted'}",
        f"TLS        {'yes' if tls else plain}",
        *unnamed,
        *([_POOLER] if one(connection, "SELECT pg_catalog.pg_backend_pid()") != connection.info.backend_pid else []),
    ]


def _baseline(asked: Configured, now: DatabaseFacts) -> list[str]:
    named = asked.reference
    if named.kind != "baseline":
        return [f"reference  {Target.parse(named.where) if named.kind == 'database' else named.where}"]
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
