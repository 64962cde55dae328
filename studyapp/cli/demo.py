"""The verb that shows everything at once."""

import functools
from pathlib import Path

import click

from studyapp.cli.common import DEFAULT_PORT, asked


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(file_okay=False, path_type=Path))
@asked
@click.option("--serve/--no-serve", default=True, help="Serve the study after printing the ranking.")
@click.option(
    "--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(1, 65535), help="Port to serve on."
)
@click.option(
    "--challenge",
    is_flag=True,
    help="A challenge of two tracks instead: simulated teams register, upload and are cut before the votes.",
)
def demo(folder: Path | None, kind: str, serve: bool, port: int, challenge: bool) -> None:
    """Build a sample study, let simulated judges vote, and print the final ranking.

    Its folder is demo-study, or demo-KIND for another protocol than top_k, or demo-challenge.
    """
    if challenge:
        from studyapp.sample.challenge_demo import run_challenge_demo

        if kind != "top_k":
            raise click.UsageError("the tracks of --challenge have their own protocols; leave out --protocol")
        where = folder or Path("demo-challenge")
        run_challenge_demo(where, serve=serve, port=port, echo=functools.partial(click.echo, err=True))
        return
    from studyapp.sample.demo import run_demo

    folder = folder or Path("demo-study" if kind == "top_k" else f"demo-{kind}")
    run_demo(folder, serve=serve, port=port, echo=functools.partial(click.echo, err=True), kind=kind)
