"""The runs that a report folder keeps, read from their files; and which one is meant by what somebody typed.

The folder may be anybody's: what is no run, a link, half a file or too large is named as such and never believed.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from rollproof.commands.drill_records import FOLDER, Drill, Record
from rollproof.model.errors import Misuse
from rollproof.model.timestamps import read as moment
from rollproof.report.folder import FLEET, RUNS
from rollproof.report.history.kept import Kept, fleet, rehearsal, verification
from rollproof.report.stored import read
from rollproof.system.files import contents
from rollproof.verdict.outcome import Report

MOST = 2**28
"""Bytes of a file that are read; one of 10,000 tables has some five million."""
NOT_OPENED = "not opened"
"""What a run calls its database that was ended before it knew which."""
LATEST, PREVIOUS = "latest", "previous"
_NAME = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)T(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)\.\d{3}Z-(?P<word>[a-z-]+)")
_RESULT, _REHEARSAL = "result.json", "rehearsal.json"
_READ = ((_REHEARSAL, rehearsal), (FLEET, fleet), (_RESULT, verification))
_SUGGESTED = 5
_NIGHT = timedelta(hours=24)


def kept_runs(folder: Path, drills: Sequence[Record] = ()) -> list[Kept]:
    """Return what a report folder keeps, the oldest first, and the records of drills whose runs are gone.

    Raises `Misuse` if there is no such folder, or it cannot be read.
    """
    try:
        runs = [run_at(each) for each in _entries(folder)]
    except OSError as error:
        raise Misuse(f"the runs in {folder} cannot be read: {error.strerror or error}") from error
    by_digest = {each.drill.report_sha256: each for each in drills}
    marked = [replace(each, is_drill=_digest(each) in by_digest) if by_digest else each for each in runs]
    found = {_digest(each) for each in marked if each.is_drill}
    alone = [_drill(each) for digest, each in by_digest.items() if digest not in found]
    return sorted([*marked, *alone], key=lambda each: (each.ended, each.name))


def _entries(folder: Path) -> Iterator[Path]:
    """Yield what is in runs/, but for locks and the folders of runs that are still at work."""
    if not folder.is_dir():
        raise Misuse(f"there is no report folder {folder}: `rollproof verify` makes one; --report-dir names another")
    within = folder / RUNS
    yield from (each for each in sorted(within.iterdir()) if not each.name.startswith(".")) if within.is_dir() else ()


def run_at(path: Path) -> Kept:
    """Return the run in a folder of that name; with its `problem` if it is none, or cannot be read."""
    named = _NAME.fullmatch(path.name)
    time = f"{named['day']}T{named['hour']}:{named['minute']}:{named['second']}Z" if named else ""
    ended = time if moment(time) else ""
    word = named["word"].replace("-", " ").upper() if named else ""
    at = Kept(name=path.name, path=str(path), ended=ended, verdict=word)
    if path.is_symlink():
        return replace(at, problem="it is a symbolic link")
    if not path.is_dir():
        return replace(at, problem="it is no folder of a run")
    try:
        for name, kept in _READ:
            if (path / name).exists():
                return kept(own_file(path / name), at)
    except OSError as error:
        return replace(at, problem=error.strerror or str(error))
    return replace(at, problem=f"there is no {_RESULT} in it")


def own_file(path: Path) -> bytes:
    """Return what a file of a run holds; no link is followed. Raises `OSError`."""
    if path.parent.is_symlink() or path.is_symlink():
        raise OSError(0, f"its {path.name if path.is_symlink() else 'folder'} is a symbolic link")
    return contents(path, MOST)


def _digest(run: Kept) -> str:
    """Return the SHA-256 by which a drill's record names its report; "" of what is no run."""
    if run.kind not in ("verification", "rehearsal"):
        return ""
    name = _REHEARSAL if run.kind == "rehearsal" else _RESULT
    try:
        return hashlib.sha256(own_file(Path(run.path, name))).hexdigest()
    except OSError:
        return ""


