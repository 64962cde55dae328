"""Checkpoints with torchvision's names and keys and random weights: tests and timings need no download."""

import hashlib
from pathlib import Path

import numpy as np

from analysis.paired.definitions import ALEXNET, VGG16

ALEXNET_CONVOLUTIONS = (
    (0, 3, 64, 11),
    (3, 64, 192, 5),
    (6, 192, 384, 3),
    (8, 384, 256, 3),
    (10, 256, 256, 3),
)
VGG16_NUMBERS = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
VGG16_CHANNELS = (3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
VGG16_CONVOLUTIONS = tuple((number, *VGG16_CHANNELS[i : i + 2], 3) for i, number in enumerate(VGG16_NUMBERS))
CLASSIFIERS = {
    ALEXNET: ((1, 9216, 4096), (4, 4096, 4096), (6, 4096, 1000)),
    VGG16: ((0, 25088, 4096), (3, 4096, 4096), (6, 4096, 1000)),
}


def write_checkpoints(folder: Path) -> frozenset[str]:
    """Write both backbones; return the SHA-256 of the files."""
    folder.mkdir(parents=True, exist_ok=True)
    networks = {ALEXNET: ALEXNET_CONVOLUTIONS, VGG16: VGG16_CONVOLUTIONS}
    return frozenset(
        _write(folder / name, convolutions, seed)
        for seed, (name, convolutions) in enumerate(networks.items())
    )


def write_pyiqa_files(folder: Path) -> None:
    """Write our heads and pristine model where and as pyiqa looks for them."""
    import torch
    from scipy.io import savemat

    from analysis.paired.niqe import PRISTINE

    folder.mkdir(parents=True, exist_ok=True)
    with np.load(PRISTINE.with_name("lpips_alex.npz")) as heads:
        state = {
            f"lin{i}.model.1.weight": torch.from_numpy(heads[f"layer{i}"])[None, :, None, None]
            for i in range(5)
        }
    torch.save(state, folder / "LPIPS_v0.1_alex-df73285e.pth")
    with np.load(PRISTINE.with_name("dists.npz")) as heads:
        state = {name: torch.from_numpy(heads[name])[None, :, None, None] for name in ("alpha", "beta")}
    torch.save(state, folder / "DISTS_weights-f5e65c96.pth")
    with np.load(PRISTINE) as model:
        names = {"mu_prisparam": model["mean"], "cov_prisparam": model["covariance"]}
    savemat(folder / "niqe_modelparameters.mat", names)


def _write(path: Path, convolutions: tuple, seed: int) -> str:
    import torch

    generator = torch.Generator().manual_seed(seed)
    state = {}
    for number, inputs, outputs, kernel in convolutions:
        spread = (2 / (inputs * kernel**2)) ** 0.5  # keeps the features alive through thirteen layers
        shape = (outputs, inputs, kernel, kernel)
        state[f"features.{number}.weight"] = spread * torch.randn(shape, generator=generator)
        state[f"features.{number}.bias"] = 0.1 * torch.randn(outputs, generator=generator)
    for number, inputs, outputs in CLASSIFIERS[path.name]:  # expanded: one stored number each
        state[f"classifier.{number}.weight"] = torch.zeros(1).expand(outputs, inputs)
        state[f"classifier.{number}.bias"] = torch.zeros(1).expand(outputs)
    torch.save(state, path)
    return hashlib.sha256(path.read_bytes()).hexdigest()
