"""Votes: a row for each candidate shown to a judge, validated once, and arrays for the statistics.

Columns: judge, image, team (text), rank (1, 2, 3, ... for the candidates that the judge placed, empty for the
others; equal ones share the better place and leave the next out, 1, 2, 2, 4). Further columns are optional,
see `OPTIONAL`. Teams that were not shown (a conflict of interest, a missing candidate) have no row.
`analysis.forms` says which other forms are read.
"""

import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis import answers
from analysis.amounts import how_many
from analysis.errors import AnalysisError, InputWarning
from analysis.forms import one_row_a_candidate, with_unpicked
from analysis.names import alike, plain_image
from analysis.tables import Source, known_columns, labels, numbers, read_table
from analysis.texts import say

REQUIRED = ("judge", "image", "team", "rank")
OPTIONAL = {
    "slot": "1, 2, ...: the number of the candidate on the screen; only tests of the position need it",
    **answers.OPTIONAL,
}
NO_SLOTS = "the votes do not say where on the screen the candidates were (no column slot)"


@dataclass(frozen=True)
class BallotArrays:
    """Ballots as numpy arrays; memory is linear in the rows of the votes table.

    B ballots, R rows, N teams. Labels are sorted (before any renaming); ballots by judge, then image; the
    rows of a ballot by team.

    Attributes
    ----------
    judges, images, teams
        Labels, arrays of text; the codes below index them.
    judge, image
        Codes of each ballot, shape (B,).
    start
        Rows of ballot b are start[b]:start[b + 1]; shape (B + 1,).
    team, slot, rank
        Of each row, shape (R,); rank is 0 if the judge did not place the team, slot 0 if unknown.
    """

    judges: np.ndarray
    images: np.ndarray
    teams: np.ndarray
    judge: np.ndarray
    image: np.ndarray
    start: np.ndarray
    team: np.ndarray
    slot: np.ndarray
    rank: np.ndarray

    @property
    def size(self) -> int:
        """Number of ballots, B."""
        return len(self.judge)

    @property
    def has_slots(self) -> bool:
        """Whether the votes say where on the screen each candidate was."""
        return bool(self.slot.all())

    @property
    def places(self) -> int:
        """The most places that any ballot fills (3 for top-3 ballots)."""
        return int(np.bincount(self.ballot[self.rank > 0], minlength=1).max(initial=0))

    @cached_property
    def ballot(self) -> np.ndarray:
        """Ballot of each row, shape (R,)."""
        return np.repeat(np.arange(self.size, dtype=np.int32), np.diff(self.start))

    @cached_property
    def tied(self) -> np.ndarray:
        """How many teams of the ballot share the place of each row, including itself, shape (R,)."""
        top = int(self.rank.max(initial=0)) + 1
        cell = self.ballot.astype(np.int64) * top + self.rank
        together = np.bincount(cell, minlength=self.size * top)[cell]
        return np.where(self.rank > 0, together, 1)

    @cached_property
    def has_ties(self) -> bool:
        """Whether any two teams share a place."""
        return bool(_shares_places(self.rank, self.start).any())

    @cached_property
    def picks(self) -> np.ndarray:
        """Team code in each place, shape (B, places); -1 if a ballot fills fewer places.

        Teams that share a place follow one another in the order of their codes.
        """
        return self._by_place(self.team, -1)

    @cached_property
    def pick_ranks(self) -> np.ndarray:
        """The rank of each of `picks`, shape (B, places): below its place + 1 where it shares one; or -1."""
        return self._by_place(self.rank, -1)

    def _by_place(self, values: np.ndarray, fill: int) -> np.ndarray:
        found = np.full((self.size, self.places), fill, dtype=np.int32)
        placed = np.flatnonzero(self.rank > 0)
        place = self.rank[placed] - 1
        if self.has_ties:
            order = np.lexsort([self.team[placed], self.rank[placed], self.ballot[placed]])
            placed = placed[order]
            begin = np.searchsorted(self.ballot[placed], np.arange(self.size))
            place = np.arange(len(placed)) - begin[self.ballot[placed]]
        found[self.ballot[placed], place] = values[placed]
        return found

    @cached_property
    def shown_matrix(self) -> np.ndarray:
        """Whether a team was shown, bool of shape (B, N); dense, for studies rather than crowds."""
        return self._dense(np.ones(len(self.team), dtype=bool), False)

    @cached_property
    def rank_matrix(self) -> np.ndarray:
        """Rank of each team, int16 of shape (B, N): 0 if shown but not placed, -1 if not shown."""
        return self._dense(self.rank, -1)

    @cached_property
    def slot_matrix(self) -> np.ndarray:
        """Slot of each team, int16 of shape (B, N): 0 if not shown."""
        return self._dense(self.slot, 0)

    def _dense(self, values: np.ndarray, fill: int | bool) -> np.ndarray:
        dense = np.full((self.size, len(self.teams)), fill, dtype=values.dtype)
        dense[self.ballot, self.team] = values
        return dense


