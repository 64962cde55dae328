"""What the votes table says about each ballot besides its ranks: its time, and its place in the session."""

import numpy as np
import pandas as pd

from analysis.agreement.drift import drift
from analysis.errors import AnalysisError
from analysis.votes import Votes


def positions(rows: pd.DataFrame, judge: np.ndarray) -> np.ndarray | None:
    """Place of each ballot in its judge's session, by `position` or else `at`; None if neither is known."""
    if "position" in rows and rows["position"].notna().any():
        return rows["position"].to_numpy(dtype=float, na_value=np.nan)
    if "at" not in rows or not rows["at"].notna().any():
        return None
    times = _times(rows["at"])
    return times.groupby(judge).rank(method="first").to_numpy(dtype=float)


def image_residuals(values: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Values of ballots minus the mean of their image, so that hard images do not look like fatigue."""
    known = ~np.isnan(values)
    total = np.bincount(image, np.where(known, values, 0.0))
    count = np.bincount(image, known)
    return values - (total / np.maximum(count, 1))[image]


def session_drift(agreement: np.ndarray, votes: Votes) -> dict:
    """Say how agreement changes during the session; JSON-ready."""
    ballots = votes.ballots
    position = positions(votes.ballot_rows, ballots.judge)
    if position is None:
        return _undefined("the votes have neither a column position nor a column at with times")
    if _same_order(position, ballots.image):
        return _undefined(
            "all judges saw the images in the same order, so session and images cannot be told apart"
        )
    found = drift(image_residuals(agreement, ballots.image), position, ballots.judge)
    if found is None:
        return _undefined("no judge has two comparable ballots")
    overall = float(np.nanmean(agreement))
    return {
        "slope_per_10_trials": found.slope,
        "z": found.z,
        "p": found.p,
        "mean_by_quarter": [overall + value for value in found.quarters],
        "ballots": found.ballots,
        "undefined": None,
    }


def _times(column: pd.Series) -> pd.Series:
    times = pd.to_datetime(column.astype(object), utc=True, format="ISO8601", errors="coerce")
    wrong = column[times.isna() & column.notna()]
    if len(wrong):
        raise AnalysisError(
            f"votes, column at: {wrong.iloc[0]!r} is not a time; use ISO 8601, as in 2025-03-01T12:00:00Z"
        )
    return times


def _undefined(reason: str) -> dict:
    return {
        "slope_per_10_trials": None,
        "z": None,
        "p": None,
        "mean_by_quarter": None,
        "ballots": 0,
        "undefined": reason,
    }


def _same_order(position: np.ndarray, image: np.ndarray) -> bool:
    """Whether each image always stands at one position."""
    low, high = np.full(image.max() + 1, np.inf), np.full(image.max() + 1, -np.inf)
    known = ~np.isnan(position)
    np.minimum.at(low, image[known], position[known])
    np.maximum.at(high, image[known], position[known])
    return bool((high <= low).all())
