"""`rollproof report`: the runs of a report folder listed, shown again, compared, and those of one night on one page."""

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
from click.shell_completion import CompletionItem

from rollproof.commands.command_options import (
    Command,
    at_home,
    configured,
    files,
    interruptible,
    of_configuration,
    of_setting,
    tell,
)
from rollproof.commands.drill_records import Record, key, records
from rollproof.commands.kept_runs import LATEST, PREVIOUS, chosen, is_path, kept_runs, last_two, night_of, report_of
from rollproof.commands.shown_run import TEXT, shown
from rollproof.model.errors import Misuse
from rollproof.report.formats import by_name
from rollproof.report.history.changes import change_lines
from rollproof.report.history.comparison import compared
from rollproof.report.history.kept import Kept
from rollproof.report.history.listing import lines
from rollproof.report.history.night import NightRun, page
from rollproof.report.json import encoded
from rollproof.settings.configuration import Configured
from rollproof.settings.option_table import OPTIONS
from rollproof.settings.options import Settings
from rollproof.system.files import replace_file

LIST_FORMAT, COMPARISON_FORMAT = 1, 1
"""Raised when a field of `--json` changes its meaning or goes."""
_TWO = 2


class _Reports(click.Group):
    """Lists the runs where no other of its commands is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `list` before options that stand alone; where nothing stands, unless a shell asks what may."""
        is_bare = not args and not ctx.resilient_parsing
        if is_bare or (args and args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def _runs(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    try:
        named = [each.name for each in kept_runs(Path(ctx.params.get("report_dir") or Settings().report_dir))]
    except Misuse:
        named = []
    return [CompletionItem(name) for name in (LATEST, PREVIOUS, *named) if name.startswith(incomplete)]


def _formats(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in (TEXT, *by_name()) if name.startswith(incomplete)]


def _of_folder(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the folder's runs and where that is, in the place of the options that name it."""

    @functools.wraps(command)
    def run(rollproof_config: str | None, report_dir: str | None, **typed: Any) -> None:
        asked = configured(rollproof_config, {"report_dir": report_dir}, asks_subject=False)
        folder, named = Path(asked.settings.report_dir), typed.get("run")
        elsewhere = named and all(map(is_path, [named] if isinstance(named, str) else named))
        command([] if elsewhere else kept_runs(folder, _drills(folder, asked)), **typed)

    return interruptible(run)


def _drills(folder: Path, asked: Configured) -> Sequence[Record]:
    """Return the records of drills that are to be believed; without the key that signs them none is."""
    try:
        drills, refused = records(folder, key(asked))
    except Misuse as error:
        tell(f"WARNING: records of drills are left out: {error}")
        return ()
    for each in refused:
        tell(f"WARNING: {each}")
    return drills


def _folder_options(command: click.Command) -> click.Command:
    (folder,) = (each for each in OPTIONS if each.field == "report_dir")
    command.params[:0] = [of_configuration(), of_setting(folder)]
    return command


_run = click.argument("run", required=False, default=LATEST, shell_complete=_runs)
_many = click.argument("run", nargs=-1, shell_complete=_runs)
_json = click.option("--json", "as_json", is_flag=True, help="print JSON, for programs")
_output = click.option(
    "--output",
    metavar="FILE",
    callback=at_home,
    shell_complete=files,
    help="write it to this file, instead of printing it",
)


@click.group(cls=_Reports)
def report() -> None:
    """List the runs of the report folder; show one again, compare two, put those of one night on one page.

    A RUN is the beginning of its time (2026-11-29T1541), `latest`, `previous` (the one before it), or a path.
    """


@_folder_options
@report.command("list", cls=Command, example="rollproof report list --report-dir rollproof-report")
@_json
@_of_folder
def list_(runs: Sequence[Kept], *, as_json: bool) -> None:
    """List the runs, the newest last: what each came to, and ↑ more, ↓ less or = as much as in the run before.

    The run before is the last one of the same phase and database.
    """
    if as_json:
        click.echo(encoded(LIST_FORMAT, {"runs": runs}).decode())
        return
    click.echo("\n".join(lines(runs)) or "no run is kept here yet: `rollproof verify` makes one")


@_folder_options
@report.command(cls=Command, example="rollproof report show previous --format html --output previous.html")
@click.option(
    "--format",
    "form",
    metavar="FORMAT",
    default=TEXT,
    shell_complete=_formats,
    help="text, html, markdown, junit, json or another format of `verify --report` [default: text]",
)
@_output
@_run
@_of_folder
def show(runs: Sequence[Kept], run: str, form: str, output: str | None) -> None:
    """Show a RUN again, in any format, as this version of rollproof tells it."""
    content = shown(chosen(run, runs), form)
    if output:
        _write(output, content)
    else:
        click.echo(content.decode("utf-8", "replace"), nl=not content.endswith(b"\n"))


@_folder_options
@report.command(cls=Command, example="rollproof report compare previous latest")
@_json
@_many
@_of_folder
def compare(runs: Sequence[Kept], run: tuple[str, ...], *, as_json: bool) -> None:
    """Say what changed between two RUNs: by default the last two of the same phase and database.

    With one RUN, it is compared with the latest. The exit code is 0 whatever changed: verify judges, this only tells.
    """
    earlier, later = _two(run, runs)
    found = compared(report_of(earlier), report_of(later), (earlier.name, later.name))
    click.echo(encoded(COMPARISON_FORMAT, found).decode() if as_json else "\n".join(change_lines(found)))


def _two(typed: tuple[str, ...], runs: Sequence[Kept]) -> tuple[Kept, Kept]:
    if len(typed) > _TWO:
        raise Misuse(f"compare takes two runs, and {len(typed)} were named")
    if not typed:
        return last_two(runs)
    return chosen(typed[0], runs), chosen(typed[1] if len(typed) == _TWO else LATEST, runs)


@_folder_options
@report.command(cls=Command, example="rollproof report merge --since 2026-11-29T20:00 --output night.html")
@click.option(
    "--since", metavar="TIME", help="the runs that ended at this time (UTC) or later [default: 24 h before the newest]"
)
@click.option(
    "--output",
    metavar="FILE",
    default="night.html",
    callback=at_home,
    shell_complete=files,
    help="the page [default: night.html]",
)
@_many
@_of_folder
def merge(runs: Sequence[Kept], run: tuple[str, ...], since: str | None, output: str) -> None:
    """Put RUNS on one page, in the order of time: the phases of one night, each with its first screen.

    Without RUNS those of the database that the newest run is about. The page needs no network, and links to each run's own.
    """
    if run and since:
        raise Misuse("name the runs, or --since: one of them")
    named = [_on_page(chosen(each, runs), Path(output)) for each in run]
    some = named or list(_readable(night_of(runs, since), Path(output)))
    if not some:
        raise Misuse("none of these runs can be read whole")
    _write(output, page(some).encode("utf-8", "backslashreplace"))


def _readable(runs: Sequence[Kept], output: Path) -> Iterator[NightRun]:
    """Yield the runs for the page; one that cannot be read whole, and that nobody named, takes no other with it."""
    for each in runs:
        try:
            yield _on_page(each, output)
        except Misuse as error:
            tell(f"WARNING: left out: {error}")


def _on_page(run: Kept, output: Path) -> NightRun:
    own = Path(run.path, "report.html")
    try:
        link = os.path.relpath(own, output.parent) if own.is_file() else ""
    except ValueError:  # Windows: it is on another drive
        link = ""
    return NightRun(run.name, report_of(run), quote(Path(link).as_posix()) if link else "")


def _write(output: str, content: bytes) -> None:
    try:
        replace_file(Path(output), content)
    except OSError as error:
        raise Misuse(f"--output {output} cannot be written: {error.strerror or error}") from error
    tell(f"written: {output}")