@dataclass(frozen=True, eq=False)
class Votes:
    """A validated votes table. Made by `validate_votes` and `read_votes`, and never changed.

    Attributes
    ----------
    table
        judge, image, team as categories, slot as int16 (if known), rank as Int16 (missing if not placed),
        then the other optional columns; sorted by judge, image, kind, trial and team.
    remarks
        What is odd about the table, each for a warning: names that look like one name spelt twice, ballots
        that fill fewer places than others, a table of picks alone, how the file was read.
    """

    table: pd.DataFrame
    remarks: tuple[str, ...] = ()

    @cached_property
    def counted(self) -> pd.DataFrame:
        """The rows that count: those of main trials (all rows if there is no column `kind`)."""
        return answers.counted(self.table)

    @cached_property
    def ballots(self) -> BallotArrays:
        """The ballots that count.

        Raises
        ------
        AnalysisError
            If no ballot counts.
        """
        return _ballot_arrays(self.counted)

    @cached_property
    def ballot_rows(self) -> pd.DataFrame:
        """The first row of each ballot that counts, in the order of `ballots`."""
        return self.counted.iloc[self.ballots.start[:-1]].reset_index(drop=True)

    @property
    def simulated(self) -> bool:
        """Whether any vote is marked as simulated."""
        return "simulated" in self.table and bool(self.table["simulated"].any())

    def without(self, judges: Collection[str]) -> "Votes":
        """Return the votes of the other judges."""
        return replace(self, table=self.table[~self.table["judge"].isin(judges)])

    def renamed(
        self, *, judges: Mapping[str, str] | None = None, teams: Mapping[str, str] | None = None
    ) -> "Votes":
        """Return the same votes under other names, in the same order; a name without another one stays.

        Names are stripped, as those of any table are.
        """
        table = self.table
        for column, names in (("judge", judges), ("team", teams)):
            if names:
                stripped = {name: other.strip() for name, other in names.items()}
                table = table.assign(**{column: table[column].cat.rename_categories(stripped)})
        return replace(self, table=table)


def read_votes(source: Source) -> Votes:
    """Read and validate a votes table (`analysis.tables.read_table` says which encodings and separators).

    Warns
    -----
    InputWarning
        For each of the votes' remarks.
    """
    with remarked() as remarks:
        table = read_table(source)
    return told_votes(table, remarks)


def told_votes(table: pd.DataFrame, remarks: Sequence[str]) -> Votes:
    """Validate a table and warn of the remarks on reading it and of the votes' own."""
    votes = validate_votes(table)
    votes = replace(votes, remarks=(*remarks, *votes.remarks))
    for remark in votes.remarks:
        warnings.warn(remark, InputWarning, stacklevel=3)
    return votes


def validate_votes(votes: pd.DataFrame) -> Votes:
    """Return votes in canonical types and order, or raise naming the first problem.

    Parameters
    ----------
    votes
        One row for each candidate shown, with the columns `REQUIRED` and any of `OPTIONAL`.

    Raises
    ------
    AnalysisError
        For missing or misspelt columns, empty cells, a team or slot twice in a ballot, two ballots of a judge
        on an image, a rank that is skipped or not a whole number, a ballot that places nobody, an image
        written in two ways.
    """
    with remarked() as remarks:
        table = _canonical(votes)
    for column in ("judge", "team"):
        for first, second in alike(table[column].cat.categories):
            remarks.append(
                say(
                    "judges %(first)s and %(second)s look alike; if they are the same, correct the votes",
                    first=repr(first),
                    second=repr(second),
                )
                if column == "judge"
                else say(
                    "teams %(first)s and %(second)s look alike; if they are the same, correct the votes",
                    first=repr(first),
                    second=repr(second),
                )
            )
    return Votes(table, (*remarks, *_short(table)))


@contextmanager
def remarked() -> Iterator[list[str]]:
    """Collect the warnings about the input."""
    remarks: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InputWarning)
        yield remarks
    remarks += [item.message.args[0] for item in caught if isinstance(item.message, InputWarning)]


