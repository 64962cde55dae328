"""Access tokens: what a program shows instead of a password. Each is shown once and kept as a hash."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from analysis.texts import say
from studyapp.core.tokens import new_token, token_hash
from studyapp.db.site_tables import AccessToken, Account
from studyapp.db.tables import utc_text
from studyapp.errors import NotFoundError, StudyError
from studyapp.services.people.accounts import checked_name
from studyapp.services.people.sessions import NOTED

MOST = 20
"""How many an account may have at a time."""


def make(session: Session, account_id: int, name: str, now: datetime) -> str:
    """Make a token for an account; `name` is what its owner calls it. It cannot be shown again.

    Raises
    ------
    StudyError
        For a name that cannot be used, and when the account has as many as it may.
    """
    if len(of_account(session, account_id)) >= MOST:
        raise StudyError(say("you have %(count)s access tokens; revoke one first", count=MOST))
    token = new_token()
    session.add(
        AccessToken(
            account_id=account_id,
            token_sha256=token_hash(token),
            name=checked_name(name),
            created_at=utc_text(now),
        )
    )
    session.flush()
    return token


def by_secret(session: Session, secret: str) -> tuple[AccessToken, Account]:
    """Return the token that a program shows, and whose it is.

    Raises
    ------
    NotFoundError
        For a token that is unknown or revoked, and for one of a disabled account.
    """
    query = select(AccessToken).where(
        AccessToken.token_sha256 == token_hash(secret), col(AccessToken.revoked_at).is_(None)
    )
    found = session.exec(query).one_or_none()
    account = session.get(Account, found.account_id) if found else None
    if found is None or account is None or account.disabled_at:
        raise NotFoundError(say("this access token is not known, or was revoked; make a new one"))
    return found, account


def is_to_note(token: AccessToken, now: datetime) -> bool:
    """Tell whether its last use that was noted is a while ago, so that not every request writes."""
    return token.used_at is None or abs(now - datetime.fromisoformat(token.used_at)) > NOTED


def note_use(session: Session, token_id: int, now: datetime) -> None:
    """Note that a token is in use."""
    if found := session.get(AccessToken, token_id):
        found.used_at = utc_text(now)
        session.add(found)


def of_account(session: Session, account_id: int) -> Sequence[AccessToken]:
    """List the tokens of an account that work, the newest first."""
    query = (
        select(AccessToken)
        .where(AccessToken.account_id == account_id, col(AccessToken.revoked_at).is_(None))
        .order_by(col(AccessToken.id).desc())
    )
    return session.exec(query).all()


def revoke(session: Session, account_id: int, token_id: int, now: datetime) -> None:
    """End a token of an account, at once.

    Raises
    ------
    NotFoundError
        When it has none of this number.
    """
    found = session.get(AccessToken, token_id)
    if found is None or found.account_id != account_id or found.revoked_at:
        raise NotFoundError(say("there is no such access token"))
    found.revoked_at = utc_text(now)
    session.add(found)
