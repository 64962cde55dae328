"""Deep image structure and texture similarity (Ding, Ma, Wang and Simoncelli, 2020): VGG16."""
# pyright: reportMissingImports=false

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from analysis.paired.backbones import State, vgg16
from analysis.paired.comparing import Network, compare
from analysis.paired.features import FeatureFolder
from analysis.paired.pixels import Pixels
from analysis.paired.rowstream import Strip

HEADS = Path(__file__).parent / "data" / "dists.npz"
_CHANNELS = (3, 64, 128, 256, 512, 512)
_MEAN = (0.485, 0.456, 0.406)
_DEVIATION = (0.229, 0.224, 0.225)
_C1 = _C2 = 1e-6


class Dists:
    """DISTS with given weights.

    Parameters
    ----------
    state
        torchvision's VGG16 checkpoint, as `analysis.paired.weights.load_state` gives it.
    device
        Where to compute.
    kept
        Where feature maps of ground truths are kept, if they are.
    """

    def __init__(
        self, state: State, device: torch.device | str = "cpu", kept: FeatureFolder | None = None
    ) -> None:
        device = torch.device(device)
        mean, deviation = (torch.tensor(v, device=device)[:, None, None] for v in (_MEAN, _DEVIATION))
        layers = vgg16({key: tensor.to(device) for key, tensor in state.items()})
        self._network = Network(layers, lambda strip: (strip - mean) / deviation, device, kept)
        with np.load(HEADS) as heads:
            alpha, beta = (
                torch.from_numpy(heads[name]).double().split(_CHANNELS) for name in ("alpha", "beta")
            )
        self._heads = list(zip(alpha, beta, strict=True))

    def __call__(self, results: Sequence[Pixels], gt: Pixels) -> list[float]:
        """Return the DISTS of each result with its ground truth; see `analysis.paired.comparing.compare`."""
        return compare(self._network, [_Similarity(self._heads) for _ in results], results, gt)


class _Similarity:
    """Sums over space, by channel: all that means, variances and covariances need."""

    def __init__(self, heads: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> None:
        self._heads = heads
        self._sums: list[torch.Tensor] = [
            torch.zeros(5, len(alpha), dtype=torch.float64) for alpha, _ in heads
        ]
        self._counts = [0] * len(heads)

    def add(self, level: int, result: Strip, gt: Strip) -> None:
        fields = (result, gt, result * result, gt * gt, result * gt)
        sums = torch.stack([field.sum(dim=(0, 2, 3), dtype=torch.float64) for field in fields])
        self._sums[level] = self._sums[level].to(sums.device) + sums
        self._counts[level] += gt.shape[2] * gt.shape[3]

    def value(self) -> float:
        similarity = weight = 0.0
        for sums, count, (alpha, beta) in zip(self._sums, self._counts, self._heads, strict=True):
            x, y, xx, yy, xy = sums.cpu() / count
            texture = (2 * x * y + _C1) / (x * x + y * y + _C1)
            structure = (2 * (xy - x * y) + _C2) / (xx - x * x + yy - y * y + _C2)
            similarity += float((alpha * texture + beta * structure).sum())
            weight += float((alpha + beta).sum())
        return 1 - similarity / weight
