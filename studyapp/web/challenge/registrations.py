"""The organisers' page of teams: who waits, who was let in or refused, and links that invite teams."""

from typing import Literal

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from analysis.texts import Text, say
from studyapp.errors import NotFoundError, StudyError
from studyapp.services.challenge import teams
from studyapp.services.challenge.phases import challenge_of
from studyapp.services.people import accounts
from studyapp.web.address import outside_url
from studyapp.web.entrance.people import the_organiser, who
from studyapp.web.security_log import note
from studyapp.web.state import now, the_site

blueprint = Blueprint("registrations", __name__, url_prefix="/registrations")


@blueprint.get("")
def page() -> str:
    """List all teams, those that wait first."""
    return _page()


@blueprint.post("/<int:team>")
def decide(team: int) -> Response | tuple[str, int]:
    """Let a team in, or refuse it with a reason."""
    approve = request.form.get("verdict") == "approve"
    verdict: Literal["approved", "refused"] = "approved" if approve else "refused"
    try:
        with the_site().database.writing() as session:
            row = teams.numbered(session, team)
            teams.decide(
                session,
                row,
                verdict,
                by=str(the_organiser().name),
                why=request.form.get("why", ""),
                now=now(),
            )
    except NotFoundError:
        raise
    except StudyError as error:
        return _page(problem=say("Nothing was changed: %(why)s", why=error.args[0])), 400
    note(f"team {verdict}", team=team, **who())
    return redirect(url_for("challenge.registrations.page"))


@blueprint.post("/<int:team>/leader")
def lead(team: int) -> Response | tuple[str, int]:
    """Make another member the leader: for a team whose own cannot be reached any more."""
    member = request.form.get("member", 0, type=int)
    try:
        with the_site().database.writing() as session:
            teams.hand_over(session, teams.numbered(session, team), member, now=now())
    except NotFoundError:
        raise
    except StudyError as error:
        return _page(problem=say("Nothing was changed: %(why)s", why=error.args[0])), 400
    note("team handed over", team=team, member=member, **who())
    return redirect(url_for("challenge.registrations.page"))


@blueprint.post("/invite")
def invite() -> str | tuple[str, int]:
    """Make a link by which one team registers, and show it once."""
    try:
        with the_site().database.writing() as session:
            token = teams.invite(
                session, by=str(the_organiser().name), note=request.form.get("note", ""), now=now()
            )
    except StudyError as error:
        return _page(problem=error.args[0]), 400
    note("team invited", **who())
    return _page(link=outside_url("challenge.entering.invited_page", token=token))


@blueprint.post("/invitations/<int:number>/revoke")
def revoke(number: int) -> Response:
    """Take back an invitation."""
    with the_site().database.writing() as session:
        teams.revoke_invitation(session, number, now=now())
    note("team invitation revoked", invitation=number, **who())
    return redirect(url_for("challenge.registrations.page"))


def _page(*, problem: Text | str | None = None, link: str | None = None) -> str:
    with the_site().database.reading() as session:
        listed = [
            (team, teams.members(session, team.id or 0), teams.entries(session, team.id or 0))
            for team in teams.listed(session)
        ]
        open_invitations = teams.invitations(session)
        organise = {
            row.id
            for row in accounts.listed(session)
            for track in challenge_of(the_site()).tracks
            if accounts.role_in(frozenset(row.roles), track) in (accounts.OWNER, accounts.ORGANISER)
        }
    return render_template(
        "challenge/registrations.html",
        listed=listed,
        invitations=open_invitations,
        organise=organise,
        registration=challenge_of(the_site()).registration,
        problem=problem,
        link=link,
    )
