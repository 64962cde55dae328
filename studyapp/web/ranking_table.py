"""A final ranking as pages show it, to organisers and, where it is public, to everybody."""

import math
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

from analysis.columns import column, titles
from analysis.resampling.summary import groups_of
from analysis.texts import say
from studyapp.services.results import part_tables, ranking_text
from studyapp.services.results.ledger_notes import without_judges
from studyapp.services.results.ranking import StudyRanking
from studyapp.web.plots import Plot, intervals

WORDS = frozenset({"team", "name", "award", "group"})
"""Columns that hold no numbers."""
_FIRST = ("rank", "name", "final", "group", "award")


@dataclass(frozen=True)
class ShownRanking:
    """The rows as text, and what stands beside them.

    Attributes
    ----------
    rows
        By column; each also has the team's id.
    meanings
        What each column is.
    notes, facts
        What readers must know, and what of it happened in the study.
    formula
        Of S2, when it was computed.
    paired, measures
        The tables behind S2 and EScore.
    """

    result: StudyRanking
    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    titles: dict[str, str]
    meanings: dict[str, str]
    plot: Plot | None
    notes: tuple[str, ...]
    facts: tuple[str, ...]
    formula: dict[str, Any] | None
    paired: list[dict[str, str]]
    measures: list[dict[str, str]]
    words = WORDS


def shown_ranking(result: StudyRanking, *, for_strangers: bool = False) -> ShownRanking:
    """Return what a page shows of a ranking; `for_strangers` no judge has a number in the notes."""
    letters, facts = _letters(result), result.facts.lines
    rows = tuple({**row, "group": letters.get(row["team"], "")} for row in ranking_text.as_text(result.table))
    names = (*_FIRST, *(name for name in rows[0] if name not in (*_FIRST, "team")))
    return ShownRanking(
        result=result,
        columns=names,
        rows=rows,
        titles={**titles("ranking.csv"), "group": say("Group")},
        meanings={name: column("ranking.csv", name).meaning for name in names if name != "group"},
        plot=_plot(result),
        notes=tuple(map(without_judges, result.notes)) if for_strangers else result.notes,
        facts=tuple(map(without_judges, facts)) if for_strangers else facts,
        formula=result.parts.about.get("formula"),
        paired=part_tables.paired_rows(result),
        measures=part_tables.measure_rows(result),
    )


def _plot(result: StudyRanking) -> Plot | None:
    table = result.table
    if "final_low" not in table:
        return intervals([(float(value), math.nan, math.nan) for value in table["final"]])
    limits = zip(table["final"], table["final_low"], table["final_high"], strict=True)
    return intervals([(float(value), float(low), float(high)) for value, low, high in limits])


def _letters(result: StudyRanking) -> dict[str, str]:
    """The letters of the groups that the study does not tell apart, by team."""
    found: dict[str, str] = {}
    for number, group in enumerate(groups_of(result.drawn)["tie_groups"]):
        for team in group:
            letter = ascii_lowercase[number % 26] + "'" * (number // 26)
            found[team] = found.get(team, "") + letter
    return found
