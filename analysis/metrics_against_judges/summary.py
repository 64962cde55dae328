"""Metrics against judges, ready for JSON: measures, differences, ceilings, and where they disagree most."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.errors import AnalysisError
from analysis.metrics_against_judges.ceiling import Ceilings, from_halves, from_repeats
from analysis.metrics_against_judges.intervals import FITS, Measured, measure
from analysis.metrics_against_judges.judged import By, judged_scores
from analysis.metrics_against_judges.logistic import FEWEST as FEWEST_OF_FIT
from analysis.metrics_against_judges.ranks import FEWEST
from analysis.metrics_against_judges.scene import LEVELS, MEASURES, Key, Metric, Scene
from analysis.metrics_against_judges.table import directions, metrics_in, metrics_on
from analysis.paired.definitions import Direction
from analysis.paired.table import metrics_of
from analysis.resampling.two_way import Sampling
from analysis.rule import Rule
from analysis.user_study.base import UserStudy
from analysis.user_study.read import Answers, user_study

STREAM = 6
"""Of a study's seed, for exports and reports; what else a report draws has other streams."""
COMPARED = ("srocc", "krcc", "plcc", "accuracy")
"""Measures of which differences between metrics are tested."""
WORST = 3
"""Images that are named for each metric."""
METHOD = (
    "PLCC, RMSE and outliers after a monotonic four-parameter logistic (VQEG 2003); intervals by resampling "
    "judges and images, as wide as the two-way variance says; differences on the same resamples, p by Holm"
)


