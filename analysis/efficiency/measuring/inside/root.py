"""A private root for a model: the system's programs, its own files, and nothing else of the machine.

Read-only folders do not keep a process from a UNIX socket or a device, so the list says what is visible, not
what is hidden.
"""

import glob
import os
import sys
from collections.abc import Iterable
from typing import Any

from analysis.efficiency.measuring.inside import system

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix", "/sys")
ETC = (
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "nsswitch.conf", "passwd", "group"),
    *("hosts", "localtime", "fonts", "OpenCL", "vulkan", "mime.types"),
)
DEVICES = ("null", "zero", "full", "random", "urandom")
GRAPHICS = ("/dev/nvidia*", "/dev/dri", "/dev/kfd", "/dev/dxg")
TMP, SHARED = "/tmp", "/dev/shm"  # noqa: S108  the model's own
_LOCKED = system.READ_ONLY | system.NO_SUID | system.NO_DEVICES


def enter(job: dict[str, Any]) -> None:
    """Build the root at job["root"] and move into it. Called in namespaces of the process's own.

    Parameters
    ----------
    job
        root: an empty folder; seen: files and folders to see read-only, at their own paths; hidden: folders
        of which nothing else is seen, where they lie in `SYSTEM`; frozen: folders of theirs into which
        nothing is to be put; output: the folder that may be written; scratch_mb: how much /tmp and /dev/shm
        may hold each.

    Raises
    ------
    OSError
        When the kernel refuses a step.
    """
    root = job["root"]
    tmpfs = f"mode=0755,size={job['scratch_mb']}m"
    system.mount("none", "/", None, system.RECURSIVE | system.PRIVATE)
    system.mount("study-measure", root, "tmpfs", system.NO_SUID, tmpfs)
    for name in ("tmp", "proc", "dev", "etc"):
        os.mkdir(root + "/" + name)
    system.mount("tmp", root + TMP, "tmpfs", system.NO_SUID | system.NO_DEVICES, tmpfs)
    system.mount("proc", root + "/proc", "proc", system.NO_SUID | system.NO_DEVICES)
    _forbid_namespaces(root)
    _devices(root, tmpfs)
    for path in SYSTEM:
        _system_folder(root, path)
    for name in ETC:
        _bind(root, f"/etc/{name}", _LOCKED)
    hidden = _hide(root, job["hidden"])
    for path in _outermost([*python_folders(), *job["seen"]], hidden):
        _bind(root, path, _LOCKED)
    for path in hidden:
        system.restrict(root + path, system.READ_ONLY, recursive=False)
    for path in job["frozen"]:
        _freeze(root + path)
    _bind(root, job["output"], system.NO_SUID | system.NO_DEVICES)
    system.restrict(root + "/proc", system.READ_ONLY)
    system.restrict(root, system.READ_ONLY, recursive=False)
    system.change_root(root)


def python_folders() -> list[str]:
    """Folders that this Python, its packages and its libraries are read from; of `analysis`, it alone."""
    import analysis

    found = [sys.prefix, sys.base_prefix, *(path for path in sys.path if path.endswith("-packages"))]
    libraries = [path for path in os.environ.get("LD_LIBRARY_PATH", "").split(":") if os.path.isabs(path)]
    return [*found, *libraries, *analysis.__path__]


def lies_in(path: str, folders: Iterable[str]) -> bool:
    """Whether a path is one of some folders or lies in one."""
    return any(path == folder or path.startswith(folder + "/") for folder in folders)


def _outermost(paths: Iterable[str], hidden: list[str]) -> list[str]:
    """Paths without those inside others, and without those that the system's folders show already."""
    kept: list[str] = []
    for path in sorted({os.path.abspath(path) for path in paths} - {"/"}, key=len):
        shown = lies_in(path, SYSTEM) and not lies_in(path, hidden)
        if not shown and not lies_in(path, kept):
            kept.append(path)
    return kept


def _hide(root: str, folders: Iterable[str]) -> list[str]:
    """Lay an empty folder over each one that a folder of the system shows; return those."""
    hidden: list[str] = []
    for path in sorted(set(folders), key=len):
        if lies_in(path, SYSTEM) and not lies_in(path, hidden) and os.path.isdir(root + path):
            system.mount("hidden", root + path, "tmpfs", system.NO_SUID | system.NO_DEVICES, "mode=0755")
            hidden.append(path)
    return hidden


def _system_folder(root: str, path: str) -> None:
    if os.path.islink(path):
        os.symlink(os.readlink(path), root + path)
    else:
        _bind(root, path, _LOCKED)


def _devices(root: str, tmpfs: str) -> None:
    for path in [f"/dev/{name}" for name in DEVICES] + [p for form in GRAPHICS for p in glob.glob(form)]:
        _bind(root, path, system.NO_SUID)
    shared = root + SHARED
    os.mkdir(shared)
    system.mount("shm", shared, "tmpfs", system.NO_SUID | system.NO_DEVICES, tmpfs)
    for name, target in (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        os.symlink(f"/proc/self/{target}", f"{root}/dev/{name}")


def _bind(root: str, path: str, flags: int) -> None:
    """Show a file or folder at its own path under the root; one that is not there is left out."""
    source = os.path.realpath(path)
    target = root + path
    if not os.path.exists(source):
        return
    os.makedirs(target if os.path.isdir(source) else os.path.dirname(target), exist_ok=True)
    if not os.path.isdir(source):
        with open(target, "w", encoding="utf-8"):
            pass
    system.mount(source, target, None, system.BIND | system.RECURSIVE)
    system.restrict(target, flags)


def _freeze(path: str) -> None:
    """Make a folder of the new root read-only as a whole; the files in it are mounts of their own."""
    if os.path.isdir(path):
        system.mount(path, path, None, system.BIND | system.RECURSIVE)
        system.restrict(path, _LOCKED)


def _forbid_namespaces(root: str) -> None:
    """Namespaces within would give capabilities back, over them at least."""
    with open(root + "/proc/sys/user/max_user_namespaces", "w", encoding="ascii") as out:
        out.write("0")
