"""Metrics of pyiqa, the field's reference, by its names: for cross-checks and for extra columns.

pyiqa is licensed for non-commercial use only (PolyForm Noncommercial) and is never needed for SCORE. It
places its own weights in torch's cache and does not check their hashes.
"""
# pyright: reportMissingImports=false

import io
import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from typing import Any
from urllib.error import URLError

import numpy as np

from analysis.errors import AnalysisError
from analysis.imaging import Pixels
from analysis.paired.pixels import check_pair
from analysis.paired.weights import MissingWeightsError

_DOWNLOADING = re.compile(r'Downloading: "(.+?)" to (.+)')


class PyiqaMetric:
    """A metric of pyiqa with its default settings.

    Raises
    ------
    MissingWeightsError
        If its weights are not there and cannot be fetched; names the file and its place.
    AnalysisError
        If pyiqa is not installed, knows no such metric, or cannot set it up.
    """

    def __init__(self, name: str, device: str = "cpu") -> None:
        pyiqa = import_pyiqa()
        if name not in pyiqa.list_models():
            raise AnalysisError(f"pyiqa has no metric {name!r}; `pyiqa.list_models()` lists them")
        heard = _Heard()
        try:
            with redirect_stderr(heard), redirect_stdout(heard):
                self._metric = pyiqa.create_metric(name, device=device)
        except URLError as error:
            raise MissingWeightsError(_missing(name, heard.text, error)) from error
        except ImportError as error:
            raise AnalysisError(f"pyiqa's {name} needs a package that is not installed ({error})") from error
        except Exception as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise AnalysisError(f"pyiqa cannot set up {name!r} ({reason})") from error
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


class _Heard(io.TextIOBase):
    """Passes to stderr what pyiqa says while it fetches and loads weights: stdout is for results.

    It is remembered, too, because pyiqa's errors name no file.
    """

    def __init__(self) -> None:
        self._stderr, self.text = sys.stderr, ""

    def write(self, text: str) -> int:
        self.text += text
        return self._stderr.write(text)


def _missing(name: str, heard: str, error: URLError) -> str:
    found = _DOWNLOADING.findall(heard)
    what = f"{found[-1][0]} at {found[-1][1]}" if found else "weights in hub/pyiqa of torch's cache"
    return f"pyiqa's {name} needs {what} but cannot download it ({error.reason}); put the file there by hand"


@cache
def import_pyiqa() -> Any:
    """Import pyiqa, past the fault of torchvision's CUDA wheel beside a torch that was built without.

    Raises
    ------
    AnalysisError
        If it is not installed or cannot be imported.
    """
    try:
        import torch
    except ImportError:
        raise AnalysisError("pyiqa needs PyTorch; install `studyapp[paired,pyiqa]`") from None
    if find_spec("pyiqa") is None:
        raise AnalysisError("pyiqa is not installed; install `studyapp[pyiqa]`")
    if torch.version.cuda is None and lacks_operators():
        library = torch.library.Library("torchvision", "FRAGMENT")
        for schema in _SCHEMAS:
            library.define(schema)
        _KEPT.append(library)
    try:
        import pyiqa
    except ImportError as error:
        raise AnalysisError(f"pyiqa cannot be imported ({error}); install `studyapp[pyiqa]`") from error
    return pyiqa


def lacks_operators() -> bool:
    """Return whether torchvision fails for want of operators that only its CUDA library declares.

    Declaring one that is there ends the process without an error to catch, so that another process tries.

    Raises
    ------
    AnalysisError
        When torchvision fails or ends that process in any other way.
    """
    command = [sys.executable, "-c", "import torchvision"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode == 0:
        return False
    last = done.stderr.strip().splitlines()[-1:] or [f"the process ended with {done.returncode}"]
    if _MISSING in last[0]:
        return True
    raise AnalysisError(f"torchvision cannot be imported ({last[0]}); install one that fits this PyTorch")


_MISSING = "torchvision::nms does not exist"
_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_KEPT: list[Any] = []  # a library's declarations end with it


def _tensor(image: Pixels) -> Any:
    import torch

    return torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None].float() / 255
