"""Rehearsals: until somebody real is invited, what test judges did can be cleared or made again."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, SQLModel, col, select

from analysis.files import write_whole
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
from studyapp.services.ground.ledger import ledger_entries
from studyapp.services.ground.second_record import mend_record
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
def clearing(workspace: Workspace) -> Iterator[tuple[Session, Path]]:
    """Open a transaction that may forget what test judges did; yields it and the folder of their ledger.

    Judges may be voting: they wait for its end. What a server acknowledged until then is in that folder, also
    when its line reaches the second record only afterwards.
    """
    with workspace.database.writing() as session:
        the_study(session, lock=True)
        place = _set_aside(workspace.folders, session)
        try:
            yield session, place
        except BaseException:
            shutil.rmtree(place)
            raise
    # From here on the old lines are no alarm wherever they are, so it does not matter who writes when.
    folders = workspace.folders
    for written in (
        folders.exports,
        folders.anonymous,
        folders.forms,
        folders.team_sheets,
        folders.public,
        folders.published,
    ):
        if written.exists():
            os.rename(written, place / written.name)
    workspace.database.close()
    workspace.folders.journal.unlink(missing_ok=True)
    mend_record(workspace)
    # Every process of a server forgets whose tiles were whose (`studyapp.services.voting.tile_store`).
    os.utime(workspace.folders.rehearsals)


def _set_aside(folders: Folders, session: Session) -> Path:
    """Write the whole ledger into a folder of its own."""
    rehearsals = folders.rehearsals
    rehearsals.mkdir(exist_ok=True)
    numbers = (int(path.name) for path in rehearsals.iterdir() if path.name.isdigit())
    place = rehearsals / str(1 + max(numbers, default=0))
    place.mkdir()
    lines = "".join(f"{entry.line}\n" for entry in ledger_entries(session))
    write_whole(place / folders.journal.name, lines, private=True)
    return place


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


def clear_rehearsal(workspace: Workspace) -> int:
    """Start over; return how many test judges there were. The study may be served meanwhile.

    Raises
    ------
    StudyStateError
        When somebody was invited whose ballots count.
    """
    with clearing(workspace) as (session, _):
        return start_over(session)


def rehearse_again(
    session: Session, workspace: Workspace, register: Callable[[], object], *, now: datetime
) -> None:
    """Clear a rehearsal, enter the changed folder by `register`, and invite the test judges again.

    Their links and sessions go on; their ballots are gone. They get new numbers, and with them new addresses
    of trials and tiles: what a browser kept, or an open page sends, is never taken for something else.
    """
    going_on = the_study(session, lock=True).state in ("open", "paused")
    rehearsers = [_rehearser(session, judge, workspace) for judge in session.exec(select(Judge)).all()]
    start_over(session)
    register()
    invite_judges(session, workspace.key, [item.line for item in rehearsers], now=now)
    _give_links(session, rehearsers, now)
    if going_on:
        open_study(session, now=now)


def _give_links(session: Session, rehearsers: Sequence[_Rehearser], now: datetime) -> None:
    """Put the links back under their old numbers, on which sessions hang; a revoked one stays revoked."""
    fresh: list[tuple[_Rehearser, Link]] = []
    for item in rehearsers:
        judge = session.exec(select(Judge).where(Judge.email == item.line.email)).one()
        link = session.exec(select(Link).where(Link.judge_id == judge.id)).one()
        fresh.append((item, Link(**link.model_dump(exclude={"id"}))))
        session.delete(link)
    session.flush()
    for item, link in sorted(fresh, key=lambda pair: pair[0].link is None):
        if item.link is None:
            link.revoked_at = utc_text(now)
        else:
            link.id, link.token_sha256 = item.link.id, item.link.token_sha256
        session.add(link)
        session.flush()
        session.add_all(LoginSession(**row.model_dump()) for row in item.sessions)


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
    """Delete people, trials, ballots and events; what is registered stays."""
    connection = session.connection()
    drop_triggers(connection)
    for table in reversed(SQLModel.metadata.sorted_tables):
        if table.name not in _REGISTERED:
            session.exec(table.delete())
    session.expire_all()
    create_triggers(connection)
