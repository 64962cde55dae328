"""`study-analysis pairs`: worths, ranks, consistency and screening from paired comparisons."""

from typing import Any, BinaryIO

import click
import numpy as np
import pandas as pd

from analysis.cli import result_command, seed_option, table_argument
from analysis.models.bradley_terry import Ties
from analysis.models.pair_summary import pair_summary
from analysis.output import Output
from analysis.pairs import read_pairs
from analysis.resampling.draws import Resample
from analysis.resampling.two_way import Sampling


@result_command("pairs")
@table_argument("pairs")
@click.option(
    "--ties",
    type=click.Choice(["davidson", "half"]),
    default="davidson",
    show_default=True,
    help="Estimate how ready judges are to tie, or count a tie as half a win for each.",
)
@click.option("--order", is_flag=True, help="Estimate and test what being shown first is worth.")
@click.option("--penalty", type=click.FloatRange(min=0), help="lambda of the penalty lambda*sum(theta^2).")
@click.option(
    "--prior",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="Wins added to every candidate over every other, so that unanimous pairs stay finite.",
)
@click.option("--draws", type=click.IntRange(min=0), default=2_000, show_default=True, help="Resamples.")
@click.option(
    "--level",
    type=click.FloatRange(0.5, 0.999),
    default=0.95,
    show_default=True,
    help="Confidence of intervals and tie groups.",
)
@click.option(
    "--resample",
    type=click.Choice(["both", "judges", "images"]),
    default="both",
    show_default=True,
    help="What another study would have others of.",
)
@click.option(
    "--table",
    "shown",
    type=click.Choice(["teams", "judges", "wins", "agreement"]),
    default="teams",
    show_default=True,
    help="Which table csv, markdown and latex show; json holds them all.",
)
@seed_option
def command(
    pairs: BinaryIO,
    *,
    ties: Ties,
    order: bool,
    penalty: float | None,
    prior: float,
    draws: int,
    level: float,
    resample: Resample,
    shown: str,
    seed: int,
) -> Output:
    """Bradley-Terry worths and JOD from PAIRS.csv (judge, image, team_a, team_b, answer), with intervals of
    other judges and images, ranks, and how consistent the judges are.

    The answer is a where team_a, which stood left, was better; b; tie; or bad where both are bad, which
    counts as a tie. With a column session, each session of a judge is screened by itself.
    """
    found = read_pairs(pairs)
    data = pair_summary(
        found,
        ties=ties,
        order_effect=order,
        penalty=penalty,
        prior=prior,
        sampling=Sampling(draws, level, resample),
        rng=np.random.default_rng(seed),
    )
    tables = {"teams": _teams, "judges": _judges, "wins": _wins, "agreement": _agreement}
    table = tables[shown](data)
    table = table.assign(simulated=True) if found.simulated else table
    return Output(table, data, _notes(data), decimals=3)


def _teams(data: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(data["teams"])


def _judges(data: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(data["judges"])


def _wins(data: dict[str, Any]) -> pd.DataFrame:
    teams = data["wins"]["teams"]
    return pd.DataFrame(data["wins"]["values"], columns=teams).assign(team=teams)[["team", *teams]]


def _agreement(data: dict[str, Any]) -> pd.DataFrame:
    rows = [
        {
            "coefficient": name,
            "value": row["value"],
            "low": row["ci"][0] if row["ci"] else None,
            "high": row["ci"][1] if row["ci"] else None,
            "undefined": row["undefined"] or row["ci_undefined"],
        }
        for name, row in data["agreement"].items()
    ]
    return pd.DataFrame(rows)


def _notes(data: dict[str, Any]) -> tuple[str, ...]:
    judges, images, sides = data["n_judges"], data["n_images"], data["sides"]
    notes = [f"{data['n_comparisons']} comparisons, {judges} judges, {images} images"]
    if data["draws"]:
        of = {"both": "judges and images", "judges": "judges", "images": "images"}[data["resampled"]]
        notes.append(f"{100 * data['level']:g} % intervals from {data['draws']:,} resamples of {of}")
    else:
        notes.append(_no_intervals(judges, images))
    if data["simulated"]:
        notes.append("some answers are simulated")
    if not data["finite"]:
        chain = " > ".join(", ".join(group) for group in data["groups"])
        said = f" (never the other way: {chain})" if len(data["groups"]) > 1 else ""
        notes.append(f"no finite estimate exists{said}; penalty {data['penalty']:g} * sum(theta^2)")
    if data["order"]["p"] is not None:
        notes.append(
            f"being shown first is worth {data['order']['effect']:.3f}, p = {data['order']['p']:.3g}"
        )
    notes.append(
        f"left was preferred in {100 * sides['left']:.1f} % of {sides['answers']} answers that name a side"
    )
    counts, u = data["transitivity"], data["kendall_u"]
    notes.append(
        f"transitivity violated in {counts['weak']} (weak), {counts['moderate']} (moderate), "
        f"{counts['strong']} (strong) of {counts['triples']} triples"
    )
    notes.append(u["undefined"] or f"Kendall's u = {u['u']:.3f}")
    return tuple(notes)


def _no_intervals(judges: int, images: int) -> str:
    if judges < 2:
        return "no intervals: one judge says nothing of other judges"
    if images < 2:
        return (
            "no intervals: one image says nothing of other images; --resample judges is for this image alone"
        )
    return "no intervals were asked for"
