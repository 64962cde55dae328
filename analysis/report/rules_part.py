"""Section: what other rules and other weights would have decided."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.plots.rules import rank_lines, weight_triangle
from analysis.report.blocks import Plot, Section, Table, Text
from analysis.report.study import Study
from analysis.report.words import listed, span
from analysis.resampling.rules import announced_weights, weighted_parts
from analysis.rule import ranks
from analysis.user_study.base import COLUMN

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RULES = {
    "points": "announced points",
    "first_places": "first places only",
    "borda": "Borda",
    "plackett_luce": "Plackett-Luce",
    "majority": "majority",
}
ORDER = ("s2", "study", "escore")


def rules_section(study: Study) -> Section:
    """Other reasonable rules for the user study, and other weights for the final."""
    if study.user.table != "votes":
        return Section("Would another rule change the result?", tuple(_weights(study)))
    flips = study.bootstrap["flips"]
    frame = pd.DataFrame({"Team": study.teams})
    for rule, label in RULES.items():
        frame[label[0].upper() + label[1:]] = [flips[rule]["ranks"][team] or None for team in study.teams]
    frame = frame.astype({column: "Int64" for column in frame.columns[1:]})
    caption = (
        "Rank in the user study under each rule. The announced rule decides; the others are for comparison."
    )
    return Section(
        "Would another rule change the result?",
        (Text(flips_in_words(study)), Table(caption, frame), *_worths(study), *_weights(study)),
    )


def _worths(study: Study) -> list[Text | Table]:
    """The Plackett-Luce model beside the announced points."""
    model, intervals = study.model, study.bootstrap["log_worth"]
    frame = pd.DataFrame(
        {
            "Team": study.teams,
            "Log worth": [model["log_worth"][team] for team in study.teams],
            "95 % interval": [span(intervals[team]["ci"]) for team in study.teams],
            "P(first choice)": [model["first_choice"][team] for team in study.teams],
        }
    )
    caption = (
        "Plackett-Luce: log worths add up to 0; P(first choice) is the chance of being picked first among "
        "all teams."
    )
    note = f"No finite estimate: {model['reason']}. A penalty of {model['penalty']:g} sum(theta^2) was added."
    return [*([] if model["finite"] else [Text(note)]), Table(caption, frame)]


def flips_in_words(study: Study) -> str:
    """Say which of the first places of the user study would change under other rules."""
    if study.none_apart:
        return (
            "Which of the first places other rules would change says nothing here, because no two teams can "
            "be told apart."
        )
    flips = study.bootstrap["flips"]
    changed = {rule: flips[rule]["prize_changes"] for rule in RULES if flips[rule]["prize_changes"]}
    prizes = min(sum(study.rule.awards), len(study.teams))
    places = "first place" if prizes == 1 else f"first {prizes} places"
    first = f"the {places} of the user study"
    if not changed:
        others = listed([label for rule, label in RULES.items() if rule != "points"])
        return f"No other rule ({others}) changes {first}."
    parts = [
        f"{RULES[rule]}: "
        + ", ".join(
            f"{team} {old} to {_new_rank(flips[rule]['ranks'], new)}" for team, (old, new) in changes.items()
        )
        for rule, changes in changed.items()
    ]
    winner = [RULES[rule] for rule in RULES if flips[rule]["winner_changes"]]
    head = (
        f"The first place of the user study changes under {listed(winner)}."
        if winner
        else "The first place of the user study is the same under every rule."
    )
    final = "" if study.rule.user_study_alone else " (ranks by S3 alone, not by the final)"
    return f"{head} Changes among {first}{final}: {'; '.join(parts)}."


def _new_rank(ranks: Mapping[str, int], rank: int) -> str:
    tied = sum(own == rank for own in ranks.values())
    return f"{rank}" if tied == 1 else f"{rank} (tie of {tied})"


def _weights(study: Study) -> Sequence[Text | Plot]:
    """Plots of the ranking as the weights move, where there is more than one part."""
    parts = _parts(study)
    if len(parts) < 2:
        return [Text("The final is the user study alone, so there are no weights to vary.")]
    announced = announced_weights(study.rule, study.user.lead)
    plots: list[Text | Plot] = [
        Plot(
            "Rank of each team as the weight of the user study varies from 0 to 1, with the ratio of the "
            f"other parts fixed. Coloured: the first {min(sum(study.rule.awards), len(study.teams))} of the "
            f"final ranking.{_unranked(study)}",
            "Lines of rank against the weight of the user study.",
            lambda: rank_lines(
                *_moved(study),
                study.teams,
                label="weight of the user study",
                announced=None if announced is None else float(announced[1]),
                prizes=sum(study.rule.awards),
            ),
        )
    ]
    if len(parts) == 3:
        plots.append(
            Plot(
                "The winner for every weighting of the three parts, each on a scale of 100, in steps of "
                "1/20; the closer to a corner, the more that part weighs. Numbers are rows of the final "
                "ranking.",
                "Triangle of weightings, each marked with the team that wins.",
                lambda: _triangle(study),
            )
        )
    return plots


def _unranked(study: Study) -> str:
    lacking = [str(team) for team in study.ranking.table.loc[study.ranking.table["rank"] == 0, "team"]]
    return f" No line, as it has no final: {listed(lacking)}." if lacking else ""


def _parts(study: Study) -> dict[str, np.ndarray]:
    """The parts on a scale of 100, teams in the order of the final ranking."""
    table, user = study.ranking.table, study.user
    s2, escore = (table[name].to_numpy(dtype=float) if name in table else None for name in ("s2", "escore"))
    scores = {name: table[COLUMN.get(name, name)].to_numpy(dtype=float) for name in user.observed}
    first = {user.lead: scores[user.lead]}  # the one that they rank by
    parts = weighted_parts(study.rule, s2, first | scores, escore)
    return {name: values for name, values in parts.items() if not np.isnan(values).all()}


def _moved(study: Study) -> tuple[np.ndarray, np.ndarray]:
    """The weight of the user study from 0 to 1, and the ranks at each."""
    parts = _parts(study)
    user = parts.pop("study")
    announced = announced_weights(study.rule, study.user.lead)
    share = {name: 1.0 if announced is None else announced[ORDER.index(name)] for name in parts}
    if not sum(share.values()):
        share = dict.fromkeys(parts, 1.0)
    rest = np.sum([share[name] * values for name, values in parts.items()], axis=0) / sum(share.values())
    weight = np.linspace(0, 1, 201)
    return weight, ranks(weight[:, None] * user + (1 - weight[:, None]) * rest)


def _triangle(study: Study) -> "Figure":
    grid = study.bootstrap["weight_grid"]
    column = {team: index for index, team in enumerate(grid["teams"])}
    first = np.array(grid["ranks"])[:, [column[team] for team in study.teams]] == 1
    return weight_triangle(
        np.array(grid["weights"]),
        np.where(first.any(axis=1), first.argmax(axis=1) + 1, 0),
        corners=("S2", "user study", "efficiency"),
        names={index + 1: team for index, team in enumerate(study.teams)},
        announced=announced_weights(study.rule, study.user.lead),
    )
