"""Imports of a model's own files by the name that they had before the organisers renamed them."""

import importlib.machinery
import importlib.util
import os
from typing import Any

from analysis.efficiency.measuring.matching import numbered

_MODELS = "models"


class Renamed:
    """Finds `models.team18_Old` in what was submitted as `models/team18_New`, because the number is the same.

    It is last on sys.meta_path, so that an existing module of that name takes precedence.
    """

    def __init__(self, own: str) -> None:
        self._own = own
        self._number = _number(os.path.splitext(os.path.basename(own))[0])

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return where a module of the model's number lies, None for any other name."""
        parent, _, last = name.rpartition(".")
        if parent != _MODELS or self._number is None or _number(last) != self._number:
            return None
        if os.path.isfile(self._own):
            return importlib.util.spec_from_file_location(name, self._own)
        init = os.path.join(self._own, "__init__.py")
        if os.path.isfile(init):
            return importlib.util.spec_from_file_location(name, init, submodule_search_locations=[self._own])
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [self._own]
        return spec


def _number(name: str) -> int | None:
    found = numbered(name)
    return found[0] if found else None
