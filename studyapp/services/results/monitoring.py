"""How far the study is: judges and their progress. Nothing here says what was picked, or of whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, func, select

from analysis.texts import say
from studyapp.core.ledger import TEST_FROM, judge_label
from studyapp.core.records import read_conflicts
from studyapp.db.tables import BallotEvent, Image, Judge, Link, Team, Trial, ViewingConditions
from studyapp.services.ground.ledger import closing_digest, standing
from studyapp.services.ground.sealing import committed
from studyapp.services.ground.studies import current_file, is_registered, the_protocol, the_study
from studyapp.services.ground.workspace import Workspace
from studyapp.services.results.progress import progress_of_judges
from studyapp.services.voting.amending import Amendment, amendments
from studyapp.services.voting.refusals import refused
from studyapp.services.voting.viewing import is_report


@dataclass(frozen=True)
class JudgeStatus:
    """One judge's progress through everything shown after practice, hidden repeats and golden trials too."""

    id: int
    label: str
    name: str
    email: str
    complete: int
    unfinished: int
    total: int
    last_saved_at: str | None
    finished_at: str | None
    link_live: bool
    conflicts: tuple[str, ...]
    test: bool
    withdrawn: bool
    skipped: tuple[str, ...]
    """What of the way in this judge left out at first: guidelines, screen check, practice."""
    altered: bool
    """Whether pictures came to this judge other than the server sent them."""
    refused: int
    """Messages of this judge's page that the server refused."""
    refused_why: str | None

    @property
    def counts(self) -> bool:
        """Whether this judge's ballots count."""
        return not (self.test or self.withdrawn)


@dataclass(frozen=True)
class StudyStatus:
    """The study's progress."""

    title: str
    state: str
    protocol: str
    """How judges are asked, by its kind."""
    simulated: bool
    opened_at: str | None
    closed_at: str | None
    teams: int
    images: int
    judges: tuple[JudgeStatus, ...]
    commitment: str | None
    study_digest: str | None
    unsealed: bool
    amendments: tuple[Amendment, ...]
    disqualified: tuple[str, ...]

    @property
    def complete(self) -> int:
        """Number of complete ballots of the judges who count."""
        return sum(judge.complete for judge in self.judges if judge.counts)

    @property
    def total(self) -> int:
        """Number of their ballots when everybody is done."""
        return sum(judge.total for judge in self.judges if judge.counts)


def study_status(session: Session) -> StudyStatus:
    """Return the study's progress, judge by judge in the order of invitation."""
    study = the_study(session)
    images = select(func.count(col(Image.id))).where(col(Image.position).is_not(None))
    out = standing(session)
    live = set(session.exec(select(Link.judge_id).where(col(Link.revoked_at).is_(None))))
    return StudyStatus(
        title=current_file(session).title,
        state=study.state,
        protocol=the_protocol(session).model_dump()["kind"],
        simulated=study.simulated,
        opened_at=study.opened_at,
        closed_at=study.closed_at,
        teams=session.exec(select(func.count(col(Team.id))).where(~col(Team.control))).one(),
        images=session.exec(images).one(),
        judges=tuple(_judges(session, live, out.withdrawn)),
        commitment=committed(session),
        study_digest=closing_digest(session),
        unsealed=out.unsealed,
        amendments=tuple(amendments(session)),
        disqualified=tuple(_teams(session, out.disqualified)),
    )


def status_or_draft(session: Session, workspace: Workspace) -> StudyStatus:
    """Return the study's progress; of a draft whose images are not prepared yet, what study.yaml says."""
    if is_registered(session):
        return study_status(session)
    file = workspace.file
    return StudyStatus(
        title=file.title,
        state="draft",
        protocol=file.protocol.kind,
        simulated=file.simulated,
        opened_at=None,
        closed_at=None,
        teams=len(file.teams),
        images=0,
        judges=(),
        commitment=None,
        study_digest=None,
        unsealed=False,
        amendments=(),
        disqualified=(),
    )


