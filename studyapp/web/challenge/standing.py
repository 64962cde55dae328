"""How a submission stands: its place in the queue, how far scoring is, what came of it."""

import json
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from analysis.texts import Text, say
from studyapp.db.site_tables import Submission
from studyapp.errors import NotFoundError, Problem
from studyapp.services.jobs import queue

STAGES = {
    "unpack": say("unpacking"),
    "check": say("checking"),
    "scoring": say("scoring"),
    "compare": say("comparing with the inputs"),
}


@dataclass(frozen=True)
class Standing:
    """A submission, and what its job says.

    Attributes
    ----------
    words
        What happens with it, in a few words.
    ahead
        How many jobs come before it; None once it has begun.
    stage, done, total
        The stage it is in, by the job's name for it, and how far that is.
    """

    submission: Submission
    words: Text | str
    ahead: int | None = None
    stage: str = ""
    done: int = 0
    total: int = 0
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.submission.state in ("done", "failed", "withdrawn")

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the zip, and what was remarked."""
        rows = self.result.get("problems") or self.result.get("remarks") or []
        return [Problem(**row) for row in rows]

    @property
    def images(self) -> list[tuple[str, float | None]]:
        """Each image with its score."""
        return list(zip(self.result.get("names", ()), self.result.get("image_scores", ()), strict=False))


def standing(session: Session, submission: Submission) -> Standing:
    """Look up how a submission stands."""
    result = json.loads(submission.result)
    if submission.state in ("done", "failed", "withdrawn"):
        over = {"done": say("done"), "failed": say("failed"), "withdrawn": say("withdrawn")}
        return Standing(submission, over[submission.state], result=result)
    try:
        job = queue.the_job(session, submission.track, submission.job_id or 0)
    except NotFoundError:
        return Standing(submission, say("waiting"), result=result)
    if job.state == "waiting":
        ahead = queue.ahead_of(session, job.id)
        return Standing(submission, say("waiting, place %(place)s", place=ahead + 1), ahead, result=result)
    stage = STAGES.get(job.stage, say("starting"))
    if not job.total:
        return Standing(submission, stage, stage=job.stage, result=result)
    words = say("%(stage)s %(done)s of %(total)s", stage=stage, done=job.done, total=job.total)
    return Standing(submission, words, None, job.stage, job.done, job.total, result)
