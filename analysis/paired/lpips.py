"""Learned perceptual image patch similarity (Zhang et al., 2018): AlexNet, linear heads of version 0.1."""
# pyright: reportMissingImports=false

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from analysis.imaging import Pixels
from analysis.paired.backbones import State, alexnet, on_device
from analysis.paired.comparing import Network, compare
from analysis.paired.features import FeatureFolder
from analysis.paired.feeding import Feeding, feeding_for
from analysis.paired.rowstream import Strip

HEADS = Path(__file__).parent / "data" / "lpips_alex.npz"
# ImageNet's means and deviations by channel, in units of -1 to 1.
_SHIFT = (-0.030, -0.088, -0.188)
_SCALE = (0.458, 0.448, 0.450)
_EPSILON = 1e-10


class Lpips:
    """LPIPS with given weights.

    Parameters
    ----------
    state
        torchvision's AlexNet checkpoint, as `analysis.paired.weights.load_state` gives it.
    device
        Where to compute.
    kept
        Where feature maps of ground truths are kept, if they are.
    feeding
        In what portions images go through; by default those that suit the device.
    """

    def __init__(
        self,
        state: State,
        device: torch.device | str = "cpu",
        kept: FeatureFolder | None = None,
        feeding: Feeding | None = None,
    ) -> None:
        device = torch.device(device)
        feeding = feeding or feeding_for(device)
        shift, scale = (torch.tensor(values, device=device)[:, None, None] for values in (_SHIFT, _SCALE))
        layers = alexnet(on_device(state, device, feeding.memory_format))
        self._network = Network(layers, lambda strip: (2 * strip - 1 - shift) / scale, device, feeding, kept)
        with np.load(HEADS) as heads:
            self._heads = [torch.from_numpy(heads[f"layer{i}"]).to(device) for i in range(5)]

    def __call__(self, results: Sequence[Pixels], gt: Pixels) -> list[float]:
        """Return the LPIPS of each result with its ground truth; see `analysis.paired.comparing.compare`."""
        return compare(self._network, lambda size: _Distance(self._heads, size), results, gt)


class _Distance:
    def __init__(self, heads: Sequence[torch.Tensor], size: int) -> None:
        self._heads = heads
        self._sums = [torch.zeros(size, dtype=torch.float64, device=head.device) for head in heads]
        self._counts = [0] * len(heads)

    def add(self, level: int, results: Strip, gt: Strip) -> None:
        if level == 0:
            return
        squares = (_unit(results) - _unit(gt)).square_()
        by_channel = squares.sum(dim=(2, 3), dtype=torch.float64)
        self._sums[level - 1] += by_channel @ self._heads[level - 1].double()
        self._counts[level - 1] += gt.shape[2] * gt.shape[3]

    def values(self) -> list[float]:
        means = [total / count for total, count in zip(self._sums, self._counts, strict=True)]
        return torch.stack(means).sum(dim=0).tolist()


def _unit(features: Strip) -> Strip:
    length = features.square().sum(dim=1, keepdim=True).sqrt_()
    return features / length.add_(_EPSILON)
