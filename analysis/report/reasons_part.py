"""Section: why. The reasons that judges gave, and how they go with the answers."""

import pandas as pd

from analysis.reasons.summary import outcomes, reason_counts, size_in_words
from analysis.report.blocks import NOTHING, Section, Table, Text
from analysis.report.study import Study

FEW = 5
"""Reasons of one team and attribute, below which a count is no tendency."""


def reasons_section(study: Study) -> list[Section]:
    """Attributes of candidates that won and lost, and what is said of each team; empty without reasons."""
    reasons = study.reasons
    if reasons is None or reasons.empty:
        return []
    came_off = outcomes(study.user.answers.table, study.user.table)
    by_attribute = reason_counts(reasons, came_off, "attribute")
    said = (
        f"{size_in_words(reasons)}. A candidate won if its judge placed it above the mean of the "
        "candidates shown with it, and lost if below. Judges chose what to comment on, so the counts show "
        "what caught their eye, not how often it occurred."
    )
    return [
        Section(
            "Why",
            (
                Text(said),
                Table("What was said, and whether the candidates won.", _attributes(by_attribute)),
                Table(
                    "What is said of each team: better or worse than the others. In brackets: fewer than "
                    f"{FEW} reasons.",
                    _teams(reason_counts(reasons, came_off, "team"), list(by_attribute["attribute"])),
                ),
            ),
        )
    ]


def attributes_of(study: Study) -> list[str]:
    """What judges commented on; these are the study's own words, in any script."""
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
