"""A study begun under a version without a study ledger: enter late what can still be known."""

from datetime import datetime

from sqlmodel import Session, col, select

from studyapp.core.ledger import commitment, judge_label, study_digest
from studyapp.core.records import read_conflicts
from studyapp.db.tables import Judge, StudyEvent, Team
from studyapp.services.ground.ledger import append_event, chain_heads
from studyapp.services.ground.scoring_rules import rules_with_scoring
from studyapp.services.ground.sealing import committed_list
from studyapp.services.ground.studies import current_file, file_text, the_study
from studyapp.services.ground.workspace import Workspace


def adopt_study(session: Session, workspace: Workspace, *, now: datetime) -> bool:
    """Begin the ledger of a study whose judges were invited before there was one; return whether it was so.

    The events say that they are late: what happened before them is vouched for by nobody.
    """
    study = the_study(session, lock=True)
    if not study.file:
        study.file = file_text(workspace.file)
        session.add(study)
    judges = session.exec(select(Judge).order_by(col(Judge.position))).all()
    if not judges or session.exec(select(StudyEvent.id).limit(1)).first() is not None:
        return False
    sealed = commitment(workspace.key, committed_list(session))
    append_event(session, "committed", now=now, commitment=sealed, late=True)
    teams = list(session.exec(select(Team.key).where(~col(Team.control)).order_by(col(Team.position))))
    for judge in judges:
        append_event(
            session,
            "invited",
            now=now,
            judge=judge_label(judge.position),
            number=judge.position,
            conflicts=sorted(
                teams.index(team) + 1 for team in read_conflicts(judge.conflicts, judge.position)
            ),
            test=False,
            late=True,
        )
    if study.state != "draft":
        append_event(session, "opened", now=now, rules=rules_with_scoring(current_file(session)), late=True)
    if study.state == "closed":
        heads = chain_heads(session)
        append_event(session, "closed", now=now, heads=heads, digest=study_digest(heads), late=True)
    return True
