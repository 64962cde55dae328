"""The final ranking: presets that join the parts, competition ranks, and awards.

S2 is the paired score, S3 (or UScore) the user study's, EScore the efficiency score. Formulas: the reports of
NTIRE 2024 RAIM and of NTIRE 2025 RAIM; the 2025 weights are not printed there, they follow from its tables.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError, InputWarning
from analysis.output import telling_decimals
from analysis.points import normalised, why_no_s3n
from analysis.tables import Source, known_columns, numbers, read_table
from analysis.teams import refuse_strangers, team_column

AWARDS = (1, 2, 3)
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
PARTS = ("s2", "s3", "uscore", "escore")
PRINTED = ("final", "rank", "award")
GIVEN = ("s2", "escore", *PRINTED)
"""Columns of a table of scores that stands beside votes; what is printed there is not used."""
SIMULATED = "simulated"
TIE = 9


@dataclass(frozen=True)
class Weights:
    """Weights of one's own: final = s2 * S2 + s3 * 100 * S3n + escore * EScore."""

    s2: float = 0.0
    s3: float = 1.0
    escore: float = 0.0


@dataclass(frozen=True)
class Preset:
    """A rule from parts to final scores: the parts it needs, and the formula as text."""

    needs: tuple[str, ...]
    formula: str


PRESETS: Mapping[str, Preset] = {
    "user-study": Preset(("s3",), "100 * S3n"),
    "raim-2024": Preset(("s2", "s3"), "0.4 * S2 + 0.6 * (100 * S3n)"),
    "raim-2025": Preset(("s2", "s3", "escore"), "0.2 * S2 + 0.8 * (EScore + 100 * U / max U)"),
    "raim-2025-as-written": Preset(
        ("s2", "s3", "escore"), "0.4 * S2 + 0.6 * (100 * S3n) with S3 = EScore + UScore"
    ),
    "weights": Preset((), "the weighted sum of S2, 100 * S3n and EScore"),
}


@dataclass(frozen=True)
class Ranking:
    """A final ranking.

    Attributes
    ----------
    table
        The scores with final, rank and award, the best first; a team without a final comes last and has no
        rank.
    preset, formula
        The rule.
    notes
        What the reader must know: ties across the border of an award, teams without a final, an undefined
        S3n.
    """

    table: pd.DataFrame
    preset: str
    formula: str
    notes: tuple[str, ...] = ()


def competition_ranks(values: np.ndarray) -> np.ndarray:
    """Rank descending as 1, 2, 2, 4: equal values share the better rank; a missing value has no rank (NaN).

    Values that differ by less than 1e-9 are equal, so that the order of additions breaks no tie.

    Examples
    --------
    >>> competition_ranks(np.array([5.0, 9.0, 5.0, np.nan, 1.0])).tolist()
    [2.0, 1.0, 2.0, nan, 4.0]
    """
    values = np.round(np.asarray(values, dtype=float), TIE)
    present = np.sort(values[~np.isnan(values)])
    better = len(present) - np.searchsorted(present, values, side="right")
    return np.where(np.isnan(values), np.nan, better + 1.0)


def read_scores(source: Source) -> pd.DataFrame:
    """Read a CSV of scores; see `validate_scores`."""
    return validate_scores(read_table(source))


