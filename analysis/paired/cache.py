"""Metric values kept on disk by content, so that an interrupted run can continue."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.files import Waiting
from analysis.json_text import read_json


@dataclass(frozen=True)
class ValueCache:
    """One small file for each value, named by the hash of everything that the value depends on.

    Several processes may share the folder: a file appears whole or not at all. Deleting any of it is safe.
    """

    folder: Path

    def get(self, about: Mapping[str, Any]) -> float | None:
        """Return the value kept for this description, or None."""
        try:
            kept = read_json(self._path(about).read_text(encoding="utf-8"))
            return float(kept["value"]) if kept["about"] == about else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, about: Mapping[str, Any], value: float) -> None:
        """Keep a value under its description."""
        path = self._path(about)
        path.parent.mkdir(parents=True, exist_ok=True)
        with Waiting(path, lasting=False) as waiting:
            waiting.write(json.dumps({"about": about, "value": value}, sort_keys=True))
            waiting.take_its_place()

    def _path(self, about: Mapping[str, Any]) -> Path:
        digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
        return self.folder / digest[:2] / f"{digest}.json"
