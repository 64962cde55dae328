"""The queue of jobs: asking for one, and what a worker may do with one it holds.

A worker holds a job by a lease that it renews. Every write of a worker names itself and the attempt: one that
was taken for dead meanwhile changes nothing any more, and learns it. A job that kills its workers, or fails
in a way that nobody expected, is tried three times.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import aliased, object_session
from sqlmodel import Session, and_, col, exists, func, or_, select

from studyapp.db.site_tables import Job
from studyapp.db.tables import utc_text
from studyapp.errors import NotFoundError, StudyError
from studyapp.services.jobs.kinds import KINDS

LEASE = timedelta(seconds=20)
"""How long a worker may be silent before its job is given to another."""
TRIES = 3
"""How often a job may end badly."""
PAUSE = timedelta(seconds=5)
"""How long a job rests after it ended badly, for what was away to come back."""
LONGEST_LOG = 64_000
"""Characters of a job's log that are kept: the last ones."""
OVER = ("done", "failed", "cancelled")
"""The states in which a job stays."""
# Any number; who asks for a job on PostgreSQL waits for others who do.
_ASKING = 7_305_551_003


class LostJobError(StudyError):
    """The job is not this worker's any more: its lease ended, and what it did since does not count."""


@dataclass(frozen=True)
class Claim:
    """A job in a worker's hands. `attempt` tells it from an earlier hold on the same job."""

    id: int
    study: str
    kind: str
    arguments: dict[str, Any]
    worker: str
    attempt: int


@dataclass(frozen=True)
class JobView:
    """A job as people see it."""

    id: int
    study: str
    kind: str
    arguments: dict[str, Any]
    state: str
    asked_by: str
    stage: str
    stage_at: str | None
    done: int
    total: int
    attempts: int
    failures: int
    worker: str | None
    stopping: bool
    created_at: str
    started_at: str | None
    ended_at: str | None
    result: dict[str, Any]
    log: str

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in OVER

    @property
    def error(self) -> str | None:
        """Why it failed or was cancelled."""
        return self.result.get("error")

    def seconds_left(self, now: datetime) -> float | None:
        """Guess how long this stage still takes, by how long it took; None when it cannot be told."""
        if self.state != "running" or self.stage_at is None or not 0 < self.done < self.total:
            return None
        passed = (now - datetime.fromisoformat(self.stage_at)).total_seconds()
        return max(0.0, passed) / self.done * (self.total - self.done)


def ask(
    session: Session, study: str, kind: str, arguments: dict[str, Any], *, by: str, now: datetime
) -> JobView:
    """Ask for a job; when the same one is waiting already, return that.

    Raises
    ------
    NotFoundError
        When there is no such kind of job.
    """
    if kind not in KINDS:
        raise NotFoundError(f"there is no kind of job {kind!r}; it must be one of {', '.join(KINDS)}")
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text(f"SELECT pg_advisory_xact_lock({_ASKING})"))
    written = json.dumps(arguments, sort_keys=True, ensure_ascii=False)
    same = select(Job).where(
        Job.study == study, Job.kind == kind, Job.arguments == written, Job.state == "waiting"
    )
    job = session.exec(same).first()
    if job is None:
        job = Job(
            study=study,
            kind=kind,
            lane=KINDS[kind].lane.format(**arguments),
            arguments=written,
            asked_by=by,
            created_at=utc_text(now),
        )
        session.add(job)
        session.flush()
    return _view(job)


def jobs_of(session: Session, study: str | None, limit: int = 50) -> list[JobView]:
    """Return the last jobs of a study, or of the whole site, the newest first."""
    query = select(Job).order_by(col(Job.id).desc()).limit(limit)
    return [_view(job) for job in session.exec(query if study is None else query.where(Job.study == study))]


def the_job(session: Session, study: str | None, number: int) -> JobView:
    """Return a job of a study, or of the whole site.

    Raises
    ------
    NotFoundError
        When the study has no such job.
    """
    return _view(_find(session, study, number))


def ahead_of(session: Session, number: int) -> int:
    """Return how many jobs of the site come before one that waits."""
    before = select(func.count()).where(col(Job.id) < number, col(Job.state).in_(("waiting", "running")))
    return session.exec(before).one()


