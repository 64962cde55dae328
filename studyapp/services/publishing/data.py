"""The tables, the report and the ledger as a site has them: an export that `verify` accepts, and no more.

Screens and where judges looked are left out unless they are asked for. What judges wrote stays: it is in the
ledger, and without it no hash is right.
"""

import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from sqlmodel import Session

from analysis.files import file_sha256, write_whole
from analysis.json_text import read_json
from studyapp.batch.pool import Progress
from studyapp.services.ground.ledger import bodies, chain_heads
from studyapp.services.ground.studies import current_file, the_study
from studyapp.services.ground.workspace import Workspace
from studyapp.services.results.exports import MANIFEST, export_study, lacking
from studyapp.services.results.kept import input_stamps
from studyapp.services.results.ranking import StudyRanking

DATA = "data"


@dataclass(frozen=True)
class Told:
    """What people wrote that a site makes public: judges of candidates, organisers of what they did."""

    reasons: int
    comments: int
    notes: tuple[str, ...]
    """What organisers wrote of why they amended, excluded or unsealed, and what they stated of the test."""


def told_by_people(session: Session, reasons: pd.DataFrame) -> Told:
    """Count what should be read before it is published."""
    notes = tuple(
        f"{body['kind']}: {body['reason']}"
        for body in bodies(
            session, "amended", "unsealed", "disqualified", "reinstated", "withdrawn", "readmitted"
        )
    )
    stated = (f"{name}: {what}" for name, what in (current_file(session).stated or {}).items())
    return Told(len(reasons), int(sum(bool(text) for text in reasons["text"])), (*notes, *stated))


def public_export(
    session: Session,
    workspace: Workspace,
    ranking: StudyRanking,
    evidence: tuple[str, ...],
    progress: Progress,
) -> list[Path]:
    """Return the files in var/public, made anew where anything that they follow from has changed."""
    folder = workspace.folders.public
    key = json.dumps(_made_of(session, workspace, evidence), indent=1)
    beside = folder.with_suffix(".json")
    if not (beside.exists() and beside.read_text(encoding="utf-8") == key and _is_whole(folder)):
        progress("report", 0, 0)
        beside.unlink(missing_ok=True)
        export_study(session, workspace, ranking, public=evidence, progress=progress)
        write_whole(beside, key)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _made_of(session: Session, workspace: Workspace, evidence: tuple[str, ...]) -> dict[str, Any]:
    return {
        "version": version("studyapp"),
        "file": the_study(session).file,
        "heads": chain_heads(session),
        "inputs": input_stamps(workspace.folders.root),
        "evidence": sorted(evidence),
    }


def _is_whole(folder: Path) -> bool:
    if lacking(folder):
        return False
    try:
        files = read_json((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        return all(file_sha256(folder / name) == sha256 for name, sha256 in files.items())
    except (OSError, ValueError, KeyError, AttributeError):
        return False
