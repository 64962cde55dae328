"""`studyapp analyse rank`: the final ranking of a table of scores."""

from dataclasses import replace
from typing import BinaryIO

import click
import pandas as pd

from analysis.amounts import how_many
from analysis.cli import answers_argument, result_command, rule_options, table_option
from analysis.errors import AnalysisError
from analysis.output import Output, marked
from analysis.part_options import part_options, read_parts
from analysis.parts import Parts
from analysis.ranking import WORDS, join_scores, rank_teams, shown_decimals, validate_scores
from analysis.rule import Rule
from analysis.unshown import unshown_note
from analysis.user_study.of_votes import VoteStudy
from analysis.user_study.read import Answers, user_study


@result_command("rank")
@answers_argument(or_scores=True)
@table_option("--scores", "Besides answers: S2 and EScore of each team.")
@part_options
@rule_options()
@click.option(
    "--base", metavar="TEAM", help="The team that base() of the rule means. By default the rule's own base."
)
def command(
    answers: Answers | pd.DataFrame,
    *,
    scores: BinaryIO | None,
    paired: BinaryIO | None,
    measures: BinaryIO | None,
    rule: Rule,
    base: str | None,
) -> Output:
    """Rank teams: add the final score, the rank and the award of each.

    TABLE.csv has a row per team, with the columns that the rule needs. Or it has what judges answered, as
    votes, pairs or ratings, which is scored first; `bootstrap` gives intervals for that. docs/rules.md lists
    presets and explains formulas.
    """
    rule = rule if base is None else rule.with_base(base)
    parts = read_parts(scores, paired, measures, rule)
    if isinstance(answers, pd.DataFrame):
        if scores is not None:
            raise AnalysisError(
                "--scores goes with answers, but TABLE.csv is a table of scores itself; leave out --scores"
            )
        tables = [answers, *(table for table in (parts.paired, parts.measures) if table is not None)]
        rule.refuse_unknown({*WORDS, *rule.counted, *(name for table in tables for name in table.columns)})
        return _of_scores(replace(parts, scores=validate_scores(answers, rule)), rule)
    return _of_answers(answers, parts, rule)


def _of_scores(parts: Parts, rule: Rule) -> Output:
    assert parts.scores is not None
    table = parts.of(list(parts.scores["team"]), rule)
    assert table is not None
    ranking = rank_teams(table, rule, parts.images(rule, list(table["team"])))
    notes = (*parts.notes, *ranking.notes, *ranking.excerpt)
    return Output(ranking.table, notes=notes, digits=shown_decimals(ranking.table))


def _of_answers(answers: Answers, parts: Parts, rule: Rule) -> Output:
    user = user_study(answers, rule)
    table = join_scores(user.rows(), parts.of(user.teams, rule), rule)
    ranking = rank_teams(table, rule, parts.images(rule, user.teams))
    size = (
        f"{how_many(user.size, user.answers_are)}, {how_many(len(user.judges), 'judges')}, "
        f"{how_many(len(user.images), 'images')}"
    )
    unshown = unshown_note(user.ballots) if isinstance(user, VoteStudy) else None
    basis = (f"{size}; rule: {rule.text}", user.method)
    notes = [*basis, *user.remarks, *([unshown] if unshown else []), *parts.notes, *ranking.notes]
    notes += ranking.excerpt
    shown = marked(ranking.table, {"simulated": user.simulated})
    return Output(shown, notes=tuple(notes), digits=shown_decimals(ranking.table))
