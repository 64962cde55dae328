"""What the images of a study must be to each other: their sizes, and that no two are the same."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from analysis.imaging import SRGB, Policy
from analysis.imaging.scale import Size, scale_of
from analysis.imaging.tags import Note
from studyapp.core.hidden_trials import CONTROLS, KNOWN_WORSE
from studyapp.errors import Problem, Severity
from studyapp.imaging.ingest import Inspection
from studyapp.study.folder import GOLDEN, FolderPlan, folder_of

_NAMED = 5


def problems_of_files(seen: Iterable[Inspection], name: Callable[[Path], str]) -> list[Problem]:
    """Return why files are refused (errors), and what ingest changes or ignores (warnings).

    What usually all files of a team have is said once for each folder, not for each file. `name` says what a
    file or folder is called.
    """
    found: list[Problem] = []
    alike: dict[tuple[Path, Note, Severity], list[Path]] = defaultdict(list)
    for file in seen:
        said: list[tuple[Note, Severity]] = [(note, "warning") for note in file.notes]
        if file.refusal is not None:
            said.append((file.refusal, "error"))
        for note, severity in said:
            if note.alike:
                alike[file.path.parent, note, severity].append(file.path)
            else:
                found.append(Problem(name(file.path), note.what, note.remedy, severity=severity))
    for (folder, note, severity), paths in alike.items():
        found.append(_of_folder(name, folder, note, severity, sorted(paths)))
    return found


def problems_of_formats(plan: FolderPlan, formats: Mapping[Path, str | None]) -> Iterator[Problem]:
    """Yield one warning when some teams hand in lossy files and others do not; `formats` names lossy ones."""
    lossy: dict[str, set[str]] = {}
    for (_, team), path in [*plan.candidates.items(), *plan.pair_candidates.items()]:
        if path in formats and team not in (KNOWN_WORSE, *CONTROLS):
            lossy.setdefault(team, set()).update(filter(None, [formats[path]]))
    some = {team: kinds for team, kinds in lossy.items() if kinds}
    if 0 < len(some) < len(lossy):
        kinds = " or ".join(sorted(set().union(*some.values())))
        others = len(lossy) - len(some)
        word = "team" if others == 1 else "teams"
        what = f"{kinds} from {_listed(sorted(some))}, lossless files from the other {others} {word}"
        remedy = "what compression adds is judged and measured as the team's own: ask for PNG"
        yield Problem("teams", what, remedy, severity="warning")


def problems_of_spaces(plan: FolderPlan, spaces: Mapping[Path, str], policy: Policy) -> list[Problem]:
    """Return an error for each folder whose colours are in another space than most files of the same image.

    Converted, they may look alike; but one that names a space by mistake is changed by that, and its team
    judged for it. Whoever sets `other_colors: convert` has looked.
    """
    if policy.mix:
        return []
    odd: dict[tuple[Path, str, str], list[str]] = defaultdict(list)
    others: dict[str, str] = {}
    for image, paths in _images(plan):
        counts = Counter(spaces[path] for path in paths if path in spaces)
        if len(counts) > 1:
            usual = max(counts, key=lambda space: (counts[space], space == SRGB, space))
            for path in paths:
                if spaces.get(path) == usual and path.parent.parent.name == "teams":
                    others.setdefault(image, path.parent.name)
                if spaces.get(path, usual) != usual:
                    odd[path.parent, spaces[path], usual].append(image)
    return [
        Problem(
            plan.name(folder),
            f"colours in {space}, where other files of the image are in {usual} ({_listed(images)})",
            "save all in the same, best sRGB; or look at them and set `other_colors: convert` in study.yaml",
            kind="space",
            images=tuple(images),
            other=others.get(images[0]),
        )
        for (folder, space, usual), images in odd.items()
    ]


def problems_of_sizes(plan: FolderPlan, sizes: Mapping[Path, Size]) -> Iterator[Problem]:
    """Yield every file whose size does not fit the others of its image; files without a size are left out."""
    for image in plan.shown:
        yield from _sizes(plan, sizes, plan.inputs.get(image), _paths(plan.candidates, image), "candidates")
    for image in plan.pairs:
        truth = plan.pair_truths.get(image)
        truths = [] if truth is None else [truth]
        yield from _sizes(plan, sizes, plan.pair_inputs.get(image), truths, "ground truth")
        yield from _not_of(
            plan, sizes, _paths(plan.pair_candidates, image), sizes.get(truth) if truth else None
        )


def reference_size(input_size: Size | None, candidates: Sequence[Size]) -> Size | None:
    """Return the size the candidates should have: the commonest; among those, one that fits the input."""
    if not candidates:
        return None
    counts = Counter(candidates)
    most = max(counts.values())
    common = [size for size, count in counts.items() if count == most]
    fitting = [size for size in common if input_size is not None and scale_of(input_size, size) is not None]
    return (fitting or common)[0]


def problems_of_copies(plan: FolderPlan, hashes: Mapping[Path, str]) -> Iterator[Problem]:
    """Yield teams with the same pixels, teams whose pixels are the input's, and images that are one image."""
    same_teams: dict[tuple[str, str], list[str]] = defaultdict(list)
    same_input: dict[str, list[str]] = defaultdict(list)
    holders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (image, team), path in plan.candidates.items():
        if path in hashes and image in plan.shown:
            holders[image, hashes[path]].append(team)
    for (image, digest), teams in sorted(holders.items()):
        for team in teams[1:]:
            same_teams[teams[0], team].append(image)
        if image in plan.inputs and hashes.get(plan.inputs[image]) == digest:
            for team in teams:
                if team not in (
                    KNOWN_WORSE,
                    *CONTROLS,
                ):  # the input itself may serve as one known to be worse
                    same_input[team].append(image)
    total = len(plan.shown)
    for (first, second), images in same_teams.items():
        if second == KNOWN_WORSE:
            remedy = "use candidates that anybody can see are worse"
            yield _copy(GOLDEN, f"the same pixels as {folder_of(first)}", images, total, remedy=remedy)
        else:
            yield _copy(folder_of(second), f"the same pixels as {folder_of(first)}", images, total)
    for team, images in same_input.items():
        yield _copy(f"teams/{team}", "the same pixels as the input", images, total)
    yield from _repeated(plan, hashes)


