"""When a track's teams may hand in, how often, and since when its leaderboard stands still."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from analysis.texts import say
from studyapp.db.site_tables import Submission
from studyapp.db.tables import utc_text
from studyapp.errors import NotFoundError, StudyStateError
from studyapp.services.ground.site import Site
from studyapp.study.challenge_file import Challenge, Phase, Track

Stage = Literal["before", "open", "over"]


@dataclass(frozen=True)
class Quota:
    """How many submissions a team may still send today, and in all; None for any number.

    `again_at` is when the next can come, where there is none left today but one later in the phase.
    """

    today: int | None
    total: int | None
    again_at: datetime | None = None

    @property
    def is_used_up(self) -> bool:
        """Whether nothing can be sent now."""
        return 0 in (self.today, self.total)


def challenge_of(site: Site) -> Challenge:
    """Return what site.yaml says of the challenge, as it is now.

    Raises
    ------
    NotFoundError
        When the site has none.
    """
    if site.file.challenge is None:
        raise NotFoundError(say("this site has no challenge"))
    return site.file.challenge


def track_of(site: Site, track: str) -> Track:
    """Return a track of the challenge.

    Raises
    ------
    NotFoundError
        When there is none of this name.
    """
    found = challenge_of(site).tracks.get(track)
    if found is None:
        raise NotFoundError(say("the challenge has no track %(track)s", track=repr(track)))
    return found


def phase_of(site: Site, track: str, name: str) -> Phase:
    """Return a phase of a track.

    Raises
    ------
    NotFoundError
        When there is none of this name.
    """
    found = track_of(site, track).phases.get(name)
    if found is None:
        raise NotFoundError(say("the track %(track)s has no phase %(phase)s", track=track, phase=repr(name)))
    return found


def last_feedback(site: Site, track: str) -> str:
    """Return the name of the phase whose leaderboard decides who goes to the final phase.

    Raises
    ------
    NotFoundError
        When the track has none in which results are scored.
    """
    found = [name for name, phase in track_of(site, track).phases.items() if phase.kind == "feedback"]
    if not found:
        raise NotFoundError(say("the track %(track)s has no phase with a leaderboard", track=track))
    return found[-1]


def final_phase(site: Site, track: str) -> Phase | None:
    """Return the final phase of a track, if it has one."""
    return next((phase for phase in track_of(site, track).phases.values() if phase.kind == "final"), None)


def stage(phase: Phase, now: datetime) -> Stage:
    """Tell where a phase is: it is open from `opens` until just before `closes`."""
    if now < phase.opens:
        return "before"
    return "open" if now < phase.closes else "over"


def is_frozen(phase: Phase, now: datetime) -> bool:
    """Tell whether the leaderboard stands still: from `freezes` until the phase is over."""
    return phase.freezes is not None and phase.freezes <= now < phase.closes


def is_readable(phase: Phase, now: datetime, *, takes_part: bool, organises: bool) -> bool:
    """Tell who may read a phase's leaderboard: once the phase is over, everyone."""
    if organises or stage(phase, now) == "over" or phase.board == "public":
        return True
    return phase.board == "teams" and takes_part


def refuse_late(phase: Phase, now: datetime) -> None:
    """Make sure that a phase is open at the moment when the last byte arrived.

    Raises
    ------
    StudyStateError
        When it is not open yet, or over.
    """
    where = stage(phase, now)
    if where == "before":
        raise StudyStateError(
            say("%(phase)s opens at %(when)s", phase=phase.title, when=written(phase.opens))
        )
    if where == "over":
        raise StudyStateError(
            say("%(phase)s closed at %(when)s", phase=phase.title, when=written(phase.closes))
        )


def quota(
    session: Session, site: Site, team_id: int, track: str, name: str, now: datetime, *, code: bool = False
) -> Quota:
    """Count what a team may still send to a phase. A day is one of UTC, from midnight to midnight.

    Models (`code`) are counted apart: results, of which a phase takes few, leave room for the model.

    Failed submissions do not count, nor those that were withdrawn before they had a result. Withdrawn later
    they do: else a team could see any number of scores in a day.

    Raises
    ------
    NotFoundError
        When there is no such phase.
    """
    phase = phase_of(site, track, name)
    begins = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    ends = begins + timedelta(days=1)
    counted = (
        Submission.team_id == team_id,
        Submission.track == track,
        Submission.phase == name,
        (col(Submission.kind) == "code") == code,
        col(Submission.state) != "failed",
        # The readme stays when a result goes because it is scored again.
        or_(
            col(Submission.state) != "withdrawn",
            col(Submission.result) != "{}",
            col(Submission.readme) != "{}",
        ),
    )
    of_today = (col(Submission.arrived_at) >= utc_text(begins), col(Submission.arrived_at) < utc_text(ends))
    number = select(func.count()).select_from(Submission)
    sent = session.exec(number.where(*counted)).one()
    sent_today = session.exec(number.where(*counted, *of_today)).one()
    today, total = _left(phase.daily, sent_today), _left(phase.total, sent)
    is_later = today == 0 and total != 0 and ends < phase.closes
    return Quota(today, total, ends if is_later else None)


def _left(most: int | None, used: int) -> int | None:
    return None if most is None else max(0, most - used)


def written(moment: datetime) -> str:
    """Write a moment for a message: UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
