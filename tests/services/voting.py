"""Ballots by the dozen: what tests of results, ledgers and backups stand on."""

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlmodel import Session, select

from studyapp.core.viewing import ViewingRules
from studyapp.db.tables import Judge, Study, Trial
from studyapp.errors import StudyError
from studyapp.services.ground import studies
from studyapp.services.voting.ballots import Ballot, Cast, save_ballots
from studyapp.study.study_file import StudyFile
from tests.conftest import NOW


def save_ballot(session: Session, given: Cast) -> Ballot:
    """Save one ballot, or raise why it is refused."""
    (outcome,) = save_ballots(session, [given])
    if isinstance(outcome, StudyError):
        raise outcome
    return outcome


def picked(judge: int, trial: str, key: str, base: int, picks: Sequence[int], **more: Any) -> Cast:
    """Make a ballot that picks these slots; `more` are its reasons, its evidence of looking, its time."""
    return Cast(**{"at": NOW} | more, judge_id=judge, public_id=trial, key=key, base_revision=base,
                answer={"picks": list(picks)})  # fmt: skip


def cast(workspace, name: str, position: int, *picks: int, base: int = 0, kind: str = "main") -> str:
    """Cast one ballot of a judge and return its receipt."""
    with workspace.database.writing() as session:
        query = (
            select(Trial.public_id, Judge.id)
            .join(Judge, Judge.id == Trial.judge_id)
            .where(Judge.name == name, Trial.kind == kind, Trial.position == position)
        )
        trial, judge = session.exec(query).one()
        key = str(uuid5(NAMESPACE_OID, f"{name}-{kind}-{position}-{base}"))
        return save_ballot(session, picked(judge, trial, key, base, picks)).receipt


def cast_all(workspace, *names: str) -> None:
    """Let these judges answer every image, with an undo and a change of mind among the ballots."""
    for number, name in enumerate(names):
        for position in (1, 2, 3):
            slots = [(number + position + offset) % 4 + 1 for offset in range(3)]
            cast(workspace, name, position, *slots)
        cast(workspace, name, 2, base=1)
        cast(workspace, name, 2, 1, 4, 3, base=2)


def demand(session: Session, **rules: Any) -> None:
    """Let the study say this of how judges look."""
    study = session.exec(select(Study)).one()
    file = StudyFile.model_validate_json(study.file)
    study.file = file.model_copy(update={"viewing": ViewingRules(**rules)}).model_dump_json()


def close(workspace) -> None:
    """Close the study."""
    with workspace.database.writing() as session:
        studies.close_study(session, now=NOW)
