"""The tables beside the events: every column that the ledger, the key or the packs can speak for.

Dangling rows count, too: nothing here joins in a way that lets a row drop out. What no record can speak for
is listed in docs/ledger.md; `tests/services/test_every_column.py` holds the two together.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, not_
from sqlmodel import Session, SQLModel, col, func, select

from analysis.amounts import how_many
from analysis.verify import Record, Replay
from studyapp.core.hidden_trials import CONTROLS, KNOWN_WORSE
from studyapp.core.keyed import opaque_name
from studyapp.core.ledger import judge_label
from studyapp.core.records import read_conflicts, read_record
from studyapp.db.tables import (
    BallotEvent,
    Image,
    Judge,
    LaterLooking,
    Looking,
    Picture,
    Study,
    StudyEvent,
    Team,
    Trial,
    TrialSlot,
)
from studyapp.imaging.pack_index import PackError, read_index
from studyapp.services.ground.ledger import event_body
from studyapp.services.ground.studies import file_text, protocol_text
from studyapp.services.ground.workspace import Workspace
from studyapp.study.study_file import StudyFile


class MisfitRowError(Exception):
    """A row that says other than the ledger."""


def row_checks(
    session: Session, workspace: Workspace, study: Study, record: Record
) -> dict[str, Callable[[], str]]:
    """Return the checks by name; none says who stands where."""
    return {
        "references": lambda: _check_references(session),
        "study": lambda: _check_study(study, record),
        "study events": lambda: _check_study_events(session),
        "teams and images": lambda: _check_lists(session),
        "judges": lambda: _check_judges(session, record),
        "ballot events": lambda: _check_ballots(session),
        "looking": lambda: _check_looking(session),
        "trials": lambda: _check_trials(session, workspace, record),
        "packs named": lambda: _check_packs(session, workspace),
    }


def _require(fits: bool, message: str) -> None:
    if not fits:
        raise MisfitRowError(message)


def _check_references(session: Session) -> str:
    """No row refers to one that is not there."""
    count = 0
    for table in SQLModel.metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            other = constraint.referred_table.alias()
            pairs = [(element.parent, other.c[element.column.name]) for element in constraint.elements]
            there = select(1).where(and_(*(mine == theirs for mine, theirs in pairs))).exists()
            given = and_(*(mine.is_not(None) for mine, _ in pairs))
            query = select(func.count()).select_from(table).where(given, not_(there))
            dangling = session.exec(query).one()
            names = ", ".join(mine.name for mine, _ in pairs)
            _require(not dangling, f"{dangling} rows of {table.name} have a {names} that is not there")
            count += 1
    return f"{count} kinds of references lead somewhere"


def _check_study(study: Study, record: Record) -> str:
    _require(study.id == 1, f"the study has the number {study.id}")
    file = StudyFile.model_validate_json(study.file)
    _require(file_text(file) == study.file, "study.file is not written as it was entered")
    columns = (study.title, study.simulated, study.protocol)
    told = (file.title, file.simulated, protocol_text(file))
    _require(columns == told, "the columns of study say other than its file")
    rules = [event.body["rules"] for event in record.study_events("opened", "amended")]
    if rules:
        found = hashlib.sha256(study.file.encode("utf-8")).hexdigest()
        _require(found == rules[-1]["study_file_sha256"], "study.file is not the one that the ledger names")
    for kind, at in (("opened", study.opened_at), ("closed", study.closed_at)):
        when = next((event.body["at"] for event in record.study_events(kind)), None)
        _require(at == when, f"the study was {kind} at {at}, its ledger says {when}")
    return "the study goes by the file that its ledger names"


def _check_study_events(session: Session) -> str:
    events = session.exec(select(StudyEvent)).all()
    for event in events:
        body = event_body(event)
        same = (event.sequence, event.kind, event.at) == (body["sequence"], body["kind"], body["at"])
        _require(same, f"study, event {event.sequence}: the table says other than the event itself")
    return f"{len(events)} study events say what they hold"


def _check_lists(session: Session) -> str:
    """Teams are numbered from 0 without a gap, controls last; images by the order of their keys."""
    teams = session.exec(select(Team).order_by(col(Team.position))).all()
    _require([team.position for team in teams] == list(range(len(teams))), "teams are numbered with a gap")
    controls = [(team.key, team.name) for team in teams if team.control]
    known = [(key, key) for key in (KNOWN_WORSE, *CONTROLS)]
    _require(controls == [one for one in known if one in controls], "a team is marked as a control")
    images = session.exec(
        select(Image).where(col(Image.position).is_not(None)).order_by(col(Image.key))
    ).all()
    found = [image.position for image in images]
    _require(found == list(range(len(images))), "images are not numbered in the order of their names")
    return f"{how_many(len(teams), 'teams')} and {how_many(len(images), 'images')} in order"


def _check_judges(session: Session, record: Record) -> str:
    assert record.opening is not None
    replay = Replay(record, record.opening)
    invited = {event.body["judge"]: event for event in record.study_events("invited")}
    judges = session.exec(select(Judge)).all()
    for judge in judges:
        label = judge_label(judge.position)
        _require(label in invited, f"{label} was never invited, the ledger says")
        event = invited.pop(label)
        conflicts = frozenset(read_conflicts(judge.conflicts, judge.position))
        same = (judge.position, judge.invited_at) == (event.body["number"], event.body["at"])
        _require(same and conflicts == replay.judges[label].conflicts, f"{label}: not as invited")
    _require(not invited, f"{next(iter(invited), '')} was invited and is gone")
    return f"{how_many(len(judges), 'judges')} as invited"


def _check_ballots(session: Session) -> str:
    rows = session.exec(
        select(BallotEvent, Judge.position, Trial.public_id, Trial.judge_id)
        .outerjoin(Judge, col(BallotEvent.judge_id) == Judge.id)
        .outerjoin(Trial, col(BallotEvent.trial_id) == Trial.id)
    ).all()
    names = ("trial", "sequence", "revision", "complete", "key", "saved_at")
    for event, number, trial, owner in rows:
        body = event_body(event)
        columns = (trial, event.judge_sequence, event.revision, event.complete, event.key, event.saved_at)
        fits = owner == event.judge_id and columns == tuple(body[name] for name in names)
        who = "a judge who is gone" if number is None else judge_label(number)
        _require(fits, f"{who}, event {event.judge_sequence}: the table says other than the event itself")
    return f"{len(rows)} ballot events say what they hold"


def _check_looking(session: Session) -> str:
    """Evidence of looking has the hash that its ballot holds; what came later says what its columns say."""
    bodies = {row.event_id: row.body for row in session.exec(select(Looking))}
    rows = session.exec(select(BallotEvent.id, BallotEvent.key, BallotEvent.body)).all()
    for number, key, body in rows:
        text = bodies.pop(number or 0, None)
        found = None if text is None else hashlib.sha256(text.encode("utf-8")).hexdigest()
        wanted = read_record(body, f"ballot event {number}").get("looking_sha256")
        _require(found == wanted, f"the evidence of looking with answer {key} is not the one it names")
    _require(not bodies, "there is evidence of looking without an answer")
    for later in session.exec(select(LaterLooking)):
        body = read_record(later.body, f"later looking {later.id}")
        same = (later.visit, later.seconds) == (body["visit"], body["seconds"])
        _require(same, f"later looking {later.id}: the table says other than the report itself")
    return "evidence of looking is that of its answers"


def _check_trials(session: Session, workspace: Workspace, record: Record) -> str:
    assert record.opening is not None
    replay = Replay(record, record.opening)
    found = _trials(session)
    for public_id, trial in replay.trials.items():
        label = (replay.judges[trial.judge].number, trial.kind, trial.position)
        shown = [(team, trial.image) for team in (trial.beside, *trial.slots)]
        slots = [
            (slot, team, image, opaque_name(workspace.key, "tiles", *label, slot))
            for slot, (team, image) in enumerate(shown)
        ]
        wanted = (*label, trial.image or None, slots if trial.image else [])
        same = found.pop(public_id, None) == wanted
        _require(same, f"{trial.judge}, {trial.kind} trial {trial.position}: not what the key gives")
    _require(not found, f"trial {next(iter(found), '')} is not of this study's design")
    return f"{len(replay.trials)} trials are what the key gives"


def _trials(session: Session) -> dict[str, tuple[Any, ...]]:
    """Return judge's number, kind, position, image and slots (team, image, token) of every trial."""
    slots: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    shown = session.exec(
        select(TrialSlot, Team.key, Image.key)
        .outerjoin(Picture, col(TrialSlot.picture_id) == Picture.id)
        .outerjoin(Team, col(Picture.team_id) == Team.id)
        .outerjoin(Image, col(Picture.image_id) == Image.id)
        .order_by(col(TrialSlot.trial_id), col(TrialSlot.slot))
    )
    for row, team, image in shown:
        slots[row.trial_id].append((row.slot, team, image, row.token))
    rows = session.exec(
        select(Trial, Judge.position, Image.key)
        .outerjoin(Judge, col(Trial.judge_id) == Judge.id)
        .outerjoin(Image, col(Trial.image_id) == Image.id)
    )
    return {
        trial.public_id: (number, trial.kind, trial.position, image, slots[trial.id or 0])
        for trial, number, image in rows
    }


def _check_packs(session: Session, workspace: Workspace) -> str:
    """Each picture names the pack that was made of it, where the packs are here."""
    rows = session.exec(
        select(Picture, Image.width, Image.height).outerjoin(Image, col(Picture.image_id) == Image.id)
    ).all()
    looked = 0
    for picture, width, height in rows:
        try:
            index = read_index(workspace.folders.var / picture.pack)
        except PackError:
            continue  # A study restored from a backup has none; `verify --packs` is for damaged ones.
        told = (index.sha256_pixels, index.source.sha256, index.width, index.height)
        columns = (picture.sha256_pixels, picture.sha256_file, width, height)
        _require(told == columns, f"picture {picture.id} is not the one of {picture.pack}")
        looked += 1
    _require(
        looked in (0, len(rows)),
        f"{len(rows) - looked} of {len(rows)} pictures name a pack that is not there",
    )
    return f"{looked} of {len(rows)} pictures name the pack made of them"
