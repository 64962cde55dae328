"""The verb that prints the script by which a shell completes commands."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that completes commands, options, presets and files in your shell.

    \b
    bash, in ~/.bashrc:               eval "$(studyapp completion bash)"
    zsh, in ~/.zshrc after compinit:  eval "$(studyapp completion zsh)"
    fish: studyapp completion fish > ~/.config/fish/completions/studyapp.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(context.find_root().command, {}, "studyapp", "_STUDYAPP_COMPLETE").source())
