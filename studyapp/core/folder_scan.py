"""Listing the folders of a study: the image files of each, and what should not lie there."""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from analysis.did_you_mean import nearest
from analysis.image_names import EXTENSIONS, REFUSED, is_image_name, is_junk
from studyapp.core.image_names import is_key
from studyapp.errors import MISNAMED, UNREAD, Problem

_ACCEPTED = " ".join(EXTENSIONS)
_LEAVE = "leave it there, or move it elsewhere"
ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".gz", ".xz", ".bz2", ".7z", ".rar")


@dataclass(frozen=True)
class Folder:
    """The image files of one folder by key, its problems, and the names of files that are no images.

    `doubled` names, for a key, two files that both could be it.
    """

    name: str
    exists: bool = True
    files: dict[str, Path] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    doubled: dict[str, tuple[str, str]] = field(default_factory=dict)

    def elsewhere(self) -> str | None:
        """What to do about images that are all missing when something else that lies here holds them."""
        return next((problem.remedy for problem in self.problems if problem.kind == UNREAD), None)

    def hint(self, key: str) -> str | None:
        """What to do about a missing image when a file of another kind has its name."""
        other = next((name for name in self.others if PurePath(name).stem == key), None)
        return f"{other} has another format; save it as {key}.png" if other else None


@dataclass(frozen=True)
class TeamFolders:
    """The folders of all teams by id, and problems with the folders themselves."""

    teams: dict[str, Folder]
    problems: list[Problem]


def scan(root: Path, name: str) -> Folder:
    """List the image files of one folder of the study."""
    path = root / name
    if not path.is_dir():
        remedy = _did_you_mean(PurePath(name).name, folder_names(path.parent)) or "make the folder"
        return Folder(name, exists=False, problems=[Problem(name, "folder missing", remedy)])
    folder = Folder(name)
    if not _lies_inside(path, root):
        folder.problems.append(_leaves(name))
        return folder
    for entry in sorted(path.iterdir()):
        if not is_junk(entry.name):
            folder.problems.extend(_place(folder, entry, root))
    return folder


def scan_teams(root: Path, name: str, teams: Sequence[str], *, optional: bool = False) -> TeamFolders:
    """List the folders of the teams; with `optional`, a team (or all of them) may have none."""
    parent = root / name
    if not parent.is_dir():
        return TeamFolders({}, [] if optional else scan(root, name).problems)
    present = folder_names(parent)
    owners = {folder: folder for folder in present if folder in teams}
    missing = [team for team in teams if team not in owners]
    problems: list[Problem] = []
    for folder in present:
        if folder in owners:
            continue
        meant = nearest(folder, missing)
        if meant is not None:  # its images are looked at as that team's, so that all is told at once
            owners[folder] = meant
            missing.remove(meant)
        problems.append(_stranger(parent / folder, f"{name}/{folder}", meant, teams))
    if not optional:
        problems += [Problem(f"{name}/{team}", "folder missing", "add the team's images") for team in missing]
    problems += [
        _ignored(entry, f"{name}/{entry.name}", "a file next to the teams' folders")
        for entry in sorted(parent.iterdir())
        if not entry.is_dir() and not is_junk(entry.name)
    ]
    found = {team: scan(root, f"{name}/{folder}") for folder, team in owners.items()}
    return TeamFolders(
        found, problems + [problem for folder in found.values() for problem in folder.problems]
    )


def _place(folder: Folder, entry: Path, root: Path) -> Iterator[Problem]:
    """Put one directory entry where it belongs in `folder`, and tell what is wrong with it."""
    name = f"{folder.name}/{entry.name}"
    key = entry.stem
    if entry.is_symlink() and not _lies_inside(entry, root):
        yield _leaves(name)
    elif not entry.is_file():
        yield _ignored(entry, name, "not a file")
    elif not is_image_name(entry.name):
        folder.others.append(entry.name)
        yield _ignored(entry, name, f"not an image ({_ACCEPTED})")
    elif not is_key(key):
        yield Problem(
            name,
            f"misnamed: {key!r} is too long or has characters that are not allowed",
            "use 1 to 64 of A-Z a-z 0-9 . _ -",
            kind=MISNAMED,
        )
    elif (twin := _twin(folder.files, key)) is not None:
        folder.doubled[twin.stem] = (twin.name, entry.name)
        yield Problem(name, f"has the same name as {twin.name}", "keep one of the two")
    else:
        folder.files[key] = entry
        if entry.suffix not in EXTENSIONS | REFUSED:
            wanted = key + entry.suffix.lower()
            what = "misnamed: the extension is in capitals"
            yield Problem(name, what, f"did you mean {wanted}?", kind=MISNAMED)


def _twin(files: dict[str, Path], key: str) -> Path | None:
    """A file of the same name but for the extension and for case, which not every file system tells apart."""
    return next((path for other, path in files.items() if other.casefold() == key.casefold()), None)


def folder_names(path: Path) -> list[str]:
    """Return the names of the folders in a folder, without those that operating systems leave behind."""
    if not path.is_dir():
        return []
    return sorted(entry.name for entry in path.iterdir() if entry.is_dir() and not is_junk(entry.name))


def _lies_inside(path: Path, root: Path) -> bool:
    # Unlike Path.resolve, realpath bears a link that leads to itself.
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _leaves(name: str) -> Problem:
    return Problem(name, "a link that leads out of the study folder", "copy what it points to")


def _ignored(entry: Path, name: str, what: str) -> Problem:
    """Say of something that is not read what it is and what to do; never that it should be deleted."""
    if entry.is_dir():
        images = images_within(entry)
        if images:
            what = f"a folder with {images} image{'s' * (images != 1)}; folders inside a folder are not read"
            return _unread(name, what)
        return Problem(name, "a folder without images; not read", _LEAVE, severity="warning")
    if entry.name.casefold().endswith(ARCHIVES):
        return _unread(name, "an archive; images are not read from archives")
    return Problem(name, f"{what}; not read", _LEAVE, severity="warning")


def _unread(name: str, what: str) -> Problem:
    remedy = f"`studyapp import DIR {name}` copies its images to where they belong"
    return Problem(name, what, remedy, severity="warning", kind=UNREAD)


def _stranger(path: Path, name: str, meant: str | None, teams: Sequence[str]) -> Problem:
    """A folder among the teams that is no team's."""
    if meant is not None:
        return Problem(name, "no team has this id in study.yaml", f"did you mean {meant}?")
    what = "no team has this id in study.yaml"
    if not images_within(path):
        return Problem(name, f"{what}, and it has no images; not read", _LEAVE, severity="warning")
    return Problem(name, what, f"add it under `teams:`, or move it elsewhere; there are {', '.join(teams)}")


def images_within(path: Path) -> int:
    """Count the image files in a folder and the folders in it; a folder that cannot be read has none."""
    found = 0
    for _, folders, files in os.walk(path):
        folders[:] = [name for name in folders if not is_junk(name)]
        found += sum(is_image_name(name) and not is_junk(name) for name in files)
    return found


def _did_you_mean(name: str, known: Collection[str]) -> str | None:
    meant = nearest(name, known)
    return f"did you mean {meant}/? rename it to {name}/" if meant else None
