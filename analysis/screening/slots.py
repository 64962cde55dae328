"""Does the position on the screen influence the choice?"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, false_discovery_control

from analysis.screening.flags import Flags, not_applicable, rows_by
from analysis.votes import NO_SLOTS, BallotArrays

ALPHA = 0.01


@dataclass(frozen=True)
class SlotTest:
    """How often each slot was picked, compared with picking regardless of the slot.

    Attributes
    ----------
    observed, expected
        Counts by slot, shape (S,).
    chi2, df, p
        For n slots and k picks from each ballot this is sum((O - E)^2 / E) * (n - 1)/(n - k) on n - 1 degrees
        of freedom, because the picks of one ballot are drawn without replacement.
    """

    observed: np.ndarray
    expected: np.ndarray
    chi2: float
    df: int
    p: float


def slot_test(shown: np.ndarray, picked: np.ndarray) -> SlotTest | None:
    """Test whether all slots are picked equally often.

    Parameters
    ----------
    shown, picked
        Whether ballot b has a candidate in slot s, and whether it picked it, bool of shape (B, S). Ballots
        may differ in both: each contributes the covariance of a random draw from its own slots.

    Returns
    -------
    SlotTest or None
        None if no ballot leaves a choice (all slots picked).

    Examples
    --------
    Sixty first picks from three slots: 30, 20, 10; chi2 = (10^2 + 0 + 10^2)/20.

    >>> picked = np.repeat(np.eye(3, dtype=bool), [30, 20, 10], axis=0)
    >>> result = slot_test(np.ones_like(picked), picked)
    >>> round(result.chi2, 6), result.df, round(result.p, 4)
    (10.0, 2, 0.0067)
    """
    kinds, kind = np.unique(np.column_stack([shown, picked.sum(axis=1)]), axis=0, return_inverse=True)
    ballots = np.bincount(kind.ravel())
    expected, covariance = np.zeros(shown.shape[1]), np.zeros((shown.shape[1],) * 2)
    for (*slots, k), count in zip(kinds, ballots, strict=True):
        inside = np.array(slots, dtype=float)
        n = inside.sum()
        expected += count * k / n * inside
        if n > 1:
            spread = np.diag(inside) - np.outer(inside, inside) / n
            covariance += count * k * (n - k) / (n * (n - 1)) * spread
    df = int(np.linalg.matrix_rank(covariance))
    if df == 0:
        return None
    observed = picked.sum(axis=0)
    rest = observed - expected
    statistic = float(rest @ np.linalg.pinv(covariance) @ rest)
    return SlotTest(observed, expected, statistic, df, float(chi2.sf(statistic, df)))


def slot_bias(ballots: BallotArrays) -> dict[str, SlotTest | None]:
    """Test the slot of the first pick, and of all the picks of a ballot, over all judges."""
    if not ballots.has_slots:
        return {"first_pick": None, "listed": None}
    shown, first, listed = slot_tables(ballots)
    return {"first_pick": slot_test(shown, first), "listed": slot_test(shown, listed)}


def favours_slots(ballots: BallotArrays) -> Flags:
    """Flag judges whose first picks depend on the slot (Benjamini-Hochberg adjusted p below 1 %)."""
    says = "first picks depend on the position on the screen"
    judges = len(ballots.judges)
    if not ballots.has_slots:
        return not_applicable("position", says, judges, NO_SLOTS)
    shown, first, _ = slot_tables(ballots)
    p, share = np.full(judges, np.nan), np.full(judges, np.nan)
    for judge, rows in enumerate(rows_by(ballots.judge, judges)):
        test = slot_test(shown[rows], first[rows])
        if test is not None:
            p[judge], share[judge] = test.p, test.observed.max() / test.observed.sum()
    known = ~np.isnan(p)
    if not known.any():
        return not_applicable("position", says, judges, "ballots leave no choice of slots")
    adjusted = np.full(judges, np.nan)
    adjusted[known] = false_discovery_control(p[known])
    columns = {"slot_p": p, "slot_p_adjusted": adjusted, "top_slot_share": share}
    return Flags("position", says, columns, adjusted < ALPHA)


def slot_tables(ballots: BallotArrays) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """By ballot and slot: shown, picked first, picked at all; bool of shape (B, S)."""
    slots = int(ballots.slot.max())
    tables = np.zeros((3, ballots.size, slots), dtype=bool)
    for table, rows in zip(tables, (ballots.rank >= 0, ballots.rank == 1, ballots.rank > 0), strict=True):
        table[ballots.ballot[rows], ballots.slot[rows] - 1] = True
    return tables[0], tables[1], tables[2]
