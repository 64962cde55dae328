"""In which colour space a file says its pixels are, and from there to sRGB."""

import io
import re
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from analysis.imaging.icc import BT709, SRGB_CURVE, Curve, Primaries, matrix_profile

INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION
_NEAR = 1
"""Levels by which a profile may differ from sRGB and count as it: what its own rounding leaves."""

# ITU-T H.273: colour primaries and transfer characteristics, by their numbers.
_PAL = Primaries((0.640, 0.330), (0.290, 0.600), (0.150, 0.060))
_NTSC = Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
PRIMARIES: dict[int, tuple[str, Primaries]] = {
    1: ("BT.709", BT709),
    5: ("BT.601 (625 lines)", _PAL),
    6: ("BT.601 (525 lines)", _NTSC),
    7: ("SMPTE 240M", _NTSC),
    9: ("BT.2020", Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))),
    12: ("Display P3", Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))),
}
_CAMERA = Curve(1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
CURVES: dict[int, tuple[str, Curve]] = {
    1: ("BT.709's curve", _CAMERA),
    4: ("gamma 2.2", Curve(2.2)),
    5: ("gamma 2.8", Curve(2.8)),
    6: ("BT.601's curve", _CAMERA),
    8: ("linear light", Curve(1.0)),
    13: ("sRGB's curve", SRGB_CURVE),
    14: ("BT.2020's curve", _CAMERA),
    15: ("BT.2020's curve", _CAMERA),
}
HDR = {16: "PQ", 18: "HLG"}
_HDR_WORDS = ((re.compile(r"PQ(?![a-z])|PeQ|2084"), "PQ"), (re.compile(r"HLG|hybrid log", re.I), "HLG"))
_UNSPECIFIED = 2
_ADOBE = Primaries((0.640, 0.330), (0.210, 0.710), (0.150, 0.060))
_SRGB_GAMMA = (45000, 46000)
"""gAMA of sRGB: 45455 by the PNG specification, and what rounding programs write."""


@dataclass(frozen=True)
class Space:
    """A colour space other than sRGB: what it is called, and its ICC profile."""

    name: str
    profile: bytes


class HighDynamicRangeError(ValueError):
    """Pixels for an HDR screen; the message is the curve's name."""


class UnknownSpaceError(ValueError):
    """A space that cannot be converted; the message names it."""


def is_profile(data: bytes) -> bool:
    """Tell whether these bytes begin as an ICC profile does; browsers ignore what does not."""
    return data[36:40] == b"acsp"


def of_profile(data: bytes) -> Space | None:
    """Return what an ICC profile describes, or None if it is sRGB's.

    Raises
    ------
    HighDynamicRangeError
        For PQ and HLG.
    UnknownSpaceError
        For a profile that cannot be read, or not of RGB or grey.
    """
    return _of_profile(data)


def of_code_points(primaries: int, transfer: int) -> Space | None:
    """Return what two numbers of ITU-T H.273 describe (cICP, nclx), or None for sRGB or nothing.

    Raises
    ------
    HighDynamicRangeError
        For PQ and HLG.
    UnknownSpaceError
        For numbers without a conversion here.
    """
    if transfer in HDR:
        raise HighDynamicRangeError(HDR[transfer])
    known = PRIMARIES | {_UNSPECIFIED: PRIMARIES[1]}, CURVES | {_UNSPECIFIED: CURVES[13]}
    if primaries not in known[0] or transfer not in known[1]:
        raise UnknownSpaceError(f"primaries {primaries} with transfer {transfer}")
    (gamut, corners), (curve, shape) = known[0][primaries], known[1][transfer]
    if corners is BT709 and shape is SRGB_CURVE:
        return None
    name = gamut if shape is SRGB_CURVE else f"{gamut} with {curve}"
    return Space(name, matrix_profile(corners, shape))


def of_gamma(gamma: bytes | None, chromaticities: bytes | None) -> Space | None:
    """Return what the gAMA and cHRM chunks of a PNG describe, or None for sRGB.

    Raises
    ------
    UnknownSpaceError
        For values that describe no space.
    """
    corners, name = BT709, []
    try:
        if chromaticities is not None:
            white, red, green, blue = _points(chromaticities)
            given = Primaries(red, green, blue, white)
            if not given.is_near(BT709):
                corners = given
                name.append("primaries of its own (cHRM)")
        curve = SRGB_CURVE
        if gamma is not None:
            value = struct.unpack(">I", gamma)[0]
            if not _SRGB_GAMMA[0] <= value <= _SRGB_GAMMA[1]:
                curve = Curve(100_000 / value)
                name.insert(0, f"gamma {100_000 / value:.3g} (gAMA)")
        if not name:
            return None
        if not 0.2 <= curve.g <= 10 or not np.isfinite(corners.to_xyz()).all():
            raise ValueError
        profile = matrix_profile(corners, curve)
    except (ValueError, ZeroDivisionError, np.linalg.LinAlgError, struct.error, OverflowError):
        raise UnknownSpaceError("gAMA or cHRM with impossible values") from None
    return Space(" and ".join(name), profile)


def adobe_rgb() -> Space:
    """Return Adobe RGB (1998), which cameras name in the EXIF data instead of a profile."""
    return Space("Adobe RGB", matrix_profile(_ADOBE, Curve(563 / 256)))


def to_srgb(image: Image.Image, space: Space) -> Image.Image:
    """Convert an RGB or grey image by LittleCMS: relative colorimetric, with black point compensation.

    What sRGB cannot show is cut off, channel by channel.
    """
    return ImageCms.applyTransform(image, _transform(space.profile)) or image


@lru_cache(maxsize=32)
def _of_profile(data: bytes) -> Space | None:
    try:
        profile = _opened(data)
        name = " ".join(ImageCms.getProfileDescription(profile).split()) or "an ICC profile"
        kind = _kind(profile)
    except (OSError, ImageCms.PyCMSError, ValueError, TypeError):
        raise UnknownSpaceError("an ICC profile that cannot be read") from None
    for word, hdr in _HDR_WORDS:
        if word.search(name):
            raise HighDynamicRangeError(hdr)
    transfer = _cicp_transfer(data)
    if transfer in HDR:
        raise HighDynamicRangeError(HDR[transfer])
    if kind not in ("RGB", "GRAY"):
        raise UnknownSpaceError(f"an ICC profile of {kind} ({name})")
    space = Space(f"{name[:60]!r} (ICC profile)", data)
    try:
        return None if _is_srgb(space) else space
    except (ImageCms.PyCMSError, ValueError):
        raise UnknownSpaceError(f"an ICC profile that cannot be used ({name[:60]})") from None


def _opened(data: bytes) -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(io.BytesIO(data))


def _kind(profile: ImageCms.ImageCmsProfile) -> str:
    core: Any = profile.profile
    return core.xcolor_space.strip()


@lru_cache(maxsize=32)
def _transform(data: bytes) -> ImageCms.ImageCmsTransform:
    profile = _opened(data)
    mode = "L" if _kind(profile) == "GRAY" else "RGB"
    return ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB", INTENT, FLAGS)


def is_grey(space: Space) -> bool:
    """Tell whether a space is for images of one channel."""
    return _transform(space.profile).input_mode == "L"


def _is_srgb(space: Space) -> bool:
    """Try every step of 17 levels in all three channels, and all greys."""
    ramp = np.arange(256, dtype=np.uint8)
    if is_grey(space):
        tried = ramp[np.newaxis]
        wanted = np.repeat(tried[:, :, np.newaxis], 3, axis=2)
    else:
        steps = np.stack(np.meshgrid(*[ramp[::17]] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
        tried = wanted = np.concatenate([steps, np.repeat(ramp[:, np.newaxis], 3, axis=1)])[np.newaxis]
    came = np.asarray(to_srgb(Image.fromarray(tried), space))
    return int(np.abs(came.astype(int) - wanted).max()) <= _NEAR


def _cicp_transfer(data: bytes) -> int | None:
    """Return the transfer number of a profile's cicp tag (ICC.1:2022)."""
    count = int.from_bytes(data[128:132], "big")
    for entry in range(132, 132 + 12 * min(count, 100), 12):
        if data[entry : entry + 4] == b"cicp":
            place = int.from_bytes(data[entry + 4 : entry + 8], "big")
            return data[place + 9] if place + 9 < len(data) else None
    return None


def _points(data: bytes) -> list[tuple[float, float]]:
    values = [value / 100_000 for value in struct.unpack(">8I", data)]
    return list(zip(values[::2], values[1::2], strict=True))
