"""A team's submissions: handing in, how each stands, its images beside the inputs, choosing, withdrawing.

Nothing on these pages shows ground truth, nor a picture made of it: with enough of those anybody could
rebuild it. Differences are against the input.
"""

import json
from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as Redirect

from analysis.texts import Text, say
from studyapp.errors import StudyError
from studyapp.services.challenge import phases, submissions
from studyapp.services.challenge.readme import EXAMPLE, read_readme
from studyapp.services.jobs import queue
from studyapp.services.people import accounts
from studyapp.services.uploads import receiving
from studyapp.web.challenge.acting import acting, the_team
from studyapp.web.challenge.standing import Standing, standing
from studyapp.web.state import now, the_site

blueprint = Blueprint("submissions", __name__)


@blueprint.get("/tracks/<track>/<phase>/submissions")
def page(track: str, phase: str) -> str | Redirect:
    """List the team's submissions of a phase, and take a new one."""
    if acting() is None:
        return redirect(url_for("challenge.pages.track", track=track))
    # Knowing image files and computing they load much, which a server that starts does not need.
    from studyapp.services.challenge import leaderboard
    from studyapp.services.challenge.packages import wanted_finals, wanted_pairs

    site, mine, at = the_site(), the_team(), now()
    found = phases.phase_of(site, track, phase)
    with site.database.reading() as session:
        rows = [standing(session, row) for row in submissions.of_team(session, mine.team, track, phase)]
        left = phases.quota(session, site, mine.team, track, phase, at)
        chosen = submissions.chosen(session, [row.submission for row in rows])
        senders = {row.submission.sent_by for row in rows}
        if found.kind == "final":
            counts = submissions.final_of(session, mine.team, track)
        else:
            counts = leaderboard.counting(session, site, track, phase, mine.team) if rows else None
        outside = _why_outside(session, mine.team, track) if found.kind == "final" else None
        names = {account: accounts.numbered(session, account).name for account in senders}
    stage = phases.stage(found, at)
    wanted = wanted_pairs if found.kind == "feedback" else wanted_finals
    return render_template(
        "challenge/submissions.html",
        mine=mine,
        track=track,
        phase=found,
        stage=stage,
        left=left,
        outside=outside,
        rows=rows,
        chosen=chosen.id if chosen else None,
        counting=counts,
        senders=names,
        example=EXAMPLE,
        data={
            "uploads": url_for("challenge.uploads.create", track=track, phase=phase),
            "page": url_for("challenge.submissions.page", track=track, phase=phase),
            "submission": url_for("challenge.submissions.one", submission=0),
            "readme": url_for("challenge.submissions.readme", track=track, phase=phase),
            "largest": receiving.LARGEST_SUBMISSION,
            "images": {
                image: {"name": item.name, "size": list(item.size) if item.size else None}
                for image, item in wanted(site.study_root(track), site.study_file(track)).items()
            }
            if outside is None and stage == "open"
            else {},
        },
    )


def _why_outside(session: Session, team: int, track: str) -> Text | str | None:
    """Why a team cannot hand in final results; None when it can."""
    try:
        submissions.refuse_outsider(session, team, track)
    except StudyError as error:
        return error.args[0]
    return None


@blueprint.post("/tracks/<track>/<phase>/submissions/readme")
def readme(track: str, phase: str) -> Response:
    """Say what is wrong with a readme.txt, before anything is handed in."""
    _, problems = read_readme(request.get_data())
    return jsonify([{"line": item.line, "what": item.what, "remedy": item.remedy} for item in problems])


@blueprint.get("/submissions/<int:submission>")
def one(submission: int) -> str:
    """Show a submission: how it stands, and each image's score."""
    found = _standing(submission)
    row = found.submission
    phase = phases.phase_of(the_site(), row.track, row.phase)
    is_open = phases.stage(phase, now()) == "open"
    with the_site().database.reading() as session:
        in_study = submissions.final_of(session, row.team_id, row.track)
    return render_template(
        "challenge/submission.html",
        found=found,
        in_study=in_study,
        row=row,
        track=row.track,
        is_open=is_open,
        said_of_it=_said(json.loads(row.readme)),
    )


@blueprint.get("/submissions/<int:submission>/standing")
def part(submission: int) -> Response:
    """Send the part of a page that says how a submission stands; at the end the page, or its list, is new."""
    found, in_list = _standing(submission), request.args.get("then") == "history"
    then = "history" if in_list else None
    answer = Response(render_template("challenge/standing.html", found=found, then=then))
    if found.is_over:
        name, value = ("HX-Trigger", "submission-over") if in_list else ("HX-Refresh", "true")
        answer.headers[name] = value
    return answer


@blueprint.post("/submissions/<int:submission>/withdraw")
def withdraw(submission: int) -> Redirect:
    """Take a submission back."""
    site = the_site()
    with site.database.writing() as session:
        row = submissions.the_submission(session, submission)
        submissions.withdraw(session, site, row, now=now())
        if row.job_id is not None:
            queue.cancel(session, row.track, row.job_id, now=now())
        where = url_for("challenge.submissions.page", track=row.track, phase=row.phase)
    submissions.remove_files(site, submission)
    return redirect(where)


@blueprint.post("/submissions/<int:submission>/choose")
def choose(submission: int) -> Redirect:
    """Let this submission be the one that counts."""
    with the_site().database.writing() as session:
        row = submissions.the_submission(session, submission)
        submissions.choose(session, the_site(), row, now=now())
        where = url_for("challenge.submissions.page", track=row.track, phase=row.phase)
    return redirect(where)


@blueprint.get("/submissions/<int:submission>/images/<image>")
def compare(submission: int, image: str) -> str:
    """Show an image beside its input, and what differs."""
    found = _standing(submission)
    names = [name for name, _ in found.images]
    if image not in names or found.submission.state == "withdrawn":
        abort(404)
    place = names.index(image)
    return render_template(
        "challenge/compare.html",
        row=found.submission,
        track=found.submission.track,
        image=image,
        score=found.images[place][1],
        before=names[place - 1] if place else None,
        after=names[place + 1] if place + 1 < len(names) else None,
    )


@blueprint.get("/submissions/<int:submission>/images/<image>/<kind>")
def picture(submission: int, image: str, kind: str) -> Response:
    """Send a picture of an image: small, whole, its input, or what differs from that."""
    from studyapp.services.challenge.pictures import KINDS, picture_of

    found = _standing(submission)
    if kind not in KINDS or image not in [name for name, _ in found.images]:
        abort(404)
    data = picture_of(the_site(), found.submission.track, submission, image, kind)
    if data is None:
        abort(404)
    response = Response(data, mimetype="image/webp" if kind == "small" else "image/png")
    # Ground truth has no kind; what is shown is the team's own, and does not change.
    response.cache_control.private = True
    response.cache_control.max_age = 3600
    return response


def _said(readme: dict[str, Any]) -> list[tuple[Text, Text | str]]:
    """What a team says of its results, for the page."""
    if not readme:
        return []
    found: list[tuple[Text, Text | str]] = [
        (say("Runtime"), say("%(seconds)s s for an image", seconds=f"{readme['runtime']:g}")),
        (say("Measured on"), "GPU" if readme["on_gpu"] else "CPU"),
        (say("Extra data"), say("yes") if readme["extra_data"] else say("no")),
    ]
    return [*found, (say("Description"), readme["other"])] if readme.get("other") else found


def _standing(submission: int) -> Standing:
    with the_site().database.reading() as session:
        return standing(session, submissions.the_submission(session, submission))
