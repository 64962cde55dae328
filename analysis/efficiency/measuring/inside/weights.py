"""Load weights as training saves them, and nothing but tensors."""
# pyright: reportMissingImports=false

import os
from collections.abc import Iterator, Mapping
from typing import Any

ENDINGS = (".safetensors", ".pth", ".pt", ".ckpt", ".bin", ".npz", ".onnx")
_DEEPEST = 3


class EntryError(Exception):
    """The model's files do not follow a convention; the message says which and how."""


class Loads:
    """Whether weights were loaded, in any way that goes through PyTorch."""

    def __init__(self) -> None:
        self.seen = False


def guard_weights(device: Any, *, trust: bool) -> Loads:
    """Make torch.load refuse pickles unless trusted, and put tensors on the device of the run."""
    import torch

    if not trust:
        os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = "1"
    load, load_state = torch.load, torch.nn.Module.load_state_dict
    loads = Loads()

    def guarded(*args: Any, **options: Any) -> Any:
        if len(args) < 2 and options.get("map_location") is None:
            options["map_location"] = device
        if not trust:
            options["weights_only"] = True
        loads.seen = True
        return load(*args, **options)

    def noted(*args: Any, **options: Any) -> Any:
        loads.seen = True
        return load_state(*args, **options)

    torch.load = guarded
    torch.serialization.load = guarded
    torch.nn.Module.load_state_dict = noted
    return loads


def load_weights(network: Any, path: str, device: Any) -> None:
    """Load a file, or the only one of a folder, into a network.

    Raises
    ------
    EntryError
        For a folder with no file or several, or weights that are not a state dict.
    """
    path = _only_file(path)
    loaded = _read(path, device)
    if not isinstance(loaded, Mapping):
        raise EntryError(f"the weights are {type(loaded).__name__}, not a state dict")
    network.load_state_dict(fitting_state(loaded, list(network.state_dict())))


def fitting_state(loaded: Mapping[Any, Any], wanted: list[str]) -> dict[str, Any]:
    """Return the state dict with the wanted names from what was loaded.

    It may be under keys such as params_ema, params or state_dict, and its names may begin with those of
    wrappers: `module.`, `_orig_mod.`, `model.`, `net_g.` and the like. Averaged weights (EMA) come first.

    Examples
    --------
    >>> fitting_state({"params": {"_orig_mod.module.a": 1}, "epoch": 3}, ["a"])
    {'a': 1}
    >>> fitting_state({"state_dict": {"net.a": 1, "loss.b": 2, "ema.a": 3}}, ["a"])
    {'a': 3}
    """
    states = list(_states(loaded, 0))
    for state in states:
        for prefix in sorted(_prefixes(state, wanted), key=_not_averaged):
            return {name: state[prefix + name] for name in wanted}
    # None fits: the one with most of the names, so that the error says what is missing.
    best = max(states, key=lambda state: len(set(state) & set(wanted)), default={})
    return {name.removeprefix("module."): value for name, value in best.items()}


def _only_file(path: str) -> str:
    if not os.path.isdir(path):
        return path
    found = sorted(name for name in os.listdir(path) if name.endswith(ENDINGS))
    if len(found) != 1:
        which = ", ".join(found[:5]) or "none"
        raise EntryError(
            f"the weights are a folder with {len(found) or 'no'} files of weights ({which}); keep "
            "one, or load them in build_model(model_path, device)"
        )
    return os.path.join(path, found[0])


def _read(path: str, device: Any) -> Any:
    import torch

    if path.endswith(".safetensors"):
        from safetensors.torch import load_file

        return load_file(path, device=str(device))
    return torch.load(path, map_location=device)


def _states(loaded: Mapping[Any, Any], depth: int) -> Iterator[dict[str, Any]]:
    own = {
        str(key).replace("_orig_mod.", ""): value
        for key, value in loaded.items()
        if not isinstance(value, Mapping)
    }
    inner = [(str(key), value) for key, value in loaded.items() if isinstance(value, Mapping)]
    if depth < _DEEPEST:
        for _, value in sorted(inner, key=lambda item: _not_averaged(item[0])):
            yield from _states(value, depth + 1)
    if own:
        yield own


def _prefixes(state: Mapping[str, Any], wanted: list[str]) -> list[str]:
    """What stands before all of the wanted names."""
    if not wanted:
        return [""]
    found = [key.removesuffix(wanted[0]) for key in state if key.endswith(wanted[0])]
    return [
        prefix
        for prefix in found
        if (not prefix or prefix.endswith(".")) and all(prefix + name in state for name in wanted)
    ]


def _not_averaged(name: str) -> bool:
    return "ema" not in name.lower().split(".")[0].split("_") and "ema" not in name.lower()
