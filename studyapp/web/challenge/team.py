"""A team's own pages: who is in it, its name, its tracks, and the link by which others join."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from analysis.texts import Text, say
from studyapp.db.site_tables import ChallengeTeam
from studyapp.errors import NotFoundError, StudyError
from studyapp.services.challenge import teams
from studyapp.services.challenge.phases import challenge_of, track_of
from studyapp.web.address import outside_url
from studyapp.web.entrance.people import own_account
from studyapp.web.security_log import note
from studyapp.web.state import now, the_site

blueprint = Blueprint("team", __name__)


@blueprint.get("/team")
def mine() -> Response | str:
    """Lead to the team of whoever asks; with none or several, say so."""
    with the_site().database.reading() as session:
        own = teams.teams_of(session, own_account())
    if len(own) == 1:
        return redirect(url_for("challenge.team.page", team=own[0].id))
    return render_template("challenge/my_teams.html", own=own)


@blueprint.get("/teams/<int:team>")
def page(team: int) -> str:
    """Show a team to its members."""
    return _page(team)


@blueprint.post("/teams/<int:team>")
def save(team: int) -> Response | tuple[str, int]:
    """Rename a team; all that it did stays its own."""
    name, affiliation = request.form.get("name", ""), request.form.get("affiliation", "")
    return _change(
        team, "renamed", lambda session, row: teams.rename(session, row, name, affiliation=affiliation)
    )


@blueprint.post("/teams/<int:team>/link")
def link(team: int) -> Response | str | tuple[str, int]:
    """Make the link by which others join, and show it once; or take it back."""
    if request.form.get("action") == "end":
        return _change(team, "link-ended", teams.end_join_link)
    with the_site().database.writing() as session:
        token = teams.new_join_link(session, teams.numbered(session, team))
    _note(team, "link-made")
    return _page(team, link=outside_url("challenge.entering.join_page", token=token))


@blueprint.post("/teams/<int:team>/leave")
def leave(team: int) -> Response | tuple[str, int]:
    """Take whoever asks out of the team."""
    account = own_account()
    return _change(
        team, "left", lambda session, row: teams.leave(session, account, row, now=now()), stays=False
    )


@blueprint.post("/teams/<int:team>/members")
def members(team: int) -> Response | tuple[str, int]:
    """Hand the team over to a member, or take one out."""
    member = request.form.get("member", 0, type=int)
    if request.form.get("action") == "hand-over":
        return _change(
            team, "handed-over", lambda session, row: teams.hand_over(session, row, member, now=now())
        )
    return _change(
        team, "member-removed", lambda session, row: teams.remove_member(session, row, member, now=now())
    )


@blueprint.post("/teams/<int:team>/tracks")
def tracks(team: int) -> Response | tuple[str, int]:
    """Enter a track of the challenge, or leave it."""
    track = request.form.get("track", "")
    track_of(the_site(), track)
    act, said = (
        (teams.leave_track, "track-left")
        if request.form.get("action") == "leave"
        else (teams.enter_track, "track-entered")
    )
    return _change(team, said, lambda session, row: act(session, row, track, now=now()))


def _change(
    team: int, said: str, change: Callable[[Session, ChallengeTeam], None], *, stays: bool = True
) -> Response | tuple[str, int]:
    try:
        with the_site().database.writing() as session:
            change(session, teams.numbered(session, team))
    except NotFoundError:
        raise
    except StudyError as error:
        return _page(team, problem=say("Nothing was changed: %(why)s", why=error.args[0])), 400
    _note(team, said)
    return redirect(url_for("challenge.team.page", team=team) if stays else url_for("challenge.pages.home"))


def _page(team: int, *, problem: Text | None = None, link: str | None = None) -> str:
    account = own_account()
    with the_site().database.reading() as session:
        row = teams.numbered(session, team)
        there = teams.members(session, team)
        entries = teams.entries(session, team)
    entered = {entry.track for entry in entries if not entry.withdrawn_at}
    return render_template(
        "challenge/team.html",
        team=row,
        members=there,
        mine=account,
        leads=any(member.leads and member.account_id == account for member in there),
        entered=entered,
        others=[track for track in challenge_of(the_site()).tracks if track not in entered],
        problem=problem,
        link=link,
    )


def _note(team: int, said: str) -> None:
    note(f"team {said}", team=team, account=own_account())
