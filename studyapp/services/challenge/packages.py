"""A submission's zip: images under the inputs' names and readme.txt; everything that is wrong with it.

Nothing is unpacked but what was asked for, under our own names. What a zip may be at all, `folder.archives`
says; what an image may be, the same decoder as everywhere.
"""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from analysis.did_you_mean import nearest
from analysis.image_names import EXTENSIONS, is_image_name, is_junk
from analysis.imaging import Policy
from analysis.imaging.decode import largest_file, size_in_header
from analysis.imaging.scale import Size, scale_of
from analysis.imaging.signature import HEAD, format_of
from studyapp.batch.pool import Progress, run, silent
from studyapp.core.folder_scan import ARCHIVES
from studyapp.errors import Problem, ProblemsFoundError, StudyError, errors_of
from studyapp.imaging.ingest import ImageFile, Inspection, inspect
from studyapp.services.challenge.readme import LONGEST, README, Readme, read_readme
from studyapp.services.folder.archives import DAMAGES, faults, pieces_of
from studyapp.services.folder.image_checks import problems_of_files
from studyapp.study.folder import FolderPlan, plan_folder
from studyapp.study.study_file import StudyFile

_AGAIN = "pack the images again as a plain zip"
_HEADER = 1 << 16


@dataclass(frozen=True)
class Wanted:
    """An image that is asked for: the file name of its input, and the size that a result must have.

    Where that is not known, it is a whole multiple of the size of `source`.
    """

    name: str
    size: Size | None = None
    source: Size | None = None


@dataclass
class Package:
    """What was taken out of a zip: files by image, what readme.txt says, and remarks that stop nothing."""

    images: dict[str, Path] = field(default_factory=dict)
    readme: Readme | None = None
    remarks: list[Problem] = field(default_factory=list)


@dataclass
class _Listed:
    """What a zip holds, by its directory."""

    images: dict[str, zipfile.ZipInfo] = field(default_factory=dict)
    readme: zipfile.ZipInfo | None = None
    problems: list[Problem] = field(default_factory=list)


def wanted_pairs(root: Path, file: StudyFile) -> dict[str, Wanted]:
    """Return what a team hands in for a study's pairs: an image for each, as large as its ground truth."""
    plan = plan_folder(root, file)
    found = {}
    for image in plan.pairs:
        source, truth = plan.pair_inputs.get(image), plan.pair_truths.get(image)
        name = (source or truth or Path(f"{image}.png")).name
        found[image] = Wanted(name, _size_of(truth) if truth else None)
    return found


def wanted_finals(root: Path, file: StudyFile) -> dict[str, Wanted]:
    """Return what a team hands in for the images that judges see, as much larger as with the pairs."""
    plan = plan_folder(root, file)
    by = _scale(plan)
    found = {}
    for image in plan.shown:
        if (path := plan.inputs.get(image)) is not None:
            size = _size_of(path)
            found[image] = Wanted(path.name, (size[0] * by, size[1] * by) if size and by else None, size)
    return found


def _scale(plan: FolderPlan) -> int | None:
    """By how much results of the pairs are larger than their inputs, if that is the same of all."""
    found = set()
    for image in plan.pairs:
        source, truth = plan.pair_inputs.get(image), plan.pair_truths.get(image)
        sizes = _size_of(source) if source else None, _size_of(truth) if truth else None
        found.add(scale_of(sizes[0], sizes[1]) if sizes[0] and sizes[1] else None)
    return found.pop() if len(found) == 1 else None


