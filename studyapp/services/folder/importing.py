"""Taking in what was handed in, as folders and zips: match names, propose, copy; the originals stay.

Names decide what a file is: of which team, or an input or a ground truth, and which image. Teams that nobody
has told of are proposed, too, if what is called after them fits the inputs.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from analysis.did_you_mean import nearest
from analysis.files import Waiting
from analysis.image_names import is_image_name
from analysis.imaging.decode import largest_file
from studyapp.core.folder_scan import scan
from studyapp.core.handed_in import (
    input_keys,
    match_names,
    prefix_team,
    role_of,
    says_nothing,
    team_name,
    team_of,
)
from studyapp.core.image_names import is_key
from studyapp.errors import StudyError
from studyapp.services.folder.sources import FolderSource, Source, ZipSource
from studyapp.services.folder.teams import NewTeam, add_teams, new_team
from studyapp.study.study_file import STUDY_FILE, StudyFile, load_study_file

INPUT, REFERENCE, PAIRED = "input", "reference", "paired"
_NO_PLACE = "ground truth has a place only in paired/, or as reference/ where the protocol shows one"


@dataclass(frozen=True)
class HandedIn:
    """A file within what was handed in."""

    source: Source
    path: PurePosixPath

    @property
    def name(self) -> str:
        return f"{self.source.name}/{self.path}"


@dataclass(frozen=True)
class Group:
    """Files of one source and one pattern of names that go to one folder of the study, by image."""

    place: str
    source: Source
    files: tuple[tuple[str, HandedIn], ...]

    @property
    def team(self) -> str | None:
        """The id of the team that they belong to, if it is one."""
        _, folder, team = self.place.rpartition("teams/")
        return team if folder else None

    @property
    def renamed(self) -> bool:
        """Whether the files get other names."""
        return any(file.path.name != f"{image}{file.path.suffix.lower()}" for image, file in self.files)

    @property
    def flattened(self) -> bool:
        """Whether they come out of folders within the folder or zip."""
        return any(len(file.path.parts) > 1 for _, file in self.files)


@dataclass(frozen=True)
class Proposal:
    """What would be copied, by folder and image, teams that are new, and files that stay, by reason."""

    root: Path
    copies: dict[tuple[str, str], HandedIn]
    there: int
    left: dict[str, list[str]] = field(default_factory=dict)
    new_teams: tuple[NewTeam, ...] = ()
    images: tuple[str, ...] = ()

    def target(self, place: str, image: str) -> Path:
        """Return where an image goes."""
        return self.root / place / f"{image}{self.copies[place, image].path.suffix.lower()}"

    def groups(self) -> list[Group]:
        """Return what would be copied, one group for each folder, source and pattern of names."""
        found: dict[tuple[str, str, str], list[tuple[str, HandedIn]]] = defaultdict(list)
        for (place, image), file in sorted(self.copies.items(), key=lambda item: item[0]):
            pattern = re.sub("[0-9]+", "0", str(file.path).casefold().replace(image.casefold(), "*"))
            found[place, file.source.name, pattern].append((image, file))
        return [Group(place, files[0][1].source, tuple(files)) for (place, _, _), files in found.items()]

    def missing(self, place: str) -> list[str]:
        """Return the images of which a folder would have no file afterwards."""
        there = _stems(self.root / place)
        coming = {image for target, image in self.copies if target == place}
        return [image for image in self.images if image not in there | coming]

    def lines(self) -> list[str]:
        """Say what would be copied, and what would not."""
        told = self.lines_of_copies()
        for reason, names in self.left.items():
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            told.append(f"skipped, {reason}: {', '.join(names[:3])}{more}")
        return told

    def lines_of_copies(self) -> list[str]:
        """Say what would be copied, a line for each folder and pattern of names."""
        told = [f"new team: {team.name} (id {team.id}); added to study.yaml" for team in self.new_teams]
        for group in self.groups():
            image, first = group.files[0]
            count = len(group.files)
            told.append(
                f"{group.place.removeprefix('teams/')}: {count} image{'s' * (count != 1)} from "
                f"{group.source.name}, such as {first.path} -> "
                + self.target(group.place, image).relative_to(self.root).as_posix()
            )
        return told


def propose(
    root: Path, sources: Sequence[Source], *, team: str | None = None, new_teams: bool = True
) -> Proposal:
    """Match the images of what was handed in with the teams and images of a study; write nothing.

    Parameters
    ----------
    root
        The study folder, with its study.yaml; inputs may be among what is handed in.
    sources
        What was handed in: of one team each, or with a folder, or a beginning of names, for each team.
    team
        The team that all of it belongs to; by default each source's own, or names decide.
    new_teams
        Whether teams that are not in study.yaml are proposed.

    Raises
    ------
    StudyError
        When a source cannot be read or trusted, the team is not in study.yaml, or there are no inputs.
    """
    file = load_study_file(root / STUDY_FILE)
    return _Matching(root, file, team, new_teams=new_teams).proposal(sources)


def take_in(
    proposal: Proposal, *, progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None
) -> int:
    """Add the new teams and copy what was proposed, each image whole or not at all; return how many.

    Raises
    ------
    StudyError
        When a zip does not hold what it declares.
    OSError
        When an image cannot be read or written; those before it stay, and the same command continues.
    """
    add_teams(proposal.root, proposal.new_teams)
    most = largest_file(load_study_file(proposal.root / STUDY_FILE).limits.max_pixels)
    with ExitStack() as stack:
        sources = {id(file.source): file.source for file in proposal.copies.values()}
        readers = {key: stack.enter_context(source.opened()) for key, source in sources.items()}
        for done, ((place, image), file) in enumerate(proposal.copies.items()):
            progress("import", done, len(proposal.copies))
            target = proposal.target(place, image)
            target.parent.mkdir(parents=True, exist_ok=True)
            with Waiting(target) as waiting:
                waiting.write(readers[id(file.source)].pieces(file.path, most))
                waiting.take_its_place(over=False)
    return len(proposal.copies)


class _Matching:
    """One look at what was handed in."""

    def __init__(self, root: Path, file: StudyFile, team: str | None, *, new_teams: bool) -> None:
        self._root, self._file, self._new = root, file, new_teams
        self._teams = {item.id: item.name for item in file.teams}
        self._made: dict[str, NewTeam] = {}
        self._team = team and self._given(team)
        self._copies: dict[tuple[str, str], HandedIn] = {}
        self._left: dict[str, list[str]] = defaultdict(list)
        self._there = 0

    def proposal(self, sources: Sequence[Source]) -> Proposal:
        """Sort every image, then match its name."""
        sorted_in = self._sort(sources)
        images = self._keys(INPUT, sorted_in.pop(INPUT, []))
        pairs = self._keys(f"{PAIRED}/input", sorted_in.pop(f"{PAIRED}/input", []))
        pairs |= {*scan(self._root, f"{PAIRED}/gt").files}
        if not images and not pairs:
            raise StudyError(
                f"{self._root / INPUT} has no images yet; put the inputs there first, or import them too, in "
                "a folder or zip called input, because they name the images"
            )
        unknown = sorted_in.pop("", [])
        for place, files in sorted_in.items():
            self._match(place, files, pairs if place.startswith(PAIRED) else images)
        for found in self._name_new(unknown, images):
            self._left[self._unknown(found)].append(found.name)
        used = {place.rpartition("/")[2] for place, _ in self._copies}
        made = tuple(team for team in self._made.values() if team.id in used)
        return Proposal(self._root, self._copies, self._there, dict(self._left), made, tuple(sorted(images)))

    def _given(self, team: str) -> str:
        """Return the id of the team that was named, which may be a new one."""
        if team in self._teams:
            return team
        known = [*self._teams, *self._teams.values()]
        if (meant := nearest(team, known)) is not None:
            raise StudyError(f"study.yaml has no team {team!r}; did you mean {meant}?")
        if not self._new:
            raise StudyError(f"study.yaml has no team {team!r}")
        return self._make(team)

    def _make(self, name: str) -> str:
        team = new_team(name, {*self._teams, *self._made})
        self._made[team.id] = team
        return team.id

    def _sort(self, sources: Iterable[Source]) -> dict[str, list[HandedIn]]:
        """Return what goes into each folder of the study; "" has what is unclear."""
        found: dict[str, list[HandedIn]] = defaultdict(list)
        for source in sources:
            around = source.around(self._root)
            for path in source.images():
                place, item = self._place(source, path, around), HandedIn(source, path)
                if place is None:
                    self._left[_NO_PLACE].append(item.name)
                else:
                    found[place].append(item)
        return found

    def _place(self, source: Source, path: PurePosixPath, around: list[str]) -> str | None:
        """Return the folder for a file; "" when it is unclear, None when there is none."""
        given = self._team or source.team
        role = None if given else role_of(path, around)
        area = f"{PAIRED}/" if PAIRED in (part.casefold() for part in path.parts[:-1]) else ""
        if role == "input":
            return area + INPUT
        owner = given or team_of(path, around, self._teams)
        if owner is not None:
            return f"{area}teams/{owner}"
        if role != "truth":
            return ""
        if area or (self._root / PAIRED).is_dir():
            return f"{PAIRED}/gt"
        return REFERENCE if REFERENCE in self._file.protocol.controls else None

    def _keys(self, place: str, files: Sequence[HandedIn]) -> set[str]:
        """Return the names of images after the inputs that come are in their place."""
        there = {*scan(self._root, place).files}
        known = match_names({file.path.stem for file in files}, there) if there else {}
        fresh = [file for file in files if file.path.stem not in known]
        self._there += len(files) - len(fresh)
        keys = input_keys({file.path.stem for file in fresh})
        for file in fresh:
            key = keys[file.path.stem]
            if not is_key(key):
                self._left["the name has no letter or number that a file of the study may have"].append(
                    file.name
                )
            elif (place, key) in self._copies:
                self._left[f"two files could be the input {key}: keep one"].append(file.name)
            else:
                self._copies[place, key] = file
        return there | {key for target, key in self._copies if target == place}

    def _match(self, place: str, files: Sequence[HandedIn], images: Collection[str]) -> None:
        """Add the files of one folder to the copies or to what is left."""
        stems = match_names({file.path.stem for file in files}, sorted(images))
        found: dict[str, list[HandedIn]] = defaultdict(list)
        for file in files:
            image = stems.get(file.path.stem)
            if image is None:
                self._left["no input has a similar name"].append(file.name)
            elif _lies_in(file, self._root / place):
                self._left["it is already in the team's folder: rename it there"].append(file.name)
            else:
                found[image].append(file)
        standing = _stems(self._root / place)
        for image, candidates in found.items():
            if len(candidates) > 1:
                what = f"two files could be {image} of {place.removeprefix('teams/')}: keep one"
                self._left[what] += [file.name for file in candidates]
            elif image in standing:
                self._there += 1
            else:
                self._copies[place, image] = candidates[0]

    def _name_new(self, unknown: Sequence[HandedIn], images: Collection[str]) -> list[HandedIn]:
        """Propose teams for what belongs to none that is known; return what stays unclear."""
        groups: dict[str, list[HandedIn]] = defaultdict(list)
        for found, name in zip(unknown, _called(unknown), strict=True):
            groups[name].append(found)
        unclear = groups.pop("", [])
        for name, files in sorted(groups.items()):
            matched = match_names({file.path.stem for file in files}, sorted(images))
            if not self._new or 2 * len({*matched.values()}) < len(images) or not images:
                unclear += files
            else:
                self._match(f"teams/{self._make(name)}", files, images)
        return unclear

    def _unknown(self, found: HandedIn) -> str:
        parts = [part for part in found.path.parent.parts if not says_nothing(part)]
        name = parts[0] if parts else team_name(PurePosixPath(found.source.name).name)
        if says_nothing(name):
            return "unclear which team: give --team"
        return f"no team {name!r} in study.yaml, and the names do not fit the inputs: give --team"


def _called(files: Sequence[HandedIn]) -> Iterator[str]:
    """Yield for each file what a new team with it would be called; "" when nothing says so."""
    tops: dict[int, set[str]] = defaultdict(set)
    for file in files:
        tops[id(file.source)].add(_top(file))
    for file in files:
        top, of_source = _top(file), team_name(PurePosixPath(file.source.name).name)
        several = len(tops[id(file.source)]) > 1
        if from_name := prefix_team(file.path.stem):
            yield from_name
        elif top and (several or says_nothing(of_source) or not isinstance(file.source, ZipSource)):
            yield team_name(top)
        else:
            yield "" if several or says_nothing(of_source) else of_source


def _stems(folder: Path) -> set[str]:
    """Return the names of the images in a folder, without their endings."""
    return {path.stem for path in folder.glob("*") if is_image_name(path.name)}


def _top(file: HandedIn) -> str:
    """The outermost folder around a file that says something."""
    return next((part for part in file.path.parent.parts if not says_nothing(part)), "")


def _lies_in(file: HandedIn, folder: Path) -> bool:
    source = file.source
    return isinstance(source, FolderSource) and source.path.resolve() / file.path.parent == folder.resolve()
