"""What `verify` says of the words that it hands to pytest: in its help and to a shell that completes them."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import click
from click.shell_completion import CompletionItem

from rollproof.commands.command_options import Command, SettingOption, of_configuration, of_many, of_setting
from rollproof.commands.option_groups import offered
from rollproof.model.phase import DEFAULT_PHASE, PHASES
from rollproof.settings.option_table import OF_A_RUN

_LIKE_ENOUGH = 0.8  # a folder of tests may be called post


class VerifyCommand(Command):
    """`verify`, which takes no option itself: help and completion speak of pytest's options that are ours."""

    def shown(self, ctx: click.Context) -> Iterable[click.Parameter]:
        """Return its own parameters, and the options of ours."""
        return [*super().shown(ctx), *_options()]

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the argument; where a shell completes the words, the options too."""
        own = super().get_params(ctx)
        if not ctx.resilient_parsing:
            return own
        return [*_options(), click.Option(["-m"], shell_complete=_phases), *own]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the phases, the groups of options, and whose every other option is."""
        with formatter.section("Phases"):
            default = {DEFAULT_PHASE.name: " [default]"}
            formatter.write_dl([(name, phase.when + default.get(name, "")) for name, phase in PHASES.items()])
        super().format_options(ctx, formatter)
        formatter.write(
            "\nEvery other option is pytest's (-k, -x, -q, --co, --lf, …): pytest --help lists them.\n"
            "The word that is typed wins over the variable, the variable over rollproof.toml.\n"
        )


def _options() -> list[click.Parameter]:
    switches = [SettingOption([known.flag], is_flag=True, help=known.help) for known in OF_A_RUN if not known.metavar]
    return [of_configuration(), *map(of_setting, offered("verify")), *switches, *of_many()]


def _phases(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name, help=phase.when) for name, phase in PHASES.items() if name.startswith(incomplete)]


def phases_then_files(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Have the shell complete a phase, and behind it a file."""
    typed = ctx.params.get("arguments") or ()
    return [CompletionItem(incomplete, type="file")] if typed else _phases(ctx, parameter, incomplete)


def mistyped_phase(words: Sequence[str]) -> str:
    """Return the question for a first word that looks like a mistyped phase; "" if it does not."""
    near = get_close_matches(words[0], PHASES, 1, _LIKE_ENOUGH) if words and words[0] not in PHASES else ()
    return f"a phase is not known; did you mean {near[0]}?" if near else ""
