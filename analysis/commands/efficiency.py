"""`studyapp analyse efficiency`: scores for the cost of models, and whether they can be correct."""

from dataclasses import asdict
from typing import Any, BinaryIO

import click
import pandas as pd

from analysis.amounts import how_many
from analysis.audit.efficiency import audit_efficiency, audit_measures, ranked
from analysis.audit.findings import Finding
from analysis.audit.timings import times_table
from analysis.cli import complete_rule, result_command, table_argument
from analysis.efficiency.measures import reader_notes, shown_decimals, validate_measures
from analysis.efficiency.points import efficiency_scores, model_scores
from analysis.efficiency.times import read_times
from analysis.output import Output
from analysis.rule import Rule, read_rule
from analysis.table_help import TableOption
from analysis.tables import read_table

ESCORE = "raim-escore"
_DIGITS = 3
_TOLD = ("FLOPs by parameters", "MACs or FLOPs", "mean and median")
"""Checks of a table that are shown with its scores; its own columns show the rest."""


@result_command("efficiency")
@table_argument("measures", required=False)
@click.option(
    "--times",
    cls=TableOption,
    tables=("times",),
    metavar="FILE",
    type=click.File("rb"),
    help="Audit times of each image: NTIRE ESR's results.json, a measures.json, or a CSV.",
)
@click.option(
    "--rule",
    shell_complete=complete_rule,
    metavar="NAME|FORMULA",
    help=f"By default {ESCORE}, points by rank; esr, esr-2025 and esr-2026 are NTIRE ESR's.",
)
@click.option("--base", metavar="TEAM", help="The baseline model that the rule compares the others with.")
@click.option(
    "--table",
    "shown",
    type=click.Choice(["scores", "findings", "times"]),
    help="Which table to write. By default findings with --times, else scores; json has everything.",
)
def command(
    measures: BinaryIO | None, times: BinaryIO | None, rule: str | None, base: str | None, shown: str | None
) -> Output:
    """Efficiency scores from the parameters, FLOPs and times in MEASURES.csv, and an audit of them.

    The audit looks for cold starts, drift, ranks that depend on them, FLOPs too low for the parameters,
    operators that were not counted, and models that remember their inputs. Exit status 1 if something is
    wrong.
    """
    if (measures is None) == (times is None):
        raise click.UsageError("give MEASURES.csv, or --times FILE")
    chosen = read_rule(rule or ESCORE) if base is None else read_rule(rule or ESCORE).with_base(base)
    if times is not None:
        return _of_times(times, chosen if rule else None, shown or "findings")
    assert measures is not None
    if shown == "times":
        raise click.UsageError("MEASURES.csv has no times per image; give --times FILE")
    given = read_table(measures)
    if chosen.name == ESCORE:
        table = efficiency_scores(validate_measures(given), chosen)
        without = table.loc[table["escore"].isna(), "team"]
        notes = (f"no EScore for {', '.join(without)}: a measurement is missing",) if len(without) else ()
    else:
        table, notes = model_scores(given, chosen)
    found = audit_measures(validate_measures(given))
    if shown == "findings":
        return _findings(found, {"scores": table.to_dict("records")})
    told = [one for one in found if one.verdict != "ok" and one.check in _TOLD]
    lines = (f"{one.check}: {one.message}" for one in told)
    return Output(table, notes=(*notes, *reader_notes(table), *lines), digits=shown_decimals(table))


def _of_times(file: BinaryIO, rule: Rule | None, shown: str) -> Output:
    times = read_times(file)
    table = (
        times_table(times.models).merge(times.costs.rename(columns={"team": "model"}), on="model", how="left")
        if len(times.costs)
        else times_table(times.models)
    )
    if rule is not None:
        outcome = ranked(times, rule, [one.mean for one in times.models])
        scores = {
            "model": [one.model for one in times.models],
            "score": outcome.final,
            "rank": pd.array([place if place > 0 else None for place in outcome.rank], dtype="Int64"),
        }
        table = table.merge(pd.DataFrame(scores), on="model")
        table = table.sort_values(["rank", "mean_ms"], na_position="last", ignore_index=True)
    if shown == "scores" and rule is None:
        raise click.UsageError("--table scores: give the rule for the scores with --rule, such as esr-2026")
    found = audit_efficiency(times, rule)
    if shown == "findings":
        return _findings(found, {"models": table.to_dict("records")})
    data = {"findings": [asdict(one) for one in found], "models": table.to_dict("records")}
    return Output(table, data, notes=_summary(found), decimals=_DIGITS, exit_code=_exit(found))


def _findings(found: list[Finding], more: dict[str, Any]) -> Output:
    rows = [asdict(one) for one in found]
    frame = pd.DataFrame(rows).assign(teams=["; ".join(one.teams) for one in found])
    return Output(
        frame, {"findings": rows, **more}, notes=_summary(found), decimals=_DIGITS, exit_code=_exit(found)
    )


def _exit(found: list[Finding]) -> int:
    return 1 if any(one.verdict == "wrong" for one in found) else 0


def _summary(found: list[Finding]) -> tuple[str, ...]:
    wrong = sum(one.verdict == "wrong" for one in found)
    return (
        (f"{wrong} of {how_many(len(found), 'checks')} found something that cannot be correct",)
        if wrong
        else ()
    )