def metrics_summary(
    answers: Answers,
    *,
    rule: Rule,
    candidates: pd.DataFrame | None = None,
    paired: pd.DataFrame | None = None,
    definitions: Iterable[Mapping[str, str]] = (),
    lower: Sequence[str] = (),
    higher: Sequence[str] = (),
    by: By = "points",
    skip_unknown: bool = False,
    sampling: Sampling = Sampling(1_000),  # noqa: B008 - frozen
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Compare metrics with what judges said.

    Parameters
    ----------
    answers : Votes, Pairs or Ratings
        Only main trials count; repeats serve the ceiling.
    rule : Rule
        Points of the places.
    candidates : DataFrame, optional
        Metrics of what judges saw, from `analysis.metrics_against_judges.table.validate_metrics`.
    paired : DataFrame, optional
        Scores of images with ground truth, from `analysis.paired.table.validate_paired`: the parts of S2 are
        compared by the teams' means.
    definitions, lower, higher
        As `directions` takes them.
    by : {"points", "worths"}
        What votes are counted as.
    skip_unknown : bool
        Leave out metrics of unknown direction instead of refusing them.
    sampling : Sampling
    rng : numpy.random.Generator

    Returns
    -------
    dict
        `measures`, a row for each metric, level and measure: value, low, high, n (images, candidates or
        teams), halves and repeats (the ceilings), undefined (why there is no value) and ci_undefined.
        `differences`, rows of pairs of metrics. `ceilings`. `images`, a row for each image and metric.
        `worst`, the images on which each metric disagrees most. And what was compared.

    Raises
    ------
    AnalysisError
        Without any metric, for teams or images that nobody judged, for an unknown direction.
    """
    user = user_study(answers, rule)
    of_halves, of_draws = rng.spawn(2)
    metrics = _metrics(
        user,
        candidates,
        paired,
        partial(
            directions,
            definitions=tuple(definitions),
            lower=lower,
            higher=higher,
            skip_unknown=skip_unknown,
        ),
    )
    judged = judged_scores(user, by)
    scene = Scene(judged, metrics)
    measured = measure(scene, sampling=sampling, rng=of_draws)
    halves = from_halves(judged, rng=of_halves)
    repeats, repeated = from_repeats(answers, partial(user_study, rule=rule), by)
    draws = measured.draws(("image", "srocc"))
    return {
        "answers": user.table,
        "judged_by": judged.unit,
        "n_judges": len(user.judges),
        "n_images": len(user.images),
        "n_teams": len(user.teams),
        "n_pairs": scene.n_pairs,
        "metrics": [{"metric": m.name, "of": m.of, "better": m.better} for m in metrics],
        "simulated": user.simulated,
        "method": METHOD,
        "resampled": sampling.resample,
        "level": sampling.level,
        "draws": draws,
        "draws_of_fits": min(draws, FITS),
        "repeated_images": repeated,
        "measures": _measures(scene, measured, halves, repeats),
        "differences": _differences(scene, measured),
        "ceilings": _ceilings(halves, repeats),
        "images": _images(scene),
        "worst": _worst(scene),
    }


def _metrics(
    user: UserStudy,
    candidates: pd.DataFrame | None,
    paired: pd.DataFrame | None,
    direction_of: Callable[[Sequence[str]], Mapping[str, Direction]],
) -> list[Metric]:
    tables = {}
    if candidates is not None:
        tables["candidates"] = candidates, metrics_in(candidates)
    if paired is not None:
        tables["pairs"] = paired, [*metrics_of(paired), "score"]
    if not tables:
        raise AnalysisError("no metrics; give those of the candidates, the scores of paired images, or both")
    names = list(dict.fromkeys(str(name) for _, columns in tables.values() for name in columns))
    better = direction_of(names)
    found = []
    for of, (table, columns) in tables.items():
        images = user.images if of == "candidates" else None
        own: dict[str, Direction] = {str(name): better[str(name)] for name in columns if str(name) in better}
        found += metrics_on(table, of, user.teams, own, images)
    if not any(np.isfinite(metric.values).any() for metric in found):
        raise AnalysisError(
            f"no metric has a value for a team and image that was judged, such as {user.teams[0]!r} on "
            f"{user.images[0]!r}; check the names"
        )
    return found


def _measures(scene: Scene, measured: Measured, halves: Ceilings, repeats: Ceilings) -> list[dict[str, Any]]:
    intervals = {key: measured.interval(key) for key in measured.observed}
    rows = []
    for number, metric in enumerate(scene.metrics):
        for level in LEVELS:
            if metric.of == "pairs" and level != "teams":
                continue
            for name in MEASURES:
                key = (level, name)
                if key not in measured.observed:
                    continue
                value, (low, high) = measured.observed[key][number], intervals[key][number]
                known = bool(np.isfinite(value))
                rows.append(
                    {
                        "metric": metric.name,
                        "of": metric.of,
                        "level": level,
                        "measure": name,
                        "value": float(value) if known else None,
                        "low": float(low) if np.isfinite(low) else None,
                        "high": float(high) if np.isfinite(high) else None,
                        "n": _size(scene, number, key),
                        "halves": halves.get(key, (None, None))[0],
                        "repeats": repeats.get(key, (None, None))[0],
                        "undefined": None if known else _why(scene, number, key),
                        "ci_undefined": None if np.isfinite(low) else _why_open(scene, measured, known),
                    }
                )
    return rows


def _size(scene: Scene, number: int, key: Key) -> int:
    """Images, candidates or teams that a measure is of."""
    level, name = key
    metric, drawn = scene.metrics[number], scene.observed
    if level == "image":
        values = drawn.of_images["srocc" if name == "plcc" else name]
        return int(np.isfinite(values[0, number]).sum())
    if level == "candidates":
        return int((np.isfinite(metric.values) & np.isfinite(drawn.candidates[0])).sum())
    return int((np.isfinite(scene.means(metric, scene.once)[0]) & np.isfinite(drawn.teams[0])).sum())


def _why(scene: Scene, number: int, key: Key) -> str:
    level, name = key
    metric = scene.metrics[number]
    needed = FEWEST_OF_FIT if name in ("plcc", "rmse", "outliers") else FEWEST
    if level == "teams":
        values, size = scene.means(metric, scene.once)[0], _size(scene, number, key)
        scores, what = scene.observed.teams[0], "teams"
        if not np.isfinite(values).any():
            return f"there is no image on which all teams have a value of {metric.name}"
    else:
        values, scores, what = metric.values, scene.observed.candidates[0], "candidates"
        size = _size(scene, number, ("candidates", name))
        if level == "image" and name != "plcc":
            size = int((np.isfinite(values) & np.isfinite(scores)).sum(axis=1).max(initial=0))
            what = "candidates on any image"
    if size < needed:
        fit = f"; the logistic has four constants and needs {needed}" if needed == FEWEST_OF_FIT else ""
        return f"{size} {what} with a value, fewer than {needed}{fit}"
    known = np.isfinite(values) & np.isfinite(scores)
    if level == "image":
        same = all(np.ptp(v[k]) == 0 for v, k in zip(values, known, strict=True) if k.any())
    else:
        same = np.ptp(values[known]) == 0
    if same:
        return f"{metric.name} is the same for all {'candidates of each image' if level == 'image' else what}"
    return "the judges' scores are the same for all"


def _why_open(scene: Scene, measured: Measured, known: bool) -> str:
    if not known:
        return "there is no value"
    judges = scene.judged.size[0]
    if not measured.sampling.draws:
        return "no resamples were requested"
    if not scene.judged.user.enough(measured.sampling.resample):
        return f"one {'judge' if judges < 2 else 'image'} says nothing about others"
    return "it is the same, or undefined, in most resamples"


def _differences(scene: Scene, measured: Measured) -> list[dict[str, Any]]:
    rows = []
    for key in measured.observed:
        level, name = key
        if name not in COMPARED:
            continue
        own = []
        for one, other in combinations(range(len(scene.metrics)), 2):
            value, (low, high), p = measured.difference(key, one, other)
            if not np.isfinite(value):
                continue
            first, second = scene.metrics[one], scene.metrics[other]
            own.append(
                {
                    "level": level,
                    "measure": name,
                    "metric": first.name,
                    "of": first.of,
                    "other": second.name,
                    "other_of": second.of,
                    "difference": value,
                    "low": float(low) if np.isfinite(low) else None,
                    "high": float(high) if np.isfinite(high) else None,
                    "p": float(p) if np.isfinite(p) else None,
                }
            )
        for row, p in zip(own, holm([row["p"] for row in own]), strict=True):
            row["p_adjusted"] = p
        rows += own
    order = {key: place for place, key in enumerate((level, name) for level in LEVELS for name in MEASURES)}
    return sorted(rows, key=lambda row: order[row["level"], row["measure"]])


def holm(p: Sequence[float | None]) -> list[float | None]:
    """Return p values adjusted by Holm's step-down method (1979); None, what could not be tested, stays.

    Examples
    --------
    >>> holm([0.01, 0.04, None, 0.03])
    [0.03, 0.06, None, 0.06]
    """
    tested = sorted((value, place) for place, value in enumerate(p) if value is not None)
    found: list[float | None] = [None] * len(p)
    highest = 0.0
    for done, (value, place) in enumerate(tested):
        highest = max(highest, min(1.0, value * (len(tested) - done)))
        found[place] = highest
    return found


def _ceilings(halves: Ceilings, repeats: Ceilings) -> list[dict[str, Any]]:
    return [
        {"level": level, "measure": name, "from": source, "ceiling": value, "undefined": why}
        for source, ceilings in (("halves", halves), ("repeats", repeats))
        for (level, name), (value, why) in ceilings.items()
    ]


def _images(scene: Scene) -> list[dict[str, Any]]:
    """Agreement on each image."""
    rows = []
    for number, metric in enumerate(scene.metrics):
        if metric.of != "candidates":
            continue
        for place, image in enumerate(scene.judged.user.images):
            found = {
                name: float(values[0, number, place]) for name, values in scene.observed.of_images.items()
            }
            values = {name: value if np.isfinite(value) else None for name, value in found.items()}
            rows.append({"metric": metric.name, "image": image, **values})
    return rows


def _worst(scene: Scene) -> list[dict[str, Any]]:
    """The images with the lowest rank correlation, each with the two teams that are most at odds there."""
    rows = []
    user, scores = scene.judged.user, scene.observed.candidates[0]
    for number, metric in enumerate(scene.metrics):
        if metric.of != "candidates":
            continue
        of_images = scene.observed.of_images["srocc"][0, number]
        for place in np.argsort(of_images, kind="stable")[:WORST].tolist():
            pair = _at_odds(scores[place], metric.values[place])
            if not np.isfinite(of_images[place]) or pair is None:
                continue
            liked, measured = pair
            sign = -1 if metric.better == "lower" else 1
            rows.append(
                {
                    "metric": metric.name,
                    "image": user.images[place],
                    "srocc": float(of_images[place]),
                    "judges_prefer": user.teams[liked],
                    "metric_prefers": user.teams[measured],
                    "judged": float(scores[place, liked]),
                    "judged_other": float(scores[place, measured]),
                    "value": sign * float(metric.values[place, liked]),
                    "value_other": sign * float(metric.values[place, measured]),
                }
            )
    return rows


def _at_odds(scores: np.ndarray, values: np.ndarray) -> tuple[int, int] | None:
    """The pair for which the lead with the judges times the lead with the metric is the most negative."""
    apart = (scores[:, None] - scores) * (values - values[:, None])
    apart = np.where((scores[:, None] > scores) & np.isfinite(apart), apart, 0.0)
    if not (apart > 0).any():
        return None
    liked, measured = np.unravel_index(int(np.argmax(apart)), apart.shape)
    return int(liked), int(measured)


def measures_table(data: Mapping[str, Any]) -> pd.DataFrame:
    """A row for each metric, level and measure."""
    return _table(data["measures"], ["value", "low", "high", "halves", "repeats"])


def overview_table(data: Mapping[str, Any]) -> pd.DataFrame:
    """A row for each metric and level, the measures beside each other."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in data["measures"]:
        key = (row["metric"], row["of"], row["level"])
        one = rows.setdefault(
            key, {"metric": row["metric"], "of": row["of"], "level": row["level"], "n": row["n"]}
        )
        one[row["measure"]] = row["value"]
        if row["measure"] == "srocc":
            one |= {"srocc_low": row["low"], "srocc_high": row["high"]}
            one |= {"halves": row["halves"], "repeats": row["repeats"], "undefined": row["undefined"]}
    names = [
        "metric",
        "of",
        "level",
        "n",
        "srocc",
        "srocc_low",
        "srocc_high",
        *MEASURES[1:],
        "halves",
        "repeats",
    ]
    table = pd.DataFrame(list(rows.values()), columns=[*names, "undefined"])
    return table.astype(dict.fromkeys(names[4:], float))


def differences_table(data: Mapping[str, Any]) -> pd.DataFrame:
    """A row for each two metrics, level and measure."""
    columns = ["level", "measure", "metric", "of", "other", "other_of"]
    numeric = ["difference", "low", "high", "p", "p_adjusted"]
    return pd.DataFrame(data["differences"], columns=[*columns, *numeric]).astype(
        dict.fromkeys(numeric, float)
    )


def images_table(data: Mapping[str, Any]) -> pd.DataFrame:
    """A row for each metric and image."""
    return _table(data["images"], ["srocc", "krcc", "accuracy"])


def worst_table(data: Mapping[str, Any]) -> pd.DataFrame:
    """The images on which each metric disagrees most."""
    return pd.DataFrame(data["worst"], columns=WORST_COLUMNS)


def ceilings_table(data: Mapping[str, Any]) -> pd.DataFrame:
    """A row for each level, measure and source of a ceiling."""
    return _table(data["ceilings"], ["ceiling"])


WORST_COLUMNS = [
    *("metric", "image", "srocc", "judges_prefer", "metric_prefers"),
    *("judged", "judged_other", "value", "value_other"),
]


def _table(rows: Sequence[Mapping[str, Any]], numeric: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows)).astype(dict.fromkeys(numeric, float)) if rows else pd.DataFrame()


def summary_lines(data: Mapping[str, Any]) -> list[str]:
    """Say what was compared, and the best metric at each level with what was possible.

    Examples
    --------
    "within images: niqe has an SROCC of 0.71 of a possible 0.86"
    """
    lines = [
        f"{how_many(data['n_judges'], 'judges')}, {how_many(data['n_images'], 'images')}, "
        f"{how_many(data['n_teams'], 'teams')}; judges' scores: {data['judged_by']}"
    ]
    words = {"image": "within images", "candidates": "all candidates together", "teams": "teams"}
    for level in LEVELS:
        rows = [
            row
            for row in data["measures"]
            if (row["level"], row["measure"]) == (level, "srocc") and row["value"] is not None
        ]
        if rows:
            best = max(rows, key=lambda row: row["value"])
            lines.append(f"{words[level]}: {best['metric']} has an SROCC of {of_possible(best)}")
    return lines


def of_possible(row: Mapping[str, Any]) -> str:
    """Return a value with the ceiling that the halves of the judges allow: "0.71 of a possible 0.86"."""
    possible = row["halves"]
    return f"{row['value']:.2f}" + (f" of at most {possible:.2f}" if possible is not None else "")
