"""The pages of signing in and out as an organiser: by password, by the printed link, by an invitation."""

import base64
import io

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from analysis.texts import Text, say
from studyapp.errors import StudyError
from studyapp.services.people.second_factors import SecondFactor, confirmed, uri_of, usable_secret
from studyapp.services.people.sign_in_links import account_to_set_up
from studyapp.web.entrance import login, organisers
from studyapp.web.entrance.limits import limit_given_name, limit_links, limit_passwords
from studyapp.web.entrance.origin import may_be_unmeant
from studyapp.web.entrance.people import judge, organiser
from studyapp.web.entrance.site_cookie import site_root
from studyapp.web.state import now, the_site

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/sign-in")
def page() -> str:
    """Ask an organiser for name, password and code."""
    return render_template("sign_in.html")


@blueprint.post("/sign-in")
@limit_passwords
@limit_given_name
def enter() -> Response | tuple[str, int]:
    """Sign an organiser in by password; a wrong name, password and code look the same."""
    name, password, code = (request.form.get(field, "") for field in ("name", "password", "code"))
    if organisers.sign_in_by_password(name, password, code):
        return redirect(_first_page())
    return render_template("sign_in.html", message=say("Wrong name, password or code.")), 401


@blueprint.get("/o/<token>")
@limit_links
def printed_link(token: str) -> Response | str:
    """Sign an owner in; ask first when it may have been another page that opened the link."""
    organisers.check_owner_link(token)
    mine = organiser()
    other = mine.name if mine is not None and mine.account is not None else None
    if may_be_unmeant(other):
        return render_template("confirm.html", who=say("owner"), now_as=other)
    return _by_link(token)


@blueprint.post("/o/<token>")
@limit_links
def printed_link_meant(token: str) -> Response:
    """Sign an owner in who was asked."""
    return _by_link(token)


@blueprint.get("/set-up/<token>")
@limit_links
def set_up_page(token: str) -> str:
    """Ask whoever was invited to choose a password."""
    with the_site().database.reading() as session:
        name = account_to_set_up(session, token, now=now()).name
    return _set_up_page(name, "")


@blueprint.post("/set-up/<token>")
@limit_links
def set_up(token: str) -> Response | str | tuple[str, int]:
    """Set the account up and sign in; with a second factor, show its recovery codes once."""
    fields = ("password", "again", "secret", "code")
    password, again, secret, code = (request.form.get(field, "") for field in fields)
    with the_site().database.reading() as session:
        name = account_to_set_up(session, token, now=now()).name
    factor, recovery = None, ()
    try:
        if password != again:
            raise StudyError(say("The two passwords differ."))
        if "alone" not in request.form:
            factor, recovery = _confirmed(secret, code)
        organisers.set_up(token, password, factor)
    except StudyError as error:
        why = say("Nothing was changed: %(why)s", why=error.args[0])
        return _set_up_page(name, secret, problem=why), 400
    if not recovery:
        return redirect(_first_page())
    return render_template("recovery_codes.html", recovery=recovery, first_page=_first_page())


@blueprint.post("/logout")
def logout() -> Response:
    """End the sessions on this device; their tiles go, answers that are not yet sent stay (ASVS 14.3.1)."""
    organisers.sign_out()
    if judge() is not None:
        login.logout()
    answer = redirect(f"{request.script_root}/")
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def _by_link(token: str) -> Response:
    organisers.sign_in_by_link(token)
    return redirect(_first_page())


def _first_page() -> str:
    """Return where a cookie that was just given leads: in a study to its first page, else to the site's."""
    if "auth.home" in current_app.view_functions and site_root() == request.script_root:
        return url_for("auth.home", entered="organiser")
    return f"{site_root()}/"


def _issuer() -> str:
    return f"studyapp {the_site().title}"


def _confirmed(secret: str, code: str) -> tuple[SecondFactor, tuple[str, ...]]:
    try:
        found = confirmed(secret, code, now=now())
    except ValueError:
        found = None
    if found is None:
        raise StudyError(say("The code is wrong; check that your device's clock is right."))
    return found


def _set_up_page(name: str, secret: str, *, problem: Text | None = None) -> str:
    import segno

    secret = usable_secret(secret)
    picture = io.BytesIO()
    segno.make(uri_of(name, _issuer(), secret), error="l").save(
        picture, kind="svg", scale=4, border=4, light="white"
    )
    code = "data:image/svg+xml;base64," + base64.b64encode(picture.getvalue()).decode("ascii")
    return render_template("set_up.html", name=name, secret=secret, picture=code, problem=problem)
