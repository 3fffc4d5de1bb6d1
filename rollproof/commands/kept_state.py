"""The state before the rollback: sealed beside the baseline when its phase was run, and found again after the rollback."""

from collections.abc import Callable, Iterator
from pathlib import Path

from rollproof.commands.baseline_validation import require_sound
from rollproof.commands.prepare import Prepared
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.facets import facets_where
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.model.timestamps import read, shown
from rollproof.probes.recorded import aside, keep
from rollproof.probes.state_backup import StateDump
from rollproof.sources.baseline import Seal, save, unsealed
from rollproof.sources.live import Live
from rollproof.sources.recorded import Recorded
from rollproof.sources.signature import Key
from rollproof.system.files import is_there
from rollproof.verdict.rollback_changes import TOLD, changes
from rollproof.verdict.state_before import RollbackChanges, StateKept

NAME = "before-rollback.json"
"""The end of its file's name."""
_UNCOUNTED = "it was kept before the rollback, and no rows were counted for it: --state-backup does that"
_OF_THE_MOMENT = facets_where(lambda row: row.late or row.holds == "input")


def keep_state(
    prepared: Prepared, folder: Path, say: Callable[[str], object], dump: StateDump | None = None
) -> StateKept | None:
    """Write the state before the rollback, sealed, beside the baseline or else into the report `folder`; say where.

    Where it was dumped, too, rows and what pg_dump says are in it, as in a baseline. Another state that is there is kept aside, by
    its time. What cannot be written is said, and changes nothing.
    """
    try:
        snapshot = _snapshot(prepared.sides.after, rows=dump is not None)
    except Inconclusive as error:
        say(f"the state before the rollback was not kept: {error}")
        return None
    problems = []
    for path in _places(prepared, folder):
        try:
            seal = _written(snapshot, path, prepared, say)
        except Misuse as error:
            problems.append(str(error))
        else:
            return StateKept(str(path), seal.sha256, *((str(dump.path), str(dump)) if dump else ()))
    say("\n".join(["WARNING: the state before the rollback was not kept", *problems]))
    return None


def _snapshot(after: Live, *, rows: bool) -> Snapshot:
    snapshot = after.complete() if rows else after.definitions(_UNCOUNTED)
    if after.view.instants > 1:
        raise Inconclusive("the connection was lost, and it would be of several instants")
    return snapshot


def _places(prepared: Prepared, folder: Path) -> Iterator[Path]:
    """Yield where the file may be: beside a baseline that is a file, in the report folder."""
    plan = prepared.plan
    if plan.baseline and plan.baseline.seal:
        beside = plan.effective.reference.path
        yield beside.with_name(f"{beside.stem}-{NAME}")
    yield folder / NAME


def _written(snapshot: Snapshot, path: Path, prepared: Prepared, say: Callable[[str], object]) -> Seal:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misuse(f"{path.parent} cannot be made: {error.strerror}") from error
    if kept := aside(path):
        there, seal = unsealed(path, allow_empty=True)
        if _is_rolled_back(snapshot, there, prepared.plan.baseline):
            say(f"{path}, kept {shown(there.origin.taken)}, stays: by now the database is as the baseline has it")
            return seal
        if _facts(there) == _facts(snapshot) and _is_believed(path, prepared.plan.key):
            say(
                f"the state before the rollback is as it was kept {shown(there.origin.taken)}: {path}, SHA-256 {seal.sha256}"
            )
            return seal
        keep(path, kept, lambda _: say(f"the state before the rollback that was there is kept: {kept}"))
    seal = save(snapshot, path, prepared.plan.key)
    say(f"the state before the rollback is kept: {path}, SHA-256 {seal.sha256}")
    return seal


def _is_believed(path: Path, key: Key | None) -> bool:
    """Tell whether a file that is there may stay: what is to be signed may have been written by anybody."""
    try:
        unsealed(path, allow_empty=True, key=key)
    except Misuse:
        return False
    return True


def _is_rolled_back(now: Snapshot, there: Snapshot, baseline: Recorded | None) -> bool:
    """Tell whether what was kept is the state before the rollback, and what is there now is what the rollback left."""
    return baseline is not None and _defined(now) == _defined(baseline.snapshot) != _defined(there)


def _defined(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    return {facet: facts for facet, facts in snapshot.facets.items() if facet in TOLD}


def _facts(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    """Return what tells two states apart."""
    return {facet: facts for facet, facts in snapshot.facets.items() if facet not in _OF_THE_MOMENT}


def changed_since(prepared: Prepared, folder: Path, say: Callable[[str], object]) -> RollbackChanges | None:
    """Return what the rollback changed; None if no state before it was kept, or none that can be believed, which is said."""
    path = next((each for each in _places(prepared, folder) if is_there(each)), None)
    if path is None:
        return None
    try:
        snapshot = unsealed(path, allow_empty=True, key=prepared.plan.key)[0]
        require_sound(snapshot, str(path))
        _require_of_this_rollback(snapshot.origin, path, prepared)
        objects, untold = changes(Recorded(snapshot, str(path)), prepared.sides.after)
    except (Inconclusive, Misuse) as error:
        say(f"what the rollback changed is not told: {error}")
        return None
    return RollbackChanges(str(path), shown(snapshot.origin.taken), objects, untold)


def _require_of_this_rollback(was: Origin, path: Path, prepared: Prepared) -> None:
    """Raise `Misuse` if it is of another database, older than the baseline, or looks at other schemas."""
    now, baseline = prepared.sides.after.origin, prepared.plan.baseline
    if was.database != now.database or (was.system and now.system and was.system != now.system):
        raise Misuse(f"{path} is of another database, {was.database} in cluster {was.system or '(unknown)'}")
    if was.schemas != now.schemas:
        raise Misuse(f"{path} looks at other schemas")
    taken, began = read(was.taken), read(baseline.origin.taken) if baseline else None
    if taken and began and taken < began:
        raise Misuse(f"{path} is older than the baseline, {shown(was.taken)}: it is of another rollback")
