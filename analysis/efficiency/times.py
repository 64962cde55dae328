"""Times of each image by model: results.json of NTIRE's ESR, measures.json, CSV."""

import io
import math
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
        raise AnalysisError(f"{name} is not valid JSON ({error})") from error
    if isinstance(found, dict) and isinstance(found.get("models"), list):
        return _from_measures(found["models"], name)
    if isinstance(found, dict) and found:
        return _from_results(found, name)
    raise AnalysisError(f"{name} contains no models; give an object with an entry for each model")


def _from_csv(table: pd.DataFrame) -> Times:
    table = known_columns(table, REQUIRED, OPTIONAL, what="times")
    models = labels(table["model"], what="times, column model").astype(str)
    images = labels(table["image"], what="times, column image").astype(str)
    ms = numbers(table["time_ms"], what="times, column time_ms")
    sets = table["set"].fillna("").astype(str) if "set" in table else pd.Series("", index=table.index)
    found = []
    for model in dict.fromkeys(models):
        series = []
        for name in dict.fromkeys(sets[models == model]):
            own = ((models == model) & (sets == name)).to_numpy()
            series.append(_series(model, name, ms[own].tolist(), list(images[own])))
        found.append(Timed(model, tuple(series)))
    return Times("CSV", tuple(found))


def _from_results(found: Mapping[str, Any], name: str) -> Times:
    models: dict[str, Timed] = {}
    costs, averages = [], {}
    for raw, entry in found.items():
        model = raw.strip()
        series = tuple(_series_of(model, entry))
        if not series:
            raise AnalysisError(
                f"{name}, model {model!r}: there are no times; give valid_runtime and test_runtime, a list "
                "of milliseconds, or a time for each image"
            )
        if model in models:
            raise AnalysisError(f"{name}: model {model!r} appears twice; keep one entry")
        models[model] = Timed(model, series)
        stated = entry if isinstance(entry, dict) else {}
        costs.append({"team": model, **{ours: _finite(stated.get(key)) for key, ours in _COSTS.items()}})
        for one in series:
            average = _finite(stated.get(f"{one.name}_ave{_RUNTIME}"))
            if not math.isnan(average):
                averages[model, one.name] = average
    table = pd.DataFrame(costs).dropna(axis=1, how="all")
    return Times("results.json", tuple(models.values()), table, averages=averages)


def _series_of(model: str, entry: Any) -> Iterator[Series]:
    if isinstance(entry, list):
        yield _series(model, "", entry)
    elif isinstance(entry, dict):
        lists = [key for key in entry if key.endswith(_RUNTIME) and isinstance(entry[key], list)]
        for key in lists:
            yield _series(model, key.removesuffix(_RUNTIME), entry[key])
        if not lists and entry and all(isinstance(value, int | float) for value in entry.values()):
            yield _series(model, "", list(entry.values()), list(entry))


def _series(model: str, name: str, ms: Sequence[Any], images: Sequence[str] | None = None) -> Series:
    """A series; its images are numbered where they have no names."""
    where = f"times of {model}{f', {name}' if name else ''}"
    values = np.array([_finite(value) for value in ms])
    wrong = np.flatnonzero(~(values > 0))
    if not len(values):
        raise AnalysisError(f"{where}: there are none")
    if len(wrong):
        place = int(wrong[0])
        raise AnalysisError(
            f"{where}, image {place + 1}: {str(ms[place])[:40]!r} is not a time; give milliseconds above 0"
        )
    return Series(name, tuple(images or map(str, range(1, len(values) + 1))), values)


def _finite(value: Any) -> float:
    """A number of JSON, NaN for anything else."""
    try:
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def _from_measures(found: Sequence[Any], name: str) -> Times:
    """The rounds of `studyapp measure`; models that failed have no times."""
    models, costs, details = [], [], []
    try:
        for entry in found:
            runs = [run for run in entry["runs"] if run["times"]]
            if entry["problem"] or not runs:
                continue
            team = str(entry["team"])
            models.append(Timed(team, tuple(_round(team, number, run) for number, run in enumerate(runs, 1))))
            details.append({**entry, "team": team, "runs": runs})
            counts = runs[0]["counts"] or {}
            of = {"flops_g": ("flops", 1e9), "macs_g": ("macs", 1e9), "params_m": ("params", 1e6)}
            costs.append(
                {"team": team, **{ours: _finite(counts.get(key)) / unit for ours, (key, unit) in of.items()}}
            )
    except (LookupError, TypeError, AttributeError) as error:
        raise AnalysisError(
            f"{name} is not what `studyapp measure` writes ({type(error).__name__}: {error})"
        ) from error
    if not models:
        raise AnalysisError(f"{name} contains no measured models")
    table = pd.DataFrame(costs).dropna(axis=1, how="all")
    return Times("measures.json", tuple(models), table, OUR_SIDE, details=details)


def _round(team: str, number: int, run: Mapping[str, Any]) -> Series:
    images = [str(image + 1) for times in run["times"] for image in range(len(times))]
    return _series(team, f"round {number}", [ms for times in run["times"] for ms in times], images)
