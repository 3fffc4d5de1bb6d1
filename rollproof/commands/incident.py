"""`rollproof incident`: the timeline of a night, opened, added to, closed, shown, and held against its own seals."""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from rollproof.commands.command_options import Command, configured, interruptible, of_configuration, of_setting, tell
from rollproof.commands.incident_view import as_json, as_lines, as_markdown, chosen, verified
from rollproof.commands.incidents import keep
from rollproof.incident import timeline
from rollproof.model.errors import Misuse
from rollproof.model.event import DECISION, DONE, POST_MORTEM, PROBLEM, Entry, Event
from rollproof.model.timestamps import read as moment_of
from rollproof.model.timestamps import shown
from rollproof.report.record import NAME, lessons
from rollproof.settings.option_table import OPTIONS
from rollproof.settings.options import Settings
from rollproof.system.bundle import Verdict
from rollproof.system.files import contents
from rollproof.verdict.outcome import SEVERITIES
from rollproof.verdict.procedure_items import known_item

_MOST = 10_000  # letters of a note
_RECORD = 2**24  # bytes of record.md
_SOON = 60.0  # seconds by which two clocks may differ


@click.group()
def incident() -> None:
    """Keep the timeline of an incident: what happened, who decided what and when."""


def _in_folder(command: Callable[..., None]) -> Callable[..., None]:
    """Hand over the settings and the report folder, which the options name."""

    @functools.wraps(command)
    def run(rollproof_config: str | None, report_dir: str | None, **typed: Any) -> None:
        settings = configured(rollproof_config, {"report_dir": report_dir}, asks_subject=False).settings
        command(settings, Path(settings.report_dir), **typed)

    return interruptible(run)


def _folder_options(command: click.Command) -> click.Command:
    (folder,) = (each for each in OPTIONS if each.field == "report_dir")
    command.params[:0] = [of_configuration(), of_setting(folder)]
    return command


_Allowed = Callable[[Path, Sequence[Entry]], None]
_text = click.argument("text", nargs=-1, required=True)
_by = click.option("--by", metavar="NAME", help="who says or decided it [default: who is logged in here]")


@_folder_options
@incident.command(
    "open", cls=Command, example='rollproof incident open "users cannot log in" --issue MIG-412 --severity critical'
)
@click.option("--issue", metavar="ID", help="the issue that it belongs to")
@click.option("--severity", type=click.Choice(SEVERITIES), help="how bad it is")
@click.option("--decided", metavar="WHO: WHAT", help='what was decided already, as "Ann: roll back"')
@click.option("--stakeholder", metavar="NAME", multiple=True, help="who has to know of it; may be repeated")
@_by
@_text
@_in_folder
def open_(settings: Settings, folder: Path, text: tuple[str, ...], decided: str | None, **typed: Any) -> None:
    """Begin an incident: TEXT is what triggered it."""
    facts = {name: typed[name] for name in ("issue", "severity", "by") if typed[name]}
    facts |= {"stakeholders": "\n".join(typed["stakeholder"])} if typed["stakeholder"] else {}
    who, _, what = (decided or "").partition(":")
    if decided and not (who.strip() and what.strip()):
        raise Misuse('--decided says who decided what, as --decided "Ann: roll back"')
    events = [Event("opened", "opened", text=_joined(text), facts=facts)]
    if decided:
        events.append(Event("note", DECISION, text=what.strip(), facts={"by": who.strip()}))
    _keep(events, settings, folder, _require_none_open)
    click.echo(f"{folder / NAME}")


@_folder_options
@incident.command(
    cls=Command, example='rollproof incident note --decision --by Ann "roll back; 40 orders are lost, sales agrees"'
)
@click.option("--decision", is_flag=True, help="it is what was decided")
@click.option("--problem", is_flag=True, help="it is a problem that was met")
@click.option("--done", metavar="ITEM", help="tick this item of the checklist; TEXT may be left out")
@click.option("--post-mortem", is_flag=True, help="what was learned stands in record.md now; TEXT may be left out")
@click.option("--at", metavar="TIME", help="when it was, if it is told later: 2026-11-29T02:14Z, or 02:14, UTC")
@_by
@click.argument("text", nargs=-1)
@_in_folder
def note(settings: Settings, folder: Path, text: tuple[str, ...], **typed: Any) -> None:
    """Add what was decided, done or met; after the end only the post-mortem."""
    kind = _kind(typed)
    if not text and kind not in (DONE, POST_MORTEM):
        raise Misuse("the note is empty; type what happened behind the options")
    facts = {"by": typed["by"]} if typed["by"] else {}
    facts |= {"at": _moment(typed["at"])} if typed["at"] else {}
    facts |= {"item": known_item(typed["done"], settings)} if typed["done"] else {}
    facts |= _lessons(folder) if kind == POST_MORTEM else {}
    allowed = _require_closed if kind == POST_MORTEM else _require_open
    event = Event("note", kind, text=_joined(text) if text else "", facts=facts)
    _keep((event,), settings, folder, allowed)
    click.echo(f"{folder / NAME}")


