"""study-analysis efficiency."""

from typing import BinaryIO

import click

from analysis.cli import result_command, table_argument
from analysis.efficiency.measures import read_measures, reader_notes, shown_decimals
from analysis.efficiency.points import efficiency_scores
from analysis.efficiency.rules import esr_scores
from analysis.output import Output


@result_command("efficiency")
@table_argument("measures")
@click.option(
    "--rule",
    type=click.Choice(["raim", "esr"]),
    default="raim",
    show_default=True,
    help="raim: points by ranks, the most is best; esr: NTIRE ESR's formula, the least is best.",
)
@click.option("--base", metavar="TEAM", help="The model that --rule esr measures the others by.")
def command(measures: BinaryIO, rule: str, base: str | None) -> Output:
    """Scores from the columns team, params_m, flops_g, time_ms of MEASURES.csv."""
    table = read_measures(measures)
    if rule == "esr":
        table, score = esr_scores(table, base=base), "esr_log10"
    else:
        table, score = efficiency_scores(table), "escore"
    name = {"escore": "EScore", "esr_log10": "ESR score"}[score]
    without = table.loc[table[score].isna(), "team"]
    missing = [f"no {name} for {', '.join(without)}: a measure is missing"] if len(without) else []
    notes = (*missing, *reader_notes(table))
    return Output(table, notes=notes, digits=shown_decimals(table))
