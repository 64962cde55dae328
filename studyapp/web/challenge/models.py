"""A team's model in the final phase: handing it in, and what measuring it found."""

from flask import Blueprint, render_template, url_for

from analysis.texts import say
from studyapp.errors import NotFoundError
from studyapp.services.challenge import phases, submissions
from studyapp.services.uploads import receiving
from studyapp.web.challenge.acting import the_team
from studyapp.web.challenge.standing import standing
from studyapp.web.state import now, the_site

blueprint = Blueprint("models", __name__)

LAYOUT = "\n".join(
    (
        "models/team01_Name.py",
        "model_zoo/team01_Name.pth",
        "models/team01_Name.requirements.txt",
        "test_demo.py",
    )
)


@blueprint.get("/tracks/<track>/<phase>/model")
def page(track: str, phase: str) -> str:
    """List the models that the team handed in, and take another."""
    site, mine, at = the_site(), the_team(), now()
    found = phases.phase_of(site, track, phase)
    if found.kind != "final":
        raise NotFoundError(say("models are handed in to the final phase"))
    with site.database.reading() as session:
        all_of_them = submissions.of_team(session, mine.team, track, phase)
        rows = [standing(session, row) for row in all_of_them if row.kind == submissions.CODE]
        left = phases.quota(session, site, mine.team, track, phase, at, code=True)
    accepted = [item.submission.id for item in rows if item.submission.state == "done"]
    return render_template(
        "challenge/model.html",
        mine=mine,
        track=track,
        phase=found,
        stage=phases.stage(found, at),
        left=left,
        rows=rows,
        counting=accepted[0] if accepted else None,
        at_once=phases.track_of(site, track).measure == "at-once",
        layout=LAYOUT,
        data={
            "kind": submissions.CODE,
            "uploads": url_for("challenge.uploads.create", track=track, phase=phase),
            "submission": url_for("challenge.submissions.one", submission=0),
            "largest": receiving.LARGEST_SUBMISSION,
        },
    )
