"""A study with hidden trials: images 001 and 003 are shown again, 002 with a known-worse candidate."""

from pathlib import Path

import numpy as np
from PIL import Image

from studyapp.services.folder import preparing
from tests.conftest import NOW

CHECKS = 'checks: {repeats: ["001", "003"], golden: ["002"]}\n'
SHOWN = 6
"""Trials of each judge after practice: three that count and three that check."""


def add_checks(folder: Path, text: str = CHECKS) -> None:
    """Plan hidden trials in the study file and put a bad candidate into golden/."""
    path = folder / "study.yaml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    with Image.open(folder / "input" / "002.png") as image:
        pixels = np.asarray(image)
    (folder / "golden").mkdir()
    Image.fromarray(pixels + np.uint8(50)).save(folder / "golden" / "002.png")


def prepare_checks(folder: Path) -> None:
    """Make a tiled study one with hidden trials."""
    add_checks(folder)
    preparing.prepare_study(folder, workers=1, progress=None, now=NOW)
