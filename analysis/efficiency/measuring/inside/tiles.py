"""Restore an image that does not fit in one piece: overlapping tiles, joined without their margins."""
# pyright: reportMissingImports=false

from collections.abc import Callable
from typing import Any

EDGES = (1024, 768, 512)
OVERLAP = 32


def starts(length: int, edge: int, overlap: int = OVERLAP) -> list[int]:
    """Return where the tiles of one side begin; all have the full edge where the side is long enough.

    Examples
    --------
    >>> starts(2000, 1024)
    [0, 960, 976]
    >>> starts(600, 1024)
    [0]
    """
    last = max(length - edge, 0)
    return sorted({*range(0, last, edge - 2 * overlap), last})


def padded(network: Callable[[Any], Any], image: Any, multiple: int) -> Any:
    """Return network(image), where the network takes sides that are multiples of a number only.

    The image is continued at the right and at the bottom, mirrored where it is large enough for that, and the
    result is cut. A result that is no whole multiple of the continued image is returned as it is.
    """
    import torch

    height, width = image.shape[-2:]
    down, right = -height % multiple, -width % multiple
    if not (down or right):
        return network(image)
    mode = "reflect" if down < height and right < width else "replicate"
    made = network(torch.nn.functional.pad(image, (0, right, 0, down), mode=mode))
    scale, rest = divmod(made.shape[-1], width + right)
    return made if rest else made[..., : height * scale, : width * scale]


def in_tiles(network: Callable[[Any], Any], image: Any, edge: int, overlap: int = OVERLAP) -> Any:
    """Return network(image), shape (1, C, scale * height, scale * width), computed in tiles.

    Every tile gives way to the next one at `overlap` pixels from where that one begins.
    """
    height, width = image.shape[-2:]
    result = None
    for top in starts(height, edge, overlap):
        for left in starts(width, edge, overlap):
            part = image[..., top : top + edge, left : left + edge]
            done = network(part)
            scale = done.shape[-1] // part.shape[-1]
            if result is None:
                result = done.new_empty((*done.shape[:-2], height * scale, width * scale))
            down, right = (overlap if start else 0 for start in (top, left))
            result[
                ...,
                (top + down) * scale : (top + edge) * scale,
                (left + right) * scale : (left + edge) * scale,
            ] = done[..., down * scale :, right * scale :]
    return result
