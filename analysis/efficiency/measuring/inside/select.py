"""Have the organisers' script choose a model: select_model has its class, arguments, weights and range."""
# pyright: reportMissingImports=false

import ast
import inspect
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.efficiency.measuring.inside.weights import EntryError

FUNCTION = "select_model"


@dataclass(frozen=True)
class Selected:
    """What select_model returned: a network with its range and tile, or a main with its weights."""

    network: Any = None
    main: Callable[..., Any] | None = None
    weights: Any = None
    most: float = 1.0
    tile: int | None = None
    name: str = ""

    def as_table(self) -> dict[str, Any]:
        """The row of the organisers' table of models: name, data range, tile."""
        return {"name": self.name, "data_range": self.most, "tile": self.tile}


class _Arguments:
    """The script's command line: the model's number, and the defaults of the rest."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        return None


def select(chosen: dict[str, Any], device: Any) -> Selected:
    """Run select_model of a script for one model.

    Parameters
    ----------
    chosen
        file and source of the script; model_id; names: the script's names for that number.

    Raises
    ------
    EntryError
        If it fails because of an import in the script, or returns something unknown.
    """
    script = os.path.basename(chosen["file"])
    namespace, missing = _definitions(chosen["source"], chosen["file"])
    try:
        found = _called(namespace[FUNCTION], chosen, device)
    except NameError as error:
        raise EntryError(f"{script}: {error}; these imports of it failed: {', '.join(missing)}") from error
    parts = found if isinstance(found, tuple | list) else (found,)
    first, rest = parts[0] if parts else None, parts[1:]
    import torch

    if isinstance(first, torch.nn.Module):
        network = first.to(device).eval()
        return Selected(network=network, most=_range(rest), tile=_tile(rest), name=_name(rest))
    if callable(first):
        paths = [
            value for value in rest if isinstance(value, str) and (os.sep in value or os.path.exists(value))
        ]
        return Selected(main=first, weights=paths[0] if paths else None, name=_name(rest, paths))
    raise EntryError(
        f"{script}: {FUNCTION} returned {type(first).__name__}, which is neither a network nor a function"
    )


def _definitions(source: str, file: str) -> tuple[dict[str, Any], list[str]]:
    """Run the script's imports, definitions and constants, and nothing else; say which imports failed."""
    namespace: dict[str, Any] = {"__name__": "the_organisers_script", "__file__": file}
    missing: list[str] = []
    for node in ast.parse(source).body:
        if not isinstance(
            node,
            ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign,
        ):
            continue
        code = compile(ast.Module([node], []), file, "exec")
        try:
            exec(code, namespace)  # noqa: S102  isolated, as the models are
        except Exception:
            if isinstance(node, ast.Import | ast.ImportFrom):
                missing.append(ast.unparse(node))
    return namespace, missing


def _called(function: Callable[..., Any], chosen: dict[str, Any], device: Any) -> Any:
    number = chosen["model_id"]
    defaults = _defaults(chosen["source"])
    arguments = _Arguments(defaults | dict.fromkeys(chosen["names"], number) | {"model_id": number})
    known = {"args": arguments, "opt": arguments, "device": device, "logger": logging.getLogger()}
    known |= dict.fromkeys((*chosen["names"], "model_id"), number)
    values = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in known:
            values[parameter.name] = known[parameter.name]
        elif parameter.default is parameter.empty:
            raise EntryError(f"{FUNCTION} asks for {parameter.name!r}; use {', '.join(known)}")
    return function(**values)


def _defaults(source: str) -> dict[str, Any]:
    """The defaults of add_argument("--name", default=...)."""
    found: dict[str, Any] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add_argument" and node.args:
            first = node.args[0]
            value = next((word.value for word in node.keywords if word.arg == "default"), None)
            if isinstance(first, ast.Constant) and isinstance(value, ast.Constant):
                found[str(first.value).lstrip("-").replace("-", "_")] = value.value
    return found


def _name(rest: Any, paths: Sequence[str] = ()) -> str:
    """The first text that is no path, without the blanks that pad it."""
    return next((value.strip() for value in rest if isinstance(value, str) and value not in paths), "")


def _range(rest: Any) -> float:
    """data_range, the number between the name and the tile."""
    numbers = [value for value in rest[:2] if isinstance(value, int | float) and not isinstance(value, bool)]
    most = float(numbers[0]) if numbers else 1.0
    if not 0 < most <= 65535:
        raise EntryError(f"{FUNCTION} returned the data range {most:g}; return 1.0 or 255.0")
    return most


def _tile(rest: Any) -> int | None:
    last = rest[2] if len(rest) > 2 else None
    if isinstance(last, list | tuple) and last:
        last = last[0]
    return last if isinstance(last, int) and last > 0 else None
