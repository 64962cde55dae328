"""Read a CSV of unknown origin: its encoding, separator and decimal mark; every guess is reported.

Everything is read as categories of text, so that memory grows with the number of distinct values, and each
of them is parsed once. Only an empty cell is missing: a team may be called "NA".
"""

import io
import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, TextIO

import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.csv_source import END_OF_FILE_SIGN, LOOSE_TEXT, OPEN_QUOTE, CsvSource, match_columns, open_csv
from analysis.errors import AnalysisError, InputWarning

Source = str | Path | BinaryIO
_SPARE_COLUMNS = 8
_NO_NUMBER = "leave the cell empty if there is none"
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_GROUPED = re.compile(r"[+-]?\d{1,3}([.,'’ \u00a0\u202f]\d{3})+([.,]\d*)?")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def read_table(source: Source) -> pd.DataFrame:
    """Read a CSV file with a header line into columns of categorical text.

    Parameters
    ----------
    source
        A path, or an open binary file; `analysis.csv_source.open_csv` says which encodings and separators
        are read. Nameless empty columns, as spreadsheets leave at the right, are dropped.

    Returns
    -------
    DataFrame
        Its `attrs` hold the separator, which decides what a comma in a number means.

    Raises
    ------
    AnalysisError
        If the file is missing, empty, in mixed encodings, has two columns of one name or a line too long.
    """
    name, data = _open(source)
    try:
        opened = open_csv(name, data)
        for remark in opened.remarks:
            warnings.warn(remark, InputWarning, stacklevel=2)
        try:
            table = _without_empty_columns(name, _body(name, opened), opened.header)
        finally:
            opened.text.detach()
    finally:
        if isinstance(source, str | Path):
            data.close()
    table = _without_empty_rows(name, table)
    table.attrs["separator"] = opened.separator
    return table


def _body(name: str, opened: CsvSource) -> pd.DataFrame:
    """The rows below the header, with a few columns more than it names, which must turn out empty."""
    names = range(len(opened.header) + _SPARE_COLUMNS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                _Prefixed(f"{opened.separator.join(['text'] * len(names))}\n", opened.text),
                sep=opened.separator,
                dtype="category",
                keep_default_na=False,
                na_values=[""],
                index_col=False,
                header=None,
                names=names,
                skipinitialspace=True,
            )
    except pd.errors.ParserWarning as error:
        raise AnalysisError(f"{name}: a line has more values than there are columns; {LOOSE_TEXT}") from error
    except (pd.errors.ParserError, UnicodeError) as error:
        if "EOF inside string" in str(error):
            raise AnalysisError(f"{name}: {'; '.join(OPEN_QUOTE)}") from error
        raise AnalysisError(f"{name} is not a table: {' '.join(str(error).split())}") from error
    table = table.iloc[1:].reset_index(drop=True)
    return table.apply(lambda column: column.cat.remove_unused_categories()) if len(table) else table


class _Prefixed(io.TextIOBase):
    """A text below a line of words: pandas makes numbers of a column of nothing else, but 001 is a name."""

    def __init__(self, line: str, text: TextIO) -> None:
        self._line, self._text = line, text

    def read(self, size: int | None = -1, /) -> str:
        line, self._line = self._line, ""
        return line or self._text.read(-1 if size is None else size)


def _without_empty_columns(name: str, table: pd.DataFrame, header: list[str]) -> pd.DataFrame:
    names = [*header, *[""] * (table.shape[1] - len(header))]
    named = max((place + 1 for place, column in enumerate(names) if column), default=0)
    for place, column in enumerate(names):
        if column == "" and table[place].notna().any():
            row = int(np.argmax(table[place].notna().to_numpy()))
            if place < named:
                value = table[place].iat[row]
                raise AnalysisError(
                    f"{name}: column {place + 1} has no name but contains {value!r}; name it, or remove it"
                )
            count = int(np.flatnonzero(table.iloc[row].notna().to_numpy())[-1]) + 1
            raise AnalysisError(
                f"{name}: {how_many(count, 'values')} for {how_many(named, 'columns')}; {LOOSE_TEXT}"
            )
    kept = [place for place, column in enumerate(names) if column]
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        raise AnalysisError(f"{name}: column {twice[0]!r} appears twice; keep one of the two")
    return table[kept].set_axis([names[place] for place in kept], axis=1)


def known_columns(
    table: pd.DataFrame, required: Iterable[str], optional: Iterable[str] = (), *, what: str
) -> pd.DataFrame:
    """Return the columns that a command knows, under the names it knows; others are left out.

    Ignores case and treats spaces and hyphens as underscores. A table may have extra columns, so that one
    command can read what another writes. But an extra column whose name is close to that of a missing one is
    refused as a misspelling.

    Raises
    ------
    AnalysisError
        For a missing column, a misspelt one, or two of one name.
    """
    columns = match_columns([str(column) for column in table.columns], required, optional)
    if columns.problems:
        first, *more = ["; ".join(problem) for problem in columns.problems]
        raise AnalysisError(f"{what}: {first}" + (f" (and {len(more)} more)" if more else ""))
    kept = [place for place, name in enumerate(columns.names) if name not in columns.unused]
    return table.iloc[:, kept].set_axis([columns.names[place] for place in kept], axis=1)


