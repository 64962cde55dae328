"""YAML read from a disk, and so JSON: whatever is wrong with it is one kind of error."""

from pathlib import Path
from typing import Any

import yaml

from analysis.errors import AnalysisError

_LARGEST = 1_000_000
"""Bytes that are read: more than any file has that people write by hand."""


def read_yaml(path: Path, *, named: str) -> Any:
    """Return the content of a YAML or JSON file, which errors call `named`.

    Raises
    ------
    AnalysisError
        If it cannot be read or is neither.
    """
    try:
        with path.open("rb") as file:
            return yaml.safe_load(file.read(_LARGEST).decode("utf-8"))
    except OSError as error:
        raise AnalysisError(f"{named}: {error.strerror}") from None
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError):
        raise AnalysisError(f"{named}: neither YAML nor JSON") from None
