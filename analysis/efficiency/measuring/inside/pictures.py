"""Convert images to what networks take, and back."""
# pyright: reportMissingImports=false

import os
from collections import OrderedDict
from pathlib import Path
from typing import Any

from analysis.imaging import ACCEPTED
from analysis.paired.images import Decoder

KEPT_BYTES = 1 << 30


class Pictures:
    """The inputs by name; decoded ones are kept while there is room, so that passes do not wait."""

    def __init__(self, paths: list[str]) -> None:
        self.paths = {os.path.splitext(os.path.basename(path))[0]: Path(path) for path in paths}
        self._decode = Decoder(ACCEPTED)
        self._kept: OrderedDict[str, Any] = OrderedDict()

    def tensor(self, name: str, *, device: Any, dtype: Any, most: float = 1.0) -> Any:
        """Return an input as (1, 3, height, width), RGB, 0 to `most`."""
        import torch

        pixels = self._pixels(name)
        image = torch.from_numpy(pixels.copy()).permute(2, 0, 1).unsqueeze(0)
        return image.to(device).float().div(255 / most).to(dtype).contiguous()

    def _pixels(self, name: str) -> Any:
        if name not in self._kept:
            pixels = self._decode(self._decode.read(self.paths[name]), self.paths[name].name)
            if sum(kept.nbytes for kept in self._kept.values()) + pixels.nbytes > KEPT_BYTES:
                return pixels
            self._kept[name] = pixels
        return self._kept[name]


def size_of(path: str) -> tuple[int, int]:
    """Return height and width of an image file."""
    from PIL import Image

    with Image.open(path) as image:
        return image.height, image.width


def save(tensor: Any, path: str, *, most: float = 1.0) -> None:
    """Write a network's output, (1, 3, height, width) in 0 to `most`, as an 8-bit PNG, rounded."""
    from PIL import Image

    pixels = ((tensor[0].float() / most).clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    Image.fromarray(pixels).save(path, compress_level=1)
