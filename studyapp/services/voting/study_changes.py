"""Changes of study.yaml from the console: free before anybody counts, afterwards an amendment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session

from analysis.texts import say
from studyapp.errors import StudyStateError
from studyapp.services.ground.ledger import standing
from studyapp.services.ground.studies import current_file, enter_file, has_judges, is_registered, the_study
from studyapp.services.ground.workspace import Workspace, load_workspace
from studyapp.services.people.rehearsing import only_rehearsed
from studyapp.services.voting.amending import Amendment, amend_study
from studyapp.study.editing import Place, editing
from studyapp.study.study_file import StudyFile

How = Literal["free", "rehearsed", "amended", "sealed"]


@dataclass(frozen=True)
class Saved:
    """What became of a change.

    Attributes
    ----------
    amendment
        Its number, of a study with judges.
    prepare
        Whether the images have to be prepared again before it takes effect.
    """

    amendment: Amendment | None = None
    prepare: bool = False


def how_changed(session: Session) -> How:
    """Say how study.yaml may change now.

    free: nobody is invited; rehearsed: only test judges are; amended: with a number and a reason, as judges
    are invited; sealed: not any more, as results can be seen.
    """
    if not is_registered(session) or not has_judges(session):
        return "free"
    if the_study(session).state == "closed" or standing(session).unsealed:
        return "sealed"
    return "rehearsed" if only_rehearsed(session) else "amended"


def unrecorded(session: Session, file: StudyFile) -> list[str]:
    """Name the keys of study.yaml that were changed by hand since the study was entered or amended."""
    if not is_registered(session):
        return []
    was, now = current_file(session).model_dump(), file.model_dump()
    return [name for name in StudyFile.model_fields if was.get(name) != now.get(name)]


def save_changes(
    workspace: Workspace, changes: Mapping[Place, Any], *, shown: str, reason: str, now: datetime
) -> Saved:
    """Write changes into study.yaml and let the study go by them; both or neither.

    Parameters
    ----------
    changes
        As `studyapp.study.editing.editing` takes them.
    shown
        The hash of the study.yaml that they were made on.
    reason
        For the ledger, where judges are invited.

    Raises
    ------
    StaleFileError
        If somebody else changed the file meanwhile.
    ProblemsFoundError
        If the changed file would not be a study's.
    StudyStateError
        If something changed that is sealed.
    """
    root = workspace.folders.root
    with editing(root, changes, shown=shown), workspace.database.writing() as session:
        changed = load_workspace(root)
        how = how_changed(session)
        if how == "sealed":
            raise StudyStateError(say("results can be seen already, so the rules can no longer change"))
        if how == "free":
            entered = not is_registered(session) or enter_file(session, changed)
            return Saved(prepare=not entered)
        the_study(session, lock=True)
        if how == "rehearsed":
            reason = reason.strip() or say("changed during a rehearsal")
        return Saved(amend_study(session, changed, reason, now=now))
