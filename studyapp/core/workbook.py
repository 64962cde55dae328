"""Reading a small table of an .xlsx file: values as they are shown, no formula is computed.

A workbook is a zip of XML. One from a stranger may be a bomb, so its parts are measured before openpyxl
unpacks them, and rows and columns are counted.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

LARGEST_UNPACKED = 64 * 2**20
MOST_PARTS = 500
MOST_ROWS, MOST_COLUMNS = 20_000, 60
_DOCTYPE = tuple("<!DOCTYPE".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))


class WorkbookError(ValueError):
    """Why a workbook cannot be read, and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


def is_workbook(data: bytes) -> bool:
    """Tell whether a file is a workbook rather than text, old .xls files included."""
    return data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def first_table(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the first sheet that has any: their numbers, and their cells as text.

    Raises
    ------
    WorkbookError
        When it is no workbook, protected by a password, or larger than a list of people is.
    """
    _check_parts(data)
    import openpyxl  # needed here alone, and slow to import

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            rows = list(_rows(sheet))
            if rows:
                yield from rows
                return
    except WorkbookError:
        raise
    except Exception as error:
        raise WorkbookError(
            f"the workbook is damaged ({type(error).__name__})", "save it again, or save it as CSV"
        ) from None


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    found = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
    for number, cells in enumerate(found, start=1):
        values = [_text(cell) for cell in cells]
        if not any(values):
            continue
        if number > MOST_ROWS:
            raise WorkbookError(f"more than {MOST_ROWS:,} rows", "keep the rows of people")
        yield number, values


def _text(cell: Any) -> str:
    """Write a cell as a person would read it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell).strip()


def _check_parts(data: bytes) -> None:
    if not data.startswith(b"PK"):
        raise WorkbookError(
            "this is an old .xls file, or one with a password",
            "save it as .xlsx without a password, or as CSV",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise WorkbookError(f"the workbook has {len(parts):,} parts", "save the sheet alone")
            if "xl/workbook.xml" not in {part.filename for part in parts}:
                raise WorkbookError("this is a zip, but no .xlsx workbook", "choose the list of judges")
            left = LARGEST_UNPACKED
            for part in parts:
                left -= _checked(archive, part, left)
    except WorkbookError:
        raise
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise WorkbookError(
            f"the workbook is damaged ({error})", "save it again, or save it as CSV"
        ) from None


def _checked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    """Unpack a part as far as is allowed, whatever size it claims; return how large it is."""
    size, before = 0, b""
    with archive.open(part) as stream:
        while chunk := stream.read(1 << 20):
            size += len(chunk)
            if size > left:
                raise WorkbookError(
                    f"the workbook is larger than {LARGEST_UNPACKED // 2**20} MiB when unpacked",
                    "save the sheet of the judges alone",
                )
            # Entities could make a small part endless; no spreadsheet program writes them.
            if any(mark in before + chunk for mark in _DOCTYPE):
                raise WorkbookError("the workbook declares XML entities", "save it again, or save it as CSV")
            before = chunk[-32:]
    return size
