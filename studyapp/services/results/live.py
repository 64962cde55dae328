"""How a running study is doing: how far judges are, how fast, what goes wrong. Nothing of what they picked.

Everything is counted by the database, so that a thousand judges are looked at in a moment; of single
answers only those of the judges on the page are read, and of each no more than that it is there.
"""

import shutil
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import and_, literal_column, not_, or_
from sqlmodel import Session, col, func, select

from analysis.texts import Text, plural, say
from studyapp.core.ledger import TEST_FROM, judge_label
from studyapp.core.pace import TOGETHER, time_left
from studyapp.core.records import read_record
from studyapp.db.tables import BallotEvent, Image, Judge, Trial, ViewingConditions, utc_text
from studyapp.services.ground.ledger import standing
from studyapp.services.ground.studies import current_file, the_study
from studyapp.services.results.progress import Progress, complete, progress_of_judges
from studyapp.services.voting.ballots import is_current
from studyapp.services.voting.refusals import refused
from studyapp.services.voting.viewing import is_report

SMALL = (760, 480)
"""CSS pixels of a window below which pictures cannot be compared fairly, as the screen check says."""
ZOOM = 0.08
OUTSIDE = {
    "window": say("window smaller than the study needs"),
    "pixel_ratio": say("pixel ratio that the study does not allow"),
    "gamut": say("screen shows fewer colours than the study needs"),
}
"""What of the study's limits is not kept."""
HOURS = 24
LATEST = 3000
"""Answers that tell the pace."""
LITTLE_DISK = 2 * 2**30


@dataclass(frozen=True)
class LiveJudge:
    """A judge's progress through the trials after practice, and warnings about how they look."""

    id: int
    name: str
    test: bool
    withdrawn: bool
    done: int
    begun: int
    total: int
    last_saved_at: str | None
    finished: bool
    warnings: tuple[Text, ...]

    @property
    def counts(self) -> bool:
        """Whether this judge's answers count."""
        return not (self.test or self.withdrawn)


@dataclass(frozen=True)
class LiveImage:
    """How many of the answers about an image are there."""

    name: str
    done: int
    begun: int
    total: int


@dataclass(frozen=True)
class Live:
    """What the page shows, of all judges."""

    state: str
    at: str
    judges: tuple[LiveJudge, ...]
    images: tuple[LiveImage, ...]
    hours: tuple[tuple[str, int], ...]
    """Complete answers in each of the last hours, the present one last."""
    seconds_each: float | None
    problems: tuple[Text, ...]
    disk_free: int

    @property
    def done(self) -> int:
        """Complete answers of those who count."""
        return sum(judge.done for judge in self.judges if judge.counts)

    @property
    def total(self) -> int:
        """Their answers when everybody is done."""
        return sum(judge.total for judge in self.judges if judge.counts)

    @property
    def finished(self) -> int:
        """Judges who count and have answered everything."""
        return sum(judge.counts and judge.total > 0 and judge.done == judge.total for judge in self.judges)

    @property
    def begun(self) -> int:
        """Judges who count and have begun."""
        return sum(judge.counts and judge.done + judge.begun > 0 for judge in self.judges)

    @property
    def longest_left(self) -> str | None:
        """How much work the judge with most of it has left, in words."""
        left = max((judge.total - judge.done for judge in self.judges if judge.counts), default=0)
        return time_left(self.seconds_each, left)

    @property
    def all_left(self) -> str | None:
        """How much work all of them have left, in words."""
        return time_left(self.seconds_each, self.total - self.done)


def live(session: Session, folder: Path, *, now: datetime) -> Live:
    """Return how the study is doing; `folder` is on the disk that must not fill up."""
    study = the_study(session)
    judges = tuple(_judges(session))
    free = shutil.disk_usage(folder).free
    return Live(
        state=study.state,
        at=utc_text(now),
        judges=judges,
        images=tuple(_images(session, [judge.id for judge in judges if not judge.counts])),
        hours=tuple(_hours(session, now)),
        seconds_each=_pace(session),
        problems=tuple(_problems(judges, study.state, free)),
        disk_free=free,
    )


