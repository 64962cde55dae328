"""Inviting judges: their trials are drawn from the design, their links shown once and stored as hashes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from analysis.texts import say
from studyapp.core.addresses import address_key
from studyapp.core.hidden_trials import ShownTrial
from studyapp.core.judges_file import JudgeLine
from studyapp.core.keyed import opaque_name
from studyapp.core.ledger import TEST_FROM, judge_label
from studyapp.core.lifecycle import check_step
from studyapp.core.records import read_conflicts
from studyapp.core.tokens import new_token, token_hash
from studyapp.db.tables import Image, Judge, Link, Picture, Team, Trial, TrialSlot, utc_text
from studyapp.errors import NotFoundError, StudyStateError
from studyapp.protocols import Protocol, Scene
from studyapp.services.ground.ledger import append_event
from studyapp.services.ground.sealing import commit_to_key
from studyapp.services.ground.studies import current_file, the_study


@dataclass(frozen=True)
class Invitation:
    """A judge and the token of a fresh personal link."""

    name: str
    email: str
    token: str


@dataclass(frozen=True)
class StudyScene:
    """What a study shows, and by which numbers the database knows it."""

    images: dict[str, int]
    pictures: dict[tuple[str, str | None], int]
    protocol: Protocol[Any]
    shown: Scene


def invite_judges(
    session: Session, key: bytes, invitees: Sequence[JudgeLine], *, now: datetime
) -> list[Invitation]:
    """Invite whoever of `invitees` is not invited yet (by e-mail address); return the new links only.

    Test judges get numbers beside the design, so that they take nobody's place in it.

    Raises
    ------
    StudyStateError
        When the study is closed, or an invited judge's conflicts changed.
    """
    study = the_study(session, lock=True)
    check_step("invite", study.state)
    commit_to_key(session, key, now=now)
    known = {address_key(judge.email): judge for judge in session.exec(select(Judge))}
    scene = study_scene(session)
    tests = [judge for judge in known.values() if judge.position >= TEST_FROM]
    following = {True: TEST_FROM + study.tests, False: len(known) - len(tests)}
    invitations = []
    for invitee in invitees:
        judge = known.get(address_key(invitee.email))
        if judge is not None:
            if tuple(read_conflicts(judge.conflicts, judge.position)) != tuple(sorted(invitee.conflicts)):
                raise StudyStateError(
                    f"the conflicts of {invitee.email} changed after the invitation, when the order of "
                    "images was already decided; put the old ones back"
                )
            continue
        judge = Judge(
            name=invitee.name,
            email=invitee.email,
            position=following[invitee.test],
            conflicts=json.dumps(sorted(invitee.conflicts)),
            invited_at=utc_text(now),
        )
        following[invitee.test] += 1
        study.tests += invitee.test
        session.add(study)
        session.add(judge)
        session.flush()
        _draw_trials(session, key, judge, scene, frozenset(invitee.conflicts))
        append_event(
            session,
            "invited",
            now=now,
            judge=judge_label(judge.position),
            number=judge.position,
            conflicts=sorted(scene.shown.teams.index(team) + 1 for team in invitee.conflicts),
            test=invitee.test,
        )
        invitations.append(Invitation(judge.name, judge.email, _new_link(session, judge, now)))
    return invitations


def reissue_link(session: Session, email: str, *, now: datetime) -> Invitation:
    """Revoke a judge's link and make a new one; ballots stay where they are."""
    the_study(session, lock=True)
    judge = find_judge(session, email)
    _revoke(session, judge, now)
    append_event(session, "link-reissued", now=now, judge=judge_label(judge.position))
    return Invitation(judge.name, judge.email, _new_link(session, judge, now))


def revoke_link(session: Session, email: str, *, now: datetime) -> None:
    """Make a judge's link invalid at once, open sessions included."""
    the_study(session, lock=True)
    judge = find_judge(session, email)
    if _revoke(session, judge, now):
        append_event(session, "link-revoked", now=now, judge=judge_label(judge.position))


