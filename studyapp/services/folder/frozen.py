"""Whether teams and images of a study may still change."""

from pathlib import Path

from sqlmodel import Session, select

from analysis.texts import say
from studyapp.core.ledger import TEST_FROM
from studyapp.db.tables import Judge
from studyapp.errors import StudyError, StudyStateError
from studyapp.services.ground.workspace import open_workspace


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


def refuse_frozen_folder(root: Path) -> None:
    """Make sure of the same for a study folder, of which nothing may be open yet.

    Raises
    ------
    StudyStateError
        When judges whose ballots count are invited.
    """
    try:
        database = open_workspace(root).database
    except StudyError:  # not tiled yet, so nobody is invited
        return
    try:
        with database.reading() as session:
            refuse_frozen(session)
    finally:
        database.close()
