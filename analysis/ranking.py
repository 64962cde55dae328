"""The final ranking: a table of scores, ranked by a rule.

S2 is the paired score, S3 (or UScore) the user study's, EScore the efficiency score; in formulas they are
`s2`, `u` and `escore`.
"""

import warnings
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError, InputWarning
from analysis.output import telling_decimals
from analysis.rule import FINAL, PRESETS, Outcome, Rule, award_names, read_rule
from analysis.rule.value import PAIR_SCORES, RATING_SCORES, STUDY
from analysis.tables import Source, known_columns, numbers, read_table
from analysis.teams import refuse_strangers, team_column
from analysis.texts import joined, say

PARTS = ("s2", "s3", "uscore", "escore")
ASKED = ("s3", "uscore", *PAIR_SCORES, *RATING_SCORES)
"""Columns that come from judges' answers."""
PRINTED = ("final", "rank", "award")
GIVEN = ("s2", "escore", *PRINTED)
"""Columns of a table of scores that accompanies votes; printed results in it are not used."""
SIMULATED = "simulated"
PRESET_COLUMNS = {name for preset in PRESETS for name in read_rule(preset).columns()}
"""Columns that some preset needs."""
WORDS = {*PARTS, *STUDY, *PAIR_SCORES, *RATING_SCORES, *PRESET_COLUMNS} - {"s3", "uscore"}
"""What formulas may be made of, whether it is at hand or not."""
Images = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Ranking:
    """A final ranking.

    Attributes
    ----------
    table
        The scores with final, rank and award, best first; a team without a rank comes last.
    rule
        The rule that made it.
    notes
        What the reader must know: ties across the border of an award, teams without a rank and why, teams
        that only pass because of rounding.
    excerpt
        If nobody has a final: the formula, and a line with a caret under what cannot be computed.
    """

    table: pd.DataFrame
    rule: Rule
    notes: tuple[str, ...] = ()
    excerpt: tuple[str, ...] = ()


def read_scores(source: Source, rule: Rule | None = None) -> pd.DataFrame:
    """Read a CSV of scores; see `validate_scores`."""
    return validate_scores(read_table(source), rule)


def validate_scores(
    scores: pd.DataFrame, rule: Rule | None = None, *, further: Collection[str] = ()
) -> pd.DataFrame:
    """Return scores as numbers: team and any of s2, s3 (or uscore), escore, final, rank, award, simulated.

    Parameters
    ----------
    scores
        A row for each team.
    rule
        If given, the other columns that it may need are also read.
    further
        Columns to read if they are present.

    Raises
    ------
    AnalysisError
        For misspelt columns, both s3 and uscore, a team listed twice, a value that is not a number.
    """
    further = {name for name in further if name in scores}
    further |= set() if rule is None else _further(rule, scores.columns)
    further |= {name for name in (*PAIR_SCORES, *RATING_SCORES) if name in scores}
    scores = known_columns(scores, ["team"], [*PARTS, *sorted(further), *PRINTED, SIMULATED], what="scores")
    if "s3" in scores and "uscore" in scores:
        raise AnalysisError("scores: s3 and uscore are two names of one score; keep one of the columns")
    table = pd.DataFrame({"team": team_column(scores, what="scores")})
    for column in scores.columns.drop("team"):
        if column in ("award", SIMULATED):
            table[column] = scores[column].astype(object).to_numpy()
        else:
            table[column] = numbers(scores[column], what=f"scores, column {column}")
    return table


def _further(rule: Rule, there: Iterable[str]) -> set[str]:
    """Columns besides the parts that a rule needs, and formulas of it that may stand there as columns."""
    named = {name for name in rule.entries if name in there}
    return (rule.columns() | rule.columns(PARTS) | named) - {*STUDY, *PARTS, *PRINTED}


def read_given_scores(source: Source, rule: Rule | None = None) -> pd.DataFrame:
    """Read a CSV of the scores that accompany votes: s2, escore; see `validate_scores`.

    Raises
    ------
    AnalysisError
        Also for an s3 or uscore, which come from the votes.
    """
    return _beside_answers(read_scores(source, rule))


def _beside_answers(scores: pd.DataFrame) -> pd.DataFrame:
    asked = [name for name in ASKED if name in scores]
    if asked:
        raise AnalysisError(f"scores: {asked[0]} comes from the judges' answers; remove the column")
    return scores


