"""`study-analysis agreement`: how far the judges agree."""

from typing import Any, BinaryIO

import click
import numpy as np
import pandas as pd

from analysis.agreement import MEASURES, agreement_summary
from analysis.cli import permutations_option, result_command, seed_option, shown_option, table_argument
from analysis.output import Output, marked
from analysis.ranking import read_scores
from analysis.report.words import p_value
from analysis.teams import refuse_strangers
from analysis.votes import read_votes


@result_command("agreement")
@table_argument("votes")
@shown_option("measures", "judges", "images", "matrix", "coefficients")
@permutations_option("the tests against chance")
@click.option(
    "--rbo-p",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.9,
    show_default=True,
    help="Persistence of the rank-biased overlap.",
)
@click.option("--scores", type=click.File("rb"), help="Only checked: are its teams those of the votes?")
@seed_option
def command(
    votes: BinaryIO,
    *,
    scores: BinaryIO | None,
    shown: str,
    permutations: int,
    rbo_p: float,
    seed: int,
) -> Output:
    """How far the judges in VOTES.csv agree: overall, by image, by judge, and over the session.

    The headline is Kendall's W with a permutation test; its chance level is one over the judges, not 0.
    """
    given = read_votes(votes)
    if scores is not None:
        refuse_strangers(read_scores(scores)["team"], given.table["team"].unique(), what="scores")
    data = agreement_summary(
        given,
        rng=np.random.default_rng(seed),
        permutations=permutations,
        rbo_p=rbo_p,
    )
    return Output(marked(TABLES[shown](data), data), data | {"seed": seed}, _notes(data), decimals=3)


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
        f"{data['n_judges']} judges, {data['n_images']} images, {data['n_ballots']} ballots; {data['method']}"
    ]
    if data["simulated"]:
        notes.append("some votes are simulated")
    drift, differences = data["drift"], data["differences"]
    if drift["undefined"]:
        notes.append(f"drift: {drift['undefined']}")
    else:
        notes.append(f"drift: {drift['slope_per_10_trials']:+.4f} for each 10 trials, {p_value(drift['p'])}")
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
