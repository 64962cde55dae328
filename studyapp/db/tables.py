"""The tables of one study (one database holds one study).

SQLModel does not validate table classes and `ge`/`le` make no constraint, so every rule stands here as an
explicit CHECK, UNIQUE or foreign key. Events are append-only: triggers refuse UPDATE and DELETE
(see `studyapp.db.triggers`). Partial indexes stand in `studyapp.db.partial_indexes`.
"""

from datetime import UTC, datetime

from pydantic import ConfigDict
from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

# Names for every constraint, so that a migration can drop what another made.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMES


def utc_text(moment: datetime) -> str:
    """Write a moment as ISO 8601 in UTC; text sorts and compares alike on SQLite and PostgreSQL."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_KINDS = "kind IN ('main', 'practice', 'repeat', 'golden', 'identical', 'stabilising')"


class Row(SQLModel):
    """What all tables have in common: no validator is made before it is used, as rows are not validated."""

    model_config = ConfigDict(defer_build=True)  # pyright: ignore[reportAssignmentType]


class Study(Row, table=True):
    """The study itself: exactly one row."""

    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("state IN ('draft', 'open', 'paused', 'closed')", name="state_known"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
    )

    id: int = Field(default=1, primary_key=True)
    title: str
    state: str = "draft"
    simulated: bool
    # What of `file` every ballot needs: the protocol, as JSON.
    protocol: str
    study_file_sha256: str
    # study.yaml as it was registered or last amended, as JSON: what the study goes by.
    file: str
    created_at: str
    opened_at: str | None = None
    closed_at: str | None = None
    # How many test judges there ever were: no number is given twice, as trials and tiles are named after it.
    tests: int = 0


class Team(Row, table=True):
    """A participating team; `control` marks what stands for one: known-worse, reference or anchor.

    A control is never shown as a team, ranked or disqualified.
    """

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    name: str
    position: int = Field(unique=True)
    control: bool = False


class Image(Row, table=True):
    """One unpaired scene. The practice image has no position and never counts."""

    __table_args__ = (CheckConstraint("width > 0 AND height > 0", name="size_positive"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    position: int | None = Field(default=None, unique=True)
    width: int
    height: int


class Picture(Row, table=True):
    """A tiled picture of an image: a team's candidate, or the input (no team)."""

    __table_args__ = (UniqueConstraint("image_id", "team_id"),)

    id: int | None = Field(default=None, primary_key=True)
    image_id: int = Field(foreign_key="image.id")
    team_id: int | None = Field(default=None, foreign_key="team.id")
    pack: str
    source: str
    sha256_file: str
    sha256_pixels: str


class Judge(Row, table=True):
    """A judge. `position` is the judge's number in the design, in order of invitation.

    Test judges have numbers of their own (`studyapp.core.ledger.TEST_FROM`) and never count.
    """

    id: int | None = Field(default=None, primary_key=True)
    name: str
    email: str = Field(unique=True)
    position: int = Field(unique=True)
    conflicts: str = ""
    invited_at: str
    guidelines_read_at: str | None = None
    finished_at: str | None = None


class Link(Row, table=True):
    """A judge's link, stored as the hash of its token. At most one of a judge's links is not revoked."""

    id: int | None = Field(default=None, primary_key=True)
    judge_id: int = Field(foreign_key="judge.id")
    token_sha256: str = Field(unique=True)
    created_at: str
    revoked_at: str | None = None


class LoginSession(Row, table=True):
    """A judge logged in with one browser; gone when it ends. `id` is the hash of what the cookie holds."""

    __tablename__ = "login_session"  # pyright: ignore[reportAssignmentType]

    id: str = Field(primary_key=True)
    link_id: int = Field(foreign_key="link.id", index=True)
    begun_at: str
    used_at: str
    address: str
    device: str


