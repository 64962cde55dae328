"""Drawing a judge's next pairs when they are first looked at, from all answers so far (adaptive pairs).

Each batch is an event of the study's chain, `drawn`: whose, what of the judges' chains was taken into
account, and what was drawn, under names that only the key opens. The study's row is locked meanwhile, so that
judges who come at the same time are served one after the other, and each draw counts what those before gave.
"""

from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from typing import Any

from sqlmodel import Session, col, select

from analysis.texts import say
from studyapp.core.adaptive import Pair, Place, Tally, draw_batch, in_places
from studyapp.core.hidden_trials import ShownTrial
from studyapp.core.keyed import keyed_shuffle
from studyapp.core.ledger import TEST_FROM, judge_label
from studyapp.core.lifecycle import check_step
from studyapp.core.records import read_conflicts, read_record
from studyapp.db.tables import BallotEvent, Judge, StudyEvent, Trial, utc_text
from studyapp.errors import NotFoundError
from studyapp.protocols import Pairwise
from studyapp.services.ground.ledger import append_event
from studyapp.services.ground.studies import the_study
from studyapp.services.ground.workspace import Workspace
from studyapp.services.people.invitations import StudyScene, show, study_scene


class Drawer:
    """Draws for all judges of one study; there is one for each process.

    It remembers what it has read of the ledger, and reads on from there.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = Lock()
        self._known: _Known | None = None

    def draw(self, judge_id: int, public_id: str, *, now: datetime) -> None:
        """Draw batch after batch of a judge until this trial shows something.

        Raises
        ------
        NotFoundError
            When it is no trial of this judge's.
        StudyStateError
            When the study is closed: nothing is drawn any more.
        """
        key = self._workspace.key
        with self._lock, self._workspace.database.writing() as session:
            check_step("draw", the_study(session, lock=True).state)
            judge = session.exec(select(Judge).where(Judge.id == judge_id)).one()
            own = select(Trial).where(Trial.judge_id == judge_id, Trial.kind != "practice")
            trials = session.exec(own.order_by(col(Trial.position))).all()
            wanted = next((trial for trial in trials if trial.public_id == public_id), None)
            if wanted is None:
                raise NotFoundError(say("there is no such trial"))
            scene = study_scene(session)
            while wanted.image_id is None:
                if self._known is None or not self._known.is_there(session):
                    self._known = _Known(scene)
                self._known.read_on(session, key)
                _draw_once(session, key, self._known, scene, judge, trials, now)

    def draw_all(self, *, now: datetime) -> None:
        """Draw whatever is not drawn yet."""
        with self._workspace.database.reading() as session:
            undrawn = select(Trial.judge_id, Trial.public_id).where(col(Trial.image_id).is_(None))
            waiting = session.exec(undrawn.order_by(col(Trial.judge_id), col(Trial.position))).all()
        for judge_id, public_id in waiting:
            self.draw(judge_id, public_id, now=now)  # where it was drawn with another, nothing more is


class _Known:
    """What of the ledger was read: what was handed out and answered, and what earlier draws have seen."""

    def __init__(self, scene: StudyScene) -> None:
        assert isinstance(scene.protocol, Pairwise)
        self.tally = Tally(len(scene.shown.teams), len(scene.shown.images))
        self.draws = 0
        """Batches of judges who count."""
        self.batches: dict[int, int] = {}
        """Batches of each judge."""
        self._protocol = scene.protocol
        self._lengths: dict[str, int] = {}
        self._seen: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._mains: dict[int, list[str]] = {}
        self._study = (0, "")
        self._ballot = (0, "")

    def is_there(self, session: Session) -> bool:
        """Tell whether what was read last is still there: not after a rehearsal, or a draw that failed."""
        study = select(StudyEvent.hash).where(StudyEvent.sequence == self._study[0])
        ballot = select(BallotEvent.hash).where(BallotEvent.id == self._ballot[0])
        found = (session.exec(study).first() or "", session.exec(ballot).first() or "")
        return found == (self._study[1], self._ballot[1])

    def read_on(self, session: Session, key: bytes) -> None:
        """Read what was added since."""
        added = select(StudyEvent).where(col(StudyEvent.sequence) > self._study[0])
        for event in session.exec(added.order_by(col(StudyEvent.sequence))):
            self._study = (event.sequence, event.hash)
            body = read_record(event.body, "an event of the study")
            if event.kind == "invited":
                self._numbers[body["judge"]] = body["number"]
            if event.kind == "drawn":
                self._drawn(session, key, body)
        ballots = (
            select(BallotEvent, Judge.position)
            .join(Judge, col(BallotEvent.judge_id) == Judge.id)
            .where(col(BallotEvent.id) > self._ballot[0])
            .order_by(col(BallotEvent.id))
        )
        for ballot, judge in session.exec(ballots):
            self._ballot = (ballot.id or 0, ballot.hash)
            if judge < TEST_FROM:
                self._answered(ballot, judge)

    def unseen(self) -> dict[str, int]:
        """Return the length of each judge's chain that grew since the draw before."""
        return {chain: length for chain, length in self._lengths.items() if self._seen.get(chain) != length}

    def _drawn(self, session: Session, key: bytes, body: dict[str, Any]) -> None:
        judge, batch = self._numbers[body["judge"]], body["batch"]
        if judge not in self._mains:
            self._mains[judge] = _mains(session, judge)
        at = datetime.fromisoformat(body["at"]).timestamp()
        first = len(self.tally.own(judge))
        for place, pair in enumerate(opened(key, self.tally.teams, judge, batch, body["pairs"]), start=first):
            self.tally.hand_out(self._mains[judge][place], judge, pair, at, counts=judge < TEST_FROM)
        self.batches[judge] = batch
        self.draws += judge < TEST_FROM
        self._seen |= body["seen"]

    def _answered(self, ballot: BallotEvent, judge: int) -> None:
        self._lengths[judge_label(judge)] = ballot.judge_sequence
        body = read_record(ballot.body, f"ballot event {ballot.id}")
        answer = self._protocol.read(body["answer"])
        self.tally.answer(body["trial"], self._protocol.preference(answer) if body["complete"] else None)


