"""ICC profiles written for spaces that a file names by numbers: three primaries, a white and a curve."""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
XY = tuple[float, float]

_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
D65: XY = (0.3127, 0.3290)


@dataclass(frozen=True)
class Primaries:
    """Chromaticities (CIE xy) of red, green, blue and white."""

    red: XY
    green: XY
    blue: XY
    white: XY = D65

    def is_near(self, other: "Primaries") -> bool:
        """Tell whether no coordinate differs by more than what rounding to three digits leaves."""
        pairs = zip(self.flat(), other.flat(), strict=True)
        return all(abs(one - two) <= 0.0015 for one, two in pairs)

    def flat(self) -> tuple[float, ...]:
        """Return the eight coordinates."""
        return (*self.red, *self.green, *self.blue, *self.white)

    def to_xyz(self) -> Matrix:
        """Return the matrix from linear RGB to XYZ, Y of white being 1 (SMPTE RP 177)."""
        columns = np.array([_xyz(xy) for xy in (self.red, self.green, self.blue)]).T
        return columns * np.linalg.solve(columns, _xyz(self.white))


@dataclass(frozen=True)
class Curve:
    """From stored value to light, both 0 to 1: (a x + b) ** g from d on, below it c x."""

    g: float
    a: float = 1.0
    b: float = 0.0
    c: float = 1.0
    d: float = 0.0


BT709 = Primaries((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
SRGB_CURVE = Curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def matrix_profile(primaries: Primaries, curve: Curve) -> bytes:
    """Return an ICC profile (version 4) of a display with these primaries and this curve.

    White is adapted to D50 by Bradford's matrix, as the ICC asks.
    """
    adapted = _to_d50(primaries.white)
    matrix = adapted @ primaries.to_xyz()
    shape = _parametric(curve)
    tags = {
        b"desc": _text("made by studyapp"),
        b"cprt": _text("no copyright"),
        b"wtpt": _values(_D50),
        b"chad": b"sf32\0\0\0\0" + _fixed(adapted.ravel()),
        **{name: _values(matrix[:, index]) for index, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), shape),
    }
    return _assemble(tags)


def _xyz(xy: XY) -> NDArray[np.float64]:
    x, y = xy
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _to_d50(white: XY) -> Matrix:
    scale = (_BRADFORD @ _D50) / (_BRADFORD @ _xyz(white))
    return np.linalg.inv(_BRADFORD) @ np.diag(scale) @ _BRADFORD


def _fixed(values: NDArray[np.float64]) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _values(xyz: NDArray[np.float64]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(xyz)


def _parametric(curve: Curve) -> bytes:
    values = np.array([curve.g, curve.a, curve.b, curve.c, curve.d])
    return b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + _fixed(values)


def _text(text: str) -> bytes:
    data = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(data), 28) + data


def _assemble(tags: dict[bytes, bytes]) -> bytes:
    body, table, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    size = start + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _fixed(_D50) + bytes(48)
    return head + struct.pack(">I", len(tags)) + table + body
