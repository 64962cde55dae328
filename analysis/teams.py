"""Tables with one row for each team."""

import warnings
from collections.abc import Iterable

import pandas as pd

from analysis.did_you_mean import hint
from analysis.errors import AnalysisError, InputWarning
from analysis.names import alike
from analysis.tables import labels


def team_column(table: pd.DataFrame, *, what: str) -> list[str]:
    """Return the teams of a table; refuse a team listed twice and warn of names that look alike."""
    if table.empty:
        raise AnalysisError(f"{what}: no rows; the table needs one row per team")
    names = labels(table["team"], what=f"{what}, column team")
    teams = [str(name) for name in names]
    twice = names[names.duplicated()]
    if len(twice):
        raise AnalysisError(f"{what}: team {twice.iloc[0]!r} has two rows; keep one")
    for first, second in alike(teams):
        message = (
            f"{what}: teams {first!r} and {second!r} look alike; if they are the same, correct the table"
        )
        warnings.warn(message, InputWarning, stacklevel=3)
    return teams


def refuse_strangers(teams: Iterable[str], known: Iterable[str], *, what: str, among: str = "votes") -> None:
    """Refuse an unknown team, suggesting the nearest known one."""
    known = list(known)
    for team in teams:
        if team not in known:
            raise AnalysisError(f"{what}: team {team!r} is not in the {among}; {hint(team, known)}")
