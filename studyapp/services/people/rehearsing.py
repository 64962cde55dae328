"""Rehearsals: until somebody real is invited, what test judges did can be cleared or made again."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, SQLModel, col, delete, select

from studyapp.core.judges_file import JudgeLine
from studyapp.core.ledger import TEST_FROM
from studyapp.core.records import read_conflicts
from studyapp.db.tables import (
    Image,
    Judge,
    Link,
    LoginSession,
    Picture,
    Region,
    Setting,
    Study,
    Team,
    utc_text,
)
from studyapp.db.triggers import create_triggers, drop_triggers
from studyapp.errors import StudyStateError
from studyapp.services.ground.ledger import append_event
from studyapp.services.ground.studies import open_study, the_study
from studyapp.services.ground.workspace import Workspace
from studyapp.services.people.invitations import invite_judges
from studyapp.settings import Folders

_REGISTERED = {model.__table__.name for model in (Study, Team, Image, Picture, Region, Setting)}  # pyright: ignore[reportAttributeAccessIssue]


@dataclass(frozen=True)
class _Rehearser:
    """A test judge as they are invited again: their link and their sessions stay theirs."""

    line: JudgeLine
    link: Link | None
    sessions: tuple[LoginSession, ...]


def only_rehearsed(session: Session) -> bool:
    """Whether there are judges, and all of them are test judges."""
    positions = session.exec(select(Judge.position)).all()
    return bool(positions) and all(position >= TEST_FROM for position in positions)


@contextmanager
def set_aside(folders: Folders) -> Iterator[Path]:
    """Move second record and exports of a rehearsal into a folder of their own; back, if the block fails.

    It happens before the database forgets them: a record that lacks lines is completed, one that holds more
    than the database is an alarm.
    """
    rehearsals = folders.var / "rehearsals"
    rehearsals.mkdir(exist_ok=True)
    place = rehearsals / str(
        1 + max((int(path.name) for path in rehearsals.iterdir() if path.name.isdigit()), default=0)
    )
    place.mkdir()
    moved = [path for path in (folders.journal, folders.exports) if path.exists()]
    for path in moved:
        os.rename(path, place / path.name)
    try:
        yield place
    except BaseException:
        for path in moved:
            os.rename(place / path.name, path)
        place.rmdir()
        raise


def start_over(session: Session) -> int:
    """Forget every test judge and all that was done; return how many there were. The study is a draft again.

    Raises
    ------
    StudyStateError
        When somebody was invited whose ballots count.
    """
    study = the_study(session, lock=True)
    judges = session.exec(select(Judge)).all()
    if any(judge.position < TEST_FROM for judge in judges):
        raise StudyStateError(
            "judges whose answers count have been invited; nothing of theirs is ever deleted"
        )
    _forget(session)
    study.state, study.opened_at, study.closed_at = "draft", None, None
    session.add(study)
    return len(judges)


def clear_rehearsal(workspace: Workspace, *, now: datetime) -> int:
    """Start over while the study is served; return how many test judges there were.

    First nobody can save any more, so that every answer is in the second record before it is set aside.

    Raises
    ------
    StudyStateError
        When somebody was invited whose ballots count.
    """
    with workspace.database.writing() as session:
        study = the_study(session, lock=True)
        if study.state == "open" and only_rehearsed(session):
            study.state = "paused"
            session.add(study)
            append_event(session, "paused", now=now)
    with workspace.database.writing() as session:
        the_study(session, lock=True)
        # What fails after it leaves a record that lacks lines, which is completed.
        with set_aside(workspace.folders):
            judges = start_over(session)
            session.flush()
    mark_cleared(workspace.folders)
    return judges


def mark_cleared(folders: Folders) -> None:
    """Let every process of a server forget whose tiles were whose (`studyapp.services.voting.tile_store`)."""
    os.utime(folders.var / "rehearsals")


def rehearse_again(
    session: Session, workspace: Workspace, register: Callable[[], object], *, now: datetime
) -> None:
    """Clear a rehearsal, enter the changed folder by `register`, and invite the test judges again.

    Their links and sessions go on; their ballots are gone.
    """
    going_on = the_study(session, lock=True).state in ("open", "paused")
    rehearsers = [_rehearser(session, judge, workspace) for judge in session.exec(select(Judge)).all()]
    start_over(session)
    register()
    invite_judges(session, workspace.key, [item.line for item in rehearsers], now=now)
    for item in rehearsers:
        judge = session.exec(select(Judge).where(Judge.email == item.line.email)).one()
        link = session.exec(select(Link).where(Link.judge_id == judge.id)).one()
        if item.link is None:
            link.revoked_at = utc_text(now)
        else:
            link.token_sha256 = item.link.token_sha256
        session.add(link)
        session.add_all(LoginSession(**{**row.model_dump(), "link_id": link.id}) for row in item.sessions)
    if going_on:
        open_study(session, now=now)


def _rehearser(session: Session, judge: Judge, workspace: Workspace) -> _Rehearser:
    teams = {team.id for team in workspace.file.teams}
    conflicts = tuple(team for team in read_conflicts(judge.conflicts, judge.position) if team in teams)
    if len(teams) - len(conflicts) < workspace.file.protocol.least:
        conflicts = ()
    live = select(Link).where(Link.judge_id == judge.id, col(Link.revoked_at).is_(None))
    link = session.exec(live).one_or_none()
    rows = session.exec(select(LoginSession).where(LoginSession.link_id == link.id)).all() if link else ()
    kept = tuple(LoginSession(**row.model_dump()) for row in rows)
    line = JudgeLine(judge.name, judge.email, conflicts, test=True)
    return _Rehearser(line, Link(**link.model_dump()) if link else None, kept)


def _forget(session: Session) -> None:
    """Delete people, trials, ballots and events; what is registered and the organisers' links stay."""
    connection = session.connection()
    drop_triggers(connection)
    organisers = select(Link.id).where(Link.role == "organiser")
    for table in reversed(SQLModel.metadata.sorted_tables):
        if table.name == "link":
            session.exec(delete(Link).where(col(Link.role) != "organiser"))
        elif table.name == LoginSession.__tablename__:
            session.exec(delete(LoginSession).where(col(LoginSession.link_id).not_in(organisers)))
        elif table.name not in _REGISTERED:
            session.exec(table.delete())
    session.expire_all()
    create_triggers(connection)
