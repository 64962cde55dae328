"""One interface for both backends: every metric is `measure(results, gt) -> values`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from analysis.errors import AnalysisError
from analysis.imaging import Pixels
from analysis.paired.brisque import brisque
from analysis.paired.definitions import ALEXNET, DEFINITIONS, VGG16
from analysis.paired.niqe import niqe
from analysis.paired.pixels import grey
from analysis.paired.psnr import psnr
from analysis.paired.ssim import ssim
from analysis.paired.weights import MissingWeightsError, check_weights, file_sha256, find_weights

Measure = Callable[[Sequence[Pixels], Pixels], list[float]]
Backend = Literal["own", "pyiqa"]


@dataclass(frozen=True)
class Tools:
    """How metrics are computed.

    `own` computes the five metrics here and any other by pyiqa's names; `pyiqa` computes all by pyiqa.
    `features` is a folder in which the networks' feature maps of ground truths are kept, up to
    `features_limit` bytes in all: useful if teams are scored one after the other.
    """

    backend: Backend = "own"
    device: str = "cpu"
    weights: Path | None = None
    trusted: frozenset[str] = field(default_factory=frozenset)
    features: Path | None = None
    features_limit: int = 0


def describe(metric: str, tools: Tools) -> dict[str, Any]:
    """Return the definition of a metric as it would be computed, with the hashes of its weights.

    Raises
    ------
    MissingWeightsError
        If weights, or PyTorch itself, are missing.
    AnalysisError
        If weights are damaged, or there is no such metric.
    """
    if not _is_own(metric, tools):
        return {**_pyiqa(metric, tools.device).definition(), "backend": "pyiqa", "device": tools.device}
    definition = DEFINITIONS[metric]
    hashes = {
        name: check_weights(find_weights(name, tools.weights), tools.trusted) for name in definition.weights
    }
    if definition.weights and find_spec("torch") is None:
        raise MissingWeightsError(f"{metric} needs PyTorch; install `studyapp[paired]`")
    return {
        **definition.as_dict(),
        "weights": hashes,
        "backend": "own",
        "device": tools.device if definition.weights else "cpu",
    }


def measure_of(metric: str, tools: Tools) -> Measure:
    """Return the function that computes a metric; networks are loaded once in a process.

    Raises
    ------
    AnalysisError
        As `describe`.
    """
    if not _is_own(metric, tools):
        return _pyiqa(metric, tools.device)
    return _NUMPY.get(metric) or _network(metric, tools)


def choose_device(device: str) -> str:
    """Turn `auto` into `cuda` where there is a GPU and PyTorch, else `cpu`."""
    if device != "auto":
        return device
    if find_spec("torch") is None:
        return "cpu"
    import torch  # pyright: ignore[reportMissingImports]

    return "cuda" if torch.cuda.is_available() else "cpu"


def _is_own(metric: str, tools: Tools) -> bool:
    return tools.backend == "own" and metric in DEFINITIONS


def _ssim(results: Sequence[Pixels], gt: Pixels) -> list[float]:
    truth = grey(gt)
    return [ssim(grey(result), truth) for result in results]


_NUMPY: dict[str, Measure] = {
    "psnr": lambda results, gt: [psnr(result, gt) for result in results],
    "ssim": _ssim,
    "niqe": lambda results, _gt: [niqe(result) for result in results],
    "brisque_opencv": lambda results, _gt: [brisque(result) for result in results],
}


@cache
def _network(metric: str, tools: Tools) -> Measure:
    from analysis.paired.dists import Dists
    from analysis.paired.features import FeatureFolder
    from analysis.paired.lpips import Lpips
    from analysis.paired.weights import load_state

    kind, name = {"lpips": (Lpips, ALEXNET), "dists": (Dists, VGG16)}[metric]
    state = load_state(name, tools.weights, tools.trusted)
    if tools.features is None:
        return kind(state, tools.device)
    weights = file_sha256(find_weights(name, tools.weights))
    kept = FeatureFolder(tools.features, tools.features_limit, f"{metric} {weights} {tools.device}")
    return kind(state, tools.device, kept)


@cache
def _pyiqa(metric: str, device: str) -> Any:
    try:
        from analysis.paired.pyiqa_backend import PyiqaMetric

        return PyiqaMetric(metric, device)
    except MissingWeightsError:
        raise
    except AnalysisError as error:
        if metric in DEFINITIONS:
            raise
        known = ", ".join(DEFINITIONS)
        raise AnalysisError(
            f"metric {metric!r} is not one of studyapp's own ({known}), and {error}"
        ) from error
