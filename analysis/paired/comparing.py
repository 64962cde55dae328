"""Compare results with their ground truth by a network's feature maps, all in step, strip by strip."""
# pyright: reportMissingImports=false

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import torch

from analysis.errors import AnalysisError
from analysis.imaging import Pixels
from analysis.paired.features import FeatureFolder, Maps, read_maps, record_maps, size_of_maps
from analysis.paired.feeding import Feeding
from analysis.paired.pixels import check_pair
from analysis.paired.rowstream import Layer, Stream, Strip


@dataclass(frozen=True)
class Network:
    """Layers, how an image of values 0 to 1 is made their input, and in what portions."""

    layers: Sequence[Layer]
    prepare: Callable[[Strip], Strip]
    device: torch.device
    feeding: Feeding
    kept: FeatureFolder | None = None


class Accumulator(Protocol):
    """What a metric remembers of a batch of results while their feature maps pass by."""

    def add(self, level: int, results: Strip, gt: Strip) -> None:
        """Take in the same rows of one feature map of all; level 0 is the image, 0 to 1."""
        ...

    def values(self) -> list[float]:
        """The metric of each result, after the last rows."""
        ...


def compare(
    network: Network, accumulator: Callable[[int], Accumulator], results: Sequence[Pixels], gt: Pixels
) -> list[float]:
    """Return each result's value. The ground truth goes through the network once for all of them.

    On a processor every image is a separate stream with the same strips, so a value does not depend on
    which other results are compared in the same call. On a GPU results go through in batches.

    Parameters
    ----------
    accumulator
        Makes one for a batch of so many results.
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
    size = network.feeding.images
    batches = [results[first : first + size] for first in range(0, len(results), size)]
    accumulators = [accumulator(len(batch)) for batch in batches]
    with torch.inference_mode(), _full_precision():
        streams = [_levels(network, [gt], _truth_maps(network, gt))]
        streams += [_levels(network, batch, _maps(network, batch)) for batch in batches]
        for gt_levels, *others in zip(*streams, strict=True):
            for one, levels in zip(accumulators, others, strict=True):
                for level, (rows, truth) in enumerate(zip(levels, gt_levels, strict=True)):
                    if rows is not None and truth is not None:
                        one.add(level, rows, truth)
        return [value for one in accumulators for value in one.values()]


def _levels(network: Network, images: Sequence[Pixels], maps: Iterator[Maps]) -> Iterator[Maps]:
    for (strip, _last), rows in zip(_strips(network, images), maps, strict=True):
        yield [strip, *rows]


def _truth_maps(network: Network, gt: Pixels) -> Iterator[Maps]:
    """The ground truth's feature maps: from disk if they are kept there, and kept if there is room."""
    if network.kept is None:
        return _maps(network, [gt])
    path = network.kept.path(gt, network.feeding.rows(gt))
    if path.is_file():
        return read_maps(path, network.device, network.feeding.memory_format)
    if network.kept.fits(size_of_maps(network.layers, gt)):
        return record_maps(path, _maps(network, [gt]))
    return _maps(network, [gt])


def _maps(network: Network, images: Sequence[Pixels]) -> Iterator[Maps]:
    stream = Stream(network.layers)
    for strip, last in _strips(network, images):
        yield stream.push(network.prepare(strip), last=last)


def _strips(network: Network, images: Sequence[Pixels]) -> Iterator[tuple[Strip, bool]]:
    height, rows = len(images[0]), network.feeding.rows(images[0])
    for top in range(0, height, rows):
        yield network.feeding.strip(images, top, network.device), top + rows >= height


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