def _kind(typed: Mapping[str, Any]) -> str:
    """Return what a note is. Raises `Misuse` if it is two things at once."""
    options = {"decision": DECISION, "problem": PROBLEM, "done": DONE, "post_mortem": POST_MORTEM}
    named = [name for name in options if typed[name]]
    if len(named) > 1:
        told = " and ".join(f"--{name.replace('_', '-')}" for name in named)
        raise Misuse(f"{told}: a note is one of them; write two notes")
    return options[named[0]] if named else "note"


@_folder_options
@incident.command(cls=Command, example='rollproof incident close "rolled back and verified; logins work"')
@_by
@_text
@_in_folder
def close(settings: Settings, folder: Path, text: tuple[str, ...], by: str | None) -> None:
    """End it: TEXT is what came of it."""
    event = Event("closed", "closed", text=_joined(text), facts={"by": by} if by else {})
    _keep((event,), settings, folder, _require_open)
    click.echo(f"{folder / NAME}: what was learned is written there, and then: rollproof incident note --post-mortem")


@_folder_options
@incident.command(cls=Command, example="rollproof incident show --json")
@click.option("--json", "form", flag_value="json", help="print JSON, for programs")
@click.option("--report", "form", flag_value="report", help="print the record as Markdown, as record.md has it")
@click.argument("number", type=click.IntRange(min=1), required=False)
@_in_folder
def show(settings: Settings, folder: Path, form: str | None, number: int | None) -> None:
    """Show an incident: the one that is open, else the last, or that of this NUMBER, 1 being the first of the folder."""
    record = chosen(folder, settings, number)
    if form == "report":
        click.echo(as_markdown(record, folder), nl=False)
    else:
        click.echo(as_json(record) if form == "json" else as_lines(record))


@_folder_options
@incident.command(cls=Command, example="rollproof incident verify --head 3f1c…")
@click.option(
    "--head", metavar="SHA256", help="an entry's SHA-256, from a report or a notice: that entry must be there"
)
@_in_folder
def verify(_: Settings, folder: Path, head: str | None) -> None:
    """Hold the timeline against its own seals, and against the reports of this folder: exit code 1 if anything was changed."""
    lines, is_good = verified(folder, head)
    click.echo("\n".join(lines))
    if not is_good:
        raise Verdict(1)


def _keep(events: Sequence[Event], settings: Settings, folder: Path, allowed: _Allowed) -> None:
    allowed(folder, timeline.read(folder))  # before a folder is made for nothing
    try:
        keep(events, folder, settings, tell, lambda entries: allowed(folder, entries))
    except OSError as error:
        raise Misuse(
            f"{folder / timeline.FILE} cannot be written: {error.strerror or error}; nothing was entered\n"
            "write it down elsewhere and enter it later with --at, or name another folder with --report-dir"
        ) from error


def _require_none_open(folder: Path, entries: Sequence[Entry]) -> None:
    if since := timeline.open_since(entries):
        raise Misuse(
            f"{folder}: an incident is open already, since {shown(since[0].at)}: {since[0].event.text}\n"
            "add to it with `rollproof incident note`, or end it with `rollproof incident close`"
        )


def _require_open(folder: Path, entries: Sequence[Entry]) -> None:
    if not timeline.open_since(entries):
        raise Misuse(
            f"{folder}: no incident is open; `rollproof incident open` begins one, --report-dir names another folder"
        )


def _require_closed(folder: Path, entries: Sequence[Entry]) -> None:
    if not entries:
        raise Misuse(f"{folder}: there was no incident; --report-dir names another folder")
    if timeline.open_since(entries):
        raise Misuse(
            f"{folder}: the incident is open; `rollproof incident close` ends it, the post-mortem is after that"
        )


def _joined(words: Sequence[str]) -> str:
    text = " ".join(words).strip()
    if not text:
        raise Misuse("the text is empty; type what happened")
    if len(text) > _MOST:
        raise Misuse(
            f"the text has {len(text):,} letters, and {_MOST:,} are the most; put it into a file, and name that"
        )
    return text


def _moment(typed: str) -> str:
    """Return a time that was typed, in UTC. Raises `Misuse` if it is none, or in the future."""
    now = datetime.now(tz=UTC)
    is_short = bool(re.fullmatch(r"\d\d:\d\d(:\d\d)?", typed))
    moment = moment_of(f"{now:%Y-%m-%d}T{typed}" if is_short else typed)
    if moment is None:
        raise Misuse(
            f"--at {typed} is no time; type 2026-11-29T02:14Z, or 02:14 for the last time that it was so late, UTC"
        )
    if is_short and moment > now:
        moment -= timedelta(days=1)
    if moment > now + timedelta(seconds=_SOON):
        raise Misuse(f"--at {typed} is in the future: it is {now:%H:%M} UTC now; times without a zone are UTC")
    return moment.isoformat(timespec="seconds")


def _lessons(folder: Path) -> dict[str, str]:
    """Return what people wrote of what was learned. Raises `Misuse` if a heading of record.md has nothing below it."""
    path = folder / NAME
    try:
        found = lessons(contents(path, _RECORD).decode("utf-8", "replace"))
    except OSError as error:
        raise Misuse(f"{path} cannot be read: {error.strerror or error}") from error
    if empty := [name for name, text in found.items() if not text]:
        raise Misuse(f"{path}: nothing is written under {', '.join(empty)}; write it there, then type this again")
    return {name.lower(): text for name, text in found.items()}
