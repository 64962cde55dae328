"""Counting what is refused of a judge's page, beside the security log: organisers see it."""

from flask import current_app, request
from sqlalchemy.exc import DBAPIError

from studyapp.services.voting.refusals import note_refused
from studyapp.web.entrance.people import judge
from studyapp.web.security_log import Sparingly
from studyapp.web.state import app_state, now

KINDS = {"trials.save": "ballot", "looking.save": "looking", "conditions.save": "conditions"}
# Not 400: a token that has expired is fetched anew, and the message comes again.
REFUSED = (413, 422, 429)
MOST_A_MINUTE = 60
_SPARINGLY = "studyapp_refused"


def count_refused(status: int, message: str) -> None:
    """Count an answer that refuses a ballot or its evidence; a database that is away keeps nothing from it.

    Of many in a minute only so many are counted, so that nobody keeps the database busy with them.
    """
    kind = KINDS.get(request.endpoint or "")
    if kind is None or status not in REFUSED or (mine := judge()) is None:
        return
    sparingly = current_app.extensions.setdefault(_SPARINGLY, Sparingly(MOST_A_MINUTE))
    if sparingly.admit(now()) is None:
        return
    try:
        with app_state().workspace.database.writing() as session:
            note_refused(session, mine.judge, kind, message, now=now())
    except (DBAPIError, OSError) as error:
        current_app.logger.warning("a refusal could not be counted: %s", type(error).__name__)
