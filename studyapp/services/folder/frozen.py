"""Whether teams and images of a study may still change."""

from sqlmodel import Session, select

from analysis.texts import say
from studyapp.core.ledger import TEST_FROM
from studyapp.db.tables import Judge
from studyapp.errors import StudyStateError


def is_frozen(session: Session) -> bool:
    """Tell whether judges whose ballots count are invited: teams and images stay as they are from then on."""
    return session.exec(select(Judge.id).where(Judge.position < TEST_FROM).limit(1)).first() is not None


def refuse_frozen(session: Session) -> None:
    """Make sure that the images and teams of a study may still change.

    Raises
    ------
    StudyStateError
        When judges whose ballots count are invited.
    """
    if is_frozen(session):
        raise StudyStateError(
            say(
                "judges are invited, so teams and images can no longer change; a team that must go can be "
                "disqualified, and names are changed by an amendment (`studyapp amend`)"
            )
        )
