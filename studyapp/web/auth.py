"""Logging in by a personal link, and out."""

from flask import Blueprint, redirect, render_template, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from studyapp.web.login import login_by_token

blueprint = Blueprint("auth", __name__)


@blueprint.get("/")
def home() -> Response | str:
    """Send people to their own page."""
    if not current_user.is_authenticated:
        return render_template("home.html")
    page = "judge.overview" if current_user.role == "judge" else "organiser.overview"
    return redirect(url_for(page))


@blueprint.get("/j/<token>")
def judge_link(token: str) -> Response:
    """Log a judge in."""
    login_by_token(token, "judge")
    return redirect(url_for("judge.overview"))


@blueprint.get("/o/<token>")
def organiser_link(token: str) -> Response:
    """Log the organiser in."""
    login_by_token(token, "organiser")
    return redirect(url_for("organiser.overview"))


@blueprint.post("/logout")
def logout() -> Response:
    """End the session on this device."""
    session.clear()
    return redirect(url_for("auth.home"))
