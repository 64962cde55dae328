"""Deep image structure and texture similarity (Ding, Ma, Wang and Simoncelli, 2020): VGG16."""
# pyright: reportMissingImports=false

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from analysis.imaging import Pixels
from analysis.paired.backbones import State, on_device, vgg16
from analysis.paired.comparing import Network, compare
from analysis.paired.features import FeatureFolder
from analysis.paired.feeding import Feeding, feeding_for
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
        mean, deviation = (torch.tensor(v, device=device)[:, None, None] for v in (_MEAN, _DEVIATION))
        layers = vgg16(on_device(state, device, feeding.memory_format))
        self._network = Network(layers, lambda strip: (strip - mean) / deviation, device, feeding, kept)
        with np.load(HEADS) as heads:
            alpha, beta = (
                torch.from_numpy(heads[name]).double().split(_CHANNELS) for name in ("alpha", "beta")
            )
        self._heads = list(zip(alpha, beta, strict=True))

    def __call__(self, results: Sequence[Pixels], gt: Pixels) -> list[float]:
        """Return the DISTS of each result with its ground truth; see `analysis.paired.comparing.compare`."""
        return compare(self._network, lambda size: _Similarity(self._heads, size), results, gt)


class _Similarity:
    """Sums over space, by channel: all that means, variances and covariances need."""

    def __init__(self, heads: Sequence[tuple[torch.Tensor, torch.Tensor]], size: int) -> None:
        self._heads, self._size = heads, size
        self._sums: list[torch.Tensor | float] = [0.0] * len(heads)
        self._counts = [0] * len(heads)

    def add(self, level: int, results: Strip, gt: Strip) -> None:
        fields = (results, gt, results * results, gt * gt, results * gt)
        sums = [field.sum(dim=(2, 3), dtype=torch.float64) for field in fields]
        self._sums[level] += torch.stack(torch.broadcast_tensors(*sums), dim=1)
        self._counts[level] += gt.shape[2] * gt.shape[3]

    def values(self) -> list[float]:
        on_cpu = [torch.as_tensor(sums).cpu() for sums in self._sums]
        return [self._value([sums[i] for sums in on_cpu]) for i in range(self._size)]

    def _value(self, levels: Sequence[torch.Tensor]) -> float:
        similarity = weight = 0.0
        for sums, count, (alpha, beta) in zip(levels, self._counts, self._heads, strict=True):
            x, y, xx, yy, xy = sums / count
            texture = (2 * x * y + _C1) / (x * x + y * y + _C1)
            structure = (2 * (xy - x * y) + _C2) / (xx - x * x + yy - y * y + _C2)
            similarity += float((alpha * texture + beta * structure).sum())
            weight += float((alpha + beta).sum())
        return 1 - similarity / weight
