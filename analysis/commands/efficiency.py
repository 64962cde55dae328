"""study-analysis efficiency."""

from typing import BinaryIO

import click

from analysis.cli import result_command, table_argument
from analysis.efficiency.measures import reader_notes, shown_decimals, validate_measures
from analysis.efficiency.points import efficiency_scores, model_scores
from analysis.output import Output
from analysis.rule import read_rule
from analysis.tables import read_table

ESCORE = "raim-escore"


@result_command("efficiency")
@table_argument("measures")
@click.option(
    "--rule",
    default=ESCORE,
    show_default=True,
    metavar="NAME|FORMULA",
    help="raim-escore: points by ranks; esr, esr-2025, esr-2026: NTIRE ESR's, the least is best.",
)
@click.option("--base", metavar="TEAM", help="The model that the rule measures the others by.")
def command(measures: BinaryIO, rule: str, base: str | None) -> Output:
    """Scores from the columns team, params_m, flops_g, time_ms of MEASURES.csv."""
    given = read_table(measures)
    chosen = read_rule(rule) if base is None else read_rule(rule).with_base(base)
    if chosen.name == ESCORE:
        table = efficiency_scores(validate_measures(given), chosen)
        without = table.loc[table["escore"].isna(), "team"]
        notes = (f"no EScore for {', '.join(without)}: a measure is missing",) if len(without) else ()
    else:
        table, notes = model_scores(given, chosen)
    return Output(table, notes=(*notes, *reader_notes(table)), digits=shown_decimals(table))
