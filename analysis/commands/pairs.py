"""`study-analysis pairs`: worths, consistency and screening from paired comparisons."""

from dataclasses import asdict
from typing import Any, BinaryIO

import click
import numpy as np
import pandas as pd

from analysis.cli import result_command, table_argument
from analysis.errors import AnalysisError
from analysis.models.bradley_terry import BradleyTerry, Ties, fit_bradley_terry
from analysis.models.quasi import contrast_variances, quasi_variances
from analysis.output import Output
from analysis.pairs import Pairs, read_pairs
from analysis.screening.consistency import U_NEEDS, kendall_u, stochastic_transitivity, triads_p
from analysis.screening.pairs import circular_triads, suspicious, unlikely_comparers


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
    "--table",
    "shown",
    type=click.Choice(["teams", "judges"]),
    default="teams",
    show_default=True,
    help="Which table csv, markdown and latex show; json holds both.",
)
def command(pairs: BinaryIO, *, ties: Ties, order: bool, penalty: float | None, shown: str) -> Output:
    """Bradley-Terry worths from PAIRS.csv (judge, first, second, outcome), and how consistent the judges are.

    Outcome is 1 where the first was preferred, 0 where the second, 0.5 for a tie. With a column image, judges
    are compared on the same image; with session, each session of a judge is screened by itself.
    """
    found = read_pairs(pairs)
    fit = fit_bradley_terry(found.counts, ties=ties, order_effect=order, penalty=penalty)
    data = pairs_summary(found, fit) | {"ties": ties}
    tables = {"teams": _teams, "judges": lambda data: pd.DataFrame(data["judges"])}
    table = tables[shown](data)
    table = table.assign(simulated=True) if found.simulated else table
    return Output(table, data, _notes(data), decimals=3)


def pairs_summary(pairs: Pairs, fit: BradleyTerry) -> dict[str, Any]:
    """Everything of a table of comparisons, ready for JSON."""
    wins = pairs.wins()
    total = wins.sum(axis=(0, 1))
    met = total + total.T
    share = np.divide(total, met, out=np.full(total.shape, np.nan), where=met > 0)
    return {
        "n_comparisons": len(pairs.outcome),
        "n_judges": len(pairs.judges),
        "n_images": len(pairs.images),
        "simulated": pairs.simulated,
        "log_worth": dict(zip(pairs.teams, fit.log_worth.tolist(), strict=True)),
        "se": dict(zip(pairs.teams, fit.se.tolist(), strict=True)),
        "quasi_se": _quasi(pairs.teams, fit),
        "covariance": {"teams": pairs.teams, "values": fit.covariance.tolist()},
        "order": {"effect": fit.order, "se": fit.order_se, "p": fit.order_p},
        "nu": {"value": fit.nu, "se": fit.nu_se},
        "loglik": fit.loglik,
        "finite": fit.finite,
        "penalty": fit.penalty,
        "wins": {"teams": pairs.teams, "values": total.tolist()},
        "judges": _judges(pairs, wins),
        "kendall_u": _u(wins.sum(axis=0), tied=bool((pairs.outcome == 0.5).any())),
        "transitivity": asdict(stochastic_transitivity(share)),
    }


def _quasi(teams: list[str], fit: BradleyTerry) -> dict[str, float | None] | None:
    try:
        q, worst = quasi_variances(contrast_variances(fit.covariance))
    except AnalysisError:
        return None
    if np.isnan(worst):
        return None
    roots = [float(np.sqrt(value)) if value >= 0 else None for value in q]
    return dict(zip(teams, roots, strict=True))


def _u(wins: np.ndarray, *, tied: bool) -> dict[str, Any]:
    if tied:  # halves can add up to whole numbers
        return {"u": None, "undefined": U_NEEDS}
    try:
        return asdict(kendall_u(wins)) | {"undefined": None}
    except AnalysisError as error:
        return {"u": None, "undefined": str(error)}


def _judges(pairs: Pairs, wins: np.ndarray) -> list[dict[str, Any]]:
    loglik, distance = unlikely_comparers(wins)
    return [
        {
            "judge": judge,
            "comparisons": int(wins[code].sum()),
            **_triads(wins[code]),
            "loglik": float(loglik[code]),
            "distance": float(distance[code]),
            "investigate": bool(suspicious(distance[code])),
        }
        for code, judge in enumerate(pairs.judges)
    ]


def _triads(wins: np.ndarray) -> dict[str, Any]:
    """Circular triads over the images on which the judge compared every pair once, and their p."""
    n = wins.shape[-1]
    once = 1 - np.eye(n)
    rounds = [circular_triads(w) for w in wins if np.array_equal(w + w.T, once) and not (w % 1).any()]
    if not rounds or n < 3:
        return {"rounds": 0, "circular": None, "zeta": None, "circular_p": None}
    circular = [r.circular for r in rounds]
    return {
        "rounds": len(rounds),
        "circular": sum(circular),
        "zeta": 1 - sum(circular) / sum(r.largest for r in rounds),
        "circular_p": triads_p(circular, n),
    }


def _teams(data: dict[str, Any]) -> pd.DataFrame:
    names = ["log_worth", "se", *(["quasi_se"] if data["quasi_se"] else [])]
    table = pd.DataFrame({name: pd.Series(data[name], dtype=float) for name in names})
    table = table.sort_values("log_worth", ascending=False, kind="stable")
    return table.rename_axis("team").reset_index()


def _notes(data: dict[str, Any]) -> tuple[str, ...]:
    judges, images = data["n_judges"], data["n_images"]
    notes = [
        f"{data['n_comparisons']} comparisons, {judges} judges, {images} images",
        "standard errors take comparisons as independent; judges and images that repeat make them larger",
    ]
    if data["simulated"]:
        notes.append("some answers are simulated")
    if not data["finite"]:
        notes.append(f"no finite estimate exists; penalty {data['penalty']:g} * sum(theta^2)")
    counts, u = data["transitivity"], data["kendall_u"]
    notes.append(
        f"transitivity violated in {counts['weak']} (weak), {counts['moderate']} (moderate), "
        f"{counts['strong']} (strong) of {counts['triples']} triples"
    )
    notes.append(u["undefined"] or f"Kendall's u = {u['u']:.3f}")
    return tuple(notes)
