"""Gather the sections and write the files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import AnalysisError
from analysis.parts import Parts
from analysis.points import POINTS
from analysis.ranking import AWARDS, Weights
from analysis.report.agreement_part import agreement_in_words, agreement_section
from analysis.report.blocks import Document
from analysis.report.certainty_part import again_in_words, certainty_section
from analysis.report.efficiency_part import efficiency_section
from analysis.report.html import to_html
from analysis.report.images_part import all_images, images_section
from analysis.report.judges_part import judges_section
from analysis.report.latex import to_latex
from analysis.report.method_part import audit_section, method_section
from analysis.report.paired_part import paired_section
from analysis.report.pdf import to_pdf
from analysis.report.ranking_part import points_section, ranking_section
from analysis.report.rules_part import flips_in_words, rules_section
from analysis.report.screening_part import screening_in_words, screening_section, slots_section
from analysis.report.study import Study, make_study
from analysis.report.words import listed
from analysis.whole_files import write_whole

SIMULATED = "SIMULATED VOTES: no person cast them. The figures say nothing about the methods shown."


@dataclass(frozen=True)
class ReportPaths:
    """Where the report was written."""

    html: Path
    pdf: Path
    latex: Path


def write_report(
    votes: pd.DataFrame,
    out_dir: Path,
    *,
    scores: pd.DataFrame | None = None,
    parts: Parts | None = None,
    about: Mapping[str, Any] | None = None,
    title: str = "User study",
    preset: str = "user-study",
    weights: Weights | None = None,
    points: Sequence[float] = POINTS,
    awards: Sequence[int] = AWARDS,
    team_names: Mapping[str, str] | None = None,
    simulated: bool = False,
    anonymous: bool = False,
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
        Other parts of the final score: team and s2, escore, taken as they are.
    parts
        Instead of `scores`: paired images and measures that the other parts are made of.
    about
        Formula and definitions of the paired scores (the content of definitions.json).
    title
        Of the study.
    preset, weights, awards
        As for `analysis.ranking.rank_teams`.
    points
        Points of the first place, the second, ...
    team_names
        Names to print for the teams of the votes and scores, where these are identifiers.
    simulated
        Put the banner on the report even if no vote is marked as simulated.
    anonymous
        Call the judges "judge 1", "judge 2", ... in the order of their names, for publication.
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
        parts=parts,
        about=about,
        title=title,
        preset=preset,
        weights=weights,
        points=points,
        awards=awards,
        team_names=team_names,
        simulated=simulated,
        anonymous=anonymous,
        seed=seed,
        inputs=inputs,
    )
    paths = ReportPaths(out_dir / "report.html", out_dir / "report.pdf", out_dir / "ranking.tex")
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        document = make_document(study)
        write_whole(paths.html, to_html(document).encode())
        write_whole(paths.pdf, to_pdf(document))
        write_whole(paths.latex, to_latex(study).encode())
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
            certainty_section(study),
            rules_section(study),
            *paired_section(study),
            points_section(study),
            *efficiency_section(study),
            agreement_section(study),
            judges_section(study),
            images_section(study),
            screening_section(study),
            slots_section(study),
            audit_section(study),
            *all_images(study),
            method_section(study),
        ),
        banner=SIMULATED if study.simulated else None,
    )


def _summary(study: Study) -> tuple[str, ...]:
    """The report in a few sentences."""
    first = study.ranking.table[study.ranking.table["rank"] == 1]
    if first.empty:
        return study.ranking.notes
    return (
        _winner(study, list(first["team"])),
        *agreement_in_words(study)[:1],
        flips_in_words(study),
        screening_in_words(study),
    )


def _winner(study: Study, winners: list[str]) -> str:
    result = study.bootstrap
    final = result["final"][winners[0]]["mean"]
    if len(winners) > 1:
        return f"{listed(winners)} share the first place with a final of {final:.2f}."
    winner = winners[0]
    head = f"{winner} comes first with a final of {final:.2f}"
    if result["p_rank"][winner][0] is None:
        return f"{head}; {result['resampled']['reason'] or 'how certain that is cannot be said'}."
    rivals = {team for group in result["tie_groups"] if winner in group for team in group} - {winner}
    rivals = [team for team in study.teams if team in rivals]
    apart = (
        f"not clearly separated from {listed(rivals)} when all pairs are compared at once"
        if rivals
        else "clearly separated from every other team"
    )
    return f"{head}, {apart}. {again_in_words(study, winner)}"
