"""Ask a network what timing its test images does not show.

Is an image that it has never seen as fast as one that it has? Is a size that it has never seen? Does the
output follow the input? What are its weights made of, and is it the same before and after
re-parameterisation?
"""
# pyright: reportMissingImports=false

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

from analysis.efficiency.measuring.inside.clocks import Clock

DEPLOYING = ("switch_to_deploy", "switch_to_rep", "switch_deploy", "reparameterize", "repa", "fuse_model")
REPEATS, FEWEST = 5, 3
_ALL_S, _MOST_S = 60.0, 120.0  # for the repeats, and for the fewest
_SMALLEST = 16  # pixels of a side that can be cropped
_OTHER_SHAPE = 1e9  # the difference between outputs of different shapes


def probe_inputs(
    forward: Callable[[Any], Any], image: Callable[[], Any], clock: Clock, *, multiple: int = 1
) -> dict[str, Any]:
    """Time an image seen before, the same pixels at other places, and a size never seen; they take turns.

    Parameters
    ----------
    forward
        Restores an image.
    image
        Loads the image again, as timing did.
    multiple
        Of which the sides have to be multiples: so much is cropped.

    Returns
    -------
    dict
        seen_ms, moved_ms and cropped_ms, lists of equal length; differs (whether outputs of moved pixels are
        others), repeats (the largest difference between outputs of one input), cropped_psnr (dB, of the
        middle of the output against that of the whole image), cropped_problem; or `why`, where it was not
        done.
    """
    start = clock.start()
    first = forward(image()).clone()
    once_s = clock.stop(start) / 1e3
    turns = REPEATS if once_s * (3 * REPEATS + 3) < _ALL_S else FEWEST
    if once_s * (3 * turns + 3) > _MOST_S:
        return {"why": f"a forward pass takes {once_s:.0f} s"}
    cropped, problem = _cropped(forward, image(), multiple)
    found: dict[str, Any] = {"seen_ms": [], "moved_ms": [], "cropped_ms": [], "cropped_problem": problem}
    differs, largest = [], 0.0
    for turn in range(turns):
        again, ms = _timed(forward, image(), clock)
        found["seen_ms"].append(ms)
        largest = max(largest, _largest(again, first))
        moved = _moved(image(), turn + 1)
        other, ms = _timed(forward, moved, clock)
        found["moved_ms"].append(ms)
        if _largest(moved, image()):
            differs.append(_largest(other, first) > 0)
        if cropped is not None:
            found["cropped_ms"].append(_timed(forward, _moved(cropped(image()), turn + 1), clock)[1])
    psnr = None if cropped is None else _middle_psnr(forward(cropped(image())), first)
    return found | {"differs": all(differs) if differs else None, "repeats": largest, "cropped_psnr": psnr}


def _timed(forward: Callable[[Any], Any], pixels: Any, clock: Clock) -> tuple[Any, float]:
    start = clock.start()
    output = forward(pixels)
    ms = clock.stop(start)
    return output, ms


def _cropped(
    forward: Callable[[Any], Any], pixels: Any, multiple: int
) -> tuple[Callable[[Any], Any] | None, str]:
    """How to crop, warmed up; None with the reason where that is not to be had."""
    height, width = pixels.shape[-2:]
    if min(height, width) < multiple + _SMALLEST:
        return None, f"{width}x{height} pixels are too few to crop"

    def crop(image: Any) -> Any:
        return image[..., : height - multiple, : width - multiple].contiguous()

    try:
        for turn in range(2):  # libraries choose how to compute a shape when they first meet it
            forward(_moved(crop(pixels), turn + 100))
    except Exception as error:
        size = f"{width - multiple}x{height - multiple}"
        return None, f"fails on {size} pixels ({type(error).__name__}: {error})"[:200]
    return crop, ""


def _moved(image: Any, turn: int) -> Any:
    """The same pixels at other places."""
    return image.roll((3 * turn, 5 * turn), (-2, -1)).contiguous()


def _largest(one: Any, other: Any) -> float:
    return float((one.float() - other.float()).abs().max()) if one.shape == other.shape else _OTHER_SHAPE


def _middle_psnr(cropped: Any, whole: Any) -> float | None:
    """In dB against the range of the whole output; None where they are equal."""
    height, width = cropped.shape[-2:]
    inner = (..., slice(height // 4, height * 3 // 4), slice(width // 4, width * 3 // 4))
    error = float((cropped[inner].float() - whole[inner].float()).square().mean())
    span = float(whole.float().max() - whole.float().min())
    return None if error == 0 or span == 0 else max(10 * math.log10(span**2 / error), 0.0)


def probe_weights(networks: Sequence[Any]) -> list[dict[str, Any]]:
    """Return what the weights are made of: kind, dtype, bits of a value, elements.

    Matrices that are kept as buffers, and those of quantised modules, are weights that no parameter is.
    """
    found: dict[tuple[str, str, int], int] = {}
    met: set[int] = set()

    def add(kind: str, tensor: Any) -> None:
        if id(tensor) not in met:
            met.add(id(tensor))
            key = (kind, str(tensor.dtype).removeprefix("torch."), 8 * tensor.element_size())
            found[key] = found.get(key, 0) + tensor.numel()

    for network in networks:
        for parameter in network.parameters():
            add("parameter", parameter)
        for buffer in network.buffers():
            if buffer.dim() >= 2:
                add("buffer", buffer)
        for module in network.modules():
            for tensor in _packed(module):
                add("packed", tensor)
    return [
        {"kind": kind, "dtype": dtype, "bits": bits, "elements": elements}
        for (kind, dtype, bits), elements in found.items()
    ]


def _packed(module: Any) -> list[Any]:
    """The weight of a quantised module, which it returns when it is called for."""
    import torch

    weight = getattr(module, "weight", None)
    if isinstance(weight, torch.Tensor) or not callable(weight):
        return []
    try:
        tensor = weight()
    except Exception:
        return []
    return [tensor] if isinstance(tensor, torch.Tensor) else []


def probe_deployed(
    network: Any, forward: Callable[[Any, Any], Any], pixels: Any, *, limit_s: float
) -> dict[str, Any] | None:
    """Compare a network with a copy of it that was re-parameterised; None where it has no such method.

    Parameters
    ----------
    forward
        Restores an image by a network.

    Returns
    -------
    dict
        method; difference (the largest between the outputs, as a share of their range), params_before,
        params_after, macs_before, macs_after at the image's size; or `why`, where it was not done.
    """
    names = [name for name in DEPLOYING if any(_has(module, name) for module in network.modules())]
    if not names:
        return None
    try:
        other = copy.deepcopy(network).eval()
        for name in names:
            modules = [other] if _has(other, name) else [one for one in other.modules() if _has(one, name)]
            for module in modules:
                getattr(module, name)()
        before, after = forward(network, pixels), forward(other, pixels)
        span = float(before.float().max() - before.float().min()) or 1.0
        found = {"method": names[0], "difference": _largest(before, after) / span}
        return found | {
            f"{what}_{when}": value
            for when, one in (("before", network), ("after", other))
            for what, value in _costs(one, tuple(pixels.shape), limit_s).items()
        }
    except Exception as error:
        return {"method": names[0], "why": f"{type(error).__name__}: {error}"[:200]}


def _has(module: Any, name: str) -> bool:
    return callable(getattr(module, name, None))


def _costs(network: Any, shape: tuple[int, ...], limit_s: float) -> dict[str, int]:
    from analysis.efficiency.counting.model import count_model

    counts = count_model(network, shape, limit_s=limit_s, crosscheck=False)
    return {"params": counts.params, "macs": counts.macs}
