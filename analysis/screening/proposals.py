"""From rules to proposals, and what the ranking would be without the judges concerned."""

from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.points import team_points
from analysis.ranking import join_scores, rank_teams
from analysis.rule import Rule
from analysis.screening.flags import Flags
from analysis.votes import Votes

Decision = Literal["keep", "investigate", "propose"]
PROPOSING = ("chance", "outlier")


def decisions(rules: list[Flags]) -> list[tuple[Decision, list[str]]]:
    """The decision on each judge and the reasons.

    A judge is proposed for exclusion only if both rules in `PROPOSING` flag; any other flag says
    "investigate".
    """
    by_name = {rule.name: rule for rule in rules}
    result: list[tuple[Decision, list[str]]] = []
    for judge in range(len(rules[0].flagged)):
        reasons = [rule.says for rule in rules if rule.flagged[judge]]
        both = all(by_name[name].flagged[judge] for name in PROPOSING)
        result.append(("propose" if both else "investigate" if reasons else "keep", reasons))
    return result


def rankings_without(
    votes: Votes, groups: list[list[str]], *, scores: pd.DataFrame | None, rule: Rule
) -> list[dict[str, Any]]:
    """The ranking with everybody and without each group of judges.

    Returns
    -------
    list of dict
        `judges` left out (none in the first), `ranking` [{team, s3, final, rank}] and `changed`, the teams
        whose rank differs from that with everybody; or `undefined`, the reason why there is no ranking.
    """
    full = _ranking(votes, scores, rule)
    ranks = {row["team"]: row["rank"] for row in full}
    rows: list[dict[str, Any]] = [{"judges": [], "ranking": full, "changed": [], "undefined": None}]
    for group in groups:
        rest = votes.without(group)
        if rest.table.empty:
            rows.append(
                {"judges": group, "ranking": [], "changed": [], "undefined": "no judge would be left"}
            )
            continue
        found = _ranking(rest, scores, rule)
        changed = [row["team"] for row in found if row["rank"] != ranks[row["team"]]]
        rows.append({"judges": group, "ranking": found, "changed": changed, "undefined": None})
    return rows


def _ranking(votes: Votes, scores: pd.DataFrame | None, rule: Rule) -> list[dict[str, Any]]:
    table = rank_teams(join_scores(team_points(votes, points=rule.points), scores, rule), rule).table
    return [
        {
            "team": str(row["team"]),
            "s3": float(row["s3"]),
            "final": None if np.isnan(row["final"]) else float(row["final"]),
            "rank": None if pd.isna(row["rank"]) else int(row["rank"]),
        }
        for row in table.to_dict("records")
    ]
