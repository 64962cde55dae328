"""All tables of an export in one workbook, for people with a spreadsheet program."""

import csv
import io
import math
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from analysis.columns import TABLES, described
from analysis.printable import printable_lines

WORKBOOK = "tables.xlsx"
ABOUT = "about"
MOST_ROWS = 1_048_576
"""What a sheet holds, with its header."""
LONGEST = 32_767
"""Characters that a cell holds."""

_FIXED = (1980, 1, 1, 0, 0, 0)
_DATES = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")


def tables_workbook(paths: Iterable[Path], *, title: str, notes: Iterable[str]) -> bytes:
    """Return a workbook with a sheet for each of these CSV files, and one that says what they are.

    Numbers are numbers, rounded to 16 digits. Every text is a text, whatever it begins with, so nothing is
    ever computed. A table with more rows than a sheet holds is left out, and the first sheet says so. The
    same files give the same bytes.
    """
    import openpyxl  # needed here and for lists of judges alone, and slow to import

    book = openpyxl.Workbook(write_only=True)
    paths = sorted(paths)
    too_long = {path for path in paths if _longer(path, MOST_ROWS)}
    about = book.create_sheet(ABOUT)
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 30, 110
    for row in _about(paths, too_long, title, notes):
        about.append([_text(about, cell) for cell in row])
    for path in paths:
        if path not in too_long:
            _add(book.create_sheet(path.stem), path)
    out = io.BytesIO()
    book.save(out)
    return _undated(out)


def _about(paths: list[Path], too_long: set[Path], title: str, notes: Iterable[str]) -> Iterator[list[str]]:
    yield ["study", title]
    for note in notes:
        yield ["note", note]
    for path in paths:
        left_out = f"; left out: it has more than {MOST_ROWS:,} lines, see {path.name}"
        yield [path.stem, TABLES[path.name].rows + left_out * (path in too_long)]


def _longer(path: Path, most: int) -> bool:
    if path.stat().st_size < 2 * most:  # a line has two characters at least
        return False
    with path.open(encoding="utf-8-sig", newline="") as file:
        return any(number > most for number, _ in enumerate(csv.reader(file), start=1))


def _add(sheet: Any, path: Path) -> None:
    sheet.freeze_panes = "A2"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        names = next(rows)
        sheet.append([_text(sheet, name) for name in names])
        types = [described(path.name, name).type for name in names]
        for row in rows:
            sheet.append([_cell(sheet, text, type_) for text, type_ in zip(row, types, strict=True)])


def _cell(sheet: Any, text: str, type_: str) -> Any:
    if not text:
        return None
    if type_ == "boolean" and text in ("True", "False"):
        return text == "True"
    if type_ in ("number", "integer"):
        try:
            value = float(text)
        except ValueError:
            return _text(sheet, text)
        if math.isfinite(value):
            return int(value) if type_ == "integer" and value.is_integer() else value
    return _text(sheet, text)


def _text(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    text = printable_lines(text)[:LONGEST]
    if not text.startswith(("=", "#")):
        return text
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # openpyxl takes it for a formula or an error
    return cell


def _undated(written: io.BytesIO) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = _DATES.sub(rb"\g<1>1980-01-01T00:00:00Z", data)
            info = zipfile.ZipInfo(name, _FIXED)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, data)
    return out.getvalue()
