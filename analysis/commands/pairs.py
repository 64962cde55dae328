"""`studyapp analyse pairs`: strengths, ranks, consistency and screening from paired comparisons."""

from typing import Any, BinaryIO

import click
import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.cli import result_command, sampling_options, seed_option, shown_option, table_argument
from analysis.models.bradley_terry import Ties
from analysis.models.pair_summary import pair_summary
from analysis.output import Output, intervals_note, marked
from analysis.pairs import read_pairs
from analysis.resampling.two_way import Sampling


@result_command("pairs")
@table_argument("pairs")
@click.option(
    "--ties",
    type=click.Choice(["davidson", "half"]),
    default="davidson",
    show_default=True,
    help="Estimate how often judges tie, or count a tie as half a win for each.",
)
@click.option("--order", is_flag=True, help="Estimate and test the advantage of being shown first.")
@click.option("--penalty", type=click.FloatRange(min=0), help="lambda in the penalty lambda*sum(theta^2).")
@click.option(
    "--prior",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="Wins added for each candidate over each other, which keeps unanimous pairs finite.",
)
@sampling_options(draws=2_000)
@shown_option("teams", "judges", "wins", "agreement")
@seed_option
def command(
    pairs: BinaryIO,
    *,
    ties: Ties,
    order: bool,
    penalty: float | None,
    prior: float,
    sampling: Sampling,
    shown: str,
    seed: int,
) -> Output:
    """Bradley-Terry strengths and JOD from PAIRS.csv, with intervals over judges and images, ranks, and how
    consistent the judges are.

    An answer of bad (both are bad) counts as a tie. With a column session, each session of a judge is
    screened on its own.
    """
    data = pair_summary(
        read_pairs(pairs),
        ties=ties,
        order_effect=order,
        penalty=penalty,
        prior=prior,
        sampling=sampling,
        rng=np.random.default_rng(seed),
    )
    return Output(marked(TABLES[shown](data), data), data, _notes(data), decimals=3)


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
    names, sides = ("comparisons", "judges", "images"), data["sides"]
    notes = [", ".join(how_many(data[f"n_{name}"], name) for name in names), intervals_note(data)]
    if data["simulated"]:
        notes.append("some answers are simulated")
    if not data["finite"]:
        chain = " > ".join(", ".join(group) for group in data["groups"])
        said = f" (never the other way: {chain})" if len(data["groups"]) > 1 else ""
        notes.append(f"there is no finite estimate{said}; penalty {data['penalty']:g} * sum(theta^2)")
    if data["order"]["p"] is not None:
        notes.append(
            f"being shown first is worth {data['order']['effect']:.3f}, p = {data['order']['p']:.3g}"
        )
    notes.append(
        f"left was preferred in {100 * sides['left']:.1f} % of {how_many(sides['answers'], 'answers')} "
        "that prefer a side"
    )
    counts, u = data["transitivity"], data["kendall_u"]
    notes.append(
        f"transitivity violated in {counts['weak']} (weak), {counts['moderate']} (moderate), "
        f"{counts['strong']} (strong) of {how_many(counts['triples'], 'triples')}"
    )
    notes.append(u["undefined"] or f"Kendall's u = {u['u']:.3f}")
    return tuple(notes)


TABLES = {"teams": _teams, "judges": _judges, "wins": _wins, "agreement": _agreement}
