"""Compare results with their ground truth by a network's feature maps, all in step, strip by strip."""
# pyright: reportMissingImports=false

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import torch

from analysis.errors import AnalysisError
from analysis.paired.features import FeatureFolder, Maps, read_maps, record_maps, size_of_maps
from analysis.paired.pixels import Pixels, check_pair
from analysis.paired.rowstream import Layer, Stream, Strip

_STRIP_PIXELS = 1 << 16  # 64 channels of it in single precision are 16 MiB; larger strips are no faster


@dataclass(frozen=True)
class Network:
    """Layers, and how an image of values 0 to 1 is made their input."""

    layers: Sequence[Layer]
    prepare: Callable[[Strip], Strip]
    device: torch.device
    kept: FeatureFolder | None = None


class Accumulator(Protocol):
    """What a metric remembers of one result while its feature maps pass by."""

    def add(self, level: int, result: Strip, gt: Strip) -> None:
        """Take in the same rows of one feature map of both; level 0 is the image, 0 to 1."""
        ...

    def value(self) -> float:
        """The metric, after the last rows."""
        ...


def compare(
    network: Network, accumulators: Sequence[Accumulator], results: Sequence[Pixels], gt: Pixels
) -> list[float]:
    """Return each result's value. The ground truth goes through the network once for all of them.

    Every image is a stream of its own with the same strips, so a value does not depend on which other
    results are compared in the same call.

    Parameters
    ----------
    accumulators
        A fresh one for each result.
    results, gt
        uint8, (height, width, 3).

    Raises
    ------
    AnalysisError
        If sizes differ, or the image is too small for the network.
    """
    for result in results:
        check_pair(result, gt)
    _check_size(network.layers, gt)
    with torch.inference_mode(), _full_precision():
        streams = [_levels(network, gt, _truth_maps(network, gt))]
        streams += [_levels(network, result, _maps(network, result)) for result in results]
        for gt_levels, *others in zip(*streams, strict=True):
            for accumulator, levels in zip(accumulators, others, strict=True):
                for level, (rows, truth) in enumerate(zip(levels, gt_levels, strict=True)):
                    if rows is not None and truth is not None:
                        accumulator.add(level, rows, truth)
        return [accumulator.value() for accumulator in accumulators]


def _levels(network: Network, image: Pixels, maps: Iterator[Maps]) -> Iterator[Maps]:
    for (strip, _last), rows in zip(_strips(network, image), maps, strict=True):
        yield [strip, *rows]


def _truth_maps(network: Network, gt: Pixels) -> Iterator[Maps]:
    """The ground truth's feature maps: from disk if they are kept there, and kept if there is room."""
    if network.kept is None:
        return _maps(network, gt)
    path = network.kept.path(gt, _rows(gt))
    if path.is_file():
        return read_maps(path, network.device)
    if network.kept.fits(size_of_maps(network.layers, gt)):
        return record_maps(path, _maps(network, gt))
    return _maps(network, gt)


def _maps(network: Network, image: Pixels) -> Iterator[Maps]:
    stream = Stream(network.layers)
    for strip, last in _strips(network, image):
        yield stream.push(network.prepare(strip), last=last)


def _strips(network: Network, image: Pixels) -> Iterator[tuple[Strip, bool]]:
    height, rows = len(image), _rows(image)
    for top in range(0, height, rows):
        pixels = torch.from_numpy(image[top : top + rows].copy()).to(network.device)
        yield pixels.permute(2, 0, 1)[None].float().div_(255), top + rows >= height


def _rows(image: Pixels) -> int:
    """Rows of a strip: whole multiples of 16, one row of VGG16's last maps."""
    return max(16, _STRIP_PIXELS // image.shape[1] // 16 * 16)


def _check_size(layers: Sequence[Layer], image: Pixels) -> None:
    sides = height, width = image.shape[:2]
    for layer in layers:
        sides = [layer.size(side) for side in sides]
        if min(sides) < 1:
            raise AnalysisError(f"an image of {width}x{height} is too small: nothing is left after pooling")


@contextmanager
def _full_precision() -> Iterator[None]:
    """Keep a GPU from rounding to TF32, which moves DISTS by more than the tolerance."""
    before = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = before
