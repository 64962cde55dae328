"""The site's first page: its studies, as far as whoever asks may see them; and making a study."""

import logging
from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from analysis.texts import say
from studyapp.errors import StudyError
from studyapp.protocols import KINDS
from studyapp.services.ground import new_study, studies
from studyapp.web.entrance.people import organiser, who
from studyapp.web.errors import error_response
from studyapp.web.mounting import BELOW
from studyapp.web.protocol_names import PROTOCOL_NAMES
from studyapp.web.security_log import note
from studyapp.web.state import site_state, the_site

blueprint = Blueprint("site", __name__)
log = logging.getLogger("studyapp")

NOT_SERVED = say("This study cannot be served at the moment. The server's log says why.")


@dataclass(frozen=True)
class Listed:
    """A study as it is listed. Its state is None where it cannot be opened."""

    name: str
    title: str
    state: str | None
    role: str
    url: str


@blueprint.get("/")
def home() -> str | Response:
    """List the studies of whoever signed in; lead a team's members on; to others, say how to sign in."""
    mine = organiser()
    if mine is None:
        return render_template("home.html")
    roles = {study: mine.role_in(study) for study in the_site().studies()}
    if not mine.roles and the_site().file.challenge is not None:
        return redirect(url_for("challenge.pages.home"))
    listed = [_listed(study, role) for study, role in roles.items() if role is not None]
    return render_template("site/home.html", site=the_site(), studies=listed, may_create=mine.is_owner)


@blueprint.get("/new")
def new_page() -> str:
    """Ask for a new study's title, address and protocol."""
    return _new_page({"protocol": "top_k"})


@blueprint.post("/new")
def new() -> Response | tuple[str, int]:
    """Make a study, and lead on to its console."""
    given = {field: request.form.get(field, "").strip() for field in ("title", "address", "protocol")}
    name = given["address"] or new_study.name_of(given["title"])
    try:
        if given["protocol"] not in KINDS:
            raise StudyError(say("choose how judges are asked"))
        if not name:
            raise StudyError(say("write an address for the study: a-z, 0-9 and -"))
        new_study.new_study(the_site(), name, title=given["title"], kind=given["protocol"])
    except StudyError as error:
        return _new_page(given, problem=error.args[0]), 400
    note("study made", named=name, **who())
    return redirect(_console(name))


@blueprint.route(f"/{BELOW}/<study>/", defaults={"rest": ""}, methods=["GET", "POST", "PUT"])
@blueprint.route(f"/{BELOW}/<study>/<path:rest>", methods=["GET", "POST", "PUT"])
def not_served(study: str, rest: str) -> Response:
    """Answer for a study that there is not, or that cannot be served."""
    if not the_site().has(study):
        abort(404)
    return error_response(503, "unavailable", NOT_SERVED)


def report(study: str, error: Exception) -> None:
    """Tell the log why a study cannot be served."""
    log.error("the study %s is not served: %s", study, error)


def _listed(study: str, role: str) -> Listed:
    try:
        workspace = site_state().workspace_of(study).as_it_is_now()
        with workspace.database.reading() as session:
            state = studies.the_study(session).state if studies.is_registered(session) else "draft"
    except StudyError:
        return Listed(study, study, None, role, _console(study))
    return Listed(study, workspace.file.title, state, role, _console(study))


def _console(study: str) -> str:
    return f"{request.script_root}/{BELOW}/{study}/console"


def _new_page(given: dict[str, str], *, problem: str | None = None) -> str:
    return render_template("site/new.html", given=given, kinds=PROTOCOL_NAMES, problem=problem)
