"""Time a network that is called by us: one forward an image, or in tiles where it does not fit."""
# pyright: reportMissingImports=false

import os
import time
from collections.abc import Callable
from typing import Any

from analysis.efficiency.measuring.inside.clocks import Clock
from analysis.efficiency.measuring.inside.loading import EntryError
from analysis.efficiency.measuring.inside.pictures import Pictures, save
from analysis.efficiency.measuring.inside.reports import Reports
from analysis.efficiency.measuring.inside.tiles import EDGES, in_tiles
from analysis.efficiency.measuring.inside.watching import is_finite, tensors


def run(network: Any, job: dict[str, Any], device: Any, clock: Clock, reports: Reports) -> Any:
    """Restore every image once, then time the passes over all of them; return the network."""
    import torch

    pictures = Pictures(job["inputs"])
    dtype = input_type(network)
    with torch.inference_mode():
        edge = _restore(network, pictures, job, device, dtype, clock)
        reports.tell("restored", tile=edge, images=list(pictures.paths), forwards=None)
        forward = _forward(network, edge)
        clock.reset_memory()
        for number in range(job["passes"]):
            begun = time.perf_counter()
            times = []
            for name in pictures.paths:
                image = pictures.tensor(name, device=device, dtype=dtype)
                start = clock.start()
                forward(image)
                times.append(clock.stop(start))
            reports.tell(
                "pass", pass_number=number, times=times, whole_ms=(time.perf_counter() - begun) * 1e3
            )
    return network


def input_type(network: Any) -> Any:
    """Return the type of the images: that of the parameters where all have the same, else float32."""
    import torch

    found = {value.dtype for value in network.parameters() if value.is_floating_point()}
    return found.pop() if len(found) == 1 else torch.float32


def _restore(
    network: Any, pictures: Pictures, job: dict[str, Any], device: Any, dtype: Any, clock: Clock
) -> int | None:
    """Warm up and write every output; return the edge of the tiles, None for whole images."""
    for edge in (None, *EDGES):
        try:
            _restore_all(_forward(network, edge), pictures, job, device, dtype, clock)
            return edge
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error) or edge == EDGES[-1]:
                raise
        clock.release()  # now that the error no longer holds what the forward had made
    raise AssertionError("the last edge raises")


def _restore_all(
    forward: Callable[[Any], Any],
    pictures: Pictures,
    job: dict[str, Any],
    device: Any,
    dtype: Any,
    clock: Clock,
) -> None:
    warm: set[Any] = set()
    for name in pictures.paths:
        image = pictures.tensor(name, device=device, dtype=dtype)
        if image.shape not in warm:
            _warm_up(forward, image, clock)
            warm.add(image.shape)
        output = forward(image)
        _check(output, image, name)
        save(output, os.path.join(job["output"], f"{name}.png"))


def _warm_up(forward: Callable[[Any], Any], image: Any, clock: Clock) -> None:
    spent, forwards = 0.0, 0
    while forwards < clock.warmup_forwards or spent < clock.warmup_s * 1e3:
        start = clock.start()
        forward(image)
        spent += clock.stop(start)
        forwards += 1


def _forward(network: Any, edge: int | None) -> Callable[[Any], Any]:
    def whole(image: Any) -> Any:
        found = tensors(network(image))
        if not found:
            raise EntryError("the network's output holds no tensor")
        return found[0]

    return whole if edge is None else lambda image: in_tiles(whole, image, edge)


def _check(output: Any, image: Any, name: str) -> None:
    shape, wanted = tuple(output.shape), tuple(image.shape)
    scale = shape[-1] // wanted[-1] if len(shape) == 4 else 0
    if scale < 1 or shape != (1, 3, wanted[2] * scale, wanted[3] * scale):
        raise EntryError(f"{name}: the output has the shape {shape} for an input of {wanted}")
    if not is_finite(output):
        raise EntryError(f"{name}: the output holds values that are not finite (NaN or infinity)")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, of a GPU or of the machine."""
    return isinstance(error, MemoryError) or any(
        words in str(error).lower()
        for words in ("out of memory", "not enough memory", "can't allocate memory")
    )
