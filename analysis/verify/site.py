"""A published site: every file as in its checksums, and below it the data of each study."""

import os
from collections.abc import Iterator
from pathlib import Path

from analysis.amounts import how_many
from analysis.audit.findings import Finding
from analysis.errors import AnalysisError
from analysis.files import file_sha256
from analysis.verify.manifest import LEFT
from analysis.verify.record import LEDGER, MisfitError
from analysis.verify.summary import Published, verify_export

SUMS, DATA, STUDIES = "SHA256SUMS", "data", "studies"


def verify_folder(folder: Path, published: Published | None = None) -> list[Finding]:
    """Check an export, or a published site: its checksums, and the export of each of its studies.

    Parameters
    ----------
    folder
        What `studyapp export` or `studyapp publish` wrote.
    published
        What is known from elsewhere, as for `verify_export`; of one study.

    Raises
    ------
    AnalysisError
        If it is neither, or something is known of one study and there are several.
    """
    if not (folder / SUMS).exists() or (folder / LEDGER).exists():
        return verify_export(folder, published)
    exports = [folder / DATA] if (folder / DATA).is_dir() else sorted(folder.glob(f"{STUDIES}/*/{DATA}"))
    if len(exports) != 1 and published not in (None, Published()):
        raise AnalysisError(
            f"{folder} holds {how_many(len(exports), 'studies')}: "
            f"give the folder of one, such as {exports[0] if exports else folder / DATA}"
        )
    found = [_sums(folder)]
    for export in exports:
        study = "" if len(exports) == 1 else f"{export.parent.name}: "
        found += [
            Finding(f"{study}{item.check}", item.verdict, item.message)
            for item in verify_export(export, published)
        ]
    return found


def _sums(folder: Path) -> Finding:
    try:
        return Finding("checksums", "ok", _check_sums(folder))
    except (MisfitError, OSError, UnicodeDecodeError) as error:
        return Finding("checksums", "wrong", str(error))


def _check_sums(folder: Path) -> str:
    lines = (folder / SUMS).read_text(encoding="utf-8").split("\n")
    wanted = {line[66:]: line[:64] for line in lines if line}
    for name, sha256 in wanted.items():
        path = folder / name
        if not path.is_file():
            raise MisfitError(f"{name} is missing")
        if file_sha256(path) != sha256:
            raise MisfitError(f"{name} was changed after publishing")
    strange = sorted(name for name in _names(folder) if name not in wanted and name != SUMS)
    if strange:
        raise MisfitError(f"{strange[0]} is not part of this site; remove it from the folder")
    return f"{how_many(len(wanted), 'files')} unchanged"


def _names(folder: Path) -> Iterator[str]:
    """The files, without what systems and git keep there."""
    for at, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name[0] != "."]
        for name in names:
            if name[0] != "." and name.casefold() not in LEFT:
                yield (Path(at) / name).relative_to(folder).as_posix()
