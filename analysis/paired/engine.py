"""The scoring engine: from files of pairs to a table of metrics, means and SCORE."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from analysis.paired.backends import Tools, choose_device, describe
from analysis.paired.images import Decoder
from analysis.paired.measuring import Measured, Pair, Task, died_of, measure_pair, single_results
from analysis.paired.pools import OpenPool, Progress, run_in, workers_for
from analysis.paired.score import refuse_other_teams
from analysis.paired.scores import CandidateScores, Scores, tabulate, tabulate_candidates
from analysis.paired.weights import MissingWeightsError
from analysis.processes import cores, local_pool
from analysis.rule.entry import Entry

STAGE = "scoring"


def score_pairs(
    pairs: Sequence[Pair],
    *,
    formula: Entry,
    metrics: Sequence[str] | None = None,
    extra: Sequence[str] = (),
    tools: Tools = Tools(),  # noqa: B008 - frozen
    cache: Path | None = None,
    open_pool: OpenPool = local_pool,
    workers: int | None = None,
    decode: Decoder = Decoder(),  # noqa: B008 - frozen
    progress: Progress = lambda _stage, _done, _total: None,
) -> Scores:
    """Measure all results of all pairs, and compute SCORE from them.

    Parameters
    ----------
    pairs
        Ground truths and the teams' results on them.
    formula
        Of SCORE; its metrics are computed.
    metrics
        Computed instead of the formula's; if one of the formula's is left out, there is no SCORE.
    extra
        Metrics for further columns, never in SCORE: studyapp's own, or any of pyiqa's by its names.
    tools
        Backend, device (`auto`, `cpu` or `cuda`) and weights.
    cache
        Folder in which values are kept by content. With it, an interrupted run continues where it stopped,
        and nothing is computed twice.
    open_pool
        Opens, for a number of workers, the place where the work is done: any `concurrent.futures.Executor`
        whose workers see the same files, such as a Dask client's. By default processes on this machine.
    workers
        How many processes; by default as many as processors and memory allow.
    decode
        Sets how large an image may be.
    progress
        Called with the stage, the pairs done and all pairs.

    Returns
    -------
    Scores
        If weights are missing, the metrics without them, a message that says how to get them, and no
        SCORE. Bad files are problems of their rows, and so are results that end the process that measures
        them; the other rows are unaffected.

    Raises
    ------
    AnalysisError
        If there are no pairs, a name appears twice, a metric is unknown, weights are damaged, or every
        process dies.
    """
    _check(pairs, "there are no pairs to score; put the ground truths into paired/gt")
    refuse_other_teams(formula)
    tools = _with_device(tools)
    wanted = list(formula.score.names()) if metrics is None else metrics
    definitions, missing = _definitions([*wanted, *extra], tools)
    measured = _measured(pairs, definitions, tools, cache, open_pool, workers, decode, progress)
    return tabulate(measured, pairs, formula, definitions, missing)


def score_candidates(
    images: Sequence[Pair],
    metrics: Sequence[str],
    *,
    tools: Tools = Tools(),  # noqa: B008 - frozen
    cache: Path | None = None,
    open_pool: OpenPool = local_pool,
    workers: int | None = None,
    decode: Decoder = Decoder(),  # noqa: B008 - frozen
    progress: Progress = lambda _stage, _done, _total: None,
) -> CandidateScores:
    """Measure candidates that have no ground truth.

    Parameters
    ----------
    images
        Each with the teams' candidates and no ground truth.
    metrics
        Those that need no reference: our own, or any of pyiqa's by its names.
    tools, cache, open_pool, workers, decode, progress
        As in `score_pairs`.

    Raises
    ------
    AnalysisError
        As `score_pairs`; for a metric that compares with a ground truth.
    """
    _check(images, "there are no candidates to score; put them into teams/<team id>")
    tools = _with_device(tools)
    definitions, missing = _definitions(metrics, tools)
    for name, definition in definitions.items():
        if definition["reference"]:
            raise AnalysisError(
                f"{name} needs a ground truth, which candidates do not have; use metrics such as niqe"
            )
    measured = _measured(images, definitions, tools, cache, open_pool, workers, decode, progress)
    return tabulate_candidates(measured, images, definitions, missing)


def _measured(
    pairs: Sequence[Pair],
    definitions: Mapping[str, Mapping[str, Any]],
    tools: Tools,
    cache: Path | None,
    open_pool: OpenPool,
    workers: int | None,
    decode: Decoder,
    progress: Progress,
) -> list[Measured]:
    if not definitions:
        return []
    workers = workers_for(len(pairs), workers)
    threads = max(1, cores() // workers)
    tasks = [Task(pair, definitions, tools, cache, threads, decode) for pair in pairs]
    measured: list[Measured] = []
    for rows in run_in(
        open_pool,
        workers,
        measure_pair,
        tasks,
        parts=single_results,
        died=died_of,
        stage=STAGE,
        progress=progress,
    ):
        measured += rows
    return measured


def _check(pairs: Sequence[Pair], nothing: str) -> None:
    names = [pair.image for pair in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if not names:
        raise AnalysisError(nothing)
    if twice:
        raise AnalysisError(f"pairs named twice: {', '.join(twice)}; give each its own name")


def _with_device(tools: Tools) -> Tools:
    return replace(tools, device=choose_device(tools.device))


def _definitions(names: Sequence[str], tools: Tools) -> tuple[dict[str, dict[str, Any]], list[str]]:
    found, missing = {}, []
    for name in dict.fromkeys(names):
        try:
            found[name] = describe(name, tools)
        except MissingWeightsError as error:
            missing.append(f"{name} is not computed: {error}")
    return found, missing
