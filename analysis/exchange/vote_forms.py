"""Forms of rankings: a row for each ballot, a form service's wide table, picks alone, a matrix of ranks."""

import re

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.exchange.form import Form, csv_text
from analysis.exchange.sources import csv_table
from analysis.forms import ORDINALS, place_of
from analysis.tables import numbers
from analysis.texts import say

_BALLOT = ("trial", "kind", "position", "revision", "at", "seconds", "simulated")
_JUDGE = re.compile(r"judge|name|your name|expert|e-?mail( address)?|participant", re.IGNORECASE)
_TIME = re.compile(r"at|timestamp|completion time|submitted( at)?", re.IGNORECASE)
_QUESTION = re.compile(
    r"(?P<image>.+?)\s*(?:\[\s*(?P<inside>[^\]]+?)\s*\]|\(\s*(?P<round>[^)]+?)\s*\)|[\s:_-](?P<bare>\S+))"
)


def write_form(table: pd.DataFrame) -> str:
    """A row for each ballot: judge, image, first, second, third, ... and what is known of the trial."""
    ballots, picks = _picks(table)
    places = picks.shape[1]
    found = pd.concat(
        [ballots[["judge", "image"]], pd.DataFrame(picks, columns=list(ORDINALS[:places]))], axis=1
    )
    return csv_text(pd.concat([found, ballots.drop(columns=["judge", "image"])], axis=1))


def read_wide(data: bytes) -> pd.DataFrame:
    """A row for each judge, a column for each question: "001 [first]", or "001" with "Ada;Bea;Cid"."""
    table = csv_table(data)
    judge, when, questions = None, None, []
    for column in map(str, table.columns):
        if judge is None and _JUDGE.fullmatch(column):
            judge = column
        elif when is None and _TIME.fullmatch(column):
            when = column
        else:
            questions.append(column)
    if judge is None:
        there = ", ".join(map(str, table.columns))
        raise AnalysisError(f"wide: no column names the judges; name one judge (the table has {there})")
    parts = []
    for column in questions:
        image, place = _question(column)
        cells = table[[judge, *([when] if when else [])]].rename(columns={judge: "judge", when or "": "at"})
        cells = cells.astype(object).assign(image=image, team=table[column].astype(object), rank=place)
        cells = cells[cells["team"].notna()]
        parts.append(cells if place else _in_order(cells))
    if not parts:
        raise AnalysisError("wide: no questions; give a column for each, such as '001 [first]'")
    return pd.concat(parts, ignore_index=True)


def write_wide(table: pd.DataFrame) -> str:
    """A row for each judge; columns "IMAGE [first]", "IMAGE [second]", ..."""
    ballots, picks = _picks(table)
    judges = ballots["judge"].drop_duplicates().tolist()
    images = sorted(ballots["image"].unique())
    row = {name: n for n, name in enumerate(judges)}
    column = {name: n for n, name in enumerate(images)}
    cells = np.full((len(judges), len(images), picks.shape[1]), "", dtype=object)
    for judge, image, one in zip(ballots["judge"], ballots["image"], picks, strict=True):
        cells[row[judge], column[image]] = one
    titles = [f"{image} [{ORDINALS[place]}]" for image in images for place in range(picks.shape[1])]
    wide = pd.DataFrame(cells.reshape(len(judges), -1), columns=titles)
    wide.insert(0, "judge", judges)
    return csv_text(wide)


def write_picks(table: pd.DataFrame) -> str:
    """A row for each pick: judge, image, team, rank, and what is known of the trial."""
    picked = table[table["rank"].notna()].copy()
    picked["rank"] = picked["rank"].astype(int)
    return csv_text(picked.drop(columns="slot", errors="ignore"))


