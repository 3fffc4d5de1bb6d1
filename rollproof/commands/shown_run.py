"""A run of the past rendered again, or, where that cannot be, its file as it was written."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from rollproof.commands.command_options import tell
from rollproof.commands.kept_runs import own_file, report_of
from rollproof.model.errors import Misuse, did_you_mean
from rollproof.report.folder import FLEET
from rollproof.report.formats import by_name
from rollproof.report.history.kept import Kept
from rollproof.report.terminal import Files, lines

TEXT = "text"
_INSTEAD = "summary.md"  # of the text, where it cannot be made
OF_REHEARSALS: Mapping[str, str] = MappingProxyType(
    {
        TEXT: "rehearsal.md",
        "markdown": "rehearsal.md",
        "html": "rehearsal.html",
        "junit": "rehearsal.xml",
        "json": "rehearsal.json",
    }
)
"""Format → the file of a rehearsal, which is shown as it was written."""


def shown(run: Kept, form: str) -> bytes:
    """Return a run in a format. Raises `Misuse` for an unknown one, and if the run cannot be read and was not written in it."""
    known = (TEXT, *by_name())
    if form not in known:
        meant = did_you_mean(form, known) or f"; the formats are: {', '.join(known)}"
        raise Misuse(f"--format {form}: there is no such format{meant}")
    if run.kind == "rehearsal":
        return _as_written(run, OF_REHEARSALS.get(form, ""), "")
    if run.kind == "fleet":
        if form != "json":
            report_of(run)  # which says why it cannot be shown
        return _as_written(run, FLEET, "")
    name, render = by_name().get(form, (_INSTEAD, None))
    try:
        report = report_of(run)
    except Misuse as error:
        return _as_written(run, name, str(error))
    if render is None:
        page = Path(run.path, "report.html")
        told = lines(report, Files(str(page) if page.is_file() else ""))
        return "".join(f"{line.text}\n" for line in told).encode("utf-8", "backslashreplace")
    text = render(report)
    return text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")


def _as_written(run: Kept, name: str, why: str) -> bytes:
    if not name:
        raise Misuse(why or f"{run.name} is a rehearsal, of which there is no such file: --format html shows its page")
    try:
        content = own_file(Path(run.path, name))
    except OSError as error:
        raise Misuse(f"{why or run.name}; its {name} cannot be shown either: {error.strerror}") from error
    if why:
        tell(f"{why}; this is its {name} as it was written")
    return content
