"""Measure all results of one pair: the unit of work that processes share among themselves."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from analysis.imaging import SRGB, Pixels
from analysis.imaging.decode import size_in_header
from analysis.paired.backends import Tools, measure_of
from analysis.paired.cache import ValueCache
from analysis.paired.images import Decoder, content_hash
from analysis.paired.pixels import check_pair

_GROUP_BYTES = 400 * 10**6  # decoded results held at once; ten of 12 megapixels


@dataclass(frozen=True)
class Pair:
    """A ground truth and the results of the teams on it; or candidates that have none.

    Parameters
    ----------
    image
        The pair's name.
    gt
        Its file; None where there is none, so that only metrics without a reference can be had.
    results
        Team id -> file.
    root
        A folder that the links among these files must not leave; they may lead anywhere if it is None.
    refused
        Team id -> why its result is not scored.
    """

    image: str
    gt: Path | None
    results: Mapping[str, Path]
    root: Path | None = None
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def files(self) -> list[Path]:
        """The ground truth, where there is one, and the results."""
        return [*([self.gt] if self.gt else []), *self.results.values()]

    def __str__(self) -> str:
        return f"pair {self.image}" if self.gt else f"image {self.image}"


@dataclass(frozen=True)
class Task:
    """A pair, and how to measure it. `metrics` maps names to definitions, which are part of a value's key."""

    pair: Pair
    metrics: Mapping[str, Mapping[str, Any]]
    tools: Tools
    cache: Path | None = None
    threads: int = 1
    decode: Decoder = field(default_factory=Decoder)

    def __str__(self) -> str:
        return str(self.pair)


@dataclass
class Measured:
    """The values of one result; a problem stands in place of the values it prevented, a note beside them."""

    team: str
    image: str
    values: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sha256: str = ""
    gt_sha256: str = ""
    computed: int = 0


@dataclass
class _Open:
    """A result that still lacks values."""

    measured: Measured
    pixels: Pixels
    missing: list[str]


def measure_pair(task: Task) -> list[Measured]:
    """Measure every result of a pair; a bad file is its own problem and does not affect the others.

    Each file is read and decoded at most once, and not decoded at all if its values are all kept.
    """
    if any(row.get("weights") or row["backend"] == "pyiqa" for row in task.metrics.values()):
        _limit_threads(task.threads)
    try:
        truth = _Truth(task, task.pair.gt) if task.pair.gt else None
    except AnalysisError as error:
        return [
            Measured(team, task.pair.image, problems=[f"ground truth: {error}"]) for team in task.pair.results
        ]
    if truth is None:
        task = replace(task, pair=_alike(task))
    done: list[Measured] = []
    for group in _groups(task, truth, done):
        for metric in task.metrics:
            _measure(task, metric, truth, [one for one in group if metric in one.missing])
    return done


def single_results(task: Task) -> list[Task]:
    """Return a task for each result of the pair."""
    return [
        replace(task, pair=replace(task.pair, results={team: path}))
        for team, path in task.pair.results.items()
    ]


def died_of(task: Task) -> list[Measured]:
    """Return what is said of results that ended the process that measured them."""
    problem = "the process that measured it died twice (out of memory?)"
    return [Measured(team, task.pair.image, problems=[problem]) for team in task.pair.results]


class _Truth:
    """The ground truth: its hash, and its pixels once they are needed."""

    def __init__(self, task: Task, path: Path) -> None:
        self._data = task.decode.read(path, task.pair.root)
        self._decode = task.decode
        self._name = str(path)
        self._pixels: Pixels | None = None
        self.sha256 = content_hash(self._data)
        self.space = "" if task.decode.policy.mix else task.decode.space(self._data, self._name)

    @property
    def pixels(self) -> Pixels:
        if self._pixels is None:
            self._pixels = self._decode(self._data, self._name)
            self._data = b""
        return self._pixels


def _alike(task: Task) -> Pair:
    """Refuse candidates whose colours are in another space than most have."""
    if task.decode.policy.mix:
        return task.pair
    spaces = {}
    for team, path in task.pair.results.items():
        with suppress(AnalysisError):  # said when it is measured
            spaces[team] = task.decode.space(task.decode.read(path, task.pair.root), str(path))
    counts = Counter(spaces.values())
    usual = max(counts, key=lambda space: (counts[space], space == SRGB, space), default=SRGB)
    odd = {
        team: f"{task.pair.results[team]}: the colours are in {space}, but those of most candidates "
        f"in {usual}; save all in the same, best sRGB"
        for team, space in spaces.items()
        if space != usual
    }
    return replace(task.pair, refused={**odd, **task.pair.refused})


