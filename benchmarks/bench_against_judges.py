"""`analyse metrics` of 15 judges, 50 images, 12 teams and 10 metrics: everything, and its parts; goal 30 s.

The peer is scipy in a loop: SROCC, KRCC and `curve_fit` of some draws, scaled to as many as we draw.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import curve_fit
from scipy.stats import kendalltau, spearmanr

from analysis.metrics_against_judges.intervals import FITS
from analysis.metrics_against_judges.scene import Scene
from analysis.metrics_against_judges.summary import metrics_summary
from analysis.resampling.two_way import Sampling
from analysis.rule import read_rule
from analysis.user_study.of_votes import VoteStudy
from benchmarks.coverage_metrics import simulated_scene

JUDGES, IMAGES, TEAMS, METRICS, DRAWS, PEER_DRAWS = 15, 50, 12, 10, 1_000, 2
GOAL = 30.0


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    argparse.ArgumentParser(prog="bench_against_judges", description=__doc__).parse_args(argv)
    rng = np.random.default_rng(0)
    scene = simulated_scene(rng, judges=JUDGES, images=IMAGES, teams=TEAMS, noise=0.6, metrics=METRICS)
    user = scene.judged.user
    assert isinstance(user, VoteStudy)
    table = _table(scene)
    print(f"{JUDGES} judges x {IMAGES} images x {TEAMS} teams x {METRICS} metrics, {DRAWS} draws; seconds")
    print(f"{'':46}{'wall':>8}{'CPU':>8}{'goal':>8}{'scipy':>10}")
    for by in ("points", "worths"):
        wall, cpu = _timed(
            lambda by=by: metrics_summary(
                user.votes,
                rule=read_rule("user-study"),
                candidates=table,
                higher=[metric.name for metric in scene.metrics],
                by=by,
                sampling=Sampling(DRAWS),
                rng=np.random.default_rng(0),
            )
        )
        print(f"{f'everything, by {by}':46}{wall:8.1f}{cpu:8.1f}{GOAL:8.0f}")
    wall, cpu = _timed(lambda: scene.measured(scene.observed))
    print(f"{'measures of ranks, observed':46}{wall:8.3f}{cpu:8.3f}")
    _, ranks = _timed(lambda: _by_scipy(scene, spearmanr, kendalltau))
    _, fits = _timed(lambda: _fits_by_scipy(scene))
    print(f"{f'the same by scipy, {DRAWS} draws (scaled)':46}{'':24}{ranks * DRAWS / PEER_DRAWS:10.0f}")
    print(f"{f'logistics by scipy, {FITS} draws (scaled)':46}{'':24}{fits * FITS / PEER_DRAWS:10.0f}")


def _table(scene: Scene) -> pd.DataFrame:
    user = scene.judged.user
    rows = [(team, image) for image in user.images for team in user.teams]
    values = {metric.name: metric.values.ravel() for metric in scene.metrics}
    return pd.DataFrame(rows, columns=["team", "image"]).assign(**values)


def _by_scipy(scene: Scene, *functions: Callable[..., Any]) -> None:
    scores = scene.observed.candidates[0]
    for _ in range(PEER_DRAWS):
        for metric in scene.metrics:
            for function in functions:
                for image in range(IMAGES):
                    function(metric.values[image], scores[image])


def _fits_by_scipy(scene: Scene) -> None:
    scores = scene.observed.flat[0]
    for _ in range(PEER_DRAWS):
        for metric in scene.metrics:
            x = metric.values.ravel()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                curve_fit(_logistic, x, scores, [0, np.ptp(scores), x.mean(), x.std()], maxfev=20_000)


def _logistic(x: np.ndarray, a: float, b: float, c: float, s: float) -> np.ndarray:
    return a + b / (1 + np.exp(-(x - c) / s))


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()
