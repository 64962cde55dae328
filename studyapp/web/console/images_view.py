"""What the page of images shows and does; it knows image files, so it is loaded when first asked for."""

import io
import re
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from analysis.image_names import is_image_name
from analysis.imaging import Policy
from analysis.imaging.decode import largest_file
from analysis.preflight.finding import INPUT, PANELS, TRUTH, gain_of
from analysis.texts import Text, say
from studyapp.errors import MISNAMED, MISSING, StudyError
from studyapp.imaging.thumbnails import finding_picture, thumbnail
from studyapp.services.folder.finding_pictures import pictured
from studyapp.services.folder.frozen import is_frozen, refuse_frozen
from studyapp.services.folder.importing import Proposal, propose
from studyapp.services.folder.remedies import Remedy, apply_remedy, remedies
from studyapp.services.folder.teams import teams_view
from studyapp.services.jobs import queue
from studyapp.services.jobs.queue import JobView
from studyapp.services.uploads import contents, receiving
from studyapp.services.uploads.contents import Handed
from studyapp.study.folder import FolderPlan, plan_folder
from studyapp.study.study_file import StudyFile
from studyapp.web.console.asking import ask_for_job, asked_by
from studyapp.web.state import app_state, now

KINDS = ("import", "check", "tile")
SHOWN_PICTURES = 3
_MARKS_SHOWN = 3  # images: a mark shows by being in all of them
_SHOWN_JOBS = 60


@dataclass(frozen=True)
class Row:
    """Problems of one kind in one folder: what, what to do, which files, and what the console can do."""

    path: str
    what: str
    remedy: str
    severity: str
    files: tuple[str, ...]
    pictures: tuple[str, ...]
    shown: tuple["Shown", ...]
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True)
class Shown:
    """The picture of a fairness finding: of which image, where it is, and what its panels are called."""

    image: str
    address: str
    captions: tuple[Text | str, ...]


def page(*, failed: str | None = None) -> str:
    """Show what is there and what comes next."""
    state = app_state()
    root = state.workspace.folders.root
    frozen = frozen_now()
    receiving.remove_expired(state.site, now=now())
    receiving.remove_replaced(state.site, state.study)
    with state.site.database.reading() as session:
        handed = contents.handed_in(session, state.site, state.study)
        unfinished = receiving.unfinished(session, state.study)
        jobs = queue.jobs_of(session, state.study, _SHOWN_JOBS)
    folder = request.args.get("folder", "")
    proposal, problem = (None, None) if frozen else _proposed(root, handed, folder)
    last = {kind: next((job for job in jobs if job.kind == kind), None) for kind in KINDS}
    checked = last["check"]
    return render_template(
        "console/images.html",
        teams=teams_view(root),
        frozen=frozen,
        failed=failed or problem,
        handed=handed,
        inner={} if frozen else _inner(handed),
        unfinished=unfinished,
        folders=contents.folder_names(),
        folder=folder,
        proposal=proposal,
        left=_left(proposal),
        last=last,
        busy=any(job is not None and not job.is_over for job in last.values()),
        rows=_rows(root, checked, state.workspace.file) if checked and checked.is_over and not frozen else [],
        outdated=_outdated(last),
        pictures=SHOWN_PICTURES,
        data={
            "uploads": url_for("console.uploads.create"),
            "page": url_for("console.images.page"),
        },
    )


def decide() -> Redirect:
    """Say what an upload is for, take it apart, or remove it."""
    state, form = app_state(), request.form
    action, name = form.get("action", ""), form.get("item", "")
    with state.site.database.reading() as session:
        handed = contents.handed_in(session, state.site, state.study)
    chosen = [item for item in handed if item.name == name or action == "remove all"]
    uploads = [upload for item in chosen for upload in item.uploads] + form.getlist("upload")
    if action in ("remove", "remove all"):
        for upload in uploads:
            receiving.remove(state.site, state.study, upload)
    elif action == "apart":
        for upload in uploads:
            contents.take_apart(state.site, state.study, upload, by=asked_by(), now=now())
    else:
        purpose = {"leave": "yes"} if action == "leave" else {"team": form.get("team", "")}
        with state.site.database.writing() as session:
            for upload in uploads:
                receiving.set_purpose(
                    session, state.study, upload, **{key: value for key, value in purpose.items() if value}
                )
    return redirect(url_for("console.images.page", _anchor="handed-in"))


