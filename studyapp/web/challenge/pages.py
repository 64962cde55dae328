"""What everybody may read: the challenge, its tracks, and their phases."""

from flask import Blueprint, render_template

from studyapp.services.challenge import teams
from studyapp.services.challenge.phases import challenge_of, quota, track_of
from studyapp.web.challenge.board import has_board
from studyapp.web.challenge.shown import are_over, paragraphs, shown_phases, tracks
from studyapp.web.entrance.people import organiser
from studyapp.web.state import now, the_site

blueprint = Blueprint("pages", __name__)


@blueprint.get("")
def home() -> str:
    """Show the challenge: what it is, its tracks, and what is open now."""
    site, mine = the_site(), organiser()
    challenge = challenge_of(site)
    with site.database.reading() as session:
        own = teams.teams_of(session, mine.account) if mine and mine.account else []
    phases = {track: shown_phases(track) for track in tracks()}
    return render_template(
        "challenge/home.html",
        challenge=challenge,
        description=paragraphs(challenge.description),
        phases=phases,
        over=all(are_over(shown) for shown in phases.values()),
        own=own,
    )


@blueprint.get("/tracks/<track>")
def track(track: str) -> str:
    """Show a track: its phases, and what the team of whoever asks has in it."""
    site, mine = the_site(), organiser()
    found = track_of(site, track)
    team, entry, quotas, account = None, None, {}, mine.account if mine else None
    with site.database.reading() as session:
        if account is not None and (team := teams.team_of(session, account, track)) is not None:
            entry = teams.entry_of(session, team.id or 0, track)
            quotas = {name: quota(session, site, team.id or 0, track, name, now()) for name in found.phases}
        count = len(teams.in_track(session, track))
    phases = shown_phases(track)
    return render_template(
        "challenge/track.html",
        track=track,
        phases=phases,
        over=are_over(phases),
        team=team,
        entry=entry,
        quotas=quotas,
        count=count,
        boards=[name for name, phase in found.phases.items() if has_board(track, phase)],
    )
