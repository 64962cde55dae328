"""The leaderboard of a phase: which of a team's submissions counts, ranks, and how certain they are.

A team is its number: renamed, it keeps its place. What cannot be ranked comes last, with the reason, and
never as 0.
"""

import hashlib
import json
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import numpy as np
from sqlalchemy import func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from analysis.columns import METRICS
from analysis.decimals import telling
from analysis.paired.definitions import DEFINITIONS
from analysis.resampling.ranks import rank_intervals, tie_groups
from analysis.rule.entry import Entry as Formula
from analysis.rule.shape import is_affine
from analysis.rule.teams import Better, ranks, rounded
from analysis.texts import Text, say
from studyapp.db.site_tables import ChallengeTeam, Choice, Submission
from studyapp.db.tables import utc_text
from studyapp.services.challenge.phases import is_frozen, phase_of, stage
from studyapp.services.challenge.teams import in_track, names_in
from studyapp.services.ground.site import Site
from studyapp.study.challenge_file import Phase
from studyapp.study.study_file import StudyFile

SCORE = "score"
DRAWS = 1000
"""Resamples of the images, for the intervals of ranks."""
_KEPT = 64
_USUAL_DECIMALS = 4
_LOWER = ("lpips", "dists", "niqe", "brisque", "pi", "fid", "ilniqe", "piqe")
"""Beginnings of the names of further metrics of which less is better."""


@dataclass(frozen=True)
class Column:
    """A column of numbers.

    Attributes
    ----------
    better
        Which value is better.
    decimals
        How many are shown; more than declared if unequal values would look equal.
    """

    name: str
    title: str
    better: Better
    decimals: int


@dataclass(frozen=True)
class Row:
    """A team.

    Attributes
    ----------
    rank
        Shared by teams with the same score (1, 2, 2, 4); None without a score, then `why` says why.
    low, high
        The best and the worst rank that it may have had with other images (95 %, for all teams at once).
    values
        SCORE and metrics by the column's name.
    members, affiliation, runtime
        As far as the board shows them.
    submissions, submission, number, arrived_at
        How many there are, and which one counts, as far as the board shows that.
    """

    team: int
    name: str
    values: Mapping[str, float | None]
    rank: int | None = None
    low: int | None = None
    high: int | None = None
    submission: int | None = None
    number: int | None = None
    arrived_at: str | None = None
    why: Text | None = None
    affiliation: str = ""
    members: tuple[str, ...] = ()
    runtime: float | None = None
    submissions: int | None = None

    @property
    def score(self) -> float | None:
        """Its SCORE."""
        return self.values.get(SCORE)


@dataclass(frozen=True)
class Board:
    """A leaderboard.

    Attributes
    ----------
    shows
        What it says of a team besides its name, rank and SCORE.
    frozen_at
        When it was frozen, if it shows what stood then.
    is_provisional
        Whether the phase is not over, or submissions wait for their scores.
    waiting
        Submissions that have no result yet.
    simulated
        Whether no real team is behind it.
    """

    track: str
    phase: str
    title: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    formula: str
    counts: str
    shows: tuple[str, ...]
    frozen_at: datetime | None
    is_provisional: bool
    waiting: int
    simulated: bool

    @property
    def ranked(self) -> list[Row]:
        """The teams that have a rank, best first."""
        return [row for row in self.rows if row.rank is not None]


