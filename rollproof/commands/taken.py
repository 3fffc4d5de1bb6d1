"""A baseline as it is taken, whoever asks: a command, or a program."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace

from rollproof.catalog.concurrent_ddl import steadily
from rollproof.commands.missing_privileges import unreadable
from rollproof.commands.request import say_nothing
from rollproof.commands.scan_progress import Show, seen_of
from rollproof.commands.verification import limits, scope_of
from rollproof.model.snapshot import Snapshot
from rollproof.probes.recorded import take_baseline
from rollproof.probes.role_privileges import notes_about
from rollproof.rows.footprints import counted
from rollproof.server.reader import SnapshotReader, Target
from rollproof.settings.options import Settings
from rollproof.sources.baseline import without_tables
from rollproof.sources.live import Live
from rollproof.system.deadline import NEVER, Deadline


@dataclass(frozen=True)
class Taken:
    """A snapshot `of` a database, read by a `role`.

    `holes` are the facts that could not be read, each with what would mend it; `notes` are about the role; `pace` says how
    gently it was read, "" if nobody asked for that.
    """

    snapshot: Snapshot
    of: str
    role: str
    holes: tuple[str, ...]
    notes: tuple[str, ...]
    pace: str


def take(
    settings: Settings,
    environment: Mapping[str, str],
    deadline: Deadline = NEVER,
    tell: Callable[[str], None] = say_nothing,
    show: Show = nullcontext,
) -> Taken:
    """Read all that a baseline holds, at one instant; `tell` hears while somebody waits, `show` shows how far it is.

    Raises `Inconclusive` if the database cannot be asked, or the time is over, and `Misuse` if there is no table and none need be.
    """
    taken = steadily(lambda: _once(settings, environment, deadline, tell, show))
    deadline.require()
    if not taken.snapshot.facets.get("tables") and not settings.allow_empty:
        raise without_tables(taken.of)
    return taken


def _once(
    settings: Settings, environment: Mapping[str, str], deadline: Deadline, tell: Callable[[str], None], show: Show
) -> Taken:
    one_instant = replace(limits(settings, deadline), several_snapshots=False, reconnects=0)
    scope, target = scope_of(settings), Target.parse(settings.database_url or "")
    before = counted(target, one_instant)  # of what the snapshot will not see yet nothing may be counted
    with SnapshotReader(target, one_instant, tell) as view:
        of = str(view.target)
        lives: list[Live] = []
        with show(lambda: seen_of([view], *(live.progress() for live in lives))):
            lives.append(live := Live(view, scope, of, dumped=True, counted=before))
            snapshot = take_baseline(live, settings, environment)
        schemas = view.ask(scope.names)
        holes = unreadable(snapshot, view, schemas) if snapshot.unknown else ()
        notes = notes_about(view, [*schemas, scope.backup_schema])
        return Taken(snapshot, of, view.role, holes, notes, view.pace.note if view.pace else "")
