"""A team's own results once the study is closed; before, and for others, there is nothing here."""

from flask import Blueprint, Response, render_template
from werkzeug.exceptions import NotFound

from studyapp.errors import NotFoundError, StudyError
from studyapp.services.challenge import teams
from studyapp.services.challenge.phases import track_of
from studyapp.services.ground.workspace import Workspace
from studyapp.web.challenge.acting import acting, the_team
from studyapp.web.challenge.shown import NO_RESULTS, closed_study
from studyapp.web.state import the_site

blueprint = Blueprint("feedback", __name__, url_prefix="/tracks/<track>/feedback")


def is_there(track: str) -> bool:
    """Tell whether whoever asks has feedback in a track; what a link to it asks."""
    if acting() is None:
        return False
    try:
        _found(track)
    except StudyError:
        return False
    return True


@blueprint.get("")
def page(track: str) -> str:
    """Show scores, rank, images, reasons and costs."""
    from studyapp.services.results import feedback  # it computes

    workspace, team = _found(track)
    names = track_of(the_site(), track).results == "public"
    try:
        with workspace.database.reading() as session:
            found = feedback.feedback(session, workspace, team, names=names)
    except StudyError as error:
        raise NotFoundError(error.args[0] if error.args else NO_RESULTS) from None
    return render_template(
        "challenge/feedback.html",
        track=track,
        mine=the_team(),
        found=found,
        judged=feedback.ends(found.judged),
        paired=feedback.ends(found.paired),
        names=names,
    )


@blueprint.get("/<image>.webp")
def picture(track: str, image: str) -> Response:
    """Send a small picture of an image of the team's own."""
    from studyapp.imaging.thumbnails import thumbnail
    from studyapp.services.results.feedback import candidate_of

    workspace, team = _found(track)
    with workspace.database.reading() as session:
        path = candidate_of(session, workspace, team, image)
    if path is None or not path.is_file():
        raise NotFound
    with path.open("rb") as file:
        small = thumbnail(file, extension=path.suffix, policy=workspace.file.policy)
    answer = Response(small, mimetype="image/webp")
    answer.cache_control.private = True
    answer.cache_control.max_age = 3600
    return answer


def _found(track: str) -> tuple[Workspace, str]:
    """The study of a track whose results its teams may read, and the team's id in it."""
    site = the_site()
    with site.database.reading() as session:
        entry = teams.entry_of(session, the_team().team, track)
    if entry is None or entry.study_team is None or track_of(site, track).results == "hidden":
        raise NotFoundError(NO_RESULTS)
    return closed_study(track), entry.study_team
