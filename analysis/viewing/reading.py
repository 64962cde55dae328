"""conditions.csv of an export: how each judge looked."""

from typing import Any

import pandas as pd

from analysis.tables import Source, known_columns, labels, numbers, read_table

REQUIRED = ("judge", "kind")
BROWSER_NUMBERS = ("dpr", "width", "height", "pixels_per_degree")
TOLD_NUMBERS = ("distance_cm", "dark", "bright", "acuity")
BROWSER_WORDS = ("exact", "gamut", "hdr", "touch")
TOLD_WORDS = (
    "checkerboard", "light", "brightness", "blue_light", "auto_brightness", "panel", "colours",
)  # fmt: skip
OTHERS = ("changed", "outside")
OPTIONAL = (*BROWSER_NUMBERS, *TOLD_NUMBERS, *BROWSER_WORDS, *TOLD_WORDS, *OTHERS)


def read_conditions(source: Source) -> pd.DataFrame:
    """Return how each judge looked, a row for each, indexed by judge.

    A judge who opened the judging page often is described by what most of the openings reported (numbers by
    their median); what only the judge knows, by the last answer.

    Returns
    -------
    DataFrame
        The columns above as far as the table has them, `window` (megapixels of the window), `changes` (how
        often something changed while judging) and `was_outside` (whether a limit of the study was not kept
        while judging).

    Raises
    ------
    AnalysisError
        If a column is missing or a value cannot be.
    """
    what = "conditions.csv"
    table = known_columns(read_table(source), REQUIRED, OPTIONAL, what=what)
    for name in REQUIRED:
        table[name] = labels(table[name], what=f"{what}, column {name}").astype(str)
    for name in (*BROWSER_NUMBERS, *TOLD_NUMBERS):
        if name in table:
            table[name] = numbers(table[name], what=f"{what}, column {name}")
    for name in (*BROWSER_WORDS, *TOLD_WORDS, *OTHERS):
        if name in table:
            words = table[name].astype(object)
            table[name] = words.where(words.notna(), None)
    if {"dpr", "width", "height"} <= set(table):
        table["window"] = table["width"] * table["height"] * table["dpr"] ** 2 / 1e6
    rows = {str(judge): _summary(reports) for judge, reports in table.groupby("judge", sort=True)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("judge")


def _summary(reports: pd.DataFrame) -> dict[str, Any]:
    checks = reports[reports["kind"] == "check"]
    opened = reports[reports["kind"] == "opened"]
    judging = reports[reports["kind"].isin(["opened", "change"])]
    found: dict[str, Any] = {}
    for name in (*BROWSER_WORDS, *BROWSER_NUMBERS, "window", *TOLD_WORDS, *TOLD_NUMBERS):
        if name not in reports:
            continue
        known = opened[name].dropna()
        if name in (*TOLD_WORDS, *TOLD_NUMBERS) or known.empty:
            told = checks[name].dropna()
            found[name] = None if told.empty else told.iloc[-1]
        else:
            found[name] = known.mode().iloc[0] if name in BROWSER_WORDS else known.median()
    found["changes"] = int((reports["kind"] == "change").sum())
    found["was_outside"] = "outside" in reports and bool(judging["outside"].notna().any())
    return found