def work() -> Redirect:
    """Ask for a job: import, check or tile."""
    kind, folder = request.form.get("kind", ""), request.form.get("folder", "")
    if kind not in KINDS:
        abort(404)
    if kind == "import":
        _refuse_frozen()
    arguments = {"folder": folder} if kind == "import" and folder else {}
    ask_for_job(kind, arguments)
    return redirect(url_for("console.images.page", _anchor=kind))


def put_right() -> Redirect:
    """Put something right in the folder, then check it again."""
    _refuse_frozen()
    apply_remedy(app_state().workspace.folders.root, request.form.get("remedy", ""))
    ask_for_job("check")
    return redirect(url_for("console.images.page", _anchor="check"))


def picture() -> Response:
    """Send a small picture of an image of the study, or of one that was handed in, before it is frozen."""
    if frozen_now():
        abort(404)
    state = app_state()
    path = PurePosixPath(request.args.get("path", ""))
    name = request.args.get("source")
    policy = state.workspace.file.policy
    if not is_image_name(path.name):
        abort(404)
    if name is None:
        body = _of_study(state.workspace.folders.root, path, policy)
    else:
        body = _of_source(name, path, policy)
    response = Response(body, mimetype="image/webp")
    response.headers["Cache-Control"] = "private, max-age=300"
    return response


def finding() -> Response:
    """Send the picture of a fairness finding of the last check, before the images are frozen."""
    if frozen_now():
        abort(404)
    state = app_state()
    number, place = (request.args.get(name, -1, type=int) for name in ("number", "image"))
    with state.site.database.reading() as session:
        checked = queue.the_job(session, state.study, request.args.get("job", -1, type=int))
    problems = checked.result.get("problems", ())
    if not 0 <= number < len(problems) or not 0 <= place < len(problems[number]["images"]):
        abort(404)
    problem, file = problems[number], state.workspace.file
    plan = plan_folder(state.workspace.folders.root, file)
    found = pictured(plan, problem, problem["images"][place])
    if found is None:
        abort(404)
    body = finding_picture(problem["kind"], found.files, mark=problem["mark"], policy=file.policy)
    response = Response(body, mimetype="image/webp")
    response.headers["Cache-Control"] = "private, max-age=300"
    return response


def frozen_now() -> bool:
    """Tell whether judges whose ballots count are invited."""
    with app_state().workspace.database.reading() as session:
        return is_frozen(session)


def _refuse_frozen() -> None:
    with app_state().workspace.database.reading() as session:
        refuse_frozen(session)


def _of_study(root: Path, path: PurePosixPath, policy: Policy) -> bytes:
    inside = root.resolve()
    place = (root / path).resolve()
    if path.is_absolute() or ".." in path.parts or not place.is_relative_to(inside) or not place.is_file():
        abort(404)
    if place.is_relative_to((root / "var").resolve()) or place.stat().st_size > largest_file(
        policy.max_pixels
    ):
        abort(404)
    with place.open("rb") as file:
        return thumbnail(file, extension=path.suffix, policy=policy)


def _of_source(name: str, path: PurePosixPath, policy: Policy) -> bytes:
    state = app_state()
    arguments = {"folder": request.args["folder"]} if request.args.get("folder") else {}
    sources = contents.sources_for(state.site, state.study, arguments)
    source = next((item for item in sources if item.name == name), None)
    if source is None or path not in source.images():
        abort(404)
    with source.opened() as reader:
        data = b"".join(reader.pieces(path, largest_file(policy.max_pixels)))
    return thumbnail(io.BytesIO(data), extension=path.suffix, policy=policy)


def _proposed(root: Path, handed: list[Handed], folder: str) -> tuple[Proposal | None, str | None]:
    """Return what would be imported; or why that cannot be told."""
    sources = [item.source for item in handed if not item.left]
    try:
        if folder:
            sources = contents.folder_sources(folder)
        return (propose(root, sources) if sources else None), None
    except StudyError as error:
        return None, error.args[0] if error.args else str(error)


