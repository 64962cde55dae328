"""The trial that a judge looks at."""

from studyapp.errors import NotDrawnError
from studyapp.services.ground import studies
from studyapp.services.voting import judging
from studyapp.study.study_file import StudyFile
from studyapp.web.entrance.people import judge_id
from studyapp.web.state import app_state, now


def shown_trial(public_id: str) -> tuple[judging.TrialView, StudyFile]:
    """Return one of this judge's trials as it stands, and what the study asks; draw it first if need be."""
    try:
        return _as_it_stands(public_id)
    except NotDrawnError:
        app_state().drawer.draw(judge_id(), public_id, now=now())
        return _as_it_stands(public_id)


def _as_it_stands(public_id: str) -> tuple[judging.TrialView, StudyFile]:
    with app_state().workspace.database.reading() as session:
        return judging.trial_view(session, judge_id(), public_id), studies.current_file(session)
