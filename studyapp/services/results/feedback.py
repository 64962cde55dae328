"""What a team of the final phase learns of its own results once the study is closed.

Others are there as numbers without names, unless site.yaml makes the results public; no judge is named, nor
can two reasons be told to be of one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from sqlmodel import Session

from analysis.columns import titles
from analysis.efficiency.measures import RANKED
from analysis.efficiency.points import efficiency_scores
from analysis.reasons.summary import outcomes
from analysis.resampling.summary import groups_of
from analysis.spreadsheets import read_cell
from analysis.texts import Text, say
from studyapp.errors import NotFoundError
from studyapp.services.ground import second_record, studies
from studyapp.services.ground.workspace import Workspace
from studyapp.services.results import ranking_text
from studyapp.services.results.kept import kept
from studyapp.services.results.ranking import StudyRanking, rank_study
from studyapp.services.results.reasons import candidate_sources
from studyapp.services.results.said import kept_answers, kept_reasons

SHOWN = 3
"""How many of the best and of the worst images are shown."""


@dataclass(frozen=True)
class Place:
    """A row of the ranking: whose it is is told of one's own, and where results are public.

    `span` is between which ranks the team may be, for all teams at once; empty where that is unknown.
    `interval` is the final score and the ends of its interval; NaN where there is none.
    """

    rank: str
    span: str
    name: str | None
    final: str
    award: str
    own: bool
    interval: tuple[float, float, float]


@dataclass(frozen=True)
class OnImage:
    """How a team came off on an image, and its score there where the image has ground truth.

    Of `answers` about it `better` put it above the mean of the others, `worse` below.
    """

    image: str
    better: int = 0
    worse: int = 0
    answers: int = 0
    score: float | None = None


@dataclass(frozen=True)
class Cost:
    """What a model costs beside the others: its place from the least, and their least, middle and most."""

    name: str
    value: float
    place: int
    of: int
    least: float
    middle: float
    most: float


@dataclass(frozen=True)
class Feedback:
    """Results of one team.

    Attributes
    ----------
    scores
        By title, with intervals; empty for a team without results, then `why` says why.
    judged, paired
        Images from the best to the worst, as judges and as the metrics have it.
    reasons
        What judges said of its images, in an order that tells nothing of judges.
    """

    scores: Mapping[str, str]
    ranking: tuple[Place, ...]
    judged: tuple[OnImage, ...]
    paired: tuple[OnImage, ...]
    costs: tuple[Cost, ...]
    escore: float | None
    reasons: tuple[Mapping[str, Any], ...]
    simulated: bool
    intervals: str
    why: Text | None = None


def feedback(session: Session, workspace: Workspace, team: str, *, names: bool) -> Feedback:
    """Return what a team may know; `names` of the other teams too where results are public.

    Raises
    ------
    NotFoundError
        While the study is not closed: also when it was unsealed before, for judges still answer then.
    StudyError
        When there is no ranking.
    """
    if studies.the_study(session).state != "closed":
        raise NotFoundError(say("there are no results yet"))
    second_record.refuse_loss(workspace)
    ranking = kept(session, workspace, rank_study)
    answers, reasons = kept_answers(session, workspace), kept_reasons(session, workspace)
    table = studies.the_protocol(session).table
    rows = ranking_text.as_text(ranking.table)
    own = next((row for row in rows if row["team"] == team), None)
    costs, escore = _costs(ranking, team)
    spans = groups_of(ranking.drawn)["rank_interval"]
    finals = ranking.table.reindex(columns=["final", "final_low", "final_high"]).astype(float).to_numpy()
    return Feedback(
        scores=_scores(own) if own else {},
        ranking=tuple(
            Place(
                row["rank"],
                _span(spans.get(row["team"])),
                row["name"] if names or row["team"] == team else None,
                row["final"],
                row["award"],
                row["team"] == team,
                tuple(numbers),
            )
            for row, numbers in zip(rows, finals, strict=True)
        ),
        judged=_judged(answers, table, team),
        paired=_paired(ranking, team),
        costs=costs,
        escore=escore,
        reasons=_reasons(reasons, team),
        simulated=ranking.simulated,
        intervals=ranking.intervals,
        why=None if own else say("your team is not in the ranking; ask the organisers why"),
    )


def candidate_of(session: Session, workspace: Workspace, team: str, image: str) -> Path | None:
    """Return the file of a team's own image in a closed study."""
    if studies.the_study(session).state != "closed":
        return None
    source = candidate_sources(session).get((image, team))
    return workspace.folders.root / source if source else None


