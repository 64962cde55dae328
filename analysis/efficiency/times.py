"""Times of each image by model: results.json of NTIRE's ESR, measures.json, CSV."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.json_text import read_json
from analysis.tables import known_columns, labels, numbers, read_table

REQUIRED, OPTIONAL = ("model", "image", "time_ms"), ("set",)
NTIRE_SIDE, OUR_SIDE = 256, 1024
"""Of the square input that FLOPs are counted at: by NTIRE's scripts, and by `studyapp measure`."""
_RUNTIME = "_runtime"
_COSTS = {
    "num_parameters": "params_m",
    "flops": "flops_g",
    "activations": "activations_m",
    "valid_ave_psnr": "val_psnr",
    "test_ave_psnr": "test_psnr",
}


@dataclass(frozen=True)
class Series:
    """Images that one process restored one after the other.

    Attributes
    ----------
    name
        Such as "valid", "test", "round 1"; "" where a model has one series.
    images
        Names, in order; they recur where there were several passes.
    ms
        Milliseconds of each.
    """

    name: str
    images: tuple[str, ...]
    ms: np.ndarray


@dataclass(frozen=True)
class Timed:
    """A model and its times; its mean is that of its series' means: NTIRE's ave = (valid + test)/2."""

    model: str
    series: tuple[Series, ...]

    @property
    def mean(self) -> float:
        """Mean of the series' means, ms."""
        return float(np.mean([one.ms.mean() for one in self.series]))

    @property
    def mean_without_first(self) -> float:
        """The same without the first image of each series; NaN where a series has no other."""
        return float(np.mean([one.ms[1:].mean() if len(one.ms) > 1 else np.nan for one in self.series]))

    @property
    def median(self) -> float:
        """Mean of the series' medians, ms."""
        return float(np.mean([np.median(one.ms) for one in self.series]))


@dataclass(frozen=True)
class Times:
    """What a file of times holds.

    Attributes
    ----------
    form
        "results.json", "measures.json" or "CSV".
    models
        In the order of the file.
    costs
        What the file says of each model besides: team (the model's name), params_m, flops_g, val_psnr, ...
    side
        Of the square input that FLOPs were counted at.
    averages
        Averages that the file states, by model and series.
    details
        Models as `studyapp measure` recorded them.
    """

    form: str
    models: tuple[Timed, ...]
    costs: pd.DataFrame = field(default_factory=pd.DataFrame)
    side: int = NTIRE_SIDE
    averages: Mapping[tuple[str, str], float] = field(default_factory=dict)
    details: Sequence[Mapping[str, Any]] = ()


def read_times(file: BinaryIO) -> Times:
    """Read times of each image.

    Parameters
    ----------
    file
        results.json of NTIRE's efficient super-resolution (a model's valid_runtime and test_runtime in ms,
        with flops, num_parameters and PSNR); measures.json of `studyapp measure`; JSON with a list of times
        for each model, or a time for each image; or a CSV with model, image, time_ms, and set where there are
        several.

    Raises
    ------
    AnalysisError
        For anything else, and times that are no numbers above 0.
    """
    data = file.read()
    name = str(getattr(file, "name", "the file"))
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        text = io.BytesIO(data)
        text.name = name
        return _from_csv(read_table(text))
    try:
        found = read_json(data)
    except ValueError as error:
        raise AnalysisError(f"{name} is no valid JSON ({error})") from error
    if isinstance(found, dict) and isinstance(found.get("models"), list):
        return _from_measures(found["models"], name)
    if isinstance(found, dict) and found:
        return _from_results(found, name)
    raise AnalysisError(f"{name} holds no model; it has to be an object with an entry for each model")


def _from_csv(table: pd.DataFrame) -> Times:
    table = known_columns(table, REQUIRED, OPTIONAL, what="times")
    models, images = labels(table["model"], what="times, column model"), labels(table["image"], what="times")
    ms = numbers(table["time_ms"], what="times, column time_ms")
    sets = table["set"].fillna("").astype(str) if "set" in table else pd.Series("", index=table.index)
    found = []
    for model in dict.fromkeys(models):
        own = (models == model).to_numpy()
        found.append(
            Timed(
                str(model),
                tuple(
                    _series(
                        str(model),
                        str(name),
                        images[own & (sets == name).to_numpy()],
                        ms[own & (sets == name).to_numpy()],
                    )
                    for name in dict.fromkeys(sets[own])
                ),
            )
        )
    return Times("CSV", tuple(found))


