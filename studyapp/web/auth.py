"""Logging in by a personal link, and out."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from studyapp.web import login
from studyapp.web.limits import limit_links, limit_name, limit_sign_in

blueprint = Blueprint("auth", __name__)


@blueprint.get("/")
def home() -> Response | str:
    """Send people to their own page."""
    if not current_user.is_authenticated:
        return render_template("home.html")
    page = "judge.overview" if current_user.role == "judge" else "organiser.overview"
    return redirect(url_for(page))


@blueprint.get("/j/<token>")
@limit_links
def judge_link(token: str) -> Response:
    """Log a judge in."""
    login.login_by_token(token, "judge")
    return redirect(url_for("judge.overview"))


@blueprint.get("/o/<token>")
@limit_links
def organiser_link(token: str) -> Response:
    """Log the organiser in."""
    login.login_by_token(token, "organiser")
    return redirect(url_for("organiser.overview"))


@blueprint.get("/sign-in")
def sign_in_page() -> str:
    """Ask an organiser for name and password."""
    return render_template("sign_in.html")


@blueprint.post("/sign-in")
@limit_sign_in
@limit_name
def sign_in() -> Response | tuple[str, int]:
    """Log an organiser in by password; a wrong name and a wrong password look the same."""
    if login.login_by_password(request.form.get("name", ""), request.form.get("password", "")):
        return redirect(url_for("organiser.overview"))
    return render_template("sign_in.html", message="Name and password do not fit."), 401


@blueprint.post("/logout")
def logout() -> Response:
    """End the session on this device."""
    login.logout()
    return redirect(url_for("auth.home"))
