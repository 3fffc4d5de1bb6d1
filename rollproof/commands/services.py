"""`rollproof services`: the application's services stopped before a rollback, started after it, and asked whether they run."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click

from rollproof.commands.command_options import Command, configured, interruptible, of_configuration, of_setting, tell
from rollproof.commands.incidents import entered, is_open
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.phase import PHASES
from rollproof.probes.services.judged import findings
from rollproof.probes.services.looks import Seen, looks, side_by_side, watch
from rollproof.probes.services.status import NO_SUCH, Status, Verb
from rollproof.probes.services.steps import GOAL, chosen, in_order, require_known, step
from rollproof.settings.configuration import Configured
from rollproof.settings.option_table import OPTIONS
from rollproof.settings.service import Service

_BAD, _UNDECIDED = 1, 7
_WORDS = {True: "{goal}", False: "NOT {goal}", None: "CANNOT BE ASKED"}


@click.group()
def services() -> None:
    """Stop and start the services of [[services]] in rollproof.toml, or say whether they run.

    Nothing is stopped or started that is not named there. The exit code is 0 if all are as wanted, 1 if one is not, 7 if one cannot
    be asked.
    """


def _of_services(command: Callable[..., int]) -> Callable[..., None]:
    """Give a command the configuration and the services that were named, and end with the exit code that it returns."""

    @interruptible
    @wraps(command)
    def run(rollproof_config: str | None, report_dir: str | None, name: tuple[str, ...], **typed: Any) -> None:
        asked = configured(rollproof_config, {"report_dir": report_dir}, asks_subject=False)
        raise click.exceptions.Exit(command(asked, chosen(asked.settings.services, name), **typed))

    return run


def _in_group(command: click.Command) -> click.Command:
    (folder,) = (each for each in OPTIONS if each.field == "report_dir")
    command.params[:0] = [of_configuration(), of_setting(folder)]
    services.add_command(command)
    return command


_names = click.argument("name", nargs=-1)
_wait = click.option(
    "--wait",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=60.0,
    help="how long to wait for each [default: 60]",
)
_dry_run = click.option("--dry-run", is_flag=True, help="say what would be done, and do nothing")


@_in_group
@click.command(cls=Command, example="rollproof services stop --dry-run")
@_wait
@_dry_run
@_names
@_of_services
def stop(asked: Configured, some: Sequence[Service], *, wait: float, dry_run: bool) -> int:
    """Stop services, by default all, in the reverse order of the configuration, and wait until they are stopped."""
    return _act(asked, some, "stop", wait, dry_run=dry_run)


@_in_group
@click.command(cls=Command, example="rollproof services start")
@_wait
@_dry_run
@_names
@_of_services
def start(asked: Configured, some: Sequence[Service], *, wait: float, dry_run: bool) -> int:
    """Start services, by default all, in the given order, and see that they go on running; one that does not run is the last."""
    return _act(asked, some, "start", wait, dry_run=dry_run)


def _act(asked: Configured, some: Sequence[Service], verb: Verb, patience: float, *, dry_run: bool) -> int:
    require_known(some)
    if dry_run:
        for each in in_order(some, verb):
            click.echo(f"would {verb} {each.where}")
        return 0
    _say_if_unrecorded(Path(asked.settings.report_dir))
    left = [*in_order(some, verb)]
    done: list[bool | None] = []
    while left and not (
        verb == "start" and done and not done[-1]
    ):  # what cannot be stopped keeps no other from being stopped
        done.append(_taken(asked, left.pop(0), verb, patience))
    for each in left:
        click.echo(f"not started: {each.where}: the one before it does not run")
    return _code([*done, *(_stays(asked, some) if verb == "start" and all(done) else ())])


def _stays(asked: Configured, some: Sequence[Service]) -> Iterator[bool | None]:
    """Watch what was started for as long as it should be stable, and yield whether each goes on running."""
    seen = side_by_side(some, partial(watch, wanted="running"))
    for each in some:
        yield _stays_up(asked, each, seen[each.name])


def _stays_up(asked: Configured, service: Service, seen: Seen | Inconclusive) -> bool | None:
    if isinstance(seen, Inconclusive):
        stays, text = None, str(seen)
    else:
        text = "; ".join(each.sentence for each in findings(service, "running", seen))
        stays = not text
    if not stays:
        with entered(f"start {service.name}", asked.settings, tell, kind="services") as course:
            course.verdict, course.exit_code = _WORDS[stays].format(goal="running"), _code([stays])
            course.text = text
            click.echo(f"{course.verdict}: {text}")
    return stays


def _taken(asked: Configured, service: Service, verb: Verb, patience: float) -> bool | None:
    """Have it done, say and record what became of it, and return whether it is as it should be; None if nobody can say."""
    with entered(f"{verb} {service.name}", asked.settings, tell, kind="services") as course:
        found = step(service, verb, patience)
        course.verdict, course.exit_code = _WORDS[found.done].format(goal=GOAL[verb]), _code([found.done])
        course.text = f"{service.where}: {found.words}"
        click.echo(f"{course.verdict}: {service.where}, {found.seconds:.1f} s: {found.words}")
    return found.done


def _say_if_unrecorded(folder: Path) -> None:
    with suppress(Misuse):  # `entered` says it
        if not is_open(folder):
            tell('no incident is open, so this is not recorded; `rollproof incident open "what happened"` opens one')


def _code(done: Sequence[bool | None]) -> int:
    """Return the exit code: something is not as wanted, before nobody can say."""
    if False in done:
        return _BAD
    return _UNDECIDED if None in done else 0


@_in_group
@click.command(cls=Command, example="rollproof services status --phase pre_rollback")
@click.option("--phase", type=click.Choice([*PHASES]), help="hold them against the states that this phase wants")
@click.option("--json", "as_json", is_flag=True, help="print JSON, for programs")
@_names
@_of_services
def status(asked: Configured, some: Sequence[Service], *, phase: str | None, as_json: bool) -> int:
    """Say of each service whether it runs, in its manager's words; nothing is changed."""
    del asked
    found = looks(some)
    states = [_state(each, found[each.name], phase) for each in some]
    if as_json:
        click.echo(json.dumps({"services": states}, ensure_ascii=False))
    else:
        click.echo("\n".join(f"{each['state']}: {each['where']}: {each['words']}{_wish(each)}" for each in states))
    return _code([each["as_wanted"] for each in states])


def _state(service: Service, found: Status | Inconclusive, phase: str | None) -> Mapping[str, Any]:
    wanted = service.wanted(phase) if phase else "any"
    known = {"name": service.name, "where": service.where, "wanted": wanted}
    if isinstance(found, Inconclusive):
        return {**known, "state": "unknown", "words": str(found).removeprefix(f"{service.where}: "), "as_wanted": None}
    right = found.state != NO_SUCH and wanted in ("any", found.state)
    return {**known, **asdict(found), "as_wanted": right}


def _wish(state: Mapping[str, Any]) -> str:
    return f" (wanted: {state['wanted']})" if state["as_wanted"] is False and state["wanted"] != "any" else ""