def _from_results(found: Mapping[str, Any], name: str) -> Times:
    models, costs, averages = [], [], {}
    for raw, entry in found.items():
        model = raw.strip()
        series = tuple(_series_of(model, entry))
        if not series:
            raise AnalysisError(
                f"{name}, model {model!r}: there are no times; give valid_runtime and test_runtime, a "
                "list of "
                "milliseconds, or a time for each image"
            )
        models.append(Timed(model, series))
        if isinstance(entry, dict):
            known = {
                ours: entry[key] for key, ours in _COSTS.items() if isinstance(entry.get(key), int | float)
            }
            costs.append({"team": model, **known})
            for one in series:
                stated = entry.get(f"{one.name}_ave{_RUNTIME}")
                if isinstance(stated, int | float):
                    averages[model, one.name] = float(stated)
    twice = [
        model
        for model in dict.fromkeys(one.model for one in models)
        if sum(one.model == model for one in models) > 1
    ]
    if twice:
        raise AnalysisError(f"{name}: model {twice[0]!r} stands there twice")
    return Times("results.json", tuple(models), pd.DataFrame(costs), averages=averages)


def _series_of(model: str, entry: Any) -> Iterator[Series]:
    if isinstance(entry, list):
        yield _series(model, "", list(map(str, range(1, len(entry) + 1))), entry)
    elif isinstance(entry, dict):
        lists = {
            key: value for key, value in entry.items() if key.endswith(_RUNTIME) and isinstance(value, list)
        }
        for key, values in lists.items():
            yield _series(
                model, key.removesuffix(_RUNTIME), list(map(str, range(1, len(values) + 1))), values
            )
        if not lists and entry and all(isinstance(value, int | float) for value in entry.values()):
            yield _series(model, "", list(entry), list(entry.values()))


def _series(model: str, name: str, images: Sequence[str] | pd.Series, ms: Any) -> Series:
    try:
        values = np.asarray(ms, dtype=float)
    except (TypeError, ValueError):
        values = np.array([np.nan])
    wrong = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
    where = f"times of {model}{f', {name}' if name else ''}"
    if not values.size:
        raise AnalysisError(f"{where}: there are none")
    if wrong.size:
        place = int(wrong[0])
        raise AnalysisError(
            f"{where}, image {place + 1}: {np.asarray(ms, dtype=object)[place]!r} is no time; give "
            "milliseconds above 0"
        )
    return Series(name, tuple(map(str, images)), values)


def _from_measures(found: Sequence[Any], name: str) -> Times:
    """The rounds of `studyapp measure`; models that failed have no times."""
    models, costs, details = [], [], []
    try:
        for entry in found:
            runs = [run for run in entry["runs"] if run["times"]]
            if entry["problem"] or not runs:
                continue
            rounds = tuple(
                _series(
                    entry["team"],
                    f"round {number}",
                    [str(image + 1) for times in run["times"] for image in range(len(times))],
                    [ms for times in run["times"] for ms in times],
                )
                for number, run in enumerate(runs, start=1)
            )
            models.append(Timed(entry["team"], rounds))
            details.append(entry)
            counts = runs[0]["counts"] or {}
            costs.append(
                {"team": entry["team"]}
                | {f"{what}_g": counts[what] / 1e9 for what in ("flops", "macs") if what in counts}
                | ({"params_m": counts["params"] / 1e6} if "params" in counts else {})
            )
    except (LookupError, TypeError, AttributeError) as error:
        raise AnalysisError(
            f"{name} is not what `studyapp measure` writes ({type(error).__name__}: {error})"
        ) from error
    if not models:
        raise AnalysisError(f"{name} holds no model that was measured")
    return Times("measures.json", tuple(models), pd.DataFrame(costs), OUR_SIDE, details=details)
