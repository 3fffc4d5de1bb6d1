"""`rollproof verify`: the checks of a phase, run by pytest."""

import click

from rollproof.model.phase import DEFAULT_PHASE, PHASES
from rollproof.system.bundle import Verdict, pytest_arguments
from rollproof.system.output import paint


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify(arguments: tuple[str, ...]) -> None:
    """Run the checks of a PHASE (default post_rollback); all other arguments are pytest's."""
    import pytest  # noqa: PLC0415 (half a second that no other command needs)

    phase, rest = (
        (arguments[0], arguments[1:]) if arguments[:1] and arguments[0] in PHASES else (DEFAULT_PHASE.name, arguments)
    )
    marked = [] if any(argument.startswith("-m") for argument in rest) else ["-m", phase]
    paint()
    raise Verdict(pytest.main(pytest_arguments([*marked, *rest])))
