"""Verbs that prove: verify the study, and keep its second record complete."""

from contextlib import closing
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from analysis.amounts import how_many
from analysis.formats import format_options, print_report
from analysis.frame import note
from analysis.progress import shown_progress
from studyapp.cli.common import Folder, accept_loss, hold_to_records, print_facts
from studyapp.db.revision import has_database
from studyapp.errors import NotFoundError, StudyError
from studyapp.services.ground import workspace as workspaces
from studyapp.services.ground.site import is_site, open_site


@click.command()
@Folder
@click.option("--packs", is_flag=True, help="Also read every tile pack; takes minutes for a large study.")
@click.option(
    "--receipts",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File of receipts, from judges or from another machine, to look up in the ledger; repeatable.",
)
@format_options
def verify(folder: Path, packs: bool, receipts: tuple[Path, ...], form: str | None) -> None:
    """Check that ledger, database, second record and export agree, and name the first mismatch.

    Of a site, each study is checked. Exit status 1 if there is a mismatch.
    """
    if is_site(folder):
        site = open_site(folder)
        rows = [
            {"study": study, **row}
            for study in site.studies()
            for row in _checks_within(site.study_root(study), packs, receipts)
        ]
    else:
        rows = _checks(folder, packs, receipts)
    lines = [f"{row['verdict']:5}  {_place(row)}{row['check']}: {row['message']}" for row in rows]
    print_report(lines or ["the site has no study yet"], form, rows=rows)
    wrong = [row for row in rows if row["verdict"] == "wrong"]
    note(f"mismatch: {_place(wrong[0])}{wrong[0]['message']}" if wrong else "everything matches")
    if wrong:
        raise SystemExit(1)


def _place(row: dict[str, str]) -> str:
    return f"{row['study']}: " if "study" in row else ""


_UNTILED = {"check": "study", "verdict": "unchecked", "message": "it has no images yet"}


def _checks_within(folder: Path, packs: bool, receipts: tuple[Path, ...]) -> list[dict[str, str]]:
    """Check a study of a site; one that cannot be opened keeps none of the others from being checked."""
    try:
        with closing(workspaces.load_workspace(folder).database) as database:
            there = has_database(database)
        return _checks(folder, packs, receipts) if there else [_UNTILED]
    except NotFoundError:
        return [_UNTILED]
    except (StudyError, DBAPIError) as error:
        return [{"check": "study", "verdict": "wrong", "message": str(error)}]


def _checks(folder: Path, packs: bool, receipts: tuple[Path, ...]) -> list[dict[str, str]]:
    from studyapp.services.folder.pack_checks import check_packs
    from studyapp.services.results.verifying import verify_study

    workspace = workspaces.open_workspace(folder)
    with closing(workspace.database), workspace.database.reading() as session:
        findings = verify_study(session, workspace, receipts)
        if packs:
            with shown_progress() as progress:
                findings.append(check_packs(session, workspace, progress=progress))
    return [{"check": item.check, "verdict": item.verdict, "message": item.message} for item in findings]


@click.command()
@Folder
@accept_loss
@format_options
def doctor(folder: Path, accept_loss: bool, form: str | None) -> None:
    """Compare var/votes.jsonl and receipts kept elsewhere with the database, and complete them.

    Exit status 1 if one has an event that the database lacks. Then this is not the database that acknowledged
    it: an old copy was put back, or rows were removed.
    """
    from studyapp.services.ground.second_record import mend_record

    workspace = workspaces.open_workspace(folder)
    if accept_loss:
        hold_to_records(workspace, accept=True)
    found = mend_record(workspace)
    added, damaged = len(found.missing), found.damaged
    words = [
        how_many(found.events, "events"),
        f"{how_many(added, 'lines')} added",
        how_many(damaged, "half-written lines"),
    ]
    print_facts(", ".join(words), form, events=found.events, added=added, damaged=damaged)
    for stranger in found.strangers:
        note(f"not in the database: {stranger}")
    if not found.agrees:
        raise SystemExit(1)
