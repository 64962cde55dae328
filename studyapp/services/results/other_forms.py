"""The answers of a closed study, or one team's scores, in the form of another tool."""

from sqlmodel import Session

from analysis.did_you_mean import hint
from analysis.exchange.form import Kind
from analysis.exchange.forms import FORMS, written_as
from analysis.pairs import validate_pairs
from analysis.ratings import validate_ratings
from analysis.votes import validate_votes
from studyapp.errors import StudyError
from studyapp.services.ground.studies import the_protocol
from studyapp.services.ground.workspace import Workspace
from studyapp.services.results.answers import answers_table
from studyapp.services.results.ledger_notes import study_notes
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.ranking_text import marked

_ANY_SCALE = (float("-inf"), float("inf"))


def study_in_form(
    session: Session, workspace: Workspace, form: str, *, team: str | None, leave_out: bool
) -> tuple[str, list[str]]:
    """Return the text, and notes: what bears on the results, and what the form cannot hold.

    Parameters
    ----------
    form
        A name of `analysis.exchange.forms.FORMS`.
    team
        For a form of one team's scores: whose.
    leave_out
        Whether to go on without answers that the form cannot hold.

    Raises
    ------
    StudyStateError
        While identities are sealed.
    AnalysisError
        For a form of other answers than the study's, and for answers that it cannot hold.
    StudyError
        For a form that there is not.
    """
    if form not in FORMS:
        raise StudyError(f"--as {form!r} is not a form: {hint(form, FORMS)}")
    if FORMS[form].table == "scores":
        ranking = marked(rank_study(session, workspace))
        scores = ranking.drop(columns="simulated", errors="ignore")
        text, notes = written_as(form, scores, "scores", team=team)
        return text, [*study_notes(session), *notes]
    kind: Kind = the_protocol(session).table
    table = answers_table(session)
    match kind:
        case "votes":
            table = validate_votes(table).table
        case "pairs":
            table = validate_pairs(table).table
        case _:
            table = validate_ratings(table, scale=_ANY_SCALE).table
    text, notes = written_as(form, table, kind, leave_out=leave_out)
    return text, [*study_notes(session), *notes]
