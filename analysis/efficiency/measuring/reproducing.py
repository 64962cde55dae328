"""Whether a model reproduces its team's submitted images, compared as 8-bit pixels.

The outputs come from untrusted code: links are not followed, and only images are read.
"""

import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.amounts import how_many
from analysis.efficiency.measuring.reading import printable
from analysis.errors import AnalysisError
from analysis.imaging import ACCEPTED, MAX_PIXELS
from analysis.imaging.decode import largest_file
from analysis.paired.images import Decoder

CLOSE_LEVELS = 8
CLOSE_PSNR = 50.0
"""Close: no value differs by more than 8 of 255 levels, and every image has at least 50 dB.

Another GPU or library shifts values by a level here and there; retouching by hand shifts some by many.
"""
_DECODE = Decoder(ACCEPTED)
_MOST_BYTES = largest_file(MAX_PIXELS)
_MUCH_CLIPPED = 0.4
_SCALE = re.compile(r"[_-]?x[0-9]$")


@dataclass(frozen=True)
class ImageMatch:
    """One output compared with the submitted image.

    Attributes
    ----------
    verdict
        "equal", "close", "different", or "missing" if nothing was submitted.
    largest
        The largest difference, 0 to 255; None if sizes differ or one is missing.
    psnr
        In dB; None if equal.
    differing
        Share of the pixels that differ.
    """

    image: str
    verdict: str
    largest: int | None = None
    psnr: float | None = None
    differing: float | None = None
    note: str = ""


def check_outputs(folder: Path, inputs: Sequence[Path]) -> tuple[str, str]:
    """Return what is wrong with the outputs themselves, and what is odd about them; "" for nothing.

    There must be one for each input, with its name and its size or a whole multiple, the same for all.
    """
    missing, scales = [], set()
    clipped = np.zeros((len(inputs), 2))
    for number, path in enumerate(inputs):
        found = _output(folder, path.stem)
        if found is None:
            missing.append(path.stem)
            continue
        try:
            pixels = _read_output(found)
            wanted = _DECODE(_DECODE.read(path), path.name)
        except AnalysisError as error:
            return f"output of {path.stem}: {error}", ""
        scale = pixels.shape[0] // wanted.shape[0]
        if scale < 1 or pixels.shape[:2] != (wanted.shape[0] * scale, wanted.shape[1] * scale):
            return (
                f"output of {path.stem} has {_size(pixels)} pixels for an input of {_size(wanted)}; make "
                "it the same size, or a whole multiple"
            ), ""
        scales.add(scale)
        clipped[number] = _extreme(wanted), _extreme(pixels)
    if missing:
        return _names_wanted(folder, missing, inputs), ""
    if len(scales) > 1:
        return f"outputs have different scales: {', '.join(map(str, sorted(scales)))}", ""
    return "", _out_of_range(*clipped.mean(axis=0))


def _extreme(pixels: np.ndarray) -> float:
    """The share of values that are black or white, or next to it."""
    return float(((pixels <= 1) | (pixels >= 254)).mean())


def _out_of_range(before: float, after: float) -> str:
    if after < _MUCH_CLIPPED or after < before + _MUCH_CLIPPED / 2:
        return ""
    return (
        f"{after:.0%} of the values of its outputs are black or white ({before:.0%} of the inputs' are): "
        "its range may be other than 0 to 1, such as 0 to 255, and clipped"
    )


def _names_wanted(folder: Path, missing: Sequence[str], inputs: Sequence[Path]) -> str:
    some = _listed(list(missing))
    text = f"made no output for {len(missing)} of {how_many(len(inputs), 'images')}: {some}"
    stems = {path.stem for path in inputs}
    others = [
        f"{path.name}/" if path.is_dir() and not path.is_symlink() else path.name
        for path in sorted(folder.iterdir())
        if path.stem not in stems and not path.name.startswith(".")
    ]
    if not others:
        return text
    made = printable(_listed(others))
    return f"{text}, but it made {made}; name the outputs like the inputs, directly in the output folder"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def compare(folder: Path, handed_in: Path, images: Sequence[str]) -> list[ImageMatch]:
    """Compare every output with the submitted image of the same name."""
    theirs = {path.stem: path for path in sorted(handed_in.iterdir()) if path.is_file()}
    return [_compare(image, _output(folder, image), named_after(theirs, image)) for image in images]


