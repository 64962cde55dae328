"""What decodes image files here: the versions that decide what the pixels of a JPEG are."""

from functools import cache

from PIL import __version__, features

_LIBRARIES = (
    ("libjpeg_turbo", "libjpeg-turbo"),
    ("webp", "libwebp"),
    ("libtiff", "libtiff"),
    ("avif", "libavif"),
    ("littlecms2", "LittleCMS"),
)


@cache
def decoder() -> str:
    """Return names and versions of what turns files into pixels, for records.

    Examples
    --------
    >>> decoder().startswith("Pillow ")
    True
    """
    found = [(name, features.version(feature)) for feature, name in _LIBRARIES]
    return ", ".join([f"Pillow {__version__}", *(f"{name} {version}" for name, version in found if version)])
