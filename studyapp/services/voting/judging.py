"""What a judge sees: the list of images, one trial at a time, the end. No type here can hold a team."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_
from sqlmodel import Session, col, func, select

from analysis.texts import plural, say
from studyapp.core.canonical import canonical_json
from studyapp.core.ledger import RECEIPT, judge_label
from studyapp.core.pace import seconds_each, time_left
from studyapp.core.tiles import TILE, level_sizes
from studyapp.db.tables import (
    BallotEvent,
    Image,
    Judge,
    Region,
    Trial,
    TrialSlot,
    utc_text,
)
from studyapp.errors import NotDrawnError, NotFoundError, StudyStateError
from studyapp.protocols import Asked, read_protocol
from studyapp.services.ground.ledger import closing_digest, standing
from studyapp.services.ground.studies import current_file, the_study
from studyapp.services.voting.ballots import Ballot, current_ballot, is_current
from studyapp.services.voting.trials import find_trial
from studyapp.services.voting.viewing import screen_checked


@dataclass(frozen=True)
class SlotView:
    """A candidate as a judge knows it: its number and where its tiles are."""

    slot: int
    token: str


@dataclass(frozen=True)
class TrialView:
    """Everything the judging page shows of one trial."""

    public_id: str
    kind: str
    position: int
    total: int
    answered: int
    pace: float | None
    """Seconds that an image takes this judge; None while too few answers tell."""
    width: int
    height: int
    tile: int
    levels: tuple[tuple[int, int], ...]
    input_token: str
    slots: tuple[SlotView, ...]
    question: dict[str, Any]
    """What is asked, as the study's protocol tells the page."""
    ballot: Ballot
    state: str
    open: bool
    withdrawn: bool
    regions: tuple[tuple[int, int, int, int], ...]
    see_all_at_1_1: bool
    skipped: tuple[str, ...]
    """What of the way in this judge has not done: guidelines, screen, practice."""
    practice: str
    previous: str | None
    next: str | None


@dataclass(frozen=True)
class TrialLine:
    """One image in the judge's list."""

    public_id: str
    position: int
    revision: int
    complete: bool
    receipt: str | None = None


@dataclass(frozen=True)
class Overview:
    """Where a judge stands."""

    study: str
    name: str
    state: str
    simulated: bool
    guidelines_read: bool
    screen_checked: bool
    finished: bool
    withdrawn: bool
    pace: float | None
    study_digest: str | None
    practice: tuple[TrialLine, ...]
    trials: tuple[TrialLine, ...]

    @property
    def answered(self) -> int:
        """Number of images with a complete ballot."""
        return sum(line.complete for line in self.trials)

    @property
    def time_left(self) -> str | None:
        """How long the images without an answer will take, in words."""
        return time_left(self.pace, len(self.trials) - self.answered)

    @property
    def to_practise(self) -> TrialLine | None:
        """The first practice trial that was not done."""
        return next((line for line in self.practice if not line.complete), None)

    @property
    def first_open(self) -> TrialLine | None:
        """The first image that still needs an answer."""
        return next((line for line in self.trials if not line.complete), None)

    @property
    def digest(self) -> str:
        """Short hash of which ballots are complete at which revision, to finish exactly what was shown."""
        state = [[line.public_id, line.revision] for line in self.trials if line.complete]
        return hashlib.sha256(canonical_json(state)).hexdigest()[:16]


def overview(session: Session, judge_id: int) -> Overview:
    """Return the judge's own list of images in their order."""
    judge = _judge(session, judge_id)
    study = the_study(session)
    rows = session.exec(
        select(Trial, BallotEvent)
        .outerjoin(BallotEvent, and_(col(BallotEvent.trial_id) == Trial.id, is_current()))
        .where(Trial.judge_id == judge_id)
        .order_by(col(Trial.position))
    )
    # After closing nothing is drawn any more, and what was never drawn is nothing to look at.
    lines = [
        (trial.kind, _line(trial, event))
        for trial, event in rows
        if trial.image_id is not None or study.state != "closed"
    ]
    return Overview(
        study=current_file(session).title,
        name=judge.name,
        state=study.state,
        simulated=study.simulated,
        guidelines_read=judge.guidelines_read_at is not None,
        screen_checked=screen_checked(session, judge_id),
        finished=judge.finished_at is not None,
        withdrawn=_withdrawn(session, judge),
        pace=_pace(session, judge_id),
        study_digest=closing_digest(session),
        practice=tuple(line for kind, line in lines if kind == "practice"),
        trials=tuple(line for kind, line in lines if kind != "practice"),
    )


