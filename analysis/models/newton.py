"""Newton's method for Plackett-Luce on counted choices, for one data set or a thousand resamples at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.amounts import how_many
from analysis.errors import AnalysisError

MAX_ITERATIONS = 100
_STEP_TOLERANCE = 1e-8  # steps shrink quadratically: the next one would be about 1e-16
_LONGEST_STEP = 5.0
_INFINITE = 60.0  # no data set has so many votes that a worth of exp(60) is an estimate
_CELLS = 4_000_000  # numbers held at once for the Hessians of a batch

Array = NDArray[Any]


@dataclass(frozen=True)
class Replicates:
    """The objectives of R replicates over the same choice sets.

    Attributes
    ----------
    sets : (M, N) float
        Membership of the choice sets.
    wins, set_counts : (R, N) and (R, M) float
        How often each team was chosen; how often each set was chosen from.
    penalty : (R,) float
        lambda of each replicate.
    """

    sets: Array
    wins: Array
    set_counts: Array
    penalty: Array

    def part(self, which: Array) -> "Replicates":
        if len(which) == len(self.wins):
            return self
        return Replicates(self.sets, self.wins[which], self.set_counts[which], self.penalty[which])

    def start(self) -> Array:
        expected = (self.set_counts / self.sets.sum(axis=1)) @ self.sets
        theta = np.log((self.wins + 0.5) / (expected + 0.5))
        return theta - theta.mean(axis=1, keepdims=True)

    def loglik(self, theta: Array) -> Array:
        total = np.exp(theta) @ self.sets.T
        return (self.wins * theta).sum(axis=1) - (self.set_counts * np.log(total)).sum(axis=1)

    def objective(self, theta: Array) -> Array:
        return self.loglik(theta) - self.penalty * (theta**2).sum(axis=1)

    def newton_step(self, theta: Array) -> Array:
        worth = np.exp(theta)
        expected = worth * ((self.set_counts / (worth @ self.sets.T)) @ self.sets)
        gradient = self.wins - expected - 2 * self.penalty[:, None] * theta
        hessian = self.hessian(worth)
        # The likelihood is flat along (1, ..., 1); a ridge in that direction keeps the steps' sum at zero.
        hessian += (hessian.trace(axis1=1, axis2=2) / theta.shape[1] ** 2)[:, None, None]
        step = np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0]
        return step / np.maximum(1, np.abs(step).max(axis=1, keepdims=True) / _LONGEST_STEP)

    def hessian(self, worth: Array) -> Array:
        """(R, N, N) the negative Hessian of the objective."""
        n_sets, n = self.sets.shape
        total = worth @ self.sets.T
        hessian = np.empty((len(worth), n, n))
        size = max(1, _CELLS // (n_sets * n))
        for start in range(0, len(worth), size):
            part = slice(start, start + size)
            scaled = self.sets.T * (self.set_counts[part] / total[part] ** 2)[:, None, :]
            hessian[part] = -(scaled @ self.sets)
        hessian *= worth[:, :, None] * worth[:, None, :]
        diagonal = worth * ((self.set_counts / total) @ self.sets) + 2 * self.penalty[:, None]
        hessian[:, np.arange(n), np.arange(n)] += diagonal
        return hessian

    def climb(self, theta: Array, step: Array, value: Array) -> tuple[Array, Array]:
        """Take each step, halved until the objective does not fall."""
        length = np.ones((len(theta), 1))
        moved = theta + step
        new = self.objective(moved)
        for _ in range(40):
            fell = new < value - 1e-9 * np.abs(value)
            if not fell.any():
                break
            length[fell] /= 2
            moved = theta + length * step
            new = self.objective(moved)
        return moved, new


def newton(everything: Replicates) -> tuple[Array, int]:
    """Maximise sum wins*th - sum n_m log d_m - lambda*sum th^2 for each of R replicates.

    Returns
    -------
    theta : (R, N) float
        Sum zero.
    iterations : int
        Steps until the slowest replicate stood still.

    Raises
    ------
    AnalysisError
        After `MAX_ITERATIONS` steps, or where a worth runs to infinity; never an unconverged vector.
        Callers see to it that a maximum exists (`strongly_connected`, or a penalty).
    """
    iteration = 0
    theta = everything.start()
    value = everything.objective(theta)
    running = np.arange(len(theta))
    for iteration in range(1, MAX_ITERATIONS + 1):
        problem = everything.part(running)
        step = problem.newton_step(theta[running])
        theta[running], value[running] = problem.climb(theta[running], step, value[running])
        if (np.abs(theta).max(axis=1) > _INFINITE).any():
            break
        running = running[np.abs(step).max(axis=1) > _STEP_TOLERANCE]
        if len(running) == 0:
            return theta - theta.mean(axis=1, keepdims=True), iteration
    raise AnalysisError(
        f"Plackett-Luce did not converge in {iteration} Newton steps for {len(running)} of "
        f"{how_many(len(theta), 'data sets')}; give a penalty (for example 0.5)"
    )