def join_scores(asked: pd.DataFrame, scores: pd.DataFrame | None, rule: Rule | None = None) -> pd.DataFrame:
    """Join the scores from judges' answers (s3, bt, mos) with other parts (s2, escore) by team.

    Teams without a row in `scores` get missing parts, with a warning; a team in `scores` without answers is
    an error.
    """
    table = asked[["team", *(name for name in ASKED if name in asked)]].copy()
    if scores is None:
        return table
    scores = _beside_answers(validate_scores(scores, rule))
    refuse_strangers(scores["team"], table["team"], what="scores", among="answers")
    without = sorted(set(table["team"]) - set(scores["team"]))
    if without:
        message = say("scores: no row for %(teams)s; their other parts are missing", teams=", ".join(without))
        warnings.warn(message, InputWarning, stacklevel=2)
    return table.merge(
        scores.drop(columns=[name for name in (*PRINTED, SIMULATED) if name in scores]), on="team", how="left"
    )


def rule_columns(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the numbers of a table of scores by their names in formulas: s3 or uscore is `u`."""
    names = {"s3": "u", "uscore": "u"}
    return {
        names.get(str(name), str(name)): table[name].to_numpy(dtype=float)
        for name in table.columns
        if name not in ("team", "award", SIMULATED, *PRINTED)
    }


def outcome_of(table: pd.DataFrame, rule: Rule, images: Images | None = None) -> Outcome:
    """Return the finals and ranks of validated scores.

    Parameters
    ----------
    table
        As `validate_scores` returns it.
    rule
        What decides.
    images
        Values of each image by name, (I, N) each, for rules that use or count images.

    Raises
    ------
    AnalysisError
        If the rule needs a column that the table lacks.
    """
    columns = rule_columns(table)
    missing = rule.missing(FINAL, {*columns, *(images or {})})
    if missing:
        rule.refuse_unknown({*columns, *(images or {}), *rule.counted, *WORDS})
        raise AnalysisError(
            say(
                "the rule %(rule)s needs the column %(columns)s; add it or choose another rule",
                rule=repr(rule.name) if rule.name else rule.final.score.text,
                columns=", ".join("s3 (or uscore)" if name == "u" else name for name in missing),
            )
        )
    return rule.outcome(columns, teams=[str(team) for team in table["team"]], images=images)


def rank_teams(scores: pd.DataFrame, rule: Rule, images: Images | None = None) -> Ranking:
    """Return the final ranking with ranks 1, 2, 2, 4 and awards.

    Parameters
    ----------
    scores
        team and the columns that the rule needs; see `validate_scores`. Printed columns (final, rank, award)
        are kept as printed_final and so on.
    rule
        From columns to finals, ranks and awards.
    images
        See `outcome_of`.

    Raises
    ------
    AnalysisError
        As `validate_scores` and `outcome_of`.
    """
    table = validate_scores(scores, rule)
    outcome = outcome_of(table, rule, images)
    table = table.rename(columns={name: f"printed_{name}" for name in PRINTED})
    if "printed_rank" in table:
        table["printed_rank"] = _whole(table["printed_rank"])
    table["final"] = outcome.final
    table["rank"] = pd.array(np.where(outcome.rank > 0, outcome.rank, np.nan), dtype="Int64")
    table["award"] = pd.Series(award_names(outcome.rank, rule.awards), dtype=object)
    notes = _notes(table, outcome)
    table = table.sort_values(["rank", "team"], na_position="last", ignore_index=True)
    return Ranking(table, rule, tuple(notes), outcome.fault.excerpt if outcome.fault else ())


def shown_decimals(table: pd.DataFrame) -> dict[str, int]:
    """Return how many decimals a table shows of each score: 2, or as many as tell unequal scores apart."""
    columns = [name for name in ("points", *PARTS, *PAIR_SCORES, *RATING_SCORES, "final") if name in table]
    return {name: telling_decimals(table[name]) for name in columns}


def _whole(ranks: pd.Series) -> pd.Series:
    """Ranks as whole numbers where they are (a table may print 2.5)."""
    return ranks if (ranks % 1 > 0).any() else ranks.astype("Int64")


def _notes(table: pd.DataFrame, outcome: Outcome) -> list[str]:
    why: dict[str, list[str]] = {}
    for team, reason in sorted(zip(table["team"], outcome.reasons, strict=True)):
        if reason is not None:
            why.setdefault(reason, []).append(team)
    if why and not (outcome.rank > 0).any():
        reason = str(outcome.fault) if outcome.fault else joined("; ", why)
        notes = [say("no ranking: %(reason)s", reason=reason)]
    else:
        notes = [
            say("no rank for %(teams)s: %(reason)s", teams=", ".join(teams), reason=reason)
            for reason, teams in why.items()
        ]
    tied = table[table["award"].fillna("").astype(str).str.startswith("tied")].sort_values(["rank", "team"])
    for award, group in tied.groupby("award", sort=False):
        notes.append(
            say(
                "%(teams)s tie across the border of an award (%(award)s); the tie is not broken",
                teams=", ".join(group["team"]),
                award=award,
            )
        )
    return [*notes, *outcome.notes]
