"""measures.csv: the cost of each model, one row for each team.

The table is written by `studyapp measure`, or by hand. `REQUIRED` columns must be present; an empty cell
means "unknown", never zero.
"""

import warnings

import numpy as np
import pandas as pd

from analysis.columns import decimals
from analysis.errors import AnalysisError, InputWarning
from analysis.output import telling_decimals
from analysis.tables import Source, known_columns, numbers, read_table
from analysis.teams import team_column

COUNTS = ("images", "passes")
DECIMALS = decimals("measures.csv", ("params_m", "flops_g", "macs_g", "activations_m", "time_ms"))
RANKED = ("params_m", "flops_g", "time_ms")
REQUIRED = ("team", *RANKED)
NUMBERS = (
    "macs_g",
    "activations_m",
    "time_median_ms",
    "time_low_ms",
    "time_high_ms",
    "images",
    "passes",
    "memory_mb",
)
TEXTS = (
    "device",
    "comparable",
    "precision",
    "tile",
    "uncounted",
    "reproduced",
    "status",
    "problem",
    "remarks",
)
OPTIONAL = (*NUMBERS, *TEXTS)
CHOICES = {
    "comparable": ("yes", "no"),
    "reproduced": ("equal", "close", "different", "not compared"),
    "status": ("measured", "failed"),
}


def read_measures(source: Source) -> pd.DataFrame:
    """Read a CSV of measures; see `validate_measures`."""
    return validate_measures(read_table(source))


def validate_measures(measures: pd.DataFrame) -> pd.DataFrame:
    """Return measures as numbers and text, in the table's order of teams.

    Parameters
    ----------
    measures
        `REQUIRED` columns: team, params_m (millions), flops_g (billions for one forward pass of a
        1x3x1024x1024 input), time_ms (mean for an image); and any of `OPTIONAL`: macs_g, activations_m,
        time_median_ms, time_low_ms and time_high_ms (95 % interval of the mean), images, passes, memory_mb
        (peak), device, comparable, precision, tile (edge in pixels, if whole images did not fit),
        uncounted (operators missing from flops_g), reproduced, status, problem, remarks (what a reader of the
        numbers must know).

    Returns
    -------
    DataFrame
        Numbers as floats with NaN if empty, `COUNTS` as whole numbers, text with "" if empty.

    Raises
    ------
    AnalysisError
        For unknown or missing columns, a team listed twice, a value that is negative, not a number or not
        one of `CHOICES`, and an interval of the time that has only one end or does not contain the mean.
    """
    measures = known_columns(measures, REQUIRED, OPTIONAL, what="measures")
    columns: dict[str, object] = {"team": team_column(measures, what="measures")}
    for name in (*RANKED, *NUMBERS):
        if name in measures:
            columns[name] = numbers(measures[name], what=f"measures, column {name}", lowest=0)
    for name in TEXTS:
        if name in measures:
            columns[name] = _text(measures[name], name)
    table = with_whole_counts(pd.DataFrame(columns))
    _check_interval(table)
    _warn_of_devices(table)
    return table


def with_whole_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its `COUNTS` as whole numbers; empty cells stay empty.

    Parameters
    ----------
    table
        Measures, with or without counts.
    """
    whole = {}
    for name in COUNTS:
        if name in table:
            values = table[name].to_numpy(dtype=float, na_value=np.nan)
            if not ((values % 1 > 0) | (values >= 2**53)).any():
                whole[name] = pd.array(values, dtype="Int64")
    return table.assign(**whole)


def reader_notes(table: pd.DataFrame) -> list[str]:
    """Return what a reader must know about a table, a sentence for each model and matter.

    Parameters
    ----------
    table
        Measures; see `validate_measures`.

    Examples
    --------
    >>> reader_notes(pd.DataFrame({"team": ["Ada"], "uncounted": ["INCOMPLETE: x::y"]}))
    ['Ada: its FLOPs are INCOMPLETE: x::y']
    """
    found = []
    for row in table.to_dict("records"):
        said = [text for text in str(row.get("remarks") or "").split("; ") if text]
        if str(row.get("uncounted") or "").startswith("INCOMPLETE"):
            said.append(f"its FLOPs are {row['uncounted']}")
        if row.get("reproduced") == "different":
            said.append("its outputs differ from the submitted images")
        if row.get("problem"):
            said.append(f"{'failed: ' if row.get('status') == 'failed' else ''}{row['problem']}")
        found += [f"{row['team']}: {text}" for text in said]
    cpu = [row["team"] for row in table.to_dict("records") if row.get("comparable") == "no"]
    if cpu:
        found.append(
            f"times of {', '.join(cpu)} were measured on a CPU, so their ranks are valid on that machine only"
        )
    return found


def shown_decimals(table: pd.DataFrame) -> dict[str, int]:
    """Return how many decimals a table shows of each measure, so that unequal values look unequal.

    Parameters
    ----------
    table
        Measures; `DECIMALS` are the fewest.

    Examples
    --------
    >>> table = pd.DataFrame({"params_m": [0.000443, 1.2], "flops_g": [0.00001, 0.00002]})
    >>> shown_decimals(table)
    {'params_m': 6, 'flops_g': 5}
    """
    return {name: telling_decimals(table[name], fewest) for name, fewest in DECIMALS.items() if name in table}


def _text(column: pd.Series, name: str) -> list[str]:
    values = ["" if pd.isna(value) else str(value).strip() for value in column.astype(object)]
    allowed = CHOICES.get(name)
    wrong = [value for value in values if allowed and value and value not in allowed]
    if allowed and wrong:
        raise AnalysisError(f"measures, column {name}: {wrong[0]!r}; use {' or '.join(allowed)}")
    return values


def _check_interval(table: pd.DataFrame) -> None:
    ends = [name for name in ("time_low_ms", "time_high_ms") if name in table]
    if len(ends) == 1:
        raise AnalysisError(f"measures: {ends[0]} without its other end; give both or neither")
    if not ends:
        return
    low, mean, high = (table[name].to_numpy() for name in ("time_low_ms", "time_ms", "time_high_ms"))
    half = np.isnan(low) != np.isnan(high)
    outside = (low > mean) | (mean > high)
    if (half | outside).any():
        row = int(np.argmax(half | outside))
        raise AnalysisError(
            f"measures, team {table['team'][row]!r}: time_ms {mean[row]:g} does not fit its interval "
            f"{low[row]:g} to {high[row]:g}; give two ends around the mean"
        )


def _warn_of_devices(table: pd.DataFrame) -> None:
    """Say when times stand side by side that were not taken on the same hardware."""
    timed = table[table["time_ms"].notna()]
    for name in ("device", "comparable"):
        found = sorted(set(timed[name]) - {""}) if name in timed else []
        if len(found) > 1:
            message = (
                f"measures: times with {name} {' and '.join(map(repr, found))} are in one table; ranks of "
                "time only make sense on the same hardware, so measure the models again on one machine"
            )
            warnings.warn(message, InputWarning, stacklevel=3)
            return
