"""Section: how certain the ranking is."""

import numpy as np
import pandas as pd

from analysis.plots import heat_map
from analysis.report.blocks import Plot, Section, Table, Text
from analysis.report.study import Study
from analysis.report.words import listed, share, span


def certainty_section(study: Study) -> Section:
    """P(rank), awards, neighbours, and what leaving out one judge or image does."""
    result = study.bootstrap
    chances = np.array([result["p_rank"][team] for team in study.teams], dtype=float)
    awards = pd.DataFrame(
        [
            {
                "Team": team,
                "Award": result["awards"][team]["award"],
                "P(this class or better)": result["awards"][team]["p_award"],
                "P(any award)": result["awards"][team]["p_any"],
            }
            for team in study.teams
        ]
    )
    text = (
        f"Judges and images were drawn again {result['draws']} times, each independently of the other, as "
        "if the study had been held with other judges and other images of the same kind; the figures say "
        "how often each rank came out."
    )
    reason = result["resampled"]["reason"]
    return Section(
        "How certain is the ranking",
        (
            Text(text),
            *([Text(f"Note: {reason}.")] if reason else []),
            Plot(
                "Probability of each rank. Empty cells are below 0.005.",
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
                ),
            ),
            Table("Probability that a team would win its award again.", awards),
            Table(
                "Each team against the next one: simultaneous 95 % intervals of the difference.",
                _neighbours(study),
            ),
            Text(_left_out(study)),
        ),
    )


def _winners(study: Study) -> str:
    first = ((team, study.bootstrap["p_rank"][team][0]) for team in study.teams)
    return "First: " + ", ".join(f"{team} {share(p)}" for team, p in first if p and p >= 0.005) + "."


def _neighbours(study: Study) -> pd.DataFrame:
    rows = [
        {
            "Better": row["better"],
            "Next": row["worse"],
            "Difference": row["difference"],
            "Interval": span(row["ci"]),
            "Told apart": row["apart"],
        }
        for row in study.bootstrap["neighbours"]
    ]
    frame = pd.DataFrame(rows, columns=["Better", "Next", "Difference", "Interval", "Told apart"])
    return frame.astype({"Told apart": object})


def _left_out(study: Study) -> str:
    """How many judges and images, left out alone, change the order, and which the winner."""
    sentences = []
    for kind, total in (("judges", len(study.arrays.judges)), ("images", len(study.arrays.images))):
        changes = study.bootstrap["leave_one_out"][kind]
        winner = [row["left_out"] for row in changes if any(1 in ranks for ranks in row["changes"].values())]
        some = f"Leaving out one of the {total} {kind} changes a rank somewhere in {len(changes)} cases"
        first = f"the first place with {listed(winner)}" if winner else "the first place in none"
        sentences.append(f"{some}, {first}.")
    return " ".join(sentences)
