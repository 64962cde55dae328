"""Taking in what teams handed in, as folders and zips: match names, propose, copy; the originals stay."""

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from analysis.files import Waiting
from analysis.image_names import is_image_name, is_junk
from analysis.imaging.decode import largest_file
from studyapp.core.folder_scan import scan
from studyapp.core.handed_in import match_names, team_of
from studyapp.core.image_names import is_key
from studyapp.errors import StudyError
from studyapp.services.folder.archives import opened_zip, pieces_of
from studyapp.study.study_file import STUDY_FILE, load_study_file

_PIECE = 1 << 20


@dataclass(frozen=True)
class HandedIn:
    """A file within what was handed in: `source` is a folder or a zip."""

    source: Path
    path: PurePosixPath

    @property
    def name(self) -> str:
        return f"{self.source.name}/{self.path}"


@dataclass(frozen=True)
class Proposal:
    """What `import` would copy, by team and image, and the files that it would not, by reason."""

    root: Path
    copies: dict[tuple[str, str], HandedIn]
    there: int
    left: dict[str, list[str]] = field(default_factory=dict)

    def target(self, team: str, image: str) -> Path:
        """Return where an image of a team goes."""
        suffix = self.copies[team, image].path.suffix.lower()
        return self.root / "teams" / team / f"{image}{suffix}"

    def lines(self) -> list[str]:
        """Say what would be copied, a line for each team and pattern of names, and what would not."""
        groups: dict[tuple[str, Path, str], list[tuple[str, HandedIn]]] = defaultdict(list)
        for (team, image), file in sorted(self.copies.items()):
            pattern = re.sub("[0-9]+", "0", file.path.name.casefold().replace(image.casefold(), "*"))
            groups[team, file.source, pattern].append((image, file))
        told = [
            f"{team}: {len(found)} image{'s' * (len(found) != 1)} from {source}, "
            f"such as {found[0][1].path} -> "
            + self.target(team, found[0][0]).relative_to(self.root).as_posix()
            for (team, source, _), found in groups.items()
        ]
        for reason, names in self.left.items():
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            told.append(f"skipped, {reason}: {', '.join(names[:3])}{more}")
        return told


def propose(root: Path, sources: Sequence[Path], *, team: str | None = None) -> Proposal:
    """Match the images of folders and zips with the teams and images of a study; write nothing.

    Parameters
    ----------
    root
        The study folder, with its inputs and its study.yaml.
    sources
        What was handed in: of one team each, or with a folder, or a beginning of names, for each team.
    team
        The team that all of it is of; by default it is told from the names.

    Raises
    ------
    StudyError
        When a source cannot be read or trusted, the team is not in study.yaml, or there are no inputs yet.
    """
    file = load_study_file(root / STUDY_FILE)
    images = sorted(scan(root, "input").files)
    if not images:
        raise StudyError(
            f"{root / 'input'} has no images yet; put the inputs there first, because they name the images"
        )
    teams = {item.id: item.name for item in file.teams}
    if team is not None and team not in teams:
        raise StudyError(f"study.yaml has no team {team!r}; add this line under `teams:`\n{team_line(team)}")
    left: dict[str, list[str]] = defaultdict(list)
    by_team: dict[str, list[HandedIn]] = defaultdict(list)
    for found in _all_images(sources):
        owner = team or team_of(found.path, _around(root, found.source), teams)
        if owner is None:
            left[_unknown(found)].append(found.name)
        elif found.source.resolve() / found.path.parent == (root / "teams" / owner).resolve():
            left["it is already in the team's folder: rename it there"].append(found.name)
        else:
            by_team[owner].append(found)
    copies, there = {}, 0
    for owner, files in by_team.items():
        there += _match(root, owner, files, images, copies, left)
    return Proposal(root, copies, there, dict(left))


def take_in(proposal: Proposal) -> int:
    """Copy what was proposed, each image whole or not at all; return how many there were.

    Raises
    ------
    StudyError
        When a zip does not hold what it declares.
    OSError
        When an image cannot be read or written; those before it stay, and the same command goes on.
    """
    most = largest_file(load_study_file(proposal.root / STUDY_FILE).limits.max_pixels)
    with ExitStack() as stack:
        zips = {
            source: stack.enter_context(opened_zip(source))
            for source in dict.fromkeys(file.source for file in proposal.copies.values())
            if not source.is_dir()
        }
        for (team, image), file in proposal.copies.items():
            target = proposal.target(team, image)
            target.parent.mkdir(parents=True, exist_ok=True)
            archive = zips.get(file.source)
            entry = archive.getinfo(str(file.path)) if archive else None
            with Waiting(target) as waiting:
                pieces = (
                    pieces_of(archive, entry, most) if archive and entry else _pieces(file.source / file.path)
                )
                waiting.write(pieces)
                waiting.take_its_place(over=False)
    return len(proposal.copies)


def team_line(team: str) -> str:
    """Return the line of study.yaml for a team of which only its folder's name is known."""
    return f"  - {{id: {team}, name: {team}}}"


def _match(
    root: Path,
    team: str,
    files: Sequence[HandedIn],
    images: Sequence[str],
    copies: dict[tuple[str, str], HandedIn],
    left: dict[str, list[str]],
) -> int:
    """Add the files of one team to the copies or to what is left; return how many are there already."""
    stems = match_names({file.path.stem for file in files}, images)
    there = 0
    found: dict[str, list[HandedIn]] = defaultdict(list)
    for file in files:
        image = stems.get(file.path.stem)
        if image is None:
            left["no input has a similar name"].append(file.name)
        else:
            found[image].append(file)
    for image, candidates in found.items():
        standing = [path for path in (root / "teams" / team).glob(f"{image}.*") if is_image_name(path.name)]
        if len(candidates) > 1:
            left[f"two files could be {image} of {team}: keep one"] += [file.name for file in candidates]
        elif standing:
            there += 1
        else:
            copies[team, image] = candidates[0]
    return there


def _all_images(sources: Sequence[Path]) -> Iterator[HandedIn]:
    for source in sources:
        if source.is_dir():
            paths = _walk(source)
        elif source.suffix.casefold() == ".zip":
            with opened_zip(source) as archive:
                paths = [PurePosixPath(item.filename) for item in archive.infolist() if not item.is_dir()]
        else:
            raise StudyError(
                f"{source} is neither a folder nor a zip; unpack it into a folder and import that"
            )
        for path in paths:
            if is_image_name(path.name) and not any(is_junk(part) for part in path.parts):
                yield HandedIn(source, path)


def _walk(source: Path) -> Iterator[PurePosixPath]:
    """Yield every ordinary file below a folder; links are not followed, they may lead anywhere."""
    for folder, folders, names in os.walk(source):
        folders.sort()
        for name in sorted(names):
            if not (Path(folder) / name).is_symlink() and (Path(folder) / name).is_file():
                yield PurePosixPath((Path(folder) / name).relative_to(source).as_posix())


def _around(root: Path, source: Path) -> list[str]:
    """Names of the source, and of the folders around it if it lies among the teams' own."""
    resolved, teams = source.resolve(), (root / "teams").resolve()
    inside = resolved.relative_to(teams).parts[:-1] if resolved.is_relative_to(teams) else ()
    return [resolved.name, *reversed(inside)]


def _unknown(found: HandedIn) -> str:
    parts = found.path.parent.parts
    name = parts[0] if parts else found.source.stem
    if is_key(name):
        return f"no team {name!r} in study.yaml: give --team, or add {team_line(name).strip()}"
    return "unclear which team: give --team"


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
