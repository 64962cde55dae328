"""`studyapp analyse screen`: judges who deserve a second look."""

from typing import Any, BinaryIO

import click
import numpy as np
import pandas as pd

from analysis.cli import (
    answers_argument,
    permutations_option,
    result_command,
    rule_options,
    seed_option,
    shown_option,
    table_option,
)
from analysis.errors import AnalysisError
from analysis.output import Output, marked
from analysis.ranking import read_scores
from analysis.report.words import p_value
from analysis.rule import Rule
from analysis.screening.summary import screening_summary
from analysis.user_study.read import Answers


@result_command("screen")
@answers_argument()
@shown_option("judges", "rankings", "slots")
@table_option("--scores", "S2 and EScore of each team, for the final score.")
@rule_options(awards=False)
@click.option(
    "--golden",
    multiple=True,
    metavar="IMAGE=TEAM",
    help="The known worse candidate of a golden trial. By default teams that only golden trials have.",
)
@click.option(
    "--floor",
    type=click.FloatRange(min=0),
    default=5.0,
    show_default=True,
    help="Seconds in which nobody can have compared the candidates.",
)
@permutations_option("the chance levels")
@seed_option
def command(
    answers: Answers,
    *,
    shown: str,
    scores: BinaryIO | None,
    rule: Rule,
    golden: tuple[str, ...],
    floor: float,
    permutations: int,
    seed: int,
) -> Output:
    """Find judges in ANSWERS.csv (votes, pairs or ratings) who deserve a second look; rank without them.

    A judge is proposed for exclusion only if two rules agree: no better than chance, and far below the other
    judges. A person decides.
    """
    data = screening_summary(
        answers,
        rng=np.random.default_rng(seed),
        permutations=permutations,
        floor=floor,
        golden=_golden(golden),
        scores=None if scores is None else read_scores(scores, rule),
        rule=rule,
    )
    return Output(marked(TABLES[shown](data), data), data | {"seed": seed}, _notes(data), decimals=3)


def _golden(pairs: tuple[str, ...]) -> dict[str, str] | None:
    for pair in pairs:
        if "=" not in pair:
            raise AnalysisError(f"--golden {pair!r}: write IMAGE=TEAM, for example 007=team03")
    return dict(pair.split("=", 1) for pair in pairs) if pairs else None


def _judges(data: dict[str, Any]) -> pd.DataFrame:
    table = pd.DataFrame(data["judges"])
    return table.assign(reasons=["; ".join(reasons) for reasons in table["reasons"]])


def _rankings(data: dict[str, Any]) -> pd.DataFrame:
    rows = [
        {"without": "; ".join(ranking["judges"]), **row, "changed": row["team"] in ranking["changed"]}
        for ranking in data["rankings"]
        for row in ranking["ranking"]
    ]
    return pd.DataFrame(rows).astype({"final": float, "rank": "Int64"})


def _slots(data: dict[str, Any]) -> pd.DataFrame:
    if "position_bias" not in data:
        raise AnalysisError(f"--table slots is for votes; this is a table of {data['answers']}")
    rows = [
        {"picks": name, "slot": slot, "observed": observed, "expected": expected}
        for name, test in data.get("position_bias", {}).items()
        if not test["undefined"]
        for slot, (observed, expected) in enumerate(
            zip(test["observed"], test["expected"], strict=True), start=1
        )
    ]
    return pd.DataFrame(rows, columns=["picks", "slot", "observed", "expected"])


def _notes(data: dict[str, Any]) -> tuple[str, ...]:
    notes = [data["note"]]
    if data["simulated"]:
        notes.append(f"some {data['answers']} are simulated")
    notes += [f"{name}: {rule['undefined']}" for name, rule in data["rules"].items() if rule["undefined"]]
    for name, test in data.get("position_bias", {}).items():
        found = test["undefined"] or f"chi2({test['df']}) = {test['chi2']:.2f}, {p_value(test['p'])}"
        notes.append(f"position bias, {name.replace('_', ' ')}: {found}")
    for ranking in data["rankings"][1:]:
        changed = ", ".join(ranking["changed"]) or "nobody"
        moves = "move" if len(ranking["changed"]) > 1 else "moves"
        told = ranking["undefined"] or f"{changed} {moves}"
        notes.append(f"without {', '.join(ranking['judges'])}: {told}")
    return tuple(notes)


TABLES = {"judges": _judges, "rankings": _rankings, "slots": _slots}
