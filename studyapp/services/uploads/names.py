"""The names under which files are handed in: text for people, never a path of this machine."""

import base64
import binascii
import unicodedata
from pathlib import PurePosixPath

from analysis.printable import printable
from analysis.texts import say
from studyapp.errors import StudyError

LONGEST = 1_000
LONGEST_PART = 255


def read_metadata(header: str) -> dict[str, str]:
    """Return what an Upload-Metadata header says: keys, each with a value in base64 or none.

    Raises
    ------
    StudyError
        When it is none.

    Examples
    --------
    >>> read_metadata("filename dGVhbTAxLnppcA==,is_zip")
    {'filename': 'team01.zip', 'is_zip': ''}
    """
    found = {}
    for pair in header.split(",") if header.strip() else ():
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            raise StudyError(
                say("Upload-Metadata: the value of %(key)s is not UTF-8 in base64", key=repr(key[:40]))
            ) from None
    return found


def clean_name(name: str) -> str:
    """Return the name of a file, with the folders it lay in, as it is shown and matched.

    Raises
    ------
    StudyError
        When it is empty or too long, leads elsewhere, or has characters that no name has.

    Examples
    --------
    >>> clean_name("./team01/001.png")
    'team01/001.png'
    """
    path = PurePosixPath(unicodedata.normalize("NFC", name))
    text = str(path)
    if not path.parts or len(text) > LONGEST or max(map(len, path.parts)) > LONGEST_PART:
        raise StudyError(
            say(
                "a file's name must have 1 to %(part)s characters, with its folders at most %(most)s; "
                "rename it",
                part=LONGEST_PART,
                most=LONGEST,
            )
        )
    if path.is_absolute() or ".." in path.parts or "\\" in text or printable(text) != text:
        raise StudyError(
            say(
                "the name %(name)s leads elsewhere or is not printable; rename the file", name=repr(text[:80])
            )
        )
    return text
