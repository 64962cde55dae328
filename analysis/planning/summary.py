"""A whole plan: scenarios given by the caller or taken from a pilot, every size, and what suffices."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.planning.designs import designs_needed, evenly_spaced, simulate_designs
from analysis.planning.pilot import pilot_components
from analysis.votes import Votes

ADVANTAGES = (0.525, 0.55, 0.575)
IMAGE_SD, JUDGE_SD = 0.6, 0.3
JUDGES, IMAGES = (5, 10, 15, 20, 30), (25, 50, 100)


def plan_summary(
    pilot: Votes | None = None,
    *,
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
    pilot : Votes, optional
        With them, the teams' worths and the tastes are the pilot's; without, `teams` evenly
        spaced teams are taken for each of the `advantages`.
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
        As `simulate_designs`, `evenly_spaced` and `pilot_components`.
    """
    source: dict[str, Any] = {"components": "given", "pilot": None, "simulated": False}
    if pilot is None:
        scenarios = {f"first beats second {a:.1%}": evenly_spaced(teams, a) for a in advantages}
        found_image, found_judge = IMAGE_SD, JUDGE_SD
    else:
        ballots = pilot.ballots
        estimate = pilot_components(ballots, points=points, rng=rng.spawn(1)[0])
        scenarios = {"as the pilot": estimate.quality}
        found_image, found_judge = estimate.image_sd, estimate.judge_sd
        source = {
            "components": "pilot",
            "pilot": {
                "judges": len(ballots.judges),
                "images": len(ballots.images),
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
    grids = {
        name: simulate_designs(
            quality, judges=judges, images=images, points=points, studies=studies, rng=rng.spawn(1)[0], **sds
        )
        for name, quality in scenarios.items()
    }
    return {
        "method": "simulated top-k studies with judge x team and image x team tastes",
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
