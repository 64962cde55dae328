"""Kernel calls that Python has no names for: mounts, a new root, capabilities. Linux only."""

import ctypes
import os
import platform

READ_ONLY, NO_SUID, NO_DEVICES, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 4096, 16384, 1 << 18
_DETACH = 2
_AT_RECURSIVE = 0x8000
_AT_FDCWD = -100
_MOUNT_SETATTR = 442
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_NO_NEW_PRIVILEGES, _DROP_FROM_BOUNDING_SET, _SET_DUMPABLE = 38, 24, 4
_CAPABILITY_VERSION = 0x20080522
_MOST_CAPABILITIES = 64

_libc = ctypes.CDLL(None, use_errno=True)


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("namespace", ctypes.c_uint64),
    )


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount, or bind when the flags say so."""
    done = _libc.mount(
        source.encode(), target.encode(), kind.encode() if kind else None, flags, options.encode()
    )
    _check(done, f"mounting {source} at {target}")


def restrict(target: str, flags: int, *, recursive: bool = True) -> None:
    """Add READ_ONLY, NO_SUID, NO_DEVICES to a mount and, by default, to all below it."""
    wanted = _Attributes(flags, 0, 0, 0)
    done = _libc.syscall(
        _MOUNT_SETATTR,
        _AT_FDCWD,
        target.encode(),
        _AT_RECURSIVE if recursive else 0,
        ctypes.byref(wanted),
        ctypes.sizeof(wanted),
    )
    _check(done, f"restricting {target}")


def change_root(root: str) -> None:
    """Make a mount the root of this mount namespace, and release the old one."""
    number = _PIVOT_ROOT.get(platform.machine())
    if number is None:
        raise OSError(f"no isolation on {platform.machine()}; it is available on {', '.join(_PIVOT_ROOT)}")
    os.chdir(root)
    _check(_libc.syscall(number, b".", b"."), "changing the root")
    _check(_libc.umount2(b".", _DETACH), "releasing the old root")
    os.chdir("/")


def drop_privileges() -> None:
    """Give up every capability for good, also across exec."""
    _check(_libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "giving up new privileges")
    for capability in range(_MOST_CAPABILITIES):
        if _libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0) != 0:
            break  # beyond the last one that this kernel knows
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    _check(_libc.capset(header, (ctypes.c_uint32 * 6)()), "dropping capabilities")


def set_traceable(traceable: bool) -> None:
    """Say whether other processes of this user may attach to this one, or read and write its memory."""
    _check(_libc.prctl(_SET_DUMPABLE, int(traceable), 0, 0, 0), "keeping others from this process")


def _check(done: int, what: str) -> None:
    if done != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
