"""`study-analysis ratings`: mean opinion scores, the model of subjects and screening, from ratings."""

from collections.abc import Callable
from typing import Any, BinaryIO

import click
import numpy as np
import pandas as pd

from analysis.agreement.alpha import LEVELS, krippendorff_alpha
from analysis.agreement.icc import intraclass_correlations
from analysis.agreement.raters import (
    Coefficient,
    Weighting,
    brennan_prediger_weighted,
    conger_kappa,
    fleiss_weighted,
    gwet_ac2,
)
from analysis.cli import result_command, table_argument
from analysis.errors import AnalysisError
from analysis.opinion import bt500_screening, fit_subject_model, mean_opinion, mos_correlation, without_bias
from analysis.opinion.screening import Deviation
from analysis.output import Output
from analysis.tables import known_columns, labels, numbers, read_table
from analysis.votes import truths

COEFFICIENTS = {
    "fleiss": fleiss_weighted,
    "conger": conger_kappa,
    "gwet_ac": gwet_ac2,
    "brennan_prediger": brennan_prediger_weighted,
}


@result_command("ratings")
@table_argument("ratings")
@click.option(
    "--remove-bias",
    is_flag=True,
    help="Take each judge's bias off first, as P.913 12.4 does; screening, too.",
)
@click.option(
    "--deviation",
    type=click.Choice(["sample", "population"]),
    default="sample",
    show_default=True,
    help="BT.500's standard deviation: n - 1 as in its text, or n as in much code.",
)
@click.option(
    "--own-mean",
    is_flag=True,
    help="Correlate with the mean of all judges, as P.913 does, not of the others.",
)
@click.option(
    "--table",
    "shown",
    type=click.Choice(["stimuli", "judges", "agreement"]),
    default="stimuli",
    show_default=True,
    help="Which table csv, markdown and latex show; json holds them all.",
)
def command(
    ratings: BinaryIO, *, remove_bias: bool, deviation: Deviation, own_mean: bool, shown: str
) -> Output:
    """Mean opinion scores from RATINGS.csv (judge, stimulus, score), and how far the judges can be relied on.

    Screening proposes; the means are those of all judges.
    """
    judges, stimuli, scores, simulated = read_ratings(ratings)
    used = without_bias(scores) if remove_bias else scores
    data = {
        "bias_removed": remove_bias,
        "deviation": deviation,
        "correlated_with": "all" if own_mean else "others",
        "simulated": simulated,
        "n_judges": len(judges),
        "n_stimuli": len(stimuli),
        "n_scores": int((~np.isnan(scores)).sum()),
        "stimuli": _stimuli(stimuli, used),
        "judges": _judges(judges, used, deviation, own=own_mean),
        "agreement": _agreement(scores),
    } | _model(judges, stimuli, scores)
    table = pd.DataFrame(data[shown])
    table = table.assign(simulated=True) if simulated else table
    return Output(table, data, _notes(data), decimals=3)


def read_ratings(source: BinaryIO) -> tuple[list[str], list[str], np.ndarray, bool]:
    """Judges, stimuli, scores (judges, stimuli; NaN where none was given), whether any is simulated."""
    table = known_columns(read_table(source), ["judge", "stimulus", "score"], ["simulated"], what="ratings")
    judge, stimulus = (labels(table[name], what=f"ratings, {name}") for name in ("judge", "stimulus"))
    score = numbers(table["score"], what="ratings, score")
    twice = pd.DataFrame({"judge": judge.astype(str), "stimulus": stimulus.astype(str)}).duplicated()
    if twice.any():
        row = int(np.argmax(twice.to_numpy()))
        raise AnalysisError(
            f"ratings: judge {judge.iloc[row]} rated stimulus {stimulus.iloc[row]} twice; keep one score"
        )
    scores = np.full((len(judge.cat.categories), len(stimulus.cat.categories)), np.nan)
    scores[judge.cat.codes, stimulus.cat.codes] = score
    if np.isnan(scores).all():
        raise AnalysisError("ratings: no scores; give a number in the column score")
    simulated = "simulated" in table and bool(truths(table["simulated"], "ratings, simulated").any())
    return judge.cat.categories.tolist(), stimulus.cat.categories.tolist(), scores, simulated


