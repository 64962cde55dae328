"""The judge's pages."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from studyapp.services.ground import studies
from studyapp.services.people import deadlines
from studyapp.services.voting import judging, viewing
from studyapp.web.entrance.people import judge_id
from studyapp.web.judge.needs import needs
from studyapp.web.judge.shown import shown_trial
from studyapp.web.judge.trial_json import trial_json, viewing_json
from studyapp.web.state import app_state, now

blueprint = Blueprint("judge", __name__, url_prefix="/judge")


@blueprint.get("")
def overview() -> str:
    """Show where the judge stands."""
    return _page("judge/overview.html")


@blueprint.get("/guidelines")
def guidelines() -> str:
    """Show what to look at, and how to answer."""
    with app_state().workspace.database.reading() as session:
        file, previews = studies.current_file(session), studies.shows_previews(session)
    return render_template(
        "judge/guidelines.html",
        judge=_overview(),
        criteria=file.criteria,
        reasons=file.reasons,
        protocol=file.protocol,
        other_colors=file.other_colors,
        gain_maps=file.gain_maps,
        previews=previews,
        needs=needs(file.viewing),
    )


@blueprint.post("/guidelines")
def guidelines_read() -> Response:
    """Go on from the guidelines: to practice at first, to the list later."""
    with app_state().workspace.database.writing() as session:
        judging.read_guidelines(session, judge_id(), now=now())
    state = _overview()
    if not state.screen_checked:
        return redirect(url_for("judge.screen"))
    return redirect(_after_screen(state))


@blueprint.get("/screen")
def screen() -> str:
    """Check the viewing conditions."""
    links = {
        "save": url_for("conditions.save"),
        "next": _after_screen(_overview()),
        "overview": url_for("judge.overview"),
    }
    with app_state().workspace.database.reading() as session:
        rules = studies.current_file(session).viewing
        last = viewing.last_check(session, judge_id())
    data = {"links": links, "csrf": generate_csrf(), "viewing": viewing_json(rules), "last": last}
    return render_template(
        "judge/conditions.html", data=data, asked=rules.asked, eyes=rules.eyes, needs=needs(rules)
    )


@blueprint.get("/trial/<public_id>")
def trial(public_id: str) -> str | Response:
    """Show one image with its candidates, to a judge who looks as the study wants it."""
    with app_state().workspace.database.reading() as session:
        if viewing.kept_out(session, judge_id()):
            return redirect(url_for("judge.screen"))
    view, file = shown_trial(public_id)
    return render_template("judge/trial.html", view=view, data=trial_json(view, file))


@blueprint.get("/finish")
def finish() -> str:
    """Show what is answered and what is not."""
    return _page("judge/finish.html")


@blueprint.post("/finish")
def finished() -> Response:
    """Record that the judge is done with the ballots that the page showed."""
    answered = request.form.get("answered", type=int) or 0
    digest = request.form.get("digest", "")
    with app_state().workspace.database.writing() as session:
        judging.finish(session, judge_id(), answered=answered, digest=digest, now=now())
    return redirect(url_for("judge.finish"))


def _page(template: str) -> str:
    """Show where the judge stands, in the words of what is asked."""
    with app_state().workspace.database.reading() as session:
        protocol = studies.the_protocol(session)
        judge = judging.overview(session, judge_id())
        until = deadlines.deadline(session)
    return render_template(template, judge=judge, protocol=protocol, deadline=until)


def _after_screen(state: judging.Overview) -> str:
    """Lead on to the practice image as long as it is not done."""
    if state.to_practise is None:
        return url_for("judge.overview")
    return url_for("judge.trial", public_id=state.to_practise.public_id)


def _overview() -> judging.Overview:
    with app_state().workspace.database.reading() as session:
        return judging.overview(session, judge_id())
