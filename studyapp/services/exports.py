"""What an organiser takes home after closing: everything from which the ranking can be recomputed."""

import dataclasses
import hashlib
import os
from pathlib import Path

import pandas as pd
from sqlmodel import Session

from studyapp.services.ranking import StudyRanking, rule_weights
from studyapp.services.votes import design_table
from studyapp.services.workspace import Workspace

TABLES = ("votes.csv", "design.csv", "points.csv", "ranking.csv")


def export_study(session: Session, workspace: Workspace, ranking: StudyRanking) -> list[Path]:
    """Write votes, design, points, ranking and the report; return the paths.

    `study-analysis` recomputes the ranking from votes.csv (and scores.csv) alone. The same study gives
    byte-identical files.

    Raises
    ------
    StudyStateError
        While the study is not closed.
    """
    folder = workspace.folders.exports
    folder.mkdir(parents=True, exist_ok=True)
    tables = (ranking.votes, design_table(session), ranking.points, ranking.table)
    if ranking.simulated:
        tables = tuple(table.assign(simulated=True) for table in tables)
    paths = [_write_csv(table, folder / name) for name, table in zip(TABLES, tables, strict=True)]
    if ranking.scores is not None:
        paths.append(_write_csv(ranking.scores, folder / "scores.csv"))
    return paths + _report(workspace, ranking, folder, paths)


def exported_files(workspace: Workspace) -> list[str]:
    """Name the files that have been written."""
    folder = workspace.folders.exports
    return sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def _report(workspace: Workspace, ranking: StudyRanking, folder: Path, inputs: list[Path]) -> list[Path]:
    # Here, because it brings matplotlib, which serving does not need.
    from analysis.report import write_report

    rule = workspace.file.ranking
    written = write_report(
        ranking.votes,
        folder,
        scores=ranking.scores,
        title=workspace.file.title,
        preset=rule.preset,
        weights=rule_weights(rule),
        points=workspace.file.protocol.points,
        awards=rule.awards,
        simulated=ranking.simulated,
        seed=workspace.file.seed,
        inputs={path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in inputs},
    )
    return [getattr(written, field.name) for field in dataclasses.fields(written)]


def _write_csv(table: pd.DataFrame, path: Path) -> Path:
    """Write whole or not at all, so that nobody ever downloads half a table."""
    scratch = path.with_name(f".{path.name}.new")
    table.to_csv(scratch, index=False, lineterminator="\n")
    os.replace(scratch, path)
    return path
