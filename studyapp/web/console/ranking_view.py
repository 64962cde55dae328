"""What the routes of `results` show of a closed study's ranking, and of what each number is made."""

import ast
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from flask import abort, render_template

from analysis.columns import titles
from analysis.rule import FINAL
from analysis.rule.evaluation import text_of
from analysis.rule.language import OVER_TEAMS, Formula, called, name_of
from analysis.texts import Text, say
from studyapp.services.ground import second_record, studies
from studyapp.services.ground.ledger import closing_digest
from studyapp.services.results import exports, ranking_text
from studyapp.services.results.kept import kept
from studyapp.services.results.ranking import StudyRanking, rank_study
from studyapp.web.console.results import reading_results
from studyapp.web.ranking_table import shown_ranking
from studyapp.web.state import app_state


@dataclass(frozen=True)
class Input:
    """A number that goes into a team's final score."""

    name: str
    value: str
    interval: str
    source: Text | str


def ranking_page() -> str:
    """Show the final ranking of a closed study; before, say when it will be there."""
    result, title, closed = _ranking()
    return render_template(
        "console/ranking.html",
        title=title,
        closed=closed,
        shown=shown_ranking(result),
        lacking=exports.lacking(app_state().workspace.folders.exports),
    )


def team_page(team: str) -> str:
    """Show what a team's final score is made of: inputs, formula with the values in it, method, version."""
    result, title, _ = _ranking()
    rows = result.table[result.table["team"] == team]
    if rows.empty:
        abort(404)
    place = result.drawn.study.teams.index(team)
    with app_state().workspace.database.reading() as session:
        digest = closing_digest(session)
    return render_template(
        "console/team.html",
        title=title,
        team=team,
        row=ranking_text.as_text(result.table)[int(rows.index[0])],
        titles=titles("ranking.csv"),
        final=result.rule.final.text(),
        formulas=_formulas(result),
        filled=_filled(result, place),
        value=_number(result.drawn.study.final[place]),
        inputs=_inputs(result, place),
        outcome=result.drawn.study.outcome,
        reason=_reason(result, place),
        answers=_answers(result, team),
        method=result.user.method,
        intervals=result.intervals,
        points=[f"{value:g}" for value in result.rule.points] if result.user.table == "votes" else [],
        digest=digest,
        version=version("studyapp"),
    )


def _ranking() -> tuple[StudyRanking, str, bool]:
    """The ranking, the study's title, and whether it is closed."""
    workspace = app_state().workspace
    second_record.refuse_loss(workspace)
    with reading_results() as session:
        result = kept(session, workspace, rank_study)
        closed = studies.the_study(session).state == "closed"
        return result, studies.current_file(session).title, closed


def _formulas(result: StudyRanking) -> dict[str, str]:
    """The formulas by name that the final uses."""
    entries = result.rule.entries
    return {
        name: entry.text() for name, entry in entries.items() if name != FINAL and result.rule.needs(name)
    }


def _inputs(result: StudyRanking, place: int) -> list[Input]:
    """Every number that the final score uses, where each comes from and how sure it is."""
    columns, table = result.drawn.study.columns, result.table
    row = table[table["team"] == result.drawn.study.teams[place]].iloc[0]
    found = []
    for name in sorted(result.rule.final.names() - result.rule.counted):
        shown = "s3" if name == "u" else name
        values = columns.get(name)
        if values is None:
            values = _computed(result, name)
        low, high = row.get(f"{shown}_low"), row.get(f"{shown}_high")
        span = "" if low is None or np.isnan(low) else f"[{_number(low)}, {_number(high)}]"
        found.append(Input(name, _number(values[place]), span, _source(result, name)))
    return found + _compared(result, place)


def _compared(result: StudyRanking, place: int) -> list[Input]:
    """What the final compares over the teams: this team's value, and the lowest and highest of all."""
    rule, study = result.rule, result.drawn.study
    if rule.final.per == "image" or rule.counted:
        return []
    found = {}
    for call in rule.final.score.calls(*OVER_TEAMS):
        text = text_of(call)
        values = rule.evaluate(Formula(text, call), study.columns, teams=study.teams)
        inner = rule.evaluate(Formula(text, call.args[0]), study.columns, teams=study.teams)
        source = say(
            "over all teams, of which the lowest has %(low)s and the highest %(high)s",
            low=_number(np.nanmin(inner)),
            high=_number(np.nanmax(inner)),
        )
        found[text] = Input(text, _number(np.broadcast_to(values, (len(study.teams),))[place]), "", source)
    return list(found.values())


def _computed(result: StudyRanking, name: str) -> Any:
    study = result.drawn.study
    return result.rule.values(name, study.columns, teams=study.teams, images=study.images)


def _source(result: StudyRanking, name: str) -> Text | str:
    if name in result.user.observed:
        return say("from the judges' answers")
    if name in ("s2", "escore"):
        parts = result.parts.parts
        if name == "s2" and parts.paired is not None:
            return say("mean over the paired images; see the table on the ranking's page")
        if name == "escore" and parts.measures is not None:
            return say("from the measured models; see the table on the ranking's page")
        return say("from scores.csv or measures.csv in the study's folder")
    return say("a formula of the rule") if name in result.rule.entries else say("a metric or a measure")


def _filled(result: StudyRanking, place: int) -> str | None:
    """The final's formula with this team's values in it; comparisons over the teams as one number."""
    rule, study = result.rule, result.drawn.study
    if rule.final.per == "image" or rule.counted:
        return None

    class Fill(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.AST:
            if called(node) not in OVER_TEAMS:
                node.args = [self.visit(part) for part in node.args]
                return node
            formula = Formula(ast.unparse(node), node)
            values = rule.evaluate(formula, study.columns, teams=study.teams)
            return _constant(np.broadcast_to(values, (len(study.teams),))[place])

        def visit_Name(self, node: ast.Name) -> ast.AST:
            return self._value(node)

        def visit_Constant(self, node: ast.Constant) -> ast.AST:
            return self._value(node) if isinstance(node.value, str) else node

        def _value(self, node: ast.expr) -> ast.AST:
            name = name_of(node) or ""
            values = study.columns.get(name)
            return _constant((_computed(result, name) if values is None else values)[place])

    tree = ast.parse(rule.final.score.text, mode="eval").body
    return ast.unparse(Fill().visit(tree))


def _constant(value: float) -> ast.expr:
    return ast.Name(_number(value))


def _reason(result: StudyRanking, place: int) -> str | None:
    reasons = result.drawn.study.outcome.reasons
    return reasons[place] if reasons else None


def _answers(result: StudyRanking, team: str) -> dict[str, str]:
    """The team's scores of the answers, by their titles."""
    own = result.scores[result.scores["team"] == team]
    if own.empty:
        return {}
    heads = titles(result.user.file, [str(name) for name in own.columns])
    return {heads[str(name)]: _number(value) for name, value in own.iloc[0].items() if name != "team"}


def _number(value: Any) -> str:
    return ranking_text.NOTHING if value is None or np.isnan(value) else f"{value:.6g}"
