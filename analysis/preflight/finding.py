"""What is told of a team's images: one finding for each kind of fault, however many images have it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

INPUT, TRUTH = "input", "ground truth"
"""What a finding calls the pictures that are no team's."""

_MOVED = ("input", "team", "difference")
_WHOLE = ("input", "team")
_AMONG = ("input", "other", "team")
_BESIDE = ("other", "team", "difference")
PANELS: Mapping[str, Sequence[str]] = {
    "shift": _MOVED,
    "scale": _MOVED,
    "rotation": _MOVED,
    "turned": _WHOLE,
    "scene": _WHOLE,
    "misplaced": _WHOLE,
    "channels": _WHOLE,
    "border": _WHOLE,
    "brightness": _AMONG,
    "colour": _AMONG,
    "levels": _AMONG,
    "copy": _BESIDE,
    "overlay": _BESIDE,
    "space": _AMONG,  # of colours, which no finding is about: `check` tells it
}
"""What shows a finding of each kind, from left to right: the input, the team whose images are meant, another
team or what they are nearly the same as, and the difference of two at one brightness and contrast."""

_GAINS, _USUAL_GAIN = {"copy": 16, "overlay": 4}, 2
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
    other
        What the images are nearly the same as: another team's (its id), `INPUT` or `TRUTH`.
    mark
        Where all of them have something: the view, and x, y, width and height in it (`overlays.Mark`).
    """

    kind: str
    team: str | None
    images: tuple[str, ...]
    what: str
    remedy: str
    other: str | None = None
    mark: tuple[int, int, int, int, int] | None = None


def gain_of(kind: str) -> int:
    """Return how many times the difference is enlarged that shows a finding of this kind."""
    return _GAINS.get(kind, _USUAL_GAIN)


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
