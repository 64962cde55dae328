"""The final ranking of a closed study: votes and other scores, joined by the study's rule."""

import warnings
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from sqlmodel import Session

from analysis.efficiency.points import efficiency_scores, read_measures
from analysis.errors import AnalysisError, InputWarning
from analysis.output import Output, render
from analysis.points import team_points
from analysis.ranking import Weights, join_scores, rank_teams, read_scores
from analysis.votes import counted, validate_votes
from studyapp.core.spreadsheets import plain_cell
from studyapp.core.study_file import Ranking as Rule
from studyapp.errors import StudyError
from studyapp.services.ledger import standing
from studyapp.services.ledger_notes import study_notes
from studyapp.services.studies import current_file
from studyapp.services.votes import team_keys, votes_table
from studyapp.services.workspace import Workspace

SIMULATED = "SIMULATED: these ballots come from a simulation, not from people."


@dataclass(frozen=True)
class StudyRanking:
    """A final ranking and what it rests on."""

    table: pd.DataFrame
    points: pd.DataFrame
    votes: pd.DataFrame
    scores: pd.DataFrame | None
    rule: str
    judges: int
    images: int
    ballots: int
    simulated: bool
    notes: tuple[str, ...]

    @property
    def remarks(self) -> tuple[str, ...]:
        """Lines that go with the table wherever it is printed."""
        basis = (
            f"{self.judges} judges, {self.images} images, {self.ballots} complete ballots; rule: {self.rule}"
        )
        return (*((SIMULATED,) if self.simulated else ()), basis, *self.notes)


def rank_study(session: Session, workspace: Workspace) -> StudyRanking:
    """Rank the teams of a closed (or unsealed) study by the rules that it goes by.

    S3 comes from the ballots; S2 from scores.csv (team, s2) and EScore from measures.csv (team, params_m,
    flops_g, time_ms) of the study folder, where these are given.

    Raises
    ------
    StudyError
        While the study is open, without complete ballots, or when the rule needs a part that is not there.
    """
    votes = votes_table(session)
    if counted(votes).empty:
        raise StudyError("no ballot is complete; there is nothing to rank")
    file = current_file(session)
    rule = file.ranking
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", InputWarning)
            votes = validate_votes(votes)
            points = team_points(votes, points=file.protocol.points)
            scores = _other_scores(workspace.folders.root, team_keys(session, standing(session).disqualified))
            ranking = rank_teams(
                join_scores(points, scores),
                preset=rule.preset,
                weights=rule_weights(rule),
                awards=rule.awards,
            )
    except AnalysisError as error:
        raise StudyError(str(error)) from error
    names = {team.id: team.name for team in file.teams}
    table = ranking.table.merge(points[["team", "points", "s3n"]], on="team", how="left")
    table.insert(1, "name", table["team"].map(names))
    main = counted(votes)
    parts = [name for name in ("s2", "points", "s3", "s3n", "escore") if name in table]
    return StudyRanking(
        table=table[["rank", "team", "name", *parts, "final", "award"]],
        points=points,
        votes=votes,
        scores=scores,
        rule=f"{ranking.preset}: {ranking.formula}",
        judges=main["judge"].nunique(),
        images=main["image"].nunique(),
        ballots=len(main[["judge", "image"]].drop_duplicates()),
        simulated=file.simulated,
        notes=(*ranking.notes, *(str(item.message) for item in caught), *study_notes(session)),
    )


def format_ranking(ranking: StudyRanking, form: str) -> str:
    """Return the ranking as csv, json, markdown or latex text."""
    table = ranking.table.assign(simulated=True) if ranking.simulated else ranking.table
    if form == "csv":
        table = table.assign(name=table["name"].map(plain_cell))
    return render(Output(table=table), form).rstrip("\n")


def as_text(table: pd.DataFrame) -> list[dict[str, str]]:
    """Return the rows with every cell as it is shown on a page: two decimals, a dash for what is missing."""
    return [
        {str(name): _cell(str(name), value) for name, value in row.items()}
        for row in table.to_dict("records")
    ]


def _cell(name: str, value: object) -> str:
    if value is None or pd.isna(value):  # pyright: ignore[reportArgumentType, reportCallIssue]
        return "–"
    if isinstance(value, float):
        return f"{value:.0f}" if name == "points" and value.is_integer() else f"{value:.2f}"
    return str(value)


def rule_weights(rule: Rule) -> Weights | None:
    """Return the weights of one's own, where the study gives them."""
    weights = rule.weights
    return Weights(weights.s2, weights.s3, weights.escore) if weights else None


def _other_scores(root: Path, disqualified: Collection[str]) -> pd.DataFrame | None:
    """Read S2 and EScore from the folder, without disqualified teams; None when neither is given.

    EScore ranks all models that were measured, so that it is computed before teams are taken out.
    """
    scores = read_scores(root / "scores.csv") if (root / "scores.csv").is_file() else None
    if (root / "measures.csv").is_file():
        measured = efficiency_scores(read_measures(root / "measures.csv"))[["team", "escore"]]
        scores = measured if scores is None else scores.merge(measured, on="team", how="outer")
    return None if scores is None else scores[~scores["team"].isin(disqualified)].reset_index(drop=True)
