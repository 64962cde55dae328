"""Signing in by password and code, and setting them.

A hash of a password takes a third of a second. No transaction stays open for it, so these functions take the
database and look twice: what they found may have changed meanwhile.
"""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session, select

from studyapp.db.database import Database
from studyapp.db.site_tables import Account
from studyapp.services.people import accounts
from studyapp.services.people.passwords import check_password, hash_password, is_outdated, is_password
from studyapp.services.people.second_factors import SecondFactor, use_code
from studyapp.services.people.sign_in_links import account_to_set_up, revoke_links


def set_password(
    database: Database,
    name: str,
    password: str,
    *,
    title: str,
    second_factor: SecondFactor | None = None,
    now: datetime,
) -> int:
    """Make an account, or give one a new password and this second factor (or none); return its number.

    Its sessions end. `title` is the site's, or the study's: no password is made of it.

    Raises
    ------
    StudyError
        For a name or a password that does not do.
    """
    name = accounts.checked_name(name)
    check_password(password, name, title)
    hashed = hash_password(password)
    with database.writing() as session:
        account = accounts.find(session, name) or accounts.make(session, name, now=now)
        _set(session, account, hashed, second_factor)
        accounts.end_sessions(session, account)
        return account.id or 0


def make_account(
    database: Database,
    name: str,
    password: str,
    *,
    email: str,
    title: str,
    then: Callable[[Session, int], None],
    now: datetime,
) -> int:
    """Make an account with a password and do what it is for (`then`), both or neither; return its number.

    Raises
    ------
    StudyError
        For a name or a password that does not do, and a name that is taken.
    """
    name = accounts.checked_name(name)
    check_password(password, name, title)
    hashed = hash_password(password)
    with database.writing() as session:
        account = accounts.make(session, name, email=email, now=now)
        _set(session, account, hashed, None)
        session.flush()
        then(session, account.id or 0)
        return account.id or 0


def set_second_factor(session: Session, name: str, second_factor: SecondFactor) -> None:
    """Give an account this second factor in place of its old one, and end its sessions.

    Raises
    ------
    StudyError
        When there is no account of this name.
    """
    account = accounts.named(session, name)
    account.second_factor = second_factor.model_dump_json()
    session.add(account)
    accounts.end_sessions(session, account)


def second_factor_of(account: Account | None) -> SecondFactor | None:
    """Return an account's second factor; None without one, or without an account."""
    if account is None or account.second_factor is None:
        return None
    return SecondFactor.model_validate_json(account.second_factor)


def sign_in(database: Database, name: str, password: str, code: str, *, now: datetime) -> int | None:
    """Return the number of the account whose password and code these are; the code is used up by it.

    What is wrong cannot be told from the answer or the time it takes. An account without a second factor
    takes any code. A hash made with weaker parameters than today's is made anew.
    """
    with database.reading() as session:
        account = accounts.find(session, name)
    return _enter(database, account, password, code, now)


def change_password(
    database: Database, account: int, old: str, new: str, code: str, *, title: str, now: datetime
) -> bool:
    """Give an account a new password, if the old one and the code are right; the second factor stays.

    Raises
    ------
    StudyError
        When the new password does not do; nothing is used up then.
    """
    with database.reading() as session:
        found = session.get(Account, account)
    check_password(new, found.name if found else "", title)
    if _enter(database, found, old, code, now) is None:
        return False
    hashed = hash_password(new)
    with database.writing() as session:
        row = accounts.numbered(session, account)
        row.password = hashed
        session.add(row)
    return True


def set_up(
    database: Database,
    token: str,
    password: str,
    *,
    title: str,
    second_factor: SecondFactor | None,
    now: datetime,
) -> int:
    """Give an invited account its password and second factor, and use the link up; return which it is.

    Raises
    ------
    NotFoundError
        When the link does not work, or no longer.
    StudyError
        For a password that does not do.
    """
    with database.reading() as session:
        name = account_to_set_up(session, token, now=now).name
    check_password(password, name, title)
    hashed = hash_password(password)
    with database.writing() as session:
        _locked(session, account_to_set_up(session, token, now=now))
        # Once more, now that nobody else has the account: the link works once.
        account = account_to_set_up(session, token, now=now)
        _set(session, account, hashed, second_factor)
        revoke_links(session, account.id, now=now)
        accounts.end_sessions(session, account)
        return account.id or 0


def _enter(
    database: Database, account: Account | None, password: str, code: str, now: datetime
) -> int | None:
    kept = account.password if account and not account.disabled_at else None
    if not is_password(password, kept) or account is None or kept is None:
        return None
    hashed = hash_password(password) if is_outdated(kept) else kept
    with database.writing() as session:
        row = _locked(session, account)
        # Between the two looks somebody may have changed the password.
        if row is None or row.password != kept or row.disabled_at:
            return None
        factor = second_factor_of(row)
        if factor is not None and (factor := use_code(factor, code, now=now)) is None:
            return None
        _set(session, row, hashed, factor)
        return row.id


def _locked(session: Session, account: Account) -> Account | None:
    """Return the account as it is now, for this transaction alone: a code must not be used twice at once."""
    query = select(Account).where(Account.id == account.id).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).one_or_none()


def _set(session: Session, account: Account, hashed: str, factor: SecondFactor | None) -> None:
    account.password = hashed
    account.second_factor = factor.model_dump_json() if factor else None
    session.add(account)
