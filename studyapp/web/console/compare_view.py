"""What the routes of `results` show of a closed study's pictures: the comparator, before a site is published.

The addresses below /compare are those of a published site, so its pages find each other and their tiles.
"""

from flask import Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from studyapp.services.ground import studies
from studyapp.services.publishing.contents import published_scenes
from studyapp.services.publishing.marks import marks_of, regions_of
from studyapp.services.results.kept import kept
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.said import kept_reasons
from studyapp.web.console.results import reading_results
from studyapp.web.language import said_within
from studyapp.web.published.comparing import comparing
from studyapp.web.security import POLICY_WITHIN_A_PAGE
from studyapp.web.state import app_state


def compare_page() -> Redirect:
    """Lead to the image that is asked for by name, or to the first."""
    with reading_results() as session:
        scenes = kept(session, app_state().workspace, published_scenes)
    named = [scene.number for scene in scenes if scene.name == request.args.get("image")]
    return redirect(url_for("console.results.compare_image", number=named[0] if named else 1))


def compare_image(number: int) -> str:
    """Compare the candidates of an image."""
    workspace = app_state().workspace
    with reading_results() as session:
        scenes = kept(session, workspace, published_scenes)
        scene = next((scene for scene in scenes if scene.number == number), None) or abort(404)
        ranking = kept(session, workspace, rank_study)
        teams = {picture.team for picture in scene.candidates if picture.team}
        marks = marks_of(kept_reasons(session, workspace), teams)
        told = comparing(ranking, scenes, regions_of(session), marks)
        title = studies.current_file(session).title
    return render_template(
        "published/compare.html",
        policy=POLICY_WITHIN_A_PAGE,
        back=url_for("console.results.ranking_page"),
        title=title,
        simulated=ranking.simulated,
        scene=scene,
        data=said_within(told(scene)),
    )


def compare_tile(number: int, place: str, level: int, column: int, row: int) -> Response:
    """Send a tile of a picture."""
    workspace = app_state().workspace
    with reading_results() as session:
        scenes = kept(session, workspace, published_scenes)
    packs = {picture.place: picture.pack for scene in scenes for picture in scene.pictures}
    pack = packs.get(f"{number}/{place}") or abort(404)
    name = pack.relative_to(workspace.folders.var).as_posix()
    body = app_state().tiles.read(name, level, column, row)
    if body is None:
        abort(404)
    return Response(body, mimetype="image/webp")