def which_are_over(session: Session, numbers: Collection[int]) -> list[int]:
    """Return those of these jobs to which nothing more will happen."""
    query = select(Job.id).where(col(Job.id).in_(numbers), col(Job.state).in_(OVER))
    return [number for number in session.exec(query) if number is not None]


def cancel(session: Session, study: str | None, number: int, *, now: datetime) -> JobView:
    """Cancel a job: at once while it waits; a worker that runs it is asked to stop. One that ended stays.

    Raises
    ------
    NotFoundError
        When the study has no such job.
    """
    job = _find(session, study, number, lock=True)
    if job.state == "waiting":
        _end(job, "cancelled", {"error": "cancelled before it began"}, now)
    elif job.state == "running" and job.stop_at is None:
        job.stop_at = utc_text(now)
    session.add(job)
    return _view(job)


def again(session: Session, study: str | None, number: int, *, by: str, now: datetime) -> JobView:
    """Ask once more for what a job did.

    Raises
    ------
    NotFoundError
        When the study has no such job.
    """
    job = _find(session, study, number)
    return ask(session, job.study, job.kind, json.loads(job.arguments), by=by, now=now)


def claim(
    session: Session,
    worker: str,
    *,
    now: datetime,
    lease: timedelta = LEASE,
    kinds: Collection[str] | None = None,
) -> Claim | None:
    """Take the oldest job that may begin, or whose worker is dead; None when there is none.

    Two workers that claim the same lane of a study at the same moment meet the index `uq_job_lane`: one gets
    an IntegrityError, and finds nothing.

    Parameters
    ----------
    worker
        Who takes it, unlike any other worker's name.
    kinds
        Only these.
    """
    moment, other = utc_text(now), aliased(Job)
    # A lease that ends later than any can: the clock was set back meanwhile.
    dead = or_(col(Job.lease_until) < moment, col(Job.lease_until) > utc_text(now + 10 * lease))
    in_lane = exists().where(
        col(other.study) == col(Job.study), col(other.lane) == col(Job.lane), col(other.state) == "running"
    )
    may_begin = and_(
        col(Job.state) == "waiting",
        or_(col(Job.begin_after).is_(None), col(Job.begin_after) <= moment),
        ~in_lane,
    )
    query = select(Job).where(or_(may_begin, and_(col(Job.state) == "running", dead)))
    if kinds is not None:
        query = query.where(col(Job.kind).in_(kinds))
    query = query.order_by(col(Job.id)).limit(1).with_for_update(skip_locked=True)
    while (job := session.exec(query).first()) is not None:
        if job.state == "running" and not _survives(job, "its worker died or lost the database", now):
            session.add(job)
            session.flush()
            continue
        job.state, job.worker, job.lease_until = "running", worker, utc_text(now + lease)
        job.attempts += 1
        job.begin_after, job.stage, job.stage_at, job.done, job.total = None, "", None, 0, 0
        job.started_at = moment
        session.add(job)
        session.flush()
        _tell(job, {}, now)
        assert job.id is not None
        return Claim(job.id, job.study, job.kind, json.loads(job.arguments), worker, job.attempts)
    return None


def beat(
    session: Session,
    held: Claim,
    *,
    now: datetime,
    lease: timedelta = LEASE,
    progress: tuple[str, int, int] | None = None,
    log: str = "",
) -> bool:
    """Renew the lease, and write down progress and log; return whether somebody asked to stop.

    Raises
    ------
    LostJobError
        When the job is not this worker's any more.
    """
    job = _held(session, held, log)
    job.lease_until = utc_text(now + lease)
    if progress is not None:
        if progress[0] != job.stage or progress[1] < job.done:
            job.stage_at = utc_text(now)
        job.stage, job.done, job.total = progress
    return job.stop_at is not None


def finish(session: Session, held: Claim, result: dict[str, Any], *, log: str = "", now: datetime) -> None:
    """Record what came of it.

    Raises
    ------
    LostJobError
        When the job is not this worker's any more.
    """
    job = _held(session, held, log)
    job.done = job.total
    _end(job, "done", result, now)


def fail(session: Session, held: Claim, result: dict[str, Any], *, log: str = "", now: datetime) -> None:
    """Record why it cannot be done: the same would happen again until somebody puts it right.

    Parameters
    ----------
    result
        With `error`, in plain words.

    Raises
    ------
    LostJobError
        When the job is not this worker's any more.
    """
    _end(_held(session, held, log), "failed", result, now)