def validate_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Return scores as numbers: team and any of s2, s3 (or uscore), escore, final, rank, award, simulated.

    Raises
    ------
    AnalysisError
        For misspelt columns, both s3 and uscore, a team listed twice, a value that is not a number.
    """
    scores = known_columns(scores, ["team"], [*PARTS, *PRINTED, SIMULATED], what="scores")
    if "s3" in scores and "uscore" in scores:
        raise AnalysisError("scores: both s3 and uscore; they are two names of one score, keep one")
    table = pd.DataFrame({"team": team_column(scores, what="scores")})
    for column in scores.columns.drop("team"):
        if column in ("award", SIMULATED):
            table[column] = scores[column].astype(object).to_numpy()
        else:
            table[column] = numbers(scores[column], what=f"scores, column {column}")
    return table


def read_given_scores(source: Source) -> pd.DataFrame:
    """Read a CSV of the scores that stand beside votes: s2, escore; see `validate_scores`.

    Raises
    ------
    AnalysisError
        Also for an s3 or uscore, which come from the votes.
    """
    return _beside_votes(read_scores(source))


def _beside_votes(scores: pd.DataFrame) -> pd.DataFrame:
    if "s3" in scores or "uscore" in scores:
        raise AnalysisError("scores: s3 comes from the votes; leave the column out")
    return scores


def join_scores(points: pd.DataFrame, scores: pd.DataFrame | None) -> pd.DataFrame:
    """Join the S3 of `analysis.points.team_points` with other parts (s2, escore) by team.

    Teams without a row in `scores` get missing parts, with a warning; a team in `scores` without votes is an
    error.
    """
    table = points[["team", "s3"]].copy()
    if scores is None:
        return table
    scores = _beside_votes(validate_scores(scores))
    refuse_strangers(scores["team"], table["team"], what="scores")
    without = sorted(set(table["team"]) - set(scores["team"]))
    if without:
        message = f"scores: no row for {', '.join(without)}; their other parts are missing"
        warnings.warn(message, InputWarning, stacklevel=2)
    return table.merge(
        scores.drop(columns=[name for name in (*PRINTED, SIMULATED) if name in scores]), on="team", how="left"
    )


def final_scores(
    scores: pd.DataFrame, *, preset: str = "user-study", weights: Weights | None = None
) -> np.ndarray:
    """Return the final score of each row; NaN where a part is missing or S3n is undefined.

    Parameters
    ----------
    scores
        As `validate_scores` returns them.
    preset
        A key of `PRESETS`; "weights" takes the rule from `weights`.

    Raises
    ------
    AnalysisError
        For an unknown preset, weights without the preset "weights" or the reverse, a part that the rule needs
        and the table lacks, weights that are negative or all zero.

    Examples
    --------
    The first and the last printed row of NTIRE 2024 RAIM (the ninth team is not printed):

    >>> scores = pd.DataFrame({"team": ["MiAlgo", "HIT-IIL"], "s2": [79.13, 69.80], "s3": [57.0, 1.0]})
    >>> final_scores(scores, preset="raim-2024").round(2).tolist()
    [91.65, 27.92]
    """
    needs = _needs(preset, weights)
    part = {name: _part(scores, name, preset) for name in needs}
    if preset == "raim-2025":
        highest = np.nanmax(part["s3"], initial=0.0)
        share = part["s3"] / highest if highest > 0 else np.full(len(scores), np.nan)
        return 0.2 * part["s2"] + 0.8 * (part["escore"] + 100 * share)
    if preset == "raim-2025-as-written":
        return 0.4 * part["s2"] + 0.6 * 100 * normalised(part["escore"] + part["s3"])
    factor = {"user-study": Weights(), "raim-2024": Weights(s2=0.4, s3=0.6)}.get(preset, weights)
    terms = {name: 100 * normalised(values) if name == "s3" else values for name, values in part.items()}
    return np.sum([getattr(factor, name) * values for name, values in terms.items()], axis=0)


def rank_teams(
    scores: pd.DataFrame,
    *,
    preset: str = "user-study",
    weights: Weights | None = None,
    awards: Sequence[int] = AWARDS,
) -> Ranking:
    """Return the final ranking with ranks 1, 2, 2, 4 and awards.

    Parameters
    ----------
    scores
        team and the parts that the preset needs; see `validate_scores`. Printed columns (final, rank, award)
        are kept as printed_final and so on.
    preset, weights
        See `final_scores`.
    awards
        How many awards there are of the first class, the second, ...
    """
    table = validate_scores(scores)
    final = final_scores(table, preset=preset, weights=weights)
    table = table.rename(columns={name: f"printed_{name}" for name in PRINTED})
    ranks = competition_ranks(final)
    if "printed_rank" in table:
        table["printed_rank"] = _whole(table["printed_rank"])
    table["final"], table["rank"] = final, pd.array(ranks, dtype="Int64")
    table["award"] = pd.Series(award_names(ranks, awards), dtype=object)
    table = table.sort_values(["rank", "team"], na_position="last", ignore_index=True)
    formula = _formula(preset, weights)
    return Ranking(table, preset, formula, tuple(_notes(table, preset)))


def shown_decimals(table: pd.DataFrame) -> dict[str, int]:
    """Return how many decimals a table shows of each score: 2, or as many as tell unequal scores apart."""
    columns = [name for name in ("points", *PARTS, "final") if name in table]
    return {name: telling_decimals(table[name]) for name in columns}


def award_names(ranks: np.ndarray, awards: Sequence[int] = AWARDS) -> list[str | None]:
    """Return the award of each rank: "first", "second", ..., None, or "tied: first/second" across a border.

    Examples
    --------
    >>> award_names(np.array([1.0, 2.0, 2.0, 4.0]), (1, 1, 1))
    ['first', 'tied: second/third', 'tied: second/third', None]
    """
    if len(awards) > len(ORDINALS) or any(count < 0 for count in awards):
        raise AnalysisError(
            f"awards {list(awards)}: give up to {len(ORDINALS)} counts, none of them negative"
        )
    classes = [ORDINALS[index] for index, count in enumerate(awards) for _ in range(count)]
    sizes = {rank: int((ranks == rank).sum()) for rank in ranks[~np.isnan(ranks)]}
    return [None if np.isnan(rank) else _award(classes, int(rank), sizes[rank]) for rank in ranks]


def _award(classes: list[str], rank: int, tied: int) -> str | None:
    """The award of the teams that share the places rank .. rank + tied - 1."""
    places = range(rank - 1, rank - 1 + tied)
    won = list(dict.fromkeys(classes[place] if place < len(classes) else "none" for place in places))
    if len(won) > 1:
        return f"tied: {'/'.join(won)}"
    return None if won[0] == "none" else won[0]


def _needs(preset: str, weights: Weights | None) -> tuple[str, ...]:
    if preset not in PRESETS:
        raise AnalysisError(f"unknown preset {preset!r}; use {', '.join(PRESETS)}")
    if (preset == "weights") != (weights is not None):
        raise AnalysisError("give weights together with the preset 'weights', and only then")
    if weights is None:
        return PRESETS[preset].needs
    values = {name: getattr(weights, name) for name in ("s2", "s3", "escore")}
    if any(not np.isfinite(value) or value < 0 for value in values.values()) or not any(values.values()):
        raise AnalysisError(f"weights {values}: none may be negative, and at least one must be above 0")
    return tuple(name for name, value in values.items() if value)


def _part(scores: pd.DataFrame, name: str, preset: str) -> np.ndarray:
    column = "uscore" if name == "s3" and "uscore" in scores else name
    if column not in scores:
        wanted = "s3 (or uscore)" if name == "s3" else name
        raise AnalysisError(f"preset {preset!r} needs the column {wanted}; add it or choose another preset")
    return scores[column].to_numpy(dtype=float)


def _formula(preset: str, weights: Weights | None) -> str:
    if weights is None:
        return PRESETS[preset].formula
    return f"{weights.s2:g} * S2 + {weights.s3:g} * (100 * S3n) + {weights.escore:g} * EScore"


def _whole(ranks: pd.Series) -> pd.Series:
    """Ranks as whole numbers where they are (a table may print 2.5)."""
    return ranks if (ranks % 1 > 0).any() else ranks.astype("Int64")


def _notes(table: pd.DataFrame, preset: str) -> list[str]:
    s3 = table["uscore"] if "uscore" in table else table.get("s3")
    if table["final"].isna().all() and s3 is not None:
        reason = why_no_s3n(s3.to_numpy(dtype=float))
        return [
            f"no ranking by {preset}: {reason or 'a part is missing in every row, or no score is above 0'}"
        ]
    notes = []
    without = table.loc[table["final"].isna(), "team"]
    if len(without):
        notes.append(f"no final, and so no rank, for {', '.join(without)}: a part is missing")
    tied = table[table["award"].fillna("").astype(str).str.startswith("tied")]
    for award, group in tied.groupby("award", sort=False):
        notes.append(
            f"{', '.join(group['team'])} tie across the border of an award ({award}); not broken here"
        )
    return notes
