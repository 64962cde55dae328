"""Files that are there whole or not at all, so that nobody ever reads or downloads half of one."""

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> Path:
    """Write a text as UTF-8 in place of what was there, and return its path."""
    scratch = path.with_name(f".{path.name}.new")
    scratch.write_text(text, encoding="utf-8", newline="\n")
    os.replace(scratch, path)
    return path
