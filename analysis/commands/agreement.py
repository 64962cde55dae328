"""`studyapp analyse agreement`: how well the judges agree."""

from typing import Any, BinaryIO

import click
import numpy as np
import pandas as pd

from analysis.agreement import MEASURES, agreement_summary
from analysis.agreement.of_answers import pair_measures, rating_measures
from analysis.amounts import how_many
from analysis.cli import (
    answers_argument,
    permutations_option,
    result_command,
    seed_option,
    shown_option,
    table_option,
)
from analysis.errors import AnalysisError
from analysis.output import Output, marked
from analysis.pairs import Pairs
from analysis.ranking import read_scores
from analysis.ratings import Ratings
from analysis.report.words import p_value
from analysis.teams import refuse_strangers
from analysis.user_study.read import Answers, name_of
from analysis.votes import Votes


@result_command("agreement")
@answers_argument()
@shown_option("measures", "judges", "images", "matrix", "coefficients")
@permutations_option("the tests against chance")
@click.option(
    "--rbo-p",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.9,
    show_default=True,
    help="Persistence of the rank-biased overlap.",
)
@table_option("--scores", "Only checked: its teams must be those of the votes.")
@seed_option
def command(
    answers: Answers,
    *,
    scores: BinaryIO | None,
    shown: str,
    permutations: int,
    rbo_p: float,
    seed: int,
) -> Output:
    """How well the judges in ANSWERS.csv (votes, pairs or ratings) agree.

    Votes: overall, by image, by judge, and during the session. The headline is Kendall's W with a
    permutation test; its chance level is one over the number of judges, not 0. Pairs: repeated answers to the
    same pair of an image, and Kendall's u. Ratings: alpha, kappa and intraclass correlations of the scores.
    """
    if not isinstance(answers, Votes):
        return _of_answers(answers, shown, scores)
    if scores is not None:
        refuse_strangers(read_scores(scores)["team"], answers.table["team"].unique(), what="scores")
    data = agreement_summary(
        answers,
        rng=np.random.default_rng(seed),
        permutations=permutations,
        rbo_p=rbo_p,
    )
    return Output(marked(TABLES[shown](data), data), data | {"seed": seed}, _notes(data), decimals=3)


def _of_answers(answers: Pairs | Ratings, shown: str, scores: BinaryIO | None) -> Output:
    """Agreement of pairs or ratings, which have measures alone."""
    kind = name_of(answers)
    if shown != "measures":
        raise AnalysisError(f"--table {shown} is for votes; {kind} only have the table measures")
    if scores is not None:
        refuse_strangers(read_scores(scores)["team"], answers.teams, what="scores", among=kind)
    measures = pair_measures(answers) if isinstance(answers, Pairs) else rating_measures(answers)
    data = {
        "answers": kind,
        "n_judges": len(answers.judges),
        "n_images": len(answers.images),
        "n_answers": answers.size,
        "simulated": answers.simulated,
        "measures": measures,
    }
    note = (
        f"{how_many(len(answers.judges), 'judges')}, {how_many(len(answers.images), 'images')}, "
        f"{how_many(answers.size, 'answers')}"
    )
    numeric = [name for name in ("value", "se", "low", "high", "chance") if name in measures[0]]
    table = pd.DataFrame(measures).astype(dict.fromkeys(numeric, float))
    return Output(marked(table, data), data, (note,), decimals=3)


def _measures(data: dict[str, Any]) -> pd.DataFrame:
    rows = []
    for name in MEASURES:
        low, high = data[name]["ci"] or (None, None)
        row = {"measure": name, "value": data[name]["value"], "low": low, "high": high}
        row |= {"chance": data[name]["chance"], "p": data[name].get("p")}
        rows.append(row | {"undefined": data[name]["undefined"] or data[name]["ci_undefined"]})
    numeric = ["value", "low", "high", "chance", "p"]
    return pd.DataFrame(rows).astype(dict.fromkeys(numeric, float))


def _judges(data: dict[str, Any]) -> pd.DataFrame:
    rows = [
        {key: value for key, value in row.items() if key != "loo_ci"}
        | dict(zip(("loo_low", "loo_high"), row["loo_ci"] or (None, None), strict=True))
        for row in data["judges"]
    ]
    return pd.DataFrame(rows)


def _images(data: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(data["images"])


def _matrix(data: dict[str, Any]) -> pd.DataFrame:
    matrix = data["judge_matrix"]
    table = pd.DataFrame(matrix["values"], columns=matrix["judges"], dtype=float)
    table.insert(0, "judge", matrix["judges"])
    return table


def _coefficients(data: dict[str, Any]) -> pd.DataFrame:
    rows = []
    for name, found in data["coefficients"].items():
        low, high = found["ci"] or (None, None)
        row = {"coefficient": name, "value": found["value"], "se": found["se"], "low": low, "high": high}
        rows.append(row | {"undefined": found["undefined"]})
    return pd.DataFrame(rows).astype(dict.fromkeys(["value", "se", "low", "high"], float))


def _notes(data: dict[str, Any]) -> tuple[str, ...]:
    notes = [
        f"{how_many(data['n_judges'], 'judges')}, {how_many(data['n_images'], 'images')}, "
        f"{how_many(data['n_ballots'], 'ballots')}; {data['method']}"
    ]
    if data["simulated"]:
        notes.append("some votes are simulated")
    drift, differences = data["drift"], data["differences"]
    if drift["undefined"]:
        notes.append(f"drift: {drift['undefined']}")
    else:
        notes.append(f"drift: {drift['slope_per_10_trials']:+.4f} per 10 trials, {p_value(drift['p'])}")
    if differences["undefined"]:
        notes.append(f"differences between teams: {differences['undefined']}")
    else:
        chi2, p = differences["friedman_chi2"], differences["friedman_p"]
        notes.append(f"differences between teams: Friedman chi2 = {chi2:.2f}, {p_value(p)}")
    return tuple(notes)


TABLES = {
    "measures": _measures,
    "judges": _judges,
    "images": _images,
    "matrix": _matrix,
    "coefficients": _coefficients,
}
