"""--metrics-file: refused before a run if nothing would read it, written at its end in one step."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from pathlib import Path

from rollproof.commands.drill_records import Drill, key, project, records
from rollproof.commands.kept_runs import run_at
from rollproof.model.errors import Misuse
from rollproof.model.timestamps import read
from rollproof.report.folder import RUNS
from rollproof.report.metric_text import Sample, added, text
from rollproof.settings.configuration import Configured
from rollproof.system.extras import require
from rollproof.system.files import contents, replace_file

ENDING = ".prom"
_READABLE = 0o644  # node_exporter is another user, and no secret is in it
_MOST = 2**24  # bytes of such a file
_LOOKED_AT = 50  # runs, of those that have a good word in their name
_NO_DRILL: Mapping[str, float] = {"rehearsal": 0.0, "restore": 0.0}


def require_metrics(path: str | None) -> None:
    """Return if metrics can be written to a file of this name. Raises `Misuse` if not, or if nobody would read them there."""
    if not path:
        return
    require("metrics", "--metrics-file")
    file = Path(path)
    if file.suffix != ENDING:
        raise Misuse(
            f"--metrics-file {path}: node_exporter reads only files whose names end in {ENDING}; name it {file.stem}{ENDING}"
        )
    if not file.parent.is_dir():
        raise Misuse(
            f"--metrics-file {path}: there is no folder {file.parent}; "
            "name a file in the folder of node_exporter's --collector.textfile.directory"
        )


def put_metrics(
    path: str, samples: Iterable[Sample], common: Mapping[str, str], say: Callable[[str], object], *, kept: bool = False
) -> None:
    """Write the samples to the file, with what was there if that is `kept`; what cannot be written is said, and changes nothing."""
    file, told = Path(path), text(samples, common)
    try:
        replace_file(file, added(contents(file, _MOST), told) if kept and file.is_file() else told, mode=_READABLE)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        say(f"NOT written: {path}: {why}; what is read there is of an earlier run")


def last_good_run(folder: Path, phase: str, database: str, word: str) -> float:
    """Return when the last whole good run of a phase of a database ended, as a timestamp; 0.0 if the folder keeps none."""
    ending = "-" + word.lower().replace(" ", "-")
    try:
        named = sorted((each for each in (folder / RUNS).glob(f"*Z{ending}")), reverse=True)[:_LOOKED_AT]
    except OSError:
        return 0.0
    for run in map(run_at, named):
        when = read(run.ended)
        if when and (run.phase, run.database, run.exit_code, run.is_part) == (phase, database, 0, False):
            return when.replace(tzinfo=UTC).timestamp()
    return 0.0


def last_good_drills(asked: Configured) -> dict[str, float]:
    """Return when the last good drill of each kind ended, as a timestamp; 0.0 for a kind of which there is no record to believe."""
    ours = project(asked)
    try:
        kept = [each.drill for each in records(Path(asked.settings.report_dir), key(asked))[0]]
    except Misuse:
        kept = []
    good = [each for each in kept if each.is_good and each.project == ours]
    return {**_NO_DRILL, **{each.kind: _when(each) for each in good}}


def _when(drill: Drill) -> float:
    return drill.ended.timestamp()