def trial_view(session: Session, judge_id: int, public_id: str) -> TrialView:
    """Return one trial of this judge, ready to be shown.

    Raises
    ------
    NotFoundError
        When there is no such trial, or it is another judge's.
    NotDrawnError
        When it is not decided yet what it shows.
    """
    trial = find_trial(session, judge_id, public_id)
    if trial.image_id is None:
        raise NotDrawnError(say("what this trial shows is not decided yet"))
    study = the_study(session)
    image = session.exec(select(Image).where(Image.id == trial.image_id)).one()
    slots = select(TrialSlot).where(TrialSlot.trial_id == trial.id).order_by(col(TrialSlot.slot))
    first, *candidates = session.exec(slots).all()
    own = select(Trial.public_id).where(Trial.judge_id == judge_id).order_by(col(Trial.position))
    if study.state == "closed":
        own = own.where(col(Trial.image_id).is_not(None))
    practice = list(session.exec(own.where(Trial.kind == "practice")))
    order = [*practice, *session.exec(own.where(Trial.kind != "practice"))]
    judge = _judge(session, judge_id)
    # While it is paused the page keeps what is picked, and sends it when the study goes on.
    may_answer = study.state in ("open", "paused")
    place = order.index(public_id)
    to_practise = _to_practise(session, judge_id)
    protocol = read_protocol(study.protocol)
    # Hidden trials of all kinds are main trials to their judge.
    kind = "practice" if trial.kind == "practice" else "main"
    return TrialView(
        public_id=public_id,
        kind=kind,
        position=trial.position,
        total=len(practice) if kind == "practice" else len(order) - len(practice),
        answered=_answered(session, judge_id),
        pace=_pace(session, judge_id),
        width=image.width,
        height=image.height,
        tile=TILE,
        levels=tuple(level_sizes(image.width, image.height)),
        input_token=first.token,
        slots=tuple(SlotView(item.slot, item.token) for item in candidates),
        question=protocol.question(Asked(kind, len(candidates))),
        ballot=current_ballot(session, trial),
        state=study.state,
        open=may_answer,
        withdrawn=_withdrawn(session, judge),
        regions=_regions(session, trial),
        see_all_at_1_1=protocol.see_all_at_1_1,
        skipped=_skipped(session, judge, to_practise) if trial.kind != "practice" and may_answer else (),
        practice=to_practise or practice[0],
        previous=order[place - 1] if place not in (0, len(practice)) else None,
        next=order[place + 1] if place + 1 < len(order) else None,
    )


def read_guidelines(session: Session, judge_id: int, *, now: datetime) -> None:
    """Remember that the judge has read the guidelines."""
    judge = _judge(session, judge_id)
    if judge.guidelines_read_at is None:
        judge.guidelines_read_at = utc_text(now)
        session.add(judge)


def finish(session: Session, judge_id: int, *, answered: int, digest: str, now: datetime) -> None:
    """Record that the judge is done with exactly the ballots that the page showed.

    Raises
    ------
    StudyStateError
        When images are missing, or the ballots are no longer those that the page showed.
    """
    state = overview(session, judge_id)
    if (state.answered, state.digest) != (answered, digest):
        raise StudyStateError(say("your answers changed after this page was shown; check the list again"))
    if state.answered < len(state.trials):
        raise StudyStateError(
            plural(
                "%(count)s of %(all)s images still needs an answer",
                "%(count)s of %(all)s images still need an answer",
                len(state.trials) - state.answered,
                all=len(state.trials),
            )
        )
    judge = _judge(session, judge_id)
    if judge.finished_at is None:
        judge.finished_at = utc_text(now)
        session.add(judge)


def _judge(session: Session, judge_id: int) -> Judge:
    judge = session.exec(select(Judge).where(Judge.id == judge_id)).one_or_none()
    if judge is None:
        raise NotFoundError(say("there is no such judge"))
    return judge


def _withdrawn(session: Session, judge: Judge) -> bool:
    return judge_label(judge.position) in standing(session).withdrawn


def _to_practise(session: Session, judge_id: int) -> str | None:
    """Return the first practice trial without a complete ballot."""
    done = select(BallotEvent.trial_id).where(
        BallotEvent.judge_id == judge_id, col(BallotEvent.complete), is_current()
    )
    own = select(Trial.public_id).where(Trial.judge_id == judge_id, Trial.kind == "practice")
    return session.exec(own.where(col(Trial.id).not_in(done)).order_by(col(Trial.position)).limit(1)).first()


def _skipped(session: Session, judge: Judge, to_practise: str | None) -> tuple[str, ...]:
    assert judge.id is not None
    done = {
        "guidelines": judge.guidelines_read_at is not None,
        "screen": screen_checked(session, judge.id),
        "practice": to_practise is None,
    }
    return tuple(what for what, is_done in done.items() if not is_done)


def _line(trial: Trial, event: BallotEvent | None) -> TrialLine:
    if event is None:
        return TrialLine(trial.public_id, trial.position, 0, False)
    return TrialLine(trial.public_id, trial.position, event.revision, event.complete, event.hash[:RECEIPT])


def _regions(session: Session, trial: Trial) -> tuple[tuple[int, int, int, int], ...]:
    rows = session.exec(select(Region).where(Region.image_id == trial.image_id).order_by(col(Region.number)))
    return tuple((row.x, row.y, row.width, row.height) for row in rows)


def _answered(session: Session, judge_id: int) -> int:
    complete = (
        select(func.count(col(BallotEvent.id)))
        .join(Trial, col(BallotEvent.trial_id) == Trial.id)
        .where(BallotEvent.judge_id == judge_id, Trial.kind != "practice", BallotEvent.complete, is_current())
    )
    return session.exec(complete).one()


def _pace(session: Session, judge_id: int) -> float | None:
    first_complete = (
        select(func.min(BallotEvent.saved_at))
        .join(Trial, col(BallotEvent.trial_id) == Trial.id)
        .where(BallotEvent.judge_id == judge_id, Trial.kind != "practice", BallotEvent.complete)
        .group_by(col(BallotEvent.trial_id))
    )
    return seconds_each([datetime.fromisoformat(moment) for moment in session.exec(first_complete)])
