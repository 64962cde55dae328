"""Section: why. What judges said, and how it goes with what they answered."""

import pandas as pd

from analysis.reasons.summary import outcomes, reason_counts, size_in_words
from analysis.report.blocks import NOTHING, Section, Table, Text
from analysis.report.study import Study

FEW = 5
"""Reasons of one team and attribute, below which a count is no tendency."""


def reasons_section(study: Study) -> list[Section]:
    """Attributes with winning and losing, and what is said of each team; nothing without reasons."""
    reasons = study.reasons
    if reasons is None or reasons.empty:
        return []
    came_off = outcomes(study.user.answers.table, study.user.table)
    by_attribute = reason_counts(reasons, came_off, "attribute")
    said = (
        f"{size_in_words(reasons)}. A candidate won where its judge put "
        "it above the mean of those it stood against, and lost below. Judges chose what to speak of, so the "
        "counts say what struck them and not how often it was there."
    )
    return [
        Section(
            "Why",
            (
                Text(said),
                Table("What was said, and how the candidates came off.", _attributes(by_attribute)),
                Table(
                    "What is said of each team: better against worse. In brackets: fewer than "
                    f"{FEW} reasons.",
                    _teams(reason_counts(reasons, came_off, "team"), list(by_attribute["attribute"])),
                ),
            ),
        )
    ]


def attributes_of(study: Study) -> list[str]:
    """What judges spoke of; words of the study's own, in any writing."""
    return [] if study.reasons is None else sorted(map(str, study.reasons["attribute"].unique()))


def _attributes(counts: pd.DataFrame) -> pd.DataFrame:
    def of(direction: str) -> list[str]:
        rows = zip(counts[f"{direction}_won"], counts[f"{direction}_lost"], counts[direction], strict=True)
        return [f"{total}: {won} won, {lost} lost" if total else NOTHING for won, lost, total in rows]

    return pd.DataFrame(
        {
            "Attribute": counts["attribute"],
            "Reasons": counts["reasons"],
            "Judges": counts["judges"],
            "Said to be better": of("better"),
            "Said to be worse": of("worse"),
        }
    )


def _teams(counts: pd.DataFrame, attributes: list[str]) -> pd.DataFrame:
    cells = {
        (row["team"], row["attribute"]): _cell(row["better"], row["worse"])
        for row in counts.to_dict("records")
    }
    teams = sorted(set(counts["team"]))
    sums = {str(team): rows[["better", "worse"]].sum() for team, rows in counts.groupby("team")}
    return pd.DataFrame(
        {
            "Team": teams,
            "All": [_cell(*map(int, sums[team])) for team in teams],
            **{name: [cells.get((team, name), NOTHING) for team in teams] for name in attributes},
        }
    )


def _cell(better: int, worse: int) -> str:
    text = f"+{better} −{worse}"
    return f"({text})" if better + worse < FEW else text
