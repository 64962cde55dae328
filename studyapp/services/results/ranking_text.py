"""A ranking as text: for the terminal, for spreadsheets, for a page."""

import pandas as pd

from analysis.output import Output, render
from analysis.ranking import shown_decimals
from analysis.spreadsheets import plain_cell
from studyapp.services.results.ranking import StudyRanking

NOTHING = "–"
LOW, HIGH = "_low", "_high"


def format_ranking(ranking: StudyRanking, form: str) -> str:
    """Return the ranking as text, csv, json, markdown or latex; what goes with it is there, except in csv.

    csv and json have a column for each end of an interval and for the formula of S2; the others write
    "value [low, high]". A table in csv has no place for words; who prints it says them elsewhere.
    """
    if form == "csv":
        return render(Output(table=for_spreadsheets(marked(ranking))), form).rstrip("\n")
    told = [" ".join(remark.split()) for remark in ranking.remarks]
    if form == "json":
        data = {"notes": told, "ranking": marked(ranking).to_dict("records")}
        return render(Output(table=ranking.table, data=data), form).rstrip("\n")
    table = with_spans(ranking.table)
    table = table.assign(simulated=True) if ranking.simulated else table
    mark = {"markdown": "- ", "latex": "% "}.get(form)
    first = "" if mark is None else "\n".join(mark + remark for remark in told) + "\n\n"
    return first + render(Output(table=table), form).rstrip("\n")


def marked(ranking: StudyRanking) -> pd.DataFrame:
    """Return the ranking as files have it: with the formula of S2, and whether votes are simulated."""
    table = ranking.table
    if ranking.parts.parts.formula is not None:
        table = table.assign(s2_formula=ranking.parts.parts.formula)
    return table.assign(simulated=True) if ranking.simulated else table


def for_spreadsheets(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the names that people chose as the cells of a CSV file hold them."""
    return table.assign(name=table["name"].map(plain_cell)) if "name" in table else table


def with_spans(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with each value and its interval as one text, "81.37 [80.02, 82.71]".

    Two decimals, or as many as tell unequal values of a column apart.
    """
    table, digits = table.copy(), shown_decimals(table)
    for name in [str(name).removesuffix(LOW) for name in table.columns if str(name).endswith(LOW)]:
        limits = zip(table[name], table[name + LOW], table[name + HIGH], strict=True)
        shown = digits.get(name, 2)
        table[name] = [_cell(name, value, shown) + _span(low, high, shown) for value, low, high in limits]
        table = table.drop(columns=[name + LOW, name + HIGH])
    return table


def as_text(table: pd.DataFrame) -> list[dict[str, str]]:
    """Return the rows with every cell as it is shown on a page: a dash for what is missing."""
    digits = shown_decimals(table)
    return [
        {str(name): _cell(str(name), value, digits.get(str(name), 2)) for name, value in row.items()}
        for row in with_spans(table).to_dict("records")
    ]


def _span(low: float, high: float, decimals: int) -> str:
    return "" if pd.isna(low) or pd.isna(high) else f" [{low:.{decimals}f}, {high:.{decimals}f}]"


def _cell(name: str, value: object, decimals: int) -> str:
    if value is None or pd.isna(value):  # pyright: ignore[reportArgumentType, reportCallIssue]
        return NOTHING
    if isinstance(value, float):
        return f"{value:.0f}" if name == "points" and value.is_integer() else f"{value:.{decimals}f}"
    return value if isinstance(value, str) else str(value)  # a text stays one that can be translated
