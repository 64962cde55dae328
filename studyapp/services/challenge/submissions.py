"""What teams hand in: entered once for each upload, numbered by team, track and phase, never renumbered.

A submission's state follows its job: `follow` is called in the transaction in which the job's own state
changes, so that a score is written exactly once, by the worker that holds the job.
"""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from analysis.texts import plural, say
from studyapp.db.site_tables import ChallengeTeam, Choice, Entry, Submission, Upload
from studyapp.db.tables import utc_text
from studyapp.errors import LimitReachedError, NotFoundError, Problem, StudyStateError
from studyapp.services.challenge.phases import final_phase, phase_of, quota, refuse_late, stage, written
from studyapp.services.ground.site import Site
from studyapp.services.uploads.receiving import not_there

PACKAGE = "package.zip"
_COLUMNS = ("score", "basis", "readme", "sha256")
"""What of a result has a column of its own."""
RESULTS, FINAL, CODE = "results", "final", "code"


def folder_of(site: Site, submission: int) -> Path:
    """Return where a submission's files lie."""
    return site.folders.var / "submissions" / str(submission)


def entered(session: Session, upload: str) -> Submission | None:
    """Return the submission that an upload became."""
    return session.exec(select(Submission).where(Submission.upload_id == upload)).one_or_none()


def enter(
    session: Session,
    site: Site,
    *,
    team: int,
    track: str,
    phase: str,
    kind: str,
    upload: str,
    sent_by: int,
    now: datetime,
) -> Submission:
    """Make a submission of an upload whose last byte is here; that moment counts, not `now`.

    Asked a second time for the same upload it returns what it made the first time. The upload's row goes;
    its file may be removed after the transaction.

    Raises
    ------
    NotFoundError
        When there is no such upload of the team, or phase.
    StudyStateError
        When bytes are missing, or the last came before the phase opened or after it closed.
    LimitReachedError
        When the team has sent as much as it may.
    """
    # Two uploads of a team that arrive together wait for each other: numbers and quota are counted.
    session.exec(select(ChallengeTeam).where(ChallengeTeam.id == team).with_for_update()).one()
    if found := entered(session, upload):
        return found
    row = session.get(Upload, upload)
    if row is None or row.team_id != team or row.study != track:
        raise not_there()
    if row.arrived_at is None:
        raise StudyStateError(say("not all of the file is here yet; send the rest first"))
    arrived = datetime.fromisoformat(row.arrived_at)
    refuse_late(phase_of(site, track, phase), arrived)
    refuse_more(session, site, team, track, phase, arrived, kind=kind)
    last = session.exec(
        select(func.max(Submission.number)).where(
            Submission.team_id == team, Submission.track == track, Submission.phase == phase
        )
    ).one()
    submission = Submission(
        team_id=team,
        track=track,
        phase=phase,
        kind=kind,
        number=(last or 0) + 1,
        name=row.name,
        size=row.size,
        sha256=row.sha256 or "",
        sent_by=sent_by,
        arrived_at=row.arrived_at,
        upload_id=upload,
    )
    session.add(submission)
    session.flush()
    assert submission.id is not None
    _keep(site.uploads / upload, folder_of(site, submission.id))
    session.delete(row)
    return submission


def refuse_more(
    session: Session, site: Site, team: int, track: str, phase: str, now: datetime, *, kind: str
) -> None:
    """Make sure that a team may still send something.

    Raises
    ------
    StudyStateError
        When it is a final phase, and the team is not in it.
    LimitReachedError
        Saying when it may again.
    """
    if phase_of(site, track, phase).kind == "final":
        refuse_outsider(session, team, track)
    left = quota(session, site, team, track, phase, now, code=kind == CODE)
    if left.again_at is not None:
        again = f"{left.again_at:%Y-%m-%d %H:%M} UTC"
        raise LimitReachedError(
            say("your team has sent as much as it may today; the next can come at %(again)s", again=again)
        )
    if left.is_used_up:
        raise LimitReachedError(say("your team has sent as much as it may in this phase"))


def refuse_outsider(session: Session, team: int, track: str) -> None:
    """Make sure that a team was taken into the final phase.

    Raises
    ------
    StudyStateError
        When it was not, or nobody has decided yet.
    """
    taken = select(Entry.team_id).where(Entry.track == track, col(Entry.study_team).is_not(None))
    found = set(session.exec(taken))
    if not found:
        raise StudyStateError(say("the organisers have not decided yet which teams are in the final phase"))
    if team not in found:
        raise StudyStateError(say("your team is not among those of the final phase"))


def refuse_early(session: Session, site: Site, track: str, now: datetime) -> None:
    """Make sure that no team may still hand in what judges see: once they are invited nothing is taken.

    Raises
    ------
    StudyStateError
        While the final phase is on, or final results wait to be checked.
    """
    final = final_phase(site, track)
    if final is not None and stage(final, now) != "over":
        raise StudyStateError(
            say(
                "%(phase)s closes at %(when)s, and until then teams may replace their results; invite judges "
                "after it (test judges at any time)",
                phase=final.title,
                when=written(final.closes),
            )
        )
    query = select(func.count()).select_from(Submission)
    on_time = (Submission.track == track, Submission.kind == FINAL)
    count = session.exec(query.where(*on_time, col(Submission.state).in_(("waiting", "working")))).one()
    if count:
        raise StudyStateError(
            plural(
                "%(count)s submission of final results waits to be checked; invite judges after that",
                "%(count)s submissions of final results wait to be checked; invite judges after that",
                count,
            )
        )


