"""Time a network called by studyapp: one forward pass per image, or tiles if the image does not fit."""
# pyright: reportMissingImports=false

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.efficiency.measuring.inside.clocks import Clock
from analysis.efficiency.measuring.inside.loading import EntryError
from analysis.efficiency.measuring.inside.pictures import Pictures, save, size_of
from analysis.efficiency.measuring.inside.probing import probe_deployed, probe_inputs
from analysis.efficiency.measuring.inside.reports import Reports
from analysis.efficiency.measuring.inside.tiles import EDGES, in_tiles, padded
from analysis.efficiency.measuring.inside.used import Used
from analysis.efficiency.measuring.inside.watching import Watch, is_finite, tensors

Sizes = dict[str, tuple[int, int]]
MULTIPLES = (8, 16, 32, 64, 128)


@dataclass(frozen=True)
class Way:
    """How a network gets an image.

    Attributes
    ----------
    network
        The module.
    most
        The value of white: 1 or 255.
    edge
        Of the tiles, None for whole images.
    multiple
        The sides must be multiples of this, 1 for any.
    """

    network: Any
    most: float = 1.0
    edge: int | None = None
    multiple: int = 1

    def forward(self, image: Any) -> Any:
        """Return the network's image."""
        if self.edge is None:
            return padded(self._once, image, self.multiple)
        return in_tiles(lambda part: padded(self._once, part, self.multiple), image, self.edge)

    def _once(self, image: Any) -> Any:
        found = tensors(self.network(image))
        if not found:
            raise EntryError("the network's output contains no tensor")
        return found[0]


def run(way: Way, job: dict[str, Any], device: Any, clock: Clock, reports: Reports) -> Used:
    """Restore every image once, then time the passes over all of them."""
    import torch

    pictures = Pictures(job["inputs"])
    sizes = {name: size_of(str(path)) for name, path in pictures.paths.items()}
    dtype = input_type(way.network)

    def image(name: str) -> Any:
        return pictures.tensor(name, device=device, dtype=dtype, most=way.most)

    with torch.inference_mode():
        way = _restore(way, image, sizes, job, clock)
        reports.tell("restored", tile=way.edge, images=list(pictures.paths), forwards=None)
        clock.reset_memory()
        for number in range(job["passes"]):
            begun = time.perf_counter()
            times = []
            for name in pictures.paths:
                pixels = image(name)
                start = clock.start()
                way.forward(pixels)
                times.append(clock.stop(start))
            whole_ms = (time.perf_counter() - begun) * 1e3
            reports.tell("pass", pass_number=number, times=times, whole_ms=whole_ms)

    def observe(contexts: Sequence[Any]) -> None:
        with torch.no_grad(), Watch(clock, inner=contexts):
            for name in pictures.paths:
                way.forward(image(name))

    return Used(
        [way.network],
        [1.0],
        observe,
        sum(height * width for height, width in sizes.values()),
        padded_to=None if way.multiple == 1 else way.multiple,
        probe=lambda: _probed(way, lambda: image(next(iter(pictures.paths))), clock, job),
    )


def _probed(way: Way, image: Callable[[], Any], clock: Clock, job: dict[str, Any]) -> dict[str, Any]:
    """What timing the test images does not show; a network that fails at it stays measured."""
    import torch

    def forward(network: Any, pixels: Any) -> Any:
        return replace(way, network=network).forward(pixels)

    try:
        with torch.inference_mode():
            inputs = probe_inputs(way.forward, image, clock, multiple=way.multiple)
            deployed = probe_deployed(way.network, forward, image(), limit_s=job["count_s"] / 4)
    except Exception as error:
        return {"inputs": {"why": f"{type(error).__name__}: {error}"[:200]}}
    return {"inputs": inputs} | ({} if deployed is None else {"deployed": deployed})


def input_type(network: Any) -> Any:
    """Return the type of the images: that of the parameters if all have the same, else float32."""
    import torch

    found = {value.dtype for value in network.parameters() if value.is_floating_point()}
    return found.pop() if len(found) == 1 else torch.float32


def _restore(way: Way, image: Callable[[str], Any], sizes: Sizes, job: dict[str, Any], clock: Clock) -> Way:
    """Warm up and write every output; return the way that works: whole or in tiles, padded or not."""
    smaller = [edge for edge in EDGES if way.edge is None or edge < way.edge]
    for edge in (way.edge, *smaller):
        try:
            fitting = _fitting(replace(way, edge=edge), image, sizes)
            _restore_all(fitting, image, list(sizes), job, clock)
            return fitting
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error) or edge == EDGES[-1]:
                raise
        clock.release()  # now that the error no longer holds what the forward had made
    raise AssertionError("the last edge raises")


def _fitting(way: Way, image: Callable[[str], Any], sizes: Sizes) -> Way:
    """Return a way in which the network takes the sizes of the images: padded where it asks for windows."""
    one_of_each = {size: name for name, size in sizes.items()}.values()
    first: Exception | None = None
    for multiple in (1, *MULTIPLES):
        tried = replace(way, multiple=multiple)
        try:
            for name in one_of_each:
                tried.forward(image(name))
            return tried
        except Exception as error:
            if isinstance(error, EntryError) or is_out_of_memory(error):
                raise
            first = first or error
    assert first is not None
    raise first


def _restore_all(
    way: Way, image: Callable[[str], Any], names: Sequence[str], job: dict[str, Any], clock: Clock
) -> None:
    warm: set[Any] = set()
    for name in names:
        pixels = image(name)
        if pixels.shape not in warm:
            _warm_up(way.forward, pixels, clock)
            warm.add(pixels.shape)
        output = way.forward(pixels)
        _check(output, pixels, name)
        save(output, os.path.join(job["output"], f"{name}.png"), most=way.most)


def _warm_up(forward: Callable[[Any], Any], image: Any, clock: Clock) -> None:
    spent, forwards = 0.0, 0
    while forwards < clock.warmup_forwards or spent < clock.warmup_s * 1e3:
        start = clock.start()
        forward(image)
        spent += clock.stop(start)
        forwards += 1


def _check(output: Any, image: Any, name: str) -> None:
    shape, wanted = tuple(output.shape), tuple(image.shape)
    scale = shape[-1] // wanted[-1] if len(shape) == 4 else 0
    if scale < 1 or shape != (1, 3, wanted[2] * scale, wanted[3] * scale):
        raise EntryError(f"{name}: the output has the shape {shape} for an input of {wanted}")
    if not is_finite(output):
        raise EntryError(f"{name}: the output contains values that are not finite (NaN or infinity)")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory ran out, on a GPU or on the machine."""
    return isinstance(error, MemoryError) or any(
        words in str(error).lower()
        for words in ("out of memory", "not enough memory", "can't allocate memory")
    )
