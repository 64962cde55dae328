"""Pictures that are the same on every machine: integers only, from a generator whose stream is frozen."""

import numpy as np
import pytest

from benchmarks.made_up_weights import write_checkpoints


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


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory):
    """A folder of checkpoints with the real names and keys and made-up weights, and their hashes."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("torch") / "hub" / "checkpoints"
    return folder, write_checkpoints(folder)
