"""The files of a runbook, written together: runbook.md, runbook.html and recreate.sql, and runbook.json for the next time."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import msgspec

from rollproof.commands.drill_records import now
from rollproof.commands.request import say_nothing
from rollproof.commands.runbook_facts import Sources, known, opened
from rollproof.commands.runbook_settings import last_drill
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.redaction import Secrets, hidden
from rollproof.model.timestamps import shown as shown_time
from rollproof.report.json import encoded
from rollproof.report.runbook import html, markdown
from rollproof.report.runbook.changes import with_changes
from rollproof.report.runbook.known import FORMAT, Known, KnownTable
from rollproof.settings.configuration import Configured
from rollproof.system.deadline import NEVER
from rollproof.system.files import contents, replace_file

KEPT, SCRIPT = "runbook.json", "recreate.sql"
_MOST = 2**26  # bytes of runbook.json
_READABLE = 0o644  # it holds no secret, and is to be read by all who are called


class _Kept(msgspec.Struct):
    format: int
    known: Known


def folder_of(asked: Configured, typed: str | None = None) -> Path:
    """Return where the runbook is: as typed, as `[runbook] output` says, else in the report folder."""
    configured = asked.settings.runbook.output
    if typed or not configured:
        return Path(typed or asked.settings.report_dir)
    return asked.folder / configured


def before(folder: Path) -> Known | None:
    """Return what the runbook in a folder knew; None if there is none, or none that can be read."""
    try:
        return msgspec.json.decode(contents(folder / KEPT, _MOST), type=_Kept).known
    except (OSError, ValueError, RecursionError):
        return None


def write(of: Sources, folder: Path, secrets: Secrets) -> Known:
    """Write the runbook into a folder, and return what it says. Raises `Misuse` if the folder cannot be written."""
    found, script = known(of)
    shown = with_changes(hidden(found, secrets.hide_credentials), before(folder))
    put(shown, folder, {SCRIPT: "\n".join([*script, ""])})
    return shown


def rewrite(asked: Configured, secrets: Secrets, tell: Callable[[str], object]) -> None:
    """Write a runbook that is there anew, after a drill: with its durations, and with what changed; no database is asked.

    What keeps it from being written is told, and changes nothing else.
    """
    folder = folder_of(asked)
    if not (kept := before(folder)):
        return
    try:
        found, also = _again(asked, kept)
        put(with_changes(hidden(found, secrets.hide_credentials), kept), folder, also)
    except (Misuse, Inconclusive) as error:
        tell(f"NOT written: the runbook in {folder}: {error}")
    else:
        tell(f"the runbook is written anew: {folder / markdown.NAME}")


def _again(asked: Configured, kept: Known) -> tuple[Known, Mapping[str, str]]:
    """Return what is known now by the baseline and the configuration; the rest is what was known of the database before."""
    alone = replace(asked, settings=msgspec.structs.replace(asked.settings, database_url=None))
    if not (asked.reference.kind == "baseline" and asked.reference.path.exists()):
        drill, refused = last_drill(asked)
        return replace(kept, written=shown_time(now()), drill=drill, refused=refused), {}
    with ExitStack() as keep:
        found, script = known(opened(alone, keep, NEVER, say_nothing))
    seen = {each.name: each for each in kept.tables}
    tables = tuple(_with_size(each, seen.get(each.name)) for each in found.tables)
    of_database = {name: getattr(kept, name) for name in ("database", "url", "version", "log", "unknown")}
    return replace(found, tables=tables, **of_database), {SCRIPT: "\n".join([*script, ""])}


def _with_size(table: KnownTable, seen: KnownTable | None) -> KnownTable:
    return replace(table, bytes=seen.bytes, copy=seen.copy) if seen else table


def put(shown: Known, folder: Path, also: Mapping[str, str]) -> None:
    """Write the files that are made of what is known. Raises `Misuse` if the folder cannot be written."""
    files = {
        markdown.NAME: markdown.markdown(shown),
        html.NAME: html.html(shown),
        **also,
        KEPT: encoded(FORMAT, {"known": shown}).decode(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            replace_file(folder / name, text.encode("utf-8", "backslashreplace"), mode=_READABLE)
    except OSError as error:
        raise Misuse(
            f"the runbook cannot be written to {folder}: {error.strerror or error}; --output names another place"
        ) from error
