"""`rollproof completion`: what the shell needs in order to complete our words."""

import click
from click.shell_completion import get_completion_class

from rollproof.commands.command_options import Command

_VARIABLE = "_ROLLPROOF_COMPLETE"


_LINES = """\
in ~/.bashrc                            eval "$(rollproof completion bash)"
in ~/.zshrc, below compinit             eval "$(rollproof completion zsh)"
in ~/.config/fish/config.fish           rollproof completion fish | source"""


@click.command(cls=Command, example=_LINES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that lets a SHELL complete commands, options, phases, checks and files.

    One line in the shell's own file makes it so in every new shell.
    """
    made = get_completion_class(shell)
    assert made, "click knows the three"
    click.echo(made(ctx.find_root().command, {}, "rollproof", _VARIABLE).source())
