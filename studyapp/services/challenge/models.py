"""Models that teams hand in: checked, kept with their hash, put into the study, and measured there.

Nothing of a model is run here. `studyapp measure` does that, isolated as it isolates every model, when an
organiser asks for it or site.yaml says so. Of a team's models the last counts, and after the phase none is
taken any more; what is measured has the hash that the team was shown.
"""

import json
import tempfile
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, select

from analysis.efficiency.measuring import packages
from analysis.efficiency.measuring.conventions import MAPPING, MODELS, ZOO, Model, repository_model
from analysis.errors import AnalysisError
from analysis.files import file_sha256
from analysis.image_names import is_junk
from analysis.texts import say
from studyapp.db.site_tables import Entry, Submission
from studyapp.errors import Problem, ProblemsFoundError, StudyError, StudyStateError
from studyapp.services.challenge.phases import track_of
from studyapp.services.challenge.placing import put_in_place, scratch_folder
from studyapp.services.challenge.scoring import Work
from studyapp.services.challenge.submissions import CODE, PACKAGE, folder_of, the_submission
from studyapp.services.folder.archives import DAMAGES, faults, pieces_of
from studyapp.services.ground.only_run import BusyError
from studyapp.services.ground.site import Site
from studyapp.services.paired.kept_measures import note_replaced

if TYPE_CHECKING:
    from studyapp.services.paired.measuring import StudyMeasures

MOST_BYTES = 64 * 2**30
"""Of what is unpacked."""
DEEPEST = 16
"""Folders in folders."""
_MARK = ".handed-in"
"""Beside a team's models/ in the study: which submission it is."""
_LAYOUT = (
    f"pack the repository as NTIRE has it: {MODELS}/team01_Name.py or {MODELS}/team01_Name/, and its weights "
    f"as {ZOO}/team01_Name.pth"
)
_COSTS = ("params_m", "flops_g", "time_ms", "time_low_ms", "time_high_ms", "memory_mb")
_FACTS = ("device", "comparable", "reproduced", "uncounted", "remarks")


