"""The study folder: which file is which image of whom. Names only; no file is opened."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from analysis.amounts import how_many
from analysis.did_you_mean import nearest
from studyapp.core.folder_scan import Folder, scan, scan_teams
from studyapp.core.hidden_trials import CONTROLS, KNOWN_WORSE
from studyapp.errors import MISNAMED, MISSING, Problem
from studyapp.study.study_file import STUDY_FILE, StudyFile

GOLDEN = "golden"
"""Folder of the candidates that are known to be worse."""

PREVIEW = "input_preview"
"""Folder of developed inputs, beside those of raw data, which are not looked at then."""


def folder_of(team: str) -> str:
    """Return the folder in which a team's or a control's candidates lie."""
    return GOLDEN if team == KNOWN_WORSE else team if team in CONTROLS else f"teams/{team}"


def inputs_folder(root: Path, paired: str = "") -> str:
    """Return the folder of the inputs that judges see; `paired` is "paired/" for those of the pairs."""
    return paired + (PREVIEW if (root / paired / PREVIEW).is_dir() else "input")


@dataclass(frozen=True)
class FolderPlan:
    """What a study folder holds, by image key (a file's stem) and team id, and what is wrong with it.

    `inputs` and `candidates` include the practice image, `images` does not. Candidates known to be worse
    (golden trials) are among `candidates`, with `KNOWN_WORSE` for their team, as are references and anchors
    with the name of their folder (`CONTROLS`). `pair_doubles` names two files
    that could both be a team's result on a pair, or its ground truth (None for the team).
    """

    root: Path
    images: tuple[str, ...]
    practice: str | None
    inputs: Mapping[str, Path]
    candidates: Mapping[tuple[str, str], Path]
    pairs: tuple[str, ...] = ()
    pair_inputs: Mapping[str, Path] = field(default_factory=dict)
    pair_truths: Mapping[str, Path] = field(default_factory=dict)
    pair_candidates: Mapping[tuple[str, str], Path] = field(default_factory=dict)
    pair_doubles: Mapping[tuple[str, str | None], tuple[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def name(self, path: Path) -> str:
        """Return a path as problems show it: relative to the study folder, with forward slashes."""
        return path.relative_to(self.root).as_posix()

    @property
    def files(self) -> tuple[Path, ...]:
        """Every image file that has a place in the study, sorted."""
        groups = (
            self.inputs,
            self.candidates,
            self.pair_inputs,
            self.pair_truths,
            self.pair_candidates,
        )
        return tuple(sorted(path for group in groups for path in group.values()))

    @property
    def shown(self) -> tuple[str, ...]:
        """Images that judges see: those that count, and the practice image."""
        return self.images if self.practice is None else (*self.images, self.practice)


def plan_folder(root: Path, study: StudyFile) -> FolderPlan:
    """Find every file that a study asks for, by name.

    Parameters
    ----------
    root
        The study folder.
    study
        Its study.yaml, as read by `load_study_file`.

    Returns
    -------
    FolderPlan
        With a problem for every missing, extra or misnamed file and folder.
    """
    plan = plan_names(root, [team.id for team in study.teams], study.practice)
    golden, problems = _plan_golden(root, study.checks.golden)
    controls, found = _plan_controls(root, study, plan)
    problems += [*found, *_too_few(study)]
    unknown = [
        _no_image(root, image, f"checks.{name}", plan.images)
        for name in ("repeats", "golden")
        for image in getattr(study.checks, name)
        if image not in plan.images
    ]
    worse = {(image, KNOWN_WORSE): path for image, path in golden.items() if image in plan.images}
    return replace(
        plan,
        candidates={**plan.candidates, **worse, **controls},
        problems=sorted([*plan.problems, *problems, *unknown], key=_place),
    )


def _too_few(study: StudyFile) -> list[Problem]:
    teams = len(study.teams)
    if teams >= max(study.protocol.least, 2):
        return []
    if teams < 2:
        return [Problem(STUDY_FILE, f"{teams or 'no'} team{'s' * (teams != 1)} to rank", "add teams")]
    what, _, remedy = study.protocol.too_few(teams).partition("; ")
    return [Problem(STUDY_FILE, what, remedy)]


def plan_names(root: Path, teams: Sequence[str], practice: str | None = None) -> FolderPlan:
    """Do the same as `plan_folder` from team ids and the practice image's key alone."""
    inputs, folders = scan(root, inputs_folder(root)), scan_teams(root, "teams", teams)
    problems = [*inputs.problems, *folders.problems, *_raw(inputs)]
    expected = _expected(inputs, folders.teams.values())
    for found in (inputs, *folders.teams.values()):
        problems += _compare(found, expected)
    if practice is not None and practice not in expected:
        problems.append(_no_image(root, practice, "practice", expected))
    if inputs.exists and not expected - {practice}:
        what = "no images other than the practice image" if expected else "no images"
        problems.append(Problem(inputs.name, what, "put the inputs there, one file for each image"))
    return FolderPlan(
        root=root,
        images=tuple(sorted(expected - {practice})),
        practice=practice if practice in expected else None,
        inputs=inputs.files,
        candidates=_by_team(folders.teams, expected),
        **_plan_pairs(root, teams, problems),
        problems=sorted(problems, key=_place),
    )


def _raw(inputs: Folder) -> Iterator[Problem]:
    """Warn of what raw data look like: an image, and a JSON file that says how it was taken."""
    beside = {PurePath(name).stem for name in inputs.others if name.endswith(".json")} & set(inputs.files)
    if beside:
        what = f"{how_many(len(beside), 'images')} with a .json beside, as mosaics of raw data have"
        remedy = f"if they are that, put a developed picture of each into {PREVIEW}/ for judges"
        yield Problem(inputs.name, what, remedy, severity="warning")


def _plan_golden(root: Path, listed: Collection[str]) -> tuple[dict[str, Path], list[Problem]]:
    """Find a candidate known to be worse for every image that study.yaml lists under checks.golden."""
    if not listed:
        if not (root / GOLDEN).is_dir():
            return {}, []
        what = "study.yaml plans no golden trials (checks.golden); ignored"
        return {}, [
            Problem(GOLDEN, what, "list the images there, or move the folder elsewhere", severity="warning")
        ]
    found = scan(root, GOLDEN)
    rule = ("checks.golden does not list {!r}", "list it there, or move it elsewhere")
    problems = [*found.problems, *_compare(found, listed, extra=rule)]
    return {image: path for image, path in found.files.items() if image in listed}, problems


def _plan_controls(
    root: Path, study: StudyFile, plan: FolderPlan
) -> tuple[dict[tuple[str, str], Path], list[Problem]]:
    """Find the references and anchors: those of every image, or of the practice image alone."""
    protocol = study.protocol
    files: dict[tuple[str, str], Path] = {}
    problems: list[Problem] = []
    for control in CONTROLS:
        needed = control in protocol.needs
        if not needed and not (root / control).is_dir():
            continue
        if control not in protocol.controls:
            what = f"the protocol {protocol.kind} shows no {control}; ignored"
            problems.append(Problem(control, what, "move the folder elsewhere", severity="warning"))
            continue
        found = scan(root, control)
        problems += found.problems
        wanted = plan.shown if needed else [key for key in (plan.practice,) if key in found.files]
        if needed:
            problems += _compare(found, wanted)
        elif not wanted:
            what = "used only in practice trials, and has no picture of the practice image"
            remedy = f"add {plan.practice}.png" if plan.practice else "name a practice image in study.yaml"
            problems.append(Problem(control, what, remedy, severity="warning"))
        files |= {(image, control): found.files[image] for image in wanted if image in found.files}
    return files, problems


def _plan_pairs(root: Path, teams: Sequence[str], problems: list[Problem]) -> dict:
    if not (root / "paired").is_dir():
        return {}
    inputs, truths = scan(root, inputs_folder(root, "paired/")), scan(root, "paired/gt")
    folders = scan_teams(root, "paired/teams", teams, optional=True)
    expected = set(inputs.files) | set(truths.files)
    problems += [*inputs.problems, *truths.problems, *folders.problems]
    for found in (inputs, truths, *folders.teams.values()):
        problems += _compare(found, expected)
    return {
        "pairs": tuple(sorted(expected)),
        "pair_inputs": inputs.files,
        "pair_truths": truths.files,
        "pair_candidates": _by_team(folders.teams, expected),
        "pair_doubles": {
            (image, team): names
            for team, folder in ((None, truths), *folders.teams.items())
            for image, names in folder.doubled.items()
        },
    }


def _by_team(teams: Mapping[str, Folder], expected: Collection[str]) -> dict[tuple[str, str], Path]:
    return {
        (image, team): folder.files[image]
        for team, folder in teams.items()
        for image in sorted(expected)
        if image in folder.files
    }


def _expected(inputs: Folder, teams: Collection[Folder]) -> set[str]:
    """Keys of the inputs, and those that most teams have: then it is the input that is missing."""
    present = [folder for folder in teams if folder.exists]
    counts = Counter(key for folder in present for key in folder.files if key not in inputs.files)
    missing = [key for key, count in counts.items() if count > 1 and 2 * count > len(present)]
    return {*inputs.files, *(key for key in missing if nearest(key, inputs.files) is None)}


def _compare(
    found: Folder,
    expected: Collection[str],
    *,
    extra: tuple[str, str] = ("there is no input {!r}", "add the input, or move it elsewhere"),
) -> Iterator[Problem]:
    if not found.exists:
        return
    others = [key for key in found.files if key not in expected]
    missing = {key for key in expected if key not in found.files}
    if missing and not others and missing == set(expected):
        what, remedy = f"has none of the {len(missing)} images", found.elsewhere() or "put them there"
        yield Problem(found.name, what, remedy, kind=MISSING)
        return
    pattern = _pattern(others, missing)
    if pattern is not None:
        yield _misnamed_alike(found, pattern)
        others = [key for key in others if key not in pattern]
        missing -= set(pattern.values())
    for key in others:
        path = found.files[key]
        name = f"{found.name}/{path.name}"
        meant = nearest(key, missing)
        if meant is None:
            what, remedy = extra
            yield Problem(name, f"extra: {what.format(key)}", remedy)
        else:
            missing.discard(meant)
            what, remedy = f"misnamed: there is no image {key!r}", f"did you mean {meant}{path.suffix}?"
            yield Problem(name, what, remedy, kind=MISNAMED)
    for key in sorted(missing):
        remedy = found.hint(key) or "put the image there"
        yield Problem(f"{found.name}/{key}.png", "missing", remedy, kind=MISSING)


def _pattern(others: Sequence[str], missing: Collection[str]) -> dict[str, str] | None:
    """Return which missing image each file was meant to be, when three or more are: they are told as one."""
    meant = {key: image for key in others if (image := nearest(key, missing)) is not None}
    return meant if len(meant) >= 3 and len(set(meant.values())) == len(meant) else None


def _misnamed_alike(found: Folder, pattern: Mapping[str, str]) -> Problem:
    first = min(pattern)
    name, wanted = found.files[first].name, f"{pattern[first]}{found.files[first].suffix.lower()}"
    what = f"{len(pattern)} files are misnamed, such as {name}, which is probably {wanted}"
    remedy = "rename them, or move them out of teams/ and run `studyapp import DIR FOLDER --team TEAM`"
    return Problem(found.name, what, remedy, kind=MISNAMED)


def _no_image(root: Path, image: str, where: str, expected: Collection[str]) -> Problem:
    """Study.yaml names, at the key `where`, an image that is not there (or does not count)."""
    meant = nearest(image, expected)
    remedy = (
        f"did you mean {meant!r}?" if meant else "add input/ and teams/ files with that name, or remove it"
    )
    line = _line_of(root, where.partition(".")[0])
    return Problem(STUDY_FILE, f"there is no image {image!r} ({where})", remedy, line)


def _place(problem: Problem) -> tuple[str, int, str]:
    return problem.path, problem.line or 0, problem.what


def _line_of(root: Path, key: str) -> int | None:
    try:
        lines = (root / STUDY_FILE).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    return next((number for number, line in enumerate(lines, 1) if line.startswith(f"{key}:")), None)