def leaderboard(
    session: Session, site: Site, track: str, phase: str, now: datetime, *, sees_all: bool = False
) -> Board:
    """Return the leaderboard of a phase.

    Parameters
    ----------
    sees_all
        For organisers: what stands now although it is frozen, with everything that is known of the teams.

    Raises
    ------
    NotFoundError
        When there is no such phase.
    """
    rules, file = phase_of(site, track, phase), site.study_file(track)
    formula = _formula(file)
    frozen_at = rules.freezes if is_frozen(rules, now) and not sees_all else None
    shows = ("metrics", "affiliation", "members", "runtime", "submissions") if sees_all else rules.shows
    teams = {team.id or 0: team for team, _ in in_track(session, track)}
    sent = _sent(session, track, phase, None if frozen_at is None else utc_text(frozen_at))
    basis = current_basis(session, track, formula)
    chosen = {
        team: counted([one for one in sent[team] if one.basis == basis], rules.counts, formula.better)
        for team in teams
        if sent[team]
    }
    found = _results(session, [one.id for one in chosen.values() if one is not None])
    rows = [_row(teams[team], one, sent[team], found) for team, one in chosen.items()]
    rows = ranked(rows, formula.better, _intervals(found, rows, formula))
    columns = _columns(rules, file, formula, rows, with_metrics="metrics" in shows)
    members = names_in(session, track) if "members" in shows else {}
    waiting = sum(one.state in ("waiting", "working") for team in chosen for one in sent[team])
    return Board(
        track,
        phase,
        rules.title,
        tuple(_shown(row, shows, columns, members) for row in rows),
        columns,
        formula.text(),
        rules.counts,
        tuple(shows),
        frozen_at,
        stage(rules, now) != "over" or waiting > 0,
        0 if frozen_at else waiting,
        file.simulated,
    )


@dataclass(frozen=True)
class Sent:
    """A submission, as far as it matters for what counts."""

    id: int
    number: int
    arrived_at: str
    state: str
    chosen_at: str | None
    score: float | None
    basis: str = ""


def counted(sent: Sequence[Sent], counts: Literal["best", "last", "chosen"], better: Better) -> Sent | None:
    """Return the submission of a team that counts; None when none has a score.

    The best, the earliest of equal ones; the last that has a score; or the one that the team chose last, and
    its best before it chooses.
    """
    scored = [one for one in sent if one.score is not None and one.state == "done"]
    if not scored:
        return None
    if counts == "last":
        return max(scored, key=lambda one: (one.arrived_at, one.number))
    picked = [one for one in scored if one.chosen_at] if counts == "chosen" else []
    if picked:
        return max(picked, key=lambda one: (one.chosen_at or "", one.number))
    sign = 1 if better == "lower" else -1
    return min(scored, key=lambda one: (sign * (one.score or 0.0), one.arrived_at, one.number))


def counting(session: Session, site: Site, track: str, phase: str, team: int) -> int | None:
    """Return the number of the submission that counts for a team now; None when none does."""
    formula = _formula(site.study_file(track))
    basis = current_basis(session, track, formula)
    sent = [one for one in _sent(session, track, phase, None, team)[team] if one.basis == basis]
    found = counted(sent, phase_of(site, track, phase).counts, formula.better)
    return found.id if found is not None else None


def ranked(
    rows: Sequence[Row], better: Better, intervals: Mapping[int, tuple[int, int]] | None = None
) -> list[Row]:
    """Rank rows by their scores, equal ones by name; those without a score come last, without a rank."""
    scores = np.array([np.nan if row.score is None else row.score for row in rows], dtype=float)
    placed = []
    for row, rank in zip(rows, ranks(scores, better).tolist() if rows else (), strict=True):
        low, high = (intervals or {}).get(row.team, (None, None)) if rank else (None, None)
        placed.append(replace(row, rank=rank or None, low=low, high=high))
    return sorted(placed, key=lambda row: (row.rank is None, row.rank or 0, row.name.casefold(), row.team))


def _formula(file: StudyFile) -> Formula:
    formula = file.rule.entry("s2")
    assert formula is not None
    return formula