def marks(session: Session, judges: Sequence[int]) -> tuple[list[str], dict[int, str]]:
    """Return the images, and for each judge a string with a sign for each of them.

    The signs: `d` done, `b` begun, `o` open, `-` not this judge's (or not decided yet).
    """
    names = session.exec(
        select(Image.id, Image.key).where(col(Image.position).is_not(None)).order_by(col(Image.position))
    ).all()
    rows = session.exec(
        select(  # pyright: ignore[reportCallIssue] (typed for up to four columns only)
            Trial.judge_id, Trial.image_id, func.count(col(Trial.id)), complete(),
            func.count(col(BallotEvent.id)))
        .outerjoin(BallotEvent, and_(col(BallotEvent.trial_id) == Trial.id, is_current()))
        .where(Trial.kind == "main", col(Trial.judge_id).in_(list(judges)))
        .group_by(col(Trial.judge_id), col(Trial.image_id))
    )  # fmt: skip
    found: dict[int, dict[int, str]] = {}
    for judge, image, total, done, begun in rows:
        found.setdefault(judge, {})[image or 0] = "d" if done == total else "b" if begun else "o"
    return [key for _, key in names], {
        judge: "".join(found.get(judge, {}).get(image or 0, "-") for image, _ in names) for judge in judges
    }


def _judges(session: Session) -> list[LiveJudge]:
    progress = progress_of_judges(session)
    out, warnings = standing(session).withdrawn, _warnings(session)
    people = session.exec(
        select(Judge.id, Judge.name, Judge.position, Judge.finished_at).order_by(col(Judge.position))
    )
    found = []
    for number, name, position, finished in people:
        own = progress.get(number or 0, Progress(0, 0, 0, None))
        found.append(
            LiveJudge(
                id=number or 0,
                name=name,
                test=position >= TEST_FROM,
                withdrawn=judge_label(position) in out,
                done=own.done,
                begun=own.begun,
                total=own.total,
                last_saved_at=own.last_saved_at,
                finished=finished is not None,
                warnings=tuple(warnings.get(number or 0, ())),
            )
        )
    return found


def _warnings(session: Session) -> dict[int, list[Text]]:
    """What is wrong with how judges look, by the last that their browsers said, and with their messages."""
    latest: dict[int, dict[str, Any]] = {}
    for judge, body in _reports(session):
        latest.setdefault(judge, {}).update(body.get("changed", body))
    rules = current_file(session).viewing
    found: dict[int, list[Text]] = {
        judge: [*_of_screen(facts), *(OUTSIDE[name] for name in rules.outside(facts))]
        for judge, facts in latest.items()
    }
    for judge in session.exec(select(ViewingConditions.judge_id).where(is_report("altered")).distinct()):
        found.setdefault(judge, []).append(say("images altered on their way"))
    for judge, (count, _) in refused(session).items():
        found.setdefault(judge, []).append(
            plural("%(count)s message refused", "%(count)s messages refused", count)
        )
    return {judge: words for judge, words in found.items() if words}


def _reports(session: Session) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each judge's last report of everything, and what changed since."""
    whole = (
        select(ViewingConditions.judge_id, func.max(ViewingConditions.id).label("last"))
        .where(or_(is_report("check"), is_report("opened")))
        .group_by(col(ViewingConditions.judge_id))
        .subquery()
    )
    query = (
        select(ViewingConditions.judge_id, ViewingConditions.body)
        .join(whole, col(ViewingConditions.judge_id) == whole.c.judge_id)
        .where(col(ViewingConditions.id) >= whole.c.last, not_(is_report("altered")))
        .order_by(col(ViewingConditions.id))
    )
    for judge, body in session.exec(query):
        yield judge, read_record(body, "a report of a screen")


