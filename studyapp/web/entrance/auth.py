"""The study's first page, and logging a judge in by a personal link."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from studyapp.web.entrance import login
from studyapp.web.entrance.limits import limit_links
from studyapp.web.entrance.origin import may_be_unmeant
from studyapp.web.errors import nobody
from studyapp.web.permissions import may

blueprint = Blueprint("auth", __name__)

# Whose page is whose; who is both a judge and an organiser in one browser chooses.
FIRST_PAGES = {"judge": "judge.overview", "organiser": "console.overview.page"}


@blueprint.get("/")
def home() -> Response | str:
    """Send people to their own page; who is nobody though a link led here (`entered`) refuses cookies."""
    own = {role: page for role, page in FIRST_PAGES.items() if may(page)}
    entered = request.args.get("entered")
    if entered in own or len(own) == 1:
        return redirect(url_for(own.get(entered or "", next(iter(own.values())))))
    if entered and not own:
        return nobody("cookies_refused")
    return render_template("home.html", own=own)


@blueprint.get("/j/<token>")
@limit_links
def judge_link(token: str) -> Response | str:
    """Log a judge in; ask first when it may have been another page that opened the link."""
    newcomer = login.newcomer(token)
    if may_be_unmeant(newcomer.other):
        return render_template("confirm.html", who=newcomer.name, now_as=newcomer.other)
    return _enter(token)


@blueprint.post("/j/<token>")
@limit_links
def judge_link_meant(token: str) -> Response:
    """Log a judge in who was asked."""
    return _enter(token)


def _enter(token: str) -> Response:
    login.login_by_token(token)
    return redirect(url_for("auth.home", entered="judge"))
