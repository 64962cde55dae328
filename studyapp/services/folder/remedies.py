"""What can be put right in a study folder with one click: each remedy says what it does before it does it.

It copies to where a file belongs; what was there is moved to set-aside/, never deleted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from analysis.files import Waiting
from analysis.image_names import EXTENSIONS, REFUSED, is_image_name, is_junk
from analysis.texts import Text, plural, say
from studyapp.core.folder_scan import folder_names, images_within
from studyapp.core.handed_in import match_names
from studyapp.core.image_names import is_key
from studyapp.errors import NotFoundError
from studyapp.services.folder.importing import propose, take_in
from studyapp.services.folder.sources import FolderSource, Source, ZipSource
from studyapp.services.folder.teams import add_teams, new_team, set_aside
from studyapp.study.folder import inputs_folder
from studyapp.study.study_file import STUDY_FILE, load_study_file


@dataclass(frozen=True)
class Remedy:
    """Something that can be put right: `path` is the file or folder that it is about.

    Attributes
    ----------
    kind
        "flatten", "rename", "team" or "aside".
    words
        What it does, for its button.
    preview
        What would happen, a line each.
    """

    kind: str
    path: str
    words: Text
    preview: tuple[str, ...]
    moves: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def key(self) -> str:
        """What a form sends to choose it."""
        return f"{self.kind}:{self.path}"

    def is_for(self, path: str) -> bool:
        """Tell whether it is about what a problem names, or might have what is missing there."""
        named = PurePosixPath(path)
        around = PurePosixPath(self.path).parent
        holds = self.kind == "flatten" and around in (named, named.parent)
        return path == self.path or path in (move[0] for move in self.moves) or holds


def remedies(root: Path) -> list[Remedy]:
    """Return what can be put right in a study folder."""
    file = load_study_file(root / STUDY_FILE)
    teams = {team.id: str(team.name) for team in file.teams}
    inputs = [path for path in _files(root / inputs_folder(root)) if is_image_name(path.name)]
    images = sorted(path.stem for path in inputs if is_key(path.stem))
    found = [*_capitals(root, inputs, set(images))]
    for name in folder_names(root / "teams"):
        if name in teams:
            found += _of_team(root, name, images)
        elif images_within(root / "teams" / name) and name.casefold() not in map(str.casefold, teams):
            found.append(_new_team(name, teams))
    return found


def apply_remedy(root: Path, key: str) -> Remedy:
    """Do what a remedy says, and return it.

    Raises
    ------
    NotFoundError
        When the folder is another one by now, so that there is nothing to do.
    """
    remedy = next((item for item in remedies(root) if item.key == key), None)
    if remedy is None:
        raise NotFoundError(say("there is nothing to do here any more; check again"))
    if remedy.kind == "flatten":
        take_in(propose(root, [_source(root, remedy.path)], team=PurePosixPath(remedy.path).parts[1]))
        set_aside(root, Path(remedy.path))
    elif remedy.kind == "team":
        _add(root, PurePosixPath(remedy.path).name)
    for old, new in remedy.moves:
        if new:
            _copy(root / old, root / new)
        set_aside(root, Path(old))
    return remedy


def _of_team(root: Path, team: str, images: list[str]) -> Iterator[Remedy]:
    folder = root / "teams" / team
    yield from _inner(root, team)
    files = [path for path in _files(folder) if is_image_name(path.name)]
    right = {path.stem for path in files if path.stem in images}
    yield from _capitals(root, files, {*images})
    wrong = [path for path in files if path.stem not in images]
    meant = match_names({path.stem for path in wrong}, [image for image in images if image not in right])
    renamed = [(path, f"{meant[path.stem]}{path.suffix.lower()}") for path in wrong if path.stem in meant]
    if renamed:
        moves = tuple((_name(root, path), f"teams/{team}/{new}") for path, new in renamed)
        words = plural(
            "Rename %(count)s file by its pattern", "Rename %(count)s files by their pattern", len(moves)
        )
        preview = tuple(f"{path.name} → {new}" for path, new in renamed)
        yield Remedy("rename", f"teams/{team}", words, preview, moves)
    extra = [path for path in wrong if path.stem not in meant]
    if extra:
        moves = tuple((_name(root, path), "") for path in extra)
        words = plural("Set %(count)s file aside", "Set %(count)s files aside", len(moves))
        yield Remedy(
            "aside", f"teams/{team}", words, tuple(f"{path.name} → set-aside/" for path in extra), moves
        )


def _inner(root: Path, team: str) -> Iterator[Remedy]:
    """Folders with images, and zips, within a team's folder."""
    folder = root / "teams" / team
    for entry in sorted(folder.iterdir()):
        is_zip = entry.suffix.casefold() == ".zip" and entry.is_file()
        if is_junk(entry.name) or entry.is_symlink() or not (is_zip or entry.is_dir()):
            continue
        if is_zip or images_within(entry):
            name = _name(root, entry)
            try:
                proposal = propose(root, [_source(root, name)], team=team)
            except Exception:  # noqa: S112 (what is wrong with it, the check says)
                continue
            if proposal.copies:
                words = (
                    say("Take the images out of %(name)s", name=entry.name)
                    if is_zip
                    else say("Take the images out of %(name)s/", name=entry.name)
                )
                preview = (*proposal.lines_of_copies(), f"{entry.name} → set-aside/")
                yield Remedy("flatten", name, words, preview)


def _capitals(root: Path, files: list[Path], images: set[str]) -> Iterator[Remedy]:
    wrong = [path for path in files if path.suffix not in EXTENSIONS | REFUSED and path.stem in images]
    if wrong:
        moves = tuple(
            (_name(root, path), _name(root, path.with_suffix(path.suffix.lower()))) for path in wrong
        )
        words = plural(
            "Write the extension of %(count)s file in small letters",
            "Write the extensions of %(count)s files in small letters",
            len(moves),
        )
        preview = tuple(f"{path.name} → {path.stem}{path.suffix.lower()}" for path in wrong)
        yield Remedy("rename", f"{_name(root, wrong[0].parent)}/*", words, preview, moves)


def _new_team(name: str, teams: dict[str, str]) -> Remedy:
    team = new_team(name, teams)
    words = say("Add the team %(name)s to study.yaml", name=name)
    moved = [] if team.id == name else [f"teams/{name} → teams/{team.id}"]
    return Remedy("team", f"teams/{name}", words, (f"- {{id: {team.id}, name: {team.name}}}", *moved))


def _add(root: Path, name: str) -> None:
    file = load_study_file(root / STUDY_FILE)
    team = new_team(name, [team.id for team in file.teams])
    if team.id != name:
        (root / "teams" / name).rename(root / "teams" / team.id)
    add_teams(root, [team])


def _source(root: Path, path: str) -> Source:
    place = root / path
    return FolderSource(place.name, place) if place.is_dir() else ZipSource(place.name, place)


def _copy(source: Path, target: Path) -> None:
    with Waiting(target) as waiting, source.open("rb") as file:
        waiting.write(iter(lambda: file.read(1 << 20), b""))
        waiting.take_its_place(over=False)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.is_symlink() and not is_junk(path.name)
    ]


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
