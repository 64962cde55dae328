"""`studyapp analyse weights`: the networks' weights on this machine."""

from pathlib import Path

import click

from analysis.formats import format_options, print_report
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
    """Download or check the weights that LPIPS and DISTS need."""


@command.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to put them in. By default torch's cache.",
)
@click.option("--source", default=SOURCE, show_default=True, help="Address of the folder to download from.")
@format_options
def fetch(folder: Path | None, source: str, form: str | None) -> None:
    """Download missing files and check the hash of each."""
    paths = [str(path) for path in fetch_weights(folder or torch_cache(), source=source, progress=note)]
    print_report(paths, form, rows=[{"path": path} for path in paths])


@command.command()
@click.option(
    "--in",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to search before torch's cache.",
)
@format_options
def check(folder: Path | None, form: str | None) -> None:
    """Say where each file is and whether it is intact. Exit status 1 if one is missing."""
    rows = []
    for name in FILES:
        try:
            path = find_weights(name, folder)
            rows.append({"path": str(path), "sha256": check_weights(path)})
        except MissingWeightsError as error:
            note(error)
    print_report([f"{row['path']} sha256 {row['sha256']}" for row in rows], form, rows=rows)
    if len(rows) < len(FILES):
        click.get_current_context().exit(1)
