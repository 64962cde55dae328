"""The networks' weights: where they are, whether they are intact, and how to get them."""
# pyright: reportMissingImports=false

import hashlib
import os
import urllib.request
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import AnalysisError
from analysis.files import Waiting, file_sha256
from analysis.paired.definitions import ALEXNET, DEFINITIONS, VGG16

if TYPE_CHECKING:
    import torch

SOURCE = "https://download.pytorch.org/models/"
_CHUNK = 1 << 20


class MissingWeightsError(AnalysisError):
    """A file of weights that is in none of the places searched."""


@dataclass(frozen=True)
class WeightFile:
    """A checkpoint of torchvision. The name ends with the first eight digits of its SHA-256."""

    name: str
    megabytes: int

    @property
    def prefix(self) -> str:
        """The hash's beginning, from the name."""
        return Path(self.name).stem.rpartition("-")[2]

    @property
    def metrics(self) -> tuple[str, ...]:
        """Which metrics need it."""
        return tuple(row.name for row in DEFINITIONS.values() if self.name in row.weights)


FILES = {file.name: file for file in (WeightFile(ALEXNET, 244), WeightFile(VGG16, 553))}


def torch_cache() -> Path:
    """The folder where torch itself keeps checkpoints."""
    default = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "torch"
    return (Path(os.environ.get("TORCH_HOME", default)) / "hub" / "checkpoints").expanduser()


def find_weights(name: str, folder: Path | None = None) -> Path:
    """Return where a file of weights is: in the given folder, else in torch's cache.

    Raises
    ------
    MissingWeightsError
        Naming the file, the places searched and the command that downloads it.
    """
    places = [*([folder] if folder else []), torch_cache()]
    for place in places:
        if (place / name).is_file():
            return place / name
    file = FILES[name]
    where = " and ".join(str(place) for place in places)
    raise MissingWeightsError(
        f"{name} ({file.megabytes} MB, for {', '.join(file.metrics)}) is not in {where}; run `studyapp "
        f"analyse weights fetch` on a machine with internet access, and copy the file to {places[0]} if "
        "that is another machine"
    )


def check_weights(path: Path, trusted: Collection[str] = ()) -> str:
    """Return the SHA-256 of a file of weights.

    Parameters
    ----------
    trusted
        Hashes of files to accept although their names say otherwise (weights of one's own).

    Raises
    ------
    AnalysisError
        If the content is not what the file's name says.
    """
    digest = file_sha256(path)
    expected = WeightFile(path.name, 0).prefix
    if digest.startswith(expected) or digest in trusted:
        return digest
    raise AnalysisError(
        f"{path} is damaged or misnamed: its SHA-256 begins with {digest[:8]}, not {expected}; delete it "
        "and download it again"
    )


def load_state(
    name: str, folder: Path | None = None, trusted: Collection[str] = ()
) -> "dict[str, torch.Tensor]":
    """Find, check and load the convolutions of a checkpoint. Nothing in the file is executed.

    Raises
    ------
    MissingWeightsError
        If the file is nowhere.
    AnalysisError
        If its hash is wrong, or it is no checkpoint.
    """
    import torch

    path = find_weights(name, folder)
    check_weights(path, trusted)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        return {key: value.clone() for key, value in state.items() if key.startswith("features.")}
    except Exception as error:
        raise AnalysisError(f"{path} cannot be read as a checkpoint: {type(error).__name__}") from error


def fetch_weights(
    folder: Path,
    *,
    files: Iterable[WeightFile] = tuple(FILES.values()),
    source: str = SOURCE,
    progress: Callable[[str], None] = lambda _line: None,
) -> list[Path]:
    """Download the files that are not yet in a folder, and keep none that fails its hash.

    Parameters
    ----------
    folder
        Made if need be.
    source
        Address in front of the file names: PyTorch's own, or a mirror's.
    progress
        Told one line for each file.

    Raises
    ------
    AnalysisError
        If a file cannot be had, or is not what its name says.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for file in files:
        path = folder / file.name
        if path.is_file():
            progress(f"{path} already exists")
        else:
            progress(f"downloading {file.name} ({file.megabytes} MB)")
            _download(source.rstrip("/") + "/" + file.name, path)
        check_weights(path)
        paths.append(path)
    return paths


def _download(address: str, path: Path) -> None:
    if not address.startswith(("https://", "http://")):
        raise AnalysisError(f"{address!r} is not an http or https address; give one as the source")
    try:
        with Waiting(path) as waiting:
            with urllib.request.urlopen(address, timeout=60) as answer, waiting.opened() as out:  # noqa: S310
                digest = hashlib.sha256()
                while piece := answer.read(_CHUNK):
                    digest.update(piece)
                    out.write(piece)
            found, expected = digest.hexdigest(), WeightFile(path.name, 0).prefix
            if not found.startswith(expected):
                raise AnalysisError(
                    f"{address} returned a file whose SHA-256 begins with {found[:8]}, not {expected}"
                )
            waiting.take_its_place()
    except OSError as error:
        raise AnalysisError(f"cannot download {address}: {error}; put the file at {path} by hand") from error
