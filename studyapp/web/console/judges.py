"""The console's page of judges: how far each is, and their links."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request

from analysis.texts import say
from studyapp.services.people import invitations
from studyapp.services.results import monitoring
from studyapp.web.address import outside_url
from studyapp.web.state import app_state, now

blueprint = Blueprint("judges", __name__, url_prefix="/judges")


@dataclass(frozen=True)
class NewLink:
    """A judge's fresh link, shown once."""

    name: str
    url: str


@blueprint.get("")
def page() -> str:
    """Show every judge's progress."""
    return _page()


@blueprint.post("/link")
def link() -> str:
    """Revoke a judge's link, or make a new one."""
    email = request.form.get("email", "")
    database = app_state().workspace.database
    if request.form.get("action") == "revoke":
        with database.writing() as session:
            invitations.revoke_link(session, email, now=now())
        return _page(message=say("The link of %(email)s no longer works. Their ballots stay.", email=email))
    with database.writing() as session:
        fresh = invitations.reissue_link(session, email, now=now())
    url = outside_url("auth.judge_link", token=fresh.token)
    return _page(new_link=NewLink(fresh.name, url))


def _page(*, message: str | None = None, new_link: NewLink | None = None) -> str:
    with app_state().workspace.database.reading() as session:
        status = monitoring.study_status(session)
    return render_template("console/judges.html", status=status, message=message, new_link=new_link)
