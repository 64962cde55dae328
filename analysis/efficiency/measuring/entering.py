"""Which file of a model's folder has the entry point. Files are read as text; nothing is run."""

import ast
from pathlib import Path

from analysis.efficiency.measuring.inside.entries import FACTORIES, FOLDER_FILES, INPUTS, MAIN
from analysis.errors import AnalysisError

_MOST_BYTES = 1_000_000


def entry_file(path: Path) -> Path:
    """Return a model's file: itself, one with a usual name in its folder, or the one with an entry point.

    Raises
    ------
    AnalysisError
        For a folder with none, or with several under other names.
    """
    if path.is_file():
        return path
    for name in FOLDER_FILES:
        # An __init__.py without a word only makes the folder a package.
        if (path / name).is_file() and (name != "__init__.py" or (path / name).read_bytes().strip()):
            return path / name
    found = [item for item in sorted(path.glob("*.py")) if _has_entry(item)]
    if len(found) == 1:
        return found[0]
    several = f" (several files have one: {', '.join(item.name for item in found)})" if found else ""
    raise AnalysisError(
        f"{path} has no entry point{several}; add {', '.join(FOLDER_FILES)} (the first one found is used)"
    )


def _has_entry(path: Path) -> bool:
    """Whether a file defines main with a parameter for the inputs, or a factory."""
    if path.stat().st_size > _MOST_BYTES:
        return False
    try:
        tree = ast.parse(path.read_text(encoding="utf-8", errors="replace"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return any(
        function.name in FACTORIES
        or (function.name == MAIN and {one.arg for one in function.args.args} & set(INPUTS))
        for function in functions
    )