def numbers(column: pd.Series, *, what: str, lowest: float | None = None) -> np.ndarray:
    """Return a column as floats, NaN if empty.

    A comma is a decimal mark if nothing else is possible: as in 0,276 or 20,5, or in a table whose separator
    is the semicolon. Decimal commas are read with a warning. A value that could be 16703 or 16.703 is an
    error, and so are decimal commas mixed with decimal points, anything else that is not a finite number, and
    a value below `lowest`.
    """
    values = _parsed(column, what)
    if np.isinf(values).any():
        raise AnalysisError(f"{what}: infinite value; {_NO_NUMBER}")
    if lowest is not None and (values < lowest).any():
        raise AnalysisError(f"{what}: {'; '.join(too_low(np.nanmin(values), lowest))}")
    return values


def _parsed(column: pd.Series, what: str) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=float, na_value=np.nan)
    separator = column.attrs.get("separator", ",")
    column = column.astype("category")
    texts = [str(value).strip() for value in column.cat.categories]
    commas = [text for text in texts if _DECIMAL_COMMA.fullmatch(text)]
    if commas:
        _check_commas(commas, texts, separator, what)
        message = f"{what}: decimal commas were read as decimal points ({commas[0]} as {number(commas[0])})"
        warnings.warn(message, InputWarning, stacklevel=2)
    try:
        values = np.array([*map(number, texts), np.nan])
    except AnalysisError as error:
        raise AnalysisError(f"{what}: {error}") from None
    return values[column.cat.codes.to_numpy()]


def _check_commas(commas: list[str], texts: list[str], separator: str, what: str) -> None:
    """Refuse commas of which nobody can tell whether they mark decimals or thousands."""
    points = [text for text in texts if "." in text]
    thousands = [text for text in commas if _THOUSANDS.fullmatch(text)]
    if points:
        raise AnalysisError(
            f"{what}: {commas[0]!r} has a comma and {points[0]!r} a point; write all numbers with decimal "
            "points and without thousands separators"
        )
    if separator != ";" and len(thousands) == len(commas):
        low, high = thousands[0].replace(",", "."), thousands[0].replace(",", "")
        raise AnalysisError(f"{what}: {thousands[0]!r} could be {high} or {low}; write it without the comma")


def labels(column: pd.Series, *, what: str) -> pd.Series:
    """Return a column as categorical text, stripped, categories sorted; an empty cell is an error."""
    column = column.astype("category")
    if column.isna().any():
        row = int(np.argmax(column.isna().to_numpy()))
        raise AnalysisError(f"{what}, row {row + 1}: empty; every row needs a {what.rsplit(' ', 1)[-1]}")
    stripped = [_text(value) for value in column.cat.categories]
    if "" in stripped:
        raise AnalysisError(f"{what}: a blank value; every row needs a {what.rsplit(' ', 1)[-1]}")
    names = sorted(set(stripped))
    place = {text: index for index, text in enumerate(names)}
    remap = np.array([place[text] for text in stripped], dtype=np.int32)
    codes = remap[column.cat.codes.to_numpy()] if len(remap) else np.empty(0, dtype=np.int32)
    return pd.Series(
        pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(names)),
        index=column.index,
        name=column.name,
    )


def _text(value: object) -> str:
    """Text of a label; 7.0, a spreadsheet's way to write the image 7, is "7"."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _open(source: Source) -> tuple[str, BinaryIO]:
    if isinstance(source, str | Path):
        path = Path(source)
        try:
            return path.name, path.open("rb")
        except OSError as error:
            raise AnalysisError(f"cannot read {path}: {error.strerror}") from error
    if source.seekable():
        return str(getattr(source, "name", "input")), source
    return str(getattr(source, "name", "input")), io.BytesIO(source.read())


def _without_empty_rows(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Spreadsheets leave rows of bare separators below a table, and some programs an end-of-file sign."""
    empty = np.logical_and.reduce([table[column].isna().to_numpy() for column in table])
    last = table.tail(1).to_numpy(dtype=object).ravel()
    signed = [value for value in last if not pd.isna(value)] == [END_OF_FILE_SIGN]
    if empty.any():
        warnings.warn(
            f"{name}: skipped {how_many(int(empty.sum()), 'empty rows')}", InputWarning, stacklevel=3
        )
    if not (empty.any() or signed):
        return table
    if signed:
        empty[-1] = True
    kept = table[~empty].reset_index(drop=True)
    return kept.apply(lambda column: column.cat.remove_unused_categories()) if len(kept) else kept


def too_low(value: float, lowest: float) -> tuple[str, str]:
    """Return what is wrong with a number, and the remedy."""
    return f"{value:g} is below {lowest:g}", _NO_NUMBER


def number(text: str) -> float:
    """Return the number in a cell; a single comma is a decimal mark.

    Raises
    ------
    AnalysisError
        Naming the text, but not its position.
    """
    plain = text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text
    if _NUMBER.fullmatch(plain):
        return float(plain)
    if _GROUPED.fullmatch(text):
        raise AnalysisError(
            f"{text!r} is not a plain number; write it with a decimal point and without thousands separators"
        )
    raise AnalysisError(f"{text!r} is not a number; {_NO_NUMBER}")
