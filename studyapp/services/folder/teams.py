"""The teams of a study: what study.yaml says of them, which images they have; adding and removing."""

import contextlib
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.files import file_sha256
from analysis.image_names import is_image_name
from analysis.texts import say
from studyapp.core.folder_scan import scan
from studyapp.core.handed_in import team_key
from studyapp.core.image_names import is_key
from studyapp.errors import NotFoundError, StudyError
from studyapp.services.ground.workspace import EXAMPLE_TEAMS
from studyapp.study.editing import editing
from studyapp.study.folder import inputs_folder
from studyapp.study.study_file import STUDY_FILE, StudyFile, Team, load_study_file

SET_ASIDE = "set-aside"
"""Folder of the study for files that are not needed there any more."""


@dataclass(frozen=True)
class NewTeam:
    """A team to be added."""

    id: str
    name: str


@dataclass(frozen=True)
class TeamView:
    """A team, and which images it has."""

    id: str
    name: str
    members: tuple[str, ...]
    affiliations: tuple[str, ...]
    there: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class TeamsView:
    """The teams, the images that they should have, and the hash of the study.yaml that says so."""

    teams: tuple[TeamView, ...]
    images: tuple[str, ...]
    shown: str


def teams_view(root: Path) -> TeamsView:
    """Return the teams with what they have."""
    shown = file_sha256(root / STUDY_FILE)
    file = load_study_file(root / STUDY_FILE)
    images = sorted(scan(root, inputs_folder(root)).files)
    return TeamsView(tuple(_view(root, team, images) for team in file.teams), tuple(images), shown)


def pictures_of(root: Path, image: str) -> list[tuple[str, str | None]]:
    """Return for the input (named "") and each team its file of an image, within the study; None without."""
    file = load_study_file(root / STUDY_FILE)
    folders = {"": inputs_folder(root), **{str(team.name): f"teams/{team.id}" for team in file.teams}}
    return [(name, _file_of(root, folder, image)) for name, folder in folders.items()]


def new_team(name: str, taken: Collection[str]) -> NewTeam:
    """Return a team that is called after a folder or zip; its id is that name where it can be one."""
    return NewTeam(name if is_key(name) else team_key(name, taken), name[:120])


def add_teams(root: Path, new: Sequence[NewTeam], *, gone: Collection[str] = ()) -> StudyFile:
    """Add teams to study.yaml; the examples that a new study has go, and those whose ids are in `gone`."""
    file = load_study_file(root / STUDY_FILE)
    known = {team.id for team in file.teams}
    more = [team for team in new if team.id not in known]
    kept = [team for team in file.teams if team.id not in gone]
    if not more and len(kept) == len(file.teams):
        return file
    taken = {team.name.casefold() for team in kept}
    for team in more:
        if team.name.casefold() in taken:
            raise StudyError(say("study.yaml has a team called %(name)s already", name=repr(team.name)))
    examples = [team for team in kept if more and is_example(root, team)]
    kept = [team for team in kept if team not in examples]
    teams = [_written(team) for team in kept] + [{"id": team.id, "name": team.name} for team in more]
    with editing(root, {("teams",): teams}) as changed:
        for team in examples:
            with contextlib.suppress(OSError):  # not there, or not empty: `check` names what nothing reads
                (root / "teams" / team.id).rmdir()
        return changed


def save_team(
    root: Path, team: str, *, name: str, members: Sequence[str], affiliations: Sequence[str], shown: str
) -> None:
    """Change what study.yaml says of a team.

    Raises
    ------
    StaleFileError
        When somebody else changed it since it was shown.
    """
    file = load_study_file(root / STUDY_FILE)
    _the_team(file, team)
    wanted = []
    for item in file.teams:
        written = _written(item)
        if item.id == team:
            written = {**written, "name": name, "members": list(members), "affiliations": list(affiliations)}
            written = {key: value for key, value in written.items() if value}
        wanted.append(written)
    with editing(root, {("teams",): wanted}, shown=shown):
        pass


def remove_team(root: Path, team: str, *, shown: str) -> None:
    """Take a team out of study.yaml; its images are set aside.

    Raises
    ------
    StaleFileError
        When somebody else changed study.yaml since it was shown.
    """
    file = load_study_file(root / STUDY_FILE)
    _the_team(file, team)
    rest = [_written(item) for item in file.teams if item.id != team]
    with editing(root, {("teams",): rest}, shown=shown):
        if (root / "teams" / team).is_dir():
            set_aside(root, Path("teams") / team)


def set_aside(root: Path, path: Path) -> Path:
    """Move a file or folder of the study to where it does no harm; return where it is now."""
    target = root / SET_ASIDE / path
    number = 1
    while target.exists():
        number += 1
        target = root / SET_ASIDE / path.with_name(f"{path.stem}-{number}{path.suffix}")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(root / path, target)
    return target


def is_example(root: Path, team: Team) -> bool:
    """Tell whether a team is one that a new study.yaml has, without any image."""
    folder = root / "teams" / team.id
    there = folder.is_dir() and any(is_image_name(path.name) for path in folder.iterdir())
    return EXAMPLE_TEAMS.get(team.id) == team.name and not there


def _the_team(file: StudyFile, team: str) -> Team:
    found = next((item for item in file.teams if item.id == team), None)
    if found is None:
        raise NotFoundError(say("study.yaml has no team %(team)s", team=repr(team)))
    return found


def _written(team: Team) -> Mapping[str, Any]:
    """A team as study.yaml has it."""
    whole = {
        "id": team.id,
        "name": str(team.name),
        "members": [str(item) for item in team.members],
        "affiliations": [str(item) for item in team.affiliations],
    }
    return {key: value for key, value in whole.items() if value}


def _view(root: Path, team: Team, images: Sequence[str]) -> TeamView:
    there = {*scan(root, f"teams/{team.id}").files}
    missing = tuple(image for image in images if image not in there)
    return TeamView(
        team.id,
        str(team.name),
        tuple(map(str, team.members)),
        tuple(map(str, team.affiliations)),
        len(there & {*images}),
        missing,
    )


def _file_of(root: Path, folder: str, image: str) -> str | None:
    found = scan(root, folder).files.get(image)
    return None if found is None else found.relative_to(root).as_posix()
