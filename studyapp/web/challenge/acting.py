"""For which team somebody acts: signed in, or by an access token that a program shows."""

from dataclasses import dataclass

from flask import g, request

from studyapp.errors import NotFoundError, StudyError
from studyapp.services.challenge import teams, tokens
from studyapp.services.challenge.submissions import the_submission
from studyapp.web.entrance.people import organiser, shown_token
from studyapp.web.state import now, the_site


@dataclass(frozen=True)
class Acting:
    """An account, and its team in the track that is asked for."""

    account: int
    name: str
    team: int
    team_name: str
    track: str


def acting() -> Acting | None:
    """Return for whom this request acts in the track that its address names; None for others."""
    if "acting" not in g:
        g.acting = _found()
    return g.acting


def the_team() -> Acting:
    """Return for whom this request acts; only where the permission is `a_member`."""
    return g.acting


def still_acts() -> bool:
    """Look again for whom this request acts: since it began its token may be revoked, its team be gone."""
    before = g.pop("acting", None)
    g.pop("organiser", None)
    mine = acting()
    return mine is not None and before is not None and mine.team == before.team


def _found() -> Acting | None:
    site, arguments = the_site(), request.view_args or {}
    who = account_asking()
    if who is None or site.file.challenge is None:
        return None
    account, name = who
    with site.database.reading() as session:
        try:
            track = arguments.get("track") or the_submission(session, arguments["submission"]).track
            team = teams.acting_team(session, account, track)
            if "submission" in arguments:
                the_submission(session, arguments["submission"], team=team.id)
        except (StudyError, KeyError):
            return None
        assert team.id is not None
        return Acting(account, name, team.id, team.name, track)


def account_asking() -> tuple[int, str] | None:
    """Return number and name of the account that asks, by its token or signed in; None for others."""
    secret = shown_token()
    if secret is None:
        mine = organiser()
        return (mine.account, mine.name) if mine is not None and mine.account is not None else None
    database = the_site().database
    with database.reading() as session:
        try:
            token, account = tokens.by_secret(session, secret)
        except NotFoundError:
            return None
    if tokens.is_to_note(token, now()):
        with database.writing() as session:
            tokens.note_use(session, token.id or 0, now())
    return account.id or 0, account.name
