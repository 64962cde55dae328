"""Simulated top-k studies in which judges and images both have tastes of their own.

    u_jit = quality_t + a_it + b_jt + g_jit,   a ~ N(0, image_sd^2), b ~ N(0, judge_sd^2), g ~ Gumbel

and judge j ranks the k teams of highest u on image i. Without the two interactions this is the
Plackett-Luce model with log worths `quality`. Every table made here is marked as simulated.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray


def simulate_ranks(
    quality: ArrayLike,
    *,
    judges: int,
    images: int,
    image_sd: float = 0.0,
    judge_sd: float = 0.0,
    places: int = 3,
    studies: int = 1,
    rng: np.random.Generator,
) -> NDArray[np.int8]:
    """Ranks of whole studies.

    Parameters
    ----------
    quality : (N,) float
        Log worth of each team; for a typical judge and image, a beats b with probability 1/(1 + exp(b -
        a)).
    judges, images : int
        Every judge answers every image.
    image_sd, judge_sd : float
        Standard deviations of the image x team and judge x team effects, in the same log units.
    places : int
        How many teams a ballot lists.
    studies : int
        How many independent studies.
    rng : numpy.random.Generator

    Returns
    -------
    (studies, judges, images, N) int8
        1, 2, ..., places for the teams listed, 0 for the others.
    """
    quality = np.asarray(quality, dtype=float)
    n = len(quality)
    noise = rng.standard_exponential((studies, judges, images, n), dtype=np.float32)
    utility = -np.log(np.maximum(noise, np.float32(1e-30)))
    utility += quality.astype(np.float32)
    utility += tastes(utility.shape, (image_sd, judge_sd), rng)
    rank = np.zeros(utility.shape, dtype=np.int8)
    for place in range(1, min(places, n) + 1):
        chosen = utility.argmax(axis=-1)[..., None]
        np.put_along_axis(rank, chosen, place, axis=-1)
        np.put_along_axis(utility, chosen, -np.inf, axis=-1)
    return rank


def tastes(shape: tuple[int, ...], sds: tuple[float, float], rng: np.random.Generator) -> NDArray[np.float32]:
    """Tastes of images and of judges for each candidate, of studies of shape (studies, judges, images, N)."""
    studies, judges, images, n = shape
    of_image = np.float32(sds[0]) * rng.standard_normal((studies, 1, images, n), dtype=np.float32)
    of_judge = np.float32(sds[1]) * rng.standard_normal((studies, judges, 1, n), dtype=np.float32)
    return np.add(of_image, of_judge, dtype=np.float32)


def simulated_votes(
    rank: NDArray[np.integer], *, teams: list[str] | None = None, rng: np.random.Generator
) -> pd.DataFrame:
    """A votes table of one simulated study, each ballot's slots shuffled.

    Parameters
    ----------
    rank : (J, I, N) int
        One study of `simulate_ranks`; -1 where the team is not shown to that judge on that image.
    teams : list of str, optional
        Names; absent: "T01", "T02", ...
    rng : numpy.random.Generator

    Returns
    -------
    DataFrame
        Columns judge, image, team, slot, rank, simulated.

    Examples
    --------
    >>> import numpy as np
    >>> rank = simulate_ranks([1, 0, 0, 0], judges=2, images=1, rng=np.random.default_rng(1))[0]
    >>> votes = simulated_votes(rank, rng=np.random.default_rng(1))
    >>> len(votes), int(votes["rank"].notna().sum()), bool(votes["simulated"].all())
    (8, 6, True)
    """
    judges, images, n = rank.shape
    names = np.array(teams or [f"T{t:02d}" for t in range(1, n + 1)])
    key = np.where(rank >= 0, rng.random(rank.shape), np.inf)
    slot = key.argsort(axis=-1).argsort(axis=-1) + 1
    judge, image, team = np.nonzero(rank >= 0)
    given = rank[judge, image, team]
    return pd.DataFrame(
        {
            "judge": np.array([f"J{j:02d}" for j in range(1, judges + 1)])[judge],
            "image": np.array([f"{i:03d}" for i in range(1, images + 1)])[image],
            "team": names[team],
            "slot": slot[judge, image, team],
            "rank": pd.array(given, dtype="Int16").copy(),
            "simulated": True,
        }
    ).assign(rank=lambda table: table["rank"].mask(table["rank"] == 0))