def _ballot_arrays(votes: pd.DataFrame) -> BallotArrays:
    if votes.empty:
        raise AnalysisError("no ballots count because the votes table has no main trial")
    columns = {name: votes[name].cat.remove_unused_categories() for name in ("judge", "image", "team")}
    judge, image, team = (column.cat.codes.to_numpy().astype(np.int32) for column in columns.values())
    start = _starts(votes)
    return BallotArrays(
        *(column.cat.categories.to_numpy(dtype=object) for column in columns.values()),
        judge=judge[start[:-1]],
        image=image[start[:-1]],
        start=start,
        team=team,
        slot=votes["slot"].to_numpy() if "slot" in votes else np.zeros(len(votes), dtype=np.int16),
        rank=votes["rank"].to_numpy(dtype=np.int16, na_value=0),
    )


def _canonical(votes: pd.DataFrame) -> pd.DataFrame:
    votes = known_columns(one_row_a_candidate(votes), REQUIRED, OPTIONAL, what="votes")
    if votes.empty:
        raise AnalysisError("votes: no rows; the table needs one row per candidate shown")
    clean = pd.DataFrame({name: labels(votes[name], what=f"votes, column {name}") for name in REQUIRED[:3]})
    _refuse_images_alike(clean["image"].cat.categories)
    if "slot" in votes:
        clean["slot"] = _whole(votes["slot"], "slot")
    clean["rank"] = _whole(votes["rank"], "rank")
    for name in (name for name in OPTIONAL if name in votes and name != "slot"):
        clean[name] = answers.optional_column(votes[name], name, "votes")
    _refuse_unshown(clean)
    clean = _sorted(clean)
    _check_ballots(clean)
    clean = _sorted(with_unpicked(clean, _ballots(clean)))
    clean["rank"] = pd.arrays.IntegerArray(clean["rank"].to_numpy(), clean["rank"].to_numpy() == 0)
    return clean


def _sorted(votes: pd.DataFrame) -> pd.DataFrame:
    order = np.lexsort([votes["team"].cat.codes, *_ballot_codes(votes)[::-1]])
    return votes.take(order).reset_index(drop=True)


def _refuse_images_alike(images: pd.Index) -> None:
    first: dict[str, str] = {}
    for image in map(str, images):
        same = first.setdefault(plain_image(image), image)
        if same != image:
            raise AnalysisError(
                f"votes: {same!r} and {image!r} are the same image, written in two ways; use one of them"
            )


def _refuse_unshown(votes: pd.DataFrame) -> None:
    """With slots, every row needs one; a rank without a slot is a rank for a team that was not shown."""
    if "slot" not in votes:
        return
    empty = votes["slot"].to_numpy() == 0
    ranked = empty & (votes["rank"].to_numpy() > 0)
    if ranked.any():
        row = int(np.argmax(ranked))
        who = f"{_ballot_name(votes, row)} ranks team {votes['team'].iat[row]!r}"
        raise AnalysisError(f"{who}, which has no slot; only candidates shown can be ranked")
    if empty.any():
        row = int(np.argmax(empty)) + 1
        raise AnalysisError(f"votes, column slot, row {row}: empty; every candidate shown has a slot")


def _whole(column: pd.Series, name: str) -> np.ndarray:
    """Whole numbers from 1, as int16; 0 for an empty cell."""
    values = numbers(column, what=f"votes, column {name}")
    empty = np.isnan(values)
    wrong = ~empty & ((values < 1) | (values != np.floor(values)) | (values > np.iinfo(np.int16).max))
    if wrong.any():
        raise AnalysisError(f"votes, column {name}: {values[wrong][0]:g} is not a {name}; use 1, 2, 3, ...")
    return np.where(empty, 0, values).astype(np.int16)


def _ballot_codes(votes: pd.DataFrame) -> list[np.ndarray]:
    """The columns that tell one ballot from another, as codes."""
    names = [name for name in ("judge", "image", "kind", "trial") if name in votes]
    return [votes[name].cat.codes.to_numpy() for name in names]


def _starts(votes: pd.DataFrame) -> np.ndarray:
    """First row of each ballot, and the number of rows, of sorted votes."""
    changes = np.zeros(len(votes), dtype=bool)
    changes[:1] = True
    for codes in _ballot_codes(votes):
        changes[1:] |= codes[1:] != codes[:-1]
    return np.append(np.flatnonzero(changes), len(votes))


def _ballots(votes: pd.DataFrame) -> np.ndarray:
    """The ballot of each row of sorted votes, from 0."""
    start = _starts(votes)
    return np.repeat(np.arange(len(start) - 1, dtype=np.int32), np.diff(start))