def drop(session: Session, held: Claim, why: str, *, log: str = "", now: datetime) -> None:
    """End it because somebody cancelled it, or there is nothing left to do it for.

    Raises
    ------
    LostJobError
        When the job is not this worker's any more.
    """
    _end(_held(session, held, log), "cancelled", {"error": why}, now)


def give_back(session: Session, held: Claim, *, pause: timedelta | None = None, log: str = "",
              now: datetime) -> None:  # fmt: skip
    """Let another worker have it, as if it had not begun: this one is leaving, or something is in its way.

    Raises
    ------
    LostJobError
        When the job is not this worker's any more.
    """
    job = _held(session, held, log)
    if job.stop_at is not None:
        _end(job, "cancelled", {"error": "cancelled"}, now)
    else:
        _wait_again(job, pause, now)


def stumble(
    session: Session, held: Claim, why: str, *, pause: timedelta = PAUSE, log: str = "", now: datetime
) -> None:
    """Record that it ended badly; it is tried again, or fails when that was the last try.

    Raises
    ------
    LostJobError
        When the job is not this worker's any more.
    """
    job = _held(session, held, log)
    if _survives(job, why, now):
        _wait_again(job, pause, now)


def _find(session: Session, study: str | None, number: int, *, lock: bool = False) -> Job:
    query = select(Job).where(Job.id == number)
    if study is not None:
        query = query.where(Job.study == study)
    job = session.exec(query.with_for_update() if lock else query).one_or_none()
    if job is None:
        raise NotFoundError(f"there is no job {number}")
    return job


def _held(session: Session, held: Claim, log: str) -> Job:
    """Return a worker's job, with what it printed since in its log; what is changed of it is written."""
    query = select(Job).where(
        Job.id == held.id, Job.state == "running", Job.worker == held.worker, Job.attempts == held.attempt
    )
    job = session.exec(query.with_for_update()).one_or_none()
    if job is None:
        raise LostJobError(f"job {held.id} was given to another worker")
    _write_log(job, log)
    return job


def _survives(job: Job, why: str, now: datetime) -> bool:
    """Count a bad end; tell whether the job may be tried again, else end it."""
    job.failures += 1
    _write_log(job, f"[attempt {job.attempts}: {why}]\n")
    if job.stop_at is not None:
        _end(job, "cancelled", {"error": "cancelled"}, now)
    elif job.failures >= TRIES:
        said = f"stopped after {job.failures} failed attempts; the last time {why}. The log has more"
        _end(job, "failed", {"error": said}, now)
    return job.state == "running"


def _wait_again(job: Job, pause: timedelta | None, now: datetime) -> None:
    job.state, job.worker, job.lease_until = "waiting", None, None
    job.begin_after = None if pause is None else utc_text(now + pause)
    job.stage, job.stage_at, job.done, job.total = "", None, 0, 0
    _tell(job, {}, now)


def _end(job: Job, state: str, result: dict[str, Any], now: datetime) -> None:
    job.state, job.worker, job.lease_until, job.ended_at = state, None, None, utc_text(now)
    job.result = json.dumps(result, ensure_ascii=False)
    _tell(job, result, now)


def _tell(job: Job, result: dict[str, Any], now: datetime) -> None:
    """Let what waits for the job know its new state, in the same transaction."""
    kind, session = KINDS.get(job.kind), object_session(job)
    if kind is not None and kind.follow is not None and isinstance(session, Session):
        kind.follow(session, job.id or 0, json.loads(job.arguments), job.state, result, now)


def _write_log(job: Job, added: str) -> None:
    # PostgreSQL keeps no NUL in a text.
    job.log = (job.log + added.replace("\0", ""))[-LONGEST_LOG:]


def _view(job: Job) -> JobView:
    assert job.id is not None
    own = {name: getattr(job, name) for name in JobView.__dataclass_fields__ if name in _COLUMNS}
    read = {"arguments": json.loads(job.arguments), "result": json.loads(job.result)}
    return JobView(**(own | read), stopping=job.stop_at is not None)


_COLUMNS: Sequence[str] = tuple(Job.model_fields)