def take_out(
    path: Path,
    name: str,
    wanted: Mapping[str, Wanted],
    folder: Path,
    *,
    policy: Policy,
    progress: Progress = silent,
    workers: int | None = None,
) -> Package:
    """Unpack a submission into an empty folder, and look at every image.

    Parameters
    ----------
    name
        What the team called the zip.
    wanted
        By image.
    folder
        Where the images go, as IMAGE.EXTENSION.

    Raises
    ------
    ProblemsFoundError
        Naming everything that is wrong.
    """
    package = Package()
    problems: list[Problem] = []
    with _opened(path, name) as archive:
        listed = _list(name, archive.infolist(), wanted)
        problems += listed.problems
        if listed.readme is not None:
            package.readme, found = _readme(archive, listed.readme)
            problems += found
        for done, (image, entry) in enumerate(listed.images.items()):
            progress("unpack", done, len(listed.images))
            target = folder / f"{image}{PurePosixPath(entry.filename).suffix.lower()}"
            problem = _unpack(archive, entry, target, largest_file(policy.max_pixels))
            if problem is None:
                package.images[image] = target
            else:
                problems.append(problem)
    names = {path: listed.images[image].filename for image, path in package.images.items()}
    problems += _look(name, package.images, names, wanted, policy, progress, workers)
    if errors_of(problems):
        raise ProblemsFoundError(problems)
    package.remarks = problems
    return package


@contextmanager
def _opened(path: Path, name: str) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except DAMAGES as error:
        problem = Problem(name, f"not a zip, or cut off or damaged ({error})", _AGAIN)
        raise ProblemsFoundError([problem]) from error


def _list(name: str, entries: Sequence[zipfile.ZipInfo], wanted: Mapping[str, Wanted]) -> _Listed:
    listed = _Listed()
    distrusted = set()
    for entry, what in faults(entries):
        listed.problems.append(Problem(entry or name, what, _AGAIN))
        distrusted.add(entry)
    if "" in distrusted:
        return listed
    nested: dict[str, int] = {}
    seen = set()
    for entry in entries:
        path = PurePosixPath(entry.filename)
        if entry.filename in distrusted:
            # What is wrong with it is said already: it is not missing.
            seen.add(PurePosixPath(path.name.rpartition("\\")[2]).stem)
            continue
        if entry.is_dir() or any(is_junk(part) for part in path.parts):
            continue
        if len(path.parts) > 1 and not _is_readme(path):
            nested[str(path.parent)] = nested.get(str(path.parent), 0) + 1
        _place(listed, entry, path, wanted)
    for parent, count in nested.items():
        what = f"a folder with {count} file{'s' * (count != 1)}; folders in a submission are not read"
        listed.problems.append(Problem(f"{parent}/", what, "pack the images themselves, not their folder"))
    if listed.readme is None:
        listed.problems.append(Problem(README, "missing", "add it; the page of submissions has an example"))
    if wanted and not listed.images and not seen & set(wanted):
        what = f"has none of the {len(wanted)} images"
        listed.problems.append(Problem(name, what, f"name them as the inputs: {_some(wanted)}"))
        return listed
    listed.problems += [
        Problem(item.name, "missing", "add it: a submission has every image")
        for image, item in wanted.items()
        if image not in listed.images and image not in seen
    ]
    return listed


def _place(
    listed: _Listed, entry: zipfile.ZipInfo, path: PurePosixPath, wanted: Mapping[str, Wanted]
) -> None:
    """Say of an entry which image it is, or what is wrong with it."""
    name, key = entry.filename, path.stem

    def wrong(what: str, remedy: str, severity: Literal["error", "warning"] = "error") -> None:
        listed.problems.append(Problem(name, what, remedy, severity=severity))

    if _is_readme(path):
        if listed.readme is not None:
            wrong(f"a second readme.txt, besides {listed.readme.filename}", "keep one of the two")
        else:
            listed.readme = entry
    elif path.name.casefold().endswith(ARCHIVES):
        wrong("an archive in the zip; it is not read", "pack the images themselves")
    elif not is_image_name(path.name):
        if key in wanted:
            wrong("not an image of an accepted format", f"save it as {key}.png")
        else:
            wrong("not asked for; not read", "leave it out", "warning")
    elif key in listed.images:
        wrong(f"could be the same image as {listed.images[key].filename}", "keep one of the two")
    elif key in wanted:
        listed.images[key] = entry
    else:
        meant = nearest(key, wanted)
        wrong(
            f"not asked for: there is no input {key!r}",
            f"did you mean {meant}{path.suffix}?" if meant else f"name images as the inputs: {_some(wanted)}",
        )


