"""study-analysis efficiency."""

from typing import BinaryIO

from analysis.cli import result_command, table_argument
from analysis.efficiency.points import read_measures
from analysis.output import Output


@result_command("efficiency")
@table_argument("measures")
def command(measures: BinaryIO) -> Output:
    """Rank scores and EScore from the columns team, params_m, flops_g, time_ms of MEASURES.csv."""
    table = read_measures(measures)
    without = table.loc[table["escore"].isna(), "team"]
    notes = (f"no EScore for {', '.join(without)}: a measure is missing",) if len(without) else ()
    return Output(table, notes=notes)
