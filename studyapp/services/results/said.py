"""What judges said, as tables that are read from the database once for as long as nothing changes.

Whoever gets one does not change it: others have the same.
"""

import pandas as pd
from sqlmodel import Session

from studyapp.services.ground.workspace import Workspace
from studyapp.services.results.answers import answers_table
from studyapp.services.results.kept import kept
from studyapp.services.results.reasons import reasons_table


def kept_answers(session: Session, workspace: Workspace) -> pd.DataFrame:
    """Return the table of answers of a closed or unsealed study.

    Raises
    ------
    StudyStateError
        While results are sealed.
    """
    return kept(session, workspace, _answers)


def kept_reasons(session: Session, workspace: Workspace) -> pd.DataFrame:
    """Return the table of reasons of a closed or unsealed study.

    Raises
    ------
    StudyStateError
        While results are sealed.
    """
    return kept(session, workspace, _reasons)


def _answers(session: Session, _workspace: Workspace) -> pd.DataFrame:
    return answers_table(session)


def _reasons(session: Session, _workspace: Workspace) -> pd.DataFrame:
    return reasons_table(session)
