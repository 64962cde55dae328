"""What was found out about image files, kept under var/seen/, so that no file is decoded again to look at it.

A record is found by its file's content (SHA-256) together with everything else that the finding depends on:
the name's ending, the limits, and the code that decodes. The content is read and hashed each time, so a
changed file is noticed whatever its size and time say. Only files that were accepted are kept: what refuses a
file may be a matter of what is installed.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Collection
from contextlib import suppress
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import analysis.imaging
import analysis.preflight.sketch
from analysis.files import LEFTOVERS, Waiting
from analysis.imaging.decoder import decoder
from analysis.preflight.sketch import Sketch

SEEN = "seen"
"""Folder of the records, under var/."""

_SUFFIX = ".npz"


def record_name(content: str, *depends: object) -> str:
    """Return the name of a record.

    Parameters
    ----------
    content
        SHA-256 of the file.
    depends
        What else decides what is found in it; their `repr` counts.
    """
    given = json.dumps([content, *map(repr, depends), _code()])
    return hashlib.sha256(given.encode()).hexdigest()[:40] + _SUFFIX


def recall(folder: Path, name: str) -> tuple[dict[str, Any], Sketch | None] | None:
    """Return what was kept under this name, or None; a damaged record counts as none."""
    try:
        # A record is a zip: each member has a checksum. Nothing is unpickled.
        with np.load(io.BytesIO((folder / name).read_bytes()), allow_pickle=False) as found:
            facts = json.loads(found["facts"].tobytes())
            parts = {field.name: found[field.name] for field in fields(Sketch) if field.name in found}
    except (OSError, ValueError, KeyError, EOFError, NotImplementedError, zipfile.BadZipFile):
        return None
    if not parts:
        return facts, None
    width, height = parts.pop("size").tolist()
    return facts, Sketch(size=(width, height), **parts)


def keep(folder: Path, name: str, facts: dict[str, Any], sketch: Sketch | None) -> None:
    """Keep a finding; without room on the disk, or without the right to write, it is not kept."""
    parts = {} if sketch is None else {field.name: getattr(sketch, field.name) for field in fields(Sketch)}
    record = io.BytesIO()
    np.savez(record, facts=np.frombuffer(json.dumps(facts).encode(), np.uint8), **parts)
    with suppress(OSError), Waiting(folder / name, lasting=False) as waiting:
        waiting.write(record.getvalue())
        waiting.take_its_place()


def forget(folder: Path, used: Collection[str]) -> None:
    """Remove the records that are not among those used, and what was left half written."""
    with suppress(OSError):
        for path in [*folder.glob(f"*{_SUFFIX}"), *folder.glob(LEFTOVERS)]:
            if path.name not in used:
                path.unlink(missing_ok=True)


@cache
def _code() -> str:
    """A digest of all that turns a file into pixels and a sketch: our own code, and versions of libraries."""
    digest = hashlib.sha256(Path(analysis.preflight.sketch.__file__).read_bytes())
    for source in sorted(Path(analysis.imaging.__path__[0]).glob("*.py")):
        digest.update(source.read_bytes())
    digest.update(f"{decoder()}, numpy {np.__version__}".encode())
    return digest.hexdigest()
