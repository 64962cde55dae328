"""Gather the sections and write the files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.errors import AnalysisError
from analysis.points import POINTS
from analysis.ranking import AWARDS, Weights
from analysis.report.blocks import Document
from analysis.report.html import to_html
from analysis.report.judges_part import images_section, judges_section
from analysis.report.method_part import audit_section, method_section
from analysis.report.ranking_part import points_section, ranking_section
from analysis.report.study import Study, make_study

SIMULATED = "SIMULATED VOTES: no person cast them. The figures say nothing about the methods shown."


@dataclass(frozen=True)
class ReportPaths:
    """Where the report was written."""

    html: Path


def write_report(
    votes: pd.DataFrame,
    out_dir: Path,
    *,
    scores: pd.DataFrame | None = None,
    title: str = "User study",
    preset: str = "user-study",
    weights: Weights | None = None,
    points: Sequence[float] = POINTS,
    awards: Sequence[int] = AWARDS,
    simulated: bool = False,
    seed: int = 0,
    inputs: Mapping[str, str] | None = None,
) -> ReportPaths:
    """Write the report of a study into a folder.

    Parameters
    ----------
    votes
        By the column contract of `analysis.votes`.
    out_dir
        Made if it is not there; files of an earlier report are replaced.
    scores
        Other parts of the final score: team and s2, escore.
    title
        Of the study.
    preset, weights, awards
        As for `analysis.ranking.rank_teams`.
    points
        Points of the first place, the second, ...
    simulated
        Put the banner on the report even if no vote is marked as simulated.
    seed
        Of every random number in the report.
    inputs
        SHA-256 of each input file by its name; without it, of the votes as canonical CSV.

    Raises
    ------
    AnalysisError
        For votes or scores that cannot be used, and a folder that cannot be written to.
    """
    study = make_study(
        votes,
        scores=scores,
        title=title,
        preset=preset,
        weights=weights,
        points=points,
        awards=awards,
        simulated=simulated,
        seed=seed,
        inputs=inputs,
    )
    paths = ReportPaths(html=out_dir / "report.html")
    page = to_html(make_document(study))
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        paths.html.write_text(page, encoding="utf-8")
    except OSError as error:
        raise AnalysisError(f"cannot write {error.filename}: {error.strerror}") from error
    return paths


def make_document(study: Study) -> Document:
    """Return the whole report, not yet rendered."""
    arrays = study.arrays
    size = f"{len(arrays.teams)} teams, {len(arrays.judges)} judges, {len(arrays.images)} images"
    return Document(
        title=study.title,
        subtitle=f"Blind user study: {size}, {arrays.size} ballots",
        summary=_summary(study),
        sections=(
            ranking_section(study),
            points_section(study),
            judges_section(study),
            images_section(study),
            audit_section(study),
            method_section(study),
        ),
        banner=SIMULATED if study.simulated else None,
    )


def _summary(study: Study) -> tuple[str, ...]:
    first = study.ranking.table[study.ranking.table["rank"] == 1]
    if first.empty:
        return study.ranking.notes
    final, names = first["final"].iloc[0], " and ".join(first["team"])
    return (f"{names} {'come' if len(first) > 1 else 'comes'} first with a final of {final:.2f}.",)