def current_basis(session: Session, track: str, formula: Formula) -> str | None:
    """Return the basis of the newest scores by the study's formula; those of another are not compared."""
    by_basis = (
        select(Submission.basis)
        .where(Submission.track == track, col(Submission.score).is_not(None))
        .group_by(col(Submission.basis))
        # By when they were asked for: one that had begun before ground truth changed may end last.
        .order_by(
            func.coalesce(func.max(Submission.job_id), 0).desc(),
            func.max(Submission.ended_at).desc(),
            func.max(Submission.id).desc(),
        )
    )
    for basis in session.exec(by_basis).all():
        one = select(Submission.result).where(Submission.track == track, Submission.basis == basis)
        result = session.exec(one.where(col(Submission.score).is_not(None)).limit(1)).first()
        if json.loads(result or "{}").get("formula") == formula.text():
            return basis
    return None


def _sent(
    session: Session, track: str, phase: str, until: str | None, team: int | None = None
) -> defaultdict[int, list[Sent]]:
    """What each team, or one of them, has on the board, with what was chosen and withdrawn until then."""
    table = Submission
    names = ("team_id", "id", "number", "arrived_at", "state", "score", "basis", "withdrawn_at")
    of_phase = (col(table.track) == track, col(table.phase) == phase, col(table.kind) == "results")
    if team is not None:
        of_phase = (*of_phase, col(table.team_id) == team)
    query = sa_select(*(getattr(table, name) for name in names)).where(*of_phase)
    picked = (
        sa_select(col(Choice.submission_id), func.max(Choice.chosen_at))
        .join(table, col(table.id) == Choice.submission_id)
        .where(*of_phase)
        .group_by(col(Choice.submission_id))
    )
    if until is not None:
        query = query.where(col(table.arrived_at) < until)
        picked = picked.where(col(Choice.chosen_at) < until)
    chosen_at = {row[0]: row[1] for row in session.execute(picked)}
    found: defaultdict[int, list[Sent]] = defaultdict(list)
    for whose, number, count, arrived, state, score, basis, withdrawn in session.execute(query):
        then = state
        if state == "withdrawn":
            if until is None or withdrawn is None or withdrawn < until:
                continue
            then = "failed" if score is None else "done"
        found[whose].append(Sent(number, count, arrived, then, chosen_at.get(number), score, basis))
    return found


def _results(session: Session, numbers: Sequence[int]) -> dict[int, tuple[str, str]]:
    """The results and readmes of some submissions, as JSON."""
    found: dict[int, tuple[str, str]] = {}
    for start in range(0, len(numbers), 500):
        query = select(Submission.id, Submission.result, Submission.readme)
        query = query.where(col(Submission.id).in_(numbers[start : start + 500]))
        found |= {row[0]: (row[1], row[2]) for row in session.execute(query)}
    return found


def _row(
    team: ChallengeTeam, one: Sent | None, sent: Sequence[Sent], found: Mapping[int, tuple[str, str]]
) -> Row:
    row = Row(team.id or 0, team.name, {}, affiliation=team.affiliation, submissions=len(sent))
    if one is None or one.id not in found:
        return replace(row, why=_why(sent))
    result, readme = map(json.loads, found[one.id])
    return replace(
        row,
        values={SCORE: one.score, **result.get("means", {})},
        submission=one.id,
        number=one.number,
        arrived_at=one.arrived_at,
        runtime=readme.get("runtime"),
    )


def _why(sent: Sequence[Sent]) -> Text:
    """Why a team has no score."""
    if any(one.state in ("waiting", "working") for one in sent):
        return say("not scored yet")
    if any(one.score is not None for one in sent):
        return say("scored by an earlier formula or ground truth; not ranked until it is scored again")
    if any(one.state == "done" for one in sent):
        return say("incomplete: some images have no score")
    return say("could not be scored")


_UNTOLD = dict.fromkeys(("submissions", "submission", "number", "arrived_at"))
"""What says how often and when a team handed in."""


def _shown(
    row: Row, shows: Sequence[str], columns: Sequence[Column], members: Mapping[int, tuple[str, ...]]
) -> Row:
    return replace(
        row,
        values={column.name: row.values.get(column.name) for column in columns},
        affiliation=row.affiliation if "affiliation" in shows else "",
        members=members.get(row.team, ()),
        runtime=row.runtime if "runtime" in shows else None,
        **({} if "submissions" in shows else _UNTOLD),
    )


