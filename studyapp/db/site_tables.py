"""The tables of a site: accounts, roles, who is signed in, jobs, uploads, security events, a challenge.

They stand in a database of their own, apart from every study's, so that no copy, export or dump of ballots
carries them. Rules stand as explicit constraints, as in `studyapp.db.tables`.
"""

from pydantic import ConfigDict
from sqlalchemy import DDL, BigInteger, CheckConstraint, Index, MetaData, UniqueConstraint, event
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from studyapp.db.tables import NAMES

SITE = MetaData(naming_convention=NAMES)


class SiteRow(SQLModel, registry=registry(metadata=SITE)):
    """What all tables of a site have in common."""

    model_config = ConfigDict(defer_build=True)  # pyright: ignore[reportAssignmentType]
    metadata = SITE


class Account(SiteRow, table=True):
    """Somebody who signs in by password. `key` is the name without case, spaces and look-alike forms."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    name: str
    email: str = ""
    # A hash of argon2id; None until a password was set by the link of the invitation.
    password: str | None = None
    # As JSON (`studyapp.services.people.second_factors`); None without one.
    second_factor: str | None = None
    created_at: str
    disabled_at: str | None = None


class Role(SiteRow, table=True):
    """What an account may do: in one study, or as owner, which names none, in all."""

    __table_args__ = (
        CheckConstraint("role IN ('owner', 'organiser', 'analyst')", name="role_known"),
        CheckConstraint("role <> 'owner' OR study = ''", name="owner_of_all"),
    )

    account_id: int = Field(foreign_key="account.id", primary_key=True)
    # The study's name in addresses; "" for an owner, and for a study folder served alone.
    study: str = Field(primary_key=True)
    role: str = Field(primary_key=True)


class SignInLink(SiteRow, table=True):
    """A link that signs in: the one that `serve` prints (no account: an owner), or an invitation."""

    __tablename__ = "sign_in_link"  # pyright: ignore[reportAssignmentType]

    id: int | None = Field(default=None, primary_key=True)
    account_id: int | None = Field(default=None, foreign_key="account.id")
    token_sha256: str = Field(unique=True)
    created_at: str
    revoked_at: str | None = None


class AccountSession(SiteRow, table=True):
    """Somebody signed in with one browser; gone when it ends. `id` is the hash of what the cookie holds."""

    __tablename__ = "account_session"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (CheckConstraint("account_id IS NOT NULL OR link_id IS NOT NULL", name="somebody"),)

    id: str = Field(primary_key=True)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    link_id: int | None = Field(default=None, foreign_key="sign_in_link.id", index=True)
    begun_at: str
    used_at: str
    address: str
    device: str


class Attempt(SiteRow, table=True):
    """How often somebody failed to get in within a window of time; its instants are seconds since 1970."""

    key: str = Field(primary_key=True)
    count: int
    begins: float
    ends: float


class Job(SiteRow, table=True):
    """Work that takes longer than a request (`studyapp.services.jobs`)."""

    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state_known"),
        CheckConstraint("(state = 'running') = (worker IS NOT NULL)", name="running_has_worker"),
        CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="running_has_lease"),
        CheckConstraint("attempts >= failures AND failures >= 0", name="attempts_counted"),
    )

    id: int | None = Field(default=None, primary_key=True)
    # The study's name in addresses; "" for a study folder served alone.
    study: str = Field(index=True)
    kind: str
    # Jobs of one study and lane write the same files: one runs at a time (`site_indexes`).
    lane: str
    # Arguments of the kind's function, as JSON.
    arguments: str = "{}"
    state: str = Field(default="waiting", index=True)
    # Who asked for it, by the account's name.
    asked_by: str = ""
    # Where it is: what it does now and since when, and how much of how much of that.
    stage: str = ""
    stage_at: str | None = None
    done: int = 0
    total: int = 0
    # How often a worker began it. Each beginning is one more, so a worker that was taken for dead is known.
    attempts: int = 0
    # How many of these ended badly: the worker or the job's process died, or an error nobody expected.
    failures: int = 0
    worker: str | None = None
    lease_until: str | None = None
    # Not before then: it failed a moment ago.
    begin_after: str | None = None
    # When somebody asked the worker to stop it.
    stop_at: str | None = None
    created_at: str
    started_at: str | None = None
    ended_at: str | None = None
    # What came of it, as JSON; of a failed or cancelled one `{"error": "..."}` in plain words.
    result: str = "{}"
    # What its process printed, the end of it.
    log: str = ""


# Of the jobs of a study that write the same files one runs at a time, whoever claims them. Spelled out here,
# because an `Index` with a condition (`site_indexes`) loads SQLAlchemy's code for PostgreSQL.
event.listen(
    Job.__table__,  # pyright: ignore[reportAttributeAccessIssue] (SQLAlchemy adds it)
    "after_create",
    DDL("CREATE UNIQUE INDEX IF NOT EXISTS uq_job_lane ON job (study, lane) WHERE state = 'running'"),
)


class Upload(SiteRow, table=True):
    """A file on its way, or arrived: its bytes lie in the site's var/uploads under its id."""

    __table_args__ = (CheckConstraint("size >= 0 AND received >= 0 AND received <= size", name="sizes"),)

    id: str = Field(primary_key=True)
    study: str = Field(index=True)
    name: str
    size: int = Field(sa_type=BigInteger)
    # Bytes that are on disk.
    received: int = Field(default=0, sa_type=BigInteger)
    # What it is for, as JSON: {"purpose": "team", "team": "team03"}.
    purpose: str = "{}"
    asked_by: str = ""
    created_at: str
    arrived_at: str | None = None
    sha256: str | None = None
    # Of a file that a team of the challenge sends: whose it is. An organiser's has none.
    team_id: int | None = Field(default=None, foreign_key="challenge_team.id", index=True)


