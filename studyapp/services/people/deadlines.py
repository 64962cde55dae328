"""Until when judges are asked to finish. It is advice that their pages show; nothing is refused after it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlmodel import Session

from analysis.texts import say
from studyapp.db.tables import utc_text
from studyapp.errors import StudyError
from studyapp.services.ground.study_settings import set_setting, setting

KEY = "deadline"


@dataclass(frozen=True)
class Deadline:
    """A moment, and the time zone that the organisers think of it in."""

    at: str
    zone: str

    @property
    def local(self) -> datetime:
        """The moment in the organisers' zone."""
        return datetime.fromisoformat(self.at).astimezone(ZoneInfo(self.zone))

    @property
    def words(self) -> str:
        """The moment as a mail says it: unmistakable, whatever the reader's language."""
        return f"{self.local:%Y-%m-%d %H:%M} ({self.zone})"


def deadline(session: Session) -> Deadline | None:
    """Return the deadline, if there is one."""
    found = setting(session, KEY)
    return Deadline(found["at"], found["zone"]) if found else None


def set_deadline(session: Session, day: str, time: str, zone: str, *, now: datetime) -> Deadline | None:
    """Set the deadline from what a form says; an empty day takes it away.

    Raises
    ------
    StudyError
        When that is no moment.
    """
    if not day.strip():
        set_setting(session, KEY, None, now=now)
        return None
    try:
        where = ZoneInfo(zone.strip() or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise StudyError(
            say(
                "%(zone)s is not a time zone: write one such as Europe/Berlin or Asia/Shanghai",
                zone=repr(zone),
            )
        ) from None
    try:
        moment = datetime.fromisoformat(f"{day.strip()}T{time.strip() or '23:59'}").replace(tzinfo=where)
        at = utc_text(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        raise StudyError(
            say("%(day)s %(time)s is not a moment: write 2026-05-31 and 18:00", day=day, time=time)
        ) from None
    chosen = Deadline(at, where.key)
    set_setting(session, KEY, {"at": chosen.at, "zone": chosen.zone}, now=now)
    return chosen
