"""Names of images: what is allowed."""

import re

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def is_key(name: str) -> bool:
    """Whether a file's stem can be the key of an image: 1 to 64 of A-Z a-z 0-9 . _ -, the first no sign."""
    return _KEY.fullmatch(name) is not None
