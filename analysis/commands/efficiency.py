"""`studyapp analyse efficiency`: scores of what models cost."""

from typing import BinaryIO

import click

from analysis.cli import complete_rule, result_command, table_argument
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
    shell_complete=complete_rule,
    default=ESCORE,
    show_default=True,
    metavar="NAME|FORMULA",
    help="raim-escore gives points by rank; esr, esr-2025 and esr-2026 are NTIRE ESR's, lowest is best.",
)
@click.option("--base", metavar="TEAM", help="The baseline model that the rule compares the others with.")
def command(measures: BinaryIO, rule: str, base: str | None) -> Output:
    """Efficiency scores from the parameters, FLOPs and times in MEASURES.csv."""
    given = read_table(measures)
    chosen = read_rule(rule) if base is None else read_rule(rule).with_base(base)
    if chosen.name == ESCORE:
        table = efficiency_scores(validate_measures(given), chosen)
        without = table.loc[table["escore"].isna(), "team"]
        notes = (f"no EScore for {', '.join(without)}: a measurement is missing",) if len(without) else ()
    else:
        table, notes = model_scores(given, chosen)
    return Output(table, notes=(*notes, *reader_notes(table)), digits=shown_decimals(table))
