"""Section: how certain the ranking is."""

from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.plots.heat import MOST_FIGURES, heat_map
from analysis.report.blocks import Plot, Section, Table, Text
from analysis.report.study import Study
from analysis.report.words import share, some, span

MOST_NAMES = 12


def certainty_section(study: Study) -> Section:
    """P(rank), awards, neighbours, and the effect of leaving out one judge or image."""
    result = study.bootstrap
    chances = np.array([result["p_rank"][team] for team in study.teams], dtype=float)
    awards = pd.DataFrame(
        [
            {
                "Team": team,
                "Rank, 95 % interval": _ranks(result["rank_interval"][team]),
                "P(truly best)": result["p_best"][team],
                "Award": result["awards"][team]["award"],
                "P(this class or better)": result["awards"][team]["p_award"],
                "P(any award)": result["awards"][team]["p_any"],
            }
            for team in study.teams
        ]
    )
    text = (
        "The figures show how often each rank would occur if the study were repeated at this size, with "
        f"other judges and other images of the same kind ({result['draws']} simulated studies). Part of "
        "the leader's margin is luck. The scores are therefore first shrunk towards each other by the "
        "amount of their spread that is sampling error, and the new studies are simulated around the "
        "result."
    )
    reason = result["resampled"]["reason"]
    return Section(
        "How certain is the ranking?",
        (
            Text(text),
            *([Text(f"Note: {reason}.")] if reason else []),
            *_chances(study, chances),
            Table(
                "Ranks that the study leaves open, and the probability of each award in a new study.", awards
            ),
            Table(
                f"Each team compared with the next in {study.compared}: simultaneous 95 % intervals.",
                _neighbours(study),
            ),
            *_left_out(study),
        ),
    )


def _chances(study: Study, chances: np.ndarray) -> list[Plot]:
    if np.isnan(chances).all():
        return []
    return [
        Plot(
            f"Probability of each rank in a new study, from {study.bootstrap['draws']} simulated studies. "
            f"{_cells_in_words(study)}",
            "Heat map of teams by ranks. " + _winners(study),
            lambda: heat_map(
                chances,
                rows=study.teams,
                columns=[str(rank + 1) for rank in range(len(study.teams))],
                label="probability",
                low=0,
                high=1,
                column_title="rank",
                text=".2f",
                least=0.005,
                missing="no final, so no rank",
            ),
        ),
    ]


def _cells_in_words(study: Study) -> str:
    if len(study.teams) > MOST_FIGURES:
        return "Darker cells are more probable."
    return "Empty cells are below 0.005."


def again_in_words(study: Study, team: str) -> str:
    """Say how certain a team's rank is: its 95 % interval, and how often a new study would put it first."""
    result = study.bootstrap
    best, worst = result["rank_interval"][team]
    rank = f"its true rank is {best}" if best == worst else f"its true rank lies between {best} and {worst}"
    return (
        f"With 95 % confidence, {rank}. A new study with other judges and images of the same kind would "
        f"put it first in about {share(result['p_rank'][team][0])} of cases, after allowing for luck."
    )


def _winners(study: Study) -> str:
    first = ((team, study.bootstrap["p_rank"][team][0]) for team in study.teams)
    return "First: " + ", ".join(f"{team} {share(p)}" for team, p in first if p and p >= 0.005) + "."


def _ranks(interval: list[int] | None) -> str | None:
    return f"{interval[0]} to {interval[1]}" if interval else None


def _neighbours(study: Study) -> pd.DataFrame:
    rows = [
        {
            "Better": row["better"],
            "Next": row["worse"],
            "Difference": row["difference"],
            "Interval": span(row["ci"]),
            "Separated": row["apart"],
        }
        for row in study.bootstrap["neighbours"]
    ]
    frame = pd.DataFrame(rows, columns=["Better", "Next", "Difference", "Interval", "Separated"])
    return frame.astype({"Separated": object})


def left_out_in_words(study: Study) -> str:
    """Say how often leaving out a single judge or image changes a rank; nothing where that means nothing."""
    if study.none_apart:
        return ""  # any of them may change a rank
    sentences: list[str] = []
    for kind, total, changes in _each_left_out(study):
        winner = [row["left_out"] for row in changes if any(1 in ranks for ranks in row["changes"].values())]
        first = (
            f"including first place without {some(winner, MOST_NAMES)}" if winner else "but never first place"
        )
        sentences.append(
            f"Leaving out one of {total} {kind}s changes a rank in "
            f"{how_many(len(changes), 'cases')}, {first}."
            if changes
            else f"Leaving out any one of {total} {kind}s changes no rank."
        )
    return " ".join(sentences)


def _left_out(study: Study) -> list[Text | Table]:
    """What leaving out a single judge or image changes: how often, and each change of a prize place."""
    said = left_out_in_words(study)
    if not said:
        return []
    behind: dict[str, list[str]] = defaultdict(list)
    for kind, _, changes in _each_left_out(study):
        for row in changes:
            if prizes := _prize_changes(row["changes"], sum(study.rule.awards)):
                behind[prizes].append(named(kind, row["left_out"]))
    rows = sorted(behind.items(), key=lambda item: (-len(item[1]), item[0]))
    frame = pd.DataFrame(
        [(prizes, len(names), _some(names)) for prizes, names in rows],
        columns=["Changes among the awards", "Cases", "Left out"],
    )
    table = Table("Award places that depend on a single judge or image.", frame)
    return [Text(said), *([table] if rows else [])]


def _each_left_out(study: Study) -> list[tuple[str, int, list[dict[str, Any]]]]:
    """Judges and images, how many there are, and what leaving out each changes; none where one is all."""
    totals = {"judge": len(study.user.judges), "image": len(study.user.images)}
    found = study.bootstrap["leave_one_out"]
    return [(kind, total, found[f"{kind}s"]) for kind, total in totals.items() if total > 1]


def named(kind: str, name: str) -> str:
    """Name a judge or an image with its kind, unless the name already has it: "judge June", "judge01"."""
    return name if name.casefold().startswith(kind) else f"{kind} {name}"


def _prize_changes(changes: dict[str, list[int]], prizes: int) -> str:
    moved = [
        f"{team} {old} to {new}"
        for team, (old, new) in sorted(changes.items())
        if 0 < min(old, new) <= prizes
    ]
    return ", ".join(moved)


def _some(names: list[str]) -> str:
    return ", ".join(names[:MOST_NAMES]) + (", ..." if len(names) > MOST_NAMES else "")
