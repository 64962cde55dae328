"""Reading the small files of a study folder: ordinary ones of bounded size, no pipes and no devices."""

import errno
import stat
from pathlib import Path

LARGEST = 4 * 2**20
"""Bytes; a table of 20,000 lines is smaller."""


def read_small_file(path: Path) -> bytes:
    """Return the bytes of an ordinary file of at most 4 MiB.

    Raises
    ------
    OSError
        For a pipe or a device, which could be read for ever, for a larger file, and for one that cannot be
        opened.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not an ordinary file", path.name)
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError(errno.EFBIG, f"larger than {LARGEST // 2**20} MiB", path.name)
    return data