def final_of(session: Session, team: int, track: str) -> int | None:
    """Return the number of a team's newest final results without a problem: those in the study."""
    query = select(func.max(Submission.id)).where(
        Submission.team_id == team,
        Submission.track == track,
        Submission.kind == FINAL,
        Submission.state == "done",
    )
    return session.exec(query).one()


def of_team(session: Session, team: int, track: str, phase: str) -> list[Submission]:
    """Return a team's submissions of a phase, the newest first."""
    return list(
        session.exec(
            select(Submission)
            .where(Submission.team_id == team, Submission.track == track, Submission.phase == phase)
            .order_by(col(Submission.number).desc())
        )
    )


def count_in(session: Session, track: str, phase: str) -> int:
    """Count what was handed in for a phase, those withdrawn too."""
    query = select(func.count()).select_from(Submission)
    return session.exec(query.where(Submission.track == track, Submission.phase == phase)).one()


def the_submission(session: Session, submission: int, *, team: int | None = None) -> Submission:
    """Return a submission; with `team` only one of that team's.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    found = session.get(Submission, submission)
    if found is None or (team is not None and found.team_id != team):
        raise NotFoundError(say("there is no submission %(number)s", number=submission))
    return found


def withdraw(session: Session, site: Site, submission: Submission, *, now: datetime) -> None:
    """Take a submission back: it does not count any more; the team's others stay as they are.

    Raises
    ------
    StudyStateError
        When the phase is over, and for final results and models, which the next ones replace.
    """
    if submission.state == "withdrawn":
        return
    if submission.kind != RESULTS:
        raise StudyStateError(
            say("final results and models are replaced by handing in others, not withdrawn")
        )
    refuse_late(phase_of(site, submission.track, submission.phase), now)
    submission.state, submission.withdrawn_at = "withdrawn", utc_text(now)
    session.add(submission)


def choose(session: Session, site: Site, submission: Submission, *, now: datetime) -> None:
    """Let this submission count for its team, where teams choose; the latest choice stands.

    Raises
    ------
    StudyStateError
        When the phase is over, or the submission has no score. Of final results and models the last ones
        count.
    """
    if submission.kind != RESULTS:
        raise StudyStateError(say("of final results and models the last ones count"))
    refuse_late(phase_of(site, submission.track, submission.phase), now)
    if submission.state != "done" or submission.score is None:
        raise StudyStateError(say("only a submission that has a score can be chosen"))
    session.add(Choice(submission_id=submission.id or 0, chosen_at=utc_text(now)))
    session.flush()


def chosen(session: Session, submissions: Sequence[Submission]) -> Submission | None:
    """Return the one of a team's submissions that it chose last; one that was withdrawn is none."""
    there = {one.id: one for one in submissions if one.state != "withdrawn"}
    query = select(Choice.submission_id).where(col(Choice.submission_id).in_(there))
    last = session.exec(query.order_by(col(Choice.chosen_at).desc(), col(Choice.id).desc()).limit(1)).first()
    return there.get(last)


def remove_files(site: Site, submission: int) -> None:
    """Delete the files of a submission that was withdrawn; its row stays."""
    shutil.rmtree(folder_of(site, submission), ignore_errors=True)


def follow(
    session: Session, number: int, job: int, state: str, result: Mapping[str, Any], now: datetime
) -> None:
    """Let a submission's state follow its job's; one that was withdrawn stays so."""
    session.execute(
        update(Submission)
        .where(col(Submission.id) == number, col(Submission.state) != "withdrawn")
        .values(job_id=job, **_changes(state, result, now))
    )


def _changes(state: str, result: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    if state == "done":
        kept = {name: value for name, value in result.items() if name not in _COLUMNS}
        return {
            "state": "done",
            "ended_at": utc_text(now),
            "score": result["score"],
            "basis": result.get("basis", ""),
            "sha256": result["sha256"],
            "readme": _json(result["readme"]),
            "result": _json(kept),
            "problem": "",
        }
    if state in ("failed", "cancelled"):
        problems = result.get("problems", [])
        lines = [str(Problem(**row)) for row in problems if row["severity"] == "error"]
        return {
            "state": "failed",
            "ended_at": utc_text(now),
            "score": None,
            "basis": "",
            "result": _json({"problems": problems}) if problems else "{}",
            "problem": "\n".join(lines) or str(result.get("error", "")),
        }
    working = "working" if state == "running" else "waiting"
    return {"state": working, "ended_at": None, "score": None, "basis": "", "result": "{}", "problem": ""}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _keep(upload: Path, folder: Path) -> None:
    """Let a submission have the bytes of its upload; a second name for them costs no room."""
    # Of a transaction that was rolled back, whose number is given again.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        os.link(upload, folder / PACKAGE, follow_symlinks=False)
    except OSError:  # a file system without second names
        with suppress(FileNotFoundError):
            shutil.copyfile(upload, folder / PACKAGE, follow_symlinks=False)
            return
        raise
