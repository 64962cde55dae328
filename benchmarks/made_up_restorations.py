"""Studies made up for the fairness checks: photographs, damaged and honestly restored, and faults to find.

A study is one kind of damage, drawn in strength for each image, and teams that each use one method.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.restoration import denoise_tv_chambolle

from studyapp.sample.photographs import PHOTOGRAPHS, load_photograph

Pixels = np.ndarray
Rng = np.random.Generator

DAMAGES = ("noise", "blur", "jpeg", "camera", "dark", "haze", "half", "quarter")
"""Kinds of damage; the last two reduce the image, by area or by a bicubic filter."""


@dataclass(frozen=True)
class MadeUp:
    """A study in memory: uint8 pixels by image, and by team and image."""

    damage: str
    truths: dict[str, Pixels]
    inputs: dict[str, Pixels]
    teams: dict[str, dict[str, Pixels]]


def made_up(seed: int, *, images: int = 4, teams: int = 5, size: tuple[int, int] = (320, 256)) -> MadeUp:
    """Return an honest study: the same for the same arguments."""
    rng = np.random.default_rng(seed)
    damage = DAMAGES[seed % len(DAMAGES)]
    names = [f"{number:03d}" for number in range(1, images + 1)]
    truths = {name: scene(rng, size) for name in names}
    inputs = {name: damaged(truths[name], damage, rng) for name in names}
    chosen = rng.choice(sorted(METHODS), teams, replace=teams > len(METHODS))
    strengths = rng.uniform(0, 1, teams)
    done = {
        f"team{number:02d}": {
            name: restored(inputs[name], truths[name], damage, method, strength, rng) for name in names
        }
        for number, (method, strength) in enumerate(zip(chosen, strengths, strict=True), start=1)
    }
    return MadeUp(damage, truths, inputs, done)


def scene(rng: Rng, size: tuple[int, int]) -> Pixels:
    """Cut a scene of this width and height out of a photograph, turned and enlarged or reduced at random."""
    width, height = size
    photo = _photograph(str(rng.choice(sorted(PHOTOGRAPHS))))
    # A photograph is enlarged where it is too small, and reduced to no less than what is cut out of it.
    least = max(height / photo.shape[0], width / photo.shape[1])
    scale = max(least, rng.uniform(0.5, 1.2))
    photo = cv2.resize(
        photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    )
    photo = np.pad(
        photo, [(0, max(0, height - photo.shape[0])), (0, max(0, width - photo.shape[1])), (0, 0)], "edge"
    )
    top = int(rng.integers(photo.shape[0] - height + 1))
    left = int(rng.integers(photo.shape[1] - width + 1))
    cut = photo[top : top + height, left : left + width]
    return np.ascontiguousarray(cut[:, ::-1] if rng.random() < 0.5 else cut)


@lru_cache(maxsize=len(PHOTOGRAPHS))
def _photograph(name: str) -> Pixels:
    return load_photograph(name)


def damaged(pixels: Pixels, damage: str, rng: Rng) -> Pixels:
    """Return a low-quality version of a scene."""
    values = pixels.astype(np.float32)
    if damage == "noise":
        values += rng.normal(0, rng.uniform(5, 50), values.shape)
    elif damage == "blur":
        values = cv2.GaussianBlur(values, (0, 0), rng.uniform(0.8, 4)) + rng.normal(0, 2, values.shape)
    elif damage == "jpeg":
        return jpeg(pixels, int(rng.integers(10, 60)))
    elif damage == "camera":
        values = cv2.GaussianBlur(values, (0, 0), rng.uniform(0.5, 1.5))
        values += rng.normal(0, rng.uniform(5, 20), values.shape)
        return jpeg(_bytes(values), int(rng.integers(50, 90)))
    elif damage == "dark":
        values = values * rng.uniform(0.1, 0.3) + rng.normal(0, rng.uniform(1, 4), values.shape)
    elif damage == "haze":
        share = rng.uniform(0.4, 0.7)
        values = values * (1 - share) + 200 * share + rng.normal(0, 2, values.shape)
    else:
        scale = {"half": 2, "quarter": 4}[damage]
        small = (pixels.shape[1] // scale, pixels.shape[0] // scale)
        way = [Image.Resampling.BOX, Image.Resampling.BICUBIC][int(rng.integers(2))]
        reduced = np.asarray(Image.fromarray(pixels).resize(small, way)).astype(np.float32)
        values = reduced + rng.normal(0, rng.uniform(0, 4), reduced.shape)
    return _bytes(values)


def restored(source: Pixels, truth: Pixels, damage: str, method: str, strength: float, rng: Rng) -> Pixels:
    """Return what a team's method makes of an input; `strength` is between 0 and 1."""
    ready = source.astype(np.float32)
    if damage == "dark":
        # Each team exposes as it thinks best, and not quite the same for each image.
        ready = 255 * (np.clip(ready, 0, 255) / 255) ** (0.45 + 0.15 * strength + rng.normal(0, 0.02))
    elif damage == "haze":
        low, high = np.percentile(ready, (1, 99))
        ready = (ready - low) / max(1, high - low) * (200 + 40 * strength)
    scale = truth.shape[0] // source.shape[0]
    if scale > 1:
        way = [Image.Resampling.BICUBIC, Image.Resampling.LANCZOS, Image.Resampling.BILINEAR][
            int(strength * 2.99)
        ]
        large = Image.fromarray(_bytes(ready)).resize((truth.shape[1], truth.shape[0]), way)
        ready = np.asarray(large).astype(np.float32)
    return _bytes(METHODS[method](ready.astype(np.float32), truth, strength, rng))


