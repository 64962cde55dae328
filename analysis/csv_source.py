"""Open a CSV file from a spreadsheet or a person: find its encoding, its separator and its header.

Standard library only: it reads a study's list of judges as well as ten million votes.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from analysis.did_you_mean import misspelt
from analysis.errors import AnalysisError
from analysis.printable import printable

SEPARATORS = (",", ";", "\t")
END_OF_FILE_SIGN = "\x1a"
"""Some old programs end a text with it."""
OPEN_QUOTE = ("a quote is opened but never closed", "fix the quotes")
LOOSE_TEXT = "put text with commas in quotes"

_NEARLY = 0.75  # how alike two column names are when one is taken for the other misspelt
_CHUNK = 1 << 20
_LONGEST_HEADER = 1 << 16
_NOTHING = str.maketrans("", "", '",;\t' + END_OF_FILE_SIGN)
_SEPARATOR_LINES = {f"sep={sign}": sign for sign in SEPARATORS}
_COMMON_CHINESE = range(0xB0, 0xD8)  # lead bytes of GB 2312's level 1, the 3,755 characters in daily use


@dataclass(frozen=True)
class CsvSource:
    """An opened CSV file.

    Attributes
    ----------
    header
        The column names, stripped.
    line
        The line number of the header in the file.
    text
        What follows the header, not yet read; `detach` it to leave the bytes open for whoever opened them.
    separator
        One of `SEPARATORS`.
    remarks
        What the reader had to guess, each for a warning.
    encoding
        How the letters were read, as Python names it.
    """

    header: list[str]
    line: int
    text: io.TextIOWrapper
    separator: str
    remarks: tuple[str, ...] = ()
    encoding: str = "utf-8-sig"


def open_csv(name: str, data: BinaryIO, *, encoding: str | None = None) -> CsvSource:
    """Find out how a CSV file is written, and read its header.

    Accepts UTF-8 and UTF-16 (with or without a byte order mark), and Windows-1252 and GBK, which can only be
    guessed, with a remark. A line `sep=;` as Excel writes it, and empty lines above the header, are skipped.
    Line ends may be those of Windows, Unix or old Macs.

    Parameters
    ----------
    name
        The file's name in messages.
    data
        The bytes, from their start; must be seekable.
    encoding
        As somebody who saw the letters chose it; by default it is found out.

    Raises
    ------
    AnalysisError
        If the file is empty, not text, or in two encodings at once.
    """
    encoding, remarks = (encoding, ()) if encoding else _encoding(name, data)
    data.seek(0)
    text = io.TextIOWrapper(data, encoding=encoding, newline="")
    try:
        header, line, separator = _header(name, text)
    except (AnalysisError, UnicodeError, csv.Error) as error:
        text.detach()
        if isinstance(error, AnalysisError):
            raise
        raise AnalysisError(f"{name}: the header cannot be read ({error}); save the file as UTF-8") from error
    return CsvSource(header, line, text, separator, remarks, encoding)


@dataclass(frozen=True)
class Columns:
    """The columns of a table, for code that needs some of them.

    Attributes
    ----------
    names
        The header, with known columns under their known names.
    problems
        What prevents reading the table, each as problem and remedy.
    unused
        Columns that nobody asks for.
    """

    names: list[str]
    problems: list[tuple[str, str]]
    unused: list[str]


def match_columns(
    header: Sequence[str],
    required: Iterable[str],
    optional: Iterable[str] = (),
    synonyms: Mapping[str, str] | None = None,
) -> Columns:
    """Find the known columns, ignoring case and treating spaces and hyphens as underscores.

    A table may have extra columns, so that one command can read what another writes. But an extra column
    whose name is close to that of a missing one is reported as a misspelling. `synonyms` are other names of
    known columns, such as other programs write them.

    Examples
    --------
    >>> match_columns(["Team", "time ms", "note"], ["team"], ["time_ms"]).names
    ['team', 'time_ms', 'note']
    >>> match_columns(["team", "ecsore"], ["team"], ["escore"]).problems
    [("unknown column 'ecsore'", "did you mean 'escore'?")]
    """
    required = list(required)
    known = {_plain(name): name for name in (*required, *optional)}
    names = [known.get(_plain(name), name) for name in header]
    also = {_plain(name): meant for name, meant in (synonyms or {}).items()}
    for place, name in enumerate(names):
        if (meant_by := also.get(_plain(name))) and meant_by not in names:
            names[place] = meant_by
    absent = {plain: name for plain, name in known.items() if name not in names}
    problems = [
        (f"column {name!r} appears twice", "keep one of the two")
        for name in sorted({name for name in names if name and names.count(name) > 1})
    ]
    unused, meant = [], set()
    for name in dict.fromkeys(name for name in names if name and _plain(name) not in known):
        near = misspelt(_plain(name), absent, alike=_NEARLY)
        if near is None:
            unused.append(name)
        else:
            meant.add(absent[near])
            problems.append((f"unknown column {name!r}", f"did you mean {absent[near]!r}?"))
    problems += [
        (
            f"column {name!r} is missing",
            f"add it; the columns are {', '.join(filter(None, map(printable, header))) or 'none'}",
        )
        for name in required
        if name not in names and name not in meant
    ]
    return Columns(names, problems, unused)


def _plain(column: str) -> str:
    return re.sub(r"[\s_-]+", "_", column.strip().casefold())


def _header(name: str, text: io.TextIOWrapper) -> tuple[list[str], int, str]:
    declared = None
    for number, line in enumerate(iter(lambda: text.readline(_LONGEST_HEADER), ""), start=1):
        plain = line.strip().strip('"').casefold() if number == 1 else ""
        if plain in ("sep=", *_SEPARATOR_LINES):
            declared = _SEPARATOR_LINES.get(plain, "\t")
        elif line.translate(_NOTHING).strip():
            separator = declared or max(SEPARATORS, key=lambda sign: len(_fields(iter([line]), sign)))
            rest = iter(text.readline, "")
            cells = _fields((piece for source in ([line], rest) for piece in source), separator)
            return [cell.strip() for cell in cells], number, separator
    raise AnalysisError(f"{name} is empty; it needs a header line with the column names")


def _fields(lines: Iterator[str], separator: str) -> list[str]:
    return next(csv.reader(lines, delimiter=separator), [])


def _encoding(name: str, data: BinaryIO) -> tuple[str, tuple[str, ...]]:
    start = data.read(4096)
    data.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", ()
    if b"\0" in start:
        return _utf_16(name, start), ()
    if _is_utf8(data):
        return "utf-8-sig", ()
    data.seek(0)
    sample = _undecodable(name, data)
    encoding, words = ("gb18030", "GBK") if _looks_chinese(sample) else ("cp1252", "Windows-1252 (cp1252)")
    shown = sample.decode(encoding, "replace").strip()[:40]
    return encoding, (
        f"{name} is not UTF-8, so it was read as {words}, as in {shown!r}; save it as UTF-8 if that is wrong",
    )


def _utf_16(name: str, start: bytes) -> str:
    """UTF-16 without its mark shows by the zero halves of plain letters."""
    for encoding, zeros, letters in (
        ("utf-16-le", start[1::2], start[::2]),
        ("utf-16-be", start[::2], start[1::2]),
    ):
        if 2 * zeros.count(0) > len(zeros) and 0 not in letters:
            return encoding
    raise AnalysisError(f"{name} is not text; save it as CSV in UTF-8")


def _is_utf8(data: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := data.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _undecodable(name: str, data: BinaryIO) -> bytes:
    """The first line that is not UTF-8; where another line is UTF-8 and not ASCII, the file is refused."""
    first: dict[bool, tuple[int, bytes]] = {}
    for number, line in enumerate(data, start=1):
        if line.isascii():
            continue
        first.setdefault(_is_utf8(io.BytesIO(line)), (number, line))
        if len(first) == 2:
            raise AnalysisError(
                f"{name} mixes encodings: line {first[True][0]} is UTF-8, line {first[False][0]} is not; "
                "save it as UTF-8"
            )
    return first[False][1]


def _looks_chinese(line: bytes) -> bool:
    """Whether a line is GBK rather than Windows-1252: accented letters seldom stand in pairs, and such pairs
    are seldom common Chinese characters."""
    try:
        foreign = [letter.encode("gb18030") for letter in line.decode("gb18030") if not letter.isascii()]
    except UnicodeDecodeError:
        return False
    common = [code for code in foreign if len(code) == 2 and code[0] in _COMMON_CHINESE and code[1] > 0xA0]
    return 2 * len(common) > len(foreign)
