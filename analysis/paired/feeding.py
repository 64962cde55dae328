"""In what portions images are fed to a network: what suits the processor's cache, or a GPU's memory."""
# pyright: reportMissingImports=false

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from analysis.imaging import Pixels

_IMAGES_ON_GPU = 4
_BYTES_OF_A_PIXEL = 4096  # 64 channels in single precision, and about sixteen such maps alive at once
_PROCESSES_ON_GPU = 16  # that share its memory


@dataclass(frozen=True)
class Feeding:
    """Portions.

    Attributes
    ----------
    images
        Results that go through in one batch. With 1 a value does not depend on its company by a single bit.
    strip_pixels
        Pixels of a strip of one image.
    channels_last
        Whether the numbers of a pixel lie side by side: a tenth faster on a processor, for 5 % of memory.
    """

    images: int
    strip_pixels: int
    channels_last: bool

    def rows(self, image: Pixels) -> int:
        """Rows of a strip: whole multiples of 16, one row of VGG16's last maps."""
        return max(16, self.strip_pixels // image.shape[1] // 16 * 16)

    def strip(self, images: Sequence[Pixels], top: int, device: torch.device) -> torch.Tensor:
        """Return the strip of all images that begins at a row: (images, 3, rows, width), 0 to 1."""
        height = self.rows(images[0])
        pixels = torch.from_numpy(np.stack([image[top : top + height] for image in images]))
        if device.type == "cuda":  # bytes travel, not floats, and nobody waits for them
            pixels = pixels.pin_memory().to(device, non_blocking=True)
        strip = pixels.permute(0, 3, 1, 2).float().div_(255)
        return strip.contiguous(memory_format=self.memory_format)

    @property
    def memory_format(self) -> torch.memory_format:
        """PyTorch's name for the order in memory."""
        return torch.channels_last if self.channels_last else torch.contiguous_format


# 64 channels of a strip in single precision are 16 MiB; larger strips are no faster.
ON_CPU = Feeding(images=1, strip_pixels=1 << 16, channels_last=True)


def feeding_for(device: torch.device) -> Feeding:
    """Return the portions for a device; the same for every run on one machine."""
    if device.type != "cuda":
        return ON_CPU
    return on_gpu(torch.cuda.get_device_properties(device).total_memory)


def on_gpu(memory: int) -> Feeding:
    """Return the portions for a GPU of so many bytes, shared by up to 16 processes.

    Examples
    --------
    >>> on_gpu(80 << 30).strip_pixels, on_gpu(8 << 30).strip_pixels
    (262144, 65536)
    """
    share = memory // _PROCESSES_ON_GPU // ((_IMAGES_ON_GPU + 1) * _BYTES_OF_A_PIXEL)
    pixels = 1 << max(16, min(20, share.bit_length() - 1))
    return Feeding(_IMAGES_ON_GPU, pixels, channels_last=True)
