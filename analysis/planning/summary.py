"""A whole plan: scenarios given by the caller or taken from a pilot, every size, and what suffices."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from analysis.errors import AnalysisError
from analysis.pairs import Pairs
from analysis.planning.asking import Kind, Scores, asking
from analysis.planning.designs import designs_needed, evenly_spaced, simulate_designs
from analysis.planning.pilot import Pilot, pilot_components
from analysis.planning.pilot_answers import pair_pilot, rating_pilot
from analysis.ratings import Ratings
from analysis.user_study.read import Answers
from analysis.votes import Votes

ADVANTAGES = (0.525, 0.55, 0.575)
IMAGE_SD, JUDGE_SD = 0.6, 0.3
JUDGES, IMAGES = (5, 10, 15, 20, 30), (25, 50, 100)


def plan_summary(
    pilot: Answers | None = None,
    *,
    protocol: Kind | None = None,
    pairs_per_judge: int | None = None,
    judges: Sequence[int] = JUDGES,
    images: Sequence[int] = IMAGES,
    teams: int = 10,
    advantages: Sequence[float] = ADVANTAGES,
    image_sd: float | None = None,
    judge_sd: float | None = None,
    points: Sequence[float],
    studies: int = 400,
    target: float = 0.9,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """How many judges and images separate the podium, ready for JSON.

    Parameters
    ----------
    pilot : Votes, Pairs or Ratings, optional
        With them, the teams' worths and the tastes are the pilot's; without, `teams` evenly
        spaced teams are taken for each of the `advantages`.
    protocol : str, optional
        How judges are asked, as in study.yaml; absent: as in the pilot, or top_k.
    pairs_per_judge : int, optional
        Of pairwise, how many pairs each judge compares; absent: all pairs of every image.
    judges, images : sequence of int
        Sizes to try.
    teams : int
    advantages : sequence of float
        Chances that a team beats the next one: 0.55 means that first beats second 55 times in 100.
    image_sd, judge_sd : float, optional
        Standard deviations of the image x team and judge x team tastes, in log units; given ones replace
        the pilot's. Absent without a pilot: 0.6 and 0.3.
    points : sequence of float
    studies : int
        Simulated studies for each size.
    target : float
        The share of studies in which the best team shall have the most points.
    rng : numpy.random.Generator

    Returns
    -------
    dict
        `grid`, a row for each scenario and size (see `analysis.planning.designs.simulate_designs`);
        `needed`, the fewest judges for each scenario and number of images that reach the target;
        and everything that was assumed.

    Raises
    ------
    AnalysisError
        As `simulate_designs`, `evenly_spaced` and the pilots; for a share of pairs where none are compared.
    """
    protocol = protocol or _usual(pilot)
    if pairs_per_judge is not None and protocol != "pairwise":
        raise AnalysisError(f"pairs for each judge can only be set for pairwise, not for {protocol}")
    source: dict[str, Any] = {"components": "given", "pilot": None, "simulated": False}
    count, scale = teams, {}
    if pilot is None:
        scenarios = {f"first beats second {a:.1%}": evenly_spaced(teams, a) for a in advantages}
        found_image, found_judge = IMAGE_SD, JUDGE_SD
    else:
        estimate, scale = _estimate(pilot, points, rng)
        count = len(estimate.teams)
        asked = pilot.ballots if isinstance(pilot, Votes) else pilot
        scenarios = {"as in the pilot": estimate.quality}
        found_image, found_judge = estimate.image_sd, estimate.judge_sd
        source = {
            "components": "pilot",
            "pilot": {
                "judges": len(asked.judges),
                "images": len(asked.images),
                "shrinkage": estimate.shrinkage,
                "log_worth": {
                    str(t): float(q) for t, q in zip(estimate.teams, estimate.quality, strict=True)
                },
            },
            "simulated": pilot.simulated,
        }
    sds = {
        "image_sd": found_image if image_sd is None else image_sd,
        "judge_sd": found_judge if judge_sd is None else judge_sd,
    }
    how = asking(protocol, points=points, teams=count, pairs_per_judge=pairs_per_judge)
    if isinstance(how, Scores):
        how = replace(how, **scale)
    grids = {
        name: simulate_designs(
            quality, judges=judges, images=images, asking=how, studies=studies, rng=rng.spawn(1)[0], **sds
        )
        for name, quality in scenarios.items()
    }
    return {
        "method": "simulated studies with judge x team and image x team tastes",
        "protocol": protocol,
        "pairs_per_judge": pairs_per_judge,
        **source,
        **sds,
        "studies": studies,
        "target": target,
        "grid": [{"scenario": name} | row for name, grid in grids.items() for row in grid],
        "needed": [
            {"scenario": name} | row
            for name, grid in grids.items()
            for row in designs_needed(grid, target=target)
        ],
    }


def _usual(pilot: Answers | None) -> Kind:
    """How a pilot asked."""
    if isinstance(pilot, Ratings):
        return "slider" if pilot.scale == (0, 100) else "acr"
    return "pairwise" if isinstance(pilot, Pairs) else "top_k"


def _estimate(
    pilot: Answers, points: Sequence[float], rng: np.random.Generator
) -> tuple[Pilot, dict[str, float]]:
    """What a pilot says of teams and tastes, and of the scale where it rated."""
    if isinstance(pilot, Pairs):
        return pair_pilot(pilot), {}
    if isinstance(pilot, Ratings):
        estimate, unit, centre = rating_pilot(pilot)
        return estimate, {"unit": unit, "centre": centre}
    return pilot_components(pilot.ballots, points=points, rng=rng.spawn(1)[0]), {}
