"""--report-dir: a locked folder for each run, the files of the newest run above them, the oldest runs removed."""

import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rollproof.report.formats import formats
from rollproof.system.file_lock import hold
from rollproof.system.files import put_in_place, put_or_remove, replace_file
from rollproof.system.signals import SIGNALS

RUNS = "runs"
TURN = 5.0
"""Seconds to wait while another run writes its files here, which takes some milliseconds."""
_RUNNING, _MET, _LOCK = ".running-", "met-", ".lock"
_STAMP = "%Y-%m-%dT%H%M%S"
_KEPT = re.compile(r"\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z-[a-z-]+")
_WHO = re.compile(r"(?P<process>\d+)-(?P<since>\d{4}-\d\d-\d\dT\d{6})\.\d+Z")

REHEARSAL = tuple(f"rehearsal.{ending}" for ending in ("html", "json", "md", "sarif", "xml"))
"""The files of a rehearsal, beside those of the run that decided it."""


FLEET = "fleet.json"
"""The file of a fleet's run, whose other files stand in the report folder alone, beside its targets."""


def file_names() -> tuple[str, ...]:
    """Return the names of a run's files: one of each format, and those of a rehearsal."""
    return (*formats(), *REHEARSAL)


@dataclass(frozen=True)
class Written:
    """One file of a report; `problem` is why it could not be written, "" if it was."""

    path: Path
    problem: str = ""


class Runs:
    """One run in the report folder, in which `keep` runs are kept (0: all).

    Nothing is created before `enter`. Each run has a folder of its own, and holds the lock beside it: the kernel releases the lock
    of a run that was killed, and the next run removes its folder. On a file system without locks no other run is noticed.
    """

    def __init__(self, path: Path, keep: int) -> None:
        self.path = path
        self._keep = keep
        self._me = f"{os.getpid()}-{datetime.now(tz=UTC):{_STAMP}.%fZ}"
        self._place: Path | None = None
        self._held: list[int] = []
        self._first = False
        self._met: set[str] = set()
        self._published: Path | None = None

    def obstacle(self) -> str | None:
        """Return why nothing can be written here, as far as that shows without trying; None if no reason shows."""
        try:
            if self.path.is_symlink() and not self.path.exists():
                return "it is a link to nowhere"
            there = next((each for each in (self.path, *self.path.absolute().parents) if each.exists()), Path())
        except OSError as error:  # it is below a folder that may not be entered
            return error.strerror or str(error)
        if not there.is_dir():
            return "it is a file" if there == self.path else f"{there} is a file"
        return None if os.access(there, os.W_OK | os.X_OK) else "it is not writable"

    def enter(self) -> None:
        """Create and lock this run's folder, and leave a note in those of other runs at work. Raises `OSError`.

        Does nothing the second time.
        """
        if self._place or self._published:
            return
        with SIGNALS.waiting():
            runs = self.path / RUNS
            runs.mkdir(parents=True, exist_ok=True)
            self._place = self._taken(runs / f"{_RUNNING}{self._me}")
            for place in sorted({each.with_name(each.name.removesuffix(_LOCK)) for each in runs.glob(f"{_RUNNING}*")}):
                if place != self._place and _is_at_work(place) and place.exists():
                    self._met.add(place.name.removeprefix(_RUNNING))
                    with suppress(OSError):  # it has just gone
                        (place / f"{_MET}{self._me}").touch()
            held = hold(runs / ".first")
            self._first = held is not None
            self._held += [held] if held else []

    def _taken(self, place: Path) -> Path:
        SIGNALS.unfinished |= {place, lock := _lock_of(place)}
        while True:
            held = hold(lock, seconds=TURN)
            self._held += [held] if held else []
            if lock.exists():  # else another run took it for a dead one's before it was locked
                place.mkdir()
                return place

    def own(self, name: str) -> Path:
        """Return the path of a file that one run leaves for the next; with the process number in it while another run uses it."""
        with suppress(OSError):  # whoever writes there will say so
            self.enter()
        path = self.path / name
        return path if self._first or not self._place else path.with_stem(f"{path.stem}-{os.getpid()}")

    def met(self) -> tuple[str, ...]:
        """Return a sentence about each other run that was writing here meanwhile."""
        if self._place:
            self._met |= {each.name.removeprefix(_MET) for each in self._place.glob(f"{_MET}*")}
        found = sorted(filter(None, map(_WHO.fullmatch, self._met)), key=lambda who: who["since"])
        return tuple(
            f"another run (process {who['process']}, since {who['since']}Z) wrote to {self.path} at the same time; "
            f"each is whole in {self.path / RUNS}"
            for who in found
        )

    def publish(
        self, verdict: str, files: Mapping[str, bytes], above: frozenset[str] | None = None
    ) -> Iterator[Written]:
        """Write the run's files into its folder and, as those of the newest run, into the report folder.

        With `above` only those of these names stand in the report folder. Yields each file with why it could not be written, if it
        could not; never raises `OSError`. The second time they replace the first.
        """
        kept = self._keep_run(verdict, files)
        with _turn(self.path / RUNS / ".newest"):
            if not kept.problem:
                kept = self._name(kept.path, verdict)
            for name in file_names():
                yield from self._put(name, files.get(name) if above is None or name in above else None)
            yield kept
            self._thin_out()

    def _keep_run(self, verdict: str, files: Mapping[str, bytes]) -> Written:
        wanted = self.path / RUNS / f"…-{_slug(verdict)}"
        try:
            self.enter()
            place = self._published or self._place or wanted
            for name, content in files.items():
                replace_file(place / name, content)
        except OSError as error:
            return Written(wanted, error.strerror or str(error))
        return Written(place)

    def _name(self, place: Path, verdict: str) -> Written:
        """Rename the folder to the time of now and the verdict; no other run has the same time, for they take turns."""
        while True:
            now = datetime.now(tz=UTC)
            path = self.path / RUNS / f"{now:{_STAMP}}.{now.microsecond // 1000:03}Z-{_slug(verdict)}"
            if not any(path.parent.glob(f"{path.name.partition('Z-')[0]}Z-*")):
                break
            time.sleep(0.001)
        self.met()
        try:
            put_in_place(place, path)
        except OSError as error:
            return Written(path, error.strerror or str(error))
        for each in path.glob(f"{_MET}*"):
            each.unlink(missing_ok=True)
        SIGNALS.unfinished.discard(place)
        self._published = path
        return Written(path)

    def _put(self, name: str, content: bytes | None) -> Iterator[Written]:
        path = self.path / name
        try:
            put_or_remove(path, content)  # what is there is of an older run
        except OSError as error:
            yield Written(path, error.strerror or str(error))
        else:
            if content is not None:
                yield Written(path)

    def _thin_out(self) -> None:
        """Remove the oldest runs beyond those to keep; of each only our own files."""
        with suppress(OSError):
            kept = sorted(each for each in (self.path / RUNS).iterdir() if _is_kept(each) and each != self._published)
            for run in kept[: max(0, len(kept) + 1 - self._keep)] if self._keep else ():
                with suppress(OSError):  # somebody put something into it, or another run was faster
                    for name in (*file_names(), FLEET):
                        (run / name).unlink(missing_ok=True)
                    run.rmdir()

    def leave(self) -> None:
        """Release the lock; remove the folder if nothing was published."""
        if self._place and not self._published:
            shutil.rmtree(self._place, ignore_errors=True)
            SIGNALS.unfinished.discard(self._place)
        for held in self._held:
            os.close(held)
        if self._place:
            _lock_of(self._place).unlink(missing_ok=True)
            SIGNALS.unfinished.discard(_lock_of(self._place))
        self._held, self._place = [], None