def read_matrix(data: bytes) -> pd.DataFrame:
    """judge, image, and a column for each team: its rank, 0 where unranked, empty where not shown."""
    table = csv_table(data)
    plain = {str(name).strip().casefold(): str(name) for name in table.columns}
    missing = [name for name in ("judge", "image") if name not in plain]
    if missing:
        raise AnalysisError(f"ranking matrix: no column {missing[0]}; add it")
    known = {plain[name]: name for name in ("judge", "image", *_BALLOT) if name in plain}
    teams = [str(name) for name in table.columns if str(name) not in known]
    if len(teams) < 2:
        raise AnalysisError("ranking matrix: add a column for each of at least two teams")
    parts = []
    for team in teams:
        rank = numbers(table[team], what=f"ranking matrix, column {team}")
        shown = ~np.isnan(rank)
        if (rank < 0).any():
            row = int(np.argmax(rank < 0))
            raise AnalysisError(
                f"ranking matrix, row {row + 1}: {team} has the rank {rank[row]:g}; use 1, 2, ..., or 0 if "
                "it was not ranked"
            )
        part = table[list(known)].rename(columns=known).astype(object)[shown]
        parts.append(part.assign(team=team, rank=np.where(rank[shown] > 0, rank[shown], np.nan)))
    return pd.concat(parts, ignore_index=True)


def write_matrix(table: pd.DataFrame) -> str:
    """As `read_matrix` reads it."""
    ballots, _ = _picks(table)
    teams = [str(team) for team in table["team"].cat.categories]
    cells = np.full((len(ballots), len(teams)), "", dtype=object)
    cells[_ballot(table), table["team"].cat.codes] = table["rank"].fillna(0).astype(int)
    return csv_text(
        pd.concat(
            [
                ballots[["judge", "image"]],
                pd.DataFrame(cells, columns=teams),
                ballots.drop(columns=["judge", "image"]),
            ],
            axis=1,
        )
    )


def _with_equal_places(table: pd.DataFrame) -> tuple[np.ndarray, str]:
    """Rows of ballots in which two teams share a place."""
    keys = pd.DataFrame({"ballot": _ballot(table), "rank": table["rank"].to_numpy()})
    placed = keys[keys["rank"].notna()]
    ballots = placed["ballot"][placed.duplicated()]
    why = "the format has one team per place, but two share one; use ranking-matrix or picks"
    return keys["ballot"].isin(ballots).to_numpy(), why


def _question(column: str) -> tuple[str, int]:
    """Image and place of a question; place 0 where all candidates are put in order in one cell."""
    found = _QUESTION.fullmatch(column)
    if found:
        text = found["inside"] or found["round"] or found["bare"]
        place = place_of(re.sub(r"\s*(choice|place)$", "", text, flags=re.IGNORECASE))
        if place:
            return found["image"].strip(), place
    return column, 0


def _in_order(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells such as "Ada;Bea;Cid" as a row for each pick."""
    listed = cells["team"].astype(str).str.strip(" ;").str.split(";")
    rank = [place for names in listed for place in range(1, len(names) + 1)]
    return cells.assign(team=listed).explode("team").assign(rank=rank).reset_index(drop=True)


def _picks(table: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """What is known of each ballot, and the names in its places, empty where it has fewer."""
    ballot = _ballot(table)
    first = np.unique(ballot, return_index=True)[1]
    columns = [name for name in ("judge", "image", *_BALLOT) if name in table]
    rank = table["rank"].fillna(0).to_numpy(dtype=int)
    picks = np.full((len(first), int(rank.max())), "", dtype=object)
    placed = rank > 0
    picks[ballot[placed], rank[placed] - 1] = table["team"].astype(object).to_numpy()[placed]
    return table.iloc[first][columns].astype(object).reset_index(drop=True), picks


def _ballot(table: pd.DataFrame) -> np.ndarray:
    """The ballot of each row, from 0, in the order of the table."""
    keys = [table[name].astype(str) for name in ("judge", "image", "kind", "trial") if name in table]
    codes = pd.MultiIndex.from_arrays(keys).factorize()[0]
    return np.asarray(codes)


_HELD = frozenset({"judge", "image", "team", "rank", *_BALLOT})
FORMS = {
    "form": Form(
        "votes",
        say("a row for each ballot: judge, image, first, second, third"),
        _HELD,
        csv_table,
        write_form,
        _with_equal_places,
    ),
    "wide": Form(
        "votes",
        say("a form service's table: a row for each judge, a column for each question"),
        frozenset({"judge", "image", "team", "rank"}),
        read_wide,
        write_wide,
        _with_equal_places,
    ),
    "picks": Form("votes", say("picks alone: judge, image, team, rank"), _HELD, csv_table, write_picks),
    "ranking-matrix": Form(
        "votes",
        say("a row for each ballot, a column for each team; 0 means unranked"),
        _HELD,
        read_matrix,
        write_matrix,
    ),
}
