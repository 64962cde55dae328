"""Restore an image that does not fit in one piece: overlapping tiles, joined without their margins."""
# pyright: reportMissingImports=false

from collections.abc import Callable
from typing import Any

EDGES = (1024, 768, 512)
OVERLAP = 32


def starts(length: int, edge: int, overlap: int = OVERLAP) -> list[int]:
    """Return where the tiles of one side begin; all have the full edge if the side is long enough.

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
    """Return network(image) for a network that only takes sides that are multiples of a number.

    The image is extended to the right and the bottom, mirrored if it is large enough, and the result is
    cropped. A result that is not a whole multiple of the extended image is returned unchanged.
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

    Each tile is used up to `overlap` pixels after the next one begins.
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
