"""`rollproof repair`: the SQL that would put the database right, printed and never executed on it."""

import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rollproof.commands.command_options import (
    Command,
    at_home,
    configured,
    folders,
    interruptible,
    settings_options,
    tell,
)
from rollproof.commands.incidents import entered
from rollproof.commands.prepare import prepare
from rollproof.commands.recreation import Recreation
from rollproof.commands.repair_request import RepairRequest
from rollproof.commands.repair_script import RepairScript
from rollproof.commands.request import Request
from rollproof.migration.baseline_age import doubts
from rollproof.model.amounts import counted
from rollproof.model.phase import DEFAULT_PHASE
from rollproof.settings.configuration import require_path
from rollproof.system.bundle import Verdict
from rollproof.system.deadline import Deadline

if TYPE_CHECKING:
    from rollproof.commands.repair_proof import Proof

_NOTHING = {
    False: "-- every definition and every row is as it was",
    True: "-- every definition is as it was; rows are not looked at here: the checks do that",
}
_NOTHING_OF_IT = "-- what --only names is as it was; nothing else is looked at here"


@settings_options("repair")
@click.command(
    cls=Command,
    example="rollproof repair --database-url postgresql://verifier@db.example/shop --reference baseline.json >repair.sql",
)
@click.option("--prove", is_flag=True, help="run the script on a clone, verify that, and say first what it heals")
@click.option(
    "--only",
    metavar="NAME",
    multiple=True,
    help="repair this alone: schema.table, schema.*, or an object's name as a report has it; may be repeated",
)
@click.option("--online", is_flag=True, help="statements that do not lock a table for long, where there are such")
@click.option(
    "--recreate",
    is_flag=True,
    help="print the whole schema of the reference, for an empty database; needs no --database-url",
)
@click.option("--drop-leftovers", is_flag=True, help="drop what was left behind, instead of naming it in comments")
@click.option("--definitions-only", is_flag=True, help="leave rows alone, and read none")
@click.option(
    "--values-dir",
    metavar="DIR",
    shell_complete=folders,
    callback=at_home,
    help="the folder for files with values of rows, readable by you alone; needed where the rows are in another database",
)
@interruptible
def repair(rollproof_config: str | None, **typed: Any) -> None:
    """Print the SQL that would put the database right, made from the reference; execute nothing on it."""
    wanted = _wanted(typed)
    asked = configured(rollproof_config, typed, asks_subject=not wanted.recreate)
    deadline = Deadline(asked.settings.max_duration)
    request = Request(asked, DEFAULT_PHASE, os.environ, deadline, tell)
    with entered(_named(wanted), asked.settings, tell) as course:
        lines, course.exit_code = _recreated(request, wanted) if wanted.recreate else _repaired(request, wanted)
        deadline.require()
        course.verdict = "proven" if wanted.prove and not course.exit_code else course.verdict
        course.text = f"{counted(len(lines), 'line')} of SQL printed" if lines else "nothing to repair"
        click.echo("\n".join(lines) or (_NOTHING_OF_IT if wanted.only else _NOTHING[wanted.definitions_only]))
        if course.exit_code:
            raise Verdict(course.exit_code)


def _named(wanted: RepairRequest) -> str:
    """Return the command with the options that say what it is about, as the timeline of an incident has it."""
    return " ".join(["repair", *(f"--{name}" for name in ("recreate", "prove", "online") if getattr(wanted, name))])


def _repaired(request: Request, wanted: RepairRequest) -> tuple[tuple[str, ...], int]:
    """Return the lines of the script, and the exit code."""
    with ExitStack() as keep:
        prepared = prepare(request, keep)
        if prepared.held.kind == "baseline":
            for doubt in doubts(prepared.held, None, prepared.plan.settings.max_baseline_age):
                tell(f"WARNING: {doubt.sentence}")
        evidence = None if wanted.definitions_only else prepared.begin(("content", "backup_agreement"))
        made = RepairScript(prepared.sides, wanted, evidence)
        if not wanted.prove or made.is_empty:
            return made.lines(), 0
        from rollproof.commands.repair_trial import prove  # noqa: PLC0415 (most repairs need no throw-away server)

        return _proven(prove(prepared, made), made.lines)


def _recreated(request: Request, wanted: RepairRequest) -> tuple[tuple[str, ...], int]:
    with ExitStack() as keep:
        made = Recreation.of(request, keep)
        if not wanted.prove:
            return made.lines(), 0
        from rollproof.commands.recreation_trial import prove  # noqa: PLC0415 (the same)

        return _proven(prove(request, made), made.lines)


def _proven(proof: "Proof", lines: Callable[[Iterable[str]], tuple[str, ...]]) -> tuple[tuple[str, ...], int]:
    """Return the lines that begin with the proof, and the exit code; of what did harm nothing is printed."""
    if harm := proof.harm():
        tell(harm)
        raise Verdict(proof.exit_code)
    return lines(proof.lines()), proof.exit_code


def _wanted(typed: dict[str, Any]) -> RepairRequest:
    """Take the options of this command alone out of what was `typed`. Raises `Misuse` if they make no sense together."""
    own = {name: typed.pop(name) for name in RepairRequest.__dataclass_fields__}
    folder = own.pop("values_dir")
    require_path("--values-dir", folder)
    return RepairRequest(**own, values_dir=Path(folder) if folder else None)
