"""The cost of an image: which networks a model used for it, and how often."""
# pyright: reportMissingImports=false

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from analysis.efficiency.measuring.inside.watching import Call

PADDING = 64  # how much wider than the image the input of a network may be and still be the whole image
SIDE = 1024
ON_IMAGES = "on the test images"


@dataclass(frozen=True)
class Used:
    """The networks of a model.

    Attributes
    ----------
    networks
        Each once; empty if no module with parameters was called.
    passes
        How often each runs for an image; None if they do not see the whole image.
    observe
        Restores all images once more with every forward pass in the given contexts.
    pixels
        Of all images together.
    calls_an_image
        How often networks run for an image, including tiles.
    padded_to
        The multiple to which images were padded, None for none.
    remarks
        Anything else worth knowing.
    probe
        Asks what `inside.probing` can, after memory was read; None if a main reads its images itself.
    """

    networks: Sequence[Any]
    passes: Sequence[float] | None
    observe: Callable[[Sequence[Any]], None]
    pixels: int
    calls_an_image: float = 1.0
    padded_to: int | None = None
    remarks: Sequence[str] = field(default_factory=list)
    probe: Callable[[], dict[str, Any]] | None = None


def whole_passes(
    calls: Sequence[Call], networks: int, sizes: Sequence[tuple[int, int]]
) -> list[float] | None:
    """Return how often each network sees an image, None unless it is the whole image every time.

    Parameters
    ----------
    calls
        Of all images together.
    networks
        Their number.
    sizes
        Height and width of every image. An input may be rotated, and padded by less than 64 pixels.

    Examples
    --------
    >>> calls = [Call(0, (1, 3, 40, 56)), Call(0, (1, 3, 64, 64)), Call(1, (2, 3, 56, 40))]
    >>> whole_passes(calls, 2, [(40, 56)])
    [2.0, 2.0]
    >>> whole_passes([Call(0, (1, 4, 40, 56))], 1, [(40, 56)]) is None
    True
    """
    found = [0] * networks
    for call in calls:
        if call.shape is None or len(call.shape) != 4 or call.shape[1] != 3:
            return None
        batch, _, *sides = call.shape
        if not any(_holds(sides, size) or _holds(sides, size[::-1]) for size in sizes):
            return None
        found[call.network] += batch
    return [times / len(sizes) for times in found]


def _holds(sides: Sequence[int], size: Sequence[int]) -> bool:
    return all(0 <= side - own < PADDING for side, own in zip(sides, size, strict=True))


def count_used(used: Used, limit_s: float) -> Any:
    """Return the counts of everything that an image of 1024x1024 costs.

    Networks that see whole images are counted at that size. Others are observed on the test images, and their
    counts are scaled by the pixels.

    Raises
    ------
    AnalysisError
        If neither is possible.
    """
    from analysis.efficiency.counting.model import count_passes
    from analysis.errors import AnalysisError

    reason = ""
    if used.passes is not None:
        try:
            return count_passes(list(zip(used.networks, used.passes, strict=True)), limit_s=limit_s)
        except AnalysisError as error:
            reason = str(error)
    try:
        return _observed(used, limit_s, reason)
    except Exception as error:
        raise AnalysisError(reason or f"not counted: {type(error).__name__}: {error}") from error


def _observed(used: Used, limit_s: float, reason: str) -> Any:
    import torch

    from analysis.efficiency.counting.deadline import Deadline
    from analysis.efficiency.counting.forward import Seen
    from analysis.efficiency.counting.model import counts_of
    from analysis.efficiency.counting.tally import Tally, joined

    tally = Tally(parameter for network in used.networks for parameter in network.parameters())
    fast_path = torch.backends.mha.get_fastpath_enabled()
    with ExitStack() as stack:
        stack.callback(torch.backends.mha.set_fastpath_enabled, fast_path)
        torch.backends.mha.set_fastpath_enabled(False)
        used.observe([Deadline(limit_s), tally])
    lines = joined([tally.lines], [SIDE**2 / used.pixels])
    seen = Seen(lines, tally.largest, frozenset(), tally.weights.use(used.pixels))
    notes = [f"at {SIDE}x{SIDE}: {reason}"] if reason else []
    return counts_of(used.networks, seen, shape=(1, 3, SIDE, SIDE), how=ON_IMAGES, notes=notes)
