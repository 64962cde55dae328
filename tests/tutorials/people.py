"""Simulated judges for a tutorial: ``python -m tests.tutorials.people STUDY LINKS.csv``.

study.yaml has to say ``simulated: true``. They like best what is nearest to the input.
"""

import csv
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from studyapp.sample.judges import run_simulated_judges
from studyapp.sample.serving import serving
from studyapp.study.study_file import STUDY_FILE, load_study_file


def vote(study: Path, links: Path) -> None:
    """Serve a study and let those whose links are in a file answer everything."""
    assert load_study_file(study / STUDY_FILE).simulated, f"{study}: say simulated: true"
    originals = {path.stem: np.asarray(Image.open(path)) for path in (study / "input").iterdir()}
    with links.open(encoding="utf-8-sig", newline="") as file:
        tokens = {row["name"]: row["link"].rpartition("/")[2] for row in csv.DictReader(file)}
    with serving(study, workers=1) as server:
        invited = {name: f"{server.url}/j/{token}" for name, token in tokens.items()}
        done = run_simulated_judges(invited, seed=1, originals=originals)
    print(f"{done.judges} SIMULATED judges: {done.trials} answers")


if __name__ == "__main__":
    vote(Path(sys.argv[1]), Path(sys.argv[2]))
