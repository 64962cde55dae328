"""A ground truth's feature maps kept on disk, for results that come one team at a time.

They are large (for 12 megapixels 6 GB of VGG16 and 0.5 GB of AlexNet), so they are kept only where a folder
and a limit are given.
"""
# pyright: reportMissingImports=false

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
import torch

from analysis.errors import AnalysisError
from analysis.files import Waiting
from analysis.imaging import Pixels
from analysis.paired.rowstream import Layer, Strip

Maps: TypeAlias = list[Strip | None]


@dataclass(frozen=True)
class FeatureFolder:
    """Files of feature maps, the strips of all maps in the order in which they are computed.

    Parameters
    ----------
    folder
        May be shared by processes, which may overshoot the limit by the files they write at once.
    limit
        Bytes that may lie in the folder; what does not fit is not kept.
    network
        What the features follow from besides the image and its strips: network, weights, device.
    """

    folder: Path
    limit: int
    network: str

    def path(self, image: Pixels, rows: int) -> Path:
        """Where the features of an image lie, or would, if it is taken in strips of so many rows."""
        about = f"{self.network}, torch {torch.__version__}, {image.shape} by {rows}"
        digest = hashlib.sha256(about.encode())
        digest.update(np.ascontiguousarray(image).data)
        return self.folder / f"{digest.hexdigest()}.features"

    def fits(self, size: int) -> bool:
        """Whether a file of so many bytes may be added."""
        there = sum(path.stat().st_size for path in self.folder.glob("*.features"))
        return there + size <= self.limit


def read_maps(path: Path, device: torch.device, order: torch.memory_format) -> Iterator[Maps]:
    """Yield the strips of a file, as `record_maps` was given them; `order` is theirs in memory.

    Raises
    ------
    AnalysisError
        If the file ends early.
    """
    with path.open("rb") as file:
        try:
            while count := file.read(1)[0]:
                yield [_read(file, device, order) for _ in range(count)]
        except (IndexError, ValueError, EOFError) as error:
            raise AnalysisError(f"{path} is damaged; delete it, and it will be computed again") from error


def record_maps(path: Path, strips: Iterator[Maps]) -> Iterator[Maps]:
    """Pass strips on and write them to a file, which appears only when the last has passed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with Waiting(path, lasting=False) as waiting:
        with waiting.opened() as file:
            for maps in strips:
                file.write(bytes([len(maps)]))
                for rows in maps:
                    array = np.empty(0, np.float32) if rows is None else rows.cpu().numpy()
                    np.save(file, array, allow_pickle=False)
                yield maps
            file.write(bytes([0]))
        waiting.take_its_place()


def size_of_maps(layers: Sequence[Layer], image: Pixels) -> int:
    """Bytes of an image's feature maps."""
    height, width = image.shape[:2]
    total = 0
    for layer in layers:
        height, width = layer.size(height), layer.size(width)
        total += 4 * layer.tap * height * width
    return total


def _read(file: BinaryIO, device: torch.device, order: torch.memory_format) -> Strip | None:
    array = np.load(file, allow_pickle=False)
    return torch.from_numpy(array).to(device).contiguous(memory_format=order) if array.size else None