def _of_folder(
    name: Callable[[Path], str], folder: Path, note: Note, severity: Severity, paths: Sequence[Path]
) -> Problem:
    if len(paths) == 1:
        return Problem(name(paths[0]), note.what, note.remedy, severity=severity)
    keys = [path.stem for path in paths]
    what = f"{note.what} (in {len(keys)} images: {_listed(keys)})"
    return Problem(name(folder), what, note.remedy, severity=severity, images=tuple(keys))


def _images(plan: FolderPlan) -> Iterator[tuple[str, list[Path]]]:
    """Every image with all its files, and every pair."""
    for image in plan.shown:
        source = plan.inputs.get(image)
        yield image, [*([source] if source else []), *_paths(plan.candidates, image)]
    for image in plan.pairs:
        given = (plan.pair_inputs.get(image), plan.pair_truths.get(image))
        yield image, [*(path for path in given if path), *_paths(plan.pair_candidates, image)]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


def _sizes(
    plan: FolderPlan, sizes: Mapping[Path, Size], source: Path | None, others: Sequence[Path], word: str
) -> Iterator[Problem]:
    known = [path for path in others if path in sizes]
    input_size = sizes.get(source) if source is not None else None
    wanted = reference_size(input_size, [sizes[path] for path in known])
    yield from _not_of(plan, sizes, known, wanted)
    if source is not None and input_size and wanted and scale_of(input_size, wanted) is None:
        yield Problem(
            plan.name(source),
            f"{_text(input_size)} pixels, but the {word} have {_text(wanted)}",
            "use an input of the same size, or an exact integer fraction of it",
        )


def _not_of(
    plan: FolderPlan, sizes: Mapping[Path, Size], paths: Sequence[Path], wanted: Size | None
) -> Iterator[Problem]:
    for path in paths:
        if wanted is not None and path in sizes and sizes[path] != wanted:
            what = f"{_text(sizes[path])} pixels, but the others of this image have {_text(wanted)}"
            yield Problem(plan.name(path), what, "all results of an image must have the same size")


def _repeated(plan: FolderPlan, hashes: Mapping[Path, str]) -> Iterator[Problem]:
    """Different images of one folder with the same pixels."""
    first: dict[tuple[Path, str], Path] = {}
    for path in sorted([*plan.inputs.values(), *plan.candidates.values()]):
        if path not in hashes:
            continue
        earlier = first.setdefault((path.parent, hashes[path]), path)
        if earlier != path:
            what = f"the same pixels as {plan.name(earlier)}"
            yield Problem(plan.name(path), what, "check that the right image was saved", severity="warning")


def _copy(
    path: str,
    what: str,
    images: Sequence[str],
    total: int,
    *,
    remedy: str = "ask the team whether this is intended",
) -> Problem:
    what = f"{what} in {len(images)} of {total} images ({_listed(images)})"
    return Problem(path, what, remedy, severity="warning")


def _paths(files: Mapping[tuple[str, str], Path], image: str) -> list[Path]:
    return [path for (key, _team), path in files.items() if key == image]


def _text(size: Size) -> str:
    return f"{size[0]}x{size[1]}"
