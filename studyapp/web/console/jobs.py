"""The console's page of jobs, and the part of any page that shows how far one is."""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from analysis.texts import Text, plural, say
from studyapp.errors import NotFoundError
from studyapp.services.jobs import queue
from studyapp.services.jobs.kinds import KINDS
from studyapp.services.jobs.queue import JobView
from studyapp.web.console.asking import account_name, ask_for_job
from studyapp.web.state import app_state, now

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")

SHOWN = 50
# Kinds that need no arguments may be asked for on this page.
OFFERED = ("check", "tile", "score", "unpaired", "measure", "verify", "backup", "blind_audit")
STAGES = {
    "check": say("checking"),
    "tile": say("tiling"),
    "import": say("importing"),
    "packs": say("reading tile packs"),
    "judges": say("auditing judges"),
    "rank": say("ranking"),
    "export": say("writing the export"),
    "sheets": say("writing team sheets"),
    "crops": say("saving crops"),
    "ranking": say("ranking"),
    "report": say("writing the report"),
    "tiles": say("writing tiles of picture"),
    "pages": say("writing pages"),
    "mail": say("sending mail"),
}
_MINUTE, _HOUR = 60, 3600


@blueprint.get("")
def page() -> str:
    """List the study's jobs."""
    with app_state().site.database.reading() as session:
        found = queue.jobs_of(session, app_state().study, SHOWN)
    return render_template("console/jobs.html", jobs=found, kinds=KINDS, offered=OFFERED)


@blueprint.get("/<int:number>")
def job(number: int) -> str | Response:
    """Show a job: on a page of its own, or as the part of a page that is asked for again until it is over.

    A page that shows what came of it (`then=reload`) is loaded again at the end.
    """
    try:
        with app_state().site.database.reading() as session:
            found = queue.the_job(session, app_state().study, number)
    except NotFoundError:
        abort(404)
    if not request.headers.get("HX-Request"):
        return render_template("console/job_page.html", job=found)
    reload = request.args.get("then") == "reload"
    answer = make_response(render_template("console/job_part.html", job=found, reload=reload))
    if reload and found.is_over:
        answer.headers["HX-Refresh"] = "true"
    return answer


@blueprint.post("")
def ask() -> Response:
    """Ask for a job that needs no arguments."""
    kind = request.form.get("kind", "")
    if kind not in OFFERED:
        abort(404)
    ask_for_job(kind)
    return redirect(url_for("console.jobs.page"))


@blueprint.post("/<int:number>/cancel")
def cancel(number: int) -> Response | str:
    """Cancel a job."""
    with app_state().site.database.writing() as session:
        found = queue.cancel(session, app_state().study, number, now=now())
    if request.headers.get("HX-Request"):
        return render_template("console/job_part.html", job=found, reload=False)
    return redirect(request.referrer or url_for("console.jobs.page"))


@blueprint.post("/<int:number>/again")
def again(number: int) -> Response:
    """Ask once more for what a job did."""
    with app_state().site.database.writing() as session:
        queue.again(session, app_state().study, number, by=account_name(), now=now())
    return redirect(url_for("console.jobs.page"))


@blueprint.app_template_global()
def job_title(job: JobView) -> Text:
    """Return what a job is for."""
    return KINDS[job.kind].title


@blueprint.app_template_global()
def job_words(job: JobView) -> Text | str:
    """Say what a job does now, such as "tiling 120 of 600"."""
    if job.state == "waiting":
        tried = plural("tried once", "tried %(count)s times", job.failures)
        return say("waiting, %(tried)s", tried=tried) if job.failures else say("waiting")
    if job.state != "running":
        return {"done": say("done"), "failed": say("failed"), "cancelled": say("cancelled")}[job.state]
    if job.stopping:
        return say("stopping")
    stage = STAGES.get(job.stage, job.stage)
    if not job.total:
        return stage or say("starting")
    return say("%(stage)s %(done)s of %(total)s", stage=stage, done=job.done, total=job.total)


@blueprint.app_template_global()
def job_time_left(job: JobView) -> Text | None:
    """Say about how long this stage still takes; nothing when it cannot be told."""
    seconds = job.seconds_left(now())
    if seconds is None:
        return None
    if seconds < _MINUTE:
        return say("less than a minute left")
    if seconds < _HOUR:
        return plural("about %(count)s minute left", "about %(count)s minutes left", round(seconds / _MINUTE))
    return plural("about %(count)s hour left", "about %(count)s hours left", round(seconds / _HOUR))
