"""datapackage.json: the tables of an export as a Frictionless Data Package, described by the column table."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from analysis.columns import TABLES, described
from analysis.files import file_sha256

DATA_PACKAGE = "datapackage.json"
DIALECT = {
    "delimiter": ",",
    "lineTerminator": "\n",
    "quoteChar": '"',
    "doubleQuote": True,
    "header": True,
}
DESCRIPTION = (
    "A blind user study and its ranking; README.md explains the files. The tables begin with a byte order "
    "mark (UTF-8), by which spreadsheets know their letters."
)


def data_package(paths: Iterable[Path], *, title: str, notes: Iterable[str], simulated: bool) -> str:
    """Describe these tables.

    Parameters
    ----------
    paths
        The CSV files, as written.
    title, notes, simulated
        Of the study: its name, what bears on its results, and whether nobody gave the answers.
    """
    content = {
        "profile": "tabular-data-package",
        "name": "studyapp-export",
        "title": title,
        "description": DESCRIPTION,
        "simulated": simulated,
        "notes": list(notes),
        "resources": [_resource(path) for path in sorted(paths)],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def header(path: Path) -> list[str]:
    """Return the names of a table's columns."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file))


def _resource(path: Path) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": path.stem,
        "path": path.name,
        "description": TABLES[path.name].rows,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{file_sha256(path)}",
        "dialect": DIALECT,
        "schema": {"fields": [_field(path.name, name) for name in header(path)], "missingValues": [""]},
    }


def _field(table: str, name: str) -> dict[str, Any]:
    known = described(table, name)
    field = {"name": name, "title": known.title, "description": known.meaning, "type": known.type}
    return field | ({"trueValues": ["True"], "falseValues": ["False"]} if known.type == "boolean" else {})