class ChallengeTeam(SiteRow, table=True):
    """A team of the challenge. `key` is its name without case, spaces and look-alike forms."""

    __tablename__ = "challenge_team"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'approved', 'refused', 'left')", name="state_known"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    name: str
    affiliation: str = ""
    state: str = Field(default="waiting", index=True)
    # Of the link by which others join; None once it was taken back.
    join_sha256: str | None = Field(default=None, unique=True)
    created_at: str
    decided_at: str | None = None
    decided_by: str = ""
    # Why it was refused, or left.
    why: str = ""


class Entry(SiteRow, table=True):
    """That a team takes part in a track."""

    team_id: int = Field(foreign_key="challenge_team.id", primary_key=True)
    # The name of the track's study.
    track: str = Field(primary_key=True, index=True)
    entered_at: str
    withdrawn_at: str | None = None
    # The id of the team in study.yaml, once it is one of those that judges see.
    study_team: str | None = None


class Membership(SiteRow, table=True):
    """That somebody is in a team, for each of its tracks: of one track, in one team only."""

    account_id: int = Field(foreign_key="account.id", primary_key=True)
    track: str = Field(primary_key=True)
    team_id: int = Field(foreign_key="challenge_team.id", index=True)
    leads: bool = False
    joined_at: str


# A team has one leader in each of its tracks (`site_indexes`).
event.listen(
    Membership.__table__,  # pyright: ignore[reportAttributeAccessIssue] (SQLAlchemy adds it)
    "after_create",
    DDL("CREATE UNIQUE INDEX IF NOT EXISTS uq_membership_leader ON membership (team_id, track) WHERE leads"),
)


