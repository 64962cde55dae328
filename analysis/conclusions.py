"""What a ranking alone does not show: awards for all, no teams told apart, fewer points ahead."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.ranking import Ranking, rule_columns
from analysis.resampling.joint import JointDraws
from analysis.resampling.summary import any_apart, lead_title
from analysis.rule import Rule
from analysis.texts import listed, plural, say
from analysis.user_study.base import COLUMN
from analysis.user_study.of_votes import VoteStudy

MOST = 5
"""Of the pairs of neighbours with fewer points ahead, how many are explained."""
_TITLES = {"s2": "S2", "escore": "EScore"}


def conclusions(
    ranking: Ranking, drawn: JointDraws, *, names: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Say what a reader could overlook, a sentence each.

    Parameters
    ----------
    ranking
        Of the same study.
    drawn
        Its draws.
    names
        What to call the teams, where the ranking has ids.
    """
    table = ranking.table[ranking.table["rank"].notna()]
    names = names or {}
    called = {str(team): names.get(str(team), str(team)) for team in table["team"]}
    return (
        *_awards_for_all(table, ranking.rule),
        *_nobody_apart(drawn),
        *_fewer_ahead(table, drawn, called),
    )


def _awards_for_all(table: pd.DataFrame, rule: Rule) -> list[str]:
    if len(table) < 2 or sum(rule.awards) < len(table):
        return []
    return [
        say(
            "every team gets an award: there are %(awards)s, and %(teams)s with a rank",
            awards=plural("%(count)s award", "%(count)s awards", sum(rule.awards)),
            teams=plural("%(count)s team", "%(count)s teams", len(table)),
        )
    ]


def _nobody_apart(drawn: JointDraws) -> list[str]:
    if any_apart(drawn) is not False:
        return []
    what = lead_title(drawn) if drawn.study.rule.user_study_alone else say("the final")
    return [
        say(
            "no two teams can be told apart: the simultaneous %(level)s interval of every difference in "
            "%(what)s contains 0, so the order may be chance",
            level=f"{drawn.level:.0%}",
            what=what,
        )
    ]


def _fewer_ahead(table: pd.DataFrame, drawn: JointDraws, called: Mapping[str, str]) -> list[str]:
    """Why a team stands before the next one although the judges gave it less."""
    user = drawn.study.user
    lead = dict(zip(user.teams, user.observed[user.lead], strict=True))
    given = lead
    if isinstance(user, VoteStudy):
        scores = user.scores_table()
        given = dict(zip(map(str, scores["team"]), scores["points"], strict=True))
    rows = table.sort_values(["rank", "team"])
    said = []
    for (_, ahead), (_, behind) in pairwise(rows.iterrows()):
        one, other = str(ahead["team"]), str(behind["team"])
        if ahead["rank"] == behind["rank"] or not given[one] < given[other] - 1e-9:
            continue
        fewer = {"ahead": called[one], "behind": called[other]}
        if lead[one] < lead[other] - 1e-9 or not isinstance(user, VoteStudy):
            said.append(_by_parts(table, drawn, one, other, fewer))
        else:
            said.append(_by_ballots(user, one, other, fewer, given))
    more = len(said) - MOST
    rest = plural(
        "the same is true of %(count)s more pair of neighbours in the ranking",
        "the same is true of %(count)s more pairs of neighbours in the ranking",
        max(more, 0),
    )
    return [*said[:MOST], *([rest] if more > 0 else [])]


def _by_ballots(
    user: VoteStudy, one: str, other: str, fewer: Mapping[str, str], given: Mapping[str, float]
) -> str:
    """Points are averaged over the judges who were shown a team."""
    arrays = user.ballots
    shown = dict(zip(map(str, arrays.teams), arrays.shown_matrix.sum(axis=0), strict=True))
    return say(
        "%(ahead)s is ahead of %(behind)s with fewer points (%(less)s against %(more)s): S3 averages them "
        "over the ballots that showed a team (%(few)s against %(many)s), and allows for teams that a ballot "
        "lacks",
        **fewer,
        less=f"{given[one]:g}",
        more=f"{given[other]:g}",
        few=int(shown[one]),
        many=int(shown[other]),
    )


def _by_parts(table: pd.DataFrame, drawn: JointDraws, one: str, other: str, fewer: Mapping[str, str]) -> str:
    """Other parts of the final outweigh the judges' answers."""
    user, rule = drawn.study.user, drawn.study.rule
    column = COLUMN.get(user.lead, user.lead)
    lead = dict(zip(user.teams, user.observed[user.lead], strict=True))
    values = {
        **fewer,
        "score": lead_title(drawn),
        "less": f"{lead[one]:.4g}",
        "more": f"{lead[other]:.4g}",
    }
    gains = _gains(table, rule, one, other, without=column)
    if not gains:
        return say(
            "%(ahead)s is ahead of %(behind)s with a lower %(score)s (%(less)s against %(more)s): the rule "
            "decides, %(rule)s",
            **values,
            rule=rule.final.text(),
        )
    return say(
        "%(ahead)s is ahead of %(behind)s with a lower %(score)s (%(less)s against %(more)s): in the final "
        "%(gains)s",
        **values,
        gains=listed(
            [say("%(part)s gives it %(gain)s more", part=part, gain=f"{gain:.2f}") for part, gain in gains]
        ),
    )


def _gains(table: pd.DataFrame, rule: Rule, one: str, other: str, *, without: str) -> list[tuple[str, float]]:
    """What each other part of a weighted sum adds to the team ahead, the most first."""
    teams, columns = [str(team) for team in table["team"]], rule_columns(table)
    first, second = teams.index(one), teams.index(other)
    sign = -1 if rule.lower_is_better else 1
    found = []
    for term in rule.terms or ():
        try:
            values = np.broadcast_to(rule.evaluate(term.formula, columns, teams=teams), (len(teams),))
        except AnalysisError:
            return []
        gain = sign * term.weight * float(values[first] - values[second])
        if gain > 0.005:
            found.append((_TITLES.get(term.text, term.text), gain))
    return sorted(found, key=lambda item: -item[1])
