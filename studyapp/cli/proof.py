"""Verbs that prove: verify the study, and keep its second record complete."""

from pathlib import Path

import click

from analysis.frame import note
from studyapp.cli.common import Folder, accept_loss, as_json, hold_to_records, print_result
from studyapp.jobs.bars import Bars
from studyapp.services.ground import workspace as workspaces


@click.command()
@Folder
@click.option("--packs", is_flag=True, help="Read every tile pack, too: minutes for a large study.")
@click.option(
    "--receipts",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Receipts from judges or from another machine, to be found in the ledger; repeat for more.",
)
@as_json
def verify(folder: Path, packs: bool, receipts: tuple[Path, ...], as_json: bool) -> None:
    """Check the ledger, the database, the second record and the export; name the first misfit.

    Exit status 1 when anything does not.
    """
    from studyapp.services.folder.pack_checks import check_packs
    from studyapp.services.results.verifying import verify_study

    workspace = workspaces.open_workspace(folder)
    with workspace.database.reading() as session:
        findings = verify_study(session, workspace, receipts)
        if packs:
            with Bars() as progress:
                findings.append(check_packs(session, workspace, progress=progress))
    rows = [{"check": item.check, "verdict": item.verdict, "message": item.message} for item in findings]
    print_result(
        rows if as_json else [f"{row['verdict']:5}  {row['check']}: {row['message']}" for row in rows],
        as_json,
    )
    wrong = [row for row in rows if row["verdict"] == "wrong"]
    note(f"does not fit: {wrong[0]['message']}" if wrong else "everything fits")
    if wrong:
        raise SystemExit(1)


@click.command()
@Folder
@accept_loss
def doctor(folder: Path, accept_loss: bool) -> None:
    """Compare var/votes.jsonl and receipts elsewhere with the database, and add to them what they lack.

    Exit status 1 when one holds an event that the database does not: then the database is not the one that
    acknowledged it: an old copy was put back, or rows were removed.
    """
    from studyapp.services.ground.second_record import mend_record

    workspace = workspaces.open_workspace(folder)
    if accept_loss:
        hold_to_records(workspace, accept=True)
    found = mend_record(workspace)
    click.echo(f"{found.events} events, {len(found.missing)} lines added, {found.damaged} half-written lines")
    for stranger in found.strangers:
        note(f"not in the database: {stranger}")
    if not found.agrees:
        raise SystemExit(1)