def _groups(task: Task, truth: _Truth | None, done: list[Measured]) -> Iterator[list[_Open]]:
    group: list[_Open] = []
    for team, path in task.pair.results.items():
        measured = Measured(team, task.pair.image)
        done.append(measured)
        if team in task.pair.refused:
            measured.problems.append(task.pair.refused[team])
            continue
        try:
            opened = _open(task, truth, measured, path)
        except AnalysisError as error:
            measured.problems.append(str(error))
            continue
        if opened:
            group.append(opened)
        if sum(one.pixels.nbytes for one in group) > _GROUP_BYTES:
            yield group
            group = []
    if group:
        yield group


def _open(task: Task, truth: _Truth | None, measured: Measured, path: Path) -> _Open | None:
    data = task.decode.read(path, task.pair.root)
    measured.sha256 = content_hash(data)
    measured.gt_sha256 = truth.sha256 if truth else ""
    if measured.sha256 == measured.gt_sha256:
        measured.notes.append(f"{path} is the ground truth's own file")
    if truth and not task.decode.policy.mix:
        _check_space(task.decode.space(data, str(path)), truth.space)
    missing = []
    for metric in task.metrics:
        kept = _cache(task).get(_about(task, metric, truth, measured)) if task.cache else None
        if kept is None:
            missing.append(metric)
        else:
            measured.values[metric] = kept
    if not missing:
        return None
    if truth:
        _check_header(data, truth.pixels)
    pixels = task.decode(data, str(path))
    if truth:
        check_pair(pixels, truth.pixels)
    return _Open(measured, pixels, missing)


def _check_space(found: str, wanted: str) -> None:
    """Refuse to compare colours of two spaces unless all are converted: one may be named by mistake."""
    if found != wanted:
        raise AnalysisError(
            f"the colours are in {found}, but the ground truth's in {wanted}; save it in the same"
        )


def _check_header(data: bytes, gt: Pixels) -> None:
    """Refuse an image of another size before its pixels take memory; a turned one is left to the decoder."""
    size, (height, width) = size_in_header(data), gt.shape[:2]
    if size is not None and sorted(size) != sorted((width, height)):
        found, wanted = f"{size[0]}x{size[1]}", f"{width}x{height}"
        raise AnalysisError(f"the result is {found} but the ground truth {wanted}; metrics need equal sizes")


def _measure(task: Task, metric: str, truth: _Truth | None, group: Sequence[_Open]) -> None:
    if not group:
        return
    measure = measure_of(metric, task.tools)
    try:
        if truth:
            values = measure([one.pixels for one in group], truth.pixels)
        else:  # a metric without a reference does not look at it
            values = [measure([one.pixels], one.pixels)[0] for one in group]
    except (AnalysisError, RuntimeError, MemoryError) as error:  # out of memory is a RuntimeError of torch's
        if len(group) > 1:  # one of them has no value, or all are too much: each by itself
            for one in group:
                _measure(task, metric, truth, [one])
            return
        group[0].measured.problems.append(_said(metric, error))
        return
    for one, value in zip(group, values, strict=True):
        _take(task, metric, truth, one.measured, value)


def _take(task: Task, metric: str, truth: _Truth | None, measured: Measured, value: float) -> None:
    if not math.isfinite(value):
        measured.problems.append(f"{metric} is {value}")
        return
    measured.values[metric] = value
    measured.computed += 1
    if task.cache:
        _cache(task).put(_about(task, metric, truth, measured), value)


def _said(metric: str, error: Exception) -> str:
    if isinstance(error, AnalysisError):
        return str(error)
    return " ".join(f"{metric} failed: {type(error).__name__} {error}".split())


def _cache(task: Task) -> ValueCache:
    assert task.cache is not None
    return ValueCache(task.cache)


def _about(task: Task, metric: str, truth: _Truth | None, measured: Measured) -> dict[str, Any]:
    definition = task.metrics[metric]
    gt = truth.sha256 if truth and definition["reference"] else None
    return {
        "metric": dict(definition),
        "gt": gt,
        "result": measured.sha256,
        "pixels": task.decode.rules,
    }


def _limit_threads(threads: int) -> None:
    import torch  # pyright: ignore[reportMissingImports]

    torch.set_num_threads(threads)