def _check_ballots(votes: pd.DataFrame) -> None:
    start = _starts(votes)
    ballot = _ballots(votes)
    _refuse_second_ballots(votes, start)
    _refuse_team_twice(votes, ballot)
    if "slot" in votes:
        _refuse_twice(votes, ballot, "slot")
    placed = votes["rank"].to_numpy() > 0
    _refuse_gaps(votes, start, ballot, np.bincount(ballot[placed], minlength=len(start) - 1))


def _refuse_team_twice(votes: pd.DataFrame, ballot: np.ndarray) -> None:
    team = votes["team"].cat.codes.to_numpy()
    same = (team[1:] == team[:-1]) & (ballot[1:] == ballot[:-1])
    if same.any():
        row = int(np.argmax(same))
        keep = "the last revision only" if "revision" in votes else "one row per candidate shown"
        raise AnalysisError(
            f"{_ballot_name(votes, row)} lists team {votes['team'].iat[row]!r} twice; keep {keep}"
        )


def _refuse_gaps(votes: pd.DataFrame, start: np.ndarray, ballot: np.ndarray, placed: np.ndarray) -> None:
    """A rank is one more than the number of better ones: 1, 2, 3 or, with equal ones, 1, 2, 2, 4."""
    if (placed == 0).any():
        name = _ballot_name(votes, start[int(np.argmax(placed == 0))])
        raise AnalysisError(f"{name} places nobody; remove unanswered trials")
    rank = votes["rank"].to_numpy()
    few = placed.max() <= 3  # then the highest and the sum tell 1, 2, 3 from all others
    if (
        few
        and (np.maximum.reduceat(rank, start[:-1]) == placed).all()
        and not _shares_places(rank, start).any()
    ):
        return
    rows = np.flatnonzero(rank > 0)
    order = rows[np.lexsort([rank[rows], ballot[rows]])]
    ordered, of = rank[order], ballot[order]
    place = np.arange(len(order)) - np.cumsum(np.r_[0, placed[:-1]])[of] + 1
    same = np.r_[False, (ordered[1:] == ordered[:-1]) & (of[1:] == of[:-1])]
    wrong = ~same & (ordered != place)
    if wrong.any():
        bad = int(of[np.argmax(wrong)])
        given = ", ".join(str(value) for value in np.sort(rank[start[bad] : start[bad + 1]]) if value)
        raise AnalysisError(
            f"{_ballot_name(votes, start[bad])} has the ranks {given}; give 1, 2, 3, ... without gaps "
            "to teams that were shown (equal ones share the better place and leave the next out: 1, 2, 2, 4)"
        )


def _refuse_second_ballots(votes: pd.DataFrame, start: np.ndarray) -> None:
    """A judge answers an image once in the main trials."""
    first = answers.counted(votes.iloc[start[:-1]])
    judge, image = (first[name].cat.codes.to_numpy() for name in ("judge", "image"))
    again = (judge[1:] == judge[:-1]) & (image[1:] == image[:-1])
    if again.any():
        name = _ballot_name(first, int(np.argmax(again)))
        raise AnalysisError(
            f"{name} appears twice, as two trials; keep one (or give the other the kind 'repeat')"
        )


def _refuse_twice(votes: pd.DataFrame, ballot: np.ndarray, name: str) -> None:
    values = votes[name].to_numpy()
    order = np.lexsort([values, ballot])
    same = (ballot[order][1:] == ballot[order][:-1]) & (values[order][1:] == values[order][:-1])
    if same.any():
        row = order[int(np.argmax(same))]
        raise AnalysisError(
            f"{_ballot_name(votes, row)} has {name} {values[row]} twice; use each {name} once per ballot"
        )


def _ballot_name(votes: pd.DataFrame, row: int) -> str:
    return f"the ballot of {votes['judge'].iat[row]!r} on image {votes['image'].iat[row]!r}"


def _short(votes: pd.DataFrame) -> list[str]:
    placed = votes["rank"].notna().to_numpy()
    counts = np.add.reduceat(placed, _starts(votes)[:-1], dtype=np.int32)
    short = int((counts < counts.max()).sum())
    ballots = how_many(len(counts), "ballots")
    teams = how_many(int(counts.max()), "teams")
    said = [f"{short} of {ballots} place fewer than {teams}"] if short else []
    shared = int(_shares_places(votes["rank"].to_numpy(dtype=np.int16, na_value=0), _starts(votes)).sum())
    return [*said, *([f"{shared} of {ballots} have equal places"] if shared else [])]


def _shares_places(rank: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Whether two teams of a ballot share a place, bool of shape (B,): its ranks add up to less then."""
    placed = np.add.reduceat(rank > 0, start[:-1], dtype=np.int64)
    return np.add.reduceat(rank, start[:-1], dtype=np.int64) != placed * (placed + 1) // 2