def _drill(record: Record) -> Kept:
    drill: Drill = record.drill
    return Kept(
        name=record.path.name,
        path=str(record.path),
        kind="drill",
        ended=f"{drill.ended:%Y-%m-%dT%H:%M:%SZ}",
        phase=f"{FOLDER.removesuffix('s')}: {drill.kind}",
        verdict=drill.verdict,
        database=drill.source,
        took=drill.seconds,
        is_drill=True,
    )


def chosen(typed: str, runs: Sequence[Kept]) -> Kept:
    """Return the run that was meant: `latest`, `previous`, the beginning of its time, a path. Raises `Misuse` for anything else."""
    whole = [each for each in runs if not each.problem and each.kind != "drill"]
    if typed in (LATEST, PREVIOUS):
        return _last(typed, whole)
    if is_path(typed):
        path = Path(typed)
        return run_at(path.parent if path.is_file() else path.resolve())
    near = [each for each in runs if each.kind != "drill" and each.name.startswith(typed.replace(":", ""))]
    if len(near) == 1:
        return near[0]
    what = "no run begins with" if not near else f"{len(near)} runs begin with"
    names = ", ".join(each.name for each in (near or whole)[-_SUGGESTED:]) or "none is kept"
    raise Misuse(f"{what} {typed}; name one by the beginning of its time, {LATEST}, {PREVIOUS} or a path: {names}")


def is_path(typed: str) -> bool:
    """Tell whether a run was named by where it is."""
    return "/" in typed or "\\" in typed or (bool(typed) and Path(typed).is_dir())


def _last(typed: str, whole: Sequence[Kept]) -> Kept:
    place = 1 if typed == LATEST else 2
    if len(whole) < place:
        raise Misuse(f"{len(whole) or 'no'} run is kept here that can be read: `rollproof verify` makes one")
    return whole[-place]


def last_two(runs: Sequence[Kept]) -> tuple[Kept, Kept]:
    """Return the newest verification that has an earlier one of its phase and database, and that. Raises `Misuse` if none has."""
    whole = [each for each in runs if each.kind == "verification" and not each.problem]
    for place in range(len(whole) - 1, 0, -1):
        earlier = [each for each in whole[:place] if each.subject == whole[place].subject]
        if earlier:
            return earlier[-1], whole[place]
    raise Misuse("there are no two runs of the same phase and database: name the two that are to be compared")


def night_of(runs: Sequence[Kept], since: str | None) -> list[Kept]:
    """Return the verifications of the newest one's database that ended `since` a time, else in the 24 hours before the newest.

    Those that were ended before they knew their database are among them. Raises `Misuse` if it is no time, or nothing ended since.
    """
    whole = [each for each in runs if each.kind == "verification" and not each.problem]
    newest = _last(LATEST, [each for each in whole if each.database != NOT_OPENED] or whole)
    first = _moment(since, "--since") if since else _moment(newest.ended, newest.name) - _NIGHT
    of_it = [each for each in whole if each.database in {newest.database, NOT_OPENED}]
    found = [each for each in of_it if (ended := moment(each.ended)) and ended >= first]
    if not found:
        raise Misuse(f"no run has ended since {since}; the newest is {newest.name}")
    return found


def _moment(text: str, named: str) -> datetime:
    found = moment(text)
    if found is None:
        raise Misuse(f"{named} {text}: write a time as in 2026-11-29T20:00 (UTC, unless it says another zone)")
    return found


def report_of(run: Kept) -> Report:
    """Return the whole report of a run. Raises `Misuse` if it cannot be read."""
    if run.kind == "rehearsal":
        raise Misuse(f"{run.name} is a rehearsal: its own page tells it (`rollproof report show`)")
    if run.kind == "fleet":
        raise Misuse(
            f"{run.name} is of many databases: --format json shows all of it, and fleet.html is the page of the newest"
        )
    try:
        return read(own_file(Path(run.path, _RESULT)))
    except (OSError, Misuse) as error:
        why = run.problem or (error.strerror if isinstance(error, OSError) else "") or error
        raise Misuse(f"{run.name} cannot be read: {why}") from error