def _stimuli(stimuli: list[str], scores: np.ndarray) -> list[dict[str, Any]]:
    found = mean_opinion(scores)
    columns = {
        "mos": found.mos,
        "low": found.mos - found.half_width,
        "high": found.mos + found.half_width,
        "sd": found.sd,
    }
    return [
        {"stimulus": name, **{key: float(values[k]) for key, values in columns.items()}, "n": int(found.n[k])}
        for k, name in enumerate(stimuli)
    ]


def _judges(
    judges: list[str], scores: np.ndarray, deviation: Deviation, *, own: bool
) -> list[dict[str, Any]]:
    screening, correlation = bt500_screening(scores, deviation=deviation), mos_correlation(scores, own=own)
    return [
        {
            "judge": name,
            "scores": int((~np.isnan(scores[s])).sum()),
            "correlation": float(correlation[s]),
            "above": int(screening.above[s]),
            "below": int(screening.below[s]),
            "bt500_rejected": bool(screening.rejected[s]),
        }
        for s, name in enumerate(judges)
    ]


def _agreement(scores: np.ndarray) -> list[dict[str, Any]]:
    """Every coefficient with standard error and interval as far as it has them, or why there is none."""
    kinds: tuple[Weighting, ...] = ("identity", "ordinal", "quadratic")
    rows = [_row(f"alpha_{at}", lambda at=at: _bare(krippendorff_alpha(scores, level=at))) for at in LEVELS]
    rows += [
        _row(f"{name}_{kind}", lambda c=coefficient, k=kind: c(scores, weights=k))
        for name, coefficient in COEFFICIENTS.items()
        for kind in kinds
    ]
    try:
        correlations = intraclass_correlations(scores)
    except AnalysisError as error:
        return [*rows, _empty("icc", str(error))]
    return rows + [
        {"coefficient": form, "value": c.value, "se": None, "low": c.low, "high": c.high, "undefined": None}
        for form, c in correlations.items()
    ]


def _row(name: str, compute: Callable[[], Coefficient]) -> dict[str, Any]:
    try:
        found = compute()
    except AnalysisError as error:
        return _empty(name, str(error))
    if np.isnan(found.value):
        return _empty(name, "all scores are the same, or no stimulus has two")
    return {
        "coefficient": name,
        "value": found.value,
        "se": found.se,
        "low": found.low,
        "high": found.high,
        "undefined": None,
    }


def _bare(value: float) -> Coefficient:
    return Coefficient(value, np.nan, np.nan, np.nan)


def _empty(name: str, reason: str) -> dict[str, Any]:
    return {"coefficient": name, "value": None, "se": None, "low": None, "high": None, "undefined": reason}


def _model(judges: list[str], stimuli: list[str], scores: np.ndarray) -> dict[str, Any]:
    """The model of subjects; `model` is None with a reason where it cannot be fitted."""
    try:
        fit = fit_subject_model(scores)
    except AnalysisError as error:
        return {"model": None, "model_undefined": str(error)}
    return {
        "model": {
            "quality": dict(zip(stimuli, fit.quality.tolist(), strict=True)),
            "quality_se": dict(zip(stimuli, fit.quality_se.tolist(), strict=True)),
            "bias": dict(zip(judges, fit.bias.tolist(), strict=True)),
            "inconsistency": dict(zip(judges, fit.inconsistency.tolist(), strict=True)),
            "loglik": fit.loglik,
            "parameters": fit.parameters,
            "aic": fit.aic,
            "bic": fit.bic,
        },
        "model_undefined": None,
    }


def _notes(data: dict[str, Any]) -> tuple[str, ...]:
    rejected = [row["judge"] for row in data["judges"] if row["bt500_rejected"]]
    scores = "scores without each judge's bias" if data["bias_removed"] else "scores as given"
    notes = [f"{data['n_scores']} scores of {data['n_stimuli']} stimuli by {data['n_judges']} judges"]
    rule = f"BT.500 on {scores}, {data['deviation']} standard deviation"
    notes.append(f"{rule}, rejects: {', '.join(rejected) or 'nobody'}")
    if data["simulated"]:
        notes.append("some scores are simulated")
    return (*notes, data["model_undefined"]) if data["model_undefined"] else tuple(notes)
