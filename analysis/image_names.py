"""Which files of a folder are images, by name, and which are left behind by systems."""

import re
from pathlib import PurePath

EXTENSIONS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".avif": "AVIF",
    ".heic": "HEIC",
    ".heif": "HEIC",
    ".jxl": "JPEG XL",
}
"""Extensions of image files that can be read, and the format that each promises."""

REFUSED = {".exr": "OpenEXR", ".pfm": "PFM", ".hdr": "Radiance HDR", ".dng": "DNG"}
"""Of image files that are known and refused."""

# What Windows, macOS, Linux, NAS boxes and sync programs leave behind, in lower case.
_JUNK = {
    *("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r", "__macosx"),
    *("$recycle.bin", "recycler", "recycled", "system volume information", "lost+found", "lost.dir"),
    *("network trash folder", "temporary items", "thevolumesettingsfolder", "__pycache__"),
}
_JUNK_SIGNS = (".", "@", "#", "$", "~$")
"""First characters of names given by NAS boxes (@eaDir, #recycle) and Windows; no image or team has them."""
_STREAM = re.compile(r".+\.[A-Za-z][A-Za-z0-9]{1,4}:[\w.$]+")  # 001.png:Zone.Identifier, copied from Windows


def is_junk(name: str) -> bool:
    """Whether a file is one that operating systems leave behind; such files are never mentioned."""
    plain = name.casefold()
    numbered = plain.rstrip("0123456789") == "found."  # found.000, of a repaired Windows disk
    return name.startswith(_JUNK_SIGNS) or plain in _JUNK or numbered or bool(_STREAM.fullmatch(name))


def is_image_name(name: str) -> bool:
    """Whether a file has the extension of an image, in upper or lower case."""
    return PurePath(name).suffix.lower() in EXTENSIONS | REFUSED
