"""Signing an organiser in and out, in a study's application and in the site's alike."""

import secrets
from collections.abc import Callable

from flask import Flask, g, request, session
from flask_wtf.csrf import generate_csrf
from sqlmodel import Session

from studyapp.errors import NotFoundError
from studyapp.services.people import account_sessions, sign_in_links, signing_in
from studyapp.services.people.second_factors import SecondFactor
from studyapp.web.entrance.devices import device
from studyapp.web.entrance.limits import password_turn, stop_if_used_up
from studyapp.web.entrance.people import organiser, the_organiser
from studyapp.web.entrance.site_cookie import forget_secret, given_secret, keep_secret, site_root
from studyapp.web.security_log import note
from studyapp.web.state import now, the_site


def init_organisers(app: Flask) -> None:
    """Begin to watch the limits of organisers' sessions; after the permissions, which ask who it is."""
    app.before_request(_note_use)
    app.jinja_env.globals["site_root"] = site_root


def check_owner_link(token: str) -> None:
    """Make sure that this is the link that the server printed.

    Raises
    ------
    NotFoundError
        When it is not, or not any more.
    """
    _printed(token)


def sign_in_by_link(token: str) -> None:
    """Sign in the owner who holds the link that the server printed.

    Raises
    ------
    NotFoundError
        When it is not that link, or not any more.
    """
    link = _printed(token)
    _begin(link=link)
    note("logged in", printed_link=link, role="owner", by="link")


def sign_in_by_password(name: str, password: str, code: str) -> bool:
    """Sign somebody in by their account; return whether password and code were right."""
    with password_turn():
        account = signing_in.sign_in(the_site().database, name, password, code, now=now())
    stop_if_used_up()
    if account is None:
        note("wrong password or code")
        return False
    _begin(account=account)
    note("logged in", account=account, by="password")
    return True


def set_up(token: str, password: str, second_factor: SecondFactor | None) -> None:
    """Set up the account of an invitation, and sign in whoever did.

    Raises
    ------
    NotFoundError
        When the link does not work, or no longer.
    StudyError
        For a password that does not do.
    """
    site = the_site()
    with password_turn():
        account = signing_in.set_up(
            site.database, token, password, title=site.title, second_factor=second_factor, now=now()
        )
    note("account set up", account=account)
    _begin(account=account)


def register(name: str, email: str, password: str, then: Callable[[Session, int], None]) -> None:
    """Make an account with what it is made for (`then`), and sign in whoever did.

    Raises
    ------
    StudyError
        For a name or a password that does not do.
    """
    site = the_site()
    with password_turn():
        account = signing_in.make_account(
            site.database, name, password, email=email, title=site.title, then=then, now=now()
        )
    note("account made", account=account, by="registration")
    _begin(account=account)


def change_password(old: str, new: str, code: str) -> bool:
    """Give the account that asks a new password and end its other sessions; return whether it was done.

    Raises
    ------
    StudyError
        When the new password does not do.
    """
    site, mine = the_site(), the_organiser()
    number = mine.account or 0
    with password_turn():
        done = signing_in.change_password(site.database, number, old, new, code, title=site.title, now=now())
    if not done:
        note("wrong password or code", account=number)
        return False
    with site.database.writing() as writing:
        account_sessions.end_others(writing, mine)
    note("password changed", account=number)
    return True


def sign_out() -> None:
    """End the organiser's session, on the server too, and so in every study."""
    secret, mine = given_secret(), organiser()
    if secret is None:
        return
    with the_site().database.writing() as writing:
        account_sessions.end(writing, secret)
    forget_secret()
    if mine is not None:
        note("logged out", account=mine.account)
    g.organiser = None


def _printed(token: str) -> int:
    try:
        with the_site().database.reading() as reading:
            return sign_in_links.the_owner_link(reading, token).id or 0
    except NotFoundError:
        note("unknown link")
        raise


def _begin(*, account: int | None = None, link: int | None = None) -> None:
    """Record a new session, end the one that the browser had, and give it its new cookie."""
    secret = secrets.token_urlsafe(16)
    with the_site().database.writing() as writing:
        if before := given_secret():
            account_sessions.end(writing, before)
        account_sessions.begin(
            writing,
            secret,
            account=account,
            link=link,
            address=request.remote_addr or "",
            device=device(request.user_agent.string),
            now=now(),
        )
    keep_secret(secret)
    # The tokens of forms that somebody else's pages hold end with it; a judge's session in it goes on.
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
    generate_csrf()


def _note_use() -> None:
    """Note that the session is in use, where this request asked whose it is."""
    mine = g.get("organiser")
    if mine is not None and mine.times.is_to_note(now()):
        with the_site().database.writing() as writing:
            account_sessions.note_use(writing, mine, now=now())
