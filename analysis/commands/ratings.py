"""`studyapp analyse ratings`: mean opinion scores, ranks, the model of subjects and screening."""

from typing import Any, BinaryIO

import click
import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.cli import (
    result_command,
    sampling_options,
    scale_option,
    seed_option,
    shown_option,
    table_argument,
)
from analysis.opinion.screening import Deviation
from analysis.opinion.summary import rating_summary
from analysis.output import Output, intervals_note, marked
from analysis.ratings import read_ratings
from analysis.resampling.two_way import Sampling


@result_command("ratings")
@table_argument("ratings")
@scale_option
@click.option("--reference", metavar="TEAM", help="The hidden reference; adds difference scores (DMOS).")
@click.option(
    "--remove-bias",
    is_flag=True,
    help="Remove each judge's bias first, as in P.913 12.4; screening uses the result too.",
)
@click.option(
    "--deviation",
    type=click.Choice(["sample", "population"]),
    default="sample",
    show_default=True,
    help="BT.500's standard deviation: over n - 1 as in its text, or over n as in much code.",
)
@click.option(
    "--own-mean",
    is_flag=True,
    help="Correlate each judge with the mean of all judges, as P.913 does, not of the others.",
)
@sampling_options(draws=2_000)
@shown_option("teams", "stimuli", "judges", "agreement")
@seed_option
def command(
    ratings: BinaryIO,
    *,
    scale: tuple[float, float] | None,
    reference: str | None,
    remove_bias: bool,
    deviation: Deviation,
    own_mean: bool,
    sampling: Sampling,
    shown: str,
    seed: int,
) -> Output:
    """Mean opinion scores from RATINGS.csv, with intervals over judges and images, ranks, and how reliable
    the judges are.

    Screening only proposes: the means are those of all judges.
    """
    data = rating_summary(
        read_ratings(ratings, scale=scale or (1, 5)),
        reference=reference,
        remove_bias=remove_bias,
        deviation=deviation,
        own_mean=own_mean,
        sampling=sampling,
        rng=np.random.default_rng(seed),
    )
    table = pd.DataFrame(data[shown])
    ranks = [name for name in ("rank", "rank_low", "rank_high", "dmos_rank") if name in table]
    table = table.astype(dict.fromkeys(ranks, "Int64"))  # the hidden reference and anchor have none
    return Output(marked(table, data), data, _notes(data), decimals=3)


def _notes(data: dict[str, Any]) -> tuple[str, ...]:
    rejected = [row["judge"] for row in data["judges"] if row["bt500_rejected"]]
    scores = "scores without each judge's bias" if data["bias_removed"] else "scores as given"
    shown = "1 stimulus" if data["n_stimuli"] == 1 else f"{data['n_stimuli']} stimuli"
    judges, images = how_many(data["n_judges"], "judges"), how_many(data["n_images"], "images")
    notes = [f"{how_many(data['n_scores'], 'scores')} of {shown} by {judges}, {images}"]
    notes.append(intervals_note(data))
    rule = f"BT.500 on {scores}, {data['deviation']} standard deviation"
    notes.append(f"{rule}, rejects: {', '.join(rejected) or 'nobody'}")
    if data["simulated"]:
        notes.append("some scores are simulated")
    return (*notes, data["model_undefined"]) if data["model_undefined"] else tuple(notes)
