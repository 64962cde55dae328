"""What went wrong with a file or a disk, in words and with a remedy."""

import errno

from analysis.printable import printable

_WORDS = {
    errno.ENOSPC: ("the disk is full", "make room and run it again"),
    errno.EDQUOT: ("the disk quota is used up", "make room and run it again"),
    errno.EROFS: ("it lies on a read-only disk", "copy the folder to one that can be written"),
    errno.EACCES: ("this account may not use it", "run as its owner, or give the right to it"),
    errno.EPERM: ("this account may not use it", "run as its owner, or give the right to it"),
    errno.ENOENT: ("there is no such file or folder", "check the name"),
    errno.ENOTDIR: ("it is no folder", "check the name"),
    errno.EISDIR: ("it is a folder", "give a file's name"),
    errno.EEXIST: ("it exists already", "choose another name"),
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter one"),
    errno.ELOOP: ("it is a link that leads to itself", "remove the link"),
    errno.EIO: ("the disk fails", "copy what is left, and use another disk"),
    errno.EMFILE: ("too many files are open", "raise the limit (`ulimit -n`)"),
    errno.EFBIG: ("the file is too large", "give a smaller one"),
    errno.EADDRINUSE: ("the port is taken", "choose another with --port"),
}


def storage_words(error: OSError) -> str:
    """Return one line for a failed file operation: which file, what is wrong, what to do.

    Examples
    --------
    >>> print(storage_words(OSError(errno.ENOSPC, "No space left on device", "var/study.key")))
    var/study.key: the disk is full; make room and run it again
    >>> print(storage_words(OSError(errno.ENOSPC, "No space left on device")))
    the disk is full; make room and run it again
    """
    said = error.strerror or str(error) or type(error).__name__
    what, remedy = _WORDS.get(error.errno or 0, (said, "look at the disk and the folder's rights"))
    name = error.filename2 or error.filename
    text = name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else name
    return f"{printable(text)}: {what}; {remedy}" if text else f"{what}; {remedy}"
