"""What decodes image files here: the versions that decide what the pixels of a JPEG are."""

from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from PIL import __version__, features

_LIBRARIES = (
    ("libjpeg_turbo", "libjpeg-turbo"),
    ("webp", "libwebp"),
    ("libtiff", "libtiff"),
    ("avif", "libavif"),
    ("littlecms2", "LittleCMS"),
)
_EXTRAS = ("pillow-heif", "pillow-jxl-plugin")


@cache
def decoder() -> str:
    """Return names and versions of what turns files into pixels, for records.

    Examples
    --------
    >>> decoder().startswith("Pillow ")
    True
    """
    found = [(name, features.version(feature)) for feature, name in _LIBRARIES]
    for name in _EXTRAS:
        with suppress(PackageNotFoundError):
            found.append((name, version(name)))
    return ", ".join([f"Pillow {__version__}", *(f"{name} {number}" for name, number in found if number)])