def _inner(handed: list[Handed]) -> dict[str, int]:
    """Return how many zips are in each zip."""
    found = {}
    for item in handed:
        if item.is_zip and not item.left:
            with suppress(StudyError):  # why it cannot be read, the page says elsewhere
                found[item.name] = len(item.source.zips())
    return found


def _left(proposal: Proposal | None) -> list[tuple[str, list[str]]]:
    return sorted(proposal.left.items()) if proposal else []


def _outdated(last: dict[str, JobView | None]) -> bool:
    """Tell whether something was imported after the last check."""
    checked, imported = last["check"], last["import"]
    return bool(checked and imported and imported.id > checked.id)


def _rows(root: Path, checked: JobView, file: StudyFile) -> list[Row]:
    """Return the problems of a check, those of one kind in one folder in one row; errors first."""
    try:
        can = remedies(root)
    except StudyError:
        can = []
    problems = checked.result.get("problems", ())
    grouped: dict[tuple[str, str, str, str], list[dict[str, Any]]] = defaultdict(list)
    first: dict[tuple[str, str, str, str], int] = {}
    for number, problem in enumerate(problems):
        path = PurePosixPath(problem["path"])
        is_file = is_image_name(path.name)
        folder = path.parent.as_posix() if is_file else path.as_posix()
        what = re.sub(r"'[^']*'|\d+", "#", problem["what"]) if is_file else problem["what"]
        remedy = re.sub(r"\S*\d\S*", "#", problem["remedy"]) if is_file else problem["remedy"]
        key = (problem["severity"], folder, what, remedy)
        grouped[key].append(problem)
        first.setdefault(key, number)
    plan = plan_folder(root, file)
    rows = []
    for key, found in sorted(grouped.items(), key=lambda item: item[0]):
        severity, folder, *_ = key
        shown = _shown(plan, file, found[0], checked.id, first[key])
        rows.append(_row(root, severity, folder, found, can, shown))
    return rows


def _row(
    root: Path,
    severity: str,
    folder: str,
    found: list[dict[str, Any]],
    can: list[Remedy],
    shown: tuple[Shown, ...],
) -> Row:
    first = found[0]
    paths = [problem["path"] for problem in found]
    images = [path for path in paths if is_image_name(path) and (root / path).is_file()]
    return Row(
        path=folder,
        what=first["what"],
        remedy=first["remedy"],
        severity=severity,
        files=tuple(PurePosixPath(path).name for path in paths if path != folder),
        pictures=tuple(images[:SHOWN_PICTURES]),
        shown=shown,
        remedies=tuple(item for item in can if any(_fits(item, problem) for problem in found)),
    )


def _shown(
    plan: FolderPlan, file: StudyFile, problem: dict[str, Any], job: int, number: int
) -> tuple[Shown, ...]:
    """Return the pictures of a fairness finding, none of other problems: one image, or several for a mark."""
    names = {team.id: str(team.name) for team in file.teams}
    words: dict[str, Text | str] = {INPUT: say("Input"), TRUTH: say("Ground truth")}
    pictures = []
    for place, image in enumerate(problem["images"][: _MARKS_SHOWN if problem["kind"] == "overlay" else 1]):
        if (found := pictured(plan, problem, image)) is None:
            continue
        called: dict[str, Text | str] = {
            "input": words[INPUT],
            "team": names.get(found.team, found.team),
            "other": words.get(found.other) or names.get(found.other, found.other),
            "difference": say("Difference, × %(times)s", times=gain_of(problem["kind"])),
        }
        address = url_for("console.images.finding", job=job, number=number, image=place)
        pictures.append(Shown(image, address, tuple(called[name] for name in PANELS[problem["kind"]])))
    return tuple(pictures)


def _fits(remedy: Remedy, problem: dict[str, Any]) -> bool:
    """Tell whether a remedy is for a problem; what is said of a whole folder must be about names."""
    if not remedy.is_for(problem["path"]):
        return False
    if remedy.kind in ("flatten", "team"):
        return problem["path"] == remedy.path or problem["kind"] == MISSING
    return problem["kind"] == MISNAMED or any(problem["path"] == old for old, _ in remedy.moves)
