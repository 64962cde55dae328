"""How far each judge is, counted by the database so that a thousand are looked at in a moment."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, cast
from sqlmodel import Session, col, func, select

from studyapp.db.tables import BallotEvent, Trial
from studyapp.services.voting.ballots import is_current


@dataclass(frozen=True)
class Progress:
    """A judge's way through everything shown after practice, hidden repeats and golden trials too."""

    done: int
    begun: int
    """Answers that are there and not complete."""
    total: int
    last_saved_at: str | None


def complete() -> Any:
    """Return the expression that counts complete answers; 0 where there are none."""
    return func.coalesce(func.sum(cast(col(BallotEvent.complete), Integer)), 0)


def progress_of_judges(session: Session) -> dict[int, Progress]:
    """Return how far every judge is, by id."""
    totals = session.exec(
        select(Trial.judge_id, func.count(col(Trial.id)))
        .where(col(Trial.kind) != "practice")
        .group_by(col(Trial.judge_id))
    )
    saved = {
        judge: (done, count, last)
        for judge, done, count, last in session.exec(
            select(
                BallotEvent.judge_id,
                complete(),
                func.count(col(BallotEvent.id)),
                func.max(BallotEvent.saved_at),
            )
            .join(Trial, col(BallotEvent.trial_id) == Trial.id)
            .where(col(Trial.kind) != "practice", is_current())
            .group_by(col(BallotEvent.judge_id))
        )
    }
    found = {}
    for judge, total in totals:
        done, count, last = saved.get(judge, (0, 0, None))
        found[judge] = Progress(done, count - done, total, last)
    return found
