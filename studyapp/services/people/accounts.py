"""Accounts of a site: who signs in by password, and what each may do in which study."""

import json
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from analysis.texts import Text, say
from studyapp.db.site_tables import (
    AccessToken,
    Account,
    AccountSession,
    ChallengeTeam,
    Factsheet,
    Membership,
    Role,
    SignInLink,
    Submission,
    Upload,
)
from studyapp.db.tables import utc_text
from studyapp.errors import NotFoundError, StudyError
from studyapp.services.ground.site import LONE

NAME_LONGEST = 80
OWNER, ORGANISER, ANALYST = ROLES = ("owner", "organiser", "analyst")
"""From the one who may most to the one who may least: an owner everything, in all studies; an organiser what
is to do in one; an analyst reads its results after closing."""

Roles = frozenset[tuple[str, str]]
"""Pairs of a study and a role in it; an owner's has the study ""."""


@dataclass(frozen=True)
class ListedAccount:
    """An account as it is listed. Its state is invited, active or disabled."""

    id: int
    name: str
    email: str
    state: str
    has_second_factor: bool
    roles: tuple[tuple[str, str], ...]


def role_in(roles: Roles, study: str) -> str | None:
    """Return the role that says most of those in a study; None without any.

    Examples
    --------
    >>> role_in(frozenset({("track1", "analyst")}), "track1"), role_in(frozenset({("", "owner")}), "track2")
    ('analyst', 'owner')
    >>> role_in(frozenset({("track1", "organiser")}), "track2") is None
    True
    """
    held = {role for there, role in roles if there == study or role == OWNER}
    return next((role for role in ROLES if role in held), None)


def roles_text(roles: Sequence[tuple[str, str]]) -> str:
    """Write roles for a list.

    Examples
    --------
    >>> roles_text([("", "owner"), ("track1", "analyst")])
    'owner, analyst of track1'
    """
    return ", ".join(f"{role} of {study}" if study else role for study, role in roles)


def name_key(name: str) -> str:
    """Return what is alike in all ways to write a name: no case, no spaces around it, no look-alike forms.

    Examples
    --------
    >>> name_key("  Olga\u3000Ｎ. "), name_key("OLGA n.")
    ('olga n.', 'olga n.')
    """
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split())


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


def find(session: Session, name: str) -> Account | None:
    """Return the account that somebody means by a name."""
    return session.exec(select(Account).where(Account.key == name_key(name))).one_or_none()


def named(session: Session, name: str) -> Account:
    """Return the account that somebody means by a name.

    Raises
    ------
    StudyError
        Naming those that there are.
    """
    if found := find(session, name):
        return found
    known = ", ".join(session.exec(select(Account.name).order_by(Account.key))) or say("none")
    raise StudyError(say("there is no account %(name)s; accounts: %(known)s", name=repr(name), known=known))


def numbered(session: Session, account: int) -> Account:
    """Return the account of this number.

    Raises
    ------
    NotFoundError
        When there is none, or no more.
    """
    found = session.get(Account, account)
    if found is None:
        raise NotFoundError(say("this account is not there any more"))
    return found


def make(session: Session, name: str, *, email: str = "", now: datetime) -> Account:
    """Make an account that cannot sign in yet: it has no password.

    Raises
    ------
    StudyError
        When the name cannot be used, or is taken.
    """
    name = checked_name(name)
    if find(session, name):
        raise StudyError(say("there is already an account %(name)s; choose another name", name=repr(name)))
    account = Account(key=name_key(name), name=name, email=email.strip(), created_at=utc_text(now))
    session.add(account)
    session.flush()
    return account


def give_role(session: Session, account: Account, role: str, study: str = LONE) -> None:
    """Give an account a role in a study; an owner's is everywhere."""
    row = Role(account_id=account.id or 0, study=LONE if role == OWNER else study, role=role)
    session.merge(row)


def take_role(session: Session, account: Account, role: str, study: str = LONE) -> None:
    """Take a role from an account, with effect at once."""
    there = LONE if role == OWNER else study
    session.execute(
        delete(Role).where(
            col(Role.account_id) == account.id, col(Role.study) == there, col(Role.role) == role
        )
    )


def disable(session: Session, account: Account, *, now: datetime) -> None:
    """Let an account sign in no more, and end its sessions; what it did stays."""
    account.disabled_at = utc_text(now)
    session.add(account)
    _cut_off(session, account)


def enable(session: Session, account: Account) -> None:
    """Let a disabled account sign in again."""
    account.disabled_at = None
    session.add(account)


def remove(session: Session, account: Account) -> None:
    """Remove an account with its roles, access tokens and places in teams, and end its sessions.

    Raises
    ------
    StudyError
        When a team would lose something: its leader, or what the account handed in for it.
    """
    if (why := _needed(session, account)) is not None:
        raise StudyError(
            say(
                "the account %(name)s cannot be removed: %(why)s. Disable it instead: it signs in no more, "
                "and the team loses nothing",
                name=repr(account.name),
                why=why,
            )
        )
    _cut_off(session, account)
    for table in (Role, AccessToken, Membership):
        session.execute(delete(table).where(col(table.account_id) == account.id))
    session.delete(account)


def _needed(session: Session, account: Account) -> Text | None:
    """Say what a team would lose with an account; None when nothing."""
    leads = (
        select(ChallengeTeam.name)
        .join(Membership, col(Membership.team_id) == ChallengeTeam.id)
        .where(Membership.account_id == account.id, col(Membership.leads))
    )
    if (team := session.exec(leads).first()) is not None:
        return say("it leads the team %(team)s; its leader can hand it over or leave it", team=repr(team))
    for row in (Submission.sent_by, Factsheet.saved_by):
        if session.exec(select(row).where(row == account.id)).first() is not None:
            return say("it handed something in for a team")
    on_their_way = session.exec(select(Upload.purpose).where(col(Upload.team_id).is_not(None)))
    if any(json.loads(purpose).get("account") == account.id for purpose in on_their_way):
        return say("it is handing something in for a team")
    return None


def end_sessions(session: Session, account: Account) -> None:
    """End an account's sessions."""
    session.execute(delete(AccountSession).where(col(AccountSession.account_id) == account.id))


def listed(session: Session) -> list[ListedAccount]:
    """List all accounts by name."""
    roles: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for row in session.exec(select(Role).order_by(col(Role.study), col(Role.role))):
        roles[row.account_id].append((row.study, row.role))
    return [
        ListedAccount(
            account.id or 0,
            account.name,
            account.email,
            "disabled" if account.disabled_at else "active" if account.password else "invited",
            account.second_factor is not None,
            tuple(roles[account.id or 0]),
        )
        for account in _all(session)
    ]


def _all(session: Session) -> Sequence[Account]:
    return session.exec(select(Account).order_by(Account.key)).all()


def _cut_off(session: Session, account: Account) -> None:
    end_sessions(session, account)
    session.execute(delete(SignInLink).where(col(SignInLink.account_id) == account.id))
