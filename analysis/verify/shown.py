"""What a judge is shown at a time, and what can stand there besides teams."""

from typing import NamedTuple

KNOWN_WORSE = "known-worse"
"""Stands for a team where a golden trial shows the candidate that is known to be worse."""
CONTROLS = ("reference", "anchor")
"""Stand for a team where the best and the worst that there can be are shown."""


class Shown(NamedTuple):
    """Kind, image, and teams in slots 1, 2, ..."""

    kind: str
    image: str
    slots: tuple[str, ...]