def _teams(session: Session, numbers: Collection[int]) -> list[str]:
    keys = session.exec(select(Team.key).where(~col(Team.control)).order_by(col(Team.position)))
    return [key for number, key in enumerate(keys, start=1) if number in numbers]


def _judges(session: Session, live: set[int], withdrawn: frozenset[str]) -> list[JudgeStatus]:
    progress = progress_of_judges(session)
    people = session.exec(select(Judge).order_by(col(Judge.position)))
    way_in = _way_in(session)
    began = dict(_firsts(session, col(Trial.kind) != "practice"))
    altered = set(session.exec(select(ViewingConditions.judge_id).where(is_report("altered"))))
    refusals = refused(session)
    return [
        JudgeStatus(
            id=number,
            label=judge_label(judge.position),
            name=judge.name,
            email=judge.email,
            complete=own.done,
            unfinished=own.begun,
            total=own.total,
            last_saved_at=own.last_saved_at,
            finished_at=judge.finished_at,
            link_live=number in live,
            conflicts=read_conflicts(judge.conflicts, judge.position),
            test=judge.position >= TEST_FROM,
            withdrawn=judge_label(judge.position) in withdrawn,
            skipped=_skipped(began.get(number), way_in, judge),
            altered=number in altered,
            refused=refusals.get(number, (0, None))[0],
            refused_why=refusals.get(number, (0, None))[1],
        )
        for judge in people
        if (number := judge.id) is not None and (own := progress.get(number)) is not None
    ]


def _way_in(session: Session) -> dict[str, dict[int, str]]:
    """When each judge did what prepares for judging, beside reading the guidelines."""
    checks = (
        select(ViewingConditions.judge_id, func.min(ViewingConditions.noted_at))
        .where(is_report("check"))
        .group_by(col(ViewingConditions.judge_id))
    )
    return {say("screen check"): dict(session.exec(checks).all()), say("practice"): _practised(session)}


def _practised(session: Session) -> dict[int, str]:
    """When each judge had first answered the last of the practice trials; without those who have not."""
    trials = select(Trial.judge_id, func.count(col(Trial.id))).where(col(Trial.kind) == "practice")
    wanted = dict(session.exec(trials.group_by(col(Trial.judge_id))).all())
    answers = (
        select(BallotEvent.judge_id, func.min(BallotEvent.saved_at))
        .join(Trial, col(BallotEvent.trial_id) == Trial.id)
        .where(col(Trial.kind) == "practice", col(BallotEvent.complete))
        .group_by(col(BallotEvent.judge_id), col(BallotEvent.trial_id))
    )
    done: dict[int, list[str]] = {}
    for judge, moment in session.exec(answers).all():
        done.setdefault(judge, []).append(moment)
    return {judge: max(moments) for judge, moments in done.items() if len(moments) == wanted[judge]}


def _firsts(session: Session, *which: ColumnElement[bool] | Mapped[bool]) -> Sequence[tuple[int, str]]:
    """Each judge's first answer to trials of a kind."""
    query = select(BallotEvent.judge_id, func.min(BallotEvent.saved_at)).join(
        Trial, col(BallotEvent.trial_id) == Trial.id
    )
    return session.exec(query.where(*which).group_by(col(BallotEvent.judge_id))).all()


def _skipped(began: str | None, way_in: dict[str, dict[int, str]], judge: Judge) -> tuple[str, ...]:
    """Name what was missing of the way in when the judge began; before that nothing is skipped."""
    if began is None or judge.id is None:
        return ()
    done = {say("guidelines"): judge.guidelines_read_at} | {
        what: moments.get(judge.id) for what, moments in way_in.items()
    }
    missing = {what: moment for what, moment in done.items() if moment is None or moment > began}
    return tuple(
        what if moment is None else say("%(what)s (done later)", what=what)
        for what, moment in missing.items()
    )
