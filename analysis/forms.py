"""Votes as forms and spreadsheets give them: a row for each ballot, or the picks alone.

A form asks a judge for the first, second and third on each image. It shows which candidates were picked but
not which were shown; points, agreement and models also need those that were shown and not picked.
"""

import re
import warnings

import numpy as np
import pandas as pd

from analysis.answers import counted
from analysis.errors import AnalysisError, InputWarning

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_PLACE = re.compile(rf"({'|'.join(ORDINALS)}|[1-9](?:st|nd|rd|th)|(?:top|rank|place|pick)[ _-]?[1-9])")


def one_row_a_candidate(votes: pd.DataFrame) -> pd.DataFrame:
    """Return votes with a row for each pick, from a table with a row for each ballot.

    Parameters
    ----------
    votes
        judge, image and the places as columns: first, second, third, ...; or 1st, 2nd, ...; or top 1, top 2,
        ... Any other table is returned unchanged.

    Raises
    ------
    AnalysisError
        If a place is missing between others.

    Examples
    --------
    >>> form = pd.DataFrame({"judge": ["June"], "image": ["001"], "first": ["Bea"], "second": ["Ada"]})
    >>> print(one_row_a_candidate(form).to_string(index=False))
    judge image team  rank
     June   001  Bea     1
     June   001  Ada     2
    """
    places = {place: str(column) for column in votes.columns if (place := place_of(str(column)))}
    if not places or {"team", "rank"} & {str(column).strip().casefold() for column in votes.columns}:
        return votes
    wanted = range(1, len(places) + 1)
    if sorted(places) != [*wanted]:
        missing = next(place for place in wanted if place not in places)
        raise AnalysisError(
            f"votes: the table has {', '.join(places.values())} but no {ORDINALS[missing - 1]}; add it"
        )
    kept = votes.drop(columns=list(places.values()))
    rows = [kept.assign(team=votes[places[place]].astype(object), rank=place) for place in wanted]
    joined = pd.concat(rows, ignore_index=True).dropna(subset=["team"])
    joined.attrs = votes.attrs
    return joined


def place_of(column: str) -> int | None:
    name = column.strip().casefold()
    if not _PLACE.fullmatch(name):
        return None
    return ORDINALS.index(name) + 1 if name in ORDINALS else int(re.sub(r"\D", "", name))


def with_unpicked(votes: pd.DataFrame, ballot: np.ndarray) -> pd.DataFrame:
    """Return votes with a row for each candidate shown; votes with more than picks are returned unchanged.

    Every team of the table is assumed to have been shown on every ballot, and a warning says so: the picks do
    not reveal a team that a judge was not shown (a conflict of interest) or that nobody ever picked.

    Parameters
    ----------
    votes
        judge, image, team, rank (0 if a candidate was not picked), and maybe slot, which is dropped.
    ballot
        The ballot of each row, shape (R,), from 0.
    """
    if not _are_picks_alone(votes, ballot):
        return votes
    teams = votes["team"].cat.categories
    first = np.unique(ballot, return_index=True)[1]
    known = votes.drop(columns="slot", errors="ignore")
    full = known.iloc[np.repeat(first, len(teams))].reset_index(drop=True)
    every = np.tile(np.arange(len(teams)), len(first))
    full["team"] = pd.Categorical.from_codes(every, dtype=pd.CategoricalDtype(teams))
    rank = np.zeros((len(first), len(teams)), dtype=np.int16)
    rank[ballot, votes["team"].cat.codes] = votes["rank"]
    full["rank"] = rank.ravel()
    warnings.warn(
        "votes: the table has only picks and no rows for candidates that were shown but not picked, so "
        f"all {len(teams)} teams are assumed to have been shown on every ballot. Conflicts of interest and "
        "teams that nobody picked cannot be seen in such a table",
        InputWarning,
        stacklevel=2,
    )
    return full


def _are_picks_alone(votes: pd.DataFrame, ballot: np.ndarray) -> bool:
    """Slots beyond the number of rows tell it; without slots, ballots that lack teams of the table.

    A ballot that places all the teams there are is a whole ranking, and so are the others beside it.
    """
    if (votes["rank"] == 0).any():
        return False
    rows = np.bincount(ballot)
    teams = counted(votes)["team"].nunique()
    if rows.max() >= teams:
        return False
    if "slot" not in votes:
        return bool((rows < teams).any())
    highest = np.zeros(len(rows), dtype=np.int64)
    np.maximum.at(highest, ballot, votes["slot"].to_numpy())
    return bool((highest > rows).any())
