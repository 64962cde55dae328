"""Coming into the challenge: registering a team, also by invitation, and joining one by its link."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from analysis.texts import Text, say
from studyapp.db.site_tables import ChallengeTeam
from studyapp.errors import NotFoundError, StudyError
from studyapp.services.challenge import teams
from studyapp.services.challenge.phases import challenge_of
from studyapp.web.entrance import organisers
from studyapp.web.entrance.limits import limit_links, limit_registering
from studyapp.web.entrance.people import organiser
from studyapp.web.security_log import note
from studyapp.web.state import now, the_site

blueprint = Blueprint("entering", __name__)


@blueprint.get("/register")
def register_page() -> str:
    """Ask for a team and, of strangers, for an account."""
    return _register_page()


@blueprint.post("/register")
@limit_registering
def register() -> Response | tuple[str, int]:
    """Register a team."""
    return _register(None)


@blueprint.get("/invited/<token>")
@limit_links
def invited_page(token: str) -> str:
    """Ask whoever was invited for a team."""
    _check_invitation(token)
    return _register_page(token)


@blueprint.post("/invited/<token>")
@limit_links
@limit_registering
def invited(token: str) -> Response | tuple[str, int]:
    """Register a team that was invited: it needs no approval."""
    _check_invitation(token)
    return _register(token)


@blueprint.get("/join/<token>")
@limit_links
def join_page(token: str) -> str:
    """Ask whoever has a team's link whether they want to join, and strangers for an account."""
    return _join_page(token)


@blueprint.post("/join/<token>")
@limit_links
@limit_registering
def join(token: str) -> Response | tuple[str, int]:
    """Join a team."""

    def then(session: Session, account: int) -> ChallengeTeam:
        team = teams.team_by_link(session, token)
        teams.join(session, account, team, now=now())
        return team

    return _enter("team-joined", then, lambda problem: _join_page(token, problem))


def _register(token: str | None) -> Response | tuple[str, int]:
    challenge, form = challenge_of(the_site()), request.form

    def then(session: Session, account: int) -> ChallengeTeam:
        if token is None and challenge.registration == "invitation":
            raise StudyError(say("teams register by invitation only; ask the organisers for a link"))
        invitation = teams.invitation(session, token) if token is not None else None
        team = teams.register(
            session,
            account,
            form.get("team", ""),
            affiliation=form.get("affiliation", ""),
            tracks=[track for track in form.getlist("track") if track in challenge.tracks],
            approved=token is not None or challenge.registration == "open",
            now=now(),
        )
        if invitation is not None:
            teams.use_invitation(session, invitation, team)
        return team

    return _enter("team-registered", then, lambda problem: _register_page(token, problem))


def _enter(
    event: str, then: Callable[[Session, int], ChallengeTeam], again: Callable[[Text | str], str]
) -> Response | tuple[str, int]:
    """Do it for whoever is signed in; for a stranger with a new account, both or neither."""
    mine, form = organiser(), request.form
    # The log writes into the same database: not before the transaction has ended.
    done: list[tuple[int, int | None]] = []

    def noted(session: Session, account: int) -> None:
        done.append((account, then(session, account).id))

    try:
        if mine is not None and mine.account is not None:
            with the_site().database.writing() as session:
                noted(session, mine.account)
        else:
            if form.get("password") != form.get("again"):
                raise StudyError(say("The two passwords differ."))
            email = form.get("email", "").strip()
            if not 3 <= len(email) <= 200 or "@" not in email[1:-1] or not email.isprintable():
                raise StudyError(say("write your e-mail address; only organisers and your team see it"))
            organisers.register(form.get("name", ""), email, form.get("password", ""), noted)
    except NotFoundError:
        raise
    except StudyError as error:
        return again(error.args[0]), 400
    for account, team in done:
        note(event, account=account, team=team)
    return redirect(url_for("challenge.team.mine"))


def _check_invitation(token: str) -> None:
    with the_site().database.reading() as session:
        teams.check_invitation(session, token)


def _register_page(token: str | None = None, problem: str | None = None) -> str:
    challenge, form = challenge_of(the_site()), request.form
    return render_template(
        "challenge/register.html",
        challenge=challenge,
        closed=token is None and challenge.registration == "invitation",
        approval=token is None and challenge.registration == "approval",
        form=form,
        chosen=form.getlist("track") or (list(challenge.tracks) if len(challenge.tracks) == 1 else []),
        stranger=_is_stranger(),
        secret=token is not None,
        problem=problem,
    )


def _join_page(token: str, problem: str | None = None) -> str:
    with the_site().database.reading() as session:
        team = teams.team_by_link(session, token)
        entries = [entry.track for entry in teams.entries(session, team.id or 0)]
    return render_template(
        "challenge/join.html",
        team=team,
        entries=entries,
        form=request.form,
        stranger=_is_stranger(),
        problem=problem,
    )


def _is_stranger() -> bool:
    mine = organiser()
    return mine is None or mine.account is None