def _of_screen(facts: Mapping[str, Any]) -> list[Text]:
    found = []
    width, height, zoom = facts.get("width"), facts.get("height"), facts.get("zoom")
    if width and height and (width < SMALL[0] or height < SMALL[1]):
        found.append(say("small window: %(size)s", size=f"{width:.0f} × {height:.0f}"))
    if zoom and abs(zoom - 1) > ZOOM:
        found.append(say("browser zoom %(zoom)s %%", zoom=round(100 * zoom)))
    if facts.get("contrast"):
        found.append(say("high contrast is on"))
    if facts.get("gamut") == "less":
        found.append(say("screen shows fewer colours than sRGB"))
    return found


def _images(session: Session, without: Sequence[int]) -> list[LiveImage]:
    """Count answers by image, of the judges who count."""
    totals = dict(
        session.exec(
            select(Trial.image_id, func.count(col(Trial.id)))
            .where(Trial.kind == "main", col(Trial.judge_id).not_in(without))
            .group_by(col(Trial.image_id))
        ).all()
    )
    answers = {
        image: (done, count)
        for image, done, count in session.exec(
            select(Trial.image_id, complete(), func.count(col(BallotEvent.id)))
            .join(BallotEvent, and_(col(BallotEvent.trial_id) == Trial.id, is_current()))
            .where(Trial.kind == "main", col(Trial.judge_id).not_in(without))
            .group_by(col(Trial.image_id))
        )
    }
    images = session.exec(
        select(Image.id, Image.key).where(col(Image.position).is_not(None)).order_by(col(Image.position))
    )
    return [
        LiveImage(key, *_done_and_begun(answers.get(image, (0, 0))), totals.get(image, 0))
        for image, key in images
    ]


def _done_and_begun(answers: tuple[int, int]) -> tuple[int, int]:
    return answers[0], answers[1] - answers[0]


def _hours(session: Session, now: datetime) -> list[tuple[str, int]]:
    """Count the answers that were complete at first in each of the last hours."""
    first = utc_text(now - timedelta(hours=HOURS - 1))[:13]
    # Literals: with values of a statement PostgreSQL takes the two expressions for different ones.
    hour = func.substr(BallotEvent.saved_at, literal_column("1"), literal_column("13"))
    counts = dict(
        session.exec(
            select(hour, func.count(col(BallotEvent.id)))
            .where(col(BallotEvent.saved_at) >= first, col(BallotEvent.complete))
            .group_by(hour)
        ).all()
    )
    hours = [utc_text(now - timedelta(hours=back))[:13] for back in reversed(range(HOURS))]
    return [(f"{name[11:]}:00", counts.get(name, 0)) for name in hours]


def _pace(session: Session) -> float | None:
    """Return the seconds that an answer takes: the median gap between the latest ones of each judge."""
    rows = session.exec(
        select(BallotEvent.judge_id, BallotEvent.saved_at)
        .where(col(BallotEvent.complete))
        .order_by(col(BallotEvent.id).desc())
        .limit(LATEST)
    ).all()
    gaps = []
    for _, of_judge in groupby(sorted(rows), key=lambda row: row[0]):
        moments = [datetime.fromisoformat(saved) for _, saved in of_judge]
        gaps += [later - earlier for earlier, later in pairwise(moments) if later - earlier >= TOGETHER]
    return statistics.median(gap.total_seconds() for gap in gaps) if len(gaps) >= 3 else None


def _problems(judges: Sequence[LiveJudge], state: str, free: int) -> list[Text]:
    found = []
    if free < LITTLE_DISK:
        found.append(
            say("The disk is nearly full: %(size)s MiB are left. Answers cannot be saved on a full disk.",
                size=free // 2**20)
        )  # fmt: skip
    if state == "paused":
        found.append(say("The study is paused: no answers are accepted."))
    troubled = sum(judge.counts and bool(judge.warnings) for judge in judges)
    if troubled:
        found.append(plural("%(count)s judge has a warning.", "%(count)s judges have warnings.", troubled))
    return found
