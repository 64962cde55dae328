"""How judges look: what their pages report of it, and whether that is what the study needs.

What the screenings of the eyes found is kept apart from all other reports, because it says something about a
person's health: only the last result, and it can be removed.
"""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from analysis.texts import say
from studyapp.core.canonical import canonical_json
from studyapp.core.records import read_record
from studyapp.core.viewing import ViewingRules
from studyapp.db.tables import EyeScreening, Judge, ViewingConditions, utc_text
from studyapp.errors import LimitReachedError
from studyapp.services.ground.studies import current_file, the_study
from studyapp.services.voting.trials import find_trial

MOST_CONDITIONS = 2000
"""Reports of viewing conditions of one judge: a window resized all day long leaves fewer."""


def note_conditions(
    session: Session, judge_id: int, conditions: dict[str, Any], *, trial: str | None = None, now: datetime
) -> None:
    """Keep what a judge's screen and window are like, once; `trial` is what was on the screen.

    A check replaces what is known of the judge's eyes: one that says nothing of them removes it.

    Raises
    ------
    NotFoundError
        When the trial is not this judge's: another judge of the same browser sent it.
    LimitReachedError
        When this judge has left more than anybody does.
    """
    if trial is not None:
        find_trial(session, judge_id, trial)
    session.exec(select(Judge.id).where(Judge.id == judge_id).with_for_update()).one()
    if conditions["kind"] == "check":
        _keep_eyes(session, judge_id, conditions.get("eyes") or {}, now=now)
    rest = {name: value for name, value in conditions.items() if name != "eyes"}
    body = canonical_json(rest).decode("utf-8")
    own = col(ViewingConditions.judge_id) == judge_id
    if session.exec(select(ViewingConditions.id).where(own, ViewingConditions.body == body)).first():
        return
    if session.exec(select(func.count(col(ViewingConditions.id))).where(own)).one() >= MOST_CONDITIONS:
        raise LimitReachedError(
            say(
                "%(most)s reports about your screen are stored already; no more are accepted",
                most=MOST_CONDITIONS,
            )
        )
    session.add(ViewingConditions(judge_id=judge_id, noted_at=utc_text(now), body=body))


def _keep_eyes(session: Session, judge_id: int, eyes: dict[str, Any], *, now: datetime) -> None:
    if not eyes or current_file(session).viewing.eyes == "left_out":
        forget_eyes(session, judge_id)
        return
    row = session.get(EyeScreening, judge_id) or EyeScreening(judge_id=judge_id, noted_at="", body="")
    row.noted_at, row.body = utc_text(now), canonical_json(eyes).decode("utf-8")
    session.add(row)


def forget_eyes(session: Session, judge_id: int | None) -> None:
    """Delete what the screenings of a judge's eyes found."""
    row = session.get(EyeScreening, judge_id)
    if row is not None:
        session.delete(row)


def last_check(session: Session, judge_id: int) -> dict[str, Any] | None:
    """Return what the judge's last screen check reported, eyes included."""
    own = select(ViewingConditions.body).where(ViewingConditions.judge_id == judge_id, is_report("check"))
    body = session.exec(own.order_by(col(ViewingConditions.id).desc()).limit(1)).first()
    return (
        None
        if body is None
        else read_record(body, "a report of a screen") | {"eyes": eyes_of(session, judge_id)}
    )


def eyes_of(session: Session, judge_id: int) -> dict[str, Any]:
    """Return what the screenings of a judge's eyes found; empty where there are none."""
    row = session.get(EyeScreening, judge_id)
    return {} if row is None else read_record(row.body, "a screening of eyes")


def kept_out(session: Session, judge_id: int) -> bool:
    """Say whether the study has limits for how judges look that this judge's last check does not keep."""
    rules = _demanding(session)
    if rules is None:
        return False
    check = last_check(session, judge_id)
    return check is None or rules.unmet(check) != ()


def screen_checked(session: Session, judge_id: int) -> bool:
    """Say whether the judge's last check lets them begin."""
    check = last_check(session, judge_id)
    if check is None:
        return False
    rules = _demanding(session)
    return rules is None or rules.unmet(check) == ()


def _demanding(session: Session) -> ViewingRules | None:
    """The study's limits for how judges look, if it has any and is open."""
    rules = current_file(session).viewing
    return rules if rules.demands and the_study(session).state == "open" else None


def is_report(kind: Literal["check", "opened", "change", "altered"]) -> ColumnElement[bool]:
    """Return the condition that a report of viewing conditions is of this kind."""
    return col(ViewingConditions.body).contains(f'"kind":"{kind}"', autoescape=True)
