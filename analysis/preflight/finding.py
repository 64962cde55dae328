"""What is told of a team's images: one finding for each kind of fault, however many images have it."""

from collections.abc import Collection
from dataclasses import dataclass

_NAMED = 5


@dataclass(frozen=True)
class Finding:
    """A team's images that are not as the others, in one way.

    Attributes
    ----------
    kind
        "shift", "scale", "rotation", "turned", "scene", "misplaced", "brightness", "colour", "levels",
        "channels", "border", "copy" or "overlay".
    team
        Whose they are; None when all teams agree, so that the inputs must be odd.
    images
        Which, sorted.
    what, remedy
        With measured values.
    """

    kind: str
    team: str | None
    images: tuple[str, ...]
    what: str
    remedy: str


def which(images: Collection[str], total: int) -> str:
    """Return in plain language which of a study's images are meant.

    Examples
    --------
    >>> which(["001", "002"], 2), which(["002"], 3)
    ('all 2 images', '1 of 3 images (002)')
    """
    if len(images) == total and total > 1:
        return f"all {total} images"
    names = sorted(images)
    listed = ", ".join(names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{len(names)} of {total} images ({listed}{more})"
