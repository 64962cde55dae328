"""Write what a measuring run found: the table, the details, the plot."""

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.efficiency.measures import read_measures, with_whole_counts
from analysis.efficiency.measuring.plan import Plan
from analysis.efficiency.measuring.run import Measurement
from analysis.efficiency.measuring.table import details, measures_table
from analysis.efficiency.points import efficiency_scores
from analysis.errors import AnalysisError, InputWarning
from analysis.files import write_whole
from analysis.fonts import fonts_for, unshown_in_words
from analysis.json_text import read_json
from analysis.output import Output, plain, render
from analysis.rule import read_rule


@dataclass(frozen=True)
class Written:
    """The scored table, the files, and what is odd about the table."""

    scored: pd.DataFrame
    paths: tuple[Path, ...]
    warnings: tuple[str, ...]


def write_measures(
    measurements: Sequence[Measurement], plan: Plan, out: Path, *, keep: Sequence[str] = ()
) -> Written:
    """Write `out` (measures.csv), and next to it the details as JSON and the plot as SVG and PNG.

    Parameters
    ----------
    out
        The other files get its name with other extensions.
    keep
        Teams whose rows in an existing table are kept.

    Raises
    ------
    AnalysisError
        If a file cannot be written, or an existing table cannot be read.
    """
    from analysis.efficiency.plot import efficiency_plot
    from analysis.plots.canvas import png, svg

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InputWarning)
        table = _with_kept(measures_table(measurements), out, keep)
        scored = efficiency_scores(table, read_rule("raim-escore"))
    found = details(measurements, plan)
    found["models"] = _kept_details(out.with_suffix(".json"), keep, measurements) + found["models"]
    text = json.dumps(plain(found), ensure_ascii=False, indent=2, allow_nan=False)
    names = [str(team) for team in scored["team"]]
    with fonts_for(names, names) as fonts:
        figure = efficiency_plot(scored)
        files = {
            out: render(Output(table), "csv").encode(),
            out.with_suffix(".json"): (text + "\n").encode(),
            out.with_suffix(".svg"): svg(figure).encode(),
            out.with_suffix(".png"): png(figure),
        }
    for path, data in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
        except OSError as error:
            raise AnalysisError(f"cannot write {path}: {error.strerror}") from error
    remarks = [*(str(item.message) for item in caught), *unshown_in_words(fonts, names)]
    return Written(scored, tuple(files), tuple(dict.fromkeys(remarks)))


def _with_kept(table: pd.DataFrame, out: Path, keep: Sequence[str]) -> pd.DataFrame:
    """Add the rows of teams that were not measured this time."""
    if not keep or not out.is_file():
        return table
    before = read_measures(out).reindex(columns=table.columns)
    rest = before[before["team"].isin(keep) & ~before["team"].isin(table["team"])]
    joined = table if rest.empty else pd.concat([rest, table], ignore_index=True)
    return with_whole_counts(joined.sort_values("team", ignore_index=True))


def _kept_details(path: Path, keep: Sequence[str], measurements: Sequence[Measurement]) -> list[Any]:
    if not keep or not path.is_file():
        return []
    try:
        models = {model["team"]: model for model in read_json(path.read_text(encoding="utf-8"))["models"]}
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise AnalysisError(f"{path} cannot be read ({error}); remove it, and measure all models") from error
    new = {one.team for one in measurements}
    return [model for team, model in models.items() if team in keep and team not in new]
