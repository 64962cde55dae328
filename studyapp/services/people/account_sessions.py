"""Which account is signed in where, in every study of the site; as `log_ins` for judges."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, delete, select
from sqlmodel import Session, col

from analysis.texts import say
from studyapp.db.site_tables import SITE, AccountSession
from studyapp.db.tables import utc_text
from studyapp.errors import NotFoundError
from studyapp.services.people import accounts
from studyapp.services.people.sessions import Shown, Times, enter, session_id, times

_SESSION, _ACCOUNT, _LINK, _ROLE = (
    SITE.tables[name] for name in ("account_session", "account", "sign_in_link", "role")
)
_LIVE = (
    select(
        *(_SESSION.c[name] for name in ("id", "account_id", "link_id", "begun_at", "used_at")),
        *(_SESSION.c.address, _SESSION.c.device, _ACCOUNT.c.name),
    )
    .outerjoin(_ACCOUNT, _SESSION.c.account_id == _ACCOUNT.c.id)
    .outerjoin(_LINK, _SESSION.c.link_id == _LINK.c.id)
    .where(_ACCOUNT.c.disabled_at.is_(None), _LINK.c.revoked_at.is_(None))
)
# Every request of the console runs it: built once, it costs half.
_BY_ID = (
    _LIVE.add_columns(_ROLE.c.study, _ROLE.c.role)
    .outerjoin(_ROLE, _ROLE.c.account_id == _ACCOUNT.c.id)
    .where(_SESSION.c.id == bindparam("id"))
)


@dataclass(frozen=True)
class Organiser:
    """Who is signed in by an account, or (with none) by the link that the server printed."""

    id: str
    account: int | None
    link: int | None
    name: str
    roles: accounts.Roles
    times: Times

    @property
    def is_owner(self) -> bool:
        """Whether everything is theirs to do."""
        return any(role == accounts.OWNER for _, role in self.roles)

    def role_in(self, study: str) -> str | None:
        """Return what they are in a study: owner, organiser, analyst, or nothing."""
        return accounts.role_in(self.roles, study)


def begin(
    session: Session,
    secret: str,
    *,
    account: int | None = None,
    link: int | None = None,
    address: str,
    device: str,
    now: datetime,
) -> None:
    """Begin a session of an account, or of the printed link."""
    at = utc_text(now)
    row = AccountSession(
        id=session_id(secret),
        account_id=account,
        link_id=link,
        begun_at=at,
        used_at=at,
        address=address,
        device=device,
    )
    enter(session, row, "organiser", _same(account, link), now=now)


def current(looking: Connection, secret: str, *, now: datetime) -> Organiser | None:
    """Find who is signed in by what the cookie holds, in one statement; None when it ended, or is too old."""
    rows = looking.execute(_BY_ID, {"id": session_id(secret)}).all()
    if not rows:
        return None
    first = rows[0]
    name, roles = first.name, frozenset((row.study, row.role) for row in rows if row.role)
    if first.account_id is None:
        name, roles = say("owner"), frozenset({("", accounts.OWNER)})
    found = Organiser(
        first.id, first.account_id, first.link_id, name, roles, times(first.begun_at, first.used_at)
    )
    return found if found.times.is_within("organiser", now) else None


def note_use(session: Session, mine: Organiser, *, now: datetime) -> None:
    """Note that a session is in use."""
    if row := session.get(AccountSession, mine.id):
        row.used_at = utc_text(now)
        session.add(row)


def end(session: Session, secret: str) -> None:
    """End a session by what its cookie holds."""
    session.execute(delete(AccountSession).where(col(AccountSession.id) == session_id(secret)))


def end_one(session: Session, mine: Organiser, chosen: str, *, now: datetime) -> None:
    """End one of the sessions that are shown to whoever asks.

    Raises
    ------
    NotFoundError
        When there is none of the id `chosen`, or it is not theirs to end.
    """
    if chosen not in {item.id for item in shown(session, mine, now=now)}:
        raise NotFoundError(say("this session has already ended"))
    session.execute(delete(AccountSession).where(col(AccountSession.id) == chosen))


def end_others(session: Session, mine: Organiser) -> None:
    """End every other session of the same account, or by the same printed link."""
    others = delete(AccountSession).where(col(AccountSession.id) != mine.id)
    session.execute(others.where(_same(mine.account, mine.link)))


def shown(session: Session, mine: Organiser, *, now: datetime) -> list[Shown]:
    """List the live sessions that somebody may see and end: their own; for an owner everybody's."""
    query = _LIVE.order_by(_SESSION.c.used_at.desc())
    if not mine.is_owner:
        query = query.where(_same(mine.account, mine.link))
    return [
        Shown(
            row.id,
            row.name or say("owner"),
            say("password") if row.account_id else say("printed link"),
            row.begun_at,
            row.used_at,
            row.device,
            row.address,
        )
        for row in session.execute(query)
        if times(row.begun_at, row.used_at).is_within("organiser", now)
    ]


def _same(account: int | None, link: int | None) -> ColumnElement[bool]:
    if account is not None:
        return _SESSION.c.account_id == account
    return _SESSION.c.link_id == link
