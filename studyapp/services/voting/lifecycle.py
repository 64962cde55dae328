"""Steps of a running study besides opening and closing: pause, unseal, disqualify, withdraw."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from studyapp.core.ledger import judge_label
from studyapp.core.lifecycle import check_step
from studyapp.core.one_line import one_line
from studyapp.db.tables import Team
from studyapp.errors import NotFoundError, StudyError, StudyStateError
from studyapp.services.ground.ledger import append_event, standing
from studyapp.services.ground.studies import the_study
from studyapp.services.people.invitations import find_judge, revoke_link
from studyapp.services.voting.viewing import forget_eyes

LONGEST_REASON = 500


def pause_study(session: Session, *, now: datetime) -> None:
    """Stop taking ballots for a while; pages keep what judges pick and send it when the study goes on.

    Raises
    ------
    StudyStateError
        When it is not open.
    """
    _turn(session, "pause", now)


def resume_study(session: Session, *, now: datetime) -> None:
    """Take ballots again.

    Raises
    ------
    StudyStateError
        When it is not paused.
    """
    _turn(session, "resume", now)


def unseal_study(session: Session, reason: str, *, now: datetime) -> None:
    """Let the organisers see before closing who made what; it stays in the ledger for everybody to read.

    Raises
    ------
    StudyStateError
        When there is nothing to unseal: before opening, after closing, or twice.
    """
    check_step("unseal", the_study(session, lock=True).state)
    if standing(session).unsealed:
        raise StudyStateError("this study is already unsealed")
    append_event(session, "unsealed", now=now, reason=check_reason(reason))


def disqualify_team(session: Session, team: str, reason: str, *, now: datetime, undo: bool = False) -> None:
    """Take a team out of the results, or back in. Judges go on seeing its candidates and are told nothing.

    Raises
    ------
    NotFoundError
        When there is no such team.
    StudyStateError
        When it is out (or in) already, or fewer than two teams would be left.
    """
    check_step("disqualify", the_study(session, lock=True).state)
    number = _team_number(session, team)
    out = standing(session).disqualified
    _check_change(f"team {team}", number in out, undo)
    if not undo and _teams_taking_part(session) - len(out) <= 2:
        raise StudyStateError("a ranking needs two teams; this would leave only one")
    kind = "reinstated" if undo else "disqualified"
    append_event(session, kind, now=now, team=number, reason=check_reason(reason))


def withdraw_judge(session: Session, email: str, reason: str, *, now: datetime, undo: bool = False) -> None:
    """Take a judge's ballots out of the results and revoke their link, or let the ballots count again.

    What the screenings of the judge's eyes found is deleted, and does not come back.

    Raises
    ------
    NotFoundError
        When nobody with this address was invited.
    StudyStateError
        When the judge is withdrawn (or not) already.
    """
    check_step("withdraw", the_study(session, lock=True).state)
    judge = find_judge(session, email)
    label = judge_label(judge.position)
    _check_change(f"judge {email}", label in standing(session).withdrawn, undo)
    kind = "readmitted" if undo else "withdrawn"
    append_event(session, kind, now=now, judge=label, reason=check_reason(reason))
    if not undo:
        revoke_link(session, email, now=now)
        forget_eyes(session, judge.id)


def check_reason(reason: str) -> str:
    """Return the reason without the spaces around it.

    Raises
    ------
    StudyError
        When there is none, it is a story, or it has more than one line.
    """
    reason = reason.strip()
    if not reason:
        raise StudyError("the reason is empty; write the sentence that others will read in the ledger")
    if len(reason) > LONGEST_REASON:
        raise StudyError(f"the reason has {len(reason)} characters; use at most {LONGEST_REASON}")
    try:
        return one_line(reason)
    except ValueError as error:
        raise StudyError(f"this reason cannot be used: {error}") from None


def _turn(session: Session, step: str, now: datetime) -> None:
    study = the_study(session, lock=True)
    study.state = check_step(step, study.state).to or study.state
    session.add(study)
    append_event(session, "paused" if step == "pause" else "resumed", now=now)


def _check_change(who: str, is_out: bool, undo: bool) -> None:
    if is_out and not undo:
        raise StudyStateError(f"{who} is already out of the results")
    if undo and not is_out:
        raise StudyStateError(f"{who} is not out of the results")


def _teams_taking_part(session: Session) -> int:
    return session.exec(select(func.count(col(Team.id))).where(~col(Team.control))).one()


def _team_number(session: Session, key: str) -> int:
    query = select(Team.position).where(Team.key == key, ~col(Team.control))
    position = session.exec(query).one_or_none()
    if position is None:
        teams = select(Team.key).where(~col(Team.control)).order_by(col(Team.position))
        known = ", ".join(session.exec(teams))
        raise NotFoundError(f"no team has the id {key!r}; the ids are {known}")
    return position + 1
