"""What went wrong with a file or a disk, in plain language and with a remedy."""

import errno

from analysis.printable import printable

_WORDS = {
    errno.ENOSPC: ("the disk is full", "free some space and try again"),
    errno.EDQUOT: ("the disk quota is used up", "free some space and try again"),
    errno.EROFS: ("the disk is read-only", "copy the folder to a writable disk"),
    errno.EACCES: ("this account has no permission to use it", "run as its owner, or grant the permission"),
    errno.EPERM: ("this account has no permission to use it", "run as its owner, or grant the permission"),
    errno.ENOENT: ("there is no such file or folder", "check the name"),
    errno.ENOTDIR: ("it is not a folder", "check the name"),
    errno.EISDIR: ("it is a folder", "give the name of a file"),
    errno.EEXIST: ("it already exists", "choose another name"),
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter one"),
    errno.ELOOP: ("it is a link that leads back to itself", "remove the link"),
    errno.EIO: ("the disk is failing", "copy what can still be read, and use another disk"),
    errno.EMFILE: ("too many files are open", "raise the limit (`ulimit -n`)"),
    errno.EFBIG: ("the file is too large", "use a smaller file"),
    errno.EADDRINUSE: ("the port is in use", "choose another with --port"),
}


def storage_words(error: OSError) -> str:
    """Return one line for a failed file operation: which file, what is wrong, what to do.

    Examples
    --------
    >>> print(storage_words(OSError(errno.ENOSPC, "No space left on device", "var/study.key")))
    var/study.key: the disk is full; free some space and try again
    >>> print(storage_words(OSError(errno.ENOSPC, "No space left on device")))
    the disk is full; free some space and try again
    """
    said = error.strerror or str(error) or type(error).__name__
    what, remedy = _WORDS.get(error.errno or 0, (said, "check the disk and the folder's permissions"))
    name = error.filename2 or error.filename
    text = name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else name
    return f"{printable(text)}: {what}; {remedy}" if text else f"{what}; {remedy}"
