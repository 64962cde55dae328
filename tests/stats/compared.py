"""Paired comparisons for tests: tables made of counts."""

import numpy as np
import pandas as pd

from analysis.pairs import Pairs, validate_pairs


def rows_of(wins, image="i"):
    """A row for each win in counts (J, N, N): the row was preferred to the column, and stood left."""
    return [
        (f"J{judge}", image, f"T{a}", f"T{b}", "a")
        for judge, a, b in np.argwhere(wins)
        for _ in range(int(wins[judge, a, b]))
    ]


def pairs_of(rows, columns=("judge", "image", "team_a", "team_b", "answer")) -> Pairs:
    return validate_pairs(pd.DataFrame(rows, columns=list(columns)).astype("category"))


def pairs_of_wins(wins) -> Pairs:
    return pairs_of(rows_of(np.asarray(wins)))
