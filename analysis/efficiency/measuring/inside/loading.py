"""Find a team's entry point in its Python file and call it with the arguments its parameters name."""
# pyright: reportMissingImports=false

import importlib.util
import inspect
import os
import sys
import types
from collections.abc import Callable
from typing import Any

from analysis.efficiency.measuring.inside.entries import (
    DEVICES,
    FACTORIES,
    FOLDER_FILES,
    INPUTS,
    MAIN,
    OUTPUTS,
    WEIGHTS,
)
from analysis.efficiency.measuring.inside.weights import EntryError, load_weights

_PACKAGE = "model_under_test"


def load_module(path: str, folders: list[str]) -> types.ModuleType:
    """Import a model's file with its folders first on the search path.

    A file in its own folder becomes a module of a package, so that relative imports work.
    """
    sys.path[:0] = folders
    name = os.path.splitext(os.path.basename(path))[0]
    folder = os.path.dirname(path)
    if os.path.basename(path) in FOLDER_FILES:
        package = os.path.join(folder, "__init__.py")
        if os.path.isfile(package):
            module = _execute(_PACKAGE, package, [folder])
            if path == package:
                return module
        else:
            holder = types.ModuleType(_PACKAGE)
            holder.__path__ = [folder]
            sys.modules[_PACKAGE] = holder
        name = f"{_PACKAGE}.{name}"
    return _execute(name, path, None)


def find_entry(module: types.ModuleType, name: str) -> tuple[str, Callable[..., Any]]:
    """Return the kind of entry ("main", "factory" or "class") and what to call.

    `main` (with parameters; one without is a command line) takes precedence over a factory, a factory over a
    class: an nn.Module with the model's name, or the only one that the file defines.
    """
    import torch

    main = getattr(module, MAIN, None)
    if callable(main) and inspect.signature(main).parameters:
        return "main", main
    for factory in FACTORIES:
        if callable(getattr(module, factory, None)):
            return "factory", getattr(module, factory)
    classes = {
        key: value
        for key, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, torch.nn.Module)
        and value.__module__ == module.__name__
    }
    named = [value for key, value in classes.items() if key.casefold() == name.casefold()]
    if named or len(classes) == 1:
        return "class", (named or list(classes.values()))[0]
    found = f"{len(classes)} classes of nn.Module, none named {name}" if classes else "no nn.Module"
    raise EntryError(
        f"no entry point: neither {MAIN}(model_dir, input_path, output_path, device) nor "
        f"{', '.join(f'{factory}()' for factory in FACTORIES)}, and {found}"
    )


def call(function: Callable[..., Any], job: dict[str, Any], device: Any, output: str = "") -> Any:
    """Call a function with the arguments its parameters name; those with other names need a default."""
    values: dict[str, Any] = {}
    groups = (
        (WEIGHTS, job["weights"]),
        (INPUTS, job["inputs_folder"]),
        (OUTPUTS, output),
        (DEVICES, device),
    )
    known = {name: value for names, value in groups for name in names if value is not None}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if parameter.name in known:
            values[parameter.name] = known[parameter.name]
        elif parameter.default is parameter.empty:
            what = getattr(function, "__name__", "the entry point")
            if parameter.name in WEIGHTS:
                raise EntryError(f"{what} asks for weights, but nothing in model_zoo/ has the model's name")
            raise EntryError(f"{what} asks for {parameter.name!r}; use {', '.join(known)}")
    return function(**values)


def build(kind: str, entry: Callable[..., Any], job: dict[str, Any], device: Any) -> Any:
    """Return the network of a factory or a class, on the device, in evaluation mode."""
    import torch

    network = call(entry, job, device)
    if not isinstance(network, torch.nn.Module):
        raise EntryError(
            f"{getattr(entry, '__name__', kind)} returned {type(network).__name__}, not an nn.Module"
        )
    if kind == "class" and job["weights"] is not None:
        load_weights(network, job["weights"], device)
    return network.to(device).eval()


def _execute(name: str, path: str, search: list[str] | None) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=search)
    if spec is None or spec.loader is None:
        raise EntryError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
