"""The manifest of an export: every file is unchanged, and there are no others."""

from pathlib import Path

from analysis.amounts import how_many
from analysis.files import file_sha256
from analysis.json_text import read_json
from analysis.verify.hashing import GENESIS
from analysis.verify.record import MisfitError, Record

MANIFEST, FORMAT = "manifest.json", "studyapp export 1"
# What operating systems leave in folders.
LEFT = {"thumbs.db", "desktop.ini"}


def check_manifest(record: Record, folder: Path) -> str:
    """The files have the hashes in the manifest, which names the heads of this ledger."""
    raw = _read(folder)
    heads = [
        [chain, len(events), events[-1].hash if events else GENESIS]
        for chain, events in record.chains.items()
    ]
    told = [head for head in raw["heads"] if head[1]]
    if sorted(told) != sorted(head for head in heads if head[1]):
        raise MisfitError(
            f"{MANIFEST} belongs to another ledger: its heads differ from those of ledger.jsonl"
        )
    closing = next(record.study_events("closed"), None)
    if raw["digest"] != (closing and closing.body["digest"]):
        raise MisfitError(f"{MANIFEST} names another study digest than the closing")
    for name, wanted in raw["files"].items():
        path = folder / name
        if not path.is_file():
            raise MisfitError(f"{name} is missing")
        if file_sha256(path) != wanted:
            raise MisfitError(f"{name} was changed after the export")
    names = (path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir())
    strange = sorted(name.as_posix() for name in names if _counts(name, raw["files"]))
    if strange:
        raise MisfitError(f"{strange[0]} is not part of this export; remove it from the folder")
    return f"{how_many(len(raw['files']), 'files')} unchanged"


def manifest_sha256(folder: Path) -> str | None:
    """Return the hash of the manifest, which identifies all files of an export; None without one."""
    path = folder / MANIFEST
    return file_sha256(path) if path.is_file() else None


def _read(folder: Path) -> dict:
    try:
        raw = read_json((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MisfitError(f"{MANIFEST} is missing") from None
    except ValueError as error:
        raise MisfitError(f"{MANIFEST} cannot be read ({error})") from None
    if (
        not isinstance(raw, dict)
        or set(raw) != {"format", "digest", "heads", "files"}
        or raw["format"] != FORMAT
    ):
        raise MisfitError(f"{MANIFEST} does not have the form {FORMAT!r}")
    if not isinstance(raw["files"], dict) or not all(map(_is_head, raw["heads"])):
        raise MisfitError(f"{MANIFEST} has heads or files in another form than {FORMAT!r}")
    return raw


def _is_head(head: object) -> bool:
    return isinstance(head, list) and [type(part) for part in head] == [str, int, str]


def _counts(name: Path, known: dict) -> bool:
    hidden = any(part[0] == "." for part in name.parts) or name.name.casefold() in LEFT
    return not hidden and name.as_posix() not in {*known, MANIFEST}
