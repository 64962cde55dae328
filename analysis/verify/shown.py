"""What a judge is shown at a time, and what can take the place of a team."""

from typing import NamedTuple

KNOWN_WORSE = "known-worse"
"""Takes a team's place if a golden trial shows the candidate that is known to be worse."""
CONTROLS = ("reference", "anchor")
"""Take a team's place if the best or worst possible image is shown."""


class Shown(NamedTuple):
    """Kind, image, and teams in slots 1, 2, ..."""

    kind: str
    image: str
    slots: tuple[str, ...]