def _slug(verdict: str) -> str:
    return re.sub("[^a-z]+", "-", verdict.lower()).strip("-")


def _is_kept(path: Path) -> bool:
    return bool(_KEPT.fullmatch(path.name)) and path.is_dir() and not path.is_symlink()


def _lock_of(place: Path) -> Path:
    """Return the lock of a run's folder: beside it, for Windows renames no folder in which a file is open."""
    return place.with_name(place.name + _LOCK)


def _is_at_work(place: Path) -> bool:
    """Whether the run of this folder is still running; the folder of one that is not is removed."""
    if place.is_symlink() or not _WHO.fullmatch(place.name.removeprefix(_RUNNING)):
        return False
    if _is_locked_within(place):
        return True
    held = hold(_lock_of(place))
    if held is None:
        return True
    if held:
        shutil.rmtree(place, ignore_errors=True)
        _remove(_lock_of(place), held)
    return False


def _is_locked_within(place: Path) -> bool:
    """Tell whether a run of 0.2.0 is at work, which has its lock in its folder."""
    if not (place / ".lock").exists():
        return False
    held = hold(place / ".lock")
    if held:
        os.close(held)
    return held is None


def _remove(lock: Path, held: int) -> None:
    """Remove a lock while we hold it, so that nobody takes it meanwhile; Windows removes no file that anybody has open."""
    try:
        lock.unlink(missing_ok=True)
    except PermissionError:
        os.close(held)
        with suppress(OSError):
            lock.unlink(missing_ok=True)
    else:
        os.close(held)


@contextmanager
def _turn(file: Path) -> Iterator[None]:
    held = None
    with suppress(OSError):
        held = hold(file, seconds=TURN)
    try:
        yield
    finally:
        if held:
            os.close(held)
