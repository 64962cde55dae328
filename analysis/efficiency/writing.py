"""Write what a measuring run found: the table, the details, the plot."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.efficiency.measures import read_measures, validate_measures
from analysis.efficiency.measuring import Measurement, Plan
from analysis.efficiency.points import efficiency_scores
from analysis.efficiency.table import details, measures_table
from analysis.errors import AnalysisError
from analysis.output import Output, plain, render


@dataclass(frozen=True)
class Written:
    """The scored table, and the files."""

    scored: pd.DataFrame
    paths: tuple[Path, ...]


def write_measures(
    measurements: Sequence[Measurement], plan: Plan, out: Path, *, keep: Sequence[str] = ()
) -> Written:
    """Write `out` (measures.csv), and beside it the details as JSON and the plot as SVG and PNG.

    Parameters
    ----------
    out
        The others get its name with other endings.
    keep
        Teams whose rows of a table that is there already are kept.

    Raises
    ------
    AnalysisError
        When a file cannot be written, or a table that is there cannot be read.
    """
    from analysis.efficiency.plot import efficiency_plot
    from analysis.plots import png, svg

    table = measures_table(measurements)
    if keep and out.is_file():
        before = read_measures(out)
        rest = before[before["team"].isin(keep) & ~before["team"].isin(table["team"])]
        table = pd.concat([rest, table], ignore_index=True).reindex(columns=table.columns)
        table = table.sort_values("team", ignore_index=True)
    table = validate_measures(table)
    scored = efficiency_scores(table)
    figure = efficiency_plot(scored)
    found = json.dumps(plain(details(measurements, plan)), ensure_ascii=False, indent=2, allow_nan=False)
    files = {
        out: render(Output(table), "csv").encode(),
        out.with_suffix(".json"): (found + "\n").encode(),
        out.with_suffix(".svg"): svg(figure).encode(),
        out.with_suffix(".png"): png(figure),
    }
    for path, data in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise AnalysisError(f"cannot write {path}: {error.strerror}") from error
    return Written(scored, tuple(files))
