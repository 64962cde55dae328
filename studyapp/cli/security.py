"""Verbs about who may see what."""

from pathlib import Path

import click

from studyapp.cli.common import Bars, Folder, as_json


@click.command("blind-audit")
@Folder
@click.option(
    "--tiles",
    default=1,
    show_default=True,
    type=click.IntRange(0),
    help="Tiles of each candidate to fetch besides the coarsest level.",
)
@click.option(
    "--seed", default=0, show_default=True, help="For the choice of tiles and the order of requests."
)
@as_json
def blind_audit(folder: Path, tiles: int, seed: int, as_json: bool) -> None:
    """Try every way by which a judge could tell teams apart; exit status 1 when one works.

    Logs in as every judge of a copy of the study, which itself is not touched, and walks through every page,
    tile, script and error.
    """
    from studyapp.blind_audit import report
    from studyapp.blind_audit.run import blind_audit as audit

    with Bars() as progress:
        result = audit(folder, tiles=tiles, seed=seed, progress=progress)
    click.echo(report.as_json(result) if as_json else report.as_text(result))
    if not result.passed:
        raise SystemExit(1)
