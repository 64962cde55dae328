"""Organisers' accounts: names and argon2 hashes in a file of var/, for its owner's eyes only.

They lie beside the study's keys and not in its database, so that no export, copy or dump of the ballots
carries them.
"""

import json
import os
import threading
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, select

from studyapp.core.tokens import new_token, token_hash
from studyapp.db.tables import Link, utc_text
from studyapp.errors import StudyError
from studyapp.settings import Folders

SHORTEST, LONGEST = 12, 256
NAME_LONGEST = 80
# The most used of those that are long enough (after removing the shorter ones from published top lists).
COMMON = """
    123456789012 1234567890123 12345678910111 123123123123 111111111111 000000000000 112233445566 password1234
    passwordpassword password12345 qwertyuiop12 qwertyuiop123 qwertyuiopasdfgh 1q2w3e4r5t6y 1qaz2wsx3edc
    abcdefghijkl abc123abc123 adminadminadmin administrator changemeplease iloveyouforever letmeinletmein
    welcome12345 correcthorsebatterystaple
    """
_HASHER = PasswordHasher()
# Each check takes 64 MiB: a flood of attempts waits here instead of filling the memory.
_ONE_BY_ONE = threading.Lock()


def set_password(folders: Folders, name: str, password: str) -> None:
    """Make an organiser's account, or give it a new password.

    Raises
    ------
    StudyError
        For a name or a password that does not do.
    """
    name = _checked_name(name)
    check_password(password, name)
    accounts = _read(folders) | {name: _HASHER.hash(password)}
    _write(folders, accounts)


def remove_account(folders: Folders, name: str) -> None:
    """Remove an organiser's account.

    Raises
    ------
    StudyError
        When there is none of this name.
    """
    accounts = _read(folders)
    if name not in accounts:
        raise StudyError(f"there is no organiser {name!r}; the accounts are {', '.join(accounts) or 'none'}")
    _write(folders, {other: digest for other, digest in accounts.items() if other != name})


def account_names(folders: Folders) -> list[str]:
    """Name the accounts."""
    return sorted(_read(folders))


def is_password(folders: Folders, name: str, password: str) -> bool:
    """Tell whether this is the organiser's password; an unknown name takes as long as a wrong password."""
    digest = _read(folders).get(name.strip())
    with _ONE_BY_ONE:
        try:
            _HASHER.verify(digest or _DUMMY, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
    return digest is not None


def check_password(password: str, name: str) -> None:
    """Make sure that a new password is long, not a common one and not the name; any sign may be in it.

    Raises
    ------
    StudyError
        When it is not.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise StudyError(
            f"the password has {len(password)} characters; take several words, {SHORTEST} to {LONGEST}"
        )
    plain = password.casefold()
    word = plain.strip("0123456789!")
    if plain in COMMON.split() or len(set(plain)) < 5 or word in (name.casefold(), "studyapp"):
        raise StudyError("this password is easily guessed; take several words that do not go together")


def open_session(session: Session, *, now: datetime) -> Link:
    """Make what an organiser's session hangs on: a link whose token nobody knows, and that can be revoked."""
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


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= NAME_LONGEST or not name.isprintable():
        raise StudyError(f"the name {name!r} does not do; give 1 to {NAME_LONGEST} printable characters")
    return name


def _read(folders: Folders) -> dict[str, str]:
    try:
        accounts = json.loads(folders.organisers.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        raise StudyError(f"{folders.organisers} is damaged; remove it and set the passwords again") from None
    return accounts


def _write(folders: Folders, accounts: dict[str, str]) -> None:
    """Write whole or not at all, readable by the owner only."""
    scratch = folders.organisers.with_suffix(".new")
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(accounts, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(scratch, folders.organisers)


_DUMMY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZSBmaXhlZCBzYWx0$aEqmN9fJ3uCEmDPqJpwHxe5VuVTIY5Xq6jZ8QG5Wg1A"
