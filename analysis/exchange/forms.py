"""Every form by its name, and how a table is written in one."""

import pandas as pd

from analysis.amounts import how_many
from analysis.errors import AnalysisError
from analysis.exchange import pair_forms, rating_forms, score_forms, vote_forms
from analysis.exchange.form import Form, Kind, held, left_out
from analysis.exchange.score_forms import of_team

FORMS: dict[str, Form] = vote_forms.FORMS | pair_forms.FORMS | rating_forms.FORMS | score_forms.FORMS
"""Every form by its name."""


def written_as(
    name: str, table: pd.DataFrame, kind: Kind, *, team: str | None = None, leave_out: bool = False
) -> tuple[str, list[str]]:
    """Return a validated table of ours in a form, and notes on what the form cannot hold.

    Parameters
    ----------
    name
        Of the form.
    table, kind
        One of our tables, and which.
    team
        Whose scores, for forms of one team's scores.
    leave_out
        Whether to go on without the answers that it cannot hold.

    Raises
    ------
    AnalysisError
        For a form of another table, and for answers that it cannot hold unless they may be left out.
    """
    form = FORMS[name]
    if form.table != kind:
        there = ", ".join(other for other, one in FORMS.items() if one.table == kind)
        raise AnalysisError(
            f"{name} is a format for {form.table}, but these are {kind}; formats for {kind}: {there}"
        )
    if form.table == "scores":
        return form.write(of_team(table, team)), []
    kept, lost = held(form, table, leave_out=leave_out)
    notes = [f"left out {lost} of {how_many(len(table), 'answers')} that {name} cannot hold"] if lost else []
    if gone := left_out(form, kept):
        notes.append(f"left out because {name} cannot hold them: {', '.join(gone)}")
    return form.write(kept), notes
