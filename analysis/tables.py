"""Read a CSV of unknown origin: its encoding, separator and decimal mark, with every guess reported.

Everything is read as categories of text, so that memory follows the number of distinct values and each of
them is parsed once. Only an empty cell is missing: a team may be called "NA".
"""

import codecs
import difflib
import io
import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError, InputWarning

Source = str | Path | BinaryIO
SEPARATORS = (",", ";", "\t")
_CHUNK = 1 << 20
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def read_table(source: Source) -> pd.DataFrame:
    """Read a CSV file with a header line into columns of categorical text.

    Parameters
    ----------
    source
        A path, or an open binary file. UTF-8 (with or without a mark), UTF-16 and, with a warning,
        Windows-1252 are read; fields are separated by commas, semicolons or tabs.

    Raises
    ------
    AnalysisError
        If the file is missing, empty, in mixed encodings, has two columns of one name or a line too long.
    """
    name, data = _open(source)
    encoding = _encoding(name, data)
    data.seek(0)
    header = _header(data, encoding)
    if not header.strip():
        raise AnalysisError(f"{name} is empty; a header line with the column names is needed")
    separator = max(SEPARATORS, key=header.count)
    data.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                data,
                sep=separator,
                encoding=encoding,
                dtype="category",
                keep_default_na=False,
                na_values=[""],
                index_col=False,
                header=None,
                skipinitialspace=True,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError) as error:
        raise AnalysisError(f"{name} is not a table: {' '.join(str(error).split())}") from error
    finally:
        if isinstance(source, str | Path):
            data.close()
    return _named(name, table)


def check_columns(
    table: pd.DataFrame, required: Iterable[str], optional: Iterable[str], *, what: str
) -> None:
    """Refuse a table that lacks a required column, or has one that is not known (naming the nearest)."""
    required, known = list(required), [*required, *optional]
    unknown = [str(column) for column in table.columns if column not in known]
    missing = [column for column in required if column not in table.columns]
    if unknown:
        hints = [_with_hint(column, known) for column in unknown]
        raise AnalysisError(f"{what}: unknown column {', '.join(hints)}; known are {', '.join(known)}")
    if missing:
        raise AnalysisError(f"{what}: missing column {', '.join(missing)}; needed are {', '.join(required)}")


def numbers(column: pd.Series, *, what: str, lowest: float | None = None) -> np.ndarray:
    """Return a column as floats, NaN where it is empty.

    Decimal commas are read with a warning; anything else that is not a finite number, or is below
    `lowest`, is an error naming it.
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
    column = column.astype("category")
    texts = [str(value).strip() for value in column.cat.categories]
    commas = [text for text in texts if _DECIMAL_COMMA.fullmatch(text)]
    if commas:
        message = f"{what}: decimal commas read as decimal points ({commas[0]} is {_number(commas[0], what)})"
        warnings.warn(message, InputWarning, stacklevel=2)
    values = np.array([*(_number(text, what) for text in texts), np.nan])
    return values[column.cat.codes.to_numpy()]


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


def _encoding(name: str, data: BinaryIO) -> str:
    start = data.read(4096)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in start:
        raise AnalysisError(f"{name} is not text, or UTF-16 without its mark; save it as UTF-8")
    data.seek(0)
    if _is_utf8(data):
        return "utf-8-sig"
    data.seek(0)
    _refuse_mixed(name, data)
    warnings.warn(f"{name} is not UTF-8; read as Windows-1252 (cp1252)", InputWarning, stacklevel=3)
    return "cp1252"


def _is_utf8(data: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := data.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_mixed(name: str, data: BinaryIO) -> None:
    first: dict[bool, int] = {}
    for number, line in enumerate(data, start=1):
        if line.isascii():
            continue
        first.setdefault(_is_utf8(io.BytesIO(line)), number)
        if len(first) == 2:
            raise AnalysisError(
                f"{name} mixes encodings: line {first[True]} is UTF-8, line {first[False]} is not; "
                "save it as UTF-8"
            )


def _header(data: BinaryIO, encoding: str) -> str:
    reader = codecs.getreader(encoding)(data)
    try:
        return reader.readline()
    except UnicodeDecodeError as error:
        raise AnalysisError(f"the header line is not {encoding} text; save the file as UTF-8") from error


def _named(name: str, table: pd.DataFrame) -> pd.DataFrame:
    head = ["" if pd.isna(value) else str(value).strip() for value in table.iloc[0]]
    twice = sorted({column for column in head if head.count(column) > 1})
    if twice:
        raise AnalysisError(f"{name} has the column {twice[0]!r} twice; keep one")
    body = _without_empty_rows(name, table.iloc[1:]).reset_index(drop=True)
    body.columns = head
    return body.apply(lambda column: column.cat.remove_unused_categories()) if len(body) else body


def _without_empty_rows(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Spreadsheets leave rows of bare separators below a table."""
    empty = np.logical_and.reduce([table[column].isna().to_numpy() for column in table])
    if not empty.any():
        return table
    warnings.warn(f"{name}: {int(empty.sum())} empty rows skipped", InputWarning, stacklevel=4)
    return table[~empty]


def _with_hint(column: str, known: list[str]) -> str:
    near = difflib.get_close_matches(column.strip().casefold(), known, n=1)
    return f"{column!r} (did you mean {near[0]!r}?)" if near else repr(column)


def _number(text: str, what: str) -> float:
    plain = text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text
    if not _NUMBER.fullmatch(plain):
        raise AnalysisError(f"{what}: {text!r} is not a number; leave the cell empty if there is none")
    return float(plain)
