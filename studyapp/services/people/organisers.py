"""Organisers' accounts: a name, a password and, unless it is declined, a second factor."""

import unicodedata
from datetime import datetime

from sqlmodel import Session, col, select

from analysis.texts import say
from studyapp.core.tokens import new_token, token_hash
from studyapp.db.tables import Link, LoginSession, utc_text
from studyapp.errors import StudyError
from studyapp.services.people.account_file import Account, changing_accounts, read_accounts
from studyapp.services.people.passwords import check_password, hash_password, is_outdated, is_password
from studyapp.services.people.second_factors import SecondFactor, use_code
from studyapp.settings import Folders
from studyapp.study.study_file import STUDY_FILE, load_study_file

NAME_LONGEST = 80


def name_key(name: str) -> str:
    """Return what is alike in all ways to write a name: no case, no spaces around it, no look-alike forms.

    Examples
    --------
    >>> name_key("  Olga\u3000Ｎ. "), name_key("OLGA n.")
    ('olga n.', 'olga n.')
    """
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split())


def account_name(folders: Folders, name: str) -> str:
    """Return the name of the account that somebody means, or the name itself when there is none."""
    key = name_key(name)
    return next((found for found in read_accounts(folders) if name_key(found) == key), name.strip())


def set_password(
    folders: Folders, name: str, password: str, *, second_factor: SecondFactor | None = None
) -> None:
    """Make an organiser's account, or give it a new password and this second factor (or none).

    Raises
    ------
    StudyError
        For a name or a password that does not do.
    """
    name = account_name(folders, checked_name(name))
    check_password(password, name, _title(folders))
    hashed = hash_password(password)
    with changing_accounts(folders) as accounts:
        accounts[name] = Account(password=hashed, second_factor=second_factor)


def set_second_factor(folders: Folders, name: str, second_factor: SecondFactor) -> None:
    """Give an account this second factor in place of its old one.

    Raises
    ------
    StudyError
        When there is no account of this name.
    """
    with changing_accounts(folders) as accounts:
        accounts[name] = Account(password=_known(accounts, name).password, second_factor=second_factor)


def remove_account(folders: Folders, name: str) -> None:
    """Remove an organiser's account.

    Raises
    ------
    StudyError
        When there is none of this name.
    """
    with changing_accounts(folders) as accounts:
        _known(accounts, name)
        del accounts[name]


def check_account(folders: Folders, name: str) -> None:
    """Make sure that there is an account of this name.

    Raises
    ------
    StudyError
        Naming those that there are.
    """
    _known(read_accounts(folders), name)


def account_names(folders: Folders) -> list[str]:
    """Name the accounts."""
    return sorted(read_accounts(folders))


def second_factor_of(folders: Folders, name: str) -> SecondFactor | None:
    """Return an account's second factor; None also for an account that there is not."""
    account = read_accounts(folders).get(name)
    return account.second_factor if account else None


def sign_in(folders: Folders, name: str, password: str, code: str, *, now: datetime) -> bool:
    """Tell whether these are the organiser's password and code; the code is used up by it.

    What is wrong cannot be told from the answer or the time it takes. An account without a second factor
    takes any code. A hash made with weaker parameters than today's is made anew.
    """
    name = account_name(folders, name)
    account = read_accounts(folders).get(name)
    if not is_password(password, account.password if account else None):
        return False
    with changing_accounts(folders) as accounts:
        now_there = accounts.get(name)
        # Between the two looks somebody may have changed the password.
        if account is None or now_there is None or now_there.password != account.password:
            return False
        factor = now_there.second_factor
        if factor is not None and (factor := use_code(factor, code, now=now)) is None:
            return False
        hashed = hash_password(password) if is_outdated(account.password) else account.password
        accounts[name] = Account(password=hashed, second_factor=factor)
    return True


def change_password(folders: Folders, name: str, old: str, new: str, code: str, *, now: datetime) -> bool:
    """Give the organiser a new password, if the old one and the code are right; the second factor stays.

    Raises
    ------
    StudyError
        When the new password does not do; nothing is used up then.
    """
    check_password(new, name, _title(folders))
    if not sign_in(folders, name, old, code, now=now):
        return False
    hashed = hash_password(new)
    with changing_accounts(folders) as accounts:
        accounts[name] = Account(password=hashed, second_factor=_known(accounts, name).second_factor)
    return True


def open_session(session: Session, *, now: datetime) -> Link:
    """Return what organisers' sessions by password hang on: a link that can be revoked, of no known token."""
    used = (
        select(Link)
        .join(LoginSession)
        .where(col(LoginSession.account).is_not(None), col(Link.revoked_at).is_(None))
    )
    if found := session.exec(used.limit(1)).first():
        return found
    link = Link(role="organiser", token_sha256=token_hash(new_token()), created_at=utc_text(now))
    session.add(link)
    session.flush()
    return link


def end_sessions(session: Session, *, now: datetime) -> None:
    """End all organisers' sessions, those by the printed link too."""
    live = select(Link).where(Link.role == "organiser", col(Link.revoked_at).is_(None))
    for link in session.exec(live):
        link.revoked_at = utc_text(now)
        session.add(link)


def checked_name(name: str) -> str:
    """Return the name without spaces around it.

    Raises
    ------
    StudyError
        When it is empty, too long, or holds what cannot be printed.
    """
    name = name.strip()
    if not 1 <= len(name) <= NAME_LONGEST or not name.isprintable():
        raise StudyError(
            say(
                "the name %(name)s cannot be used; choose 1 to %(longest)s printable characters",
                name=repr(name),
                longest=NAME_LONGEST,
            )
        )
    return name


def _title(folders: Folders) -> str:
    return load_study_file(folders.root / STUDY_FILE).title


def _known(accounts: dict[str, Account], name: str) -> Account:
    if name not in accounts:
        known = ", ".join(sorted(accounts)) or say("none")
        raise StudyError(
            say("there is no organiser %(name)s; accounts: %(known)s", name=repr(name), known=known)
        )
    return accounts[name]
