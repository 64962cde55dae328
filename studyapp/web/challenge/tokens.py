"""The access tokens of whoever asks, and the way to a second factor."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from analysis.texts import Text, say
from studyapp.errors import StudyError
from studyapp.services.challenge import tokens
from studyapp.services.people import accounts, sign_in_links
from studyapp.web.entrance.people import own_account, the_organiser
from studyapp.web.security_log import note
from studyapp.web.state import now, the_site

blueprint = Blueprint("tokens", __name__, url_prefix="/tokens")


@blueprint.get("")
def page() -> str:
    """List the tokens that work."""
    return _page()


@blueprint.post("")
def make() -> str | tuple[str, int]:
    """Make a token, and show it once."""
    try:
        with the_site().database.writing() as session:
            token = tokens.make(session, own_account(), request.form.get("name", ""), now())
    except StudyError as error:
        return _page(problem=error.args[0]), 400
    note("access token made", account=own_account())
    return _page(token=token)


@blueprint.post("/<int:number>/revoke")
def revoke(number: int) -> Response:
    """End a token."""
    with the_site().database.writing() as session:
        tokens.revoke(session, own_account(), number, now())
    note("access token revoked", account=own_account(), token=number)
    return redirect(url_for("challenge.tokens.page"))


@blueprint.post("/second-factor")
def second_factor() -> Response | tuple[str, int]:
    """Lead to the page on which an account is set up anew, soon after signing in."""
    if not the_organiser().times.is_fresh(now()):
        return _page(problem=say("Sign in again first: this makes sure that it is you.")), 403
    with the_site().database.writing() as session:
        account = accounts.numbered(session, own_account())
        token = sign_in_links.set_up_link(session, account, now=now())
    note("set-up link made", account=own_account(), of_account=own_account())
    return redirect(url_for("sign_in.set_up_page", token=token))


def _page(*, problem: Text | str | None = None, token: str | None = None) -> str:
    with the_site().database.reading() as session:
        own = tokens.of_account(session, own_account())
        account = accounts.numbered(session, own_account())
    return render_template(
        "challenge/tokens.html",
        own=own,
        has_second_factor=account.second_factor is not None,
        problem=problem,
        token=token,
    )
