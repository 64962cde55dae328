"""Links that let somebody in: the one that `serve` prints, and the one by which an account is set up."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from analysis.texts import say
from studyapp.core.tokens import new_token, token_hash
from studyapp.db.site_tables import Account, SignInLink
from studyapp.db.tables import utc_text
from studyapp.errors import NotFoundError

SET_UP_WITHIN = timedelta(days=7)


def owner_link(session: Session, *, now: datetime) -> str:
    """Make the link that signs in an owner; the one before it, and its sessions, end."""
    return _replace(session, None, now)


def set_up_link(session: Session, account: Account, *, now: datetime) -> str:
    """Make the link by which somebody chooses the password of their account; the one before it ends."""
    return _replace(session, account.id, now)


def the_owner_link(session: Session, token: str) -> SignInLink:
    """Find the printed link by its token.

    Raises
    ------
    NotFoundError
        For an unknown and for a revoked link alike.
    """
    link = _live(session, token)
    if link is None or link.account_id is not None:
        raise NotFoundError(
            say("this link does not work, or no longer; the server prints a new one when it starts")
        )
    return link


def account_to_set_up(session: Session, token: str, *, now: datetime) -> Account:
    """Return the account that a link of an invitation sets up.

    Raises
    ------
    NotFoundError
        For a link that is unknown, used, replaced or too old.
    """
    link = _live(session, token)
    account = session.get(Account, link.account_id) if link and link.account_id else None
    if link is None or account is None or account.disabled_at:
        raise NotFoundError(say("this link does not work, or no longer; ask an owner for a new one"))
    if now - datetime.fromisoformat(link.created_at) > SET_UP_WITHIN:
        raise NotFoundError(say("this link is too old; ask an owner for a new one"))
    return account


def revoke_links(session: Session, account: int | None, *, now: datetime) -> None:
    """End the links of an account, or (None) those that were printed."""
    live = select(SignInLink).where(SignInLink.account_id == account, col(SignInLink.revoked_at).is_(None))
    for link in session.exec(live):
        link.revoked_at = utc_text(now)
        session.add(link)


def _live(session: Session, token: str) -> SignInLink | None:
    query = select(SignInLink).where(
        SignInLink.token_sha256 == token_hash(token), col(SignInLink.revoked_at).is_(None)
    )
    return session.exec(query).one_or_none()


def _replace(session: Session, account: int | None, now: datetime) -> str:
    revoke_links(session, account, now=now)
    token = new_token()
    session.add(SignInLink(account_id=account, token_sha256=token_hash(token), created_at=utc_text(now)))
    return token