def live_link(session: Session, *, token: str) -> Link:
    """Find a link that is not revoked, by its token.

    Raises
    ------
    NotFoundError
        For an unknown and for a revoked link alike.
    """
    query = select(Link).where(Link.token_sha256 == token_hash(token), col(Link.revoked_at).is_(None))
    link = session.exec(query).one_or_none()
    if link is None:
        raise NotFoundError(say("this link does not work, or no longer; ask the organisers for a new one"))
    return link


def find_judge(session: Session, email: str) -> Judge:
    """Return the judge with this address."""
    judges = session.exec(select(Judge))
    judge = next((judge for judge in judges if address_key(judge.email) == address_key(email)), None)
    if judge is None:
        raise NotFoundError(
            say("no judge has the address %(email)s; `studyapp status DIR` lists them", email=repr(email))
        )
    return judge


def _revoke(session: Session, judge: Judge, now: datetime) -> bool:
    live = select(Link).where(Link.judge_id == judge.id, col(Link.revoked_at).is_(None))
    links = session.exec(live).all()
    for link in links:
        link.revoked_at = utc_text(now)
        session.add(link)
    session.flush()
    return bool(links)


def _new_link(session: Session, judge: Judge, now: datetime) -> str:
    token = new_token()
    link = Link(judge_id=judge.id or 0, token_sha256=token_hash(token), created_at=utc_text(now))
    session.add(link)
    return token


def study_scene(session: Session) -> StudyScene:
    """Read what the study shows."""
    images = {image.key: image for image in session.exec(select(Image).order_by(col(Image.key)))}
    taking_part = select(Team.key).where(~col(Team.control)).order_by(col(Team.position))
    rows = session.exec(
        select(Image.key, Team.key, Picture.id)
        .join(Image, col(Picture.image_id) == Image.id)
        .outerjoin(Team, col(Picture.team_id) == Team.id)
    )
    pictures: dict[tuple[str, str | None], int] = {
        (image, team): picture or 0 for image, team, picture in rows
    }
    file = current_file(session)
    practice = next((key for key, image in images.items() if image.position is None), None)
    shown = Scene(
        images=tuple(key for key, image in images.items() if image.position is not None),
        teams=tuple(session.exec(taking_part)),
        practice=practice,
        checks=file.checks,
        known=tuple(team for team in file.protocol.controls if (practice or "", team) in pictures),
    )
    return StudyScene({key: image.id or 0 for key, image in images.items()}, pictures, file.protocol, shown)


def show(
    session: Session, key: bytes, judge: int, trial: Trial, scene: StudyScene, drawn: ShownTrial
) -> None:
    """Enter what a trial of judge number `judge` shows."""
    trial.image_id = scene.images[drawn.image]
    session.add(trial)
    session.flush()
    session.add_all(_slots(key, judge, trial, scene, drawn))


def _slots(key: bytes, judge: int, trial: Trial, scene: StudyScene, drawn: ShownTrial) -> Iterator[TrialSlot]:
    label = (judge, trial.kind, trial.position)
    for slot, team in enumerate((scene.protocol.beside, *drawn.slots)):
        yield TrialSlot(
            trial_id=trial.id or 0,
            slot=slot,
            picture_id=scene.pictures[drawn.image, team],
            token=opaque_name(key, "tiles", *label, slot),
        )


def _draw_trials(
    session: Session, key: bytes, judge: Judge, scene: StudyScene, conflicts: frozenset[str]
) -> None:
    plan = scene.protocol.plan(key, judge.position, scene.shown, conflicts)
    practice = [drawn for drawn in plan if drawn.kind == "practice"]
    places = [*range(1, len(practice) + 1), *range(1, len(plan) - len(practice) + 1)]
    trials = [
        Trial(
            public_id=opaque_name(key, "trial", judge.position, drawn.kind, position),
            judge_id=judge.id or 0,
            image_id=scene.images[drawn.image] if drawn.image else None,
            kind=drawn.kind,
            position=position,
        )
        for position, drawn in zip(places, plan, strict=True)
    ]
    # Thousands of pairs: their numbers come with one statement, not with one for each.
    session.add_all(trials)
    session.flush()
    for trial, drawn in zip(trials, plan, strict=True):
        if drawn.image:
            session.add_all(_slots(key, judge.position, trial, scene, drawn))
    session.flush()
