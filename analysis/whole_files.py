"""Files that are there whole or not at all, so that nobody ever reads or downloads half of one."""

import os
import secrets
from pathlib import Path


def write_whole(path: Path, content: str | bytes, *, private: bool = False, over: bool = True) -> Path:
    """Write bytes, or a text as UTF-8, in place of what was there, and return the path.

    It is on disk when this returns. Several may do so at once: the last one's content stands.

    Parameters
    ----------
    path, content
        Where to, and what.
    private
        For its owner's eyes only (mode 0600).
    over
        Whether it may take the place of a file that is there.

    Raises
    ------
    FileExistsError
        When there is one and `over` is false.
    OSError
        Naming `path` when it cannot be written; what was there stays.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    scratch = path.with_name(f".{secrets.token_hex(8)}.new")
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if over:
            os.replace(scratch, path)
        else:
            os.link(scratch, path)
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise
    finally:
        scratch.unlink(missing_ok=True)
    return path