class TeamInvitation(SiteRow, table=True):
    """An organiser's link by which one team registers."""

    __tablename__ = "team_invitation"  # pyright: ignore[reportAssignmentType]

    id: int | None = Field(default=None, primary_key=True)
    token_sha256: str = Field(unique=True)
    # For whom it is, as the organiser calls them.
    note: str = ""
    created_at: str
    created_by: str = ""
    # The team that registered by it.
    team_id: int | None = Field(default=None, foreign_key="challenge_team.id")
    revoked_at: str | None = None


class AccessToken(SiteRow, table=True):
    """What a program shows instead of a password, to act for an account."""

    __tablename__ = "access_token"  # pyright: ignore[reportAssignmentType]

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    token_sha256: str = Field(unique=True)
    # What its owner calls it.
    name: str = ""
    created_at: str
    used_at: str | None = None
    revoked_at: str | None = None


class Submission(SiteRow, table=True):
    """What a team handed in. Its files lie in the site's var/submissions under its number."""

    __table_args__ = (
        CheckConstraint("kind IN ('results', 'final', 'code')", name="kind_known"),
        CheckConstraint("state IN ('waiting', 'working', 'done', 'failed', 'withdrawn')", name="state_known"),
        CheckConstraint(
            "score IS NULL OR (kind = 'results' AND state IN ('done', 'withdrawn'))", name="scored"
        ),
        UniqueConstraint("team_id", "track", "phase", "number"),
        # All that a leaderboard asks of each: the rows themselves are long.
        Index(
            "ix_submission_board",
            "track",
            "phase",
            "kind",
            "team_id",
            "number",
            "arrived_at",
            "state",
            "score",
            "basis",
            "withdrawn_at",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    team_id: int = Field(foreign_key="challenge_team.id", index=True)
    track: str
    phase: str
    # results: for the pairs, scored; final: for the images that judges see; code: the model.
    kind: str = "results"
    # Counted for each team, track and phase, from 1.
    number: int
    # The name of the file, its bytes and their hash.
    name: str
    size: int = Field(sa_type=BigInteger)
    sha256: str
    sent_by: int = Field(foreign_key="account.id")
    # When its last byte was here. This moment decides whether it was in time.
    arrived_at: str
    state: str = Field(default="waiting", index=True)
    withdrawn_at: str | None = None
    ended_at: str | None = None
    # Of the whole set; None as long as there is none, or when anything is missing: never 0 for that.
    score: float | None = None
    # A digest of what the score depends on besides the images: those of equal basis can be compared.
    basis: str = ""
    # What readme.txt says, as JSON.
    readme: str = "{}"
    # Means, counts and versions, as JSON; the images' own values are in its folder.
    result: str = "{}"
    # What is wrong with it, in plain words for the team.
    problem: str = ""
    # The upload that it arrived by: whoever asks a second time what became of that finds it.
    upload_id: str | None = Field(default=None, unique=True)
    # The job that works on it, or did last.
    job_id: int | None = Field(default=None, foreign_key="job.id")


class Choice(SiteRow, table=True):
    """That a team chose which of its submissions counts; the latest of a phase stands."""

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    chosen_at: str


class Factsheet(SiteRow, table=True):
    """What a team says of its method, each version of it."""

    team_id: int = Field(foreign_key="challenge_team.id", primary_key=True)
    track: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    body: str
    saved_by: int = Field(foreign_key="account.id")
    saved_at: str


class Cut(SiteRow, table=True):
    """Who goes to the final phase, as an organiser decided; each decision is a row, the latest stands."""

    id: int | None = Field(default=None, primary_key=True)
    track: str = Field(index=True)
    phase: str
    # The teams in order, the limit, ties at it, and why so, as JSON.
    body: str
    decided_by: str
    decided_at: str


class SecurityEvent(SiteRow, table=True):
    """Who came in, who failed to, and who asked for what is not theirs; never a token, a name or a pick."""

    __tablename__ = "security_event"  # pyright: ignore[reportAssignmentType]

    id: int | None = Field(default=None, primary_key=True)
    at: str = Field(index=True)
    study: str
    event: str
    address: str
    body: str
