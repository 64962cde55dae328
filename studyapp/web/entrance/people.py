"""Who is asking: a judge by the study's cookie, an organiser by the site's; in one browser perhaps both.

Judges' pages ask for the judge alone, and so never look into the site's database; the console asks for the
organiser alone.
"""

from dataclasses import dataclass

from flask import current_app, g, request
from flask_login import UserMixin, current_user

from studyapp.services.people import account_sessions, log_ins
from studyapp.services.people.account_sessions import Organiser
from studyapp.web.entrance.site_cookie import given_secret
from studyapp.web.state import now, the_site


@dataclass(frozen=True)
class JudgeUser(UserMixin):
    """A judge, logged in by a personal link."""

    session: log_ins.Current

    def get_id(self) -> str:
        """Return the number of the link that the session hangs on."""
        return str(self.session.link)


def judge() -> log_ins.Current | None:
    """Return the session of the judge who asks; None for others, and where no study is."""
    if shown_token() is not None:
        return None
    if not hasattr(current_app, "login_manager") or not current_user.is_authenticated:
        return None
    return current_user.session


def judge_id() -> int:
    """Return the id of the judge who asks; only where the permission is `a_judge`."""
    return current_user.session.judge


def shown_token() -> str | None:
    """Return the access token that a program shows; whoever shows one is nobody else."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.casefold() == "bearer" else None


def organiser() -> Organiser | None:
    """Return who asks by an account or the printed link; None for others."""
    if g.get("ask_nobody") or shown_token() is not None:
        return None
    if "organiser" not in g:
        secret = given_secret()
        g.organiser = None
        if secret is not None:
            with the_site().database.looking() as looking:
                g.organiser = account_sessions.current(looking, secret, now=now())
    return g.organiser


def the_organiser() -> Organiser:
    """Return who asks by an account or the printed link; only where the permission is an organiser's."""
    return g.organiser


def own_account() -> int:
    """Return the number of the account of whoever asks; only where the permission is `has_own_account`."""
    return the_organiser().account or 0


def somebody() -> bool:
    """Tell whether anybody is signed in."""
    return judge() is not None or organiser() is not None


def who() -> dict[str, int | None]:
    """Say for the security log who asks: by number, never by name. A judge's page is a judge's doing."""
    if mine := judge():
        return {"link": mine.link}
    if signed_in := organiser():
        return {"account": signed_in.account} if signed_in.account else {"printed_link": signed_in.link}
    return {}


def ask_nobody() -> None:
    """Take whoever asks for a stranger, for the rest of this request: the database may be away."""
    g.ask_nobody = True