def named_after(found: Mapping[str, Path], image: str) -> Path | None:
    """Return the file of an image: called like it, or as scripts of super-resolution name results.

    Those leave out the scale of the input's name, add one, or add a name of their own: 0801x4 becomes 0801,
    0801x4_Team or 0801_x4_SPAN. Where several files could be meant, none is.

    Examples
    --------
    >>> files = {name: Path(name) for name in ("0801", "0802x4_SPAN", "0803_a", "0803_b", "08045")}
    >>> [str(named_after(files, name)) for name in ("0801x4", "0802x4", "0803x4", "0804")]
    ['0801', '0802x4_SPAN', 'None', 'None']
    """
    if image in found:
        return found[image]
    bare = _SCALE.sub("", image)
    if bare in found:
        return found[bare]
    pattern = re.compile(rf"{re.escape(bare)}([_-]?x[0-9])?([_.-].*)?")
    others = [path for stem, path in found.items() if pattern.fullmatch(stem)]
    return others[0] if len(others) == 1 else None


def verdict(matches: Sequence[ImageMatch]) -> str:
    """Return the worst of the images' verdicts.

    An image that was not submitted counts as different, unless none was: then nothing is compared.
    """
    found = {match.verdict for match in matches}
    if found <= {"missing"}:
        return "not compared"
    if found <= {"equal"}:
        return "equal"
    return "close" if found <= {"equal", "close"} else "different"


def match_pixels(image: str, output: np.ndarray, handed_in: np.ndarray) -> ImageMatch:
    """Compare two images, shape (height, width, 3), 8 bits.

    Examples
    --------
    >>> one = np.zeros((2, 2, 3), np.uint8)
    >>> other = one.copy(); other[0, 0, 0] = 2
    >>> match_pixels("001", one, other).differing
    0.25
    """
    if output.shape != handed_in.shape:
        note = f"{_size(output)} pixels made, {_size(handed_in)} submitted"
        return ImageMatch(image, "different", note=note)
    difference = np.abs(output.astype(np.int16) - handed_in.astype(np.int16))
    largest = int(difference.max())
    if largest == 0:
        return ImageMatch(image, "equal", 0, None, 0.0)
    psnr = float(10 * np.log10(255**2 / np.mean(np.square(difference, dtype=np.float64))))
    close = largest <= CLOSE_LEVELS and psnr >= CLOSE_PSNR
    differing = float((difference.max(axis=2) > 0).mean())
    return ImageMatch(image, "close" if close else "different", largest, psnr, differing)


def summary(matches: Sequence[ImageMatch]) -> Mapping[str, object]:
    """Return the verdict, how many images have which, the largest difference and the lowest PSNR."""
    counts = {name: sum(match.verdict == name for match in matches) for name in _VERDICTS}
    return {
        "verdict": verdict(matches),
        **counts,
        "largest": max((match.largest for match in matches if match.largest is not None), default=None),
        "psnr": min((match.psnr for match in matches if match.psnr is not None), default=None),
    }


_VERDICTS = ("equal", "close", "different", "missing")


def _compare(image: str, made: Path | None, handed_in: Path | None) -> ImageMatch:
    if handed_in is None:
        return ImageMatch(image, "missing", note="not submitted")
    if made is None:
        return ImageMatch(image, "different", note="not made by the model")
    try:
        return match_pixels(image, _read_output(made), _DECODE(_DECODE.read(handed_in), handed_in.name))
    except AnalysisError as error:
        return ImageMatch(image, "different", note=str(error))


def _output(folder: Path, image: str) -> Path | None:
    files = [path for path in sorted(folder.iterdir(), reverse=True) if path.suffix]
    return named_after({path.stem: path for path in files}, image)


def _read_output(path: Path) -> np.ndarray:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise AnalysisError(f"{path.name} cannot be opened: {error.strerror}") from error
    with open(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > _MOST_BYTES:
            raise AnalysisError(f"{path.name} is not a file of at most {_MOST_BYTES} bytes")
        return _DECODE(file.read(_MOST_BYTES), path.name)


def _size(pixels: np.ndarray) -> str:
    return f"{pixels.shape[1]}x{pixels.shape[0]}"