def _gaussian(values: Pixels, truth: Pixels, strength: float, rng: Rng) -> Pixels:
    return cv2.GaussianBlur(values, (0, 0), 0.5 + 1.5 * strength)


def _median(values: Pixels, truth: Pixels, strength: float, rng: Rng) -> Pixels:
    return cv2.medianBlur(_bytes(values), 3 + 2 * int(2 * strength)).astype(np.float32)


def _bilateral(values: Pixels, truth: Pixels, strength: float, rng: Rng) -> Pixels:
    return cv2.bilateralFilter(values, 7, 15 + 50 * strength, 2)


def _means(values: Pixels, truth: Pixels, strength: float, rng: Rng) -> Pixels:
    bgr = np.ascontiguousarray(_bytes(values)[..., ::-1])
    found = cv2.fastNlMeansDenoisingColored(bgr, None, 4 + 16 * strength, 10, 5, 11)
    return found[..., ::-1].astype(np.float32)


def _variation(values: Pixels, truth: Pixels, strength: float, rng: Rng) -> Pixels:
    return 255 * denoise_tv_chambolle(values / 255, 0.03 + 0.12 * strength, max_num_iter=20, channel_axis=-1)


def _sharpened(values: Pixels, truth: Pixels, strength: float, rng: Rng) -> Pixels:
    soft = cv2.GaussianBlur(values, (0, 0), 1 + strength)
    return values + (0.4 + 1.2 * strength) * (values - soft)


def _wiener(values: Pixels, truth: Pixels, strength: float, rng: Rng) -> Pixels:
    """Deconvolve a Gaussian blur that was guessed."""
    height, width = values.shape[:2]
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)
    blur = np.exp(-2 * (np.pi * (0.7 + 1.5 * strength)) ** 2 * (rows**2 + columns**2))[..., None]
    spectrum = np.fft.rfft2(values, axes=(0, 1)) * blur / (blur**2 + 0.05)
    return np.fft.irfft2(spectrum / (1 / 1.05), (height, width), axes=(0, 1))


def _network(values: Pixels, truth: Pixels, strength: float, rng: Rng) -> Pixels:
    """More than half of the way to the truth, as a strong network goes, without its finest detail."""
    share = 0.5 + 0.2 * strength
    near = cv2.GaussianBlur(_shown_as(truth, values), (0, 0), 0.9 - 0.4 * strength)
    return share * near + (1 - share) * cv2.GaussianBlur(values, (0, 0), 1)


def _generative(values: Pixels, truth: Pixels, strength: float, rng: Rng) -> Pixels:
    """Near the truth with texture of its own: what a generative model adds where it cannot know."""
    near = _shown_as(truth, values)
    detail = near - cv2.GaussianBlur(near, (0, 0), 1.5)
    texture = ndimage.gaussian_filter(rng.normal(0, 1, near.shape), (0.8, 0.8, 0))
    activity = cv2.GaussianBlur(np.abs(detail), (0, 0), 3)
    return near - 0.6 * strength * detail + (0.5 + strength) * 3 * activity * texture