def _is_readme(path: PurePosixPath) -> bool:
    return path.name.casefold() == README


def _some(wanted: Mapping[str, Wanted]) -> str:
    names = [item.name for item in wanted.values()]
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def _readme(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> tuple[Readme | None, list[Problem]]:
    try:
        with archive.open(entry) as file:
            return read_readme(file.read(LONGEST + 1), entry.filename)
    except DAMAGES as error:
        return None, [Problem(entry.filename, f"damaged ({error})", _AGAIN)]


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, most: int) -> Problem | None:
    """Copy an image out of a zip, or say why it is not."""
    if entry.file_size > most:
        what = f"unpacks to {entry.file_size:,} bytes, more than the {most:,} that an image may have"
        return Problem(entry.filename, what, "save only the image, as PNG")
    try:
        with target.open("xb") as file:
            for piece in pieces_of(archive, entry, most):
                file.write(piece)
    except (*DAMAGES, StudyError) as error:
        target.unlink(missing_ok=True)
        return Problem(entry.filename, f"damaged in the zip ({error})", _AGAIN)
    return None


def _look(
    package: str,
    images: Mapping[str, Path],
    names: Mapping[Path, str],
    wanted: Mapping[str, Wanted],
    policy: Policy,
    progress: Progress,
    workers: int | None,
) -> list[Problem]:
    first: dict[str, str] = {}
    files = [ImageFile(path, names[path], policy) for path in images.values()]
    looked = list(run(inspect, files, workers=workers, stage="check", progress=progress))
    found = problems_of_files(looked, lambda path: names.get(path, package))
    wrong = [problem for path, name in names.items() for problem in _format(name, path)]
    told = {(problem.path, problem.what) for problem in wrong}
    problems = [*wrong, *(problem for problem in found if (problem.path, problem.what) not in told)]
    for (image, path), seen in zip(images.items(), looked, strict=True):
        name = names[path]
        problems += _size(name, seen, wanted[image])
        if seen.sha256_pixels is not None:
            same = first.setdefault(seen.sha256_pixels, name)
            if same != name:
                what, remedy = f"the same pixels as {same}", "check that the right image was saved"
                problems.append(Problem(name, what, remedy, severity="warning"))
    return problems


def _format(name: str, path: Path) -> Iterator[Problem]:
    """Refuse an image that is something else than its name promises: the wrong file was packed."""
    with path.open("rb") as file:
        found = format_of(file.read(HEAD))
    promised = EXTENSIONS.get(path.suffix.lower())
    if found is not None and found != promised:
        yield Problem(name, f"named {path.suffix} but contains a {found}", "save it as PNG")


def _size(name: str, seen: Inspection, wanted: Wanted) -> Iterator[Problem]:
    if seen.size is None:
        return
    is_size = f"{seen.size[0]}x{seen.size[1]} pixels, but it must have"
    if wanted.size is not None and seen.size != wanted.size:
        what = f"{is_size} {wanted.size[0]}x{wanted.size[1]}"
        yield Problem(name, what, "save the result in the size that is asked for")
    elif wanted.size is None and wanted.source is not None and scale_of(wanted.source, seen.size) is None:
        what = f"{is_size} a whole multiple of {wanted.source[0]}x{wanted.source[1]}"
        yield Problem(name, what, "save the result in the size of its input, or exactly 2, 3, ... times that")


def _size_of(path: Path) -> Size | None:
    with path.open("rb") as file:
        head = file.read(_HEADER)
        return size_in_header(head) or size_in_header(head + file.read())