def _columns(
    rules: Phase, file: StudyFile, formula: Formula, rows: Sequence[Row], *, with_metrics: bool
) -> tuple[Column, ...]:
    """SCORE, the metrics of its formula, then the others that the study asks for."""
    named = list(dict.fromkeys((*formula.score.names(), *file.extra_metrics))) if with_metrics else []
    usual = {column.name: column for column in METRICS}
    made = []
    for name in (SCORE, *named):
        known = usual.get(name)
        title = "SCORE" if name == SCORE else known.title if known else name
        fewest = 2 if name == SCORE else (known.decimals if known else None) or _USUAL_DECIMALS
        fewest = rules.decimals.get(name, fewest)
        better = formula.better if name == SCORE else _better(name)
        values = [row.values.get(name) for row in rows if row.rank is not None]
        # Only of what decides: a metric's last digits tell nobody who is first.
        shown = telling([None if v is None else float(rounded(np.array(v))) for v in values], fewest)
        made.append(Column(name, title, better, shown if name == SCORE else fewest))
    return tuple(made)


def _better(metric: str) -> Better:
    known = DEFINITIONS.get(metric)
    return known.better if known else "lower" if metric.startswith(_LOWER) else "higher"


_known: OrderedDict[str, dict[int, tuple[int, int]]] = OrderedDict()
_lock = threading.Lock()


def _intervals(
    found: Mapping[int, tuple[str, str]], rows: Sequence[Row], formula: Formula
) -> dict[int, tuple[int, int]]:
    """The ranks that each team may have had with other images, kept as long as results stay the same."""
    linear = formula.per == "image" or is_affine(formula.score)
    scored = [row for row in rows if row.score is not None and row.submission in found]
    if not linear or len(scored) < 2:
        return {}
    scored.sort(key=lambda row: row.team)
    content = hashlib.sha256(formula.better.encode())
    for row in scored:
        content.update(f"\0{row.team}\0{found[row.submission or 0][0]}".encode())
    key = content.hexdigest()
    with _lock:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    made = _resampled(scored, found, formula)
    with _lock:
        _known[key] = made
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return made


def _resampled(
    scored: Sequence[Row], found: Mapping[int, tuple[str, str]], formula: Formula
) -> dict[int, tuple[int, int]]:
    """Draw the images again and again, the same for all teams, because all were scored on the same."""
    results = {row.team: json.loads(found[row.submission or 0][0]) for row in scored}
    names = results[scored[0].team].get("names")
    by_image = {team: result.get("image_scores", ()) for team, result in results.items()}
    # Only of those that were scored on the very same images, each with a score.
    whole = [
        team
        for team, result in results.items()
        if result.get("names") == names and len(by_image[team]) > 1 and None not in by_image[team]
    ]
    if len(whole) < len(scored):
        return {}
    matrix = np.array([by_image[team] for team in whole], dtype=float)
    if formula.better == "lower":
        matrix = -matrix
    images = matrix.shape[1]
    rng = np.random.default_rng(images)
    draws = rng.multinomial(images, np.full(images, 1 / images), size=DRAWS) @ matrix.T / images
    means = matrix.mean(axis=1)
    _, critical, error = tie_groups(means, draws)
    low, high = rank_intervals(means, critical, error)
    return {team: (int(low[place]), int(high[place])) for place, team in enumerate(whole)}


def outdated(session: Session, site: Site, track: str) -> list[int]:
    """Return the numbers of scored submissions that are not compared: their scores have another basis."""
    basis = current_basis(session, track, _formula(site.study_file(track)))
    query = select(Submission.id).where(
        Submission.track == track, Submission.kind == "results", Submission.state == "done"
    )
    if basis is not None:
        query = query.where(Submission.basis != basis)
    return [number or 0 for number in session.exec(query.order_by(col(Submission.id)))]