def _vivid(values: Pixels, truth: Pixels, strength: float, rng: Rng) -> Pixels:
    """Contrast and colour a little stronger around the image's own mean."""
    grey = values.mean(axis=2, keepdims=True)
    stronger = (1.02 + 0.08 * strength) * (values - grey)
    return grey.mean() + (1.02 + 0.05 * strength) * (grey + stronger - grey.mean())


METHODS: dict[str, Callable[[Pixels, Pixels, float, Rng], Pixels]] = {
    "gaussian": _gaussian,
    "median": _median,
    "bilateral": _bilateral,
    "means": _means,
    "variation": _variation,
    "sharpened": _sharpened,
    "wiener": _wiener,
    "network": _network,
    "generative": _generative,
    "vivid": _vivid,
}


def _shown_as(truth: Pixels, values: Pixels) -> Pixels:
    """Return the truth at the brightness and contrast of what was made of the input."""
    near = truth.astype(np.float32)
    for channel in range(3):
        mine, theirs = near[..., channel], values[..., channel]
        spread = max(1.0, cv2.GaussianBlur(mine, (0, 0), 4).std())
        gain = cv2.GaussianBlur(theirs, (0, 0), 4).std() / spread
        near[..., channel] = (mine - mine.mean()) * min(gain, 1.5) + theirs.mean()
    return near


def jpeg(pixels: Pixels, quality: int) -> Pixels:
    """Return what a JPEG of this quality leaves."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer).convert("RGB"))


def _bytes(values: Pixels) -> Pixels:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


# Faults


def shifted(pixels: Pixels, dx: float, dy: float) -> Pixels:
    """Move to the right by `dx` and down by `dy`; what comes in repeats the edge."""
    if dx == int(dx) and dy == int(dy):
        padded = np.pad(pixels, [(16, 16), (16, 16), (0, 0)], "edge")
        top, left = 16 - int(dy), 16 - int(dx)
        return padded[top : top + pixels.shape[0], left : left + pixels.shape[1]].copy()
    return moved(pixels, np.array([[1, 0, dx], [0, 1, dy]], np.float64))


def moved(pixels: Pixels, matrix: np.ndarray) -> Pixels:
    """Apply an affine map, as a 2 x 3 matrix in pixels from the upper left one."""
    height, width = pixels.shape[:2]
    return cv2.warpAffine(
        pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )


def zoomed(pixels: Pixels, scale: float, degrees: float = 0) -> Pixels:
    """Enlarge and turn about the middle."""
    height, width = pixels.shape[:2]
    return moved(pixels, cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, scale))


def cropped_and_enlarged(pixels: Pixels, border: int) -> Pixels:
    """Cut pixels off every side and enlarge what is left to the former size."""
    height, width = pixels.shape[:2]
    cut = Image.fromarray(pixels[border : height - border, border : width - border])
    return np.asarray(cut.resize((width, height), Image.Resampling.BICUBIC))


def framed(pixels: Pixels, width: int, value: int | None = 0) -> Pixels:
    """Replace a border by one value, or by what repeats the innermost pixel of it (None)."""
    inner = pixels[width:-width, width:-width]
    pads = [(width, width), (width, width), (0, 0)]
    return np.pad(inner, pads, "edge") if value is None else np.pad(inner, pads, constant_values=value)


def recoloured(pixels: Pixels, offsets: Sequence[float], gain: float = 1) -> Pixels:
    """Add a value to each channel."""
    return _bytes(pixels.astype(np.float32) * gain + np.asarray(offsets, np.float32))


def noisy(pixels: Pixels, sigma: float, rng: Rng) -> Pixels:
    """Add white noise."""
    return _bytes(pixels + rng.normal(0, sigma, pixels.shape))


def lettered(pixels: Pixels, opacity: float, corner: str = "lower right", text: str = "TEAM 03") -> Pixels:
    """Write white letters into a corner, or in the middle."""
    height, width = pixels.shape[:2]
    layer = np.zeros((height, width), np.uint8)
    (wide, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 2)
    x, y = {
        "lower right": (width - wide - 8, height - 10),
        "upper left": (8, 8 + high),
        "middle": ((width - wide) // 2, height // 2),
    }[corner]
    cv2.putText(layer, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 2, cv2.LINE_AA)
    share = (layer / 255 * opacity)[..., None]
    return _bytes(pixels * (1 - share) + 255 * share)
