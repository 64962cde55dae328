"""`studyapp analyse bootstrap`: intervals, rank probabilities, awards and tie groups from votes."""

from dataclasses import asdict
from typing import Any, BinaryIO

import pandas as pd

from analysis.amounts import how_many
from analysis.cli import (
    answers_argument,
    result_command,
    rule_options,
    sampling_options,
    seed_option,
    shown_option,
    table_option,
)
from analysis.conclusions import conclusions
from analysis.errors import AnalysisError
from analysis.output import Output, marked
from analysis.part_options import part_options, read_parts
from analysis.ranking import join_scores, rank_teams
from analysis.resampling.joint import joint_draws, observe
from analysis.resampling.summary import any_apart, bootstrap_summary
from analysis.resampling.two_way import Sampling
from analysis.rule import Rule
from analysis.rule.value import PAIR_SCORES, RATING_SCORES
from analysis.user_study.read import Answers


@result_command("bootstrap")
@answers_argument()
@table_option("--scores", "S2 and EScore of each team, for the final score.")
@part_options
@rule_options()
@sampling_options(draws=None, fewest=100)
@shown_option("teams", "pairs", "head-to-head")
@seed_option
def command(
    answers: Answers,
    *,
    scores: BinaryIO | None,
    paired: BinaryIO | None,
    measures: BinaryIO | None,
    rule: Rule,
    sampling: Sampling,
    shown: str,
    seed: int,
) -> Output:
    """Bootstrap ANSWERS.csv (votes, pairs or ratings) two ways: resample judges and images, or only what
    --resample names.

    The pairs of --paired are resampled as well; times of --measures vary within their intervals.

    Gives intervals for the scores of the answers, the other parts and the final score; the probability of
    each rank, and that each team deserves its award; groups of teams that the study cannot tell apart; and
    what would change without one judge or image, or under other rules and weights.
    """
    parts = read_parts(scores, paired, measures, rule)
    study = observe(answers, parts, rule)
    drawn = joint_draws(study, **asdict(sampling), seed=seed)
    table = join_scores(study.user.rows(), parts.of(study.teams, rule), rule)
    ranking = rank_teams(table, rule, parts.images(rule, study.teams))
    data = bootstrap_summary(drawn) | {"conclusions": list(conclusions(ranking, drawn)), "seed": seed}
    notes = (*parts.notes, *_notes(data, flips=any_apart(drawn) is not False))
    return Output(marked(TABLES[shown](data), data), data, notes)


def _teams(data: dict[str, Any]) -> pd.DataFrame:
    rows = [
        {
            "rank": data["rank"][team],
            "team": team,
            **{key: value for name in PARTS for key, value in _part(data, name, team).items()},
            "final": data["final"][team]["mean"],
            "final_low": data["final"][team]["ci"][0],
            "final_high": data["final"][team]["ci"][1],
            "p_first": data["p_rank"][team][0],
            "p_award": data["awards"][team]["p_award"],
            "tie_groups": " ".join(str(g) for g, group in enumerate(data["tie_groups"], 1) if team in group),
        }
        for team in data["final"]
    ]
    table = pd.DataFrame(rows).sort_values(["rank", "team"], na_position="last", ignore_index=True)
    return table.astype({"rank": "Int64"})


def _pairs(data: dict[str, Any]) -> pd.DataFrame:
    rows = [
        {key: value for key, value in pair.items() if key not in ("ci", "p", "p_adjusted")}
        | dict(zip(("low", "high"), pair["ci"], strict=True))
        | {"p": pair["p"], "p_adjusted": pair["p_adjusted"]}
        for pair in data["pairwise"]
    ]
    columns = ["better", "worse", "difference", "low", "high", "p", "p_adjusted"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[2:], float))


def _head_to_head(data: dict[str, Any]) -> pd.DataFrame:
    """Ballots in which the team of the row stood above that of the column."""
    if data["answers"] != "votes":
        raise AnalysisError("--table head-to-head is for votes; `pairs --table wins` counts comparisons")
    found = data["head_to_head"]
    table = pd.DataFrame(found["above"], columns=found["teams"])
    table.insert(0, "above", found["teams"])
    return table


PARTS = ("s3", *PAIR_SCORES, *RATING_SCORES, "s2", "escore")


def _part(data: dict[str, Any], part: str, team: str) -> dict[str, float | None]:
    """A part and its interval, where the study has it; only the part where it was given and not drawn."""
    if part not in data:
        return {}
    found = data[part][team]
    ends = zip((f"{part}_low", f"{part}_high"), found["ci"] or (), strict=False)
    return {part: found["mean"], **dict(ends)}


def _notes(data: dict[str, Any], *, flips: bool) -> tuple[str, ...]:
    """Lines for the reader; without flips where no two teams can be told apart."""
    judges, images = how_many(data["n_judges"], "judges"), how_many(data["n_images"], "images")
    notes = [f"{judges}, {images}, {data['draws']:,} resamples, level {data['level']:g}, seed {data['seed']}"]
    if data["resample"] != "both":
        notes.append(data["method"])
    notes += [data["resampled"]["reason"]] if data["resampled"]["reason"] else []
    notes += [data[key] for key in ("s3n_undefined", "unshown") if data.get(key)]
    if data["simulated"]:
        notes.append(f"some {data['answers']} are simulated")
    notes += data["conclusions"]
    for rule, flip in data.get("flips", {}).items() if flips else ():
        if flip["prize_changes"]:
            moved = ", ".join(f"{team} {a} -> {b}" for team, (a, b) in flip["prize_changes"].items())
            notes.append(f"user-study prizes under {rule.replace('_', ' ')}: {moved}")
    return tuple(notes)


TABLES = {"teams": _teams, "pairs": _pairs, "head-to-head": _head_to_head}