def ends(images: Sequence[OnImage]) -> tuple[Sequence[OnImage], Sequence[OnImage]]:
    """Return the best images and, the worst first, the worst ones; none is in both."""
    most = min(SHOWN, len(images) // 2) if len(images) > 1 else len(images)
    return images[:most], images[len(images) - most :][::-1] if len(images) > 1 else ()


def _span(ranks: Sequence[int] | None) -> str:
    return f"{ranks[0]}–{ranks[1]}" if ranks else ""


def _scores(row: Mapping[str, str]) -> dict[str, str]:
    heads = titles("ranking.csv", list(row))
    return {heads[name]: value for name, value in row.items() if name not in ("team", "name")}


def _judged(answers: pd.DataFrame, table: Any, team: str) -> tuple[OnImage, ...]:
    main = answers[answers["kind"] == "main"]
    if main.empty:
        return ()
    came_off = outcomes(main, table).rename("outcome").reset_index()
    images = main[["trial", "image"]].astype(str).drop_duplicates()
    own = came_off[came_off["team"] == team].merge(images, on="trial")
    found = [
        OnImage(
            str(image),
            better=int((rows["outcome"] > 0).sum()),
            worse=int((rows["outcome"] < 0).sum()),
            answers=len(rows),
        )
        for image, rows in own.groupby("image", sort=True)
    ]
    return tuple(sorted(found, key=lambda one: ((one.worse - one.better) / one.answers, one.image)))


def _paired(ranking: StudyRanking, team: str) -> tuple[OnImage, ...]:
    table = ranking.parts.parts.paired
    if table is None:
        return ()
    rows = table[table["team"] == team].dropna(subset=["score"])
    found = [OnImage(str(row["image"]), score=float(row["score"])) for row in rows.to_dict("records")]
    formula = ranking.rule.entry("s2")
    sign = 1 if formula is not None and formula.better == "lower" else -1
    return tuple(sorted(found, key=lambda one: (sign * (one.score or 0.0), one.image)))


def _costs(ranking: StudyRanking, team: str) -> tuple[tuple[Cost, ...], float | None]:
    measures = ranking.parts.parts.measures
    if measures is None or team not in set(measures["team"]):
        return (), None
    scored = efficiency_scores(measures, ranking.rule)
    own = scored[scored["team"] == team].iloc[0]
    heads, found = titles("measures.csv", RANKED), []
    for name in RANKED:
        values = scored[name].dropna()
        if pd.isna(own[name]):
            continue
        place = int((values < own[name]).sum()) + 1
        span = (float(values.min()), float(values.median()), float(values.max()))
        found.append(Cost(heads[name], float(own[name]), place, len(values), *span))
    escore = own.get("escore")
    return tuple(found), None if escore is None or pd.isna(escore) else float(escore)


def _reasons(reasons: pd.DataFrame, team: str) -> tuple[Mapping[str, Any], ...]:
    own = reasons[(reasons["team"] == team) & (reasons["kind"] == "main")]
    found = [
        {
            "image": row["image"],
            **{name: row[name] and read_cell(row[name]) for name in ("region", "attribute", "text")},
            "direction": row["direction"],
            "severity": row["severity"],
            "rect": None if pd.isna(row["x"]) else [int(row[name]) for name in ("x", "y", "width", "height")],
        }
        for row in own.to_dict("records")
    ]
    return tuple(sorted(found, key=lambda one: tuple(str(value) for value in one.values())))
