"""A file's format by its first bytes, not by its name: the allow-list of formats, read before any decoder."""

from typing import Literal

Format = Literal["PNG", "JPEG", "TIFF", "WEBP", "BMP", "AVIF", "HEIC", "JPEG XL"]

HEAD = 32
"""How many bytes the functions here need to see."""

_SIGNATURES: tuple[tuple[bytes, Format], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"BM", "BMP"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
)
_REFUSED = (
    (b"\x76\x2f\x31\x01", "OpenEXR"),
    (b"PF\n", "PFM"),
    (b"Pf\n", "PFM"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"#?RGBE", "Radiance HDR"),
)
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")


def format_of(head: bytes) -> Format | None:
    """Return the format that the first bytes of a file show, or None if it is not on the allow-list.

    Examples
    --------
    >>> format_of(b"\\xff\\xd8\\xff\\xe0 and so on")
    'JPEG'
    >>> format_of(b"GIF89a") is None
    True
    """
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return "AVIF" if b"avif" in head or b"avis" in head else "HEIC" if head[8:12] in _HEIC else None
    return next((name for signature, name in _SIGNATURES if head.startswith(signature)), None)


def scene_format(head: bytes) -> str | None:
    """Return the name of a format of floating-point light, which has no one look on a screen, or None."""
    return next((name for signature, name in _REFUSED if head.startswith(signature)), None)


def lossy(kind: Format, start: bytes) -> str | None:
    """Return what to call a file that holds what compression left of a picture, or None for the others.

    HEIC and AVIF can be lossless, and hardly ever are.

    Examples
    --------
    >>> lossy("WEBP", b"RIFF\\x20\\0\\0\\0WEBPVP8 and so on")
    'lossy WebP'
    """
    if kind == "WEBP":
        return "lossy WebP" if b"VP8 " in start else None
    return kind if kind in ("JPEG", "HEIC", "AVIF") else None


def webp_size(head: bytes) -> tuple[int, int] | None:
    """Return width and height from a WebP's header (RFC 9649), or None when it has none.

    Pillow's WebP reader allocates its canvas while opening, so that the size has to be known earlier.
    """
    chunk = head[12:16]
    if chunk == b"VP8X" and len(head) >= 30:
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if chunk == b"VP8L" and len(head) >= 25 and head[20] == 0x2F:
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 " and len(head) >= 30 and head[23:26] == b"\x9d\x01\x2a":
        return (
            int.from_bytes(head[26:28], "little") & 0x3FFF,
            int.from_bytes(head[28:30], "little") & 0x3FFF,
        )
    return None
