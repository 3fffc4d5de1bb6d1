"""A run of the past rendered again, or, where that cannot be, its file as it was written."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from rollproof.commands.command_options import tell
from rollproof.commands.kept_runs import own_file, report_of
from rollproof.model.errors import Misuse
from rollproof.report.formats import formats
from rollproof.report.history.kept import Kept
from rollproof.report.terminal import Files, lines

TEXT = "text"
FORMATS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        TEXT: ("", "rehearsal.md"),
        "html": ("report.html", "rehearsal.html"),
        "markdown": ("summary.md", "rehearsal.md"),
        "junit": ("junit.xml", "rehearsal.xml"),
        "json": ("result.json", "rehearsal.json"),
        "ctrf": ("ctrf.json", ""),
    }
)
"""Format → its file of a verification, and of a rehearsal; "" if there is none."""


def shown(run: Kept, form: str) -> bytes:
    """Return a run in one of FORMATS. Raises `Misuse` if it cannot be read, and was not written in that format."""
    of_run, of_rehearsal = FORMATS[form]
    if run.kind == "rehearsal":
        return _as_written(run, of_rehearsal, "")
    try:
        report = report_of(run)
    except Misuse as error:
        return _as_written(run, of_run, str(error))
    if form == TEXT:
        page = Path(run.path, "report.html")
        told = lines(report, Files(str(page) if page.is_file() else ""))
        return "".join(f"{line.text}\n" for line in told).encode("utf-8", "backslashreplace")
    if of_run not in formats():
        return _as_written(run, of_run, "")
    text = formats()[of_run](report)
    return text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")


def _as_written(run: Kept, name: str, why: str) -> bytes:
    if not name:
        raise Misuse(f"{run.name} is a rehearsal, which has no such format")
    try:
        content = own_file(Path(run.path, name))
    except OSError as error:
        raise Misuse(f"{why or run.name}; its {name} cannot be shown: {error.strerror}") from error
    if why:
        tell(f"{why}; this is its {name} as it was written")
    return content
