"""`study-analysis weights`: the networks' weights on this machine."""

from pathlib import Path

import click

from analysis.frame import note
from analysis.paired.weights import (
    FILES,
    SOURCE,
    MissingWeightsError,
    check_weights,
    fetch_weights,
    find_weights,
    torch_cache,
)


@click.group("weights")
def command() -> None:
    """Fetch or check the weights that LPIPS and DISTS need."""


@command.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to put them in; torch's cache by default.",
)
@click.option("--source", default=SOURCE, show_default=True, help="Address in front of the file names.")
def fetch(folder: Path | None, source: str) -> None:
    """Download the files that are missing, and check the hash of each."""
    for path in fetch_weights(folder or torch_cache(), source=source, progress=note):
        click.echo(path)


@command.command()
@click.option(
    "--in", "folder", type=click.Path(file_okay=False, path_type=Path), help="Folder before torch's cache."
)
def check(folder: Path | None) -> None:
    """Say of each file where it is and whether it is what its name says; status 1 if one is missing."""
    missing = False
    for name in FILES:
        try:
            path = find_weights(name, folder)
            click.echo(f"{path} sha256 {check_weights(path)}")
        except MissingWeightsError as error:
            missing = True
            note(error)
    if missing:
        click.get_current_context().exit(1)
