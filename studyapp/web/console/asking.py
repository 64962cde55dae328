"""Asking for jobs on the console, and who asks, as its records name them."""

from typing import Any

from studyapp.services.jobs import queue
from studyapp.services.jobs.queue import JobView
from studyapp.web.entrance.people import the_organiser
from studyapp.web.state import app_state, now

_LOOKED_AT = 200
"""How many of the latest jobs are looked through for the last one of a kind."""


def asked_by() -> str:
    """Return the name of the organiser's account; "organiser" of one who came by the server's link."""
    return account_name() or "organiser"


def account_name() -> str:
    """Return the name of the account that asks; "" of one who came by the server's link."""
    mine = the_organiser()
    return mine.name if mine.account else ""


def ask_for_job(kind: str, arguments: dict[str, Any] | None = None) -> JobView:
    """Ask for a job of this study; when the same one is waiting already, return that."""
    state = app_state()
    with state.site.database.writing() as session:
        return queue.ask(session, state.study, kind, arguments or {}, by=account_name(), now=now())


def last_job(kind: str) -> JobView | None:
    """Return the job of a kind that this study asked for last."""
    state = app_state()
    with state.site.database.reading() as session:
        jobs = queue.jobs_of(session, state.study, _LOOKED_AT)
    return next((job for job in jobs if job.kind == kind), None)
