"""`studyapp analyse verify`: a study recomputed from its export."""

from pathlib import Path

import click
import pandas as pd

from analysis.cli import result_command
from analysis.output import Output
from analysis.verify import Published, read_receipts, verify_folder


@result_command("verify")
@click.argument("folder", metavar="EXPORT_DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--digest", metavar="HEX", help="The study digest published at closing.")
@click.option("--commitment", metavar="HEX", help="The commitment published before opening.")
@click.option("--manifest", metavar="HEX", help="SHA-256 of manifest.json, as printed by `studyapp export`.")
@click.option("--receipt", "receipts", metavar="HEX", multiple=True, help="A judge's receipt; repeatable.")
@click.option(
    "--receipts",
    "files",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File of receipts, from judges or from another machine; repeatable.",
)
def command(
    folder: Path,
    digest: str | None,
    commitment: str | None,
    manifest: str | None,
    receipts: tuple[str, ...],
    files: tuple[Path, ...],
) -> Output:
    """Recompute a study from its export: chains, digest, key, design, answers, points, ranking, intervals.

    Of a site that `studyapp publish` wrote, also compare every file with its checksum.

    Exit status 1 if anything does not match; the first event that does not is named.
    """
    kept = tuple(read_receipts(file) for file in files)
    findings = verify_folder(folder, Published(digest, commitment, manifest, receipts, kept))
    rows = [{"check": item.check, "verdict": item.verdict, "message": item.message} for item in findings]
    wrong = [item for item in findings if item.verdict == "wrong"]
    notes = (f"mismatch: {wrong[0].message}",) if wrong else ("everything matches",)
    return Output(pd.DataFrame(rows), data=rows, notes=notes, exit_code=1 if wrong else 0)
