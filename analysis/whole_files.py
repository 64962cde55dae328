"""Files that are there whole or not at all, so that nobody ever reads or downloads half of one."""

import os
import secrets
from pathlib import Path


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write bytes, or a text as UTF-8, in place of what was there, and return the path.

    Several may do so at once: the last one's content stands.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        scratch.write_bytes(data)
        os.replace(scratch, path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    return path
