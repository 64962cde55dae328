"""Read a CSV of unknown origin: its encoding, separator and decimal mark, with every guess reported.

Everything is read as categories of text, so that memory follows the number of distinct values and each of
them is parsed once. Only an empty cell is missing: a team may be called "NA".
"""

import io
import re
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO, TextIO

import numpy as np
import pandas as pd

from analysis.csv_source import END_OF_FILE_SIGN, CsvSource, open_csv
from analysis.did_you_mean import misspelt
from analysis.errors import AnalysisError, InputWarning

Source = str | Path | BinaryIO
_SPARE_COLUMNS = 8
_NEARLY = 0.75  # how alike two column names are when one is taken for the other misspelt
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
        are read. Columns without a name and without a value, as spreadsheets leave them at the right, go.

    Returns
    -------
    DataFrame
        Its `attrs` hold the separator, by which a comma in a number is understood.

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
        raise AnalysisError(
            f"{name} has a line with more values than the header; put text with commas in quotes"
        ) from error
    except (pd.errors.ParserError, UnicodeError) as error:
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
    for place, column in enumerate(names):
        if column == "" and table[place].notna().any():
            row = int(np.argmax(table[place].notna().to_numpy()))
            raise AnalysisError(
                f"{name}: column {place + 1} has no name but holds {table[place].iat[row]!r}; name it, or "
                "put text with commas in quotes"
            )
    kept = [place for place, column in enumerate(names) if column]
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        raise AnalysisError(f"{name} has the column {twice[0]!r} twice; keep one")
    return table[kept].set_axis([names[place] for place in kept], axis=1)


def known_columns(
    table: pd.DataFrame, required: Iterable[str], optional: Iterable[str] = (), *, what: str
) -> pd.DataFrame:
    """Return the columns that a command knows, under the names it knows; others are left out.

    Case, and spaces or hyphens for underscores, make no difference. A table may carry more than is needed, so
    that what one command writes another can read; but a column that is nearly called like one that is missing
    was meant to be that one, and is refused.

    Raises
    ------
    AnalysisError
        For a missing column, a misspelt one, or two of one name.
    """
    required = list(required)
    known = [*required, *optional]
    plain = {_plain(name): name for name in known}
    names = {str(column): plain.get(_plain(str(column))) for column in table.columns}
    found = [name for name in names.values() if name]
    twice = [name for name in found if found.count(name) > 1]
    if twice:
        raise AnalysisError(f"{what}: the column {twice[0]!r} is there twice; keep one")
    absent = {_plain(name): name for name in known if name not in found}
    meant = {column: _meant(column, absent) for column, name in names.items() if name is None}
    hints = [f"{column!r} (did you mean {name!r}?)" for column, name in meant.items() if name]
    missing = [name for name in required if name not in found and name not in meant.values()]
    if hints:
        raise AnalysisError(f"{what}: unknown column {', '.join(hints)}; rename it, or leave it out")
    if missing:
        there = ", ".join(names) or "none"
        raise AnalysisError(f"{what}: missing column {', '.join(missing)}; the table has {there}")
    kept = {column: name for column, name in names.items() if name}
    return table[list(kept)].rename(columns=kept)


def _plain(column: str) -> str:
    return re.sub(r"[\s_-]+", "_", column.strip().casefold())


def _meant(column: str, absent: Mapping[str, str]) -> str | None:
    near = misspelt(_plain(column), absent, alike=_NEARLY)
    return absent[near] if near else None


def numbers(column: pd.Series, *, what: str, lowest: float | None = None) -> np.ndarray:
    """Return a column as floats, NaN where it is empty.

    A comma is a decimal mark where nothing else is possible: as in 0,276 or 20,5, or in a table whose
    separator is the semicolon. Decimal commas are read with a warning. What could be 16703 as well as 16.703
    is an error, as are decimal commas beside decimal points, anything else that is no finite number, and a
    value below `lowest`.
    """
    values = _parsed(column, what)
    if np.isinf(values).any():
        raise AnalysisError(f"{what}: infinite value; give a finite number or leave the cell empty")
    if lowest is not None and (values < lowest).any():
        raise AnalysisError(f"{what}: {np.nanmin(values):g} is below {lowest:g}")
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
        message = f"{what}: decimal commas read as decimal points ({commas[0]} is {_number(commas[0], what)})"
        warnings.warn(message, InputWarning, stacklevel=2)
    values = np.array([*(_number(text, what) for text in texts), np.nan])
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
        raise AnalysisError(f"{what}: {thousands[0]!r} may be {high} or {low}; write it without the comma")


def labels(column: pd.Series, *, what: str) -> pd.Series:
    """Return a column as categorical text, stripped, categories sorted; an empty cell is an error."""
    column = column.astype("category")
    if column.isna().any():
        row = int(np.argmax(column.isna().to_numpy()))
        raise AnalysisError(f"{what}: empty in row {row + 1}; every row needs a {what.rsplit(' ', 1)[-1]}")
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
        warnings.warn(f"{name}: {int(empty.sum())} empty rows skipped", InputWarning, stacklevel=3)
    if not (empty.any() or signed):
        return table
    if signed:
        empty[-1] = True
    kept = table[~empty].reset_index(drop=True)
    return kept.apply(lambda column: column.cat.remove_unused_categories()) if len(kept) else kept


def _number(text: str, what: str) -> float:
    plain = text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text
    if _NUMBER.fullmatch(plain):
        return float(plain)
    if _GROUPED.fullmatch(text):
        raise AnalysisError(
            f"{what}: {text!r} is not a plain number; write it with a decimal point and without thousands "
            "separators"
        )
    raise AnalysisError(f"{what}: {text!r} is not a number; leave the cell empty if there is none")
