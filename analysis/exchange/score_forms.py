"""The scores.json of a Codabench scoring program: one team's numbers by name."""

import json

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.exchange.form import Form, plain_number
from analysis.exchange.sources import json_value
from analysis.tables import labels, numbers
from analysis.texts import say


def read_codabench(data: bytes) -> pd.DataFrame:
    """A row without the team, which the file does not name."""
    found = json_value(data, "scores.json")
    if not isinstance(found, dict) or not found:
        raise AnalysisError("scores.json: give one object with a number for each name")
    for name, value in found.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise AnalysisError(f"scores.json: {name} is {value!r}; give a number")
    return pd.DataFrame([found])


def write_codabench(table: pd.DataFrame) -> str:
    """The numbers of the one row; columns of text and empty ones are left out."""
    if len(table) != 1:
        raise AnalysisError(f"scores.json holds one team but the table has {len(table)}; name it with --team")
    found = {}
    for name in table.columns:
        try:
            value = float(numbers(table[name].astype("category"), what=str(name))[0])
        except AnalysisError:
            continue
        if not np.isnan(value) and name != "team":
            found[str(name)] = plain_number(value)
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def of_team(table: pd.DataFrame, team: str | None) -> pd.DataFrame:
    """The rows of one team of a table of scores.

    Raises
    ------
    AnalysisError
        For a team that is not there.
    """
    if team is None:
        return table
    names = labels(table["team"], what="scores, column team").astype(str)
    if team not in set(names):
        raise AnalysisError(f"scores: no team {team!r}; choose from {', '.join(sorted(set(names)))}")
    return table[(names == team).to_numpy()].reset_index(drop=True)


FORMS = {
    "codabench": Form(
        "scores",
        say("scores.json of a Codabench scoring program"),
        frozenset(),
        read_codabench,
        write_codabench,
        suffix=".json",
    )
}
