"""What pages show of results, computed once for as long as nothing that it follows from has changed."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlmodel import Session

from studyapp.services.ground.ledger import chain_heads
from studyapp.services.ground.studies import require_unsealed
from studyapp.services.ground.workspace import Workspace

Result = TypeVar("Result")
MOST = 8
"""Results that a process keeps; a ranking is some megabytes."""

# Beside the ledger: what S2, EScore and metrics are read from.
_FILES = ("scores.csv", "measures.csv", "var/scores", "var/measures", "var/unpaired")
_kept: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
# What is made may be made of others that are kept.
_lock = threading.RLock()


def kept(session: Session, workspace: Workspace, make: Callable[[Session, Workspace], Result]) -> Result:
    """Return what `make` returns of a closed or unsealed study, kept from an earlier call if it is the same.

    Raises
    ------
    StudyStateError
        While results are sealed.
    """
    study = require_unsealed(session)
    root = workspace.folders.root
    heads = tuple(chain_heads(session))
    stamps = input_stamps(root)
    key = (f"{make.__module__}.{make.__qualname__}", str(root), study.state, study.file, heads, stamps)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
        made = make(session, workspace)
        _kept[key] = made
        while len(_kept) > MOST:
            _kept.popitem(last=False)
        return made


def input_stamps(root: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what changes with any file that results are read from, beside the ledger."""
    return tuple(stamp for name in _FILES for stamp in _stamps(root / name))


def _stamps(path: Path) -> list[tuple[str, int, int]]:
    paths = sorted(path.iterdir()) if path.is_dir() else [path] if path.exists() else []
    return [(item.name, item.stat().st_mtime_ns, item.stat().st_size) for item in paths if item.is_file()]
