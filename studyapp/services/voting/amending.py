"""Amendments: numbered changes of a frozen study file, each with its reason, in the ledger."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from studyapp.core.lifecycle import check_step
from studyapp.errors import StudyStateError
from studyapp.services.ground.ledger import append_event, bodies, standing
from studyapp.services.ground.studies import current_file, file_text, the_study
from studyapp.services.ground.workspace import Workspace
from studyapp.services.voting.lifecycle import check_reason
from studyapp.study.amendments import amended_keys
from studyapp.study.study_file import rules_of


@dataclass(frozen=True)
class Amendment:
    """A change of the study file: its number, what changed, and why."""

    number: int
    keys: tuple[str, ...]
    reason: str
    at: str


def amend_study(session: Session, workspace: Workspace, reason: str, *, now: datetime) -> Amendment:
    """Take study.yaml as it now lies there for the study's rules.

    Raises
    ------
    StudyStateError
        When nothing changed, something changed that never may, or results can be seen already: rules are not
        changed by those who know whom it helps.
    """
    study = the_study(session, lock=True)
    check_step("amend", study.state)
    if standing(session).unsealed:
        raise StudyStateError("this study is unsealed; its rules can no longer change")
    keys = amended_keys(current_file(session), workspace.file)
    if not keys:
        raise StudyStateError("study.yaml has not changed; there is nothing to amend")
    number = len(amendments(session)) + 1
    study.title = workspace.file.title
    study.file = file_text(workspace.file)
    study.study_file_sha256 = workspace.study_file_sha256()
    session.add(study)
    append_event(
        session,
        "amended",
        now=now,
        number=number,
        keys=keys,
        reason=check_reason(reason),
        rules=rules_of(workspace.file),
    )
    return amendments(session)[-1]


def amendments(session: Session) -> list[Amendment]:
    """Return every amendment in order."""
    return [
        Amendment(body["number"], tuple(body["keys"]), body["reason"], body["at"])
        for body in bodies(session, "amended")
    ]