def sealed(key: bytes, teams: int, judge: int, batch: int, pairs: Sequence[Pair]) -> list[list[int]]:
    """Write pairs as the ledger has them: the image's number, and the teams by names of this batch alone."""
    names = keyed_shuffle(key, range(teams), "drawn names", judge, batch)
    return [[pair.image + 1, names.index(pair.left) + 1, names.index(pair.right) + 1] for pair in pairs]


def opened(key: bytes, teams: int, judge: int, batch: int, pairs: Sequence[Sequence[int]]) -> list[Pair]:
    """Read what `sealed` wrote."""
    names = keyed_shuffle(key, range(teams), "drawn names", judge, batch)
    return [Pair(image - 1, names[left - 1], names[right - 1]) for image, left, right in pairs]


def _draw_once(
    session: Session,
    key: bytes,
    known: _Known,
    scene: StudyScene,
    judge: Judge,
    trials: Sequence[Trial],
    now: datetime,
) -> None:
    protocol, tally, number = scene.protocol, known.tally, judge.position
    assert isinstance(protocol, Pairwise)
    teams, images = scene.shown.teams, scene.shown.images
    conflicts = read_conflicts(judge.conflicts, number)
    places = protocol.places(key, number, scene.shown, conflicts)
    # The places follow the trials that come first and do not count.
    placed = list(zip(places, trials[len(trials) - len(places) :], strict=True))
    start = next(place for place, (_, trial) in enumerate(placed) if trial.image_id is None)
    shown, batch = tally.own(number), known.batches.get(number, 0) + 1
    pairs = draw_batch(
        key,
        tally,
        number,
        batch,
        even=known.draws % 2 == 0,
        at=datetime.fromisoformat(utc_text(now)).timestamp(),
        conflicts=[teams.index(team) for team in conflicts],
        most=sum(place.kind == "main" for place in places) - len(shown),
    )
    segment = _segment(places[start:], len(pairs))
    image_number = {scene.images[name]: number for number, name in enumerate(images)}
    known_images = {
        place: image_number[trial.image_id] for place, trial in placed if trial.image_id is not None
    }
    hidden = {place: image for place, image in known_images.items() if place.kind in ("golden", "identical")}
    before = (
        trials[len(trials) - len(placed) + start - 1].image_id if len(trials) > len(placed) or start else None
    )
    pairs = in_places(pairs, segment, shown, hidden, None if before is None else image_number[before])
    counted = [*shown, *pairs]
    for place, (_, trial) in zip(segment, placed[start:], strict=False):
        if trial.image_id is None:
            pair = counted[place.number]
            sides = [teams[pair.left], teams[pair.right]]
            if place.kind == "repeat":
                sides = keyed_shuffle(key, sides, "repeat sides", number, trial.position)
            show(session, key, number, trial, scene, ShownTrial(place.kind, images[pair.image], tuple(sides)))
    append_event(
        session,
        "drawn",
        now=now,
        judge=judge_label(number),
        batch=batch,
        seen=known.unseen(),
        pairs=sealed(key, tally.teams, number, batch, pairs),
    )


def _segment(places: Sequence[Place], counted: int) -> list[Place]:
    """Return the first places, up to the next counted one after so many."""
    mains = [number for number, place in enumerate(places) if place.kind == "main"]
    return list(places[: mains[counted]] if counted < len(mains) else places)


def _mains(session: Session, judge: int) -> list[str]:
    """Return the counted trials of a judge in order."""
    query = select(Trial.public_id).join(Judge, col(Trial.judge_id) == Judge.id)
    query = query.where(Judge.position == judge, Trial.kind == "main")
    return list(session.exec(query.order_by(col(Trial.position))))
