"""From rules to proposals, and the ranking without the judges concerned."""

from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.ranking import join_scores, rank_teams
from analysis.rule import Rule
from analysis.screening.flags import Flags
from analysis.user_study.base import COLUMN, UserStudy

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
    user: UserStudy, groups: list[list[str]], *, scores: pd.DataFrame | None, rule: Rule
) -> list[dict[str, Any]]:
    """The ranking with all judges and without each group of judges.

    Returns
    -------
    list of dict
        `judges` left out (none in the first), `ranking` [{team, the leading score, final, rank}] and
        `changed`, the teams whose rank differs from that with all judges; or `undefined`, the reason why
        there is no ranking.
    """
    full = _ranking(user, scores, rule)
    ranks = {row["team"]: row["rank"] for row in full}
    rows: list[dict[str, Any]] = [{"judges": [], "ranking": full, "changed": [], "undefined": None}]
    for group in groups:
        try:
            found = _without(user, group, scores, rule)
        except AnalysisError as error:
            rows.append({"judges": group, "ranking": [], "changed": [], "undefined": str(error)})
            continue
        changed = [row["team"] for row in found if row["rank"] != ranks[row["team"]]]
        rows.append({"judges": group, "ranking": found, "changed": changed, "undefined": None})
    return rows


def _without(
    user: UserStudy, group: list[str], scores: pd.DataFrame | None, rule: Rule
) -> list[dict[str, Any]]:
    if set(user.judges) <= set(group):
        raise AnalysisError("no judge would be left")
    rest = user.without(group)
    known = None if scores is None else scores[scores["team"].isin(rest.teams)]
    return _ranking(rest, known, rule)


def _ranking(user: UserStudy, scores: pd.DataFrame | None, rule: Rule) -> list[dict[str, Any]]:
    lead = COLUMN.get(user.lead, user.lead)
    table = rank_teams(join_scores(user.scores_table(), scores, rule), rule).table
    return [
        {
            "team": str(row["team"]),
            lead: float(row[lead]),
            "final": None if np.isnan(row["final"]) else float(row["final"]),
            "rank": None if pd.isna(row["rank"]) else int(row["rank"]),
        }
        for row in table.to_dict("records")
    ]
