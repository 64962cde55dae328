"""Logging in by a personal link, and out."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from analysis.texts import say
from studyapp.web.entrance import login
from studyapp.web.entrance.limits import limit_given_name, limit_links, limit_passwords
from studyapp.web.entrance.origin import comes_from_elsewhere, is_from_nowhere
from studyapp.web.errors import nobody

blueprint = Blueprint("auth", __name__)


@blueprint.get("/")
def home() -> Response | str:
    """Send people to their own page; who is nobody though a link led here (`entered`) refuses cookies."""
    if not current_user.is_authenticated:
        return nobody("cookies_refused") if "entered" in request.args else render_template("home.html")
    page = "judge.overview" if current_user.role == "judge" else "console.overview.page"
    return redirect(url_for(page))


@blueprint.get("/j/<token>")
@limit_links
def judge_link(token: str) -> Response | str:
    """Log a judge in, or ask first."""
    return _by_link(token, "judge")


@blueprint.post("/j/<token>")
@limit_links
def judge_link_meant(token: str) -> Response:
    """Log a judge in who was asked."""
    return _enter(token, "judge")


@blueprint.get("/o/<token>")
@limit_links
def organiser_link(token: str) -> Response | str:
    """Log the organiser in, or ask first."""
    return _by_link(token, "organiser")


@blueprint.post("/o/<token>")
@limit_links
def organiser_link_meant(token: str) -> Response:
    """Log the organiser in who was asked."""
    return _enter(token, "organiser")


def _by_link(token: str, role: str) -> Response | str:
    """Log in whoever opened the link; ask first when it may have been another page that opened it."""
    newcomer = login.newcomer(token, role)
    unasked = newcomer.other and not is_from_nowhere()
    if comes_from_elsewhere() or unasked:
        return render_template("confirm.html", who=newcomer.name, now_as=newcomer.other)
    return _enter(token, role)


def _enter(token: str, role: str) -> Response:
    login.login_by_token(token, role)
    return redirect(url_for("auth.home", entered=1))


@blueprint.get("/sign-in")
def sign_in_page() -> str:
    """Ask an organiser for name, password and code."""
    return render_template("sign_in.html")


@blueprint.post("/sign-in")
@limit_passwords
@limit_given_name
def sign_in() -> Response | tuple[str, int]:
    """Log an organiser in by password; a wrong name, password and code look the same."""
    name, password, code = (request.form.get(field, "") for field in ("name", "password", "code"))
    if login.login_by_password(name, password, code):
        return redirect(url_for("console.overview.page"))
    return render_template("sign_in.html", message=say("Wrong name, password or code.")), 401


@blueprint.post("/logout")
def logout() -> Response:
    """End the session on this device; its tiles go, answers that are not yet sent stay (ASVS 14.3.1)."""
    login.logout()
    answer = redirect(url_for("auth.home"))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
