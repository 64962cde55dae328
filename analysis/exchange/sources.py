"""Read the text of a form: CSV, JSON, JSON lines."""

import io
import json
from typing import Any
from urllib.parse import quote, unquote

import pandas as pd

from analysis.errors import AnalysisError
from analysis.tables import read_table


def csv_table(data: bytes) -> pd.DataFrame:
    """A CSV as columns of text."""
    return read_table(io.BytesIO(data))


def json_value(data: bytes, what: str) -> Any:
    """What a JSON text holds.

    Raises
    ------
    AnalysisError
        If it is no JSON, with the line.
    """
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise AnalysisError(f"{what}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except json.JSONDecodeError as error:
        raise AnalysisError(
            f"{what}: not valid JSON at line {error.lineno}: {error.msg}; correct it"
        ) from error


def records(data: bytes, what: str) -> pd.DataFrame:
    """Rows of a JSON list of objects, of JSON lines, or of a CSV; all as text, empty where a field is
    missing."""
    start = data.lstrip()[:1]
    if start not in (b"[", b"{"):
        return csv_table(data)
    lines = data.decode("utf-8-sig").splitlines()
    found = (
        json_value(data, what)
        if start == b"["
        else [
            json_value(line.encode(), f"{what}, line {n}") for n, line in enumerate(lines, 1) if line.strip()
        ]
    )
    for number, row in enumerate(found, start=1):
        if not isinstance(row, dict):
            raise AnalysisError(f"{what}, entry {number}: {row!r} is not an object; give one for each answer")
    table = pd.DataFrame(found).astype(object)
    return table.where(table.notna(), None).map(lambda value: None if value is None else _text(value))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def joined_path(image: str, team: str) -> str:
    """One path for an image and a team, from which both can be had again."""
    return f"{quote(image, safe=' ')}/{quote(team, safe=' ')}" if image else quote(team, safe=" ")


def split_path(path: str) -> tuple[str, str]:
    """Image and team of a path; the image is empty where it has but one part."""
    image, _, team = path.strip("/").rpartition("/")
    return unquote(image), unquote(team)
