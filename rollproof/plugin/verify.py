"""`rollproof verify`: the checks of a phase, run by pytest."""

import re

import click
import pytest

import rollproof.plugin
from rollproof.commands.pytest_words import VerifyCommand, mistyped_phase, phases_then_files
from rollproof.model.errors import Misuse
from rollproof.model.phase import DEFAULT_PHASE, ONE_PROCESS, PHASES
from rollproof.plugin.own_checks import any_here
from rollproof.plugin.words import joined, mention_a_phase, without_a_phase
from rollproof.system.bundle import Verdict, pytest_arguments

_OF_XDIST = re.compile(r"-[nf]|--(numprocesses|looponfail|dist|tx)\b")


@click.command(
    cls=VerifyCommand,
    context_settings={"ignore_unknown_options": True},
    options_metavar="[PHASE] [OPTIONS]",
    example="rollproof verify --database-url postgresql://verifier@db.example/shop --reference baseline.json",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="", shell_complete=phases_then_files)
def verify(arguments: tuple[str, ...]) -> None:
    """Run the checks of a PHASE (default post_rollback); all other arguments are pytest's."""
    phase, rest = (
        (arguments[0], arguments[1:]) if arguments[:1] and arguments[0] in PHASES else (DEFAULT_PHASE.name, arguments)
    )
    marked = [] if any(argument.startswith("-m") for argument in rest) else ["-m", phase]
    words = joined([*marked, *rest])  # else the plugin would begin pytest a second time, with these
    if not mention_a_phase(words):
        raise Misuse(without_a_phase(words))
    if any_here(words):
        code = pytest.main(words)
    elif any(map(_OF_XDIST.match, rest)):  # it is not loaded, so pytest would not know what is meant
        raise Misuse(ONE_PROCESS)
    else:
        code = pytest.main(pytest_arguments(words), [rollproof.plugin])
    if code == pytest.ExitCode.USAGE_ERROR and (question := mistyped_phase(rest)):
        click.echo(f"rollproof: {question}", err=True)
    raise Verdict(code)