class Trial(Row, table=True):
    """One judge looking at one image, as the study's protocol shows it. `public_id` is what browsers see.

    Practice trials have positions of their own, all others share one sequence; only main trials count.
    """

    __table_args__ = (
        CheckConstraint(_KINDS, name="kind_known"),
        CheckConstraint("position >= 1", name="position_positive"),
        UniqueConstraint("judge_id", "kind", "position"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(unique=True)
    judge_id: int = Field(foreign_key="judge.id")
    # None until it is drawn, where earlier answers decide what is shown.
    image_id: int | None = Field(default=None, foreign_key="image.id")
    kind: str
    position: int


class TrialSlot(Row, table=True):
    """What stands in a slot of a trial; slot 0 is the input or reference. `token` names its tiles."""

    __tablename__ = "trial_slot"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (CheckConstraint("slot >= 0", name="slot_not_negative"),)

    trial_id: int = Field(foreign_key="trial.id", primary_key=True)
    slot: int = Field(primary_key=True)
    picture_id: int = Field(foreign_key="picture.id")
    token: str = Field(unique=True)


class BallotEvent(Row, table=True):
    """One revision of one ballot. The current ballot of a trial is its highest revision.

    What was answered stands in the body alone; the study's protocol reads it.
    """

    __tablename__ = "ballot_event"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        CheckConstraint("revision >= 1", name="revision_positive"),
        UniqueConstraint("trial_id", "revision"),
        UniqueConstraint("judge_id", "judge_sequence"),
    )

    id: int | None = Field(default=None, primary_key=True)
    trial_id: int = Field(foreign_key="trial.id")
    judge_id: int = Field(foreign_key="judge.id")
    revision: int
    judge_sequence: int
    key: str = Field(unique=True)
    complete: bool
    body: str
    saved_at: str
    previous_hash: str
    hash: str = Field(unique=True)


class StudyEvent(Row, table=True):
    """One event of the study's own chain: invited, opened, paused, disqualified, closed, ..."""

    __tablename__ = "study_event"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (CheckConstraint("sequence >= 1", name="sequence_positive"),)

    id: int | None = Field(default=None, primary_key=True)
    sequence: int = Field(unique=True)
    kind: str
    body: str
    at: str
    previous_hash: str
    hash: str = Field(unique=True)


class Looking(Row, table=True):
    """Evidence of where the judge looked until a ballot event; the event's body holds its hash."""

    event_id: int = Field(foreign_key="ballot_event.id", primary_key=True)
    body: str


class LaterLooking(Row, table=True):
    """Evidence of looking that no ballot carries, because the judge looked on after the last saved pick.

    A report covers its visit so far; only longer ones are added. Beside the chains, like viewing conditions.
    """

    __tablename__ = "later_looking"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        CheckConstraint("seconds >= 0", name="seconds_not_negative"),
        UniqueConstraint("trial_id", "visit", "seconds"),
    )

    id: int | None = Field(default=None, primary_key=True)
    trial_id: int = Field(foreign_key="trial.id")
    visit: str
    seconds: float
    noted_at: str
    body: str


class ViewingConditions(Row, table=True):
    """What a judge's screen and window were like, at the check page and whenever they changed."""

    __tablename__ = "viewing_conditions"  # pyright: ignore[reportAssignmentType]

    id: int | None = Field(default=None, primary_key=True)
    judge_id: int = Field(foreign_key="judge.id", index=True)
    noted_at: str
    body: str


class EyeScreening(Row, table=True):
    """What the last screenings of a judge's eyes found, unless they removed it: data about health."""

    __tablename__ = "eye_screening"  # pyright: ignore[reportAssignmentType]

    judge_id: int = Field(foreign_key="judge.id", primary_key=True)
    noted_at: str
    body: str


class RefusedReport(Row, table=True):
    """How many of a judge's messages of a kind were refused, and why the last one was."""

    __tablename__ = "refused_report"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (CheckConstraint("count >= 1", name="count_positive"),)

    judge_id: int = Field(foreign_key="judge.id", primary_key=True)
    kind: str = Field(primary_key=True)
    count: int
    last_at: str
    last_reason: str


class Region(Row, table=True):
    """A rectangle of interest, in pixels of the image, that every judge is led to first."""

    __table_args__ = (
        CheckConstraint("x >= 0 AND y >= 0 AND width > 0 AND height > 0", name="inside"),
        CheckConstraint("number >= 1", name="number_positive"),
    )

    image_id: int = Field(foreign_key="image.id", primary_key=True)
    number: int = Field(primary_key=True)
    x: int
    y: int
    width: int
    height: int


class Setting(Row, table=True):
    """What organisers set beside study.yaml: the deadline, the texts of mails. Nothing that is judged."""

    key: str = Field(primary_key=True)
    # JSON.
    value: str
    changed_at: str


class SentMail(Row, table=True):
    """A mail to a judge: what it was and when, never its link. `problem` says why it was not sent."""

    __tablename__ = "sent_mail"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (CheckConstraint("kind IN ('invitation', 'reminder')", name="kind_known"),)

    id: int | None = Field(default=None, primary_key=True)
    judge_id: int = Field(foreign_key="judge.id", index=True)
    kind: str
    at: str
    problem: str | None = None
