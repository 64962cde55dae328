"""A study with three pairs and four teams, small enough to be scored in a moment."""

from pathlib import Path

import numpy as np
from PIL import Image

from tests.conftest import TEAMS, write_study

PAIRS = ("101", "102", "103")
SIDE = 48
OWN_FORMULA = "20*psnr/50 + 15*(ssim-0.5)/0.5"
SCORING = f"""\
rules:
  s2: {{per: image, score: "{OWN_FORMULA}"}}
"""
JOINED = "  final: raim-2025\n"
"""After SCORING: all three parts."""


def write_paired_study(root: Path, *, more: str = SCORING) -> Path:
    """Write the small study with pairs; the noise of a team's results grows with its number."""
    write_study(root)
    with (root / "study.yaml").open("a", encoding="utf-8") as file:
        file.write(more)
    write_pairs(root)
    return root


def write_pairs(root: Path) -> None:
    """Add paired/ to a study folder."""
    rng = np.random.default_rng(11)
    for image in PAIRS:
        truth = rng.integers(40, 200, (SIDE, SIDE, 3))
        save(truth, root / "paired" / "gt" / f"{image}.png")
        save(truth, root / "paired" / "input" / f"{image}.png")
        for number, team in enumerate(TEAMS, start=1):
            noise = rng.integers(-4 * number, 4 * number + 1, truth.shape)
            save(truth + noise, root / "paired" / "teams" / team / f"{image}.png")


def save(pixels: np.ndarray, path: Path) -> None:
    """Save as 8-bit RGB."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(path)
