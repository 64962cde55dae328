"""Does a conflict of interest move S3? Simulated studies with some judges who are not shown some teams.

Each study is scored three times on the same opinions: as if everybody had seen every team, with teams
withheld and the points corrected (as reported), and with the plain mean of the points given. Printed is the
bias against the first, the best team's less the second's, with its standard error.
"""

import argparse
import math

import numpy as np

from analysis.points import image_points, row_points, summed
from analysis.rule import POINTS
from analysis.votes import BallotArrays

QUALITY = np.linspace(1, -1, 12)
IMAGE_SD, JUDGE_SD = 0.6, 0.3


def main(argv: list[str] | None = None) -> None:
    """Print the biases."""
    parser = argparse.ArgumentParser(prog="conflicts", description=__doc__)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--judges", type=int, default=12)
    parser.add_argument("--images", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    for name, hidden in designs(options.judges).items():
        found = biases(hidden, studies=options.studies, images=options.images, seed=options.seed)
        said = []
        for kind, off in found.items():
            lead = off[:, 0] - off[:, 1]
            said.append(f"{kind} {lead.mean():+.2f} (se {lead.std(ddof=1) / math.sqrt(len(lead)):.2f})")
        print(f"{name:40} {', '.join(said)}")


def designs(judges: int) -> dict[str, np.ndarray]:
    """Who is not shown whom, (J, N), by a name."""
    found = {}
    for count in (2, 4):
        hidden = np.zeros((judges, len(QUALITY)), dtype=bool)
        hidden[:count, 0] = True
        found[f"{count} judges without the best"] = hidden
    hidden = np.zeros_like(hidden)
    hidden[:4, 0] = hidden[4:8, 1] = hidden[0, 3] = True
    found["4 without the best, 4 the second, 1 two"] = hidden
    found["every judge without one team"] = np.eye(judges, len(QUALITY), dtype=bool)
    return found


def biases(hidden: np.ndarray, *, studies: int, images: int, seed: int) -> dict[str, np.ndarray]:
    """S3 less the S3 of the same opinions with nothing withheld, (studies, N), corrected and plain."""
    rng = np.random.default_rng(seed)
    judges, teams = hidden.shape
    found: dict[str, list[np.ndarray]] = {"corrected": [], "plain": []}
    for _ in range(studies):
        utility = QUALITY + rng.gumbel(size=(judges, images, teams))
        utility += IMAGE_SD * rng.standard_normal((1, images, teams))
        utility += JUDGE_SD * rng.standard_normal((judges, 1, teams))
        whole = summed(image_points(ballots_without(utility, np.zeros_like(hidden)), points=POINTS))
        ballots = ballots_without(utility, hidden)
        found["corrected"].append(summed(image_points(ballots, points=POINTS)) - whole)
        found["plain"].append(_plain(ballots) - whole)
    return {kind: np.array(rows) for kind, rows in found.items()}


def ballots_without(utility: np.ndarray, hidden: np.ndarray, places: int = len(POINTS)) -> BallotArrays:
    """Top lists of the teams shown, by utility (J, I, N); hidden is (J, N)."""
    _, images, teams = utility.shape
    order = np.argsort(-np.where(hidden[:, None], -np.inf, utility), axis=-1)[..., :places]
    rank = np.zeros(utility.shape, dtype=np.int16)
    np.put_along_axis(rank, order, np.arange(1, places + 1, dtype=np.int16), axis=-1)
    shown = np.broadcast_to(~hidden[:, None], rank.shape).reshape(-1, teams)
    ballot, team = np.nonzero(shown)
    judge, image = np.divmod(np.arange(len(shown), dtype=np.int32), images)
    start = np.concatenate([[0], np.cumsum(shown.sum(axis=1))])
    judge_names, image_names, team_names = (
        np.array([f"{n:04d}" for n in range(size)], dtype=object) for size in utility.shape
    )
    return BallotArrays(
        judges=judge_names,
        images=image_names,
        teams=team_names,
        judge=judge,
        image=image,
        start=start,
        team=team.astype(np.int32),
        slot=(team + 1).astype(np.int16),
        rank=rank.reshape(-1, teams)[ballot, team],
    )


def _plain(ballots: BallotArrays) -> np.ndarray:
    """S3 by the plain mean over the judges shown a team."""
    images, teams = len(ballots.images), len(ballots.teams)
    cell = ballots.image[ballots.ballot].astype(np.int64) * teams + ballots.team
    total, shown = np.bincount(cell, row_points(ballots, points=POINTS)), np.bincount(cell)
    return (total / shown).reshape(images, teams).sum(axis=0)


if __name__ == "__main__":
    main()
