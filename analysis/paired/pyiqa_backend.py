"""Metrics of pyiqa, the field's reference, by its names: for cross-checks and for extra columns.

pyiqa is licensed for non-commercial use only (PolyForm Noncommercial) and is never needed for SCORE. It
places its own weights in torch's cache and does not check their hashes.
"""
# pyright: reportMissingImports=false

from collections.abc import Sequence
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np

from analysis.errors import AnalysisError
from analysis.paired.pixels import Pixels, check_pair


class PyiqaMetric:
    """A metric of pyiqa with its default settings.

    Raises
    ------
    AnalysisError
        If pyiqa is not installed, knows no such metric, or cannot load its weights.
    """

    def __init__(self, name: str, device: str = "cpu") -> None:
        pyiqa = import_pyiqa()
        if name not in pyiqa.list_models():
            raise AnalysisError(f"pyiqa has no metric {name!r}; `pyiqa.list_models()` names those it has")
        try:
            self._metric = pyiqa.create_metric(name, device=device)
        except Exception as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise AnalysisError(
                f"pyiqa cannot set up {name!r} ({reason}); its weights belong into hub/pyiqa of torch's cache"
            ) from error
        self._name, self._device = name, device

    def __call__(self, results: Sequence[Pixels], gt: Pixels) -> list[float]:
        """Return the value of each result; metrics without a reference do not look at the ground truth."""
        import torch

        values = []
        with torch.inference_mode():
            for result in results:
                check_pair(result, gt)
                images = (result,) if self._metric.metric_mode == "NR" else (result, gt)
                tensors = [_tensor(image).to(self._device) for image in images]
                values.append(self._value(tensors))
        return values

    def _value(self, tensors: Sequence[Any]) -> float:
        try:
            return float(self._metric(*tensors))
        except Exception as error:  # its metrics refuse what they cannot take in many ways
            reason = " ".join(f"{type(error).__name__} {error}".split())
            raise AnalysisError(f"pyiqa's {self._name} failed: {reason}") from error

    def definition(self) -> dict[str, Any]:
        """What can be said of it: pyiqa's version stands for the rest."""
        return {
            "name": self._name,
            "title": self._name,
            "better": "lower" if self._metric.lower_better else "higher",
            "reference": self._metric.metric_mode == "FR",
            "source": f"pyiqa {metadata.version('pyiqa')}, default settings",
        }


@cache
def import_pyiqa() -> Any:
    """Import pyiqa, past the fault of torchvision's wheel beside a torch without CUDA.

    Raises
    ------
    AnalysisError
        If it is not installed or cannot be imported.
    """
    try:
        import torch
    except ImportError:
        raise AnalysisError("pyiqa needs PyTorch; install `studyapp[paired,pyiqa]`") from None
    # The wheel registers kernels for two operators that only its CUDA library declares.
    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in (
        "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
        "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    ):
        if not torch.cuda.is_available():
            library.define(schema)
    try:
        import pyiqa
    except ImportError as error:
        raise AnalysisError(f"pyiqa cannot be imported ({error}); install `studyapp[pyiqa]`") from error
    _KEPT.append(library)
    return pyiqa


_KEPT: list[Any] = []  # a library's declarations end with it


def _tensor(image: Pixels) -> Any:
    import torch

    return torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None].float() / 255
