"""What an AVIF, HEIC or JPEG XL says of itself: its size, its colours, a gain map. No decoder is asked."""

from dataclasses import dataclass

START = 1 << 16
"""How many bytes the functions here need to see."""

_GAIN_MAPS = (b"tmap", b"aux:hdrgainmap", b"jhgm", b"hdrgm")
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


@dataclass(frozen=True)
class Said:
    """What the first bytes say: the largest size, primaries and transfer (ITU-T H.273), a gain map."""

    size: tuple[int, int] | None
    code_points: tuple[int, int] | None = None
    gain_map: bool = False


def read_boxes(start: bytes) -> Said:
    """Return what the boxes of an AVIF or HEIC say; its readers allocate the picture while opening."""
    sizes = [_two(start, place + 8, 4) for place in _places(start, b"ispe")]
    colours = next((_two(start, place + 8, 2) for place in _places(start, b"colrnclx")), None)
    largest = max(sizes, key=lambda size: size[0] * size[1], default=None)
    return Said(largest, colours, _has_gain_map(start))


def read_jpeg_xl(start: bytes) -> Said:
    """Return what the head of a JPEG XL says (ISO/IEC 18181-1, SizeHeader)."""
    place = start.find(b"\xff\x0a") if start[:2] != b"\xff\x0a" else 0
    bits = _Bits(start[place + 2 : place + 16]) if place >= 0 else None
    return Said(bits.size() if bits else None, gain_map=_has_gain_map(start))


class _Bits:
    """The bits of a codestream, the lowest of each byte first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")

    def size(self) -> tuple[int, int]:
        small = bool(self._take(1))
        height = self._side(small)
        ratio = self._take(3)
        if ratio:
            across, down = _RATIOS[ratio - 1]
            return height * across // down, height
        return self._side(small), height

    def _side(self, small: bool) -> int:
        return 8 * (1 + self._take(5)) if small else 1 + self._take((9, 13, 18, 30)[self._take(2)])

    def _take(self, count: int) -> int:
        taken = self._value & ((1 << count) - 1)
        self._value >>= count
        return taken


def _has_gain_map(start: bytes) -> bool:
    return any(mark in start for mark in _GAIN_MAPS)


def _places(data: bytes, name: bytes) -> list[int]:
    found, place = [], data.find(name)
    while place >= 0 and place + len(name) + 12 <= len(data) and len(found) < 10_000:
        found.append(place)
        place = data.find(name, place + len(name))
    return found


def _two(data: bytes, place: int, width: int) -> tuple[int, int]:
    first, second = data[place : place + width], data[place + width : place + 2 * width]
    return int.from_bytes(first, "big"), int.from_bytes(second, "big")