def take(site: Site, number: int, work: Work) -> dict[str, Any]:
    """Check a submission of a model, without running anything of it. It may be repeated.

    Returns
    -------
    dict
        `model`, its name; `weights`; `files` and `bytes` of the repository; `remarks`; `sha256` of the zip;
        `at_once`, whether it is to be measured now; `score` (None) and `readme` (empty) as of every
        submission.

    Raises
    ------
    ProblemsFoundError
        Naming everything that is wrong.
    StudyError
        When the team is not in the final phase.
    """
    with site.database.reading() as session:
        submission = the_submission(session, number)
        entry = session.get(Entry, (submission.team_id, submission.track))
    if entry is None or entry.study_team is None:
        raise StudyError("the team is not among those of the final phase")
    folder = folder_of(site, number)
    with _unpacked(folder / PACKAGE, submission.name, folder, work) as made:
        found = _looked_at(made, entry.study_team)
        files = [path for path in made.rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
    with site.database.reading() as session:
        before = counting(session, submission.track).get(entry.study_team)
    if before is None or (before.id or 0) < number:
        with suppress(BusyError):  # whoever measures looks for later models at the end
            note_replaced(site.study_root(submission.track), [entry.study_team])
    return {
        **found,
        "files": len(files),
        "bytes": size,
        "sha256": file_sha256(folder / PACKAGE),
        "at_once": track_of(site, submission.track).measure == "at-once",
        "score": None,
        "readme": {},
    }


def refuse_package(package: Path, name: str) -> None:
    """Make sure that a zip is a repository with a model, as far as that can be seen before it is handed in.

    Raises
    ------
    ProblemsFoundError
        Naming everything that is wrong.
    """
    with tempfile.TemporaryDirectory() as beside, _unpacked(package, name, Path(beside), Work()) as made:
        _model(made, "the team")


def counting(session: Session, track: str) -> dict[str, Submission]:
    """Return the model of each team that has one, by its id in study.yaml: the last that was accepted."""
    query = (
        select(Entry.study_team, Submission)
        .join(Submission, (col(Submission.team_id) == Entry.team_id) & (col(Submission.track) == Entry.track))
        .where(Entry.track == track, Submission.kind == CODE, Submission.state == "done")
        .order_by(col(Submission.id))
    )
    return {team: submission for team, submission in session.exec(query) if team is not None}


def measuring_of(submission: Submission) -> dict[str, Any] | None:
    """Return how measuring a model stands, or what came of it; None when nobody has asked for it."""
    return json.loads(submission.result).get("measuring")


def put_in(site: Site, track: str) -> dict[str, int]:
    """Make the models that count the study's models; return their submissions' numbers by team.

    Only while nothing of the study is measured. A model that is there already stays as it is.

    Raises
    ------
    StudyError
        When a zip is not the one that was handed in, or organisers put a model of that team there.
    """
    challenge = site.file.challenge
    if challenge is None or track not in challenge.tracks:
        return {}
    with site.database.reading() as session:
        models = counting(session, track)
    root = site.study_root(track)
    for team, submission in models.items():
        if _mark(root / MODELS / team) != submission.sha256:
            _place(site, root, team, submission)
    return {team: submission.id or 0 for team, submission in models.items()}


def begin_measuring(session: Session, submission: Submission) -> dict[str, Any]:
    """Note that a model is to be measured; return the arguments of the job `measure` that does it.

    Raises
    ------
    StudyStateError
        When it is not the team's model that counts.
    """
    models = counting(session, submission.track)
    team = next((team for team, one in models.items() if one.id == submission.id), None)
    if team is None:
        raise StudyStateError(say("this is not the model that counts; a later one replaced it"))
    _note(session, submission.id or 0, {"state": "waiting"})
    return {"teams": [team], "submissions": [submission.id]}


def note_replaced_models(site: Site, track: str, measured: Mapping[str, int]) -> None:
    """Remark in the study's measures whose costs are not those of the model that counts.

    Parameters
    ----------
    measured
        The submission that was just measured of each team.
    """
    with site.database.reading() as session:
        there = counting(session, track)
    late = [
        team
        for team, one in there.items()
        if (measured[team] != one.id if team in measured else measuring_of(one) is None)
    ]
    with suppress(BusyError):  # at its end, whoever measures comes here
        note_replaced(site.study_root(track), late)


def costs_of(root: Path, handed_in: Mapping[str, int], found: "StudyMeasures") -> list[dict[str, Any]]:
    """Return what was found of each model that was handed in: its costs, or why there are none.

    `root` is the study's folder, which is not named to teams.
    """
    rows = {str(row["team"]): row for row in found.scored.to_dict("records")}
    costs = []
    for one in found.measured:
        if one.team not in handed_in:
            continue
        row = rows.get(one.team, {})
        known = {name: float(row[name]) for name in _COSTS if _is_known(row.get(name))}
        facts = {name: str(row[name]) for name in _FACTS if isinstance(row.get(name), str) and row[name]}
        printed = one.runs[-1].printed if one.runs and one.problem else ""
        said = {"problem": one.problem, "log": printed}
        told = {name: text.replace(f"{root}/", "") for name, text in {**facts, **said}.items()}
        costs.append({"submission": handed_in[one.team], **known, **told})
    return costs


def follow_measuring(
    session: Session,
    asked: Collection[int],
    costs: Sequence[Mapping[str, Any]],
    job: int,
    state: str,
    error: str,
) -> None:
    """Let submissions know how measuring stands, and what came of it."""
    measured = {one["submission"]: one for one in costs}
    for number in {*asked, *measured}:
        if number in measured:
            _note(session, number, {"state": "done", "job": job, **measured[number]})
        elif state == "done":
            _note(session, number, {"state": "failed", "job": job, "problem": "a later model replaced it"})
        else:
            _note(session, number, {"state": state, "job": job, "problem": error})


def _note(session: Session, number: int, measuring: Mapping[str, Any]) -> None:
    row = session.get(Submission, number)
    if row is None or row.kind != CODE:
        return
    row.result = json.dumps({**json.loads(row.result), "measuring": dict(measuring)}, ensure_ascii=False)
    session.add(row)


def _is_known(value: object) -> bool:
    return isinstance(value, int | float) and value == value  # noqa: PLR0124 (not a number)


def _mark(folder: Path) -> str | None:
    """The hash of the zip that a model of the study was handed in as; None for others."""
    try:
        return json.loads((folder / _MARK).read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError):
        return None


def _place(site: Site, root: Path, team: str, submission: Submission) -> None:
    target, package = root / MODELS / team, folder_of(site, submission.id or 0) / PACKAGE
    if target.exists() and _mark(target) is None:
        raise StudyError(f"{MODELS}/{team} of the study is not what the team handed in; move it away first")
    if not package.is_file() or file_sha256(package) != submission.sha256:
        raise StudyError(
            f"the zip of {team}'s model is not the one that was handed in (SHA-256 {submission.sha256}); "
            "restore it from a backup"
        )
    with _unpacked(package, submission.name, root / "var", Work()) as made:
        mark = {"submission": submission.id, "sha256": submission.sha256}
        (made / _MARK).write_text(json.dumps(mark) + "\n", encoding="utf-8")
        put_in_place(made, target)


def _model(folder: Path, team: str) -> Model:
    """Find the model of a repository as `studyapp measure` does."""
    model = repository_model(folder, team)
    if model.problem:
        what, _, remedy = model.problem.replace(f"{folder}/", "").partition("; ")
        raise ProblemsFoundError([Problem(f"{MODELS}/", what, remedy or _LAYOUT)])
    return model


def _looked_at(folder: Path, team: str) -> dict[str, Any]:
    model = _model(folder, team)
    remarks = []
    if model.requirements is not None:
        name = model.requirements.relative_to(folder).as_posix()
        try:
            absent = [line for line, version in packages.unmet(model.requirements).items() if version is None]
        except AnalysisError as error:
            what, _, remedy = str(error).replace(f"{folder}/", "").partition("; ")
            raise ProblemsFoundError([Problem(name, what, remedy or "list packages only")]) from None
        remarks += [
            Problem(name, f"{line} is not installed here", "ask the organisers for it", severity="warning")
            for line in absent
        ]
    if model.weights is None and model.choice is None:
        what, remedy = f"no weights called like {model.stem}", "is that meant? The file must have its name"
        remarks.append(Problem(f"{ZOO}/", what, remedy, severity="warning"))
    return {
        "model": model.stem,
        "weights": model.weights.relative_to(folder).as_posix() if model.weights else "",
        "remarks": [asdict(problem) for problem in remarks],
    }


@contextmanager
def _unpacked(package: Path, name: str, beside: Path, work: Work) -> Iterator[Path]:
    """Unpack a repository into a folder of its own, which is gone afterwards unless somebody moved it.

    Raises
    ------
    ProblemsFoundError
        Naming everything that keeps the zip from being unpacked.
    """
    if not package.is_file():
        raise StudyError(f"{name} is not there any more; hand it in again")
    with scratch_folder(beside, "model") as scratch:
        made = scratch / "model"
        for part in (MODELS, ZOO):
            (made / part).mkdir(parents=True)
        try:
            with zipfile.ZipFile(package) as archive:
                _unpack(archive, name, made, work)
        except DAMAGES as error:
            problem = Problem(name, f"not a zip, or cut off or damaged ({error})", "pack it again")
            raise ProblemsFoundError([problem]) from None
        yield made


def _unpack(archive: zipfile.ZipFile, name: str, made: Path, work: Work) -> None:
    entries = archive.infolist()
    problems = [
        Problem(entry or name, what, "pack it again as a plain zip") for entry, what in faults(entries)
    ]
    wanted = _placed([entry for entry in entries if not entry.is_dir()])
    problems += [
        Problem(str(path)[:200], "lies too deep, or its name is too long", "shorten it")
        for path in wanted
        if len(path.parts) > DEEPEST or any(len(part.encode(errors="replace")) > 255 for part in path.parts)
    ]
    if sum(entry.file_size for entry in wanted.values()) > MOST_BYTES:
        what = f"unpacks to more than {MOST_BYTES:,} bytes"
        problems.append(Problem(name, what, "leave out what the model does not need"))
    if not any(len(path.parts) > 1 and path.parts[0] == MODELS for path in wanted):
        problems.append(Problem(f"{MODELS}/", "missing", _LAYOUT))
    if problems:
        raise ProblemsFoundError(problems)
    for done, (path, entry) in enumerate(wanted.items()):
        work.progress("unpack", done, len(wanted))
        target = made / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                for piece in pieces_of(archive, entry, MOST_BYTES):
                    file.write(piece)
        except (FileExistsError, NotADirectoryError, UnicodeEncodeError):
            problem = Problem(str(path), "is a file and a folder, or in the zip twice", "keep one")
            raise ProblemsFoundError([problem]) from None


def _placed(entries: Sequence[zipfile.ZipInfo]) -> dict[PurePosixPath, zipfile.ZipInfo]:
    """Where each entry goes: without what systems leave behind, compiled code, and a folder around it all.

    Nor the table of whose each model is, which a repository of one team does not need.
    """
    paths = {
        PurePosixPath(entry.filename): entry
        for entry in entries
        if not any(is_junk(part) for part in PurePosixPath(entry.filename).parts)
        and not entry.filename.endswith((".pyc", ".pyo"))
    }
    around = {path.parts[0] for path in paths}
    if len(around) == 1 and MODELS not in around and all(len(path.parts) > 1 for path in paths):
        paths = {PurePosixPath(*path.parts[1:]): entry for path, entry in paths.items()}
    return {path: entry for path, entry in paths.items() if path != PurePosixPath(MODELS, MAPPING)}
