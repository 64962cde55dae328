"""`studyapp score`: metrics and SCORE of the images with ground truth, kept in var/scores."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analysis.did_you_mean import hint
from analysis.errors import AnalysisError
from analysis.paired.backends import Tools
from analysis.paired.engine import score_pairs
from analysis.paired.images import Decoder
from analysis.paired.measuring import Pair
from studyapp.batch.pool import Progress, executor, silent
from studyapp.errors import StudyError
from studyapp.services.ground.only_run import only_run
from studyapp.services.ground.scoring_rules import formula_of, further_metrics
from studyapp.services.paired.score_files import SavedScores, describe_files, read_saved, write_scores
from studyapp.services.paired.score_tables import joined_scores, saved_scores
from studyapp.settings import Folders
from studyapp.study.folder import FolderPlan, plan_folder
from studyapp.study.study_file import STUDY_FILE, StudyFile, load_study_file


@dataclass(frozen=True)
class ScoringChoice:
    """What is to be scored, and with what.

    Attributes
    ----------
    teams
        Only these; the others keep the scores they have.
    metrics
        Only these, instead of the formula's: nothing is written then, and there is no SCORE.
    extra
        Further columns besides those of study.yaml.
    tools, workers, scheduler
        Backend, device and weights; processes; the address of a Dask scheduler.
    """

    teams: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    tools: Tools = field(default_factory=Tools)
    workers: int | None = None
    scheduler: str | None = None


def score_study(
    root: Path, choice: ScoringChoice, *, progress: Progress | None = None
) -> tuple[SavedScores, list[Path]]:
    """Score the pairs of a study folder; return what was found and the files that were written.

    Values are kept in var/cache/metrics by content, so that a run that was cut off goes on where it stopped
    and files that did not change cost nothing.

    Raises
    ------
    StudyError
        When there is nothing to score, a team is unknown, a metric cannot be had, weights are damaged, the
        teams that are to keep their scores got them by other definitions, or another process is scoring.
    """
    root = root.resolve()  # a cluster's workers run in folders of their own
    file = load_study_file(root / STUDY_FILE)
    with only_run(Folders(root).metrics_cache, f"scoring {root.name}"):
        return _score(root, file, choice, progress)


def _score(
    root: Path, file: StudyFile, choice: ScoringChoice, progress: Progress | None
) -> tuple[SavedScores, list[Path]]:
    plan = plan_folder(root, file)
    pairs = _pairs(plan, _teams(plan, [team.id for team in file.teams], choice.teams))
    formula, folders = formula_of(file), Folders(root)
    extra = tuple(dict.fromkeys((*further_metrics(file), *file.extra_metrics, *choice.extra)))
    before = describe_files(root, [path for pair in pairs for path in pair.files])
    decode = Decoder(file.policy)
    try:
        scores = score_pairs(
            pairs,
            formula=formula,
            metrics=choice.metrics or None,
            extra=() if choice.metrics else extra,
            tools=choice.tools,
            cache=folders.metrics_cache,
            open_pool=lambda workers: executor(choice.scheduler, workers=workers),
            workers=choice.workers,
            decode=decode,
            progress=progress or silent,
        )
    except AnalysisError as error:
        raise StudyError(str(error)) from error
    found = saved_scores(root, scores, pairs, before, pixels=decode.rules, folder=_folder_problems(plan))
    if choice.metrics:
        return found, []
    kept = read_saved(folders.scores) if choice.teams else None
    if kept is not None:
        found = joined_scores(found, kept, [team.id for team in file.teams])
    return found, write_scores(folders.scores, found)


def _teams(plan: FolderPlan, known: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Return the teams to score: those with results on the pairs, or those asked for."""
    if not plan.pairs:
        raise StudyError(f"{plan.root / 'paired'} has no pairs; put ground truths into paired/gt")
    present = [team for team in known if any((image, team) in plan.pair_candidates for image in plan.pairs)]
    for team in wanted:
        if team not in known:
            raise StudyError(f"no team {team!r} in study.yaml; {hint(team, known)}")
        if team not in present:
            raise StudyError(f"team {team!r} has no results in paired/teams/{team}; put them there")
    if not present:
        raise StudyError("no team has results on the pairs; put them into paired/teams/<team id>")
    return [team for team in present if not wanted or team in wanted]


def _pairs(plan: FolderPlan, teams: Sequence[str]) -> list[Pair]:
    """A result or truth that is missing gets the path where it should be, so that scoring names it."""
    paired = plan.root / "paired"
    return [
        Pair(
            image,
            plan.pair_truths.get(image, paired / "gt" / f"{image}.png"),
            {
                team: plan.pair_candidates.get((image, team), paired / "teams" / team / f"{image}.png")
                for team in teams
            },
            plan.root,
            _refused(plan, image, teams),
        )
        for image in plan.pairs
    ]


def _refused(plan: FolderPlan, image: str, teams: Sequence[str]) -> dict[str, str]:
    """Say of which teams there is no telling what to score: no letter of the alphabet decides a ranking."""
    refused = {}
    for team in teams:
        for owner, whose in ((team, "result"), (None, "ground truth")):
            if (image, owner) in plan.pair_doubles:
                both = " and ".join(plan.pair_doubles[image, owner])
                refused[team] = f"two files could be the {whose}, {both}; keep one"
    return refused


def _folder_problems(plan: FolderPlan) -> list[str]:
    return [str(item) for item in plan.problems if item.path.startswith("paired/")]
