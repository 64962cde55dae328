"""Pictures that are the same on every machine: integers only, from a generator whose stream is frozen."""

import hashlib

import numpy as np
import pytest

from analysis.paired.definitions import ALEXNET, VGG16


def dead_leaves(height, width, seed):
    """Overlapping discs, whose edges and scales are those of photographs, with a little noise."""
    random = np.random.RandomState(seed)
    down, across = np.mgrid[:height, :width]
    picture = np.full((height, width, 3), 128)
    for _ in range(300):
        radius = 4 + 3000 // random.randint(30, 700)
        row, column = random.randint(0, height), random.randint(0, width)
        inside = (down - row) ** 2 + (across - column) ** 2 <= radius**2
        picture[inside] = random.randint(10, 246, 3)
    return np.clip(picture + random.randint(-6, 7, picture.shape), 0, 255).astype(np.uint8)


def restored(picture, seed, noise=12):
    """The picture blurred by a cross of five pixels, with uniform noise."""
    padded = np.pad(picture.astype(int), ((1, 1), (1, 1), (0, 0)), mode="edge")
    cross = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    blurred = (cross + 4 * padded[1:-1, 1:-1]) // 8
    grain = np.random.RandomState(seed).randint(-noise, noise + 1, blurred.shape)
    return np.clip(blurred + grain, 0, 255).astype(np.uint8)


def _pair(height, width, seed):
    gt = dead_leaves(height, width, seed)
    return restored(gt, seed + 100), gt


def _clipped():
    result, gt = _pair(300, 400, 4)
    result[:150, :250] = 255
    gt[:140] = 255
    result[250:] = 7
    return result, gt


@pytest.fixture(scope="session")
def pictures():
    """Name -> (result, ground truth)."""
    return {
        "leaves": _pair(300, 400, 1),
        "odd": _pair(193, 291, 2),
        "many-blocks": _pair(480, 500, 3),
        "clipped": _clipped(),
    }


def _random_checkpoint(path, shapes, dense, seed):
    """Random convolutions and an empty classifier under torchvision's keys; returns the file's SHA-256."""
    torch = pytest.importorskip("torch")
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for number, inputs, outputs in dense:  # expanded: one stored number each
        state[f"classifier.{number}.weight"] = torch.zeros(1).expand(outputs, inputs)
        state[f"classifier.{number}.bias"] = torch.zeros(1).expand(outputs)
    for number, inputs, outputs, kernel in shapes:
        spread = (2 / (inputs * kernel**2)) ** 0.5  # keeps the features alive through thirteen layers
        state[f"features.{number}.weight"] = spread * torch.randn(
            outputs, inputs, kernel, kernel, generator=generator
        )
        state[f"features.{number}.bias"] = 0.1 * torch.randn(outputs, generator=generator)
    torch.save(state, path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory):
    """A folder of checkpoints with the real names and keys and made-up weights, and their hashes."""
    folder = tmp_path_factory.mktemp("torch") / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    alexnet = [(0, 3, 64, 11), (3, 64, 192, 5), (6, 192, 384, 3), (8, 384, 256, 3), (10, 256, 256, 3)]
    channels = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    numbers = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28]
    vgg16 = [(number, *channels[i : i + 2], 3) for i, number in enumerate(numbers)]
    networks = {
        ALEXNET: (alexnet, [(1, 9216, 4096), (4, 4096, 4096), (6, 4096, 1000)]),
        VGG16: (vgg16, [(0, 25088, 4096), (3, 4096, 4096), (6, 4096, 1000)]),
    }
    hashes = frozenset(
        _random_checkpoint(folder / name, *shapes, seed)
        for seed, (name, shapes) in enumerate(networks.items())
    )
    return folder, hashes
