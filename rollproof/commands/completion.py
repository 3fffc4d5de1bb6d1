"""`rollproof completion`: what the shell needs in order to complete our words."""

import click
from click.shell_completion import get_completion_class

from rollproof.commands.command_options import Command

_VARIABLE = "_ROLLPROOF_COMPLETE"


@click.command(cls=Command, example='eval "$(rollproof completion bash)"')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    r"""Print the script that lets a SHELL complete commands, options, phases, checks and files.

    To have it in every new shell, add one line to its own file:

    \b
    bash  ~/.bashrc                   eval "$(rollproof completion bash)"
    zsh   ~/.zshrc, below compinit    eval "$(rollproof completion zsh)"
    fish  ~/.config/fish/config.fish  rollproof completion fish | source
    """
    made = get_completion_class(shell)
    assert made, "click knows the three"
    click.echo(made(ctx.find_root().command, {}, "rollproof", _VARIABLE).source())
