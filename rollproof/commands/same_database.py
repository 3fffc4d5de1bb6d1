"""Whether the reference is of the database that is looked at, or that database itself."""

from rollproof.model.errors import Misuse
from rollproof.model.snapshot import Origin
from rollproof.model.timestamps import shown
from rollproof.server.reader import SnapshotReader
from rollproof.server.sqlstates import unknown_cluster
from rollproof.settings.options import Settings
from rollproof.sources.live import Live


def require_same_database(was: Origin, after: Live, settings: Settings) -> None:
    """Raise `Misuse` if a baseline is of another database than the subject, unless that is meant (`--other-database`)."""
    now = after.snapshot.origin
    if not now.system:
        after.note(f"only the database's name was compared with the baseline's: {unknown_cluster(after.view.role)}")
    unknown = not (was.system and now.system)
    if settings.other_database or (was.database == now.database and (unknown or was.system == now.system)):
        return
    raise Misuse(
        f"the baseline is of database {was.database} in cluster {was.system or '(unknown)'}, taken {shown(was.taken)}; "
        f"the database is {now.database} in cluster {now.system or '(unknown)'}\n"
        "if one is meant to be a copy of the other (a staging restore, a clone), pass --other-database"
    )


def require_another_database(was: SnapshotReader, now: SnapshotReader) -> None:
    """Raise `Misuse` if a database is held against itself."""
    if was.place.is_same(now.place):
        raise Misuse(
            f"the reference is the database itself ({now.place.database}), which would prove nothing; name another one"
        )
