"""All submissions of a track, as its organisers see them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from studyapp.db.site_tables import ChallengeTeam, Submission


@dataclass(frozen=True)
class Listed:
    """A submission in a long list, without its result."""

    id: int
    team: str
    phase: str
    kind: str
    number: int
    name: str
    arrived_at: str
    state: str
    score: float | None
    problem: str
    job: int | None


def counts(session: Session, track: str) -> Counter[tuple[str, str]]:
    """Count a track's submissions by phase and state."""
    query = (
        sa_select(col(Submission.phase), col(Submission.state), func.count())
        .where(col(Submission.track) == track)
        .group_by(col(Submission.phase), col(Submission.state))
    )
    return Counter({(phase, state): count for phase, state, count in session.execute(query)})


def listed(session: Session, track: str, *, phase: str = "", state: str = "") -> Sequence[Listed]:
    """List a track's submissions, those of one phase or in one state, the newest first."""
    table = Submission
    columns = (table.id, ChallengeTeam.name, table.phase, table.kind, table.number, table.name)
    columns = (*columns, table.arrived_at, table.state, table.score, table.problem, table.job_id)
    query = (
        sa_select(*(col(column) for column in columns))
        .join(ChallengeTeam, col(ChallengeTeam.id) == table.team_id)
        .where(col(table.track) == track)
        .order_by(col(table.id).desc())
    )
    if phase:
        query = query.where(col(table.phase) == phase)
    if state:
        query = query.where(col(table.state) == state)
    return [Listed(*row) for row in session.execute(query)]
